"""Liquid in a page's body, as what our Markdown has for it; the rest stays as it is written, and is noted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.content.shortcodes import BUILT_IN
from sitegen.errors import SourceLocation
from sitegen.importing.al_folio import citation
from sitegen.importing.liquid import Token, pairs, tokens, unquoted, without_raw
from sitegen.importing.prose import escape_shortcodes
from sitegen.importing.values import Note, NoteKind

_BACKTICKS: Final = re.compile(r"`{3,}")
_URL_FILTERS: Final = frozenset(
    {"relative_url", "absolute_url", "prepend: site.baseurl", "prepend:site.baseurl"}
)
_TEMPLATE_HINT: Final = "write it in a template or a shortcode of the site, or as plain Markdown"
_IN_LINK: Final = re.compile(r"\]\(\s*<?[^()\s]*$|\]:\s+\S*$")
"""What stands before the address in `[text](` and `[label]: `."""
_YOUTUBE: Final = re.compile(r"(?:youtu\.be/|[?&]v=|/embed/|/shorts/)([\w-]{6,})")
_VIMEO: Final = re.compile(r"vimeo\.com/(?:video/)?(\d+)")
_TWEET: Final = re.compile(r"(?:twitter|x)\.com/([^/\s]+)/status/(\d+)")
_MAX_DEPTH: Final = 8
"""Of `include_relative` in `include_relative`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidSite:
    """What Liquid on a page may ask of its site."""

    settings: Mapping[str, Any]
    """`_config.yml`."""
    posts: Mapping[str, PurePosixPath] = field(default_factory=dict)
    """A post's name, `2020-01-02-name`, with its folder too, to its content file below `content/`."""
    pages: Mapping[str, PurePosixPath] = field(default_factory=dict)
    """A page's path in the source, to its content file below `content/`."""
    includes: Mapping[str, str] = field(default_factory=dict)
    """Path below `_includes/` to text."""
    relative: Callable[[PurePosixPath], str | None] = field(default=lambda _path: None)
    """The text of a file of the source; None where there is none."""
    bibliography: str = ""
    """What `{% cite %}` cites from: the name of a `.bib`, which is in `data/`; empty where there is none."""

    @property
    def base_url(self) -> str:
        """The site's path on its host, without a slash at its end."""
        return str(self.settings.get("baseurl") or "").rstrip("/")


@dataclass(slots=True)
class LiquidPage:
    """One page's conversion: what it is, and what is found on the way."""

    path: PurePosixPath
    """In the source."""
    fields: Mapping[str, Any]
    first_line: int = 1
    notes: list[Note] = field(default_factory=list)
    params: set[str] = field(default_factory=set)
    """Settings of the site that its text shows."""
    includes: set[str] = field(default_factory=set)
    """Names of includes that it calls as shortcodes."""
    within: tuple[PurePosixPath, ...] = ()
    """The files that include this one, the outermost first."""
    is_html: bool = False
    """No Markdown is read in it."""


def convert_liquid(text: str, page: LiquidPage, site: LiquidSite) -> str:
    """The body with its Liquid converted; text without Liquid and shortcodes comes back as it is."""
    if "{%" not in text and "{{" not in text:
        return text
    converter = _Converter(text, page, site)
    for token in tokens(text):
        converter.take(token)
    return "".join(converter.parts)


def shortcode_name(include: str) -> str:
    """The shortcode that stands for an include: its path without extension; not a name that the theme's has."""
    name = re.sub(r"[^\w/-]+", "-", PurePosixPath(include).with_suffix("").as_posix()).strip("-/")
    return f"{name}-include" if name in BUILT_IN else name or "include"


def call(name: str, *positional: str, **named: str) -> str:
    """A call of a shortcode as it is written in a page."""
    arguments = [*(_argument(value) for value in positional)]
    arguments += [f"{key}={_argument(value)}" for key, value in named.items()]
    return f"{{{{< {' '.join([name, *arguments])} >}}}}"


def _argument(value: str) -> str:
    if '"' not in value and "\n" not in value and "\\" not in value:
        return f'"{value}"'
    if "`" not in value:
        return f"`{value}`"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


