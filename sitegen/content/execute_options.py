"""What an author may say of a page's run and of a cell: `execute` tables and cell options.

`design/cells.md` is the reference; defaults and meanings are documented in `docs/cells.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sitegen.frozen import FrozenDict

Device = Literal["auto", "cpu", "cuda", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOptions:
    """The options of one cell, final: cell over page over section over site."""

    label: str | None = None
    exec: bool = True
    echo: bool = True
    output: bool | Literal["asis"] = True
    include: bool = True
    warning: bool = True
    error: bool = False
    code_fold: bool | Literal["show"] = False
    code_summary: str = "Code"
    output_fold: bool | int = False
    filename: str | None = None
    code_line_numbers: bool = False
    line_number_start: int = 1
    hl_lines: str = ""
    """Lines from 1 and ranges, `1,3-5`."""
    fig_cap: str | None = None
    fig_alt: str | None = None
    fig_width: float | None = None
    """Inches."""
    fig_height: float | None = None
    """Inches."""
    fig_format: Literal["svg", "png", "retina"] = "svg"
    fig_subcap: tuple[str, ...] = ()
    layout_ncol: int | None = None
    tbl_cap: str | None = None
    lst_cap: str | None = None
    column: Literal["body", "page", "screen", "margin"] = "body"
    timeout_s: float = 600.0
    """The option is `timeout`; at most this many seconds for the cell."""
    device: Device = "auto"
    benchmark: bool = False
    depends: tuple[str, ...] = ()
    expect: FrozenDict[str, str] = field(default_factory=FrozenDict)
    tags: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether the cell is to be run at all."""
        return self.exec and "skip-execution" not in self.tags

    @property
    def may_raise(self) -> bool:
        """Whether an exception is expected and shown."""
        return self.error or "raises-exception" in self.tags


@dataclass(frozen=True, slots=True, kw_only=True)
class PageExecution:
    """How a page is run, final: page over section over site."""

    enabled: bool | None = None
    """True: plain fences are cells; None: only marked cells are; False: nothing runs."""
    kernel: str = "python3"
    seed: int | None = None
    env: tuple[str, ...] = ()
    """Names of environment variables let through to the kernel; their values enter the key."""
    cache: Literal["auto", "never", "frozen"] = "auto"
    pin_reason: str = ""
    max_age_s: float | None = None
    page_timeout_s: float | None = None
    trust: bool = True
    """False: HTML outputs are sanitised."""
    environment: Literal["observed", "lock"] = "observed"
    warm: bool = True
    gpus: int = 0
    cpus: int = 1
    memory_bytes: int | None = None
    profile: Literal["full", "smoke"] = "full"
    parameters: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Injected after the cell tagged `parameters`; keys keep their case."""
    cell_defaults: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Options that every cell of the page starts from, as written (`fig-width`: 6)."""
