"""Every address in the published files: does it lead somewhere, and to the part that it names?"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

from sitegen.build.rendered import RenderedSite
from sitegen.build.search_index import FOLDER as PAGEFIND
from sitegen.checking.addresses import Address, Published
from sitegen.checking.elements import Reference, Scanned, scan_html
from sitegen.checking.findings import Fault, Findings
from sitegen.checking.listed import listed_references
from sitegen.checking.places import Places, SearchedText
from sitegen.checking.settings import CheckSettings
from sitegen.checking.unpublished import LeftOut
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.errors import SourceLocation, near_match
from sitegen.rendering.values import RenderedFile

_HTML: Final = frozenset({".html", ".htm"})
_LISTS: Final = frozenset({".css", ".xml", ".json"})
_EMPTY: Final = ("]()", 'href=""', 'src=""', "href=''", "src=''")
_MOST_PARTS: Final = 20
_LARGEST: Final = 20_000_000
"""Bytes of a file that is read: a larger one is data."""
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HOST: Final = re.compile(
    r"www\.[\w-]+\.|(?:[a-z0-9-]+\.)+(?:ai|app|ch|com|de|dev|edu|eu|fr|gov|io|mil|net|org|uk|us)(?:/|$)",
    re.IGNORECASE,
)
"""What begins as a host does: the commonest endings that are no endings of files."""
_LEADS: Final = frozenset({"link", "redirect", "cited source", "canonical address", "alternate version"})
"""What leads somewhere; all else is there or is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where an address stands."""

    url: str
    """As it stands in the HTML."""
    noun: str
    file: RenderedFile


@dataclass(slots=True)
class LinkReport:
    """What the addresses of a site came to."""

    findings: Findings = field(default_factory=Findings)
    external: dict[str, list[Use]] = field(default_factory=dict)
    """Address of another site to where it stands."""
    named: set[str] = field(default_factory=set)
    """Output paths that some address leads to."""
    scanned: dict[str, Scanned] = field(default_factory=dict)
    """Output path of each HTML file to what is in it."""
    links: int = 0


def check_links(
    site: RenderedSite,
    published: Published,
    places: Places,
    left_out: LeftOut,
    settings: CheckSettings,
    config: Config,
) -> LinkReport:
    """What is wrong with the addresses of a site, and those that lead to other sites.

    Each file is read once, each path is looked up once; what a part's page holds is known from its scan.

    Args:
        site: rendered without relative URLs: those are made from these.
        published: its files.
        places: where addresses are written.
        left_out: pages that are not built.
        settings: which addresses are not looked at.
        config: of the site.
    """
    return _Checker(site, published, places, left_out, settings, config).run()


class _Checker:
    """One pass over the published files."""

    def __init__(
        self,
        site: RenderedSite,
        published: Published,
        places: Places,
        left_out: LeftOut,
        settings: CheckSettings,
        config: Config,
    ) -> None:
        self._site = site
        self._published = published
        self._places = places
        self._left_out = left_out
        self._ignored = settings.ignore_urls
        self._config = config
        self._report = LinkReport()
        self._missing_parts: Counter[str] = Counter()
        self._copied: dict[str, SearchedText] = {}
        self._faults: dict[tuple[str, str, str], Fault | None] = {}

    def run(self) -> LinkReport:
        references = dict(self._read())
        for path, found in references.items():
            for reference in found:
                self._check(reference, path)
        return self._report

    def _read(self) -> Iterator[tuple[str, tuple[Reference, ...]]]:
        for path, file in self._published.files.items():
            suffix = PurePosixPath(path).suffix.lower()
            if suffix not in _HTML | _LISTS:
                continue
            content = _content(file)
            if content is None:
                continue
            text = content.decode("utf-8", "replace")
            if suffix in _HTML:
                scanned = self._report.scanned[path] = scan_html(text)
                yield path, scanned.references
            else:
                yield path, tuple(listed_references(path, text))

    def _check(self, reference: Reference, path: str) -> None:
        self._report.links += 1
        if not reference.url:
            self._add_empty(reference, self._published.files[path])
            return
        address = self._published.read(reference.url, path)
        if address is None:
            return
        file = self._published.files[path]
        if address.path is None:
            use = Use(url=reference.url, noun=reference.noun, file=file)
            self._report.external.setdefault(address.url, []).append(use)
            return
        if not address.is_outside:
            self._report.named.add(self._published.find(address.path).file)
        # a relative address means something else on each page: the fault is the same, but not its cause
        base = path if reference.url[0] in "#?" else posixpath.dirname(path)
        known = (reference.url, reference.noun, base)
        if known not in self._faults:
            is_ignored = any(pattern.search(reference.url) for pattern in self._ignored)
            self._faults[known] = None if is_ignored else self._fault(reference, address)
        fault = self._faults[known]
        if fault is not None:
            self._add(fault, reference, file)

    def _add(self, fault: Fault, reference: Reference, file: RenderedFile) -> None:
        url = reference.url
        if file.copied_from is not None:  # published as it is: that file is where it was written
            locations = self._in_copied(url, file)
            self._report.findings.add(fault, locations, page=file.owner)
            return
        locations = self._places.of(url, file.owner)
        if reference.noun == "preview's address":
            locations = self._places.of_pictures(locations, file.owner)[:1]
        if not locations and fault.code == "SG702":
            locations = self._in_target(url, str(file.path))
        shown = self._places.file_of(file.owner)
        self._report.findings.add(fault, locations, page=file.owner, file=shown)

    def _in_target(self, url: str, path: str) -> tuple[SourceLocation, ...]:
        """Where a page's link to a part of itself is written that another page shows in its summary."""
        address = self._published.read(url, path)
        found = self._published.find(address.path).file if address is not None and address.path else ""
        owner = self._published.files[found].owner if found else None
        return self._places.of(f"#{url.partition('#')[2]}", owner) if owner is not None else ()

    def _add_empty(self, reference: Reference, file: RenderedFile) -> None:
        fault = Fault(
            code="SG701",
            severity="warning",
            message=f"the {reference.noun} has no address",
            hint="give it one, or take it away",
        )
        found = () if file.copied_from is not None else self._places.literally(_EMPTY, file.owner)
        if found:  # else a shortcode gave nothing, of which the build has told
            shown = self._places.file_of(file.owner)
            self._report.findings.add(fault, found, page=file.owner, file=shown)

    def _in_copied(self, url: str, file: RenderedFile) -> tuple[SourceLocation, ...]:
        path = str(file.path)
        if path not in self._copied:
            content = _content(file) or b""
            source = (
                self._config.relative_to_root(file.copied_from) if file.copied_from is not None else file.path
            )
            self._copied[path] = SearchedText(source, content.decode("utf-8", "replace"))
        text = self._copied[path]
        return text.find(self._places.spellings(url)) or (SourceLocation(path=text.path),)

    # --- what is wrong

    def _fault(self, reference: Reference, address: Address) -> Fault | None:
        noun, url = reference.noun, reference.url
        if address.is_outside or address.path is None:
            return self._outside(noun, url, address)
        found = self._published.find(address.path)
        if found.outcome == "missing":
            if address.path == f"{PAGEFIND}/pagefind.js":
                return (
                    None  # made after the pages; where the package is not there, the build has told (SG410)
                )
            return self._missing(noun, url, address)
        if found.outcome == "host's redirect":
            return None  # where it leads is the host's to say
        shown = self._published.shown(found.file)
        if found.outcome == "other case":
            return Fault(
                code="SG701",
                severity="error",
                message=f"the {noun} `{url}` differs in case from `{shown}`: it works on macOS and Windows, and on no host",
                hint=f"write `{shown}`",
            )
        redirect = self._published.redirects.get(found.file)
        target = self._published.read(redirect, found.file) if redirect is not None else None
        end = found.file
        if target is not None and target.path is not None:
            end = self._published.find(target.path).file or end
        fragment = self._fragment(address, end)
        if fragment is not None or noun == "redirect":
            return fragment
        if target is not None and noun != "feed's link":
            shown = self._published.shown(end) if target.path is not None else target.url
            return _redirected(noun, url, shown, address)
        if found.outcome == "no slash" and noun == "link":
            return _redirected(noun, url, shown, address)
        return None

    def _outside(self, noun: str, url: str, address: Address) -> Fault | None:
        if "://" in url and address.path:
            return None  # another site of the same host, named whole
        base = self._config.base_path
        if not address.path:
            return Fault(
                code="SG701",
                severity="error",
                message=f"the {noun} `{url}` is no address",
                hint="write a path, or a whole address with its scheme and host",
            )
        return Fault(
            code="SG704",
            severity="warning",
            message=f"the {noun} `{url}` leads out of the site, which lies below `{base}`",
            hint=f'write `{base.rstrip("/")}{address.path}`, or in a template `{{{{ url("{address.path}") }}}}`',
        )

    def _missing(self, noun: str, url: str, address: Address) -> Fault:
        path = address.path or ""
        page = self._left_out.at(path)
        verb = "leads nowhere" if noun in _LEADS else "is not there"
        if page is not None:
            message = f"the {noun} `{url}` leads to a page that is not published: {page.why}"
            hint = f"publish `{page.path}`, or take the link away"
        else:
            message, hint = f"the {noun} `{url}` {verb}", _meant(url) or self._hint(path)
        return Fault(code="SG701", severity="error", message=message, hint=hint)

    def _hint(self, path: str) -> str:
        again = unquote(path)
        if again != path and self._published.find(again).outcome == "file":
            return "it is percent-encoded twice: encode it once"
        page = path.rstrip("/")
        if f"{page}.html" in self._published.files:
            return f"write `{self._published.shown(f'{page}.html')}`: not every host adds `.html`"
        near = self._published.near(page)
        if near is not None:
            return f"did you mean `{self._published.shown(near)}`?"
        return "mend the address, or make what it names"

    def _fragment(self, address: Address, file: str) -> Fault | None:
        part = address.fragment
        scanned = self._report.scanned.get(file)
        if not part or part == "top" or part.startswith(("/", "!", ":~:")) or scanned is None:
            return None
        if part in scanned.ids:
            return None
        shown = f"`{self._published.shown(file)}`"
        near = self._near_id(part, file, scanned)
        return Fault(
            code="SG702",
            severity="error",
            message=f"the link `#{part}` names a part that {shown} does not have",
            hint=f"did you mean `#{near}`?" if near is not None else "name a heading's id, or the page alone",
        )

    def _near_id(self, part: str, file: str, scanned: Scanned) -> str | None:
        """The id that is meant; for the first parts of a page that are missing, since each is compared with all."""
        self._missing_parts[file] += 1
        if self._missing_parts[file] > _MOST_PARTS:
            return None
        same = (each for each in scanned.ids if each.lower() == part.lower())
        return next(same, None) or near_match(part, scanned.ids)


