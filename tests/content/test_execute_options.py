"""Cell options and `execute` tables: every form of every value, and what is said of the rest."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from sitegen.content.execute_options import (
    CellOptions,
    PageExecution,
    parse_cell_options,
    parse_page_execution,
)
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, freeze

CELL = SourceLocation(path=PurePosixPath("content/a.md"), line=9, column=4)
PAGE = SourceLocation(path=PurePosixPath("content/posts/a.md"), line=3)
SECTION = SourceLocation(path=PurePosixPath("content/posts/_index.md"), line=4)
SITE = SourceLocation(path=PurePosixPath("sitegen.toml"), line=5)


def _cell(**options: object) -> tuple[CellOptions, tuple[Diagnostic, ...]]:
    return parse_cell_options([(name, value, CELL) for name, value in options.items()], FrozenDict())


def _said(diagnostics: tuple[Diagnostic, ...]) -> list[str]:
    return [f"{found.code} {found.severity}: {found.message} ({found.hint})" for found in diagnostics]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("label", "fig-curve", "label", "fig-curve"),
        ("exec", False, "exec", False),
        ("eval", "false", "exec", False),
        ("echo", "TRUE", "echo", True),
        ("output", "asis", "output", "asis"),
        ("output", False, "output", False),
        ("include", False, "include", False),
        ("warning", "false", "warning", False),
        ("error", True, "error", True),
        ("code-fold", "show", "code_fold", "show"),
        ("code_fold", True, "code_fold", True),
        ("code-summary", "Look", "code_summary", "Look"),
        ("output-fold", True, "output_fold", True),
        ("output-fold", 20, "output_fold", 20),
        ("output-fold", "20", "output_fold", 20),
        ("filename", "model.py", "filename", "model.py"),
        ("code-line-numbers", True, "code_line_numbers", True),
        ("code-line-numbers", "1,3-5", "hl_lines", "1,3-5"),
        ("linenos", "table", "code_line_numbers", True),
        ("lineNos", "inline", "code_line_numbers", True),
        ("linenos", "false", "code_line_numbers", False),
        ("linenostart", 10, "line_number_start", 10),
        ("lineNoStart", "10", "line_number_start", 10),
        ("hl_lines", [1, "3-5"], "hl_lines", "1,3-5"),
        ("hl_lines", "1 3-5", "hl_lines", "1,3-5"),
        ("hl", 2, "hl_lines", "2"),
        ("hl-lines", '["1", 3-4]', "hl_lines", "1,3-4"),
        ("fig-cap", "A curve: one", "fig_cap", "A curve: one"),
        ("fig-alt", "", "fig_alt", ""),
        ("fig-width", 6, "fig_width", 6.0),
        ("fig-width", "6.5in", "fig_width", 6.5),
        ("fig-height", "4", "fig_height", 4.0),
        ("fig-format", "PNG", "fig_format", "png"),
        ("fig-subcap", ["a", "b"], "fig_subcap", ("a", "b")),
        ("fig-alt", "a", "fig_alt", "a"),
        ("fig-alt", ["a", "b"], "fig_alt", "a\nb"),
        ("layout-ncol", "2", "layout_ncol", 2),
        ("tbl-cap", "T", "tbl_cap", "T"),
        ("lst-cap", "L", "lst_cap", "L"),
        ("column", "screen", "column", "screen"),
        ("timeout", 30, "timeout_s", 30.0),
        ("timeout", "2m", "timeout_s", 120.0),
        ("device", "cuda", "device", "cuda"),
        ("benchmark", True, "benchmark", True),
        ("depends", "data/*.csv, model.py", "depends", ("data/*.csv", "model.py")),
        ("depends", ["a,b"], "depends", ("a,b",)),
        ("expect", {"return": ">= 475", "n": 3}, "expect", {"return": ">= 475", "n": "3"}),
        ("tags", ["a"], "tags", ("a",)),
        ("tags", "[hide-input, b]", "tags", ("hide-input", "b")),
        ("name", "fig-a", "label", "fig-a"),
    ],
)
def test_option_is_read(name: str, value: object, field: str, expected: object) -> None:
    """Typed from YAML, as text from an attribute, under each of its names."""
    options, diagnostics = parse_cell_options([(name, value, CELL)], FrozenDict())

    assert getattr(options, field) == expected
    assert not [found for found in diagnostics if found.severity == "error"]


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("echo", "maybe", "it must be `true` or `false`"),
        ("label", "two words", "it must be a name without spaces and quotes, such as `fig-curve`"),
        ("output", "raw", "it must be `true`, `false` or `asis`"),
        ("code-fold", 1, "it must be `true`, `false` or `show`"),
        ("output-fold", -1, "it must be `true`, `false` or a number of lines"),
        ("fig-width", 0, "it must be a number of inches above 0, such as `6.5`"),
        ("fig-format", "jpeg", "it must be one of `svg`, `png`, `retina`"),
        ("layout-ncol", 1.5, "it must be a whole number, 1 or more"),
        ("column", "page-right", "it must be one of `body`, `page`, `screen`, `margin`"),
        (
            "timeout",
            "soon",
            "it must be a time: seconds, or a number with s, m, h, d or w, such as `30d`",
        ),
        ("device", "tpu", "it must be one of `auto`, `cpu`, `cuda`, `any`"),
        ("hl-lines", "5-3", 'it must be lines from 1, such as `"1,3-5"`'),
        ("depends", 3, 'it must be a list of texts, such as `["a", "b"]`'),
        ("expect", ">= 1", 'it must be a table of metric and condition, such as `{return: ">= 475"}`'),
        (
            "expect",
            {"loss": "< 1", "return": ">> 475"},
            (
                "it must be a condition for each metric: for `return` one such as `>= 475`, `< 0.1`, `== 3`, "
                "`!= 0`, `1.88 ± 0.05` or `0.1..0.2`"
            ),
        ),
        ("fig-cap", ["x"], "it must be text"),
    ],
)
def test_wrong_value_is_said(name: str, value: object, hint: str) -> None:
    """SG211 at the option's place says what the value must be; the default stays."""
    options, diagnostics = parse_cell_options([(name, value, CELL)], FrozenDict())

    assert options == CellOptions()
    assert [(found.code, found.severity, found.hint) for found in diagnostics] == [("SG211", "error", hint)]
    assert diagnostics[0].location == CELL


