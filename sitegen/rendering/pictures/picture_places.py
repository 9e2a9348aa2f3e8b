"""Where a picture stands in a page, and so how wide it is: what it is in, its column, its share of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from sitegen.rendering.urls import attributes
from sitegen.values import dataclass

SHARE: Final = re.compile(r"w-([1-9]\d?|100)")
_COLUMNS: Final = re.compile(r"--columns:\s*(\d+)")

Column = Literal["body", "page", "screen", "margin", "card"]
_SHOWN_PX: Final[Mapping[Column, int]] = {
    "body": 688,
    "page": 992,
    "screen": 1440,
    "margin": 688,
    "card": 480,
}
"""The most CSS pixels that a picture takes: 43rem, 62rem, a wide window, and on a narrow screen the text's column."""
_SIZES: Final[Mapping[Column, tuple[tuple[int, int], ...]]] = {
    "body": ((728, 688),),
    "page": ((1100, 992), (728, 688)),
    "screen": (),
    "margin": ((1100, 240), (728, 688)),
    "card": ((1100, 316), (540, 332)),
}
"""From which width of the window which width a column has (`--measure`, `--page`, `--margin` of site.css); of cards the most
that one of several in a row has."""
_PADDING_PX: Final = 40
"""Both sides of a narrow window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What pictures stand in."""

    name: str = ""
    """Of the element."""
    column: Column = "body"
    across: int = 1
    """How many stand in a row."""
    is_link: bool = False
    is_picture: bool = False
    """Inside `picture`: others have chosen its forms."""
    has_caption: bool = False
    """Inside `figure`."""
    is_quiet: bool = False
    """No place for a link of ours."""


def inside(around: Around, name: str, tag: str) -> Around:
    """What pictures inside one more element stand in."""
    given = attributes(tag) if "=" in tag else {}
    classes = given.get("class", "").split()
    column = next((each for each in _SHOWN_PX if f"column-{each}" in classes), around.column)
    across = around.across
    if "figure-grid" in classes:
        columns = _COLUMNS.search(given.get("style", ""))
        across *= int(columns[1]) if columns else 2
    elif "compare" in classes:
        across = 1
    return Around(
        name=name,
        column=column,
        across=max(1, across),
        is_link=around.is_link or name == "a",
        is_picture=around.is_picture or name == "picture",
        has_caption=around.has_caption or name == "figure",
        is_quiet=around.is_quiet
        or name in ("button", "summary", "label", "template", "svg")
        or name[0] == "h"
        or "compare" in classes,
    )


def leave(around: list[Around], name: str) -> None:
    """Leave the innermost element of that name; what HTML leaves open inside it is closed with it."""
    for place in range(len(around) - 1, 0, -1):
        if around[place].name == name:
            del around[place:]
            return
        if around[place].name in ("div", "section", "figure", "aside") and name in ("p", "a"):
            return


def most_px(around: Around, given: Mapping[str, str], width: int | None) -> int:
    """CSS pixels, at most, that a picture takes."""
    most = _column_px(around, given)
    return max(1, min(most, width) if width else most)


def _column_px(around: Around, given: Mapping[str, str]) -> int:
    return round(_SHOWN_PX[_own_column(around, given)] * _share(given) / around.across)


def _own_column(around: Around, given: Mapping[str, str]) -> Column:
    classes = given.get("class", "").split()
    return next((each for each in _SHOWN_PX if f"column-{each}" in classes), around.column)


def _share(given: Mapping[str, str]) -> float:
    """The part of its column that a picture has (`w-50`)."""
    found = next((match for name in given.get("class", "").split() if (match := SHARE.fullmatch(name))), None)
    return int(found[1]) / 100 if found else 1.0


def sizes_attribute(around: Around, given: Mapping[str, str], shown_px: int) -> str:
    """The `sizes` attribute: how wide the picture is in which window."""
    share = _share(given) / around.across
    column = _own_column(around, given)
    parts = [
        f"(min-width: {window}px) {min(shown_px, round(width * share))}px" for window, width in _SIZES[column]
    ]
    if not parts or shown_px < _SIZES[column][-1][1] * share:
        parts = [f"(min-width: {round(shown_px / share) + _PADDING_PX}px) {shown_px}px"]
    padding = f"calc(100vw - {_PADDING_PX}px)"
    narrow = padding if share == 1 else f"calc({round(100 * share)}vw - {round(_PADDING_PX * share)}px)"
    return ", ".join((*parts, narrow))
