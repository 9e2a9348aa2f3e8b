"""Percent-format scripts as cells: markers, Markdown in comments, headers, magics, sphinx-gallery."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from sitegen.content.notebooks import Notebook
from sitegen.content.percent import is_percent_script, read_script


def read(text: str) -> Notebook:
    """A script of this text."""
    return read_script(text.encode(), PurePosixPath("content/a.py"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# %%\n", True),
        ("x = 1\n#%% title", True),
        ("# %%%% sub", True),
        ("# %% [markdown]", True),
        ("print('# %%')", False),
        ("    # %%", False),
        ("# %%bash", False),
        ("# 100 %% sure", False),
    ],
)
def test_which_scripts_are_pages(text: str, expected: bool) -> None:
    """A script is a page by a line that begins with `# %%`."""
    assert is_percent_script(text.encode()) is expected


def test_cells_with_their_lines() -> None:
    """Code above the first marker is a cell; Markdown stands in comments or in a string."""
    text = (
        'import os\n\n# %% [markdown]\n# # T\n#\n#text\n# %% [md]\n"""\nmore\n"""\n# %%\n\n# why\nx = 1\n\n'
    )
    assert [(each.kind, each.source, each.first_line, each.offsets) for each in read(text).cells] == [
        ("code", "import os", 1, (0,)),
        ("markdown", "# T\n\ntext", 4, (2, 1, 1)),
        ("markdown", "\nmore\n", 8, (3, 0, 0)),
        ("code", "# why\nx = 1", 13, (0, 0)),
    ]


def test_options_of_a_marker() -> None:
    """`key=value` pairs or a JSON object; the title says nothing."""
    text = '# %% Load it tags=["a", "b"] label="x" echo=false\n1\n# %% {"tags": ["c"]}\n2\n'
    assert [dict(each.options) for each in read(text).cells] == [
        {"tags": ("a", "b"), "label": "x", "echo": False},
        {"tags": ("c",)},
    ]


def test_header() -> None:
    """The YAML comment block at the top is front matter; its lines are the file's, its kernel is taken."""
    text = "#!/usr/bin/env python\n# ---\n# title: A\n# tags: [x]\n# jupyter:\n#   kernelspec:\n#     name: ml\n# ---\n# %%\n1\n"
    found = read(text)
    assert found.front.fields == {"title": "A", "tags": ("x",)}
    assert (found.front.lines["tags"], found.kernel) == (4, "ml")
    assert [each.source for each in found.cells] == ["1"]


def test_front_matter_in_a_markdown_cell() -> None:
    """Front matter may stand in the first Markdown cell too."""
    found = read("# %% [markdown]\n# ---\n# title: A\n# ---\n# text\n# %%\n1\n")
    assert found.front.fields == {"title": "A"}
    assert (found.front.lines["title"], found.cells[0].source, found.cells[0].first_line) == (3, "text", 5)


def test_commented_magics_run() -> None:
    """A magic that is commented so that the file stays Python runs; a comment that looks like one stays."""
    text = "# %%\n# %matplotlib inline\n# !ls -l\n# %s is a format\n# %%\n# %%bash\n# echo hi\n"
    assert [each.source for each in read(text).cells] == [
        "%matplotlib inline\n!ls -l\n# %s is a format",
        "%%bash\n# echo hi",
    ]


def test_option_lines_stay_in_code() -> None:
    """`#|` lines below a marker are the cell's."""
    (found,) = read('"""D"""\n# %%\n#| label: x\n1\n').cells[1:]
    assert found.source == "#| label: x\n1"


def test_not_utf_8() -> None:
    """Text in another encoding is named with its line."""
    found = read_script(b"# %%\n# \xe9\n", PurePosixPath("content/a.py"))
    assert (
        found.diagnostics[0].code,
        found.diagnostics[0].location and found.diagnostics[0].location.line,
    ) == (
        "SG107",
        2,
    )


GALLERY = '''# Author: A. Uthor
r"""
=====
Title
=====

See :func:`~pkg.mod.fit`, :math:`x^2` and `here <https://example.org>`_.

.. note:: careful

.. math::

   a = \\
       b

Then::

   code
"""

# %%
# Part
# ----
# Text.

import os

# %% Just a title

x = 1
####################
# More
'''


def test_gallery() -> None:
    """A script of sphinx-gallery: docstring and comment blocks are text, line by line as Markdown."""
    cells = read(GALLERY).cells
    assert [(each.kind, each.first_line) for each in cells] == [
        ("markdown", 2),
        ("markdown", 22),
        ("code", 26),
        ("markdown", 28),
        ("code", 30),
        ("markdown", 32),
    ]
    lines = cells[0].source.split("\n")
    assert len(lines) == GALLERY.split('"""')[1].count("\n") + 1
    shown = [line for line in lines if line]
    assert shown == [
        "# Title",
        "See `fit`, $x^2$ and [here](https://example.org).",
        "> **Note** careful",
        "$$",
        "a = ",
        "b",
        "$$",
        "Then:",
        "    code",
    ]
    assert cells[1].source == "## Part\n\nText."
    assert cells[3].source == "**Just a title**"
