"""Cross-references of a composed page: what is numbered, what a reference says, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.content.document import (
    CellHole,
    CellId,
    CodeCell,
    Digest,
    Html,
    ReferenceHole,
    Segment,
    ShortcodeCall,
    ShortcodeHole,
)
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.executed import CellRun, DisplayOutput, Output, StreamOutput
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.rendering.values import Page

PLACE = SourceLocation(path=PurePosixPath("content/posts/a.md"), line=3, column=5)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36"><path d="M0 0"/></svg>'
FIGURE = DisplayOutput(data=FrozenDict({"image/svg+xml": SVG}))
TABLE = DisplayOutput(data=FrozenDict({"text/html": "<table><tr><td>1</td></tr></table>"}))

Cell = tuple[str, tuple[Output, ...], dict[str, Any]]


def refer(label: str, *, is_address: bool = False) -> ReferenceHole:
    """`@label` in prose."""
    return ReferenceHole(label=label, is_address=is_address, location=PLACE)


def cell(label: str, *outputs: Output, **options: Any) -> Cell:
    """A labelled cell with what its run gave."""
    return label, outputs, options


@pytest.fixture
def compose_cells(compose_body: Callable[..., Page]) -> Callable[..., Page]:
    """Composes a page of cells and other segments in the order given; its summary is what is no cell."""

    def make(*parts: Cell | Segment, has_run: bool = True, summary: tuple[Segment, ...] = ()) -> Page:
        cells: list[CodeCell] = []
        runs: dict[CellId, CellRun] = {}
        segments: list[Segment] = []
        for part in parts:
            if not isinstance(part, tuple):
                segments.append(part)
                continue
            label, outputs, options = part
            identifier = CellId(f"cell-{len(cells) + 1}")
            cells.append(
                CodeCell(
                    id=identifier,
                    language="python",
                    source="draw()",
                    location=SourceLocation(path=PLACE.path, line=10 * len(cells) + 10),
                    options=CellOptions(label=label, **options),
                )
            )
            segments.append(CellHole(cell=identifier))
            runs[identifier] = CellRun(
                cell=identifier, status="ok", outputs=outputs, source_digest=Digest("1" * 64)
            )
        return compose_body(
            *segments,
            document={
                "cells": tuple(cells),
                "execution": PageExecution(enabled=True),
                "summary": summary,
            },
            runs=FrozenDict(runs if has_run else {}),
            state="fresh" if has_run else "not run",
        )

    return make


def links(html: str) -> list[tuple[str | None, str]]:
    """Address and text of each reference."""
    return [(node.attributes["href"], node.text()) for node in LexborHTMLParser(html).css("a.reference")]


def captions(html: str) -> list[str]:
    """The text of each caption."""
    return [node.text() for node in LexborHTMLParser(html).css("figcaption")]


def test_each_kind_is_counted_in_the_order_of_the_page(compose_cells: Callable[..., Page]) -> None:
    """Captions and references say the same number, wherever on the page the reference stands."""
    page = compose_cells(
        refer("fig-b"),
        cell("fig-a", FIGURE, fig_cap="First"),
        cell("tbl-a", TABLE, tbl_cap="Scores"),
        cell("lst-a", lst_cap="Code"),
        cell("fig-b", FIGURE, fig_cap="Second"),
        cell("tbl-b", TABLE, TABLE),
        refer("fig-a"),
        refer("tbl-b"),
        refer("lst-a"),
    )

    assert links(page.content) == [
        ("#fig-b", "Figure 2"),
        ("#fig-a", "Figure 1"),
        ("#tbl-b", "Table 2"),
        ("#lst-a", "Listing 1"),
    ]
    assert captions(page.content) == [
        "Figure 1: First",
        "Table 1: Scores",
        "Listing 1: Code",
        "Figure 2: Second",
        "Table 2",
    ]
    assert page.content.count('id="tbl-b"') == 1
    assert page.diagnostics == ()


def test_a_caption_refers_to_another_figure(compose_cells: Callable[..., Page]) -> None:
    """References in captions are filled like those in prose, with text of their own too."""
    page = compose_cells(
        cell("fig-a", FIGURE, fig_cap="Unlike @tbl-a and [the code](@lst-a)"),
        cell("tbl-a", TABLE, tbl_cap="As in @fig-a"),
        cell("lst-a", lst_cap="See @tbl-a"),
    )

    assert links(page.content) == [
        ("#tbl-a", "Table 1"),
        ("#lst-a", "the code"),
        ("#fig-a", "Figure 1"),
        ("#tbl-a", "Table 1"),
    ]


def test_a_link_with_text_of_its_own(compose_cells: Callable[..., Page]) -> None:
    """`[the loss](@fig-a)` keeps its text; only the address is the figure's."""
    page = compose_cells(
        Html(text='<a class="reference" href="'),
        refer("fig-a", is_address=True),
        Html(text='">the <em>loss</em></a>'),
        cell("fig-a", FIGURE),
    )

    assert links(page.content) == [("#fig-a", "the loss")]


