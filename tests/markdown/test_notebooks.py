"""The cells of notebooks and scripts as one Markdown text: places, fences, raw cells, attachments, anchors; MyST's pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.document import CellHole, Document, Html, LinkHole, PageKey, ShortcodeHole
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.markdown.parse import parse
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates

Write = Callable[[dict[str, str]], Path]
Parse = Callable[..., Document]


def cell(kind: str, source: str, **fields: Any) -> dict[str, Any]:
    """A cell as a notebook's JSON has it."""
    return {"cell_type": kind, "source": source, "metadata": {}, **fields}


def notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    """A notebook's JSON."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


@pytest.fixture
def parse_page(write_site: Write) -> Parse:
    """Parses one page of a site; `file` is its path."""

    def parsed(text: str, file: str = "notebooks/a.ipynb") -> Document:
        root = write_site({file: text})
        config = Config(
            root=root,
            now=datetime(2030, 1, 1, tzinfo=UTC),
            content_dir=root / "content",
            notebooks_dir=root / "notebooks",
        )
        index = build_index(discover(config), config)
        (source,) = index.all_sources
        shortcodes = TemplateShortcodes(Templates(config), index, config)
        return parse(source, index, shortcodes, config)

    return parsed


def html(document: Document) -> str:
    """The body with `[cell-1]` for cells and targets for links."""
    parts = []
    for segment in document.segments:
        if isinstance(segment, Html):
            parts.append(segment.text)
        elif isinstance(segment, CellHole):
            parts.append(f"[{segment.cell}]")
        elif isinstance(segment, LinkHole):
            parts.append(segment.target)
    return "".join(parts)


def test_places_are_of_the_notebook(parse_page: Parse) -> None:
    """A code cell, a link and a wrong shortcode are at their cell and line; our own lines count for none."""
    text = notebook(
        cell("markdown", "# T\n\n{{< nosuch >}}"),
        cell("code", "#| echo: false\n\nx = 1", metadata={"tags": ["a"]}, id="q"),
        cell("markdown", "one\n[b](b.png) `{python} x`"),
    )
    document = parse_page(text)
    (code,) = document.cells
    (problem,) = document.diagnostics
    (value,) = document.expressions
    (link,) = (segment for segment in document.segments if isinstance(segment, LinkHole))
    places = [code.location, problem.location, value.location, link.location]
    assert [str(place) for place in places] == [
        "notebooks/a.ipynb:cell 2:line 3",
        "notebooks/a.ipynb:cell 1:line 3",
        "notebooks/a.ipynb:cell 3:line 2",
        "notebooks/a.ipynb:cell 3:line 2",
    ]
    assert (code.source, code.options.echo, code.options.tags, code.notebook_id) == (
        "x = 1",
        False,
        ("a",),
        "q",
    )
    assert (problem.location and problem.location.column, link.location.column) == (1, 5)


def test_an_unknown_option_of_a_cells_metadata_has_a_place(parse_page: Parse) -> None:
    """Options that stand in metadata are told of at the cell's first line, without a column."""
    document = parse_page(notebook(cell("code", "1", metadata={"sitegen": {"ech": False}})))
    (problem,) = document.diagnostics
    assert (problem.code, str(problem.location), problem.location and problem.location.column) == (
        "SG210",
        "notebooks/a.ipynb:cell 1:line 1",
        None,
    )


def test_only_code_cells_run(parse_page: Parse) -> None:
    """Fences in prose are shown, whatever the front matter says; fences inside code do not end the cell."""
    prose = "```python\nshown\n```\n\n```{python}\nshown\n```\n\n```{code-cell}\nshown\n```"
    code = "text = '''\n```\n````\n'''\n---\n:x: y"
    document = parse_page(
        notebook(cell("raw", "---\nexecute: true\n---"), cell("markdown", prose), cell("code", code))
    )
    assert [each.source for each in document.cells] == [code]
    assert document.diagnostics == ()
    assert html(document).count("shown") == 3


def test_cells_of_prose_do_not_run_into_each_other(parse_page: Parse) -> None:
    """A list, a fence or a comment of one cell ends with it, as in Jupyter; link definitions hold for all."""
    document = parse_page(
        notebook(
            cell("markdown", "- a"),
            cell("markdown", "- b\n\n[x][y]"),
            cell("markdown", "```\nopen"),
            cell("markdown", "<!-- open"),
            cell("markdown", "*end*\n\n[y]: https://example.org"),
        )
    )
    found = html(document)
    assert found.count("<ul>") == 2
    assert '<a href="https://example.org">x</a>' in found
    assert found.endswith("<p><em>end</em></p>\n")
    assert "notebook's cell" not in found


