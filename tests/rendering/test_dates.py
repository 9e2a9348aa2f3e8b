"""Dates with the names of the site's language."""

from __future__ import annotations

from datetime import date

import pytest

from sitegen.config.words import Words
from sitegen.frozen import FrozenDict
from sitegen.rendering.dates import date_in
from sitegen.rendering.templating import filters

DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("language", "long", "month"),
    [
        ("en", "5 March 2026", "March"),
        ("de", "5. März 2026", "März"),
        ("fr", "5 mars 2026", "Mars"),
        ("es", "5 de marzo de 2026", "Marzo"),
        ("ru", "5 марта 2026", "Март"),
        ("ar", "5 مارس 2026", "مارس"),
        ("zh", "2026年3月5日", "三月"),
    ],
)
def test_dates_are_written_as_the_language_has_them(language: str, long: str, month: str) -> None:
    """In a date and alone a month may be called otherwise."""
    words = Words(language=language)
    write = date_in(words)

    assert (write(DAY, words("date.long")), write(DAY, words("date.month"))) == (long, month)


def test_iso_dates_are_the_same_everywhere() -> None:
    """They have no names."""
    assert {date_in(Words(language=tag))(DAY, "%Y-%m-%d") for tag in ("en", "ru", "zh")} == {"2026-03-05"}


def test_days_have_names_too() -> None:
    """The fifth of March 2026 is a Thursday."""
    assert date_in(Words(language="de"))(DAY, "%A, %a %%") == "Donnerstag, Do %"


def test_no_date_is_empty() -> None:
    """As in English."""
    assert date_in(Words(language="de"))(None) == ""


def test_without_a_pattern_the_language_has_its_own() -> None:
    """English keeps what templates have always got."""
    assert (date_in(Words())(DAY), date_in(Words(language="de"))(DAY)) == ("March 5, 2026", "5. März 2026")


def test_english_costs_nothing_more() -> None:
    """The filter is the plain one, unless the site has names of its own for months."""
    own = Words(own=FrozenDict({"month.in_date": "A B C D E F G H I J K L"}))

    assert date_in(Words()) is filters.date
    assert date_in(own)(DAY, "%-d %B") == "5 C"
