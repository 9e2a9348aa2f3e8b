"""The syntax of the dialect as data: `tests/cases/*.md`, each case a title, an input and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sitegen.content.document import Document

CASES = Path(__file__).resolve().parent.parent / "cases"
TOPICS = ("cells", "highlight", "markdown", "math", "shortcodes")


def _read(topic: str) -> Iterator[tuple[str, str, str]]:
    """Title, input and expected of each case; the three are ended by a line with only a full stop.

    A title that ends in `[execute]` or `[do not execute]` says so for the page.
    """
    parts = f"\n{(CASES / f'{topic}.md').read_text('utf-8')}".split("\n.\n")
    for title, text, expected in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
        yield title.strip().splitlines()[-1], text, expected


ALL = [(topic, *case) for topic in TOPICS for case in _read(topic)]


@pytest.mark.parametrize(
    ("title", "text", "expected"), [case[1:] for case in ALL], ids=[f"{case[0]}: {case[1]}" for case in ALL]
)
def test_syntax(
    title: str,
    text: str,
    expected: str,
    parse_body: Callable[..., Document],
    describe: Callable[[Document], str],
) -> None:
    """The body gives this HTML, these cells and these diagnostics."""
    enabled = {"[execute]": True, "[do not execute]": False}.get(title[title.find("[") :])

    document = parse_body(text, enabled=enabled)

    assert describe(document) == expected
