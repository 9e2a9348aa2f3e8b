"""The way of a post from disk to disk: nine calls, in this order.

    discover -> build_index -> parse -> execute -> build_ledger -> compose -> gather -> render -> publish

Each call takes values and gives values; none is filled in later. What is wrong with a page travels
beside its value as diagnostics, so one bad page never hides the others; only in `build.py` is it
decided what an error does to the build, and `publish` called.

The calls are made for the pages that need them, in worker processes where there are many: `reindex.py` has the first two,
`work.py` what is done for one page. What the last build has left stands for the other pages. A page that asks for no
run's results is composed where it is parsed; the others wait for `execute` and `build_ledger`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from sitegen.build.bodies import Ref
from sitegen.build.comparison import Comparison, StaleFiles, Words
from sitegen.build.intake import Intake
from sitegen.build.last import Last
from sitegen.build.made import Composed, Output, ToCome, Waiting, Wanted
from sitegen.build.missing import gather_missing
from sitegen.build.order import in_order_of_lines
from sitegen.build.read_ahead import Ahead
from sitegen.build.reads import Noted
from sitegen.build.reindex import Reindexed, reindex
from sitegen.build.report import PageReport, PageWeight, heaviest_pages, report_pages
from sitegen.build.result import BuildOptions, Outcome, Reason
from sitegen.build.site_files import NO_FILES, SiteFiles, sorted_out, with_search
from sitegen.build.staging import StagingError
from sitegen.build.stock import Stock
from sitegen.build.work import Staging, Workshop, highlights_folder
from sitegen.build.workers import FEWEST_PAGES, Workers, developing, rendering, working
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.executed import ExecutedDocument
from sitegen.errors import Diagnostic
from sitegen.execution.backends import Backend
from sitegen.execution.known import KnownRuns
from sitegen.execution.run import execute
from sitegen.frozen import FrozenDict
from sitegen.markdown.lexing.kept import kept_highlights
from sitegen.rendering.incremental.facts import asset_digests, template_digests
from sitegen.rendering.links import adopt_published_files
from sitegen.rendering.pictures.picture_jobs import PictureJob
from sitegen.results.ledger import Ledger, build_ledger, summarise
from sitegen.results.store import Store
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSite:
    """A site that is ready to be published, and what the next build will want to know of it."""

    found: Reindexed
    composed: tuple[Composed, ...]
    """By this build."""
    unkept: tuple[Sequence[Composed], Sequence[Output]]
    """Pages and files that the state is to be given; the others of this build it has."""
    refs: Mapping[PageKey, Ref]
    """Where all composed pages lie."""
    gone_pages: tuple[PageKey, ...]
    kept: tuple[Output, ...]
    """Files that the last build has published, and that are as they were."""
    made: tuple[Output, ...]
    """Files that this build has rendered, by path."""
    gone_outputs: tuple[tuple[str, str, str], ...]
    """Path, page and part: an alias and a pager of one page can have one path, which is an error to be told again."""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    noted: Noted
    read: tuple[str, ...]
    """Paths below the root of the files that were read while pages were made."""
    values: Mapping[str, object]
    """For the state: what the next build asks for by name."""


def make_site(
    config: Config,
    options: BuildOptions,
    last: Last,
    stock: Stock,
    differing: set[str],
    staging: Staging,
    *,
    must_reindex: bool,
    ahead: Ahead | None = None,
    backend: Backend,
    store: Store,
) -> MadeSite:
    """All of a build but the last step: nothing below the output folder is read or written.

    Args:
        config: the site's configuration.
        options: what this build is asked for.
        last: what the last build left; empty to make everything.
        stock: the files that there are.
        differing: absolute paths of those that are not as they were.
        staging: where rendered files go, and what is published already.
        must_reindex: the index may differ although no file does.
        ahead: the content, where another process has begun to read it.
        backend: runs the cells; used only for pages whose records do not hold.
        store: the records of earlier runs.
    """
    # discover, build_index
    found = reindex(config, last, stock, differing, must_be_made=must_reindex, ahead=ahead)
    if last.index is None:
        last.state.forget()
    if found.files is not None:
        adopt_published_files(found.index, config, found.files)
    workshop = Workshop(
        config, found.index, last.state.bodies, staging, related=found.related, tells_links=options.links
    )
    templates, assets = template_digests(config), asset_digests(workshop.assets)
    compared = Comparison(
        config,
        last,
        found,
        stock,
        differing,
        templates=templates,
        assets=assets,
        is_explained=options.explain,
    )
    stale = compared.stale_pages()
    known = KnownRuns(options.policy, config)
    intake = Intake(last, found)

    with _workers(workshop, config, len(stale)) as workers:
        waiting = _composed(workers, tuple(stale), found, intake)  # parse, and compose what waits for no run
        runs = execute(
            (item.document for item in waiting), backend, store, options.policy, config, known=known
        )
        ran = _ran(runs, waiting, store)
        with _unfinished(lambda: _outcome(config, last, found, ran)):
            for run, item in zip(ran.executed, waiting, strict=True):
                intake.page(workshop.compose_executed(ran.ledger, run, item.reads))
            refs = _refs(last, found, intake)
            workers.tell("gather", ran.ledger, refs)
            stale_files = compared.stale_files(intake.composed, refs, ran.ledger, staging.published)
            with rendering(workers, workshop, stale_files.count, (ran.ledger, refs)) as others:
                fields = _rendered(others, workshop, stale_files, intake)

    composed = tuple(intake.composed)
    files = sorted_out(last, found, stale_files, intake)
    if found.index.search_page is not None:
        with _unfinished(lambda: _outcome(config, last, found, ran, composed, files)):
            files = with_search(files, config, options, last, found, staging)
    noted = Noted(fields=last.noted.fields | fields, shared=last.noted.shared | intake.shared)
    digests = compared.digests.with_those_of(intake.files) | _looked_for(found)
    return MadeSite(
        found=found,
        composed=composed,
        unkept=(intake.unkept[0], files.unkept),
        refs=refs,
        gone_pages=tuple(key for key in last.refs if key not in refs),
        kept=files.kept,
        made=files.made,
        gone_outputs=files.gone,
        outcome=_outcome(config, last, found, ran, composed, files),
        reasons=tuple(_reasons(files.made, stale, stale_files, is_all=last.index is None))
        if options.explain
        else (),
        noted=noted,
        read=tuple(digests),
        values={
            **_of_index(found),
            "noted": noted,
            "ledger": ran.ledger,
            "runs": known.kept(store),
            "templates": templates,
            "assets": assets,
            "digests": digests,
            **files.values,
        },
    )


class UnfinishedError(StagingError):
    """The file system refuses what has been made; what was found until then is to be told all the same."""

    def __init__(self, error: StagingError, outcome: Outcome) -> None:
        super().__init__(error.errno, error.strerror, error.filename)
        self.outcome = outcome


@contextmanager
def _unfinished(outcome: Callable[[], Outcome]) -> Iterator[None]:
    try:
        yield
    except StagingError as error:
        raise UnfinishedError(error, outcome()) from error


@contextmanager
def _workers(workshop: Workshop, config: Config, pages: int) -> Iterator[Workers]:
    """Workers for that many pages, with the code that earlier builds have coloured."""
    with kept_highlights(highlights_folder(config)) as highlights, ExitStack() as stack:
        if pages >= FEWEST_PAGES:
            highlights.load()  # once, for all workers
        yield stack.enter_context(working(workshop, pages))


def _composed(
    workers: Workers, stale: Sequence[PageKey], found: Reindexed, intake: Intake
) -> tuple[Waiting, ...]:
    """Parse pages, and compose those that wait for no run; gives the others, in the order of the index."""
    waiting: dict[PageKey, Waiting] = {}
    for item in workers.each("compose", stale):
        if isinstance(item, Waiting):
            waiting[item.document.page] = item
        else:
            intake.page(item)
    return tuple(waiting[key] for key in found.keys if key in waiting) if waiting else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """What came of the pages that waited for runs, in the order of the index."""

    executed: tuple[ExecutedDocument, ...]
    reports: tuple[PageReport, ...]
    ledger: Ledger


def _ran(runs: Iterable[ExecutedDocument], waiting: Sequence[Waiting], store: Store) -> _Ran:
    finished = {run.document.page: run for run in runs}  # they come as they finish
    executed = tuple(finished[item.document.page] for item in waiting)
    reports = report_pages(executed)  # raises before anything is published
    return _Ran(
        executed=executed,
        reports=reports,
        ledger=build_ledger((summarise(run) for run in executed), store),
    )


def _rendered(workers: Workers, workshop: Workshop, files: StaleFiles, intake: Intake) -> frozenset[str]:
    """Render the files; gives the names of the fields of pages that have been read by now.

    Pages that show pictures whose forms are not made yet come last: the forms are made first, by all processes.
    """
    put_off: list[Wanted] = []
    jobs: dict[object, PictureJob] = {}
    for item in workers.each("render_ready", files.wanted):
        if isinstance(item, ToCome):
            put_off.append(item.wanted)
            jobs.update(((job.digest, job.wanted), job) for job in item.jobs)
        else:
            intake.output(item)
    if jobs:
        largest_first = sorted(jobs.values(), key=lambda job: -job.size_bytes)
        with developing(workers, workshop, len(largest_first)) as others:
            deque(others.each("make_pictures", largest_first), maxlen=0)
        for output in workers.each("render", put_off):
            intake.output(output)
    intake.flush()
    return frozenset(field for each in workers.tell("fields") for field in each)


def _refs(last: Last, found: Reindexed, intake: Intake) -> dict[PageKey, Ref]:
    """Where the pages of this build's index lie, in its order."""
    refs = {**last.refs, **intake.refs}
    return {key: refs[key] for key in found.keys}


