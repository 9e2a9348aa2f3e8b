"""What an author meant otherwise is told at its place, and what is the author's own is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sitegen.content.document import Document
from sitegen.markdown import slips
from sitegen.markdown.slips import misspelt

ParseBody = Callable[..., Document]

BOXES = [
    ("::: {.calout-note}\na\n:::", "5:6 SG225 the class `calout-note` means nothing | did you mean `callout-note`?"),
    ("a\n\n::: {.x .callout-wraning}\na\n:::", "7:9 SG225 the class `callout-wraning` means nothing | did you mean `callout-warning`?"),
    ("::: {.column-pge}\na\n:::", "5:6 SG225 the class `column-pge` means nothing | did you mean `column-page`?"),
    ("::: {.panel-tabset}\na\n:::", "5:6 SG225 the class `panel-tabset` has no effect here | write a `<details>` for each tab, or headings"),
    ("> [!WARNNG]\n> a", "5:3 SG225 an alert of the unknown kind `[!WARNNG]` | did you mean `[!WARNING]`?"),
    ("::: {.callout-note colapse=true}\na\n:::", "5:20 SG227 a callout has no attribute `colapse` | did you mean `collapse`?"),
    ("::: {.compare}\n![a](a.png)\n:::", "5:6 SG227 a comparison is of two pictures, and this one has 1 picture | put two pictures into the box, each in a line of its own"),
    ("::: {layout-ncol=2}\na\n:::", "5:6 SG227 `layout-ncol` has no effect in a div that is no figure | give the figure a label: `::: {#fig-name layout-ncol=2}`, with a caption as its last paragraph"),
]  # fmt: skip
COLONS = [
    ("a\n\n:::\n\nb", "7:1 SG224 `:::` ends nothing | remove it, or write `::: {.name}` where the div begins"),
    ("::: {.x}\na", "5:1 SG224 the div `::: {.x}` never ends | end it with a line `:::`"),
    ("::: note\na\n:::", "5:1 SG224 `::: note` begins no div | a div's class stands in braces: `::: {.callout-note}`"),
    ("> ::: {a b}\n> a\n> :::", "5:3 SG224 `::: {a b}` begins no div | its attributes are written `{#id .class name=\"value\"}`"),
]  # fmt: skip
NOTES = [
    ("a\n\nb[^1]", "7:2 SG226 the footnote `[^1]` has no text | write it below, in a line that begins with `[^1]: `"),
    ("a[^nte]\n[^note]\n\n[^note]: x", "5:2 SG226 the footnote `[^nte]` has no text | did you mean `[^note]`?"),
    ("a\n\n[^1]: x", "7:1 SG226 nothing refers to the footnote `[^1]`, so it is not shown | write `[^1]` where it belongs, or remove its text"),
    ("a[^1]\n\n[^1]: x\n[^1]: y", "8:1 SG226 the footnote `[^1]` has two texts, and the first is shown | give the second a label of its own"),
    ("a[^1]\n\n[^1]: x ^[y]", "7:9 SG226 a note inside a note stands in no margin, only in the list at the end | put it into brackets, or make it a note of the text"),
    ("a [see @key; foo]", "5:3 SG232 the brackets around `@key` are no citation: each part between semicolons names a key | write `[see @one, p. 3; also @two]`, or `\\[` for the bracket itself"),
    ("::: {#ref}\n:::", "5:6 SG225 a div `#ref` is not the place of the bibliography | did you mean `::: {#refs}`?"),
    ("a [see @key, p. 3", "5:3 SG232 the bracket before `@key` is not closed, so it stays on the page | write `[@key]`, or `\\[` for the bracket itself"),
]  # fmt: skip
PICTURES = [
    ("![a](b.png){widht=50%}", "5:13 SG227 `widht` is left out: a picture has no such attribute | did you mean `width`?"),
    ("![a](b.png){width=abc}", "5:13 SG227 `width=abc` has no effect | write `width=300`, `width=50%`, `width=2in` (or `cm`, `mm`, `pt`)"),
    ("![a](b.png){height=50%}", "5:13 SG227 `height=50%` has no effect | write `height=300` or `height=2in` (or `cm`, `mm`, `pt`)"),
    ("![a](b.png){zoom=maybe}", "5:13 SG227 `zoom=maybe` has no effect | write `true` or `false`"),
    ("![](b.png){zoom=true}", "5:12 SG227 a picture cannot be enlarged where it has no alternative text | say what it shows between the brackets"),
    ("[![a](b.png){zoom=true}](/x/)", "5:14 SG227 a picture cannot be enlarged where it is a link already | remove `zoom=true`"),
    ("![a](b.png){quality=high}", "5:13 SG227 `quality=high` has no effect | write a number from 1 to 100"),
    ("![a](b.png){formats=wepb}", "5:13 SG227 `formats=wepb` has no effect | there are `avif` and `webp`"),
    ("![a](b.png){loading=lzay}", "5:13 SG227 `loading=lzay` has no effect | did you mean `lazy`?"),
    ("![a](b.png){.column-mrgin}", "5:13 SG225 the class `column-mrgin` means nothing | did you mean `column-margin`?"),
    ("![a](b.png){.zoom=true}", "5:12 SG221 attributes cannot be read: `{.zoom=true}` | write `{#id .class name=\"value\"}`"),
    ("[a](/b/){targt=x}", "5:10 SG227 `targt` is left out: a link has no such attribute | did you mean `target`?"),
    ("![a](b.png){#fgi-x}", "5:12 SG228 the label of a figure begins with `fig-`: it has no number | write `{#fig-...}`"),
    ("![a](b.png){#tbl-x}", "5:12 SG228 the label of a figure begins with `fig-`, and `tbl-` is a table's: it has no number | write `{#fig-...}`"),
    ("![a](b.png){ #fig-x .y}", "5:14 SG228 a picture whose braces begin with something else is no numbered figure | write `{#fig-x` first, without a blank"),
    ("|a|\n|-|\n|b|\n\n: C {#tbl-x", "9:5 SG221 the braces at the end of a caption are not closed, so they are part of the text | end them with `}`"),
    ("|a|\n|-|\n|b|\n\nC {#tbl-x}", "9:3 SG228 a table's caption begins with a colon, so this is a paragraph | write `: Caption {#tbl-...}`"),
    ("$a$ {#eq-x}", "5:5 SG228 an equation in a sentence has no number | write it between `$$`, in a paragraph of its own"),
    ("![a](b.png){#fig-x}\n*below*", "5:13 SG228 a picture with other words in its paragraph is no numbered figure | put it into a paragraph of its own"),
    ("a ![a](b.png){#fig-x}", "5:15 SG228 a picture with other words in its paragraph is no numbered figure | put it into a paragraph of its own"),
    ("|a|\n|-|\n|b|\n\n: C {#tlb-x}", "9:5 SG228 the label of a table begins with `tbl-`: it has no number | write `{#tbl-...}`"),
    ("![a](b.png){#fig-x}\n\nSee @fgi-x.", "7:5 SG228 `@fgi-x` refers to nothing | did you mean `@fig-x`?"),
    ("::: {#fig-x layout-nclo=2}\n![a](b.png){#fig-y}\n\nC\n:::", "5:13 SG227 a figure has no attribute `layout-nclo` | did you mean `layout-ncol`?"),
    ("::: {#fig-x layout-ncol=x}\n![a](b.png){#fig-y}\n\nC\n:::", "5:13 SG227 `layout-ncol` is a number from 1 to 4, and `x` is none | write `layout-ncol=2`; without it there are two columns"),
    ("![a](b.png){#fig-x}\n\n![b](b.png){#fig-x}", "7:13 SG212 the label `fig-x` stands twice on this page | give each cell, figure, table and listing a label of its own"),
]  # fmt: skip
CODE = [
    ('```python {hl-lines="3-"}\na\n```', "5:12 SG227 `3-` is no line of code | write lines from 1, and ranges: `1,3-5`"),
    ('```python {hl_lines="2-1"}\na\nb\n```', "5:12 SG227 `2-1` names no line | lines count from 1, and a range goes from the smaller to the larger"),
    ("```python {hl_lines=9}\na\nb\n```", "5:12 SG227 line 9 is to be highlighted, and the code has 2 lines | lines count from 1, from the first of the block"),
    ('```python {hl-line="1"}\na\n```', "5:12 SG227 code has no option `hl-line` | did you mean `hl-lines`?"),
    ("```python {linenos=tabel}\na\n```", "5:12 SG227 `linenos` cannot be `tabel` | did you mean `table`?"),
    ("```python {linenostart=x}\na\n```", "5:12 SG227 `linenostart` is a number, and `x` is none | write `linenostart=4`"),
    ('```{.python #lst-a lst-cpa="x"}\na\n```', "5:20 SG227 code has no option `lst-cpa` | did you mean `lst-cap`?"),
    ("```python\na # <1>\n```\n\nb", "6:3 SG229 the marks of this code have no list that tells of them | write an ordered list (`1. ...`) right below the code"),
    ("```cpp\nget<1>(t);\na // <01>\n```\n\nb", "7:3 SG229 the marks of this code have no list that tells of them | write an ordered list (`1. ...`) right below the code"),
    ("```python\na # <1>\nb # <2>\n```\n\n1. x", "6:3 SG229 the mark `<2>` has no item in the list below, which has 1 | add item 2 to the list"),
    ("```python\na # <1>\n```\n\n1. x\n   1. y\n2. z", "6:3 SG229 item 2 of the list below has no mark in the code | mark its line: `# <2>`"),
    ("a\n\n$$\na\n\\nope x\n$$", "9:1 SG220 equation cannot be typeset: unknown command `\\nope` | correct the LaTeX, or write a dollar sign that is not math as `\\$`"),
    ("a\n\n$$\na\n\nb\n$$", "7:1 SG220 the equation that begins with `$$` does not end, so it is text | end it with a line `$$`; no empty line may stand in it"),
    ("\\begin{align}\na", "5:1 SG220 the equation that begins with `\\begin{align}` does not end, so it is text | end it with a line `\\end{align}`; no empty line may stand in it"),
    ("$$ a $$ {#equ-x}", "5:9 SG228 `{#equ-x}` behind an equation is no label, so it is text | write `{#eq-...}`"),
    ("$$ \\eqref{eq-b} $$\n\n$$ a $$ {#eq-a}", "5:10 SG222 `eq-b` is the label of no equation of this page | did you mean `eq-a`?"),
    ("$$ a $$ {#eq-x}\n\n$$ b $$ {#eq-x}", "7:9 SG212 the label `eq-x` stands twice on this page | give each cell, figure, table and listing a label of its own"),
    ("## A {#sec-x}\n\n## B {#sec-x}", "7:7 SG212 the label `sec-x` stands twice on this page | give each cell, figure, table and listing a label of its own"),
    ("## A {#sec-x", "5:6 SG221 the braces at the end of a heading are not closed, so they are part of its title | end them with `}`"),
    ("```mermiad\na\n```", "5:4 SG227 code in the unknown language `mermiad` | did you mean `mermaid`?"),
    ("```pyhton\na\n```", "5:4 SG227 code in the unknown language `pyhton` | did you mean `python`?"),
    ("```{pyhton}\na\n```", "5:4 SG213 the kernel `python3` of this page does not run `pyhton`: shown, not run | did you mean `{python}`?"),
    ("```{python}\n# | echo: false\n1\n```", "6:1 SG227 an option that is a comment: `# | echo: false` | options begin with `#|`"),
    ("```{python}\n1\n#| echo: false\n```", "7:1 SG227 an option that is a comment: `#| echo: false` | options stand above the code, and begin with `#|`"),
    ("```dot\ndigraph {}\n//| label: fig-x\n```", "7:1 SG227 an option that is a comment: `//| label: fig-x` | options stand above the code, and begin with `//|`"),
    ("a `{pyhton} b`", "5:3 SG227 `pyhton` runs nothing, so the value is shown as code | did you mean `{python} ...`?"),
    ("a {evla}`b`", "5:3 SG227 `evla` runs nothing, so the value is shown as code | did you mean {eval}`...`?"),
    ("a $b \\nope$", "5:6 SG220 equation cannot be typeset: unknown command `\\nope` | correct the LaTeX, or write a dollar sign that is not math as `\\$`"),
]  # fmt: skip


def _told(document: Document) -> list[str]:
    return [
        f"{each.location.line}:{each.location.column} {each.code} {each.message} | {each.hint}"
        for each in document.diagnostics
        if each.location is not None
    ]


@pytest.mark.parametrize(("text", "told"), [*BOXES, *COLONS, *NOTES, *PICTURES, *CODE])
def test_slip_is_told_at_its_place(text: str, told: str, parse_body: ParseBody) -> None:
    """Line, column, code, message and hint; nothing else is told."""
    assert _told(parse_body(text, cites="@key" in text)) == [told]


@pytest.mark.parametrize(
    "text",
    [
        "::: {.mine .callout-note title=T}\na\n:::\n\n::: {.columns}\n::: {.column}\nb\n:::\n:::",
        "> [!CUSTOM]\n> a\n\n> [!bug] T\n> b\n\n> [!TIP]+\n> c",
        "::: {.compare}\n![a](a.png)\n![b](b.png)\n:::",
        "::: {.compare}\n<img src=a.png alt=a>\n:::",
        "`[^1]`, \\[^1], [^a-z]+, [^x] and [^top](#top)\n\n    [^1] :::\n\n```\n:::\n[^1] # <1>x\n```",
        "a[^1] b^[c]\n\n[^1]: d",
        "[@key] and [see @key, p. 3], @key [p. 2], a [b] @key, \\[@key",
        "![a](b.png){width=50% .mine #big-one zoom=no formats=avif,webp data-x=1}",
        "[a](b){.button rel=nofollow} {x} [a](b){.ext.link}",
        "![a](b.png){#fig-x fig-alt=z}\n\n@fig-x, @fog-x, me@fgi-x.org",
        "|a|\n|-|\n|b|\n\n: C {#tbl-x}",
        '```python {hl_lines=[1,"2-3"] linenos=table class=x data-y=z caption=z}\na\nb\nc\n```',
        "```python\na # <1>\nb # <2>\n```\n\n1. x\n2. y",
        "::: {#fig-x layout-ncol=3}\n![a](b.png){#fig-y}\n\nC\n:::",
        "::: {#references}\n- a book\n:::",
        "`{x} y`, `{bash} z`, {abbr}`w` and {eval}`v`",
        "```console\n$ x\n```\n\n```promql\nx\n```\n\n```mine\nx\n```",
        "```{python}\n#| echo: false\n# a | b: c\nx | y\n```",
        "It costs $5 or $6.\n\n$$\na\n$$\n\n$$ \\eqref{eq-a} \\label{eq-a} $$ \\begin{x}",
        "## A {b}\n\n## `{#c`",
    ],
)
def test_what_is_meant_is_not_told(text: str, parse_body: ParseBody) -> None:
    """Names of the author's own, code, and what is right."""
    assert _told(parse_body(text, cites=True)) == []


