"""What is said of a run that could not be followed, or that used other packages than were locked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sitegen.content.document import source_digest
from sitegen.content.executed import CellRun
from sitegen.execution.distributions import installed_version
from sitegen.execution.jobs import Job, Run, Traces
from sitegen.results.record import UNWATCHED


class Watched:
    """Runs every page in no time, and says what it saw."""

    name = "watched"

    def __init__(self, **traces: Any) -> None:
        self.traces = Traces(**traces)
        self.ran = 0

    def run(self, jobs: Iterable[Job]) -> Iterator[Run]:
        """One run a job."""
        for job in jobs:
            self.ran += 1
            yield Run(
                page=job.page,
                started=datetime(2029, 12, 31, tzinfo=UTC),
                seconds=1.0,
                cells=tuple(
                    CellRun(cell=cell.id, status="ok", source_digest=source_digest(cell.source))
                    for cell in job.cells
                ),
                traces=self.traces,
            )

    def cancel(self) -> None:
        """Nothing runs."""


def _said(executed: Any) -> list[tuple[str, str]]:
    return [(diagnostic.code, diagnostic.message) for diagnostic in executed.diagnostics]


def _version(name: str) -> str:
    found = installed_version(name, tuple(path for path in sys.path if path))
    assert found is not None
    return found


def test_a_lock_file_counts_instead_of_packages(site: Any) -> None:
    """The packages are no part of what must hold, the file is; a package in another version is a warning, each time."""
    backend, page = Watched(modules=("msgspec", "click")), site.page("a", "1", environment="lock")
    lock = site.root / "requirements.txt"
    lock.write_text(f"msgspec==0.1\nclick=={_version('click')}\n", encoding="utf-8")
    fresh, cached = (site.execute(page, backend=backend)["a"] for _ in range(2))
    lock.write_text(f"msgspec=={_version('msgspec')}\nclick=={_version('click')}\n", encoding="utf-8")
    stale = site.execute(page, backend=backend, allowed=False)["a"]
    again = site.execute(page, backend=backend)["a"]
    warning = ("SG318", f"msgspec {_version('msgspec')} was used, but requirements.txt has 0.1")
    assert (fresh.state, _said(fresh)) == ("fresh", [warning])
    assert (cached.state, _said(cached)) == ("cached", [warning])
    assert stale.state == "stale"
    assert "requirements.txt changed" in stale.diagnostics[-1].message
    assert (again.state, _said(again), backend.ran) == ("fresh", [], 2)


def test_a_record_under_a_lock_is_none_for_observed_packages(site: Any) -> None:
    """Its packages were not held against anything: with `observed` again the page runs."""
    backend = Watched(modules=("msgspec",))
    (site.root / "uv.lock").touch()
    site.execute(site.page("a", "1", environment="lock"), backend=backend)
    page = site.execute(site.page("a", "1"), backend=backend)["a"]
    assert (page.state, backend.ran) == ("fresh", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, 'there is no lock file for `environment = "lock"`: the installed versions count'),
        ("[[package]", "`uv.lock` cannot be read: "),
        ("", "msgspec {} was used, but uv.lock does not name it"),
    ],
)
def test_what_is_wrong_with_a_lock_file_is_said(site: Any, text: str | None, message: str) -> None:
    """None there, one that cannot be read, one that lacks what was used."""
    if text is not None:
        (site.root / "uv.lock").write_text(text, encoding="utf-8")
    page = site.execute(site.page("a", "1", environment="lock"), backend=Watched(modules=("msgspec",)))["a"]
    ((code, said),) = _said(page)
    assert code == "SG318"
    assert said.startswith(message.format(_version("msgspec")))


def test_a_file_that_changed_while_the_page_ran_is_never_taken(site: Any) -> None:
    """What was read cannot be known: the results are shown, and the next build runs the page again."""
    page, data = site.page("a", "1"), site.root / "content/a/data.csv"
    data.write_text("new", encoding="utf-8")
    now = data.stat()
    opened = (str(data), now.st_mtime_ns - 1, now.st_size, now.st_ino)
    backend = Watched(files=(str(data),), times=(opened,))
    first = site.execute(page, backend=backend)["a"]
    backend.traces = Traces(
        files=(str(data),), times=((str(data), now.st_mtime_ns, now.st_size, now.st_ino),)
    )
    second, third = (site.execute(page, backend=backend)["a"] for _ in range(2))
    assert _said(first) == [
        ("SG317", "`data.csv` was changed while the page ran: the next build runs the page again")
    ]
    assert [each.state for each in (first, second, third)] == ["fresh", "fresh", "cached"]
    assert _said(second) == []


def test_a_kernel_that_could_not_tell_leaves_no_record_that_holds(site: Any) -> None:
    """Where the watch itself failed nothing is known, so the page runs again, and says so."""
    backend, page = Watched(unseen=(UNWATCHED,), unseen_cells=(0,)), site.page("a", "1")
    pages = [site.execute(page, backend=backend)["a"] for _ in range(2)]
    assert [each.state for each in pages] == ["fresh", "fresh"]
    assert [code for code, _ in _said(pages[1])] == ["SG317"]


@pytest.mark.parametrize(("options", "codes"), [({}, ["SG317"] * 2), ({"depends": ()}, ["SG317"])])
def test_an_author_can_say_that_a_program_reads_no_file(
    site: Any, options: dict[str, Any], codes: list[str]
) -> None:
    """`depends: []` ends the warning of its cell alone; it is no input, so nothing runs for it."""
    backend = Watched(unseen=("the program `nvidia-smi`", "the program `make`"), unseen_cells=(1, 2))
    site.execute(site.page("a", "1", "2"), backend=backend)

    again = site.execute(site.page("a", ("1", options), "2"), backend=backend)["a"]

    assert [code for code, _ in _said(again)] == codes
    assert (again.state, backend.ran) == ("cached", 1)


def test_folders_of_the_build_are_not_counted(site: Any) -> None:
    """Neither files in the output and results folders nor their names in a folder that was listed."""
    root, page = site.root, site.page("a", "1")
    for folder in ("results", "public"):
        (root / folder).mkdir()
    (root / "results/x.json").touch()
    names = ("content", "results", ".git", "__pycache__")
    backend = Watched(files=(str(root / "results/x.json"),), folders=((str(root), names),))
    states = [site.execute(page, backend=backend)["a"].state for _ in range(2)]
    (root / "b.txt").touch()
    stale = site.execute(page, backend=backend, allowed=False)["a"]
    assert states == ["fresh", "cached"]
    assert "the site's folder: b.txt came" in stale.diagnostics[-1].message
