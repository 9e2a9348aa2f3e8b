"""Notebooks as plain data: cells, front matter, kernel; and files that are none."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from sitegen.content.notebooks import Notebook, cell_text, read_notebook

PATH = PurePosixPath("notebooks/a.ipynb")


def cell(kind: str, source: str | list[str], **fields: Any) -> dict[str, Any]:
    """A cell as a notebook's JSON has it."""
    return {"cell_type": kind, "source": source, "metadata": {}, **fields}


def read(*cells: dict[str, Any], with_outputs: bool = False, **fields: Any) -> Notebook:
    """A notebook of format 4 with these cells."""
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **fields}
    return read_notebook(json.dumps(content).encode(), PATH, with_outputs=with_outputs)


def test_cells_keep_their_numbers() -> None:
    """A cell's number counts all cells; its source may be a list of lines."""
    found = read(cell("markdown", "# T"), cell("unknown", "x"), cell("code", ["a\n", "b"], id="q1")).cells
    assert [(each.kind, each.number, each.source, each.id) for each in found] == [
        ("markdown", 1, "# T", ""),
        ("code", 3, "a\nb", "q1"),
    ]


@pytest.mark.parametrize("kind", ["raw", "markdown"])
def test_front_matter_in_the_first_cell(kind: str) -> None:
    """A first raw or Markdown cell that begins with front matter is the page's."""
    found = read(cell(kind, "---\ntitle: A\ntags: [x]\n---\n"), cell("code", "1"))
    assert found.front.fields == {"title": "A", "tags": ("x",)}
    assert (found.front_cell, found.front.lines["tags"], len(found.cells)) == (1, 3, 1)


def test_text_below_front_matter_stays() -> None:
    """What a Markdown cell says below its front matter is prose, at its own lines."""
    (below,) = read(cell("markdown", "+++\ntitle = 'A'\n+++\n# H\ntext")).cells
    assert (below.source, below.first_line) == ("# H\ntext", 4)


def test_a_rule_is_no_front_matter() -> None:
    """A first cell that begins with a thematic break is prose."""
    found = read(cell("markdown", "---\n\nhello\n\n---"))
    assert found.front.format is None
    assert len(found.cells) == 1


def test_front_matter_in_metadata() -> None:
    """`metadata.sitegen` is front matter, over the title that Jupyter keeps; a cell's own is nearer."""
    metadata = {"title": "J", "authors": [{"name": "A. Uthor"}], "sitegen": {"Draft": True, "title": "S"}}
    found = read(cell("raw", "---\ntitle: C\n---"), metadata=metadata)
    assert found.front.fields == {"title": "C", "authors": ("A. Uthor",), "draft": True}


@pytest.mark.parametrize(
    ("metadata", "first", "expected"),
    [
        ({"kernelspec": {"name": "ml", "language": "python"}}, "x", ("ml", "python")),
        ({"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R"}}, "x", ("ir", "r")),
        ({}, "---\njupyter: torch\n---", ("torch", "python")),
        ({}, "---\njupyter:\n  kernelspec:\n    name: k\n---", ("k", "python")),
        ({}, "x", ("", "python")),
    ],
)
def test_kernel(metadata: dict[str, Any], first: str, expected: tuple[str, str]) -> None:
    """The kernel's name and language, from metadata or as jupytext and Quarto write it."""
    found = read(cell("raw", first), metadata=metadata)
    assert (found.kernel, found.language) == expected
    assert "jupyter" not in found.front.fields


def test_options_from_metadata() -> None:
    """Tags, labels and what Jupyter hides are options; slides are not."""
    metadata = {
        "tags": ["parameters"],
        "name": "train",
        "slideshow": {"slide_type": "skip"},
        "jupyter": {"source_hidden": True, "outputs_hidden": True},
        "collapsed": True,
    }
    (found,) = read(cell("code", "1", metadata=metadata)).cells
    assert found.options == {
        "tags": ("parameters",),
        "label": "train",
        "code-fold": True,
        "output-fold": True,
    }


def test_attachments() -> None:
    """Pictures inside a cell are decoded; broken ones are left out."""
    given = {"a.png": {"image/png": "aGk="}, "b.png": {"image/png": "a"}}
    (found,) = read(cell("markdown", "x", attachments=given)).cells
    assert found.attachments == {"a.png": b"hi"}


def test_outputs_only_where_asked() -> None:
    """What a cell was saved with is read only for a notebook that is not run."""
    code = cell("code", "1", outputs=[{"output_type": "stream", "name": "stdout", "text": ["a"]}, {}])
    assert read(code).cells[0].outputs == ()
    assert len(read(code, with_outputs=True).cells[0].outputs) == 1


def test_lone_surrogates_are_replaced() -> None:
    """JSON may hold half a character; a kernel cannot be sent one."""
    assert read(cell("code", "x = '\ud83d'")).cells[0].source == "x = '?'"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is no JSON: Expecting value"),
        (b"[]", "it is no notebook: its JSON is no object"),
        (b"{}", "it is no notebook: it has no `nbformat`"),
        (b'{"nbformat": 3, "worksheets": []}', "its format is 3; notebooks of format 4 are read"),
        (b'{"nbformat": 4}', "it is no notebook: it has no `cells`"),
        (b'{"nbformat": 4, "cells": [\n"\xff"]}', "it is not UTF-8 text"),
        (b"[" * 100_000, "its JSON is nested too deep"),
        (b'{"nbformat": ' + b"4" * 5000 + b"}", "it has a number of too many digits"),
    ],
)
def test_a_file_that_is_no_notebook(data: bytes, message: str) -> None:
    """The reason is said, with what to do; there are no cells then."""
    found = read_notebook(data, PATH)
    (problem,) = found.diagnostics
    assert (problem.code, problem.message) == ("SG107", f"the notebook cannot be read: {message}")
    assert "jupyter nbconvert" in (problem.hint or "")
    assert found.cells == ()


def test_a_problem_of_front_matter_names_the_cell() -> None:
    """Lines of front matter count in its cell."""
    found = read(cell("markdown", ""), cell("raw", "---\na: 1\nb: [\n---"))
    assert str(found.diagnostics[0].location).startswith("notebooks/a.ipynb:cell 2:line ")


def test_cell_text() -> None:
    """The text of a cell, for excerpts; None where there is no such cell or notebook."""
    data = json.dumps({"cells": [cell("code", ["a\n", "b"])]}).encode()
    assert cell_text(data, 1) == "a\nb"
    assert cell_text(data, 2) is None
    assert cell_text(b"x", 1) is None