def test_wrong_value_is_shown_as_it_is_written() -> None:
    """A table is a table, whatever holds it."""
    _, diagnostics = parse_cell_options([("expect", FrozenDict({"loss": ">> 1"}), CELL)], FrozenDict())

    assert diagnostics[0].message == "`expect` cannot be `{'loss': '>> 1'}`"


def test_unknown_option_names_the_near_match() -> None:
    """SG210 at the option's line."""
    options, diagnostics = _cell(ech=False, echo=False)

    assert not options.echo
    assert _said(diagnostics) == ["SG210 error: unknown option `ech` in code cell (did you mean `echo`?)"]
    assert diagnostics[0].location == CELL


def test_known_options_of_others_are_a_warning() -> None:
    """What Quarto has and we do not yet is no error; Hugo's highlighter settings are not even a warning."""
    _, diagnostics = _cell(**{"fig-align": "center", "anchorLineNos": True, "style": "monokai"})

    assert _said(diagnostics) == [
        "SG214 warning: cell option `fig-align` has no effect yet (remove it, or leave it for others)"
    ]


def test_page_keys_of_the_design_are_honoured() -> None:
    """None of them is called unknown or without effect."""
    honoured = {"cpus": 4, "memory": "8G", "environment": "lock", "warm": False, "column": "page"}

    _, diagnostics = parse_page_execution([(honoured, CELL)], is_own=True)

    assert diagnostics == ()


def test_nearer_options_win() -> None:
    """Cell over page; the last one over the first; an empty value is not one."""
    raw = [("timeout", 1, CELL), ("timeout", 2, CELL), ("fig-cap", None, CELL)]

    options, _ = parse_cell_options(raw, FrozenDict({"timeout": 9, "echo": False}))

    assert (options.timeout_s, options.echo, options.fig_cap) == (2.0, False, None)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("hide-input", CellOptions(code_fold=True, tags=("hide-input",))),
        ("hide-output", CellOptions(output_fold=True, tags=("hide-output",))),
        ("hide-cell", CellOptions(code_fold=True, output_fold=True, tags=("hide-cell",))),
        ("remove-input", CellOptions(echo=False, tags=("remove-input",))),
        ("remove-output", CellOptions(output=False, tags=("remove-output",))),
        ("remove-cell", CellOptions(include=False, tags=("remove-cell",))),
        ("remove-stderr", CellOptions(warning=False, tags=("remove-stderr",))),
    ],
)
def test_tags_stand_for_options(tag: str, expected: CellOptions) -> None:
    """MyST's and Jupyter's tags have the effect that they have there."""
    assert _cell(tags=[tag])[0] == expected


def test_option_wins_over_a_tag() -> None:
    """What the cell says outright counts more than a tag; other tags are asked by name."""
    options, _ = _cell(tags="remove-input, raises-exception, skip-execution", echo=True)

    assert options.echo
    assert options.may_raise
    assert not options.runs


# --- execute tables -------------------------------------------------------------------------------


def test_without_tables_all_is_default() -> None:
    """A page that nothing is said of runs only its marked cells."""
    assert parse_page_execution([], is_own=False) == (PageExecution(), ())


