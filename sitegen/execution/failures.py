"""What an author is told when a cell, an expression or a kernel fails."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sitegen.content.document import CodeCell, InlineExpression
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution.kernel_choice import KernelChoice

if TYPE_CHECKING:  # names of types; a build that runs nothing watches no memory
    from sitegen.execution.limits import Excess
    from sitegen.execution.tracebacks import Raised

_LOG_LINES: Final = 10
_ARTIFACT_ERROR: Final = "ArtifactError: "
"""What `lab.artifact` raises."""
_KILLED: Final = (-9, 128 + 9)
"""Killed by signal 9, as Python and as a shell in between say it."""
_NO_IPYKERNEL: Final = re.compile(r"No module named '?ipykernel(_launcher)?\b'?")
_NO_MODULE: Final = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
_NOISE: Final = (
    "[IPKernelApp]",
    "site-packages",
    "/lib/python3",
    "Extension modules:",
    "<frozen ",
    "(most recent call first)",
)
"""In lines of a fault handler's report that are not about the author's code."""


def cell_raised(cell: CodeCell, raised: Raised) -> Diagnostic:
    """SG301, at the statement that failed; SG320 where it is `lab.artifact`'s."""
    elsewhere = raised.location.line is not None and not _contains(cell, raised.location)
    is_artifact = raised.summary.startswith(_ARTIFACT_ERROR)
    return Diagnostic(
        code="SG320" if is_artifact else "SG301",
        severity="error",
        message=raised.summary.removeprefix(_ARTIFACT_ERROR)
        if is_artifact
        else f"cell raised {raised.summary}",
        location=raised.location,
        hint="write one file below the page's folder or a temporary one, and name it to `lab.artifact`"
        if is_artifact
        else _way_out(raised.summary),
        related=(cell.location,) if elsewhere else (),
        details=raised.details,
    )


def _way_out(summary: str) -> str:
    """What helps against an exception; for a module that is not there a command (its package may have another name)."""
    module = _NO_MODULE.match(summary)
    if module is None:
        return "mend the cell, or say `#| error: true` where the exception is meant to be shown"
    return f"install it where the page's kernel runs, as with `python -m pip install {module[1]}`, or mend the import"


def out_of_time(what: str, where: SourceLocation, limit_s: float, raised: Raised | None) -> Diagnostic:
    """SG302; `raised` says where an interrupt met the cell."""
    return Diagnostic(
        code="SG302",
        severity="error",
        message=f"{what} did not end in {limit_s:g} s",
        location=where,
        hint="make it shorter, or give it more with "
        + ("`page-timeout` under `[execute]`" if what == "the page" else "`#| timeout: SECONDS`"),
        details=None if raised is None else raised.details,
    )


def out_of_memory(where: SourceLocation, excess: Excess) -> Diagnostic:
    """SG325: the page was ended for what it had in use."""
    had, bound = size_words(excess.used_bytes), size_words(excess.bound_bytes)
    why, way_out = {
        "page": (f"its `memory` is {bound}", "give it more with `memory` under `[execute]`"),
        "machine": (f"this machine can give {bound}", "build where there is more"),
        "shortage": (
            f"this machine had {bound} left",
            "say with `memory` under `[execute]` how much it needs, so that fewer pages run beside it",
        ),
    }[excess.reason]
    return Diagnostic(
        code="SG325",
        severity="error",
        message=f"the page was ended in this cell: it had {had} of memory in use, and {why}",
        location=where,
        hint=f"use less at once (smaller batches, fewer rows), or {way_out}",
    )


def kernel_died(
    where: SourceLocation, returncode: int | None, log: Path, *, is_out_of_memory: bool = False
) -> Diagnostic:
    """SG303, with the process's end in words; `is_out_of_memory` where the system says that it has killed it."""
    words = (
        "killed by the system, which had run out of memory" if is_out_of_memory else exit_words(returncode)
    )
    return Diagnostic(
        code="SG303",
        severity="error",
        message=f"the kernel died in this cell: {words}",
        location=where,
        hint="use less memory: smaller batches, fewer rows at once"
        if is_killed(returncode)
        else "find what ends the process: `os._exit`, `exit()`, or a crash in compiled code",
        details=log_tail(log),
    )


def not_started(kernel: KernelChoice, where: SourceLocation, reason: str, log: Path | None) -> Diagnostic:
    """SG304; `log` is None where there was no process."""
    details = None if log is None else log_tail(log)
    command = " ".join((Path(kernel.argv[0]).name, *kernel.argv[1:3]))
    hint = f"see what `{command}` says"
    if log is None:
        hint = "make room in the temporary folder, or name another one with `TMPDIR`"
    if details is not None and (missing := _NO_IPYKERNEL.search(details)):
        details, hint = (
            missing.group(),
            f"install it for this kernel: `{kernel.argv[0]} -m pip install ipykernel`",
        )
    return Diagnostic(
        code="SG304",
        severity="error",
        message=f"the kernel `{kernel.name}` could not be started: {reason}",
        location=where,
        hint=hint,
        details=details,
    )


def no_longer_warm(where: SourceLocation, reason: str) -> Diagnostic:
    """SG328; at the first page that was to be forked and was not."""
    return Diagnostic(
        code="SG328",
        severity="info",
        message=f"the process that kernels are forked from has ended: {reason}",
        location=where,
        hint="results are the same, but kernels start slower; see whether the machine is out of memory",
    )


def expression_failed(item: InlineExpression, summary: str) -> Diagnostic:
    """SG305."""
    return Diagnostic(
        code="SG305",
        severity="error",
        message=f"inline expression `{item.source}` raised {summary}",
        location=item.location,
        hint="it sees what the cells above it have defined",
    )


def not_injected(where: SourceLocation, reply: Mapping[str, Any]) -> Diagnostic:
    """SG215, for parameters that cannot be assigned."""
    return Diagnostic(
        code="SG215",
        severity="error",
        message=f"the parameters cannot be assigned: {reply.get('ename')}: {reply.get('evalue')}",
        location=where,
        hint="a parameter's name is a Python identifier",
    )


def is_killed(returncode: int | None) -> bool:
    """Whether signal 9 has ended a process."""
    return returncode in _KILLED


def exit_words(returncode: int | None) -> str:
    """How a process ended: ``killed by signal 9; most likely out of memory``, ``exited with code 1``."""
    if returncode is None:
        return "its process is gone"
    if returncode in _KILLED:
        return "killed by signal 9; most likely out of memory"
    if returncode < 0:
        try:
            return f"killed by signal {-returncode} ({signal.Signals(-returncode).name})"
        except ValueError:
            return f"killed by signal {-returncode}"
    return f"exited with code {returncode}"


def size_words(size_bytes: int) -> str:
    """As authors write sizes: `64 kB`, `512 MB`, `2.31 GB`."""
    units = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
    unit, name = next((each for each in units if size_bytes >= each[0]), (1, "bytes"))
    return f"{size_bytes / unit:.3g} {name}"


def log_tail(log: Path) -> str | None:
    """The last lines that the kernel's process itself wrote: a fault handler's, a C library's."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = [
        line for line in text.splitlines() if line.strip() and not any(noise in line for noise in _NOISE)
    ]
    return "\n".join(lines[-_LOG_LINES:]) or None


def _contains(cell: CodeCell, where: SourceLocation) -> bool:
    first = cell.location.line
    if first is None or where.line is None:
        return True
    is_same = (cell.location.path, cell.location.cell) == (where.path, where.cell)
    return is_same and first <= where.line <= first + cell.source.count("\n")