def _meant(url: str) -> str | None:
    """A hint where an address of somebody else's lacks its scheme, or stands in brackets."""
    if url.startswith("(") and "://" in url:
        return "the address stands in brackets: take them away"
    if _MAIL.fullmatch(url):
        return f"write `mailto:{url}`"
    return f"write `https://{url}`" if _HOST.match(url) else None


def _redirected(noun: str, url: str, target: str, address: Address) -> Fault:
    part = f"#{quote(address.fragment)}" if address.fragment and "#" not in target else ""
    return Fault(
        code="SG703",
        severity="info",
        message=f"the {noun} `{url}` leads to a redirect",
        hint=f"write `{target}{part}`",
    )


def _content(file: RenderedFile) -> bytes | None:
    """A file's bytes; None for one that is too large to be text."""
    if file.content is not None:
        return file.content if len(file.content) <= _LARGEST else None
    if file.file is None or file.file.stat().st_size > _LARGEST:
        return None
    return file.file.read_bytes()


def owners(files: Mapping[str, RenderedFile]) -> dict[PageKey, str]:
    """Each page's own HTML file: the one with the shortest path."""
    found: dict[PageKey, str] = {}
    for path, file in files.items():
        if file.owner is not None and file.file is None and path.endswith(".html"):
            known = found.get(file.owner)
            if known is None or len(path) < len(known):
                found[file.owner] = path
    return found
