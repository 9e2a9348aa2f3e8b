"""The search index of a site: made of the finished pages, and only where the text of one that is searched has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import Final

from sitegen.build.last import Last
from sitegen.build.made import Output
from sitegen.build.pagefind import IndexedText, PagefindError, find_program, index_files
from sitegen.build.reads import NOTHING_READ
from sitegen.build.result import BuildOptions
from sitegen.build.search_state import SearchedPages
from sitegen.build.staging import stage
from sitegen.build.work import Staging
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.site import SiteIndex
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.rendering.machines.search_text import searched_text
from sitegen.values import dataclass

CARRIER: Final = PageKey("/:searchindex")
"""The page of the site's index that has the files of the search index."""
FOLDER: Final = "pagefind"
"""Below the output folder: scripts load the index from there."""
_PART: Final = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIndex:
    """What a build does to the site's search index."""

    made: tuple[Output, ...] = ()
    is_made: bool = False
    """The files of the last build's index are gone, but for those that are among `made`."""
    pages: SearchedPages = field(default_factory=SearchedPages)
    """For the next build."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def without_older(
        self, kept: tuple[Output, ...], gone: tuple[tuple[str, str, str], ...]
    ) -> tuple[tuple[Output, ...], tuple[tuple[str, str, str], ...]]:
        """The files that stay, and those that are gone, with what this does to an older index.

        Args:
            kept: the files that stay, an older index among them.
            gone: path, page and part of each file that does not.
        """
        if not self.is_made:
            return kept, gone
        again = {output.path for output in self.made}
        older = [output for output in kept if output.owner == CARRIER]
        stay = tuple(output for output in kept if output.owner != CARRIER)
        lost = ((output.path, output.owner, output.part) for output in older if output.path not in again)
        return stay, (*gone, *lost)

    def with_own(self, outputs: Iterable[Output]) -> tuple[Output, ...]:
        """Files by their paths, with those of the index."""
        if not self.made:
            return tuple(outputs)
        return tuple(sorted((*outputs, *self.made), key=lambda output: output.path))


def search_index(
    index: SiteIndex,
    config: Config,
    options: BuildOptions,
    last: Last,
    staging: Staging,
    outputs: Sequence[Output],
) -> SearchIndex:
    """The index of a site with a search page, made anew or left as it is; without the extra a note (SG410).

    Args:
        index: the site's.
        config: the site's.
        options: whether an older index will do.
        last: what the last build left.
        staging: where new files go.
        outputs: every file of the site, those that are published already included.
    """
    if index.search_page is None or CARRIER not in index.pages or options.search == "none":
        return SearchIndex()
    program = find_program()
    if program is None:
        return SearchIndex(is_made=True, diagnostics=(_not_installed(index),))
    was = last.searched
    files = sum(1 for output in outputs if output.owner == CARRIER)
    is_whole = bool(was.files) and files == was.files
    if is_whole and options.search == "any":
        return SearchIndex(pages=was)
    pages = _Pages(config, index, was, outputs)
    texts = pages.digests()
    if is_whole and texts.indexed == was.indexed:
        return SearchIndex(pages=texts.with_files(was.files))
    try:
        found = index_files(program, pages.texts(texts))
    except (PagefindError, OSError) as error:
        return SearchIndex(is_made=True, diagnostics=(_failed(index, error),))
    made = tuple(_output(f"{FOLDER}/{path}", content, staging) for path, content in sorted(found.items()))
    return SearchIndex(made=made, is_made=True, pages=texts.with_files(len(made)))


class _Pages:
    """The finished pages of a site, each read when its text is asked for."""

    def __init__(
        self, config: Config, index: SiteIndex, was: SearchedPages, outputs: Iterable[Output]
    ) -> None:
        self._folder = config.publish_dir
        self._index = index
        self._was = was.texts
        self._outputs = {output.path: output for output in outputs if _is_first_page(output)}

    def digests(self) -> SearchedPages:
        """Of each page the digest of what is searched; one that is as it was is not read."""
        found: dict[str, tuple[str, str]] = {}
        for path, output in self._outputs.items():
            known = self._was.get(path)
            if known is not None and known[0] == output.digest:
                found[path] = known
            else:
                text = self._text(output)
                found[path] = (output.digest, digest_bytes(text.encode()) if text else "")
        return SearchedPages(texts=found)

    def texts(self, pages: SearchedPages) -> Iterator[IndexedText]:
        """What is searched, in the order of the pages' paths."""
        for path in sorted(pages.indexed):
            output = self._outputs[path]
            yield IndexedText(self._index.pages[PageKey(output.owner)].url, self._text(output))

    def _text(self, output: Output) -> str:
        place = Path(output.file) if output.file else self._folder / output.path
        return searched_text(place.read_text(encoding="utf-8", errors="replace"))


def _is_first_page(output: Output) -> bool:
    """Whether it is a page's HTML; what another pager of a list has, its pages have."""
    return output.part == "html" and output.path.endswith((".html", ".htm"))


def _output(path: str, content: bytes, staging: Staging) -> Output:
    digest = digest_bytes(content)
    place, is_staged = "", False
    if staging.published.digest(path) != digest:
        stage(staging.folder, path, content, staging.twin)
        place, is_staged = f"{staging.folder}/{path}", True
    return Output(
        path=path,
        digest=digest,
        owner=CARRIER,
        part=_PART,
        file=place,
        is_staged=is_staged,
        reads=NOTHING_READ,
        diagnostics=(),
    )


def _not_installed(index: SiteIndex) -> Diagnostic:
    return Diagnostic(
        code="SG410",
        severity="info",
        message="the search page lists the other pages and finds no words: Pagefind is not installed",
        location=_where(index),
        hint='pip install "sitegen-ml[search]"',
    )


def _failed(index: SiteIndex, error: Exception) -> Diagnostic:
    return Diagnostic(
        code="SG412",
        severity="error",
        message=f"Pagefind could not make the search index: {error}",
        location=_where(index),
        hint="build again; if it comes again, install the release of Pagefind that sitegen names",
    )


def _where(index: SiteIndex) -> SourceLocation | None:
    source = None if index.search_page is None else index.pages[index.search_page].source
    return None if source is None else SourceLocation(path=source.path)