class _Converter:
    """Takes tokens in their order and gathers the text that stands for them."""

    def __init__(self, text: str, page: LiquidPage, site: LiquidSite) -> None:
        self.parts: list[str] = []
        self._text = text
        self._page = page
        self._site = site
        self._line = page.first_line
        self._line_at = 0
        self._open: list[str] = []
        """End tags that are still to come of what could be converted."""

    def take(self, token: Token) -> None:
        if token.kind == "text":
            self.parts.append(escape_shortcodes(token.source))
        elif token.kind == "code":
            self.parts.append(escape_shortcodes(without_raw(token.source)))
        elif token.kind == "raw":
            self.parts.append(escape_shortcodes(token.inner))
        elif token.kind == "block":
            self.parts.append(self._block(token))
        elif token.kind == "output":
            made = self._output(token.markup, token)
            self.parts.append(self._left(token, f"{{{{ {token.markup} }}}}") if made is None else made)
        else:
            made = self._tag(token)
            self.parts.append(self._left(token, f"{{% {token.name} %}}") if made is None else made)

    # --- notes ------------------------------------------------------------------------------------

    def _left(self, token: Token, topic: str) -> str:
        if not token.name.startswith("end") and token.name not in ("else", "elsif", "when"):
            if token.kind == "output":
                topic = "{{ ... }}"
            self._note(
                "look", topic, f"`{_short(token.source)}` stays as it is written", token, _TEMPLATE_HINT
            )
        return token.source

    def _note(self, kind: NoteKind, topic: str, message: str, token: Token, hint: str | None = None) -> None:
        self._line += self._text.count("\n", self._line_at, token.start)
        self._line_at = token.start
        location = SourceLocation(path=self._page.path, line=self._line)
        self._page.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))

    # --- blocks and outputs -----------------------------------------------------------------------

    def _block(self, token: Token) -> str:
        if token.name == "comment":
            return f"{{{{< comment >}}}}{escape_shortcodes(token.inner)}{{{{< /comment >}}}}"
        language, *options = token.markup.split() or [""]
        written = {key: unquoted(value) or value for key, value in pairs(token.markup).items()}
        attributes = ["linenos=true"] if "linenos" in options or "linenos" in written else []
        if lines := written.get("hl_lines") or written.get("mark_lines"):
            attributes.append(f'hl_lines="{lines}"')
        code = escape_shortcodes(without_raw(token.inner).rstrip().lstrip("\n"))
        longest = max((len(run[0]) for run in _BACKTICKS.finditer(code)), default=2)
        fence = "`" * (longest + 1)
        indent, newline = self._line_start(token)
        if self._page.is_html:
            code = escape_shortcodes(without_raw(token.inner).rstrip().lstrip("\n"))
            opening = call("highlight", language, ",".join(attributes).replace('"', ""))
            return f"{opening}\n{code}\n{{{{< /highlight >}}}}"
        listed = " ".join(attributes)
        info = f"{language} {{{listed}}}" if listed else language
        after = "" if self._text.startswith("\n", token.start + len(token.source)) else "\n"
        return f"{newline}{fence}{info}\n{code}\n{indent}{fence}{after}"

    def _line_start(self, token: Token) -> tuple[str, str]:
        """The white space before the token on its line; and what ends the line where there is more before it."""
        before = self._text[self._text.rfind("\n", 0, token.start) + 1 : token.start]
        return (before, "") if not before.strip() else ("", "\n\n")

    def _output(self, expression: str, token: Token) -> str | None:
        value, *filters = [
            part.strip() for part in re.findall(r"""(?:"[^"]*"|'[^']*'|[^|"'])+""", expression)
        ] or [""]
        text = unquoted(value)
        if text is not None and filters and all(name in _URL_FILTERS for name in filters):
            return text if "://" in text else "/" + text.lstrip("/")
        if text is not None and not filters and value[:1] in "'\"":
            return text
        if filters and not all(name in (*_URL_FILTERS, "escape", "strip") for name in filters):
            return None
        if value in ("site.baseurl", "site.url"):
            return self._base(token)
        scope, _, key = value.partition(".")
        if scope == "page":
            return self._page_value(key)
        if scope == "site":
            return self._site_value(key)
        return None

    def _base(self, token: Token) -> str | None:
        """Nothing, where an address of the site follows; for `site.url` alone the address."""
        end = token.start + len(token.source)
        follows = self._text[end : end + 40].lstrip("\"'")
        if follows.startswith(("/", "{{")):
            return ""
        return "/" if self._text[token.start - 1 : token.start] in ("(", '"', "'") else None

    def _page_value(self, key: str) -> str | None:
        if key == "url":
            return None
        value = self._page.fields.get(key)
        return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None

    def _site_value(self, key: str) -> str | None:
        value = self._site.settings.get(key)
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            return None
        if key in ("title", "description", "name"):
            return str(value)
        self._page.params.add(key)
        return f'{{{{% param "{key.lower()}" %}}}}'

    # --- tags -------------------------------------------------------------------------------------

    def _tag(self, token: Token) -> str | None:
        name = token.name
        if name in ("raw", "endraw"):
            return ""  # alone: Jekyll would not have built it
        if self._open and name == self._open[-1]:
            self._open.pop()
            return "{{< /details >}}"
        if name in ("include", "include_cached"):
            return self._include(token)
        makers: dict[str, Callable[[Token], str | None]] = {
            "post_url": self._post_url,
            "link": self._link,
            "gist": self._gist,
            "include_relative": self._include_relative,
            "youtube": lambda tag: self._video(tag.markup, is_youtube=True),
            "vimeo": lambda tag: self._video(tag.markup, is_youtube=False),
            "twitter": self._tweet,
            "tweet": self._tweet,
            "details": self._details,
            "cite": lambda tag: citation(tag.markup) if self._site.bibliography else None,
            "toc": lambda _tag: "",
        }
        maker = makers.get(name)
        return maker(token) if maker is not None else None

    def _post_url(self, token: Token) -> str | None:
        target = self._site.posts.get(token.markup.strip("\"' ").lstrip("/"))
        return self._page_link(target, token)

    def _link(self, token: Token) -> str | None:
        path = token.markup.strip("\"' ").lstrip("/")
        target = self._site.pages.get(path)
        if target is None and not path.startswith("_") and "{" not in path:
            return f"/{path}"
        return self._page_link(target, token)

    def _page_link(self, target: PurePosixPath | None, token: Token) -> str | None:
        if target is None:
            return None
        before = self._text[max(0, token.start - 200) : token.start]
        if _IN_LINK.search(before):
            return f"/{target}"
        return call("relref", f"/{target}")

    def _gist(self, token: Token) -> str | None:
        words = [word.strip("\"'") for word in token.markup.split()]
        user, _, gist = (words[0] if words else "").partition("/")
        return call("gist", user, gist, *words[1:2]) if user and gist else None

    def _video(self, markup: str, *, is_youtube: bool) -> str | None:
        word = markup.strip("\"' ").split(" ")[0].strip("\"'")
        found = (_YOUTUBE if is_youtube else _VIMEO).search(word)
        name = found[1] if found else word
        if not re.fullmatch(r"[\w-]+", name):
            return None
        return call("youtube" if is_youtube else "vimeo", name)

    def _tweet(self, token: Token) -> str | None:
        found = _TWEET.search(token.markup)
        return call("x", user=found[1], id=found[2]) if found else None

    def _details(self, token: Token) -> str:
        self._open.append("enddetails")
        return call("details", summary=token.markup.strip("\"' ") or "Details")

    def _include_relative(self, token: Token) -> str | None:
        name = token.markup.split(" ")[0].strip("\"'")
        path = PurePosixPath(posixpath.normpath((self._page.path.parent / name).as_posix()))
        text = self._site.relative(path) if ".." not in path.parts else None
        within = (*self._page.within, self._page.path)
        if text is None or path in within or len(within) > _MAX_DEPTH:
            return None
        inner = LiquidPage(path=path, fields=self._page.fields, within=within)
        made = convert_liquid(text, inner, self._site)
        self._page.notes += inner.notes
        self._page.params |= inner.params
        self._page.includes |= inner.includes
        self._note("converted", "{% include_relative %}", f"the text of `{path}` stands in the page", token)
        return made

    def _include(self, token: Token) -> str | None:
        name, _, rest = token.markup.partition(" ")
        name = name.strip("\"'")
        if "{" in name or not name:
            return None
        arguments: dict[str, str] = {}
        for key, written in pairs(rest).items():
            value = unquoted(written)
            if value is None:
                scope, _, variable = written.partition(".")
                known = self._page_value(variable) if scope == "page" else None
                if known is None:
                    return None
                value = known
            arguments[key] = value
        if name not in self._site.includes and (known_call := _known_include(name, arguments)) is not None:
            return known_call
        if PurePosixPath(name).stem == "toc" and not arguments:
            return ""
        own = self._site.includes.get(name)
        if own is not None and _is_figure(name, arguments) and "for " in own:
            return _figure(
                arguments
            )  # al-folio's and its like: pictures in several widths, which we make ourselves
        self._page.includes.add(name)
        return call(shortcode_name(name), **arguments)


