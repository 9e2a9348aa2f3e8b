"""What is done for one page at a time, in this process or in a worker: parse and compose it, render its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NoReturn, cast

from sitegen.build.bodies import Bodies, ReadLater, Ref
from sitegen.build.made import Composed, Output, ToCome, Waiting, Wanted
from sitegen.build.publish import Published
from sitegen.build.reads import Packer
from sitegen.build.staging import stage
from sitegen.config import Config
from sitegen.content.document import Document, LinkHole, PageKey
from sitegen.content.executed import ExecutedDocument
from sitegen.content.site import SiteIndex
from sitegen.errors import Diagnostic
from sitegen.markdown.lexing.kept import installed, kept_highlights
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.assets import Asset
from sitegen.rendering.composing.page import compose
from sitegen.rendering.lists.related import RelatedPages
from sitegen.rendering.page_files import every_part, render
from sitegen.rendering.pictures.picture_jobs import PictureJob, do
from sitegen.rendering.recorder import RawFact, Reads
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.values import Page, RenderedFile, Site
from sitegen.rendering.views.site_view import SiteView
from sitegen.results.ledger import Ledger
from sitegen.values import dataclass


def highlights_folder(config: Config) -> Path:
    """Where coloured code is kept for later builds; a CI cache may keep it as well."""
    return config.state_dir / "cache" / "highlights"


class LedgerAskedError(BaseException):
    """A page asks for the runs of the site before they are known. No error: templates must not catch it."""


class _LedgerToCome:
    """Stands for the ledger while pages that need none are composed."""

    def __getattr__(self, name: str) -> NoReturn:
        raise LedgerAskedError(name)


_MOST_SUMMARIES: Final = 12_000
"""Of pages that stay in the memory of one process: a file shows those of its neighbours, and 3 KB each are many of a site."""
_TO_COME = cast("Ledger", _LedgerToCome())


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Where rendered files wait for their publication."""

    folder: str
    """On the file system of the output folder."""
    twin: str = ""
    """Where links to them wait, for the output folder's twin; empty where that is there."""
    published: Published
    """What lies in the output folder as we wrote it: the same again is not written."""


