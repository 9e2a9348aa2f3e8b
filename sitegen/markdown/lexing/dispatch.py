"""Pygments' two loops over a lexer's rules, with a table from the next character to the rules that can begin with it.

Pygments tries the rules of a state one after the other: some thirty regular expressions a token. Here only
those are tried, in the same order, whose match can begin with the character that comes (`starts.py`), or that
may be empty. So the first rule that matches is the same one, and the tokens are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pygments.lexer import LexerContext, bygroups
from pygments.token import Error, Text, Whitespace, _TokenType

from sitegen.markdown.lexing.narrowed import for_ascii
from sitegen.markdown.lexing.on_demand import Matcher
from sitegen.markdown.lexing.spans import pieces_of
from sitegen.markdown.lexing.starts import ASCII, END, OTHER, UNKNOWN, starts_of

Tokens = Iterator[tuple[int, Any, str]]
"""Pygments' triples: where in the text, the token's type, the text."""


_Rule = tuple[Any, int, Any, Any, Any]
"""`re.Pattern.match`, bound; a kind; the action; what state comes then; for HTML what stands for the action's types. A plain
tuple, which is taken apart in a third of the time of a named one."""

_TOKEN: Final = 0
"""The whole match is one token of the type `action`."""
_NOTHING: Final = 1
"""No token: a change of the state."""
_GROUPS: Final = 2
"""`bygroups` with nothing but types: `action` is a tuple of a group's number and its type."""
_CALL: Final = 3
"""`action` is a callback."""

_BYGROUPS: Final[Any] = bygroups(Text)  # type: ignore[no-untyped-call]


class _State(dict[str, tuple[_Rule, ...]]):
    """From the next character (empty at the end of the text) to the rules that can match there; filled as they come."""

    def __init__(self, rules: Any, *, is_ascii: bool) -> None:
        super().__init__()
        self._rules = [_Defined(rule, is_ascii=is_ascii) for rule in rules]

    def __missing__(self, character: str) -> tuple[_Rule, ...]:
        bit = END if not character else OTHER if ord(character) >= ASCII else 1 << ord(character)
        found = tuple(defined.rule() for defined in self._rules if defined.starts.include(bit))
        self[character] = found
        return found


class _Defined:
    """A rule as Pygments defines it; its expression is compiled when it may be tried for the first time."""

    __slots__ = ("_definition", "_expression", "_flags", "_made", "starts")

    def __init__(self, definition: Any, *, is_ascii: bool) -> None:
        self._definition = definition
        self._made: _Rule | None = None
        written, self._flags = _expression_of(definition[0])
        expression = for_ascii(written, self._flags) if is_ascii and written is not None else written
        self._expression = expression if expression is not written or self._is_to_compile() else None
        self.starts = UNKNOWN if expression is None else starts_of(expression, self._flags)

    def _is_to_compile(self) -> bool:
        return isinstance(self._definition[0], Matcher)

    def rule(self) -> _Rule:
        """The rule for our loops."""
        if self._made is None:
            self._made = self._rule(*self._definition)
        return self._made

    def _rule(self, match: Any, action: Any, new_state: Any) -> _Rule:
        groups = _types_of_groups(action)
        if action is not None and type(action) is not _TokenType and groups is None:
            if isinstance(match, Matcher):
                match = (
                    match.__self__.match
                )  # as it was written: the action may ask the match for its expression
            return match, _CALL, action, new_state, None
        if self._expression is not None:
            match = re.compile(self._expression, self._flags).match
        if action is None:
            return match, _NOTHING, None, new_state, None
        if groups is not None:
            pieces = tuple((number, pieces_of(kind)) for number, kind in groups)
            return match, _GROUPS, groups, new_state, pieces
        return match, _TOKEN, action, new_state, pieces_of(action)


class Tables(dict[str, _State]):
    """The states of one lexer, each made when it is first entered."""

    def __init__(self, definitions: Mapping[str, Any], *, is_ascii: bool = False) -> None:
        """Make no state yet.

        Args:
            definitions: Pygments' own: a state's name -> triples of a bound `match`, an action and what state comes then.
            is_ascii: for text that is ASCII throughout.
        """
        super().__init__()
        self._definitions = definitions
        self._is_ascii = is_ascii

    def __missing__(self, name: str) -> _State:
        state = self[name] = _State(self._definitions[name], is_ascii=self._is_ascii)
        return state


class StuckLexerError(Exception):
    """The rules go round without taking a character: Pygments' own loop never ends here."""


def _expression_of(match: Any) -> tuple[str | None, int]:
    """The expression of a definition's `match`, with its flags; None where it is another kind of function."""
    if isinstance(match, Matcher):
        return match.expression, match.flags
    pattern = getattr(match, "__self__", None)
    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
        return pattern.pattern, pattern.flags
    return None, 0


def _types_of_groups(action: Any) -> tuple[tuple[int, Any], ...] | None:
    """The groups' types where `action` is what `bygroups` made of types alone."""
    if getattr(action, "__code__", None) is not _BYGROUPS.__code__ or len(action.__closure__ or ()) != 1:
        return None
    types = action.__closure__[0].cell_contents
    if not isinstance(types, tuple) or not all(kind is None or type(kind) is _TokenType for kind in types):
        return None
    return tuple((number, kind) for number, kind in enumerate(types, 1) if kind is not None)


