"""URLs of the published site: with the base path, absolute, or relative to the file they stand in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.content.permalinks import leaves_site
from sitegen.rendering.stepping import RAW_TEXT, stepper

_TAG = re.compile(
    r"""<(?:!--|(?P<name>[a-zA-Z][^\s/<>"']*+)(?P<rest>(?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>)""",
)
"""A `<` outside quotes ends the attempt, so that text with many of them is still read in linear time."""
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'=<>`]+)))?"""
)
_URL_ATTRIBUTES = frozenset({"href", "src", "poster", "action", "formaction", "cite", "longdesc"})
_CANDIDATE = re.compile(r"[\s,]*+(?P<url>\S*[^\s,])(?:,|(?P<descriptor>[^,]*))")
"""Of a `srcset` (HTML, 4.8.4.2.1): a URL may have commas in it, but not at its end; a comma ends its descriptor."""
_HOLDS_NO_URL = (
    r'(?:class|id|style|scope|role|tabindex|title|lang|align|alt|display|encoding|xmlns|aria-[a-z]+)="[^"]*+"'
)
_SITE_PATH = re.compile(r"/[\w~-][\w.~%-]*+(?:/[\w~-][\w.~%-]*+)*+/?(?:#[\w.%-]++)?", re.ASCII)
"""Without steps up, empty parts, parameters and queries."""
_NAME = re.compile(r"<[^\s/>]*")


def with_base(config: Config, url: str) -> str:
    """A site path (`/posts/`) below the base path (`/blog/posts/`); anything else as it is."""
    if not url.startswith("/") or url.startswith("//"):
        return url
    return config.base_path + url[1:]


def absolute(config: Config, url: str) -> str:
    """A URL that starts with the base path, with the site's scheme and host."""
    if leaves_site(url) or not leaves_site(config.base_url):
        return url
    if url.startswith("/") and "/." not in url and "://" in config.base_url:
        return (
            config.base_url[: -len(config.base_path)] + url
        )  # nothing to join: of a page a dozen are asked for
    return joined(config.base_url, url)


def joined(base: str, url: str) -> str:
    """`url` as a page at `base` means it; what is no URL (`http://[`) stays as it is, as browsers leave it."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def page_folder(page: IndexedPage) -> PurePosixPath:
    """The output folder of what is published beside a page.

    With ugly URLs (`posts/ppo.html`) it is named as the page, so that two pages' figures never meet. A page of
    a `url` such as `/v1.0/install` is a file of that name itself, so it shares the folder around it.
    """
    path = page.output_path or page.target_path or PurePosixPath(page.url.strip("/")) / "index.html"
    return path.parent / path.stem if path.suffix and path.stem != "index" else path.parent


def url_of_output(config: Config, path: PurePosixPath) -> str:
    """The URL, with the base path, of a file below the output folder."""
    return config.base_path + quote(path.as_posix(), safe="/~!$&'()*+,;=:@")


def make_relative(html: str, output_path: PurePosixPath, base_path: str) -> str:
    """The HTML with each URL below `base_path` relative to `output_path`, folders as `index.html`.

    So the site opens from `file://`. URLs in text, scripts and comments stay.
    """
    here = output_path.parent.parts

    def relative(url: str) -> str:
        if not url.startswith(base_path) or url.startswith("//"):
            return url
        return relative_url(url[len(base_path) :], here)

    return rewrite_urls(html, relative)


def relative_url(target: str, here: tuple[str, ...]) -> str:
    """`target`, a URL below the output folder without a leading slash, seen from the folder `here`."""
    match = re.match(r"[^?#]*", target)
    path = match.group() if match else ""
    tail = target[len(path) :]
    segments = path.split("/")
    if segments[-1] == "":
        segments[-1] = "index.html"
    shared = 0
    for segment, folder in zip(segments[:-1], here, strict=False):
        if unquote(segment) != folder:
            break
        shared += 1
    relative = "../" * (len(here) - shared) + "/".join(segments[shared:])
    if ":" in relative.split("/", 1)[0]:
        relative = f"./{relative}"  # else `a:b` reads as a scheme (RFC 3986, 4.2)
    return relative + tail


def make_absolute(html: str, config: Config, page_url: str) -> str:
    """The HTML with every URL absolute, for feeds; `page_url` is the page's, with the base path."""
    base = absolute(config, page_url)
    site = joined(base, "/x").removesuffix("/x")

    def join(url: str) -> str:
        if _SITE_PATH.fullmatch(url):
            return site + url  # nothing to join: a post has a dozen
        return url if leaves_site(url) else joined(base, url)

    return rewrite_urls(html, join)


def make_portable(html: str, page_url: str) -> str:
    """The HTML of a page as other pages show it: what is relative to the page, with the base path from the root."""

    def join(url: str) -> str:
        return url if _SITE_PATH.fullmatch(url) else joined(page_url, url)

    return rewrite_urls(html, join)


def rewrite_urls(html: str, change: Callable[[str], str]) -> str:
    """The HTML with `change` applied to each URL in an attribute that holds one.

    Those are `href`, `src`, `srcset`, `poster`, `action`, `data` of `object` and the URL of a refresh.
    """
    parts: list[str] = []
    done = 0
    for start, end in opening_tags(html, stepper(values=_HOLDS_NO_URL)):
        tag = html[start:end]
        if "=" not in tag:
            continue
        changed = _rewrite_tag(tag, change)
        if changed is not tag:
            parts += (html[done:start], changed)
            done = end
    if not parts:
        return html
    parts.append(html[done:])
    return "".join(parts)


def attributes(tag: str) -> dict[str, str]:
    """The attributes of an opening tag: lower-case names, values without character references."""
    name_end = _NAME.match(tag)
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag, name_end.end() if name_end else 0):
        value = match["double"] or match["single"] or match["bare"] or ""
        found.setdefault(match["name"].lower(), unescape(value))
    return found


