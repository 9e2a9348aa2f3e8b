"""Rules asked by first characters: the same tokens as with the library's own parsers, and no rule forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from sitegen.config.values import Markup
from sitegen.markdown.dialect import parser, with_rules
from sitegen.markdown.dispatch import block_rules, inline_rules
from sitegen.markdown.myst import MYST

MARKUPS = {
    "default": Markup(),
    "everything": Markup(
        extras=frozenset({"delete", "insert", "mark", "superscript", "subscript"}),
        east_asian_line_breaks=True,
        block_attributes=True,
        unsafe=False,
        math_delimiters=(("@@", "@@", "block"), ("\\(", "\\)", "inline")),
    ),
    "nothing": Markup(
        linkify=False,
        tables=False,
        strikethrough=False,
        task_lists=False,
        definition_lists=False,
        footnotes=False,
        typographer=False,
        math=False,
    ),
}
PIECES = (
    *"abc *_~+=^`'\"\\<>[](){}!@#$%&|:;.,-=1日é\n\t\f\u00a0\u2003",
    *("\n\n", "\n- ", "\n  - ", "\n1. ", "\n> ", "\n    ", "\n# ", "\n===", "\n---\n", "\n|-|-|\n", "| a "),
    *(
        "\n```\n",
        "\n~~~\n",
        "\n$$\n",
        "\n: ",
        "\n[^1]: ",
        "\n[a]: /u\n",
        "\n{.x}\n",
        "\n+++\n",
        "\n% c\n",
        "\n:::{note}\n",
    ),
    *(
        "**",
        "__",
        "~~",
        "``",
        "--",
        "...",
        "<<",
        "\\(",
        "\\)",
        "@@",
        "  \n",
        "\\\n",
        "&amp;",
        "&#35;",
        "<b>",
        "<!-- -->",
    ),
    *(
        "[a](/b)",
        "[a *b*](c)",
        "![i](j)",
        "[^1]",
        "[a]",
        "https://a.bc/d",
        "www.a.bc",
        "x@y.zz",
        "@fig-a",
        "[@fig-a]",
        ":dog:",
    ),
    *("$x$", "`code`", "{eval}`x`", "{math}`x`", "[ ] ", "*a*", "**b**", "it's ", '"q" ', "\\begin{align}\n"),
)


def _tokens(md: MarkdownIt, text: str) -> list[dict[str, Any]]:
    return [dict(token.as_dict()) for token in md.parse(text, {MYST: True})]


@pytest.mark.parametrize("markup", MARKUPS.values(), ids=MARKUPS.keys())
@settings(max_examples=120, deadline=None, derandomize=True)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
def test_tokens_are_those_of_the_librarys_parsers(markup: Markup, pieces: list[str]) -> None:
    """What is made faster changes nothing, whatever the text."""
    text = "".join(pieces)

    plain, _ = with_rules(markup, has_emoji=True)

    assert _tokens(parser(markup, has_emoji=True), text) == _tokens(plain, text)


def test_a_rule_that_no_table_names_is_asked_everywhere() -> None:
    """A rule that a new version of the library brings is not left out."""
    md = MarkdownIt()
    asked: list[str] = []

    def rule(state: StateInline, silent: bool) -> bool:
        asked.append(state.src[state.pos])
        return False

    def line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        asked.append(f"line {start}")
        return False

    md.inline.ruler.before("text", "new", rule)
    md.block.ruler.before("paragraph", "new_line", line, {"alt": ["paragraph"]})
    md.block.ruler = block_rules(md).ruler
    md.inline.ruler = inline_rules(md, {}, {}).ruler

    md.parse("a*\nb", {})

    assert set(asked) == {"line 0", "line 1", "a", "*", "\n", "b"}


def test_only_rules_that_may_begin_with_a_character_are_asked() -> None:
    """A letter is nobody's but the text's."""
    md, _ = with_rules(Markup())

    table = inline_rules(md, {}, {}).table

    assert len(table["x"]) < len(table["["]) < len(md.inline.ruler.getRules(""))


def test_behind_an_odd_space_every_rule_is_asked() -> None:
    """Some rules pass over white space that the parser does not take for an indent."""
    md, _ = with_rules(Markup())

    table = inline_rules(md, {}, {}).table

    assert list(table["\u2003"]) == md.inline.ruler.getRules("")
