"""The nine calls in a row, with a backend that makes its runs up."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import Config, load_config
from sitegen.content.document import PageKey, source_digest
from sitegen.content.executed import CellRun, DisplayOutput, StreamOutput
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import discover
from sitegen.execution import kernelspecs
from sitegen.execution.jobs import Job, Run
from sitegen.execution.run import ExecutionPolicy, execute
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import parse
from sitegen.rendering.composing.page import compose
from sitegen.rendering.page_files import render
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.results.ledger import build_ledger, summarise
from sitegen.results.media_types import METRIC_TYPE
from sitegen.results.store import open_store

WriteSite = Callable[[dict[str, str]], Path]
CELL = "```python\n#| label: {0}\nprint('{0}')\n```\n\nValue: `{{python}} 1 + 1`\n"
POST = "+++\ntitle = '{0}'\ntags = ['rl']\n[execute]\nenabled = true\n+++\n## Part\n\n[Next](b.md) {{{{< param title >}}}}\n\n"


class LastFirst:
    """Runs every page in no time; the page that was asked for last is finished first."""

    name = "made-up"

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.runs: list[Run] = []

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        self.jobs = list(jobs)
        self.runs = [_run(job) for job in reversed(self.jobs)]
        yield from self.runs

    def cancel(self) -> None:
        """Nothing runs."""


def _run(job: Job) -> Run:
    metric = FrozenDict({"name": "loss", "value": 0.5})
    return Run(
        page=job.page,
        started=datetime(2030, 1, 1, tzinfo=UTC),
        seconds=1.0,
        cells=tuple(
            CellRun(
                cell=cell.id,
                status="ok",
                outputs=(
                    StreamOutput(name="stdout", text="a\n"),
                    DisplayOutput(data=FrozenDict({METRIC_TYPE: metric})),
                ),
                source_digest=source_digest(cell.source),
            )
            for cell in job.cells
        ),
        values=FrozenDict(
            {item.id: DisplayOutput(data=FrozenDict({"text/plain": "2"})) for _, item in job.expressions}
        ),
    )


@pytest.fixture
def config(write_site: WriteSite, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A site of three posts with cells and one with a broken link."""
    monkeypatch.setattr(kernelspecs, "can_execute", lambda: True)
    posts = {f"content/posts/{name}.md": POST.format(name) + CELL.format(name) for name in "abc"}
    settings = "baseURL = 'https://example.org/'\n[params]\ntitle = 'T'\n"
    root = write_site({"sitegen.toml": settings, **posts, "content/wrong.md": "# Wrong\n\n[x](gone.md)\n"})
    return load_config(root, environ={}, now=datetime(2030, 1, 1, tzinfo=UTC))


def test_order_of_finishing_leaves_no_trace(config: Config) -> None:
    """Reports and states come in the order of the index, whichever page was finished first."""
    result = build(config, BuildOptions(), backend=LastFirst(), store=open_store(config))
    again = build(config, BuildOptions(), backend=LastFirst(), store=open_store(config))

    assert [report.page for report in result.reports] == [report.page for report in again.reports]
    assert list(result.states) == list(again.states) == ["/posts/a", "/posts/b", "/posts/c"]
    assert (set(result.states.values()), set(again.states.values())) == ({"fresh"}, {"cached"})


def test_every_value_survives_pickling(config: Config) -> None:
    """What goes from call to call, and to a backend and from it, may cross the border of a process."""
    backend, store = LastFirst(), open_store(config)
    sources = discover(config)
    index: SiteIndex = build_index(sources, config)
    templates = Templates(config)
    shortcodes = TemplateShortcodes(templates, index, config)
    documents = [
        parse(page.source, index, shortcodes, config) for page in index.pages.values() if page.source
    ]
    executed = list(execute(documents, backend, store, ExecutionPolicy(), config))
    summaries = [summarise(run) for run in executed]
    ledger = build_ledger(summaries, store)
    pages = [compose(run, index, ledger, shortcodes, config) for run in executed]
    site = gather(index, ledger, {page.key: page.summary for page in pages})
    files = [file for page in pages for file in render(page, site, templates, lambda _: "", config)]
    result = build(config, BuildOptions(), backend=backend, store=store)

    values = [config, sources, index, documents, backend.jobs, backend.runs, executed, summaries]
    values += [ledger, pages, site, files, result, *store.of_page(PageKey("/posts/a"))]

    assert backend.jobs
    assert [value for value in values if pickle.loads(pickle.dumps(value)) != value] == []
