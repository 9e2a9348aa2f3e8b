"""Plural forms by CLDR's rules."""

from __future__ import annotations

import pytest

from sitegen.config.plurals import forms_of, plural_form


@pytest.mark.parametrize(
    ("language", "form", "counts"),
    [
        ("en", "one", (1,)),
        ("en", "other", (0, 2, 11, 21, 100)),
        ("de", "one", (1,)),
        ("de", "other", (0, 2)),
        ("fr", "one", (0, 1)),
        ("fr", "other", (2, 17, 999_999)),
        ("fr", "many", (1_000_000, 2_000_000)),
        ("es", "one", (1,)),
        ("es", "other", (0, 2)),
        ("es", "many", (1_000_000,)),
        ("ru", "one", (1, 21, 31, 101, 1001)),
        ("ru", "few", (2, 3, 4, 22, 102)),
        ("ru", "many", (0, 5, 11, 12, 14, 19, 100, 111)),
        ("ar", "zero", (0,)),
        ("ar", "one", (1,)),
        ("ar", "two", (2,)),
        ("ar", "few", (3, 10, 103, 1010)),
        ("ar", "many", (11, 26, 99, 111)),
        ("ar", "other", (100, 101, 102, 200, 1000)),
        ("zh", "other", (0, 1, 2, 100)),
        ("nl", "one", (1,)),
        ("nl", "other", (0, 2)),
    ],
)
def test_counts_have_the_forms_of_cldr(language: str, form: str, counts: tuple[int, ...]) -> None:
    """The samples are CLDR's own for each category."""
    assert {plural_form(language, count) for count in counts} == {form}


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "ru", "zh"])
def test_forms_of_a_language_are_those_that_counts_take(language: str) -> None:
    """No table needs a form that no count below a million has, and none is left out but `other`, which stands for all."""
    met = {plural_form(language, count) for count in range(1000)}

    assert met == set(forms_of(language))
