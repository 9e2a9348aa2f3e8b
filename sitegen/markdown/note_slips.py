"""Footnotes without a text, texts without a mark, notes in notes, citations that are not closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic, near_match
from sitegen.markdown.footnotes import UNREAD, Unread
from sitegen.markdown.inline import Work
from sitegen.markdown.slips import slip
from sitegen.markdown.tokens import lines_of

_MARK: Final = re.compile(r"\[\^(?!\w-\w\])([\w-]+)\](?![*+?({:])")
"""A mark in prose: no class of a regular expression (`[^a-z]+`), no link (`[^top](#top)`)."""
_PLAIN: Final = re.compile(r"\d{1,3}|[A-Za-z][\w-]{2,}")
"""Labels that are taken for such on a page without any other note."""
_OPEN: Final = re.compile(r"\[(?:[^\[\]]{0,40}\s)?-?\Z")
"""The end of a text before a key, in which a bracket is open."""


def note_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """What is wrong with the notes and citations of a text, in its order."""
    yield from _unread(tokens, work)
    in_note: list[Token] = []
    labels = {
        child.meta["label"]
        for token in tokens
        for child in token.children or ()
        if child.type == "footnote_ref"
    }
    for token in tokens:
        if token.type == "footnote_open":
            in_note.append(token)
        elif token.type == "footnote_close":
            in_note.pop()
        elif token.type == "inline" and token.children:
            if work.markup.footnotes and "[^" in token.content:
                yield from _without_text(token, labels, work)
            if in_note and any(child.type == "footnote_ref" for child in token.children):
                yield _inside(token, work)
            if "[" in token.content and "@" in token.content:
                yield from _unclosed(token, work)


def _unread(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """Texts of notes that no page shows."""
    notes: tuple[Unread, ...] = next(
        (token.meta["notes"] for token in reversed(tokens[-1:]) if token.type == UNREAD), ()
    )
    for note in notes:
        if note.is_second:
            message = f"the footnote `[^{note.label}]` has two texts, and the first is shown"
            hint = "give the second a label of its own"
        else:
            message = f"nothing refers to the footnote `[^{note.label}]`, so it is not shown"
            hint = f"write `[^{note.label}]` where it belongs, or remove its text"
        written = f"[^{note.label}]:"
        yield slip(work, "SG226", message, hint, written=written, block=(note.line, note.line + 1))


def _without_text(token: Token, labels: set[str], work: Work) -> Iterator[Diagnostic]:
    """Marks that stayed text, since no footnote has their label."""
    told: set[str] = set()
    for child in token.children or ():
        if child.type != "text":
            continue
        for match in _MARK.finditer(child.content):
            label = match[1]
            if not (labels or _PLAIN.fullmatch(label)):
                continue
            if label in told or f"\\{match[0]}" in token.content or match[0] not in token.content:
                continue
            told.add(label)
            near = near_match(label, labels) if not label.isdecimal() else None
            yield slip(
                work,
                "SG226",
                f"the footnote `[^{label}]` has no text",
                f"did you mean `[^{near}]`?"
                if near
                else f"write it below, in a line that begins with `[^{label}]: `",
                written=match[0],
                block=lines_of(token),
            )


def _inside(token: Token, work: Work) -> Diagnostic:
    written = next(
        (sign for sign in ("^[", "[^") if sign in token.content.removeprefix("[^")), token.content[:1]
    )
    return slip(
        work,
        "SG226",
        "a note inside a note stands in no margin, only in the list at the end",
        "put it into brackets, or make it a note of the text",
        written=written,
        block=lines_of(token),
    )


def _unclosed(token: Token, work: Work) -> Iterator[Diagnostic]:
    """`[@key` without its bracket: the key is read as one in a sentence."""
    before = ""
    children = token.children or []
    for place, child in enumerate(children):
        if child.type == "text":
            before += child.content
            continue
        match = _OPEN.search(before) if child.type in ("citation", "reference") else None
        before = ""
        if match is None or (child.type == "citation" and not child.meta["is_in_text"]):
            continue
        name = child.meta["items"][0].key if child.type == "citation" else child.meta["label"]
        if f"\\{match[0]}@" in token.content:
            continue
        behind = "".join(each.content for each in children[place + 1 : place + 6] if each.type == "text")
        is_closed = 0 <= behind.find("]") < (behind + "[").find("[")
        if is_closed:
            message = (
                f"the brackets around `@{name}` are no citation: each part between semicolons names a key"
            )
            hint = "write `[see @one, p. 3; also @two]`, or `\\[` for the bracket itself"
        else:
            message = f"the bracket before `@{name}` is not closed, so it stays on the page"
            hint = f"write `[@{name}]`, or `\\[` for the bracket itself"
        yield slip(work, "SG232", message, hint, written=f"{match[0]}@{name}", block=lines_of(token))