def tokens(lexer: Any, text: str, stack: Any, tables: Tables) -> Tokens:
    """What `RegexLexer.get_tokens_unprocessed` gives.

    Raises:
        StuckLexerError: that one would not end.
    """
    rounds, idle_at = _Rounds(), -1
    states = list(stack)
    state = tables[states[-1]]
    position = 0
    while True:
        try:
            character = text[position]
        except IndexError:
            character = ""
        for match, kind, action, new_state, _ in state[character]:
            found = match(text, position)
            if found:
                if kind == 0:
                    yield position, action, found.group()
                elif kind == 2:
                    for number, token in action:
                        part = found.group(number)
                        if part:
                            yield found.start(number), token, part
                elif kind == 3:
                    yield from action(lexer, found)
                end = found.end()
                if end == position:
                    if end == idle_at:
                        rounds.count(end, states)
                    idle_at = end
                position = end
                if new_state is not None:
                    change_state(states, new_state)
                    state = tables[states[-1]]
                break
        else:
            if not character:
                return
            if character == "\n":  # at the end of a line, back to the beginning
                states = ["root"]
                state = tables["root"]
                yield position, Whitespace, "\n"
            else:
                yield position, Error, character
            position += 1


def html_of(lexer: Any, text: str, tables: Tables) -> str:
    """The HTML of what `tokens` gives from the state `root` on, without the tokens: in two thirds of the time.

    Raises:
        StuckLexerError: Pygments' loop would not end.
    """
    rounds, idle_at = _Rounds(), -1
    states = ["root"]
    state = tables["root"]
    html: list[str] = []
    add = html.append
    position = 0
    while True:
        try:
            character = text[position]
        except IndexError:
            character = ""
        for match, kind, action, new_state, pieces in state[character]:
            found = match(text, position)
            if found:
                end = found.end()
                if kind == 0:
                    add(pieces[text[position:end]])
                elif kind == 2:
                    for number, of_group in pieces:
                        part = found[number]
                        if part:
                            add(of_group[part])
                elif kind == 3:
                    for _, token, part in action(lexer, found):
                        add(pieces_of(token)[part])
                if end == position:
                    if end == idle_at:
                        rounds.count(end, states)
                    idle_at = end
                position = end
                if new_state is not None:
                    change_state(states, new_state)
                    state = tables[states[-1]]
                break
        else:
            if not character:
                return "".join(html)
            if character == "\n":
                states = ["root"]
                state = tables["root"]
                add(pieces_of(Whitespace)["\n"])
            else:
                add(pieces_of(Error)[character])
            position += 1


def tokens_in_context(lexer: Any, context: LexerContext, tables: Tables) -> Tokens:
    """What `ExtendedRegexLexer.get_tokens_unprocessed` gives: callbacks move `context`.

    Raises:
        StuckLexerError: that one would not end.
    """
    rounds = _Rounds()
    text = context.text
    state = tables[context.stack[-1]]
    while True:
        position = context.pos
        try:
            character = text[position] if position < context.end else ""
        except IndexError:
            character = ""
        for match, kind, action, new_state, _ in state[character]:
            found = match(text, position, context.end)
            if found:
                if kind == 0:
                    yield position, action, found.group()
                    context.pos = found.end()
                elif kind == 2:
                    for number, token in action:
                        part = found.group(number)
                        if part:
                            yield found.start(number), token, part
                    context.pos = found.end()
                elif kind == 3:
                    yield from action(lexer, found, context)
                    if not new_state:  # the callback may have changed the states
                        state = tables[context.stack[-1]]
                if new_state is not None:
                    change_state(context.stack, new_state)
                    state = tables[context.stack[-1]]
                if context.pos <= position:
                    rounds.count(position, context.stack)
                break
        else:
            if not character:
                return
            if character == "\n":
                context.stack = ["root"]
                state = tables["root"]
                yield position, Text, "\n"
            else:
                yield position, Error, character
            context.pos = position + 1


class _Rounds:
    """How often rules have matched at one place without taking a character."""

    __slots__ = ("_allowed", "_count", "_position")

    def __init__(self) -> None:
        self._position, self._count, self._allowed = -1, 0, 0

    def count(self, position: int, states: list[str]) -> None:
        """Count one more; leaving every state in turn is no circle, however many there are."""
        if position != self._position:
            self._position, self._count, self._allowed = position, 0, 1_000 + 4 * len(states)
        self._count += 1
        if self._count > self._allowed:
            raise StuckLexerError(f"no character is taken at {position}")


def change_state(states: list[str], new_state: Any) -> None:
    """Pygments' rules: names to push, how many to pop (one stays), or the last again."""
    if isinstance(new_state, tuple):
        for state in new_state:
            if state == "#pop":
                if len(states) > 1:
                    states.pop()
            elif state == "#push":
                states.append(states[-1])
            else:
                states.append(state)
    elif isinstance(new_state, int):
        if abs(new_state) >= len(states):
            del states[1:]
        else:
            del states[new_state:]
    elif new_state == "#push":
        states.append(states[-1])
    else:
        raise AssertionError(f"wrong state definition: {new_state!r}")