def test_a_part_of_a_figure(compose_cells: Callable[..., Page]) -> None:
    """`@fig-a-2` is the second picture of a figure with captions for its parts."""
    page = compose_cells(
        cell("fig-a", FIGURE, DisplayOutput(data=FrozenDict({"image/svg+xml": SVG.replace("M0", "M1")})),
             fig_cap="Both", fig_subcap=("one", "two")),
        refer("fig-a-2"),
    )  # fmt: skip

    assert links(page.content) == [("#fig-a-2", "Figure 1 (b)")]
    assert 'id="fig-a-2"' in page.content


@pytest.mark.parametrize(
    ("label", "message", "hint"),
    [
        ("fig-los", "`@fig-los` refers to nothing on this page", "did you mean `fig-loss`?"),
        (
            "fig-hidden",
            "`@fig-hidden` refers to a cell whose figure is not shown",
            "show it, or write without the reference",
        ),
        (
            "lst-quiet",
            "`@lst-quiet` refers to a cell whose listing is not shown",
            "show it, or write without the reference",
        ),
        ("fig-loss-2", "`@fig-loss-2` refers to nothing on this page", "did you mean `fig-loss`?"),
    ],
)
def test_a_reference_to_nothing_is_an_error(
    compose_cells: Callable[..., Page], label: str, message: str, hint: str
) -> None:
    """A misspelt label, or one of a cell that the page hides, is SG222 where it is written."""
    page = compose_cells(
        refer(label),
        cell("fig-loss", FIGURE),
        cell("fig-hidden", FIGURE, tags=("remove-cell",)),
        cell("lst-quiet", echo=False),
    )

    assert [
        (found.code, found.severity, found.message, found.hint, found.location) for found in page.diagnostics
    ] == [("SG222", "error", message, hint, PLACE)]
    assert f"SG222: {message}" in page.content


def test_a_caption_that_refers_to_nothing_names_its_cell(compose_cells: Callable[..., Page]) -> None:
    """What is wrong in a caption is told at the cell."""
    page = compose_cells(cell("fig-a", FIGURE, fig_cap="As @fig-b"))

    assert [(found.code, found.location and found.location.line) for found in page.diagnostics] == [
        ("SG222", 10)
    ]


def test_a_page_that_was_not_run_has_its_numbers(compose_cells: Callable[..., Page]) -> None:
    """Without results a reference leads to the cell that will draw the figure: no error."""
    page = compose_cells(refer("fig-b"), cell("fig-a"), cell("fig-b"), has_run=False)

    assert links(page.content) == [("#cell-fig-b", "Figure 2")]
    assert page.diagnostics == ()


def test_a_summary_leads_to_the_page(compose_cells: Callable[..., Page]) -> None:
    """On a list page the figure is not there: the reference goes to the page that has it."""
    page = compose_cells(cell("fig-a", FIGURE), summary=(Html(text="See "), refer("fig-a")))

    assert links(page.summary.summary_html) == [("/blog/posts/a/#fig-a", "Figure 1")]


def test_markdown_that_a_cell_displays_has_no_references(compose_cells: Callable[..., Page]) -> None:
    """What a program says is not the page's: `@fig-1` in it is text, and no error; printed `asis` it is the page's."""
    said = DisplayOutput(data=FrozenDict({"text/markdown": "ask @fig-1"}))
    page = compose_cells(
        cell("fig-a", FIGURE),
        cell("other", said),
        cell("own", StreamOutput(name="stdout", text="as @fig-a"), output="asis"),
    )

    assert "ask @fig-1" in page.content
    assert links(page.content) == [("#fig-a", "Figure 1")]
    assert page.diagnostics == ()


def test_a_shortcode_may_refer(compose_cells: Callable[..., Page]) -> None:
    """An argument that a template has as Markdown is filled as a caption is."""
    call = ShortcodeCall(
        name="shout", location=PLACE, ordinal=0, inner=('<a class="reference" href="#fig-a"></a>',)
    )

    page = compose_cells(ShortcodeHole(call=call), cell("fig-a", FIGURE))

    assert links(page.content) == [("#fig-a", "Figure 1")]
