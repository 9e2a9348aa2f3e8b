"""The words of a site: the theme's tables, and what a site says instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sitegen.config import load_config
from sitegen.config.changed import differing_settings
from sitegen.config.plurals import forms_of
from sitegen.config.words import SHIPPED, Words, places_of, theme_table, words_digest
from sitegen.errors import ConfigError

OTHERS = tuple(language for language in SHIPPED if language != "en")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site in Austrian German with an empty folder of strings."""
    (tmp_path / "sitegen.toml").write_text('baseURL = "https://example.org/"\nlocale = "de-AT"\n')
    (tmp_path / "templates" / "strings").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    """A key that is added to one table is missed in the others."""
    assert theme_table(language).keys() == theme_table("en").keys()


@pytest.mark.parametrize("language", SHIPPED)
def test_every_text_has_the_values_of_the_english_one(language: str) -> None:
    """A place that a template does not fill would be printed; one that is missing says less."""
    english, table = theme_table("en"), theme_table(language)

    different = {
        key: sorted(places_of(table[key]) ^ places_of(english[key]))
        for key in english
        if places_of(table[key]) - {"count"} != places_of(english[key]) - {"count"}
        or (places_of(table[key]) > places_of(english[key]))
    }

    assert different == {}


@pytest.mark.parametrize("language", SHIPPED)
def test_plural_texts_have_every_form_of_the_language(language: str) -> None:
    """`other` stands for what no count has, so that is always there."""
    wanted = {*forms_of(language), "other"}

    wrong = {
        key: sorted(text)
        for key, text in theme_table(language).items()
        if isinstance(text, Mapping) and set(text) != wanted
    }

    assert wrong == {}


@pytest.mark.parametrize("language", SHIPPED)
def test_no_value_stands_twice_in_a_text(language: str) -> None:
    """A template's expression would be evaluated twice."""
    texts = (
        each
        for text in theme_table(language).values()
        for each in ((text,) if isinstance(text, str) else text.values())
    )

    places = [re.findall(r"\{\w+\}", text) for text in texts]

    assert [found for found in places if len(found) != len(set(found))] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_lists_of_names_are_whole(language: str) -> None:
    """Twelve months, seven days, three colour modes."""
    words = Words(language=language)

    counts = [
        len(words(key).split())
        for key in ("month.in_date", "month.alone", "month.short", "day.names", "day.short", "mode.names")
    ]

    assert counts == [12, 12, 12, 7, 7, 3]


def test_a_region_takes_the_language_s_table() -> None:
    """`de-AT` is German, `zh-CN` the Chinese that the theme writes, `zh-TW` is not."""
    said = [Words(language=tag)("page.home") for tag in ("de-AT", "zh-CN", "zh-TW", "nl", "")]

    assert said == ["Startseite", "首页", "Home", "Home", "Home"]


def test_the_count_chooses_the_form() -> None:
    """In Russian 21 is one, 22 are few, 25 are many."""
    words = Words(language="ru")

    assert [words("page.cells", count=count) for count in (1, 21, 22, 25)] == [
        "1 ячейка",
        "21 ячейка",
        "22 ячейки",
        "25 ячеек",
    ]


def test_a_site_says_single_texts_in_its_own_words(site: Path) -> None:
    """The region's file lies over the language's; what neither has is the theme's."""
    strings = site / "templates" / "strings"
    (strings / "de.toml").write_text('[page]\nhome = "Zuhause"\nolder = "Zuvor"\n', encoding="utf-8")
    (strings / "de-AT.toml").write_text('page.home = "Daheim"\n', encoding="utf-8")

    words = load_config(site, environ={}).words

    assert [words(f"page.{key}") for key in ("home", "older", "newer")] == ["Daheim", "Zuvor", "Neuer"]


def test_plural_forms_of_a_site_may_be_one_text(site: Path) -> None:
    """A text where the theme has forms stands for all of them."""
    (site / "templates" / "strings" / "de.toml").write_text(
        'page.cells = "{count} Stück"\n', encoding="utf-8"
    )

    words = load_config(site, environ={}).words

    assert [words("page.cells", count=count) for count in (1, 2)] == ["1 Stück", "2 Stück"]


@pytest.mark.parametrize(
    ("text", "code", "message", "hint"),
    [
        ('[page]\nhom = "x"\n', "SG102", "unknown string `page.hom`", "did you mean `page.home`?"),
        ('[page]\n\nhome = "{name}"\n', "SG103", "`page.home` has no value for `{name}`", "its values: none"),
        ("[page]\nhome = 3\n", "SG103", "`page.home` must be a text", 'write it as `key = "text"`'),
        (
            '[page]\nhome.one = "a"\nhome.other = "b"\n',
            "SG103",
            "`page.home` counts nothing: it has no plural forms",
            "write one text",
        ),
        ("[page\n", "SG101", "cannot be read: expected", "mend the TOML there; text stands in quotes"),
    ],
)
def test_what_is_wrong_in_a_site_s_strings_is_told(
    site: Path, text: str, code: str, message: str, hint: str
) -> None:
    """The file is named, the line where it is known, and what to write instead."""
    (site / "templates" / "strings" / "de.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(site, environ={})

    told = caught.value.diagnostic
    assert (told.code, told.hint) == (code, hint)
    assert message in told.message
    assert str(told.location).startswith("templates/strings/de.toml")


def test_the_line_of_a_wrong_string_is_told(site: Path) -> None:
    """The place of the key, not the file's beginning."""
    (site / "templates" / "strings" / "de.toml").write_text('[page]\n\nhom = "x"\n', encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(site, environ={})

    assert str(caught.value.diagnostic.location) == "templates/strings/de.toml:3:1"


def test_the_place_of_broken_toml_is_told(site: Path) -> None:
    """As for a file of settings."""
    (site / "templates" / "strings" / "de.toml").write_text('[page]\nhome = "x\n', encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_config(site, environ={})

    assert str(caught.value.diagnostic.location) == "templates/strings/de.toml:2:10"


def test_strings_that_windows_wrote_are_read(site: Path) -> None:
    """A mark of the byte order and its line ends are no part of the text."""
    (site / "templates" / "strings" / "de.toml").write_bytes(b'\xef\xbb\xbf[page]\r\nhome = "Daheim"\r\n')

    words = load_config(site, environ={}).words

    assert words("page.home") == "Daheim"


def test_changed_strings_are_named_as_what_the_author_edits(site: Path) -> None:
    """`sitegen build --explain` says why everything is made again."""
    before = load_config(site, environ={})
    (site / "templates" / "strings" / "de.toml").write_text('page.home = "x"\n', encoding="utf-8")

    named = differing_settings(before, load_config(site, environ={}, now=before.now))

    assert named == ("templates/strings",)


def test_the_digest_tells_words_apart(site: Path) -> None:
    """Compiled templates hold for the words that they say."""
    before = words_digest(load_config(site, environ={}).words)
    (site / "templates" / "strings" / "de.toml").write_text('page.home = "x"\n', encoding="utf-8")

    after = words_digest(load_config(site, environ={}).words)

    assert len({before, after, words_digest(Words())}) == 3
