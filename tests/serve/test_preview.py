"""The thread that builds again at each change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from sitegen.serve.live import Live
from sitegen.serve.preview import Outcome, Preview

DEADLINE_S = 20
PAGE = Path("/site/content/a.md")
OTHER = Path("/site/content/b.md")


class FakeBuilder:
    """Waits to be told how each build ends; a cancelled one ends by itself."""

    def __init__(self) -> None:
        self.started: Queue[frozenset[Path]] = Queue()
        self.outcomes: Queue[Outcome | Exception] = Queue()
        self.cancelled = threading.Semaphore(0)

    def build(self, changed: frozenset[Path]) -> Outcome:
        """Give the next outcome that the test has put there."""
        self.started.put(changed)
        outcome = self.outcomes.get(timeout=DEADLINE_S)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def is_interrupted_by(self, changed: frozenset[Path]) -> bool:
        """A save of the page that is executed."""
        return PAGE in changed

    def is_own_writing(self, path: Path) -> bool:
        """What cells write ends in `.csv`."""
        return path.suffix == ".csv"

    def cancel(self) -> None:
        """End the build with an outcome that must not be shown."""
        self.outcomes.put(Outcome(is_published=False, problems="cancelled"))
        self.cancelled.release()


class WaitedLive(Live):
    """A status that a test can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: Queue[tuple[bool, str]] = Queue()

    def finished(self, *, has_site: bool, problems: str, is_changed: bool = True) -> None:
        """Note it as well."""
        super().finished(has_site=has_site, problems=problems, is_changed=is_changed)
        self.ended.put((has_site, problems))


@pytest.fixture
def builder() -> FakeBuilder:
    """What the preview builds with."""
    return FakeBuilder()


@pytest.fixture
def live() -> WaitedLive:
    """What the preview tells."""
    return WaitedLive()


@pytest.fixture
def preview(builder: FakeBuilder, live: WaitedLive) -> Iterator[Preview]:
    """A started preview, stopped at the end."""
    made = Preview(builder, live)
    made.start()
    yield made
    made.stop()


def test_first_build_needs_no_change(preview: Preview, builder: FakeBuilder, live: WaitedLive) -> None:
    """Starting builds at once, and a good build gives a site."""
    builder.outcomes.put(Outcome(is_published=True))

    assert builder.started.get(timeout=DEADLINE_S) == frozenset()
    assert live.ended.get(timeout=DEADLINE_S) == (True, "")
    assert live.status.site


def test_failed_build_keeps_the_last_site(preview: Preview, builder: FakeBuilder, live: WaitedLive) -> None:
    """Errors are shown above the site that was there."""
    builder.outcomes.put(Outcome(is_published=True))
    live.ended.get(timeout=DEADLINE_S)
    site = live.status.site
    builder.outcomes.put(Outcome(is_published=False, problems="a.md:1: error"))

    preview.change(frozenset({OTHER}))
    live.ended.get(timeout=DEADLINE_S)

    assert (live.status.site, live.status.problems) == (site, "a.md:1: error")


def test_same_site_again_reloads_nothing(preview: Preview, builder: FakeBuilder, live: WaitedLive) -> None:
    """A save that changes no file of the site leaves the browser where it is."""
    builder.outcomes.put(Outcome(is_published=True, is_changed=False))
    live.ended.get(timeout=DEADLINE_S)
    site = live.status.site
    builder.outcomes.put(Outcome(is_published=True, is_changed=False))

    preview.change(frozenset({OTHER}))
    live.ended.get(timeout=DEADLINE_S)

    assert site
    assert live.status.site == site


def test_bug_in_a_build_is_shown_and_survived(
    preview: Preview, builder: FakeBuilder, live: WaitedLive, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception that nobody expected does not end the preview; browser and terminal show its traceback."""
    builder.outcomes.put(RuntimeError("oops"))
    _, problems = live.ended.get(timeout=DEADLINE_S)
    builder.outcomes.put(Outcome(is_published=True))

    preview.change(frozenset({OTHER}))

    assert "RuntimeError: oops" in problems
    assert "RuntimeError: oops" in capsys.readouterr().err
    assert live.ended.get(timeout=DEADLINE_S) == (True, "")


def test_saving_the_page_cancels_its_execution(
    preview: Preview, builder: FakeBuilder, live: WaitedLive
) -> None:
    """The cancelled build's outcome is never shown; the next one starts."""
    builder.started.get(timeout=DEADLINE_S)

    preview.change(frozenset({PAGE}))
    assert builder.cancelled.acquire(timeout=DEADLINE_S)
    builder.outcomes.put(Outcome(is_published=True))

    assert builder.started.get(timeout=DEADLINE_S) == {PAGE}
    assert live.ended.get(timeout=DEADLINE_S) == (True, "")


def test_saving_another_page_waits(preview: Preview, builder: FakeBuilder, live: WaitedLive) -> None:
    """A long training is not thrown away for a change elsewhere."""
    builder.started.get(timeout=DEADLINE_S)

    preview.change(frozenset({OTHER}))
    builder.outcomes.put(Outcome(is_published=True))
    builder.outcomes.put(Outcome(is_published=True))

    assert builder.started.get(timeout=DEADLINE_S) == {OTHER}
    assert not builder.cancelled.acquire(blocking=False)


def test_files_that_cells_wrote_start_no_build(
    preview: Preview, builder: FakeBuilder, live: WaitedLive
) -> None:
    """A cell that writes a file does not execute its page for ever."""
    builder.started.get(timeout=DEADLINE_S)
    preview.change(frozenset({Path("/site/content/curve.csv")}))
    builder.outcomes.put(Outcome(is_published=True))
    live.ended.get(timeout=DEADLINE_S)

    preview.change(frozenset({OTHER}))

    assert builder.started.get(timeout=DEADLINE_S) == {OTHER}
    builder.outcomes.put(Outcome(is_published=True))


def test_stopping_cancels_a_running_build(builder: FakeBuilder, live: WaitedLive) -> None:
    """Ctrl-C does not wait for a training."""
    preview = Preview(builder, live)
    preview.start()
    builder.started.get(timeout=DEADLINE_S)

    preview.stop()

    assert builder.cancelled.acquire(blocking=False)
    assert live.ended.empty()
