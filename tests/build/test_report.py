"""The report of a build."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sitegen.build.report import BuildReport, report_pages, report_path, write_report
from sitegen.config import Config
from sitegen.content.document import CellId, CodeCell, Digest, Document, PageKey
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.executed import CellRun, ExecutedDocument
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict

PAGE = PurePosixPath("content/posts/ppo/index.md")


def _cell(number: int, *, runs: bool) -> CodeCell:
    return CodeCell(
        id=CellId(f"cell-{number}"),
        language="python",
        source="1 + 1",
        location=SourceLocation(path=PAGE, line=number),
        options=CellOptions(exec=runs),
    )


def _document(key: str, *cells: CodeCell) -> Document:
    return Document(page=PageKey(key), path=PAGE, execution=PageExecution(), cells=cells)


def test_pages_with_cells_are_reported() -> None:
    """A page whose cells run has their number, state and time; one without is left out."""
    run = CellRun(cell=CellId("cell-1"), status="ok", seconds=1.23456, source_digest=Digest("0" * 64))
    executed = [
        ExecutedDocument(
            document=_document("/posts/ppo", _cell(1, runs=True), _cell(2, runs=False)),
            state="cached",
            runs=FrozenDict({run.cell: run}),
        ),
        ExecutedDocument(document=_document("/about")),
    ]

    (report,) = report_pages(executed)

    assert (report.page, report.cells, report.state, report.seconds) == ("/posts/ppo", 1, "cached", 1.235)
    assert (report.device, report.record) == (None, None)


def test_file_holds_facts_pages_and_diagnostics(tmp_path: Path) -> None:
    """One JSON document, where the site's state is."""
    config = Config(root=tmp_path, now=datetime.now(UTC), state_dir=tmp_path / ".sitegen")
    path = report_path(config)
    wrong = Diagnostic(
        code="SG301",
        severity="error",
        message="cell raised ValueError: é",
        location=SourceLocation(path=PAGE, line=3),
    )

    write_report(path, BuildReport(published=False, pages=2, seconds=0.5, diagnostics=(wrong,)))

    assert path == tmp_path / ".sitegen/report.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "schema": 1,
        "published": False,
        "pages": 2,
        "seconds": 0.5,
        "kernel_seconds": 0.0,
        "wall_seconds": 0.0,
        "crash": None,
        "skipped": {},
        "executed": [],
        "heaviest": [],
        "diagnostics": [
            {
                "code": "SG301",
                "severity": "error",
                "message": "cell raised ValueError: é",
                "path": str(PAGE),
                "line": 3,
                "column": None,
                "cell": None,
                "hint": None,
                "details": None,
                "related": [],
            }
        ],
    }
