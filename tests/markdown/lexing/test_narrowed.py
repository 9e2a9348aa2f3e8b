"""Expressions without other scripts' letters match the same in ASCII text."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.markdown.lexing.narrowed import for_ascii

_LETTERS = "".join(f"{chr(code)}-{chr(code + 3)}" for code in range(0x100, 0x1000, 8))
_EXPRESSIONS = [
    f"[a-z_{_LETTERS}][\\w{_LETTERS}]*",
    f"(?:[$a-c{_LETTERS}]|\\\\u[0-9a-f]{{2}})((?:[$a-c{_LETTERS}])*)",
    f"[^x-z{_LETTERS}]+?b",
    f"(?<=[a{_LETTERS}])(b)\\1|[{_LETTERS}]|(?![a{_LETTERS}])(?P<n>.)(?>[b-ÿ{_LETTERS}]?)",
    f"[a{_LETTERS}]{{2}}+[b{_LETTERS}]*?$",
]


@pytest.mark.parametrize("expression", _EXPRESSIONS)
def test_only_the_sets_are_smaller(expression: str) -> None:
    """Each of these has letters to lose."""
    assert len(for_ascii(expression, re.MULTILINE)) < len(expression)


@cache
def _both(expression: str, flags: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An expression and its smaller form; made once, which is most of the work."""
    pattern = re.compile(expression, flags)
    return pattern, re.compile(for_ascii(expression, flags), flags)


@settings(max_examples=400, deadline=None)
@given(
    expression=st.sampled_from(_EXPRESSIONS),
    text=st.text("abcxyz_$\\u0f1\n B\x7f", max_size=8),
    flags=st.sampled_from([0, re.MULTILINE, re.ASCII, re.DOTALL]),
)
def test_matches_in_ascii_are_the_same(expression: str, text: str, flags: int) -> None:
    """At every place, with every group."""
    pattern, smaller = _both(expression, flags)

    for position in range(len(text) + 1):
        wanted, found = pattern.match(text, position), smaller.match(text, position)
        assert (wanted and (wanted.span(), wanted.groups(), wanted.groupdict())) == (
            found and (found.span(), found.groups(), found.groupdict())
        )


@pytest.mark.parametrize(
    "expression",
    [
        "[a-zé]",
        f"(?i)[a{_LETTERS}]",
        f"(?i:[k{_LETTERS}])",
        "a" * 500,
        f"[{_LETTERS}]x",
        rf"\[a{_LETTERS}\]",
        f"[a{_LETTERS}-z]",
    ],
)
def test_an_expression_with_nothing_to_lose_stays(expression: str) -> None:
    """Short ones, those without case (U+212A is a `k`), a set that would be empty, and what only looks like a set."""
    assert for_ascii(expression, 0) == expression


def test_without_case_nothing_is_taken() -> None:
    """By a flag, too."""
    assert for_ascii(_EXPRESSIONS[0], re.IGNORECASE) == _EXPRESSIONS[0]