def test_colons_of_myst_are_left_alone(parse_body: ParseBody) -> None:
    """A directive that is not known is shown as it is written."""
    assert _told(parse_body(":::{grid}\na\n:::\n\n```{code-cell} python\n1\n```")) == []


def test_lines_of_a_cell_are_those_that_it_has(parse_body: ParseBody) -> None:
    """A cell's `hl-lines` goes by the code without its options."""
    told = _told(parse_body('```python\n#| hl-lines: "1-3"\na\nb\n```', enabled=True))
    assert told == [
        "6:4 SG227 line 3 is to be highlighted, and the code has 2 lines | lines count from 1, from the first of the block"
    ]


def test_footnotes_that_nobody_reads_change_no_page(parse_body: ParseBody) -> None:
    """What is told of them is no part of the body."""
    with_text, without = parse_body("a\n\n[^1]: x\n"), parse_body("a\n\n")
    assert with_text.segments == without.segments
    assert with_text.summary == without.summary


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("wraning", "warning"),
        ("warnng", "warning"),
        ("note", None),
        ("nte", "note"),
        ("votes", None),
        ("callout-nots", "callout-note"),
    ],
)
def test_misspelt(name: str, meant: str | None) -> None:
    """One edit, two in a long name; letters that changed places are one."""
    assert misspelt(name, ("note", "warning", "callout-note")) == meant