class Workshop:
    """A process's tools: made once a build, before workers are forked."""

    def __init__(
        self,
        config: Config,
        index: SiteIndex,
        bodies: Bodies,
        staging: Staging,
        *,
        related: RelatedPages | None = None,
        tells_links: bool = False,
    ) -> None:
        self.number = 0
        """Of the pack file that this process appends to."""
        self._config = config
        self._index = index
        self._bodies = bodies
        self._staging = staging
        self._related = related
        self._tells_links = tells_links
        self._reads = Reads()
        self._packer = Packer()
        self._templates = Templates(config, self._reads)
        self._shortcodes = TemplateShortcodes(self._templates, index, config)
        self._site: Site | None = None
        self._refs: Mapping[PageKey, Ref] = {}

    def __reduce__(self) -> tuple[object, ...]:
        make = partial(Workshop, related=self._related, tells_links=self._tells_links)
        return make, (self._config, self._index, self._bodies, self._staging)

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The site's and the theme's, by name."""
        return self._templates.assets

    def fields(self) -> frozenset[str]:
        """Of pages: the names of the fields that have been read in this process."""
        return frozenset(self._packer.fields)

    @contextmanager
    def at_work(self, number: int) -> Iterator[None]:
        """In a worker process, while it works.

        Args:
            number: of the pack file that is this process's own.
        """
        self.number = number
        with ExitStack() as stack:
            if installed() is None:  # the process was not forked: nothing has come with it
                stack.enter_context(kept_highlights(highlights_folder(self._config)))
            yield

    # --- composing

    def compose(self, keys: Sequence[PageKey]) -> list[Composed | Waiting]:
        """The pages, each composed unless it has to wait for runs."""
        return [self._compose(key) for key in keys]

    def _compose(self, key: PageKey) -> Composed | Waiting:
        place = self._index.pages[key]
        with self._reads.collected() as reads:
            document = (
                parse(place.source, self._index, self._shortcodes, self._config)
                if place.source is not None
                else empty_document(place)
            )
            if document.cells or document.expressions:
                return Waiting(document, frozenset(reads))
            parsed = frozenset(reads)
            try:
                page = compose(
                    ExecutedDocument(document=document),
                    self._index,
                    _TO_COME,
                    self._shortcodes,
                    self._config,
                    self._reads,
                )
            except LedgerAskedError:
                return Waiting(document, parsed)
            return self._kept(page, document, document.diagnostics, reads, waited=False)

    def compose_executed(
        self, ledger: Ledger, executed: ExecutedDocument, parsed: frozenset[RawFact]
    ) -> Composed:
        """A page that has waited; `parsed` is what parsing it read."""
        with self._reads.collected() as reads:
            page = compose(executed, self._index, ledger, self._shortcodes, self._config, self._reads)
        told = (*executed.document.diagnostics, *executed.diagnostics)
        return self._kept(page, executed.document, told, reads | parsed, waited=True)

    def _kept(
        self,
        page: Page,
        document: Document,
        told: tuple[Diagnostic, ...],
        reads: Iterable[RawFact],
        *,
        waited: bool,
    ) -> Composed:
        place = self._index.pages[page.key]
        return Composed(
            key=page.key,
            ref=self._bodies.append(self.number, place, page.summary, page),
            reads=self._packer.pack(reads),
            diagnostics=(*told, *page.diagnostics),
            links=tuple(_links(document)) if self._tells_links else (),
            waited=waited,
        )

    # --- rendering

    def gather(self, ledger: Ledger, refs: Mapping[PageKey, Ref]) -> None:
        """Take what all pages have become: from now on their files can be rendered."""
        kept = installed()
        if kept is not None:  # all code of the site has been coloured by now
            kept.flush()
        self._refs = refs
        summaries = ReadLater(refs, self._bodies.summary, most=_MOST_SUMMARIES)
        self._site = gather(self._index, ledger, summaries, self._related)

    def render(self, wanted: Sequence[Wanted]) -> list[Output]:
        """Files of pages."""
        return [output for each in wanted for output in self._render(each)]

    def render_ready(self, wanted: Sequence[Wanted]) -> list[Output | ToCome]:
        """As `render`, but of a page that shows pictures whose forms are not made yet, what is to be made."""
        return [item for each in wanted for item in self._ready(each)]

    def _ready(self, wanted: Wanted) -> Sequence[Output | ToCome]:
        with self._view().put_off.noted() as jobs:
            outputs = tuple(self._render(wanted))
        return (ToCome(wanted, tuple(jobs)),) if jobs else outputs

    def _view(self) -> SiteView:
        return self._templates.site_view(self._gathered(), self._content)

    def _gathered(self) -> Site:
        if self._site is None:
            raise RuntimeError("pages are rendered before they are gathered")
        return self._site

    def make_pictures(self, jobs: Sequence[PictureJob]) -> list[None]:
        """The forms of pictures, for all processes: one picture at a time."""
        for job in jobs:
            do(job, self._config.state_dir / "cache")
        return []

    def _render(self, wanted: Wanted) -> Iterator[Output]:
        site = self._gathered()
        key, parts, pagers = wanted
        page: Page = self._bodies.page(self._refs[key])
        for file in render(
            page,
            site,
            self._templates,
            self._content,
            self._config,
            wanted=every_part if parts is None else parts.__contains__,
            known_pagers=pagers,
        ):
            yield self._output(file, key)

    def _content(self, key: PageKey) -> str:
        page: Page = self._bodies.page(self._refs[key])
        return page.content

    def _output(self, file: RenderedFile, key: PageKey) -> Output:
        path = file.path.as_posix()
        place, is_staged = "", False
        if self._staging.published.digest(path) != file.digest:
            if file.content is not None:
                stage(self._staging.folder, path, file.content, self._staging.twin)
                place, is_staged = f"{self._staging.folder}/{path}", True
            else:
                place = str(file.file)
        return Output(
            path=path,
            digest=file.digest,
            owner=key,
            part=file.part,
            file=place,
            is_staged=is_staged,
            reads=self._packer.pack(file.reads),
            diagnostics=file.diagnostics,
            weight=file.weight,
        )


def _links(document: Document) -> Iterator[LinkHole]:
    for part in (document.segments, document.title, document.description, document.summary):
        for segment in part:
            if isinstance(segment, LinkHole):
                yield segment
