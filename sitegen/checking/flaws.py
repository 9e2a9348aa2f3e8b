"""What a reader of a page runs into: ids given twice, pictures without words, links without a name, skipped headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import unescape
from pathlib import PurePosixPath

from sitegen.build.rendered import RenderedSite
from sitegen.checking.addresses import Published
from sitegen.checking.elements import Flaw, Scanned
from sitegen.checking.findings import Fault, Findings
from sitegen.checking.places import Places
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.rendering.on_screen import on_screen
from sitegen.rendering.pictures.published_pictures import Pictures
from sitegen.rendering.values import RenderedFile

_HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_LONGEST_HEADING = 4000
_LONGEST_SHOWN = 100
"""Characters of an address in a message."""


def check_flaws(
    site: RenderedSite, published: Published, scanned: Mapping[str, Scanned], places: Places, config: Config
) -> Iterator[Diagnostic]:
    """The flaws of each page's HTML; those of a template once each, with the number of pages.

    Args:
        site: rendered.
        published: its files.
        scanned: its HTML files, by output path.
        places: where things are written.
        config: of the site.
    """
    findings = Findings()
    untitled: dict[PageKey, None] = {}
    for file in site.files:
        found = scanned.get(str(file.path))
        if found is None or not (found.flaws or found.repeated_ids):
            continue
        content = file.content if file.content is not None else file.file.read_bytes() if file.file else b""
        text = content.decode("utf-8", "replace")
        body = _body(file, text, site, config)
        page = _PageFlaws(text, body, file.owner, places)
        page.note(found, findings, partial(_untitled, str(file.path), site, published, untitled))
    yield from findings.diagnostics()
    yield from _without_titles(untitled, places)


def _body(file: RenderedFile, text: str, site: RenderedSite, config: Config) -> range:
    """Where in a file the page's own body stands, as templates show it; nowhere where a template has changed it."""
    if file.owner is None or file.copied_from is not None:
        return range(0)
    page = site.pages[file.owner]
    content = page.content
    pictures = partial(Pictures, config)
    place = site.index.pages[file.owner]
    for body in (on_screen(content, place, site.index, config, pictures=pictures, files=page.files), content):
        start = text.find(body) if body else -1
        if start >= 0:
            return range(start, start + len(body))
    return range(0)


def _untitled(
    path: str, site: RenderedSite, published: Published, untitled: dict[PageKey, None], url: str
) -> bool:
    """Whether a link has no words since the page that it leads to has no title; noted then."""
    address = published.read(url, path)
    if address is None or address.path is None or address.is_outside:
        return False
    file = published.files.get(published.find(address.path).file)
    if file is None or file.owner is None or site.pages[file.owner].summary.title:
        return False
    untitled[file.owner] = None
    return True


def _without_titles(untitled: Mapping[PageKey, None], places: Places) -> Iterator[Diagnostic]:
    """One finding a folder: pages of one kind lack a title all together."""
    folders: dict[PurePosixPath, list[SourceLocation]] = {}
    for page in untitled:
        location = places.file_of(page)
        if location is not None:
            folders.setdefault(_folder(location.path), []).append(location)
    for folder, locations in folders.items():
        first = min(locations, key=lambda location: location.path)
        more = f", as have {len(locations) - 1} more in `{folder}/`" if len(locations) > 1 else ""
        yield Diagnostic(
            code="SG711",
            severity="warning",
            message=f"the page has no title{more}: links to it in lists have no words",
            location=first,
            hint="give it a `title`",
        )


def _folder(path: PurePosixPath) -> PurePosixPath:
    """The folder that a page lies in; of a bundle the one around it."""
    return path.parent.parent if path.stem in ("index", "_index") else path.parent


