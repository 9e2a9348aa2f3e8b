"""What the preview builds with: configuration, pipeline and kernels, and what an author is told."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from sitegen.build.activity import Activity
from sitegen.build.build import build
from sitegen.build.report import BuildReport, report_html
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.cli.build import all_diagnostics, summarise
from sitegen.cli.diagnostics import format_text, print_diagnostics
from sitegen.cli.options import SiteOptions
from sitegen.cli.progress import describe, make_progress
from sitegen.cli.reports import make_report
from sitegen.config import Config
from sitegen.content.folders import page_name
from sitegen.content.tree import key_of
from sitegen.errors import Diagnostic, SiteError
from sitegen.execution.backends import Backend, LocalBackend
from sitegen.execution.events import CellStarted, Event, Listener, PageFinished, PageStarted
from sitegen.results.store import open_store
from sitegen.serve.live import Live
from sitegen.serve.preview import Outcome

_WRITTEN_BY_HAND: Final = frozenset(
    {
        ".md",
        ".markdown",
        ".html",
        ".htm",
        ".toml",
        ".yaml",
        ".yml",
        ".py",
        ".ipynb",
        ".css",
        ".js",
        ".xml",
        ".bib",
    }
)
"""Suffixes of files that are edited; what else changes while a cell runs was written by the cell."""


class PreviewBuilder:
    """Builds the site for the preview; knows which pages are executed just now."""

    def __init__(self, options: SiteOptions, wanted: BuildOptions, *, jobs: int | None, live: Live) -> None:
        self._options = options
        self._wanted = wanted
        self._jobs = jobs
        self._live = live
        self._lock = threading.Lock()
        self._backend: Backend | None = None
        self._config: Config | None = None
        self._is_cancelled = False
        self._running: dict[str, int] = {}
        self._runs: list[tuple[int, int | None]] = []
        self._activity = Activity()
        self._last: tuple[Config, BuildReport] | None = None

    def build(self, changed: frozenset[Path]) -> Outcome:
        """Load the configuration, build, and print what an author should know."""
        if changed:
            click.echo(f"changed: {self._names(changed)}", err=True)
        with self._lock:
            self._is_cancelled, self._backend = False, None
            self._running, self._runs, self._activity = {}, [], Activity()
        try:
            config, result = self._build()
        except SiteError as error:
            return self._failed((error.diagnostic,))
        except Exception:
            if self._is_cancelled:  # what a build says that was ended half-way is of no interest
                return Outcome(is_published=False)
            raise
        if self._is_cancelled:
            return Outcome(is_published=False)
        # `--fresh` is asked of the preview's beginning, not of every save; a search index takes longer than most of these
        self._wanted = replace(self._wanted, search="any", policy=replace(self._wanted.policy, fresh=False))
        diagnostics = all_diagnostics(result)
        self._last = config, make_report(result, diagnostics, self._activity)
        print_diagnostics(diagnostics, self._options.root, "text")
        click.echo(summarise(config, result, diagnostics, address=config.base_url), err=True)
        return Outcome(
            is_published=result.published is not None,
            is_changed=result.published is None or bool(result.published.changed_paths),
            problems=self._problems(diagnostics),
        )

    def report(self) -> bytes:
        """The last build's report as a page, with what `sitegen check` finds now; asked from another thread."""
        from sitegen.checking.check import CheckOptions, check

        last = self._last
        if last is None:
            return b"<!doctype html><title>Build report</title><p>No build has come to its end yet."
        config, report = last
        try:
            return report_html(report, config, check(config, CheckOptions()).diagnostics)
        except SiteError as error:
            return report_html(report, config, (error.diagnostic,))

    def is_interrupted_by(self, changed: frozenset[Path]) -> bool:
        """Whether the file of a page that is executed just now was saved: its run is of no use any more."""
        with self._lock:
            config, running = self._config, frozenset(self._running)
        return config is not None and any(page_of(path, config) in running for path in changed)

    def is_own_writing(self, path: Path) -> bool:
        """Whether the file changed while a cell ran, and is no file that people edit."""
        if path.suffix.lower() in _WRITTEN_BY_HAND:
            return False
        try:
            changed_ns = path.stat().st_mtime_ns
        except OSError:
            return False
        with self._lock:
            return any(
                start <= changed_ns and (end is None or changed_ns <= end) for start, end in self._runs
            )

    def cancel(self) -> None:
        """End the kernels of the build that is going on; its outcome is dropped."""
        with self._lock:
            self._is_cancelled = True
            backend = self._backend
        if backend is not None:
            backend.cancel()

    def _build(self) -> tuple[Config, BuildResult]:
        config = self._options.load()
        with make_progress() as progress:
            backend = LocalBackend(config, workers=self._jobs, listener=self._listener(progress))
            with self._lock:
                self._config, self._backend = config, backend
            return config, build(config, self._wanted, backend=backend, store=open_store(config))

    def _listener(self, progress: Listener) -> Listener:
        def listen(event: Event) -> None:
            self._note(event)
            self._activity(event)
            progress(event)

        return listen

    def _note(self, event: Event) -> None:
        page, now = str(event.page), time.time_ns()
        with self._lock:
            if isinstance(event, PageStarted):
                self._running[page] = len(self._runs)
                self._runs.append((now, None))
            elif isinstance(event, PageFinished) and page in self._running:
                run = self._running.pop(page)
                self._runs[run] = (self._runs[run][0], now)
            late = self._backend if self._is_cancelled else None
        if late is not None:  # cancelled before the backend had anything to cancel
            late.cancel()
        if isinstance(event, CellStarted):
            self._live.busy(describe(event) or "")

    def _failed(self, diagnostics: tuple[Diagnostic, ...]) -> Outcome:
        print_diagnostics(diagnostics, self._options.root, "text")
        return Outcome(is_published=False, problems=self._problems(diagnostics))

    def _problems(self, diagnostics: tuple[Diagnostic, ...]) -> str:
        errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
        return format_text(errors, self._options.root)

    def _names(self, changed: frozenset[Path]) -> str:
        names = sorted(
            path.relative_to(self._options.root).as_posix()
            if path.is_relative_to(self._options.root)
            else str(path)
            for path in changed
        )
        shown = ", ".join(names[:3])
        return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def page_of(path: Path, config: Config) -> str | None:
    """The key of the page that a content file would be; None for a file outside the content."""
    for folder, prefix in ((config.content_dir, ""), (config.notebooks_dir, "notebooks")):
        if path.is_relative_to(folder):
            name = page_name(path.name, config.language)
            parts = path.relative_to(folder).parent.parts
            return key_of("/".join((prefix, *parts, "" if name in {"index", "_index"} else name)))
    return None
