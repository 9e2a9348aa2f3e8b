"""`^[text]`: a footnote written where it is referred to, as in Pandoc."""

from __future__ import annotations

from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from sitegen.markdown.footnotes import Notes, notes_of

STOPS: Final = (r"\^\[",)
"""Where text stops because a note may begin."""
_READ: Final = "inline notes read"
"""The key in a text's `env` with the notes whose text is to be read."""


def inline_notes_plugin(md: MarkdownIt) -> None:
    """The same tokens as of `[^1]`, in the same numbers; only texts that have one are given the rule."""
    md.inline.ruler.before("link", "inline_note", _note)
    md.core.ruler.before("append_footnotes", "inline_notes", _read)


def _note(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if not source.startswith("^[", start) or state.linkLevel > 0:
        return False
    end = state.md.helpers.parseLinkLabel(state, start + 1)
    if end < 0 or not source[start + 2 : end].strip():
        return False
    if not silent:
        notes: Notes = notes_of(state.env)
        label = f"]{len(notes.tokens)}"  # no label that an author may write begins so
        text: list[Token] = []
        inline = Token("inline", "", 0, content=source[start + 2 : end], children=text, block=True)
        notes.tokens[label] = [
            Token("paragraph_open", "p", 1, block=True),
            inline,
            Token("paragraph_close", "p", -1, block=True),
        ]
        number = notes.numbers.setdefault(label, len(notes.numbers))
        notes.counts[label] = 1
        state.env.setdefault(_READ, []).append((inline.content, text))
        state.push("footnote_ref", "", 0).meta = {"id": number, "subId": 0, "label": label}
    state.pos = end + 1
    return True


def _read(state: StateCore) -> None:
    """The text of notes, which may have notes of its own."""
    waiting: list[tuple[str, list[Token]]] = state.env.get(_READ, [])
    for source, tokens in waiting:  # it grows meanwhile
        state.md.inline.parse(source, state.md, state.env, tokens)
