"""The examples of CommonMark and of GitHub's extensions: what differs is named with what makes it differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.config import Config, Highlight
from sitegen.config.values import Markup

Body = Callable[..., str]
Canonical = Callable[[str], list[tuple[object, ...]]]

HERE = Path(__file__).parent
PLAIN = Markup(
    auto_heading_ids=False,
    heading_attributes=False,
    linkify=False,
    tables=False,
    strikethrough=False,
    task_lists=False,
    definition_lists=False,
    footnotes=False,
    typographer=False,
    math=False,
)
"""Everything off that the specification does not have."""

LINK = "a target in raw HTML is a link of the site, and encoded like any other"
INFO = "Hugo takes a fence's language as it is written, with backslashes and entities"
EMPTY_LINES = "Hugo cuts empty lines at the end of a fence"
ALWAYS: Mapping[int, str] = {
    **dict.fromkeys((21, 31, 344, 630, 631, 642, 643), LINK),
    **dict.fromkeys((24, 34), INFO),
}
"""Differences that no setting takes away."""

TYPOGRAPHER = "typographer"
LINKIFY = "linkify"
HEADING_IDS = "heading ids"
HIGHLIGHTING = "highlighting"
BY_DEFAULT: Mapping[int, str] = {
    318: EMPTY_LINES,
    **ALWAYS,
    **dict.fromkeys(
        (14, 46, 55, 87, 106, 197, 209, 210, 352, 359, 363, 380, 385, 395, 508, 590), TYPOGRAPHER
    ),
    **dict.fromkeys((619, 620, 622, 624, 626, 650), TYPOGRAPHER),
    91: f"{TYPOGRAPHER}, {HEADING_IDS}",
    **dict.fromkeys((608, 611, 612), LINKIFY),
    **dict.fromkeys((142, 143), HIGHLIGHTING),
    **dict.fromkeys(
        (10, 59, 62, 66, 67, 68, *range(71, 79), *range(80, 85), 86, 89, 90, 95, 96), HEADING_IDS
    ),
    **dict.fromkeys((102, 103, 115, 141, 214, 215, *range(227, 231), 232, 300, 646, 647), HEADING_IDS),
}

GFM_SETTINGS = Markup(auto_heading_ids=False, typographer=False, linkify_protocol="http")
GFM: Mapping[int, str] = {
    199: "Hugo aligns cells with a style, GitHub with the attribute `align`",
    205: "Hugo writes a table's body also where it is empty",
    652: "HTML of the site's own content is never filtered",
}


def _read(name: str) -> Iterable[tuple[int, str, str, str]]:
    examples: list[tuple[int, str, str, str]] = json.loads((HERE / name).read_text("utf-8"))["examples"]
    return examples


def _without_hints(html: str) -> str:
    """Without what a fence says of its language beside the class, and where a reader's keyboard may stop."""
    return re.sub(r' (?:data-lang="[^"]*"|tabindex="0")', "", html)


def _differences(name: str, settings: Config, body_html: Body, canonical: Canonical) -> set[int]:
    return {
        number
        for number, _, text, expected in _read(name)
        if canonical(_without_hints(body_html(text, settings))) != canonical(expected)
    }


def test_all_examples_are_there() -> None:
    """CommonMark 0.31.2 has 652; GitHub's extensions have 24."""
    numbers = [number for number, *_ in _read("commonmark.json")]

    assert numbers == list(range(1, 653))
    assert len(list(_read("gfm.json"))) == 24


@pytest.mark.parametrize(
    ("markup", "named"),
    [pytest.param(PLAIN, ALWAYS, id="extensions off"), pytest.param(Markup(), BY_DEFAULT, id="defaults")],
)
def test_commonmark(
    markup: Markup, named: Mapping[int, str], config: Config, body_html: Body, canonical: Canonical
) -> None:
    """Exactly the named examples differ."""
    highlight = Highlight(code_fences=markup is not PLAIN)
    settings = replace(config, markup=markup, highlight=highlight)

    differences = _differences("commonmark.json", settings, body_html, canonical)

    assert differences == set(named)


def test_github_extensions(config: Config, body_html: Body, canonical: Canonical) -> None:
    """Tables, task lists, strikethrough and autolinks: exactly the named examples differ."""
    settings = replace(config, markup=GFM_SETTINGS)

    assert _differences("gfm.json", settings, body_html, canonical) == set(GFM)