def _outcome(
    config: Config,
    last: Last,
    found: Reindexed,
    ran: _Ran,
    composed: Iterable[Composed] = (),
    files: SiteFiles = NO_FILES,
) -> Outcome:
    """What there is to say; of what is as it was, what an earlier build has found."""
    outputs = (*files.kept, *files.made)
    of_pages = {run.document.page: (*run.document.diagnostics, *run.diagnostics) for run in ran.executed}
    of_pages |= {page.key: page.diagnostics for page in composed}
    if last.index is not None:
        of_pages |= {
            key: diagnostics
            for key, diagnostics, _ in last.state.pages_to_ask()
            if key not in of_pages and key in found.index.pages
        }
    diagnostics: tuple[Diagnostic, ...] = in_order_of_lines(
        (
            config.diagnostics,
            found.index.diagnostics,
            *of_pages.values(),
            ran.ledger.diagnostics,
            *(output.diagnostics for output in outputs if output.diagnostics),
            files.diagnostics,
        )
    )
    states = {run.document.page: run.state for run in ran.executed if run.state is not None}
    return Outcome(
        pages=found.rendered,
        states=FrozenDict(states),
        skipped=found.index.skipped,
        reports=ran.reports,
        diagnostics=gather_missing(diagnostics, config.root),
        heaviest=_heaviest(config, outputs),
    )