def test_text_without_any_sign_is_not_looked_through(
    parse_body: ParseBody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that uses none of it costs a search for each sign."""
    looked: list[Any] = []
    monkeypatch.setattr("sitegen.markdown.parse.notice_slips", lambda *given, **_: looked.append(given))
    parse_body("# A\n\nText with [a link](b.md), `code` and *more*.\n\n```python\nx = {1: 2}\n```\n")
    assert looked == []


@pytest.mark.parametrize("line", ["::: {.x}", ":::", "a[^n]", "> [!NOTEE]", "![a](b){widht=1}", "[@key"])
def test_work_grows_with_the_text(line: str, parse_body: ParseBody, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the slips take four times the looks at lines."""
    looks = [_looks(line, count, parse_body, monkeypatch) for count in (20, 80)]
    assert looks[1] <= 4 * looks[0] + 8


def _looks(line: str, count: int, parse_body: ParseBody, monkeypatch: pytest.MonkeyPatch) -> int:
    made = 0
    plain = slips.slip

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal made
        first, last = named["block"]
        made += 1 + last - first
        return plain(*given, **named)

    for module in ("div_slips", "note_slips", "picture_slips"):
        monkeypatch.setattr(f"sitegen.markdown.{module}.slip", counted)
    parse_body("\n\n".join([line] * count), cites=True)
    return made
