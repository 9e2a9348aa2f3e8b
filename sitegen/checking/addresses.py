"""What an address of the site means once it is published: a file, a redirect, nothing; and why nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import quote, unquote, urljoin, urlsplit

from sitegen.config import Config
from sitegen.errors import near_match
from sitegen.rendering.values import RenderedFile

_NO_HOST: Final = "http://site.invalid"
"""Stands for the host of a site whose base URL has none (RFC 2606 keeps the name free)."""
_REFRESH: Final = re.compile(r"""http-equiv="refresh" content="0; url=([^"]*)\"""")
_MOST_COMPARED: Final = 100
"""Addresses that are compared with all files' names for a hint: a site with more broken ones has one cause for many."""
_LARGEST_REDIRECT: Final = 4000
"""Bytes: a redirect is a tiny file."""

Outcome = Literal["file", "missing", "host's redirect", "other case", "no slash", "index.html", "outside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as a browser reads it."""

    url: str
    """Absolute, with its fragment."""
    path: str | None
    """Below the output folder, decoded, without query and fragment; None where it leads to another site."""
    fragment: str = ""
    """Decoded."""
    is_outside: bool = False
    """It is of the site's host, and not below the site's base path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a host would send for a path."""

    outcome: Outcome
    file: str = ""
    """Output path of what is meant; empty where there is nothing."""


class Published:
    """The files that the site is published as, by their path."""

    def __init__(self, files: Iterable[RenderedFile], config: Config) -> None:
        self._base_url = config.base_url if "://" in config.base_url else _NO_HOST + config.base_path
        self._base_path = config.base_path
        self._host = urlsplit(self._base_url).netloc.lower()
        self._base_urls: dict[str, str] = {}
        self.files: dict[str, RenderedFile] = {str(file.path): file for file in files}
        self.redirects: dict[str, str] = dict(_redirects(self.files))
        """Path of a redirect to the address it leads to."""
        self._rules = _host_rules(self.files.get("_redirects"))
        self._compared = 0
        self._by_case: dict[str, str] | None = None
        self._found: dict[str, Found] = {}

    def url_of(self, path: str) -> str:
        """The absolute address of an output file, `index.html` left out."""
        shown = path[: -len("index.html")] if path == "index.html" or path.endswith("/index.html") else path
        return urljoin(self._base_url, quoted(shown))

    def read(self, url: str, path: str) -> Address | None:
        """The address `url` as it stands in the output file `path`; None for what no host answers (`mailto:`)."""
        base = self._base_urls.get(path)
        if base is None:
            base = self._base_urls[path] = self.url_of(path)
        try:
            whole = urljoin(base, url.strip())
            parts = urlsplit(whole)
        except ValueError:  # `http://[` is no address
            return Address(url=url, path="", is_outside=True)
        if parts.scheme not in ("http", "https"):
            return None
        if parts.netloc.lower() != self._host:
            return Address(url=whole, path=None, fragment=unquote(parts.fragment))
        below = parts.path or "/"
        if below + "/" == self._base_path:
            below += "/"
        if not below.startswith(self._base_path):
            return Address(url=whole, path=below, fragment=unquote(parts.fragment), is_outside=True)
        return Address(
            url=whole, path=unquote(below[len(self._base_path) :]), fragment=unquote(parts.fragment)
        )

    def find(self, path: str) -> Found:
        """What a host sends for a path below the output folder; the same path is looked up once."""
        found = self._found.get(path)
        if found is None:
            found = self._found[path] = self._find(path)
        return found

    def shown(self, path: str) -> str:
        """An output file's address with the base path, as an author writes it."""
        return self._base_path + self.url_of(path)[len(self._base_url) :]

    def near(self, path: str) -> str | None:
        """The file that a path which leads nowhere most likely means: of the same name elsewhere, else of a similar path."""
        suffix = PurePosixPath(path).suffix
        wanted = path if suffix else f"{path}/index.html"
        same = self._names.get(_name(wanted), [])
        if same:
            return same[0] if len(same) == 1 else None
        self._compared += 1
        if self._compared > _MOST_COMPARED:
            return None
        return near_match(wanted, self._by_suffix.get(suffix or ".html", ()))

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """Files by their last part; a page's is its folder's."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(_name(path), []).append(path)
        return found

    @cached_property
    def _by_suffix(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(PurePosixPath(path).suffix, []).append(path)
        return found

    def _find(self, path: str) -> Found:
        if path == "" or path.endswith("/"):
            index = f"{path}index.html"
            return self._there(index) or self._missing(index)
        if path in self.files:
            is_index = path == "index.html" or path.endswith("/index.html")
            return Found(outcome="index.html" if is_index else "file", file=path)
        index = f"{path}/index.html"
        if index in self.files:
            return Found(outcome="no slash", file=index)
        return self._missing(path, index)

    def _there(self, path: str) -> Found | None:
        return Found(outcome="file", file=path) if path in self.files else None

    def _missing(self, *paths: str) -> Found:
        if any(rule.fullmatch(paths[0].removesuffix("index.html").rstrip("/")) for rule in self._rules):
            return Found(outcome="host's redirect")
        if self._by_case is None:
            self._by_case = {known.lower(): known for known in self.files}
        for path in paths:
            same = self._by_case.get(path.lower())
            if same is not None:
                return Found(outcome="other case", file=same)
        return Found(outcome="missing")


def _host_rules(file: RenderedFile | None) -> tuple[re.Pattern[str], ...]:
    """The addresses that a `_redirects` file of Netlify's or Cloudflare's answers: `/old/* /new/:splat 301`."""
    if file is None:
        return ()
    content = file.content if file.content is not None else file.file.read_bytes() if file.file else b""
    froms = [line.split()[0] for line in content.decode("utf-8", "replace").splitlines() if line.strip()]
    plain = [path.strip("/") for path in froms if path.startswith("/")]
    exact = [re.escape(path) for path in plain if "*" not in path and ":" not in path]
    patterns = [path for path in plain if "*" in path or ":" in path]
    variable = [re.sub(r":\w+", "[^/]+", re.escape(path).replace(r"\*", ".*")) for path in patterns]
    # one expression of all exact ones: its alternatives are tried together
    return tuple(re.compile(rule) for rule in (*(["|".join(exact)] if exact else []), *variable))


def _name(path: str) -> str:
    return path.removesuffix("/index.html").rpartition("/")[2]


def quoted(path: str) -> str:
    """A path as it stands in an address."""
    return quote(path, safe="/~!$&'()*+,;=:@")


def _redirects(files: Mapping[str, RenderedFile]) -> Iterable[tuple[str, str]]:
    for path, file in files.items():
        if file.copied_from is not None or PurePosixPath(path).suffix != ".html":
            continue
        content = file.content
        if content is None and file.file is not None and file.file.stat().st_size <= _LARGEST_REDIRECT:
            content = file.file.read_bytes()
        if content is None or len(content) > _LARGEST_REDIRECT:
            continue
        match = _REFRESH.search(content.decode("utf-8", "replace"))
        if match is not None:
            yield path, unescape(match[1])
