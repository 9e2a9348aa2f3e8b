"""What an author may say of a page's run and of a cell: `execute` tables and cell options.

`docs/cells.md` says what each means and what holds without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final, Literal

from sitegen.content import option_values as read
from sitegen.content.foreign_options import LATER, PRESENTATION, canonical, from_quarto
from sitegen.content.option_values import Reader
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean
from sitegen.frozen import FrozenDict, compact, freeze, thaw
from sitegen.values import dataclass

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
    """Of a list for sub-figures: a line each."""
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
    output_limit_bytes: int = 10**6
    """The option is `output-limit`: how much printed text of the cell is kept."""
    display_limit: int = 1000
    """Displays and updates of displays that are kept of the cell."""
    depends: tuple[str, ...] | None = None
    """None: nothing is said. Empty: the author says that there is nothing to name."""
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


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class PageExecution:
    """How a page is run, final: page over section over site."""

    enabled: bool | None = None
    """True: plain fences are cells; None: only marked cells are; False: nothing runs."""
    kernel: str = "python3"
    kernel_language: str = ""
    """Of a notebook that names its kernel: where none of that name is installed, the language's usual one serves.
    Empty: only the named kernel will do."""
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
    """`lock`: the lock file counts instead of the distributions that a run imported."""
    lock_file: str = ""
    """Relative to the site's root; empty: the nearest of those that are known by name."""
    warm: bool = True
    gpus: int = 0
    cpus: int = 1
    memory_bytes: int | None = None
    """What a run asks for, and is held to: its kernel with all processes below it."""
    address_space_bytes: int | None = None
    """The option is `address-space`: RLIMIT_AS of each process of the run. CUDA and large maps need far more than memory."""
    deterministic: bool = False
    """Deterministic algorithms of torch and cuDNN, and an error where there is none."""
    artifact_limit_bytes: int = 100 * 10**6
    """The option is `artifact-limit`: how large a file `lab.artifact` keeps."""
    profile: Literal["full", "smoke"] = "full"
    parameters: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Injected after the cell tagged `parameters`; keys keep their case."""
    cell_defaults: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Options that every cell of the page starts from, as written (`fig-width`: 6)."""


_CELL: Final[dict[str, tuple[str, Reader]]] = {
    "label": ("label", read.identifier),
    "exec": ("exec", read.switch),
    "echo": ("echo", read.switch),
    "output": ("output", read.switch_or("asis")),
    "include": ("include", read.switch),
    "warning": ("warning", read.switch),
    "error": ("error", read.switch),
    "code-fold": ("code_fold", read.switch_or("show")),
    "code-summary": ("code_summary", read.text),
    "output-fold": ("output_fold", read.folding),
    "filename": ("filename", read.text),
    "code-line-numbers": ("code_line_numbers", read.switch),
    "line-number-start": ("line_number_start", read.whole_number(0)),
    "hl-lines": ("hl_lines", read.line_ranges),
    "fig-cap": ("fig_cap", read.text),
    "fig-alt": ("fig_alt", read.lines),
    "fig-width": ("fig_width", read.inches),
    "fig-height": ("fig_height", read.inches),
    "fig-format": ("fig_format", read.one_of("svg", "png", "retina")),
    "fig-subcap": ("fig_subcap", read.texts),
    "layout-ncol": ("layout_ncol", read.whole_number(1)),
    "tbl-cap": ("tbl_cap", read.text),
    "lst-cap": ("lst_cap", read.text),
    "column": ("column", read.one_of("body", "page", "screen", "margin")),
    "timeout": ("timeout_s", read.duration),
    "device": ("device", read.one_of("auto", "cpu", "cuda", "any")),
    "benchmark": ("benchmark", read.switch),
    "output-limit": ("output_limit_bytes", read.size),
    "display-limit": ("display_limit", read.whole_number(1)),
    "depends": ("depends", read.names),
    "expect": ("expect", read.conditions),
    "tags": ("tags", read.names),
}
"""A cell's options: the field of `CellOptions` and the reader of the value."""

_PAGE: Final[dict[str, tuple[str, Reader]]] = {
    "enabled": ("enabled", read.switch),
    "kernel": ("kernel", read.text),
    "seed": ("seed", read.whole_number(0)),
    "env": ("env", read.names),
    "cache": ("cache", read.one_of("auto", "never", "frozen")),
    "pin-reason": ("pin_reason", read.text),
    "max-age": ("max_age_s", read.duration),
    "page-timeout": ("page_timeout_s", read.duration),
    "trust": ("trust", read.switch),
    "environment": ("environment", read.one_of("observed", "lock")),
    "lock-file": ("lock_file", read.text),
    "warm": ("warm", read.switch),
    "gpus": ("gpus", read.whole_number(0)),
    "cpus": ("cpus", read.whole_number(1)),
    "memory": ("memory_bytes", read.size),
    "address-space": ("address_space_bytes", read.size),
    "deterministic": ("deterministic", read.switch),
    "artifact-limit": ("artifact_limit_bytes", read.size),
    "profile": ("profile", read.one_of("full", "smoke")),
    "parameters": ("parameters", read.table),
}
"""Page-level keys below `execute`: the field of `PageExecution` and the reader of the value."""

_TAGS: Final[dict[str, dict[str, object]]] = {
    "hide-input": {"code_fold": True},
    "hide-output": {"output_fold": True},
    "hide-cell": {"code_fold": True, "output_fold": True},
    "remove-input": {"echo": False},
    "remove-output": {"output": False},
    "remove-cell": {"include": False},
    "remove-stderr": {"warning": False},
}
"""What MyST's and Jupyter's tags stand for; an option of that name on the cell wins."""


