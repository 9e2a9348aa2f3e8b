"""Definitions on demand are Pygments' own, state by state."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pygments.lexers import get_lexer_by_name

from sitegen.markdown.lexing import loops
from sitegen.markdown.lexing.on_demand import Definitions, Matcher

_COMPARE = """
import sys
from pygments.lexers import get_lexer_by_name

def written(name):
    lexer = get_lexer_by_name(name)
    found = {}
    for state, rules in sorted(lexer._tokens.items()):
        if not state.startswith("_tmp_"):  # numbered as they come
            found[state] = [(rule[0].__self__.pattern, rule[0].__self__.flags, str(rule[1])[:20]) for rule in rules]
    return found

if sys.argv[1] == "ours":
    from sitegen.markdown.lexing.loops import install
    install()
print([written(name) for name in ("python", "cpp", "yaml", "html", "csharp")])
"""


def test_states_are_as_pygments_makes_them() -> None:
    """Every rule of each: its expression, its flags, its action; in a process where nothing has been made yet."""
    ours, plain = (
        subprocess.run(
            [sys.executable, "-c", _COMPARE, which],
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout
        for which in ("ours", "plain")
    )

    assert "MULTILINE" not in plain
    assert ours == plain


def test_only_what_is_entered_is_made() -> None:
    """A line of Scheme, whose strings nobody opens."""
    loops.install()
    lexer = get_lexer_by_name("gdscript", stripnl=False, ensurenl=False)
    definitions = lexer._tokens  # type: ignore[attr-defined]

    loops.lex_block(lexer, "x = 1\n")

    assert isinstance(definitions, Definitions)
    assert "root" in definitions._made
    assert len(definitions._made) < len(definitions)


def test_an_unknown_state_is_none() -> None:
    """As with a plain table."""
    with pytest.raises(KeyError):
        Definitions(type(get_lexer_by_name("gdscript")), {})["nowhere"]


def test_a_matcher_is_its_expressions_match() -> None:
    """Called, and asked what it is bound to."""
    matcher = Matcher("a+", 0)

    found = matcher("baa", 1, 2)

    assert found is not None
    assert found.group() == "a"
    assert matcher("baa") is None
    assert matcher.__self__.pattern == "a+"
