"""Work grows with the text, also where the text is made to hurt: calls are counted, no clock is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Final

import pytest

from sitegen.config import Config
from sitegen.config.values import Markup

Text = Callable[[int], str]

MARKUP: Final = Markup(
    extras=frozenset({"delete", "insert", "mark", "superscript"}),
    east_asian_line_breaks=True,
    block_attributes=True,
    math_delimiters=(("@@", "@@", "block"), ("\\(", "\\)", "inline")),
)
SIZE: Final = 100
MOST: Final = 4.6
"""Four times the text may take so many times the calls: a little more than four, for what is made once."""


def _root(size: int) -> int:
    """A number of steps whose text, one step longer each, grows like `size`."""
    return int((2 * size) ** 0.5) + 1


# Many after cmark's tests for pathological inputs, <https://github.com/commonmark/cmark/blob/master/test/pathological_tests.py>.
TEXTS: Final[dict[str, Text]] = {
    "nested strong emphasis": lambda n: "*a **a " * n + "b" + " a** a*" * n,
    "closers of emphasis": lambda n: "a_ " * n,
    "openers of emphasis": lambda n: "_a " * n,
    "mismatched openers and closers": lambda n: "*a_ " * n,
    "openers and closers, multiples of three": lambda n: "a**b" + "c* " * n,
    "openers of two kinds": lambda n: "*a _b ~c ++d ==e ^f " * n,
    "closers of two kinds": lambda n: "a* b_ c~ d++ e== f^ " * n,
    "closers of links": lambda n: "a]" * n,
    "openers of links": lambda n: "[a" * n,
    "openers of links before a bracket": lambda n: "[a" * n + "\\]",
    "openers of images before a bracket": lambda n: "![" * n + "]",
    "openers of links and emphasis": lambda n: "[ a_" * n,
    "openers of links with parentheses": lambda n: "[ (](" * n,
    "openers of images": lambda n: "![[]()" * n,
    "links in strong emphasis": lambda n: "**x [a*b**c*](d) " * n,
    "nested brackets": lambda n: "[" * n + "a" + "]" * n,
    "nested brackets with targets": lambda n: "[" * n + "a" + "](u)" * n,
    "unclosed targets in angles": lambda n: "[a](<b" * n,
    "unclosed targets": lambda n: "[a](b" * n,
    "plain links": lambda n: "[a](b) " * n,
    "plain links in brackets": lambda n: "[" * n + "[a](b)" + "]" * n,
    "images": lambda n: "![a](u)" * n,
    "autolinks": lambda n: "<https://a.b>" * n,
    "many references": lambda n: (
        "".join(f"[{i}]: u\n" for i in range(n)) + "".join(f"[{i}] " for i in range(n))
    ),
    "one reference, many definitions": lambda n: "[a]: u\n" * n + "[a] " * n,
    "definitions with unclosed titles": lambda n: "[a]: u 'x\n" * n,
    "labels over many lines": lambda n: "[a\n" * n,
    "backslashes": lambda n: "\\" * n,
    "escapes": lambda n: "\\a\\*" * n,
    "no characters": lambda n: "abc\0de\0" * n,
    "backticks of growing length": lambda n: "".join("e" + "`" * i for i in range(1, _root(n))),
    "code spans": lambda n: "`a` " * n,
    "entities": lambda n: "&copy;&a" * n,
    "comments in a line": lambda n: "a <!-- " * n,
    "comments in many lines": lambda n: "a <!-- b\n" * n,
    "CDATA": lambda n: "a <![CDATA[" * n,
    "instructions": lambda n: "a <?" * n,
    "declarations": lambda n: "a <!A " * n,
    "unclosed tags": lambda n: "a <a b='" * n,
    "openers of tags": lambda n: "<" * n,
    "blocks of HTML": lambda n: "<div>\n\n" * n,
    "nested quotations": lambda n: "> " * n + "a",
    "lazy quotation": lambda n: "> a\n" + "b\n" * n,
    "quotations": lambda n: "> a\nb\n" * n,
    "alerts": lambda n: "> [!NOTE]\n> a\n\n" * n,
    "nested lists": lambda n: "".join("  " * i + "* a\n" for i in range(_root(n))),
    "nested lists in a line": lambda n: "* " * n + "a",
    "lists": lambda n: "- a\n* b\n1. c\n\n" * n,
    "loose list": lambda n: "- a\n\n" * n,
    "a list above an underline": lambda n: "- a\n" * n + "b\n===",
    "a list above a row of dashes": lambda n: "- a\n" * n + "|-|",
    "items that end as underlines and rows do": lambda n: "- a -\n- b:\n" * n,
    "quotations above an underline": lambda n: "> a\n" * n + "> ===",
    "tasks": lambda n: "- [ ] a\n" * n,
    "wide table": lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n + "|\n",
    "long table": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * n,
    "rows of dashes": lambda n: "a\n" + "|-|-|-\n" * n,
    "paragraphs before a row of dashes": lambda n: "a\nb\n\n" * n + "|-|",
    "tables": lambda n: "|a|\n|-|\n\n" * n,
    "dollars": lambda n: "$" * n,
    "dollars and letters": lambda n: "$a " * n,
    "pairs of dollars": lambda n: "$$ " * n,
    "lines of dollars": lambda n: "$$\n\na\n" * n,
    "openers of equations": lambda n: "\\( \\[ @@a " * n,
    "environments": lambda n: "\\begin{align}\n" * n,
    "double quotes": lambda n: '"' * n,
    "single quotes": lambda n: "'" * n,
    "opening quotes": lambda n: "\"a 'b " * n,
    "closing quotes": lambda n: "a\" b' " * n,
    "dashes": lambda n: "a" + "-" * n,
    "full stops": lambda n: "." * n,
    "tildes": lambda n: "~" * n,
    "tildes between letters": lambda n: "a~a~~" * n,
    "carets": lambda n: "^" * n,
    "equals signs": lambda n: "a " + "=" * n,
    "schemes": lambda n: "https://" * n,
    "addresses": lambda n: "https://a.b www.a.b " * n,
    "a long address": lambda n: "https://a.b/" + "a" * n,
    "an address with parentheses": lambda n: "https://a.b/" + "(" * n + ")" * n,
    "an address with entities": lambda n: "https://a.b/" + "&amp;" * n,
    "names before an at sign": lambda n: "_a" * n + "@b.c",
    "at signs": lambda n: "a@" * n,
    "mail addresses": lambda n: "a@b.cd " * n,
    "a long domain": lambda n: "a@" + "b." * n,
    "colons": lambda n: ":a" * n,
    "short codes": lambda n: ":dog: " * n,
    "notes": lambda n: (
        "".join(f"[^{i}] " for i in range(n)) + "\n\n" + "".join(f"[^{i}]: x\n" for i in range(n))
    ),
    "notes between paragraphs": lambda n: "".join(f"a[^{i}]\n\n[^{i}]: x\n\n" for i in range(n)),
    "one note, many references": lambda n: "[^1] " * n + "\n\n[^1]: x\n",
    "nested notes": lambda n: ("[^1]: " * 20 + "a\n\n") * (n // 20),
    "unclosed labels of notes": lambda n: "[^" + "a " * n + "\n\n[^1]: x",
    "definition lists": lambda n: "a\n: b\n\n" * n,
    "descriptions": lambda n: "a\n" + ": b\n" * n,
    "terms": lambda n: "a\n" * n + ": b",
    "nested definition lists": lambda n: "a\n" + "".join("  " * i + ": a\n" for i in range(_root(n))),
    "cross-references": lambda n: "@fig-a [@fig-b;" * n,
    "slips: divs": lambda n: "::: {.calout-note}\n\n:::\n\n" * n + "::: a\n\n" * n,
    "slips: notes": lambda n: "a[^1] [@k ^[b ^[c]]\n\n" * n + "[^n]: a\n" * n,
    "slips: pictures": lambda n: "![a](b){widht=1}{#fgi-x} [a](b){c=d} " * n,
    "slips: marks": lambda n: "```\na # <1>\n```\n1. b\n" * n + "```a {hl-line=1}\n```\n" * n,
    "slips: equations": lambda n: "$$\na\n\n" * n + "$$ \\eqref{x} $$ {#x}\n\n" * n,
    "lines": lambda n: "a\n" * n,
    "East Asian lines": lambda n: "日\n" * n,
    "hard breaks": lambda n: "a  \n" * n,
    "paragraphs": lambda n: "a\n\n" * n,
    "headings": lambda n: "# a\nb\n-\n" * n,
    "attributes of a heading": lambda n: "# a" + " {a}" * n,
    "fences": lambda n: "```\n" * n,
    "headings of one text": lambda n: "# a\n\n" * n,
    "headings with entities": lambda n: "# a&#8217;s\n\n" * n,
    "a heading of emphasis": lambda n: "# " + "**it's** " * n,
    "fences with options": lambda n: "".join(f"```py {{hl_lines=1 .x}}\n{i}\n```\n\n" for i in range(n)),
    "numbered lines": lambda n: "```py {linenos=true}\n" + "a = 1\n" * n + "```\n",
    "attributes of blocks": lambda n: "a\n{.b}\n\n" * n,
    "unclosed attributes of blocks": lambda n: "{.a\n" * n,
    "dividers in code": lambda n: "```\n" + "<!--more-->\n" * n + "```\n",
    "unclosed elements": lambda n: "<div><p>a " * n + "</p>" * n,
    "a summary without an end": lambda n: "- a <b> </i>\n" * n,
    "a summary of pieces": lambda n: "*a* `b` [c](d) " * n + "\n\nb",
    "paragraphs between tags": lambda n: "<div>\n\na\n\n</div>\n\n" * n,
    "blanks": lambda n: "a" + " " * n + "b",
}


def _calls(parse: Callable[[], object]) -> int:
    """How many functions are called."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        parse()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_four_times_the_text_is_four_times_the_work(
    text: Text, config: Config, parse_body: Callable[..., object]
) -> None:
    """The whole of the dialect, with all that may be switched on."""
    settings = replace(config, markup=MARKUP, enable_emoji=True)
    parse_body(text(4), settings=settings)  # what is made once for all pages

    once = _calls(lambda: parse_body(text(SIZE), settings=settings))
    four_times = _calls(lambda: parse_body(text(4 * SIZE), settings=settings))

    assert four_times <= MOST * once
