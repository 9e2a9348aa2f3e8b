"""What a body without front matter says of itself in its first lines."""

from __future__ import annotations

from datetime import timezone

import pytest

from sitegen.content.opening import read_opening

UTC = timezone.utc  # noqa: UP017


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# A title\n", "A title"),
        ("text\n\n# Later ##\n# Second\n", "Later"),
        ("   #   Spaced   \n", "Spaced"),
        ("# With `code` and *stress* {#id .class}\n", "With `code` and *stress*"),
        ("# C#\n", "C#"),
        ("Setext\n======\n", "Setext"),
        ("Setext {#x}\n=\n", "Setext"),
        ("\ufeff".strip("\ufeff") + "# Windows\r\n\r\ntext\r\n", "Windows"),
        ("```\n# comment\n```\n# Real\n", "Real"),
        ("````md\n```\n# no\n```\n````\n# Real\n", "Real"),
        ("~~~ python\n# comment\n~~~\n# Real\n", "Real"),
        ("```\n# never closed\n", ""),
        ("<!-- # no -->\n# Real\n", "Real"),
        ("<!--\n# no\n-->\n# Real\n", "Real"),
        ("    # code\n", ""),
        ("- item\n===\n", ""),
        ("text\n---\n", ""),
        ("## Only a second level\n", ""),
        ("#hashtag\n", ""),
        ("#\n# Real\n", "Real"),
        ("", ""),
    ],
)
def test_title(body: str, title: str) -> None:
    """The first H1, ATX or setext, outside code and comments."""
    assert read_opening(body, UTC).title == title


def test_posted_line_has_its_line() -> None:
    """The date's line is told, so that it is not shown a second time."""
    opening = read_opening("# Title\n\n*Posted: July 1, 2024*\n\nText\n", UTC)
    assert opening.date is not None
    assert (opening.date.date().isoformat(), opening.posted_line) == ("2024-07-01", 3)


def test_posted_line_that_says_more_stays() -> None:
    """A line with an author on it gives the date and is shown."""
    opening = read_opening("# Title\n\nPosted: July 1, 2024 by the author\n", UTC)
    assert (opening.date is not None, opening.posted_line) == (True, None)


def test_posted_line_before_the_title() -> None:
    """The date may stand above the heading."""
    opening = read_opening("*Posted: July 1, 2024*\n\n# Title\n", UTC)
    assert (opening.title, opening.posted_line) == ("Title", 1)


def test_posted_line_far_down_is_prose() -> None:
    """Only the top of a page is looked at."""
    assert read_opening("# Title\n" + "text\n\n" * 30 + "*Posted: July 1, 2024*\n", UTC).date is None
