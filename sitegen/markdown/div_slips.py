"""Divs, callouts and alerts that are not what they seem: misspelt classes, `:::` without its other half."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic, did_you_mean
from sitegen.markdown.divs import CALLOUTS, OPENING
from sitegen.markdown.fences import Attribute, attributes_of
from sitegen.markdown.inline import Work
from sitegen.markdown.slips import misspelt, slip
from sitegen.markdown.tokens import lines_of

CLASSES: Final = (
    *CALLOUTS,
    "column-page",
    "column-screen",
    "column-margin",
    "compare",
    "incremental",
    "columns",
    "column",
)
"""Classes that the theme gives a meaning in Markdown, and that are nobody's own."""
_WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    "panel-tabset": "write a `<details>` for each tab, or headings",
    **dict.fromkeys(
        ("column-body", "column-body-outset", "column-page-inset", "column-screen-inset"),
        "there are `column-page`, `column-screen` and `column-margin`",
    ),
}
"""Quarto's classes that do nothing here."""
_NO_REFERENCES: Final = frozenset({"ref", "references", "reference", "refrs", "rfes", "resf", "bibliography"})
"""What `#refs` is taken for."""
_KINDS: Final = ("note", "tip", "important", "warning", "caution")
_ALSO_KINDS: Final = frozenset(
    {
        "abstract",
        "attention",
        "bug",
        "check",
        "cite",
        "danger",
        "done",
        "error",
        "example",
        "fail",
        "failure",
        "faq",
    }
    | {"help", "hint", "info", "missing", "question", "quote", "success", "summary", "tldr", "todo"}
)
"""Obsidian's other names: boxes of their own, as any name is."""
_OF_CALLOUTS: Final = ("title", "collapse", "icon", "appearance")
_OF_FIGURES: Final = ("layout-ncol",)
_FREE: Final = frozenset({"id", "class", "lang", "dir", "role"})
_MOST_COLUMNS: Final = 4
_COLONS: Final = re.compile(r"[ \t]*(:{3,})[ \t]*(.*?)[ \t]*:*[ \t]*")


def box_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """Misspelt classes, attributes and kinds of divs, callouts, figures and alerts, and what misses its content."""
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.type == "alert_open":
            yield from _alert(token, work)
        elif token.type == "div_open":
            opened.append(place)
            yield from _div(token, work)
            if place + 1 < len(tokens) and tokens[place + 1].type == "div_close":
                yield from _empty(token, work)
        elif token.type == "div_close" and opened:
            first = opened.pop()
            if "compare" in _classes(tokens[first].meta.get("attributes", ())):
                yield from _compared(tokens[first : place + 1], work)
        elif token.type == "numbered_open":
            yield from _figure(token, work)


def _alert(token: Token, work: Work) -> Iterator[Diagnostic]:
    if "given" in token.meta:
        for attribute in token.meta["given"]:
            if attribute.name not in _FREE and misspelt(attribute.name, _OF_CALLOUTS):
                yield _unknown(attribute, _OF_CALLOUTS, "callout", token, work)
        return
    kind = token.meta["kind"]
    meant = None if kind in _ALSO_KINDS else misspelt(kind, _KINDS)
    if meant is not None:
        first, last = lines_of(token)
        line = next((text for text in work.text_lines[first:last] if f"[!{kind}]" in text.lower()), "")
        at = line.lower().find(f"[!{kind}]")
        written = line[at : at + len(kind) + 3] if at >= 0 else f"[!{kind.upper()}]"
        yield slip(
            work,
            "SG225",
            f"an alert of the unknown kind `{written}`",
            f"did you mean `[!{meant.upper()}]`?",
            written=written,
            block=lines_of(token),
        )


def _div(token: Token, work: Work) -> Iterator[Diagnostic]:
    attributes: tuple[Attribute, ...] = token.meta.get("attributes", ())
    yield from class_slips(_classes(attributes), work, lines_of(token))
    for attribute in attributes:
        name = attribute.name.removeprefix("data-")
        if name in _OF_FIGURES or misspelt(name, _OF_FIGURES):
            yield slip(
                work,
                "SG227",
                f"`{name}` has no effect in a div that is no figure",
                "give the figure a label: `::: {#fig-name layout-ncol=2}`, with a caption as its last paragraph",
                written=name,
                block=lines_of(token),
            )