def test_raw_cells(parse_page: Parse) -> None:
    """A raw cell is HTML as it is, unless it says that it is something else."""
    raw = "<table>\n\n*no emphasis* {{< x >}}</table>"
    document = parse_page(
        notebook(
            cell("raw", raw),
            cell("raw", "<b>html</b>", metadata={"raw_mimetype": "text/html"}),
            cell("raw", "rst", metadata={"raw_mimetype": "text/restructuredtext"}),
        )
    )
    assert html(document) == f"{raw}\n<b>html</b>\n"


def test_attachments_have_names_of_their_own(parse_page: Parse) -> None:
    """Two cells may each have an `image.png`."""
    first = cell("markdown", "![](attachment:image.png)", attachments={"image.png": {"image/png": "YQ=="}})
    second = cell(
        "markdown",
        '<img src="attachment:image.png"> ![](attachment:my%20pic.png) ![](attachment:no.png)',
        attachments={"image.png": {"image/png": "Yg=="}, "my pic.png": {"image/png": "Yw=="}},
    )
    document = parse_page(notebook(first, second))
    assert document.attachments == {
        "attachment-1-image.png": b"a",
        "attachment-2-image.png": b"b",
        "attachment-2-my-pic.png": b"c",
    }
    targets = [segment.target for segment in document.segments if isinstance(segment, LinkHole)]
    assert targets == ["attachment-1-image.png", "attachment-2-image.png", "attachment-2-my-pic.png"]


def test_kernel_and_saved_outputs(parse_page: Parse) -> None:
    """The kernel is that of the metadata; outputs are kept only where nothing runs."""
    output = {"output_type": "stream", "name": "stdout", "text": "a"}
    code = cell("code", "1", outputs=[output])
    spec = {"kernelspec": {"name": "venv", "language": "python"}}
    runs = parse_page(notebook(code, **spec))
    assert (runs.execution.kernel, runs.execution.kernel_language, runs.execution.enabled) == (
        "venv",
        "python",
        None,
    )
    assert runs.saved == {}
    shown = parse_page(notebook(cell("raw", "---\nexecute: false\n---"), code, **spec))
    assert shown.execution.enabled is False
    assert {key: len(value) for key, value in shown.saved.items()} == {"cell-1": 1}
    own = parse_page(notebook(cell("raw", "---\nexecute:\n  kernel: mine\n---"), code, **spec))
    assert (own.execution.kernel, own.execution.kernel_language) == ("mine", "")


def test_another_language(parse_page: Parse) -> None:
    """Cells of a language that we know no kernel for are shown as they are; R has its own."""
    spec = {"kernelspec": {"name": "conda-r", "language": "R"}}
    document = parse_page(notebook(cell("code", "x <- 1"), **spec))
    assert (document.execution.kernel, document.cells[0].language) == ("ir", "r")
    other = parse_page(notebook(cell("code", "(+ 1 1)"), kernelspec={"name": "lisp", "language": "lisp"}))
    assert (other.cells, "---" in html(other)) == ((), False)


def test_title(parse_page: Parse) -> None:
    """The first H1 is the title and not shown again, also where front matter has none; else it is the file's name."""
    with_heading = notebook(cell("raw", "---\ntags: [x]\n---"), cell("markdown", "text\n# T *x*\nmore"))
    document = parse_page(with_heading)
    assert "".join(part.text for part in document.title if isinstance(part, Html)) == "T <em>x</em>"
    assert "<h1" not in html(document)
    unnamed = parse_page(notebook(cell("markdown", "text")))
    assert [part.text for part in unnamed.title if isinstance(part, Html)] == ["a"]


def test_jupyters_anchors(parse_page: Parse) -> None:
    """A link to a heading by Jupyter's name finds ours; one to an anchor that is there stays."""
    text = '[a](#My-2nd-(Part)) [b](#Kept) [c](#none)\n\n<a id="Kept"></a>\n\n## My 2nd (Part)\n\n## Kept'
    found = html(parse_page(notebook(cell("markdown", text))))
    assert [target in found for target in ('"#my-2nd-part"', '"#Kept"', '"#none"', 'id="my-2nd-part"')] == [
        True
    ] * 4


