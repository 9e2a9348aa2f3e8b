"""Faults gathered from many pages: one finding each, wherever they are shown and however often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic, Severity, SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, in words, wherever it is."""

    code: str
    severity: Severity
    message: str
    hint: str | None = None


@dataclass(slots=True)
class _Shown:
    """Where a fault is seen."""

    pages: dict[PageKey, None] = field(default_factory=dict)
    first: SourceLocation | None = None
    """The file of the first page with one."""
    is_own: bool = False
    """It is written in the file of a page that shows it: lists may show it too."""


class Findings:
    """Faults by where they were written; those that nobody wrote on a page, once each with their pages."""

    def __init__(self) -> None:
        self._found: dict[tuple[Fault, SourceLocation | None], _Shown] = {}
        self._of_page: dict[tuple[Fault, SourceLocation | None], bool] = {}

    def add(
        self,
        fault: Fault,
        locations: tuple[SourceLocation, ...],
        *,
        page: PageKey | None = None,
        file: SourceLocation | None = None,
    ) -> None:
        """Note a fault.

        Args:
            fault: the same value for the same fault.
            locations: where it is written; empty where nobody knows.
            page: whose HTML shows it.
            file: the page's own file.
        """
        for location in locations or (None,):
            shown = self._found.setdefault((fault, location), _Shown())
            if page is not None:
                shown.pages.setdefault(page)
            shown.first = shown.first or file
            shown.is_own = shown.is_own or (
                location is not None and file is not None and location.path == file.path
            )

    def diagnostics(self) -> Iterator[Diagnostic]:
        """One for each fault and place; with the number of pages where it is not the text of one of them."""
        for (fault, location), shown in self._found.items():
            pages = len(shown.pages)
            message = fault.message
            if location is None and pages:
                first = next(iter(shown.pages))
                message += f", on `{first}`" if pages == 1 else f", on {pages} pages, first `{first}`"
            elif pages > 1 and not shown.is_own:
                message += f", on {pages} pages"
            yield Diagnostic(
                code=fault.code,
                severity=fault.severity,
                message=message,
                location=location or shown.first,
                hint=fault.hint,
            )
