"""What a build leaves in writing: `.sitegen/report.json`, the files of `--report`, the summary of a GitHub step."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sitegen.errors import Diagnostic, SiteError

if TYPE_CHECKING:
    from sitegen.build.activity import Activity
    from sitegen.build.report import BuildReport
    from sitegen.build.result import BuildResult
    from sitegen.config import Config

_ENDINGS: Final = {".xml": "JUnit", ".json": "the build's report", ".html": "the report to be read"}
_STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""Names the file to which a step of a GitHub workflow adds what is shown with the job."""


def check_report(
    context: click.Context, parameter: click.Parameter, paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    """The files of `--report`; each ending says a form.

    Raises:
        click.BadParameter: an ending says none.
    """
    for path in paths:
        if path.suffix.lower() not in _ENDINGS:
            known = ", ".join(f"`{ending}` ({what})" for ending, what in _ENDINGS.items())
            raise click.BadParameter(
                f"`{path}` has no ending that says what to write; known: {known}", context, parameter
            )
    return paths


def make_report(result: BuildResult, diagnostics: Sequence[Diagnostic], activity: Activity) -> BuildReport:
    """What a build that came to its end did.

    Args:
        result: of the build.
        diagnostics: all of them.
        activity: has listened to the build.
    """
    from sitegen.build.report import BuildReport, with_activity
    from sitegen.frozen import FrozenDict

    skipped = result.skipped
    return BuildReport(
        published=result.published is not None,
        pages=result.pages,
        seconds=round(result.seconds, 3),
        kernel_seconds=round(activity.kernel_seconds, 3),
        wall_seconds=round(activity.wall_seconds, 3),
        skipped=FrozenDict({"drafts": skipped.drafts, "future": skipped.future, "expired": skipped.expired}),
        executed=with_activity(result.reports, activity),
        heaviest=result.heaviest,
        diagnostics=tuple(diagnostics),
    )


class Reports:
    """Where the reports of a build go."""

    def __init__(self, root: Path, wanted: Sequence[Path]) -> None:
        self._root = root
        self._wanted = tuple(wanted)
        self._config: Config | None = None
        self._started = time.monotonic()

    def keep_in(self, config: Config) -> None:
        """Write the site's own report as well: not known before the configuration is read."""
        self._config = config

    @contextmanager
    def also_of_failure(self, activity: Activity) -> Iterator[None]:
        """Write the reports of a build that an exception ends, Ctrl-C as well; the exception goes on."""
        import sitegen.build.report  # noqa: F401  (now: Ctrl-C may leave the modules of a build half imported)

        try:
            yield
        except BaseException as error:
            try:
                self.write(_report_of_failure(error, activity, time.monotonic() - self._started))
            except click.ClickException as unwritten:  # the first error says more
                unwritten.show()
            raise

    def write(self, report: BuildReport) -> None:
        """Write all of them.

        Raises:
            click.ClickException: a file that was asked for cannot be written.
        """
        from sitegen.build.report import report_path, write_report

        if self._config is not None:
            own = report_path(self._config)
            try:
                write_report(own, report)
            except OSError as error:  # no flag asked for it
                click.echo(f"warning: `{own}` cannot be written: {error.strerror or error}", err=True)
        _add_to_step_summary(report)
        failed = []
        for path in self._wanted:
            try:
                self._write_as(path, report)
            except OSError as error:
                failed.append(f"the report `{path}` cannot be written: {error.strerror or error}")
        if failed:
            raise click.ClickException("; ".join(failed))

    def _write_as(self, path: Path, report: BuildReport) -> None:
        """In the form that the ending of the file says."""
        from sitegen.build.report import report_html, write_report
        from sitegen.files import write_atomic

        ending = path.suffix.lower()
        if ending == ".xml":
            from sitegen.build.junit import junit_xml

            write_atomic(path, junit_xml(report, base=self._base()))
        elif ending == ".html":
            write_atomic(path, report_html(report, self._config))
        else:
            write_report(path, report)

    def _base(self) -> str:
        """The site's folder from the checkout, or from where the command was called."""
        start = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
        return self._root.relative_to(start).as_posix() if self._root.is_relative_to(start) else ""


def _add_to_step_summary(report: BuildReport) -> None:
    """Where GitHub asks for one; that it cannot be written is a warning, since no flag asked for it."""
    path = os.environ.get(_STEP_SUMMARY)
    if not path:
        return
    from sitegen.build.step_summary import step_summary

    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as stream:
            stream.write(step_summary(report))
    except OSError as error:
        click.echo(f"warning: {_STEP_SUMMARY} cannot be written: {error.strerror or error}", err=True)


def _report_of_failure(error: BaseException, activity: Activity, seconds: float) -> BuildReport:
    from sitegen.build.report import BuildReport, pages_so_far

    crash: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    if isinstance(error, SiteError):
        diagnostics = (error.diagnostic,)
    elif isinstance(error, KeyboardInterrupt):
        crash = "the build was interrupted"
    else:
        crash = "".join(traceback.format_exception(error))
    return BuildReport(
        published=False,
        seconds=round(seconds, 3),
        kernel_seconds=round(activity.kernel_seconds, 3),
        wall_seconds=round(activity.wall_seconds, 3),
        crash=crash,
        executed=pages_so_far(activity),
        diagnostics=diagnostics,
    )
