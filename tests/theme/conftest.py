"""A site that shows everything the theme has a style for, rendered without a kernel: its one run is made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sitegen.config import Config, load_config
from sitegen.content.document import Digest, Document, ValueId
from sitegen.content.executed import (
    CellRun,
    DisplayOutput,
    Drift,
    ErrorOutput,
    ExecutedDocument,
    Metric,
    Provenance,
    Reference,
    RunState,
    StreamOutput,
)
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.composing.page import compose
from sitegen.rendering.page_files import render
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.results.ledger import Ledger, LedgerEntry, MetricPoint

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SITE = Path(__file__).parent / "site"
PLOT = """<svg xmlns="http://www.w3.org/2000/svg" width="480" height="160" viewBox="0 0 480 160">
<path d="M20 140L120 90L220 100L320 40L460 20" fill="none" stroke="#1f77b4" stroke-width="2"/></svg>"""
FRAME = (
    '<table border="1" class="dataframe"><thead><tr><th></th>'
    + "".join(f"<th>a_long_column_name_{number}</th>" for number in range(12))
    + "</tr></thead><tbody><tr><th>0</th>"
    + "".join(f"<td>{number * 1000}.5</td>" for number in range(12))
    + "</tr></tbody></table>"
)
ANSI = "\x1b[31mred\x1b[0m \x1b[1;32mgreen\x1b[0m " + "a long line of output " * 12


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published folder; its links are relative, so it is read from `file://`."""
    folder = tmp_path_factory.mktemp("published")
    config = load_config(
        SITE,
        now=NOW,
        overrides={
            "relative_urls": True,
            "publish_dir": str(folder),
            "state_dir": str(folder.parent / "state"),
        },
    )
    for path, content in _rendered(config).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@pytest.fixture
def render_files() -> Callable[[Config], dict[str, bytes]]:
    """Renders another site: its files by their paths."""
    return _rendered


def _rendered(config: Config) -> dict[str, bytes]:
    """Every file of the site by its path; a template that fails raises."""
    index = build_index(discover(config), config)
    templates = Templates(config)
    shortcodes = TemplateShortcodes(templates, index, config)
    documents = [
        parse(page.source, index, shortcodes, config) if page.source else empty_document(page)
        for page in index.pages.values()
    ]
    executed = {document.page: _run(document) for document in documents}
    ledger = _ledger(executed.values())
    composed = {key: compose(run, index, ledger, shortcodes, config) for key, run in executed.items()}
    site = gather(index, ledger, {key: page.summary for key, page in composed.items()})
    files = [
        file
        for page in composed.values()
        for file in render(page, site, templates, lambda key: composed[key].content, config)
    ]
    problems = [
        *index.diagnostics,
        *(diagnostic for document in documents for diagnostic in document.diagnostics),
        *(diagnostic for page in composed.values() for diagnostic in page.diagnostics),
        *(diagnostic for file in files for diagnostic in file.diagnostics),
    ]
    assert problems == []
    return {str(file.path): file.content if file.content is not None else _bytes(file.file) for file in files}


def _bytes(file: Path | None) -> bytes:
    assert file is not None
    return file.read_bytes()


STATES: dict[str, RunState] = {
    "/states/stale": "stale",
    "/states/drifted": "drifted",
    "/states/other-device": "other device",
    "/states/pinned": "pinned",
    "/states/not-run": "not run",
}
DRIFT = Drift(
    metric="mean_return",
    value=490.04,
    baseline=470.2,
    tolerance=5.0,
    baseline_record=Digest("b" * 64),
    baseline_started=NOW - timedelta(days=60),
)
GPU = "NVIDIA H100 80GB HBM3"


def _ledger(executed: Iterable[ExecutedDocument]) -> Ledger:
    """The ledger with two earlier runs of each page, one of them on another device."""
    shown = list(executed)
    listed = [run for run in shown if run.provenance is not None and run.provenance.profile == "full"]
    runs = {run.document.page: _runs(run.provenance) for run in listed if run.provenance is not None}
    return Ledger(
        entries=FrozenDict(
            {
                (run.document.page, metric.name): LedgerEntry(
                    page=run.document.page,
                    metric=metric,
                    state=run.state,
                    provenance=run.provenance,
                    history=tuple(
                        MetricPoint(metric=replace(metric, value=metric.value * factor), provenance=past)
                        for factor, past in zip((1.0, 0.9, 1.02), runs[run.document.page], strict=True)
                    )[::-1],
                    drift=next((drift for drift in run.drifts if drift.metric == metric.name), None),
                )
                for run in listed
                for metric in run.metrics
            }
        ),
        states=FrozenDict({run.document.page: run.state for run in shown if run.state is not None}),
        runs=FrozenDict(runs),
        shown=FrozenDict({run.document.page: run.provenance for run in shown if run.provenance is not None}),
        unlisted=FrozenDict(
            {
                run.document.page: tuple(metric.name for metric in run.metrics)
                for run in shown
                if run not in listed and run.metrics
            }
        ),
    )


