"""`[^label]` and `[^label]: text`: footnotes, numbered in the order in which goldmark meets them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_LABEL: Final = r"\[\^((?:\\[^\n]|[^\[\]\\\n])++)\]"
_DEFINITION: Final = re.compile(rf"{_LABEL}:")
_REFERENCE: Final = re.compile(rf"!?{_LABEL}")
_INDENT: Final = 4
"""Columns of what belongs to a note below its first line."""
_DEFINED: Final = "has notes"
_NOTES: Final = "notes"
"""Keys in a text's `env`: that it has notes, and what they are."""


UNREAD: Final = "footnotes_unread"
"""The type of a last token that gives no HTML: it has the notes that are not shown, where there are any."""


class Unread(NamedTuple):
    """The text of a note that no page shows."""

    label: str
    line: int
    """From 0."""
    is_second: bool
    """There is another text with its label, which is shown."""


@dataclass(slots=True)
class Notes:
    """The notes of a text; lives for one call of the parser."""

    tokens: dict[str, list[Token]] = field(default_factory=dict)
    """By label; the first of two with one label counts."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Of those that are referred to, from 0."""
    counts: dict[str, int] = field(default_factory=dict)
    """How often each is referred to."""
    lines: dict[str, int] = field(default_factory=dict)
    """By label: the line of its text, from 0."""
    second: list[Unread] = field(default_factory=list)
    """Texts with a label that another has."""


def footnotes_plugin(md: MarkdownIt) -> None:
    """Tokens `footnote_ref` in the text, and at its end a `footnote_block` with the notes that it refers to."""
    md.block.ruler.before(
        "reference", "footnote_definition", _definition, {"alt": ["paragraph", "reference"]}
    )
    md.inline.ruler.before("link", "footnote_reference", _reference)
    md.core.ruler.after("block", "collect_footnotes", _collect)
    md.core.ruler.after("inline", "append_footnotes", _append)


def notes_of(env: MutableMapping[str, Any]) -> Notes:
    """The notes of the text that is being read."""
    notes: Notes = env.setdefault(_NOTES, Notes())
    return notes


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    match = _DEFINITION.match(state.src, first, state.eMarks[start])
    if match is None or not match[1].strip():
        return False
    if silent:
        return True
    opening = state.push("footnote_reference_open", "", 1)
    opening.meta = {"label": match[1]}
    state.env[_DEFINED] = True
    text = match.end()
    width = column = state.sCount[start] + text - first
    while text < state.eMarks[start] and state.src[text] in " \t":
        column += 4 - column % 4 if state.src[text] == "\t" else 1
        text += 1
    kept = state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType
    state.blkIndent += _INDENT
    state.bMarks[start], state.tShift[start] = match.end(), text - match.end()
    state.sCount[start] = state.blkIndent + column - width
    state.parentType = "footnote"
    state.md.block.tokenize(state, start, end)
    state.bMarks[start], state.tShift[start], state.sCount[start], state.parentType = kept
    state.blkIndent -= _INDENT
    opening.map = [start, state.line]
    state.push("footnote_reference_close", "", -1)
    return True


def _collect(state: StateCore) -> None:
    """Notes out of the text; they are read where the first of them stands, which decides the numbers."""
    if _DEFINED not in state.env:
        return
    notes = Notes()
    text: list[Token] = []
    open_notes: list[tuple[str, list[Token]]] = []
    place = 0
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            if not notes.tokens and not open_notes:
                place = len(text)
            open_notes.append((token.meta["label"], []))
            _note_line(notes, token)
        elif token.type == "footnote_reference_close":
            label, content = open_notes.pop()
            notes.tokens.setdefault(label, content)
        else:
            (open_notes[-1][1] if open_notes else text).append(token)
    state.env[_NOTES] = notes
    inside = [token for content in notes.tokens.values() for token in content]
    mark = Token("footnotes_read", "", 0, meta={"count": len(inside)})
    state.tokens = [*text[:place], mark, *inside, *text[place:]]


def _note_line(notes: Notes, opening: Token) -> None:
    label, line = opening.meta["label"], opening.map[0] if opening.map else 0
    if label in notes.lines:
        notes.second.append(Unread(label, line, is_second=True))
    else:
        notes.lines[label] = line


def _reference(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    notes: Notes | None = state.env.get(_NOTES)
    if notes is None or not source.startswith(("[^", "![^"), start):
        return False
    match = _REFERENCE.match(source, start, state.posMax)
    if match is None or match[1] not in notes.tokens:
        return False
    if not silent:
        if source[start] == "!":
            state.append_pending("!")
        label = match[1]
        number = notes.numbers.setdefault(label, len(notes.numbers))
        repeat = notes.counts.get(label, 0)
        notes.counts[label] = repeat + 1
        state.push("footnote_ref", "", 0).meta = {"id": number, "subId": repeat, "label": label}
    state.pos = match.end()
    return True


def _append(state: StateCore) -> None:
    notes: Notes | None = state.env.get(_NOTES)
    if notes is None:
        return
    if _DEFINED in state.env:
        place = next(index for index, token in enumerate(state.tokens) if token.type == "footnotes_read")
        behind = place + 1 + state.tokens[place].meta["count"]
        state.tokens = [*state.tokens[:place], *state.tokens[behind:]]
    if notes.numbers:
        state.tokens.append(Token("footnote_block_open", "", 1))
        for label, number in notes.numbers.items():
            state.tokens.extend(_note(notes.tokens[label], number, notes.counts[label]))
        state.tokens.append(Token("footnote_block_close", "", -1))
    unread = [
        Unread(label, line, is_second=False)
        for label, line in notes.lines.items()
        if label not in notes.numbers
    ]
    if unread or notes.second:
        state.tokens.append(Token(UNREAD, "", 0, meta={"notes": (*unread, *notes.second)}))


def _note(content: list[Token], number: int, count: int) -> Iterator[Token]:
    """A note with a way back for each of its references, in its last paragraph where it ends with one."""
    yield Token("footnote_open", "", 1, meta={"id": number})
    ends_with_paragraph = bool(content) and content[-1].type == "paragraph_close"
    yield from content[:-1] if ends_with_paragraph else content
    yield from _anchors(number, count)
    if ends_with_paragraph:
        yield content[-1]
    yield Token("footnote_close", "", -1)


def _anchors(number: int, count: int) -> Iterable[Token]:
    for repeat in range(count):
        yield Token("footnote_anchor", "", 0, meta={"id": number, "subId": repeat})
