"""What the preview's builder knows while pages are executed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.build.result import BuildOptions, BuildResult
from sitegen.cli import preview_builder
from sitegen.cli.options import SiteOptions
from sitegen.cli.preview_builder import PreviewBuilder, page_of
from sitegen.config import Config
from sitegen.content.document import CellId, PageKey
from sitegen.content.site import Skipped
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution.backends import ExecutionCancelled
from sitegen.execution.events import CellStarted, Listener, PageFinished, PageStarted
from sitegen.execution.run import ExecutionPolicy
from sitegen.frozen import FrozenDict
from sitegen.serve.live import Live

DEADLINE_S = 20
PAGE = PageKey("/posts/ppo")


class FakeBackend:
    """Hands its listener on to the fake pipeline."""

    def __init__(self, config: Config, *, workers: int | None, listener: Listener) -> None:
        self.listener = listener
        self.options = BuildOptions()
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        """Note it."""
        self.cancelled.set()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site's folder with a page."""
    (tmp_path / "content/posts/ppo").mkdir(parents=True)
    (tmp_path / "content/posts/ppo/index.md").write_text("text\n", encoding="utf-8")
    (tmp_path / "sitegen.toml").write_text('title = "Site"\n', encoding="utf-8")
    return tmp_path


@pytest.fixture
def live() -> Live:
    """What the builder tells."""
    return Live()


@pytest.fixture
def make_builder(root: Path, live: Live, monkeypatch: pytest.MonkeyPatch) -> Callable[..., PreviewBuilder]:
    """Makes a builder whose pipeline calls a function of the test and gives these diagnostics."""

    def make(
        during: Callable[[FakeBackend], None], *diagnostics: Diagnostic, wanted: BuildOptions | None = None
    ) -> PreviewBuilder:
        def build(config: Config, options: BuildOptions, *, backend: Any, store: Any) -> BuildResult:
            backend.options = options
            during(backend)
            return BuildResult(
                published=None,
                diagnostics=diagnostics,
                pages=1,
                states=FrozenDict(),
                skipped=Skipped(),
                seconds=0.1,
            )

        monkeypatch.setattr(preview_builder, "build", build)
        monkeypatch.setattr(preview_builder, "LocalBackend", FakeBackend)
        options = SiteOptions(root=root, environment="development")
        return PreviewBuilder(options, wanted or BuildOptions(), jobs=None, live=live)

    return make


def test_only_the_running_pages_file_interrupts(
    root: Path, live: Live, make_builder: Callable[..., PreviewBuilder]
) -> None:
    """Saving the page that is executed makes its run pointless; saving another one does not."""
    page, other = root / "content/posts/ppo/index.md", root / "content/about.md"
    asked: list[tuple[bool, bool]] = []

    def during(backend: FakeBackend) -> None:
        for event in (
            PageStarted(page=PAGE, device="cpu"),
            CellStarted(page=PAGE, cell=CellId("cell-1"), number=1, cells=3, line=4, label=None),
        ):
            backend.listener(event)
        asked.append(
            (builder.is_interrupted_by(frozenset({page})), builder.is_interrupted_by(frozenset({other})))
        )
        backend.listener(PageFinished(page=PAGE, ok=True, seconds=1.0))
        asked.append((builder.is_interrupted_by(frozenset({page})), False))

    builder = make_builder(during)
    builder.build(frozenset())

    assert asked == [(True, False), (False, False)]
    assert live.status.activity == "executing posts/ppo: cell 1/3, line 4"


def test_data_written_during_a_run_is_the_runs_own(
    root: Path, make_builder: Callable[..., PreviewBuilder]
) -> None:
    """A CSV that appears while a cell runs is not a save; text that people edit is."""
    data, text, old = root / "content/posts/ppo/curve.csv", root / "content/about.md", root / "old.csv"
    old.touch()
    os.utime(old, (1, 1))

    def during(backend: FakeBackend) -> None:
        backend.listener(PageStarted(page=PAGE, device="cpu"))
        data.touch()
        text.touch()
        now = datetime.now(UTC).timestamp()
        os.utime(data, (now, now))  # the kernel stamps files by a clock that ticks a few ms late
        backend.listener(PageFinished(page=PAGE, ok=True, seconds=1.0))

    builder = make_builder(during)
    builder.build(frozenset())

    assert [builder.is_own_writing(path) for path in (data, text, old, root / "gone.csv")] == [
        True,
        False,
        False,
        False,
    ]


