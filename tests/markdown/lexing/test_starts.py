"""What a match can begin with: never too little, and not much too much."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.markdown.lexing.starts import ANYWHERE, ASCII, END, OTHER, UNKNOWN, starts_of

_ATOMS = st.sampled_from(
    [
        "a",
        "K",
        "s",
        "é",
        "ß",
        "\u212a",
        r"\n",
        ".",
        r"\d",
        r"\W",
        r"\S",
        r"\s",
        "[a-c]",
        "[^a]",
        "[^\\Wé]",
        r"[\dk-s]",
        "[ä-ü]",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\A",
        r"\Z",
        "",
        "(?i:k)",
        "(?-i:k)",
        "(?s:.)",
        "(?a:\\w)",
        r"(?i:[^k])",
        "(?m:^)",
        "(?m:$)",
        "(?!)",
        "(?<=a)",
        "(?<=[k-s])",
        "(?<!a)",
    ]
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    forms = ["({0})", "(?:{0})*", "(?:{0})+?", "(?:{0}){{0,2}}", "(?:{0})?+", "(?={0})", "(?!{0})", "(?>{0})"]
    return st.one_of(
        st.tuples(st.sampled_from(forms), inner).map(lambda pair: pair[0].format(pair[1])),
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        inner.map(lambda part: f"({part})?(?(1)a|b)\\1" if "(" not in part else part),
    )


_PATTERNS = st.recursive(_ATOMS, _compound, max_leaves=6)
_TEXTS = st.text("aAbckKsS\u212aſéÉß1_ -\n名\x1c", max_size=4)


def _bit(text: str, position: int) -> int:
    if position == len(text):
        return END
    return 1 << ord(text[position]) if ord(text[position]) < ASCII else OTHER


@settings(max_examples=800, deadline=None)
@given(pattern=_PATTERNS, text=_TEXTS, flags=st.sampled_from([0, re.I, re.M, re.S, re.A, re.I | re.A]))
def test_no_match_begins_where_it_cannot(pattern: str, text: str, flags: int) -> None:
    """Whatever the expression, the flags and the text: a rule that matches is among those that are tried."""
    try:
        compiled = re.compile(pattern, flags)
    except re.error:
        return
    starts = starts_of(pattern, flags)

    for position in range(len(text) + 1):
        if compiled.match(text, position) is not None:
            assert starts.include(_bit(text, position))


@pytest.mark.parametrize(
    ("pattern", "begins", "begins_not"),
    [
        ("abc", "a", "bA\n"),
        ("(?i)abc", "aA", "b1"),
        (r"(?=[ab])\w*", "ab", "c "),
        (r"(?=/)", "/", "a\n"),
        ("(?:)x?$", "x\n", "ay"),
        ("[^a-c]", "d\n", "abc"),
        ("(?:a|b|)c", "abc", "d"),
        ("a*b+c", "ab", "c"),
    ],
)
def test_rules_are_left_out_where_they_cannot_match(pattern: str, begins: str, begins_not: str) -> None:
    """What makes lexing fast: few rules for a character."""
    starts = starts_of(pattern, re.MULTILINE)

    assert all(starts.include(_bit(character, 0)) for character in begins)
    assert not any(starts.include(_bit(character, 0)) for character in begins_not)


class _Tree(list[object]):
    """What Python's parser gives."""

    state = SimpleNamespace(flags=0)


@pytest.mark.parametrize("tree", [None, [("NEW", 1)], [("LITERAL",)], [("IN", [])]])
def test_a_tree_of_another_form_may_begin_with_anything(
    monkeypatch: pytest.MonkeyPatch, tree: list[object] | None
) -> None:
    """The parser is Python's own affair: what is not understood is tried everywhere."""
    monkeypatch.setattr(
        "sitegen.markdown.lexing.starts._PARSER", SimpleNamespace(parse=lambda *_: tree and _Tree(tree))
    )

    starts = starts_of.__wrapped__("a", 0)

    assert starts == UNKNOWN
    assert (starts.characters | starts.empty_before) == ANYWHERE