def parse_cell_options(
    raw: Sequence[tuple[str, object, SourceLocation]], defaults: FrozenDict[str, object]
) -> tuple[CellOptions, tuple[Diagnostic, ...]]:
    """The options of a cell, and what is wrong with those it has.

    Args:
        raw: name, value and place of each option as written; a later one wins. `_` and `-` are the
            same in names.
        defaults: `PageExecution.cell_defaults`, which was checked when it was read.
    """
    fields: dict[str, Any] = {}
    diagnostics: list[Diagnostic] = []
    for name, value in defaults.items():
        _read_option(canonical(name), name, value, None, fields, [])
    own: dict[str, Any] = {}
    for name, value, location in raw:
        _read_option(canonical(name), name, value, location, own, diagnostics)
    fields |= own
    for tag in fields.get("tags", ()):
        fields |= {field: value for field, value in _TAGS.get(tag, {}).items() if field not in own}
    return CellOptions(**fields), tuple(diagnostics)


def _read_option(
    name: str,
    written: str,
    value: object,
    location: SourceLocation | None,
    fields: dict[str, Any],
    diagnostics: list[Diagnostic],
) -> None:
    """Put the option's value into `fields`, or say what is wrong with it."""
    if name in PRESENTATION or value is None:
        return
    if name in LATER:
        diagnostics.append(_no_effect(f"cell option `{written}` has no effect yet", location))
    elif name not in _CELL:
        message = f"unknown option `{written}` in code cell"
        diagnostics.append(_error("SG210", message, location, did_you_mean(name, (*_CELL, "eval"))))
    elif name == "code-line-numbers" and not read.is_switch(value):
        # Quarto's `"1,3-5"` highlights lines beside their numbers; Hugo's `inline` and `table` say how
        fields["code_line_numbers"] = True
        if value not in ("inline", "table"):
            _read_value(("hl_lines", read.line_ranges), written, value, location, fields, diagnostics)
    else:
        _read_value(_CELL[name], written, value, location, fields, diagnostics)


def _read_value(
    target: tuple[str, Reader],
    written: str,
    value: object,
    location: SourceLocation | None,
    fields: dict[str, Any],
    diagnostics: list[Diagnostic],
    *,
    code: str = "SG211",
) -> None:
    field_name, reader = target
    try:
        fields[field_name] = reader(value)
    except ValueError as error:
        message = f"`{written}` cannot be `{_shown(value)}`"
        diagnostics.append(_error(code, message, location, f"it must be {error}"))


def parse_page_execution(
    tables: Sequence[tuple[Mapping[str, object] | bool, SourceLocation]], *, is_own: bool
) -> tuple[PageExecution, tuple[Diagnostic, ...]]:
    """How a page is run, and what is wrong with what is said of it.

    Args:
        tables: `execute` of the page, of its sections' cascades and of the site, nearest first, as far
            as there are any, each with the place where it is written.
        is_own: the first table is the page's own, so that, without `enabled`, it stands for
            `enabled = true`.
    """
    fields: dict[str, Any] = {}
    defaults: dict[str, object] = {}
    diagnostics: list[Diagnostic] = []
    for value, location in reversed(tables):
        table = {"enabled": value} if isinstance(value, bool) else value
        for written, item in table.items():
            _read_key(str(written), item, location, fields, defaults, diagnostics)
    if is_own and "enabled" not in _names(tables[0][0]):
        fields["enabled"] = True
    execution = PageExecution(**fields, cell_defaults=FrozenDict(defaults))
    return execution, tuple(diagnostics)


def _read_key(
    written: str,
    value: object,
    location: SourceLocation,
    fields: dict[str, Any],
    defaults: dict[str, object],
    diagnostics: list[Diagnostic],
) -> None:
    """Put one key of an `execute` table where it belongs; it lies over what is there."""
    name = canonical(written)
    name, value, problem = from_quarto(name, value)
    if problem is not None:
        diagnostics.append(_no_effect(problem, location, code="SG215"))
    elif not name:
        return
    elif name == "parameters" and isinstance(value, Mapping):
        fields["parameters"] = FrozenDict({**fields.get("parameters", {}), **read.table(value)})
    elif name in _PAGE:
        _read_value(_PAGE[name], written, value, location, fields, diagnostics, code="SG215")
    elif name in _CELL and name != "label":
        checked: dict[str, Any] = {}
        _read_option(name, written, value, location, checked, diagnostics)
        if checked:
            defaults[name] = freeze(value)
    elif name == "label":
        message = f"`{written}` below `execute` names no cell"
        diagnostics.append(_error("SG215", message, location, f"write `#| label: {value}` in the cell"))
    elif name in LATER or name in PRESENTATION:
        diagnostics.append(
            _no_effect(f"`{written}` below `execute` has no effect yet", location, code="SG215")
        )
    else:
        known = (*_PAGE, *(option for option in _CELL if option != "label"))
        message = f"unknown key `{written}` below `execute`"
        diagnostics.append(_error("SG215", message, location, did_you_mean(name, known)))


def _names(table: Mapping[str, object] | bool) -> set[str]:
    return {"enabled"} if isinstance(table, bool) else {canonical(str(name)) for name in table}


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(thaw(value))


def _error(code: str, message: str, location: SourceLocation | None, hint: str) -> Diagnostic:
    return Diagnostic(code=code, severity="error", message=message, location=location, hint=hint)


def _no_effect(message: str, location: SourceLocation | None, *, code: str = "SG214") -> Diagnostic:
    return Diagnostic(
        code=code,
        severity="warning",
        message=message,
        location=location,
        hint="remove it, or leave it for others",
    )
