"""What differs from a record, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sitegen.content.document import CodeCell, Document, source_digest
from sitegen.errors import SourceLocation
from sitegen.execution import devices, fingerprint, kernelspecs
from sitegen.execution.differences import changed_inputs
from sitegen.execution.kernel_choice import PageDevice
from sitegen.results.record import (
    CellPart,
    DependsFile,
    DeviceInputs,
    DisplayPart,
    Environment,
    Inputs,
    Observed,
    Record,
    RunFacts,
    ValuePart,
)


def _inputs(site: Any, page: Document, **changed: Any) -> Inputs:
    inputs, _ = fingerprint.inputs_of(
        page,
        kernel=kernelspecs.find_kernel("python3"),
        asked=devices.strictest(page.cells),
        device=PageDevice(kind="cpu"),
        cpu_model="cpu9",
        environ={"MODE": "slow"},
        config=site.config,
    )
    return msgspec.structs.replace(inputs, **changed)


def _record(site: Any, page: Document, **changed: Any) -> Record:
    """The record that a run of the page would leave."""
    inputs = _inputs(site, page, **changed)
    return Record(
        key=inputs.key(),
        page=page.page,
        inputs=inputs,
        cells=tuple(
            CellPart(
                id=cell.id,
                label=cell.options.label,
                source=source_digest(cell.source),
                status="ok",
                outputs=(),
                seconds=0.0,
            )
            for cell in page.cells
        ),
        values=tuple(
            ValuePart(
                source=source_digest(item.source),
                output=DisplayPart(data={}, metadata={}, is_result=False, order=()),
            )
            for item in page.expressions
        ),
        metrics=(),
        environment=Environment(),
        run=RunFacts(
            started=datetime(2030, 1, 1, tzinfo=UTC),
            seconds=0.0,
            seed=None,
            parameters={},
            profile="full",
            backend="local",
            host_class="local",
            commit=None,
            is_dirty=False,
            device_kind="cpu",
        ),
        observed=Observed(),
        ok=True,
    )


def _words(site: Any, before: Document, now: Document, **was: Any) -> tuple[str, ...]:
    return changed_inputs(_record(site, before, **was), _inputs(site, now), now.cells, now.expressions)


A: Any = ("a", {"label": "load"})
B: Any = ("b", {"label": "train"})
C: Any = ("c", {})


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([A, B, C], [A, B, C], ()),
        ([A, B, C], [A, ("b2", {"label": "train"}), C], ('cell "train" (line 20) changed',)),
        ([A, B, C], [A, B, ("c2", {})], ("cell 3 (line 30) changed",)),
        ([A, B, C], [A, B], ("cell 3 of that run is gone",)),
        ([A, B, C], [A, C], ('cell "train" is gone',)),
        ([A, C], [A, B, C], ('cell "train" (line 20) is new',)),
        ([A, B, C], [A, C, B], ("cell 2 (line 20) moved",)),
        ([A, B, C], [("a2", {}), ("b2", {}), C], ("cell 1 (line 10) changed", "cell 2 (line 20) changed")),
        (
            [A, B],
            [("b2", {"label": "train"}), ("a2", {"label": "load"})],
            (
                'cell "train" (line 10) moved',
                'cell "train" (line 10) changed',
                'cell "load" (line 20) changed',
            ),
        ),
        (
            [A, B],
            [("b2", {"label": "train"}), A],
            ('cell "train" (line 10) moved', 'cell "train" (line 10) changed'),
        ),
        ([C, C, C], [C, C], ("cell 3 of that run is gone",)),
        (
            [A, B],
            [A, ("b2", {"label": "train", "fig_width": 8.0})],
            ('cell "train" (line 20) changed', 'cell "train" (line 20): fig-width default -> 8'),
        ),
    ],
)
def test_cells_in_words(site: Any, before: list[Any], now: list[Any], words: tuple[str, ...]) -> None:
    """Changed, new, gone and moved, with label and line."""
    assert _words(site, site.page("p", *before), site.page("p", *now)) == words


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"fig_height": 4.5}, "fig-height default -> 4.5"),
        ({"fig_format": "png"}, "fig-format svg -> png"),
        ({"error": True}, "error false -> true"),
        ({"device": "cpu"}, "device auto -> cpu"),
        ({"tags": ("raises-exception", "hide-input")}, "tags default -> raises-exception"),
        ({"output_limit_bytes": 5}, "output-limit default -> 5"),
        ({"display_limit": 2}, "display-limit default -> 2"),
    ],
)
def test_options_by_name(site: Any, option: dict[str, Any], words: str) -> None:
    """The options of item 1, as an author writes them, with both values."""
    assert _words(site, site.page("p", "a"), site.page("p", ("a", option))) == (f"cell 1 (line 10): {words}",)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([(1, "x")], [(1, "x + 1")], "inline expression `x + 1` (line 201) is new or changed"),
        ([(1, "x"), (2, "y")], [(1, "x")], "an inline expression is gone"),
        ([(1, "x")], [(2, "x")], "an inline expression moved among the cells"),
        ([], [(1, "x" * 99)], f"inline expression `{'x' * 59}…` (line 201) is new or changed"),
    ],
)
def test_expressions_in_words(site: Any, before: list[Any], now: list[Any], words: str) -> None:
    """Each new or changed one with its line; what is gone is counted."""
    old, new = (site.page("p", "a", "b", values=values) for values in (before, now))

    assert _words(site, old, new) == (words,)


def test_expression_that_only_a_new_cell_moves_is_no_difference(site: Any) -> None:
    """The cell above it is what is new."""
    words = _words(
        site, site.page("p", "a", values=[(1, "x")]), site.page("p", "new", "a", values=[(2, "x")])
    )

    assert words == ("cell 1 (line 10) is new",)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ({"kernel": "conda"}, {}, "kernel conda -> python3"),
        ({"interpreter": "CPython 3.8.1"}, {}, "CPython 3.8.1 -> {interpreter}"),
        ({"parameters": {"lr": 0.1}}, {"parameters": {"lr": 0.2}}, "parameter lr 0.1 -> 0.2"),
        ({"parameters": {"lr": 0.1}}, {}, "parameter lr 0.1 -> none"),
        ({}, {"parameters": {"deep": True}}, "parameter deep none -> true"),
        ({"profile": "smoke"}, {}, "profile smoke -> full"),
        ({"seed": 1}, {"seed": 2}, "seed 1 -> 2"),
        ({"deterministic": False}, {"deterministic": True}, "deterministic false -> true"),
        ({"address_space": 5}, {}, "address-space 5 -> none"),
        ({"env": {"MODE": "fast"}}, {"env": ("MODE",)}, "variable MODE fast -> slow"),
        ({"env": {"MODE": None}}, {"env": ("MODE",)}, "variable MODE not set -> slow"),
        ({"env": {"MODE": None}}, {}, "variable MODE is no longer let through"),
        ({}, {"env": ("MODE",)}, "variable MODE is let through now"),
        ({"device": DeviceInputs(kind="cuda", name="H200", count=2)}, {}, "device 2 x H200 -> cpu"),
        ({"device": DeviceInputs(kind="cpu", cpu_model="cpu8")}, {}, "CPU cpu8 -> none"),
        ({"list_version": 0}, {}, "this release of sitegen counts other things as inputs"),
    ],
)
def test_the_rest_of_the_key_in_words(
    site: Any, was: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    """Kernel, interpreter, parameters, profile, seed, variables, device and the version of the list."""
    page = site.page("p", "a", **now)
    interpreter = _inputs(site, page).interpreter
    parameters = {"parameters": {}, "seed": None, "env": {}} | was

    assert _words(site, page, page, **parameters) == (words.format(interpreter=interpreter),)


def test_depends_files_in_words(site: Any) -> None:
    """Changed, new and gone, by path."""
    page = site.page("p", ("a", {"depends": ("*.csv",)}))
    folder = site.root / "content/p"
    for name in ("same.csv", "changed.csv", "new.csv"):
        (folder / name).write_text(name, encoding="utf-8")
    now = {file.path: file for file in _inputs(site, page).depends}
    before = (
        msgspec.structs.replace(now["changed.csv"], digest="0" * 64),
        DependsFile(path="gone.csv", digest=now["same.csv"].digest),
        now["same.csv"],
    )

    assert _words(site, page, page, depends=before) == (
        "changed.csv changed",
        "gone.csv is gone, or no longer in `depends`",
        "new.csv is new in `depends`",
    )


def test_cell_of_a_notebook_is_named_by_its_number(site: Any) -> None:
    """As in Jupyter, where there are no lines of the file."""
    page = site.page("p", "a")
    cell: CodeCell = page.cells[0]
    place = SourceLocation(path=cell.location.path, cell=7, line=1)
    now = replace(page, cells=(replace(cell, source="b", location=place),))

    assert _words(site, page, now) == ("cell 1 (notebook cell 7) changed",)
