"""Odd texts through the converters: no exception, code as it was, text without anything foreign as it was, linear work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import PurePosixPath
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.content.notebooks import SourceCell
from sitegen.importing.cell_options import convert_cell
from sitegen.importing.kramdown import convert_kramdown
from sitegen.importing.liquid import tokens
from sitegen.importing.liquid_content import LiquidPage, LiquidSite, convert_liquid
from sitegen.importing.liquid_templates import translated
from sitegen.importing.notebook_text import NotebookPage, notebook_markdown
from sitegen.importing.prose import pieces
from sitegen.importing.quarto_text import QuartoPage, QuartoSite, convert_quarto

PLAIN = [
    "A *plain* paragraph, with [a link](b.md) and ![a picture](c.png).\n\n",
    "- an item\n- another\n\n",
    "> a quotation\n\n",
    "## A heading\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "Inline `code` and $x_1$.\n\n",
    "    indented code\n\n",
    "[^1]\n\n[^1]: A note.\n\n",
    "Costs $5 and 10 % of {it}.\n\n",
]
CODE = ["```python\nx = 1  # $$y$$ [a](b){: .c} @fig-a\n```\n\n", "~~~\n{: .x} ::: {.a} x^2^ H~2~O\n~~~\n\n"]
LIQUID = [
    *(
        "{% include a.html b='c' %}",
        "{% raw %}",
        "{% endraw %}",
        "{{ site.title }}",
        "{{ '/a' | relative_url }}",
        "{{",
    ),
    *(
        "{% highlight py linenos %}\nx\n{% endhighlight %}\n",
        "{%",
        "%}",
        "{% if x %}",
        "{% endif %}",
        "{% comment %}",
        "}}",
    ),
    *(
        "{% post_url 2020-01-01-a %}",
        "{% gist a/b %}",
        "{% details x %}",
        "{% enddetails %}",
        "{: .a #b}\n",
        "{:toc}\n",
    ),
    *(
        "{::comment}\n",
        "$$",
        "*[A]: b\n",
        '<div markdown="1">\n',
        "</div>\n",
        "{% include_relative a %}",
        "![a](b){: .c}",
    ),
]
QUARTO = [
    *(
        "::: {.callout-note}\n",
        "::: {#fig-a}\n",
        ":::\n",
        "::: x\n",
        "::: {.panel-tabset}\n",
        "{{< video x >}}",
        "{{< include a >}}",
    ),
    *(
        "{{{< x >}}}",
        "@fig-a",
        "[@fig-a; @tbl-b]",
        "[-@sec-a]",
        "![c](d.png){#fig-a}\n\n",
        ": c {#tbl-b}\n",
        "$$x$$ {#eq-c}\n",
    ),
    *(
        "```{python}\n#| label: fig-z\n#| x: [\nplot()\n```\n",
        "```{r, echo=FALSE}\n1\n```\n",
        "```{=html}\n<b>\n```\n",
        "^[note]",
    ),
    *(
        "x^2^",
        "H~2~O",
        "[a]{.b}",
        "## T {#sec-a}\n",
        "`<b>`{=html}",
        "+---+\n",
        "```{#lst-a .py}\n1\n```\n",
        "{{< meta title >}}",
    ),
]
ODD = [
    "`",
    "``",
    "```\n",
    "~~~\n",
    "\n\n",
    " ",
    "\t",
    "[",
    "](",
    ")",
    "{",
    "}",
    "$",
    "\\",
    "<",
    ">",
    '"',
    "'",
    "|",
    "\u2028",
    "é",
    "\x00",
]


def _jekyll(text: str) -> str:
    page = LiquidPage(path=PurePosixPath("_posts/a.md"), fields={"title": "T"})
    site = LiquidSite(settings={"title": "S", "baseurl": "/b"}, includes={"a.html": "<b>{{ include.b }}</b>"})
    return convert_kramdown(convert_liquid(text, page, site)).text


def _quarto(text: str) -> str:
    page = QuartoPage(path=PurePosixPath("a.qmd"), fields={"title": "T"})
    return convert_quarto(text, page, QuartoSite(include=lambda _: "included {{< include a >}}"))


def _notebook(text: str) -> str:
    cells = (
        SourceCell(kind="markdown", source=text, number=1),
        SourceCell(kind="code", source=text, number=2),
    )
    return notebook_markdown(cells, NotebookPage(path=PurePosixPath("a.ipynb")))


def _texts(*groups: list[str]) -> st.SearchStrategy[str]:
    parts = [part for group in groups for part in group]
    return st.lists(st.sampled_from(parts), max_size=25).map("".join)


@settings(max_examples=150, deadline=None)
@given(_texts(PLAIN, CODE, LIQUID, QUARTO, ODD))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever stands in a page, it is converted or left; tokens and pieces together are the text."""
    _jekyll(text)
    _quarto(text)
    _notebook(text)
    translated(text)
    convert_cell(text.split("\n"))
    assert "".join(token.source for token in tokens(text)) == text
    assert "".join(piece.text for piece in pieces(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_characters_are_too_odd(text: str) -> None:
    """Not even those that nobody types."""
    _jekyll(text)
    _quarto(text)
    _notebook(text)


@pytest.mark.parametrize("convert", [_jekyll, _quarto])
@settings(max_examples=40, deadline=None)
@given(text=_texts(PLAIN, CODE))
def test_text_without_anything_foreign_stays(convert: Callable[[str], str], text: str) -> None:
    """Markdown that both sides read is not touched."""
    assert convert(text) == text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*PLAIN, *(f"{part}\n\n" for part in LIQUID if part[:2] in ("{:", "*[", "$$"))]),
        max_size=8,
    )
)
def test_code_of_jekyll_stays_byte_by_byte(parts: list[str]) -> None:
    """A fence between whatever kramdown makes something of."""
    made = _jekyll("".join(part + code for part, code in zip(parts, CODE * len(parts), strict=False)))
    assert all(made.count(code.strip()) == (len(parts) + 1 - place) // 2 for place, code in enumerate(CODE))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*PLAIN, "x^2^\n\n", "[a]{.b}\n\n", "@fig-a\n\n", "::: {.a}\nx\n:::\n\n"]), max_size=8
    )
)
def test_code_of_quarto_stays_byte_by_byte(parts: list[str]) -> None:
    """A fence between whatever Pandoc makes something of."""
    made = _quarto("".join(part + code for part, code in zip(parts, CODE * len(parts), strict=False)))
    assert all(made.count(code.strip()) == (len(parts) + 1 - place) // 2 for place, code in enumerate(CODE))


@pytest.mark.parametrize("convert", [_jekyll, _quarto, _notebook], ids=["jekyll", "quarto", "ipynb"])
def test_work_grows_with_the_text(convert: Callable[[str], str]) -> None:
    """Four times the text is about four times the calls."""
    text = "".join((*PLAIN, *CODE, *LIQUID, *QUARTO, *ODD)).replace("\x00", "") * 2

    assert _calls(convert, text * 4) < 5.5 * _calls(convert, text)


def _calls(convert: Callable[[str], str], text: str) -> int:
    """How many functions are called, Python's and C's."""
    convert(text)  # what is cached is cached
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        convert(text)
    finally:
        sys.setprofile(None)
    return count
