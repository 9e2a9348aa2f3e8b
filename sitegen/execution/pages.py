"""A page with something to run, and what is wrong with what its cells ask for."""

from __future__ import annotations

import os
from dataclasses import replace

from sitegen.content.document import CodeCell, Document, InlineExpression
from sitegen.content.execute_options import Device
from sitegen.errors import Diagnostic
from sitegen.execution import fingerprint, kernelspecs, questions
from sitegen.execution.devices import Machine
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.showing import place_of
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document with something to run."""

    document: Document
    kernel: KernelChoice | None
    cells: tuple[CodeCell, ...]
    """Those that run."""
    expressions: tuple[InlineExpression, ...]
    notes: tuple[Diagnostic, ...] = ()
    """That another kernel was taken than the one named."""

    @classmethod
    def of(cls, document: Document) -> Page | None:
        """None where nothing of the page is to run."""
        if document.execution.enabled is False or not (document.cells or document.expressions):
            return None
        if not document.expressions and not any(cell.options.runs for cell in document.cells):
            return None
        wanted = document.execution
        kernel = questions.kernel_for(wanted)
        notes: tuple[Diagnostic, ...] = ()
        if kernel is not None and kernel.name != wanted.kernel:
            document = replace(document, execution=replace(wanted, kernel=kernel.name))
            notes = (
                kernelspecs.other_kernel(wanted, kernel, place_of(document.cells, document.expressions)),
            )
        cells = fingerprint.running_cells(document, kernel)
        if not cells and not document.expressions:
            return None
        return cls(
            document=document, kernel=kernel, cells=cells, expressions=document.expressions, notes=notes
        )


def device_conflict(page: Page) -> Diagnostic | None:
    """SG211 where cells ask for `cpu` and for `cuda`."""
    asked = {cell.options.device: cell for cell in reversed(page.cells)}
    if "cpu" not in asked or "cuda" not in asked:
        return None
    return Diagnostic(
        code="SG211",
        severity="error",
        message="cells of one page ask for `cpu` and for `cuda`: a page has one device",
        location=asked["cuda"].location,
        hint="move one of them to a page of its own",
        related=(asked["cpu"].location,),
    )


def unseen_device(
    page: Page, asked: Device, here: Machine, available: tuple[str, ...]
) -> tuple[Diagnostic, ...]:
    """SG324 for a page with torch that would run on CUDA, were it not for the kernel's torch.

    Args:
        page: the page.
        asked: the strictest device of its cells.
        here: the machine, as the driver tells of it.
        available: names of the CUDA devices that torch sees.
    """
    is_hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "all") in ("", "-1")
    if asked != "auto" or available or not here.cuda_devices or page.kernel is None or is_hidden:
        return ()
    version = questions.version_of("torch", page.kernel.search_path)
    if version is None or not any(
        "torch" in cell.source or "lab.device" in cell.source for cell in page.cells
    ):
        return ()
    return (
        Diagnostic(
            code="SG324",
            severity="warning",
            message=f"torch {version} does not see the {here.cuda_devices[0]}: the page runs on the CPU",
            location=place_of(page.cells, page.expressions),
            hint="install a torch for this driver, or say `device: cpu`",
        ),
    )


def unknown_languages(page: Page) -> tuple[Diagnostic, ...]:
    """A warning for each cell of a language that the page's kernel does not run."""
    told = {diagnostic.location for diagnostic in page.document.diagnostics if diagnostic.code == "SG213"}
    return tuple(
        Diagnostic(
            code="SG213",
            severity="warning",
            message=f"the kernel `{page.document.execution.kernel}` does not run `{cell.language}`",
            location=cell.location,
            hint="the cell is shown, not run; `#| exec: false` says so",
        )
        for cell in page.document.cells
        if cell.options.runs and not fingerprint.runs_in(cell, page.kernel) and cell.location not in told
    )
