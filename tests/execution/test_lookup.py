"""What a plan says of the page's last run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sitegen.content.document import Document, source_digest
from sitegen.content.executed import CellRun
from sitegen.execution.jobs import Job, Run, Traces
from sitegen.execution.lookup import Plan, decide
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store


class _Importer:
    """A backend whose pages import numpy, and a module of the site."""

    name = "made-up"

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            cell = job.cells[0]
            yield Run(
                page=job.page,
                started=datetime(2030, 1, 1, tzinfo=UTC),
                seconds=1.0,
                cells=(CellRun(cell=cell.id, status="ok", source_digest=source_digest(cell.source)),),
                traces=Traces(modules=("numpy",), files=(str(job.folder / "helper.py"),)),
            )

    def cancel(self) -> None:
        """Nothing runs."""


def _known(site: Any, document: Document) -> tuple[str, ...]:
    plan = decide(document, open_store(site.config), ExecutionPolicy(fresh=True), site.config)
    assert isinstance(plan, Plan)
    return plan.job.known_modules


def test_what_the_last_run_imported_is_known_for_the_same_code_and_files(site: Any) -> None:
    """Of other code, or with another module of the site, nobody knows."""
    document = site.page("page", "import helper\nhelper.work()")
    helper = site.root / "content/page/helper.py"
    helper.write_text("def work():\n    import numpy\n", encoding="utf-8")
    assert _known(site, document) == ()
    site.execute(document, backend=_Importer())
    assert _known(site, document) == ("numpy",)
    edited = replace(document, cells=(replace(document.cells[0], source="import helper"),))
    assert _known(site, edited) == ()
    helper.write_text("def work():\n    pass\n", encoding="utf-8")
    assert _known(site, document) == ()
