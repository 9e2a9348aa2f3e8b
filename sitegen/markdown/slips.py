"""What Markdown takes for text, or leaves out, and its author most likely meant otherwise: told at its line.

A slip changes nothing of the page: everything here is a warning, found in the tokens before they are rendered. Names of
the author's own (classes, alerts, attributes of HTML) are free; only what is a letter or two away from a name that means
something is taken for that name misspelt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic
from sitegen.markdown.footnotes import UNREAD
from sitegen.markdown.inline import Work

_BESIDE: Final[tuple[tuple[str, frozenset[str], frozenset[str]], ...]] = (
    ("^", frozenset("["), frozenset("[")),
    ("@", frozenset("["), frozenset()),
    ("!", frozenset("["), frozenset()),
    ("<", frozenset(), frozenset("1")),
    ("{", frozenset(")]`n"), frozenset("#")),
    ("}", frozenset(), frozenset("`")),
    ("$", frozenset("$"), frozenset()),
    (":", frozenset(":"), frozenset()),
)
"""Signs, and what stands right before or behind one where a look below can find anything; `n` is of `\\begin{`."""

Look = Callable[[Sequence[Token], Work], Iterable[Diagnostic]]


def may_hold_slips(text: str) -> bool:
    """Whether a text has a sign of anything that is looked for below; most have none.

    It looks around single characters, which are found ten times as fast as two in a row: 20 µs of a post of 8,700
    characters, whose tokens take 900.
    """
    for sign, before, behind in _BESIDE:
        place = text.find(sign)
        while place >= 0:
            if text[place - 1 : place] in before or text[place + 1 : place + 2] in behind:
                return True
            place = text.find(sign, place + 1)
    return False


def notice_slips(text: str, tokens: list[Token], work: Work, *, is_myst: bool) -> None:
    """Add what is found to the diagnostics of `work`; tokens that only say such things are taken away.

    Args:
        text: the Markdown that the tokens were made of.
        tokens: of all of it, before they are rendered.
        work: of the page.
        is_myst: what stands between colons is MyST's, where all that is not known is shown as it is written.
    """
    looks: list[Look] = []
    if ":::" in text or "[!" in text:
        from sitegen.markdown.div_slips import box_slips, unpaired_colons

        looks += [box_slips] if is_myst else [box_slips, unpaired_colons]
    if "[^" in text or "^[" in text or "@" in text:
        from sitegen.markdown.note_slips import note_slips

        looks.append(note_slips)
    if "){" in text or "]{" in text or "{#" in text:
        from sitegen.markdown.picture_slips import label_slips, picture_slips

        looks += [picture_slips, label_slips]
    if "$$" in text or "\\begin{" in text or "{#eq-" in text:
        from sitegen.markdown.math_slips import math_slips

        looks.append(math_slips)
    if "`{" in text or "}`" in text:
        from sitegen.markdown.code_slips import value_slips

        looks.append(value_slips)
    if "<1>" in text:
        from sitegen.markdown.code_slips import mark_slips

        looks.append(mark_slips)
    for look in looks:
        work.diagnostics.extend(look(tokens, work))
    if tokens and tokens[-1].type == UNREAD:
        tokens.pop()


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The known name that this one is a slip of: one edit away, or two where it is longer than seven letters.

    An edit is a letter too many, too few, another one, or two that changed places. A name that is known is none.
    """
    names = tuple(known)
    if name in names:
        return None
    near: list[tuple[int, int, str]] = []
    for place, each in enumerate(names):
        allowed = 2 if len(each) > 7 else 1
        if abs(len(each) - len(name)) <= allowed and (edits := _edits(name, each, allowed)) <= allowed:
            near.append((edits, place, each))
    return min(near)[2] if near else None


def _edits(one: str, other: str, most: int) -> int:
    """How many edits make one of the other, by a table of their letters; more than `most` may be any greater number."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        earlier, before, row = before, row, [place]
        for index, their in enumerate(other, 1):
            cost = min(before[index] + 1, row[index - 1] + 1, before[index - 1] + (letter != their))
            if (
                place > 1
                and index > 1
                and letter == other[index - 2]
                and one[place - 2] == their
                and letter != their
            ):
                cost = min(cost, earlier[index - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def slip(
    work: Work, code: str, message: str, hint: str, *, written: str, block: tuple[int, int]
) -> Diagnostic:
    """A warning at what is written.

    Args:
        work: of the page.
        code: of `errors.CODES`.
        message: what it does.
        hint: what to write instead.
        written: what the location is of.
        block: first line and line after the last, from 0, in which it stands.
    """
    location = work.lines.location(*work.find(written, block))
    return Diagnostic(code=code, severity="warning", message=message, location=location, hint=hint)