# --- includes that themes bring along -----------------------------------------------------------------


def _known_include(name: str, arguments: Mapping[str, str]) -> str | None:
    """A call of ours for an include of a widely used theme, whose text the site does not have."""
    stem = PurePosixPath(name).stem
    if _is_figure(name, arguments):
        return _figure(arguments)
    if stem == "video" and arguments.get("provider") in ("youtube", "vimeo") and arguments.get("id"):
        return call(arguments["provider"], arguments["id"])
    address = arguments.get("content") or arguments.get("id") or arguments.get("url") or ""
    if stem == "youtube" and address:
        found = _YOUTUBE.search(address)
        return call("youtube", found[1] if found else address)
    if stem == "twitter" and (tweet := _TWEET.search(address)):
        return call("x", user=tweet[1], id=tweet[2])
    return None


def _is_figure(name: str, arguments: Mapping[str, str]) -> bool:
    return PurePosixPath(name).stem in ("figure", "image") and any(
        arguments.get(key) for key in ("path", "image_path", "url", "src")
    )


def _figure(arguments: Mapping[str, str]) -> str:
    source = next(arguments[key] for key in ("path", "image_path", "url", "src") if arguments.get(key))
    if "://" not in source:
        source = "/" + source.lstrip("/")
    named = {"src": source}
    # the title is a tooltip there; Hugo's figure makes a heading of it
    arguments = {"alt": arguments.get("title", ""), **arguments}
    for key in ("alt", "caption", "class", "width", "height", "loading"):
        if arguments.get(key) and arguments[key] not in ("auto", "100%"):
            named[key] = arguments[key]
    return call("figure", **named)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