def test_equations_with_blanks(parse_page: Parse) -> None:
    """`$ x^2 $` is an equation in a notebook, as in Jupyter; sums of money stay text."""
    found = html(parse_page(notebook(cell("markdown", "$ x^2 $ and $ 5 or 6 $"))))
    assert found.count("<math") == 1
    assert "$ 5 or 6 $" in found


def test_script_places_and_columns(parse_page: Parse) -> None:
    """In a script lines are the file's, and columns count its comment marks."""
    text = "# ---\n# title: A\n# ---\n\n# %% [markdown]\n# see [b](b.png)\n# %% label='one'\n\nx = 1\n"
    document = parse_page(text, "content/s.py")
    (link,) = (segment for segment in document.segments if isinstance(segment, LinkHole))
    assert (str(link.location), str(document.cells[0].location)) == ("content/s.py:6:11", "content/s.py:9")
    assert (document.page, document.cells[0].options.label) == (PageKey("/s"), "one")


MYST = """---
kernelspec:
  name: other
jupytext:
  text_representation:
    format_name: myst
---
# T

+++ {"tags": ["x"]}

(my-target)=
% a comment
See {ref}`the part <my-target>`, {math}`x^2` and {func}`~a.f`.
{doi}`10.1/x`

```{warning}
:class: dropdown
Mind *this*.
```

```{admonition} My title
Text
```

```{math}
:label: eq
a = b
```

```{figure} a.png
:width: 10
A caption
```

```{code-cell} ipython3
:tags: [hide-input]
1
```
"""


def test_myst(parse_page: Parse) -> None:
    """Block breaks, comments and targets are not shown; admonitions are alerts; roles are what they mean."""
    document = parse_page(MYST, "content/m.md")
    found = html(document)
    assert not any(
        sign in found for sign in ("+++", "comment", ")=", "{ref}", "{math}", "dropdown", ":width:")
    )
    assert '<span id="my-target"></span>' in found
    assert "See the part," in found
    assert "and <code>a.f</code>" in found
    assert '<a href="https://doi.org/10.1/x">doi:10.1/x</a>' in found
    assert found.count("<math") == 2
    assert 'class="markdown-alert markdown-alert-warning"' in found
    assert "Mind <em>this</em>." in found
    assert "My title" in found
    assert 'alt="A caption"' in found
    assert (document.execution.kernel, len(document.cells), document.diagnostics) == ("other", 1, ())


COLONS = """```{code-cell} python
1
```

::::{warning}
Outer, `:::` and a link [b](b.png).

:::{tip}
Inner
:::

After
::::

- item
  :::{note}
  In a list
  :::
- next

:::{dropdown} Unknown
:::
"""


def test_myst_directives_between_colons(parse_page: Parse) -> None:
    """They stand inside each other and in lists, keep their lines, and are text where we do not know them."""
    document = parse_page(COLONS, "content/m.md")
    found = html(document)
    kinds = ("warning", "tip", "note")
    assert [found.count(f'class="markdown-alert markdown-alert-{kind}"') for kind in kinds] == [1, 1, 1]
    assert found.index("Inner") < found.index("After") < found.index("In a list") < found.index("<li>next")
    assert ":::{dropdown} Unknown" in found
    assert found.count(":::") == 3
    (link,) = (segment for segment in document.segments if isinstance(segment, LinkHole))
    assert link.location.line == 6


def test_markdown_without_myst(parse_page: Parse) -> None:
    """On another page the same signs are text."""
    found = html(parse_page("# T\n\n100\n% of it\n\n+++\n\n(a)=\n\n:::{note}\n", "content/m.md"))
    assert all(sign in found for sign in ("% of it", "+++", "(a)=", ":::{note}"))


def test_the_form_of_an_embed(parse_page: Parse) -> None:
    """What is embedded stands first, in quotes or as Quarto writes it, and options have names: of these shortcodes alone."""
    text = '{{< embed ../n/ppo.ipynb#train echo=true >}}\n\n{{< notebook "ppo.ipynb" cells="a,b" >}}\n'
    document = parse_page(text, "content/m.md")
    calls = [segment.call for segment in document.segments if isinstance(segment, ShortcodeHole)]
    assert [(call.name, call.positional, dict(call.named)) for call in calls] == [
        ("embed", ("../n/ppo.ipynb#train",), {"echo": True}),
        ("notebook", ("ppo.ipynb",), {"cells": "a,b"}),
    ]
    mixed = parse_page('{{< figure "a.png" alt="x" >}}\n\n{{< figure a/b.png >}}\n', "content/m.md")
    assert [problem.code for problem in mixed.diagnostics] == ["SG201", "SG201"]