class _PageFlaws:
    """The flaws of one HTML file."""

    def __init__(self, text: str, body: range, owner: PageKey | None, places: Places) -> None:
        self._text = text
        self._body = body
        self._owner = owner
        self._places = places

    def note(self, scanned: Scanned, findings: Findings, is_untitled: Callable[[str], bool]) -> None:
        """Add what is wrong to the findings.

        Args:
            scanned: the file.
            findings: of the site.
            is_untitled: whether an address leads to a page without a title, which is told of that page.
        """
        for identifier, offset in scanned.repeated_ids:
            fault = Fault(
                code="SG708",
                severity="warning",
                message=f"the id `{identifier}` stands twice on the page: links lead to the first",
                hint="give one of the two another id, a heading with `{#another-id}`",
            )
            words = (f"{{#{identifier}}}", f'id="{identifier}"', f"id={identifier}", identifier)
            self._add(findings, fault, offset, words)
        skips = 0
        for flaw in scanned.flaws:
            if flaw.kind == "heading":
                skips += flaw.offset in self._body
                if skips != 1 or flaw.offset not in self._body:
                    continue  # one says what is to be known; a template's headings are its author's
            if flaw.kind == "decoration":
                self._note_decoration(flaw, findings)
                continue
            if flaw.kind == "nameless" and flaw.offset not in self._body and is_untitled(flaw.detail):
                continue
            self._add(findings, self._fault(flaw), flaw.offset, self._words(flaw))

    def _note_decoration(self, flaw: Flaw, findings: Findings) -> None:
        """An empty `alt` is meant where it is written so; `![](picture.png)` may be haste."""
        if flaw.offset not in self._body or self._owner is None:
            return
        written = self._places.written(flaw.detail, self._owner)
        locations = self._places.literally([f"![]({each}" for each in written], self._owner)
        if locations:
            fault = Fault(
                code="SG709",
                severity="info",
                message=f"the image `{_short(flaw.detail)}` has no words in its brackets: it is read as decoration",
                hint="say what it shows, as in `![Loss over steps](loss.png)`, if it is more than that",
            )
            findings.add(fault, locations, page=self._owner, file=self._places.file_of(self._owner))

    def _add(self, findings: Findings, fault: Fault, offset: int, words: tuple[str, ...]) -> None:
        if offset not in self._body:
            shown = self._places.file_of(self._owner)
            findings.add(fault, (), page=self._owner, file=shown)
            return
        found: SourceLocation | None = None
        for each in words:
            found = self._places.in_page(each, self._owner)
            if found is not None and found.line is not None:
                break
        locations = (found,) if found is not None else ()
        findings.add(fault, locations, page=self._owner, file=self._places.file_of(self._owner))

    def _fault(self, flaw: Flaw) -> Fault:
        shown = _short(flaw.detail)
        if flaw.kind == "no alt":
            return Fault(
                code="SG709",
                severity="warning",
                message=f"the image `{shown}` has no `alt`: who cannot see it is told its file name, or nothing",
                hint='say in `alt` what it shows; `alt=""` where it is decoration',
            )
        if flaw.kind == "empty alt":
            return Fault(
                code="SG709",
                severity="info",
                message=f"the figure `{shown}` has a caption and an empty `alt`: it is read as decoration",
                hint="say in `alt` what the figure shows; the caption is no substitute",
            )
        if flaw.kind == "heading":
            above, level = flaw.detail.split()
            return Fault(
                code="SG710",
                severity="info",
                message=f"a heading of level {level} follows one of level {above}: readers who go by headings miss one",
                hint=f"make it level {int(above) + 1}",
            )
        return Fault(
            code="SG711",
            severity="warning",
            message=f"the link or button `{shown}` has no words: a screen reader has nothing to say",
            hint="write text into it, or give it an `aria-label`",
        )

    def _words(self, flaw: Flaw) -> tuple[str, ...]:
        if flaw.kind == "heading":
            heading = _HEADING.match(self._text, flaw.offset, flaw.offset + _LONGEST_HEADING)
            inner = unescape(_TAG.sub("", heading[1])).strip() if heading else ""
            return (f"{'#' * int(flaw.detail.split()[1])} {inner}", inner)
        return tuple(self._places.spellings(flaw.detail))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