def _empty(token: Token, work: Work) -> Iterator[Diagnostic]:
    """A div without content whose id is near that of the place of the bibliography."""
    identifier = next((str(each.value) for each in token.meta.get("attributes", ()) if each.name == "id"), "")
    if identifier in _NO_REFERENCES:
        yield slip(
            work,
            "SG225",
            f"a div `#{identifier}` is not the place of the bibliography",
            "did you mean `::: {#refs}`?",
            written=f"#{identifier}",
            block=lines_of(token),
        )


def class_slips(classes: Iterable[str], work: Work, block: tuple[int, int]) -> Iterator[Diagnostic]:
    """Classes that are one of the theme's misspelt, or one of Quarto's that does nothing here."""
    for name in classes:
        meant = None if name in CLASSES else misspelt(name, CLASSES)
        if name in _WITHOUT_EFFECT:
            message, hint = f"the class `{name}` has no effect here", _WITHOUT_EFFECT[name]
        elif meant is not None and not name.startswith(meant):
            message, hint = f"the class `{name}` means nothing", f"did you mean `{meant}`?"
        else:
            continue
        yield slip(work, "SG225", message, hint, written=f".{name}", block=block)


def _compared(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """A comparison is of two pictures; what HTML or a shortcode adds is not counted."""
    children = [child for token in tokens for child in token.children or ()]
    if any(token.type == "html_block" for token in tokens) or any(
        child.type == "html_inline" or work.holes.holds_placeholder(child.content) for child in children
    ):
        return
    count = sum(child.type == "image" for child in children)
    if count != 2:
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        yield slip(
            work,
            "SG227",
            f"a comparison is of two pictures, and this one has {pictures}",
            "put two pictures into the box, each in a line of its own",
            written=".compare",
            block=(lines_of(tokens[0])[0], lines_of(tokens[0])[0] + 1),
        )


def _figure(token: Token, work: Work) -> Iterator[Diagnostic]:
    """The attributes of a figure that is a div."""
    for attribute in token.meta.get("given", ()):
        name = attribute.name.removeprefix("data-")
        if name in _FREE:
            continue
        if name not in _OF_FIGURES:
            yield _unknown(attribute, _OF_FIGURES, "figure", token, work)
            continue
        value = str(attribute.value)
        if not (value.isdecimal() and 1 <= int(value) <= _MOST_COLUMNS):
            yield slip(
                work,
                "SG227",
                f"`layout-ncol` is a number from 1 to {_MOST_COLUMNS}, and `{value}` is none",
                "write `layout-ncol=2`; without it there are two columns",
                written="layout-ncol",
                block=lines_of(token),
            )


def _unknown(attribute: Attribute, known: Sequence[str], what: str, token: Token, work: Work) -> Diagnostic:
    name = attribute.name.removeprefix("data-")
    return slip(
        work,
        "SG227",
        f"a {what} has no attribute `{name}`",
        did_you_mean(name, known),
        written=name,
        block=lines_of(token),
    )


def _classes(attributes: Iterable[Attribute]) -> list[str]:
    return [name for each in attributes if each.name == "class" for name in str(each.value).split()]


# --- colons ---------------------------------------------------------------------------------------


def unpaired_colons(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """Lines of `:::` that are text: a div that never ends, an end of nothing, attributes that cannot be read."""
    waiting = 0  # ends that belong to beginnings which have been told of
    for token in tokens:
        if token.type != "inline" or ":::" not in token.content or not token.map:
            continue
        for number, line in enumerate(token.content.split("\n")):
            match = _COLONS.fullmatch(line)
            if match is None or not any(":::" in child.content for child in token.children or ()):
                continue
            rest = match[2]
            if not rest:
                waiting -= 1
                if waiting >= 0:
                    continue
                waiting = 0
                message, hint = "`:::` ends nothing", "remove it, or write `::: {.name}` where the div begins"
            else:
                waiting += not _is_readable(line)
                message, hint = _opening(line, rest)
            at = token.map[0] + number
            yield slip(work, "SG224", message, hint, written=match[1], block=(at, at + 1))


def _is_readable(line: str) -> bool:
    opening = OPENING.fullmatch(line.strip())
    return opening is not None and bool(attributes_of(opening[1]))


def _opening(line: str, rest: str) -> tuple[str, str]:
    """Message and hint for a line that begins no div."""
    if _is_readable(line):
        return f"the div `::: {rest}` never ends", "end it with a line `:::`"
    name = re.match(r"[\w-]+", rest)
    if name is not None:
        kind = f"callout-{name[0]}" if name[0] in _KINDS else name[0]
        return f"`::: {rest}` begins no div", f"a div's class stands in braces: `::: {{.{kind}}}`"
    return f"`::: {rest}` begins no div", 'its attributes are written `{#id .class name="value"}`'