def _runs(shown: Provenance) -> tuple[Provenance, ...]:
    """Newest first."""
    old = FrozenDict({**shown.environment, "packages": FrozenDict({"torch": "2.12.0"})})
    other = {"device": GPU, "device_group": GPU} if shown.device_class == "cpu" else CPU
    before = replace(
        shown,
        record=Digest("a" * 64),
        started=shown.started - timedelta(days=30),
        environment=old,
        **other,  # type: ignore[arg-type]
    )
    oldest = replace(shown, record=Digest("b" * 64), started=shown.started - timedelta(days=60), commit=None)
    return (shown, before, oldest)


CPU = {"device": "A processor with a long name, 16 cores", "device_group": "cpu"}


def _provenance(document: Document) -> Provenance:
    """Of a page's run; one page's is on a GPU, one's is a smoke run."""
    provenance = Provenance(
        record=Digest("9" * 64),
        key=Digest("8" * 64),
        started=NOW.replace(microsecond=117050),
        seconds=252.4,
        device=CPU["device"],
        device_class="cpu",
        seed=0,
        profile="smoke" if document.page == "/states/smoke" else "full",
        commit="a1b2c3d4e5f6a7b8",
        is_dirty=True,
        environment=FrozenDict(
            {
                "python": "3.11.9",
                "implementation": "CPython",
                "platform": "Linux x86-64",
                "cpu_model": "A processor with a long name",
                "cpu_count": 16,
                "memory_bytes": 34359738368,
                "packages": FrozenDict({"torch": "2.13.0"}),
            }
        ),
        device_group="cpu",
        parameters=FrozenDict({"learning_rate": 0.0003, "a_long_name_of_a_parameter": "x" * 60}),
    )
    if document.page != "/states/other-device":
        return provenance
    return replace(provenance, device=GPU, device_group=GPU, device_class="cuda")


def _run(document: Document) -> ExecutedDocument:
    """What a page's kernel could have given: each cell every kind of output."""
    if not document.cells:
        return ExecutedDocument(document=document)
    state = STATES.get(document.page, "cached")
    if state == "not run":
        return ExecutedDocument(document=document, state=state)
    provenance = _provenance(document)
    outputs = (
        StreamOutput(name="stdout", text=ANSI),
        StreamOutput(name="stderr", text="UserWarning: something to know"),
        DisplayOutput(data=FrozenDict({"image/svg+xml": PLOT})),
        DisplayOutput(
            data=FrozenDict({"image/svg+xml": PLOT, "application/vnd.sitegen.dark.svg+xml": PLOT + "\n"})
        ),
        DisplayOutput(data=FrozenDict({"text/html": FRAME})),
        DisplayOutput(data=FrozenDict({"text/markdown": "**Markdown** of an output"})),
        ErrorOutput(name="ValueError", value="no", traceback="line 3: raise ValueError('no')"),
    )
    metrics = (
        Metric(
            name="mean_return",
            value=490.04,
            spread=6.12,
            n=3,
            better="higher",
            spread_kind="sd",
            tolerance=5.0,
            reference=Reference(value=488.0, spread=6.12, source="a paper, table 1"),
            cell=document.cells[0].id,
        ),
        Metric(name="steps_per_second", value=41200.0, unit="steps/s", cell=document.cells[0].id),
    )
    return ExecutedDocument(
        document=document,
        state=state,
        runs=FrozenDict(
            {
                cell.id: CellRun(cell=cell.id, status="ok", outputs=outputs, source_digest=Digest("7" * 64))
                for cell in document.cells
                if cell.options.runs
            }
        ),
        values=FrozenDict(
            {
                ValueId(expression.id): DisplayOutput(
                    data=FrozenDict({"text/plain": "490.0"}), is_result=True
                )
                for expression in document.expressions
            }
        ),
        metrics=metrics,
        provenance=provenance,
        drifts=(DRIFT,) if state == "drifted" else (),
    )