def map_tags(html: str, name: str, change: Callable[[str], str]) -> str:
    """The HTML with `change` applied to each opening tag called `name`, outside scripts and comments."""
    opening = f"<{name}"
    if opening not in html:
        return html
    parts: list[str] = []
    done = 0
    step = stepper(values=r'[a-zA-Z-]++="[^"]*+"', stops=frozenset({name}))
    for start, end in opening_tags(html, step):
        following = html[start + len(opening) : start + len(opening) + 1]
        if html.startswith(opening, start) and (following.isspace() or following in "/>"):
            parts += (html[done:start], change(html[start:end]))
            done = end
    parts.append(html[done:])
    return "".join(parts)


def opening_tags(html: str, step: re.Pattern[str] | None = None) -> Iterator[tuple[int, int]]:
    """Start and end of each opening tag, in one pass; what scripts, styles and comments hold is skipped.

    Args:
        html: any text.
        step: of `stepping.py`: which tags are left out.
    """
    position = 0
    while match := _TAG.search(html, _stepped(step, html, position)):
        name = match["name"]
        if name is None:
            position = html.find("-->", match.end())
            if position < 0:
                return
            continue
        yield match.span()
        position = match.end()
        if name.lower() in RAW_TEXT and not match["rest"].endswith("/"):
            position = _end_of_raw_text(html, name.lower(), position)


def _stepped(step: re.Pattern[str] | None, html: str, position: int) -> int:
    match = step.match(html, position) if step is not None else None
    return match.end() if match is not None else position


def _end_of_raw_text(html: str, name: str, position: int) -> int:
    closing = re.compile(rf"</{re.escape(name)}[\s/>]", re.IGNORECASE).search(html, position)
    return closing.start() if closing else len(html)


def _rewrite_tag(tag: str, change: Callable[[str], str]) -> str:
    name = _NAME.match(tag)
    start = name.end() if name else 0
    element = tag[1:start].lower()
    is_refresh = element == "meta" and re.search(r"http-equiv\s*=\s*[\"']?refresh", tag, re.IGNORECASE)
    parts: list[str] = []
    done = 0
    for match in _ATTRIBUTE.finditer(tag, start):
        attribute = match["name"].lower()
        group = (
            "double" if match["double"] is not None else "single" if match["single"] is not None else "bare"
        )
        value = match[group]
        if not value:
            continue
        changed = _change_attribute(element, attribute, unescape(value), change, bool(is_refresh))
        if changed is None or changed == unescape(value):
            continue
        parts += (tag[done : match.start(group)], escape(changed))
        done = match.end(group)
    if not parts:
        return tag
    parts.append(tag[done:])
    return "".join(parts)


def _change_attribute(
    element: str, attribute: str, value: str, change: Callable[[str], str], is_refresh: bool
) -> str | None:
    """The attribute's new value; None where it holds no URL."""
    if attribute in ("srcset", "imagesrcset"):
        return ", ".join(
            " ".join(filter(None, (change(candidate["url"]), (candidate["descriptor"] or "").strip())))
            for candidate in _CANDIDATE.finditer(value.rstrip(", \t\r\n\f"))
        )
    if element == "use" and value.startswith("#"):
        return None  # a part of the same drawing
    if attribute in _URL_ATTRIBUTES or (attribute == "data" and element == "object"):
        return change(value)
    if attribute == "content" and is_refresh:
        delay, separator, url = value.partition("url=")
        return f"{delay}{separator}{change(url)}" if separator else None
    return None