def _heaviest(config: Config, outputs: Iterable[Output]) -> tuple[PageWeight, ...]:
    if config.budget is None:
        return ()
    return heaviest_pages((output.path, output.weight) for output in outputs if output.weight is not None)


def _reasons(
    made: Iterable[Output], stale: Mapping[PageKey, Words], files: StaleFiles, *, is_all: bool
) -> Iterator[Reason]:
    otherwise = "everything is built" if is_all else "the site has other pages or files"
    for output in made:
        key = PageKey(output.owner)
        words = files.words.get((key, output.part)) or stale.get(key)
        yield Reason(path=output.path, words=words or (otherwise,))


def _looked_for(found: Reindexed) -> dict[str, str]:
    """Bibliographies to their digests, where one was looked for in vain to nothing: they may lie in the site's own folder."""
    known = found.index.bibliographies
    if known is None:
        return {}
    return {str(path): known.files[path].digest if path in known.files else "" for path in known.looked_for}


def _of_index(found: Reindexed) -> dict[str, object]:
    """What is kept of an index that was made anew; its pages lie with their bodies."""
    if not found.is_made_anew:
        return {}
    return {
        "structure": replace(found.index, pages=FrozenDict(), all_sources=()),
        "keys": found.keys,
        "unlisted": found.unlisted,
        "related": found.related,
        "files": found.files,
    }