def test_cancelled_build_says_nothing(
    make_builder: Callable[..., PreviewBuilder], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was ended half-way is of no interest; the backend was told."""
    seen: list[FakeBackend] = []

    def during(backend: FakeBackend) -> None:
        seen.append(backend)
        builder.cancel()
        raise ExecutionCancelled

    builder = make_builder(during)
    outcome = builder.build(frozenset())

    assert (outcome.is_published, outcome.problems) == (False, "")
    assert seen[0].cancelled.is_set()
    assert capsys.readouterr().err == ""


def test_cancel_before_anything_runs_holds_when_it_does(make_builder: Callable[..., PreviewBuilder]) -> None:
    """The end of the preview during parsing must not be forgotten when the kernels start."""
    seen: list[FakeBackend] = []

    def during(backend: FakeBackend) -> None:
        seen.append(backend)
        builder.cancel()
        backend.cancelled.clear()  # as the real one does when its run begins
        backend.listener(PageStarted(page=PAGE, device="cpu"))

    builder = make_builder(during)
    builder.build(frozenset())

    assert seen[0].cancelled.is_set()


def test_fresh_is_for_the_first_build(make_builder: Callable[..., PreviewBuilder]) -> None:
    """`serve --fresh` executes everything once, not at every save."""
    asked: list[bool] = []
    wanted = BuildOptions(policy=ExecutionPolicy(fresh=True))
    builder = make_builder(lambda backend: asked.append(backend.options.policy.fresh), wanted=wanted)

    builder.build(frozenset())
    builder.build(frozenset())

    assert asked == [True, False]


def test_browser_and_terminal_say_the_same(
    make_builder: Callable[..., PreviewBuilder], capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    """The overlay has the terminal's text of the errors, without the warnings."""
    error = Diagnostic(
        code="SG110",
        severity="error",
        message="bad",
        location=SourceLocation(path=PurePosixPath("content/posts/ppo/index.md"), line=1),
    )
    warning = Diagnostic(code="SG102", severity="warning", message="odd")
    builder = make_builder(lambda _: None, error, warning)

    outcome = builder.build(frozenset({root / "content/posts/ppo/index.md"}))
    printed = capsys.readouterr().err

    assert outcome.problems == "content/posts/ppo/index.md:1: error SG110: bad\n    text"
    assert outcome.problems in printed
    assert "warning SG102: odd" in printed
    assert printed.startswith("changed: content/posts/ppo/index.md\n")


@pytest.mark.parametrize(
    ("file", "page"),
    [
        ("content/posts/ppo/index.md", "/posts/ppo"),
        ("content/posts/PPO again.md", "/posts/ppo-again"),
        ("content/about.en.md", "/about"),
        ("content/_index.md", "/"),
        ("content/posts/_index.md", "/posts"),
        ("notebooks/gpt.ipynb", "/notebooks/gpt"),
        ("templates/page.html", None),
    ],
)
def test_file_stands_for_a_page(file: str, page: str | None, root: Path) -> None:
    """Keys are logical paths as Hugo's."""
    config = Config(
        root=root, now=datetime.now(UTC), content_dir=root / "content", notebooks_dir=root / "notebooks"
    )

    assert page_of(root / file, config) == page


def _nothing(_: FakeBackend) -> None:
    """Run no page."""


def test_report_has_what_a_check_finds_now(root: Path, make_builder: Callable[..., PreviewBuilder]) -> None:
    """Of the last build, with the faults that only a look at the whole site shows; before a build there is none."""
    builder = make_builder(_nothing)
    assert b"No build" in builder.report()

    builder.build(frozenset())
    (root / "content/posts/ppo/index.md").write_text("![](a.png)\n", encoding="utf-8")
    (root / "content/posts/ppo/a.png").write_bytes(b"")

    assert b"SG709" in builder.report()