@pytest.mark.parametrize(
    ("table", "is_own", "others", "enabled"),
    [
        (True, True, (), True),
        (False, True, (True,), False),
        (FrozenDict({"seed": 1}), True, (), True),
        (FrozenDict({"seed": 1}), True, (False,), True),
        (FrozenDict({"enabled": False}), True, (), False),
        (FrozenDict({"seed": 1}), False, (), None),
        (FrozenDict({"seed": 1}), False, (FrozenDict({"enabled": True}),), True),
    ],
)
def test_plain_fences_are_cells_where_that_is_written(
    table: FrozenDict[str, object] | bool,
    is_own: bool,
    others: tuple[FrozenDict[str, object] | bool, ...],
    enabled: bool | None,
) -> None:
    """A page's own table means so even without `enabled`; a section's or the site's only sets defaults."""
    tables = [(table, PAGE), *((other, SITE) for other in others)]

    assert parse_page_execution(tables, is_own=is_own)[0].enabled is enabled


@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        ("kernel", "julia", "kernel", "julia"),
        ("seed", "7", "seed", 7),
        ("env", ["HF_HOME"], "env", ("HF_HOME",)),
        ("cache", "never", "cache", "never"),
        ("cache", True, "cache", "auto"),
        ("cache", False, "cache", "never"),
        ("freeze", True, "cache", "frozen"),
        ("freeze", "auto", "cache", "auto"),
        ("freeze", False, "cache", "auto"),
        ("pin_reason", "as published", "pin_reason", "as published"),
        ("max-age", "30d", "max_age_s", 30 * 86_400.0),
        ("max-age", "12h", "max_age_s", 43_200.0),
        ("page-timeout", 60, "page_timeout_s", 60.0),
        ("trust", False, "trust", False),
        ("environment", "lock", "environment", "lock"),
        ("warm", False, "warm", False),
        ("gpus", 1, "gpus", 1),
        ("cpus", 4, "cpus", 4),
        ("memory", "8GB", "memory_bytes", 8_000_000_000),
        ("memory", "8 GiB", "memory_bytes", 8 * 1024**3),
        ("memory", "512M", "memory_bytes", 512 * 1024**2),
        ("memory", 1000, "memory_bytes", 1000),
        ("profile", "smoke", "profile", "smoke"),
        ("parameters", {"LR": [0.1]}, "parameters", {"LR": (0.1,)}),
        ("fig_width", 6, "cell_defaults", {"fig-width": 6}),
        ("eval", False, "cell_defaults", {"exec": False}),
    ],
)
def test_key_is_read(key: str, value: object, field: str, expected: object) -> None:
    """Page-level keys, Quarto's words for them, and options that every cell starts from."""
    execution, diagnostics = parse_page_execution([(FrozenDict({key: freeze(value)}), PAGE)], is_own=True)

    assert getattr(execution, field) == expected
    assert not [found for found in diagnostics if found.severity == "error"]
    assert isinstance(hash(execution), int)


def test_nearer_tables_win_key_by_key() -> None:
    """Page over section over site, in `parameters` too."""
    execution, _ = parse_page_execution(
        [
            (freeze({"seed": 1, "parameters": {"LR": 1}, "echo": False}), PAGE),
            (freeze({"seed": 2, "gpus": 2, "echo": True, "timeout": 5}), SECTION),
            (freeze({"seed": 3, "gpus": 3, "cpus": 3, "parameters": {"LR": 3, "N": 3}}), SITE),
        ],
        is_own=True,
    )

    assert (execution.seed, execution.gpus, execution.cpus) == (1, 2, 3)
    assert execution.parameters == {"LR": 1, "N": 3}
    assert execution.cell_defaults == {"echo": False, "timeout": 5}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sed", 1, "SG215 error: unknown key `sed` below `execute` (did you mean `seed`?)"),
        (
            "label",
            "x",
            "SG215 error: `label` below `execute` names no cell (write `#| label: x` in the cell)",
        ),
        ("seed", "x", "SG215 error: `seed` cannot be `x` (it must be a whole number, 0 or more)"),
        ("memory", "lots", "SG215 error: `memory` cannot be `lots` (it must be a size such as `8GB`)"),
        ("parameters", 3, "SG215 error: `parameters` cannot be `3` (it must be a table)"),
        ("echo", "x", "SG211 error: `echo` cannot be `x` (it must be `true` or `false`)"),
        (
            "cache",
            "refresh",
            "SG215 warning: `cache: refresh` has no meaning here; build with `--fresh` (remove it, or leave it for others)",
        ),
        (
            "daemon",
            300,
            "SG215 warning: Quarto's `daemon` has no meaning here: every page has a fresh kernel of its own (remove it, or leave it for others)",
        ),
    ],
)
def test_wrong_keys_are_said(key: str, value: object, said: str) -> None:
    """What cannot be used is named at the table's line, and the default stays."""
    execution, diagnostics = parse_page_execution([(FrozenDict({key: value}), SITE)], is_own=False)

    assert execution == PageExecution()
    assert _said(diagnostics) == [said]
    assert diagnostics[0].location == SITE
