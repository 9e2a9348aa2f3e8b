"""The theme in other languages: a site that shows everything says nothing of the theme's in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from sitegen.config import Config, load_config
from sitegen.config.words import Text, pieces, theme_table

from .conftest import NOW, SITE

LEAST = 9
"""Letters of a piece of text that content in English would hardly have by chance."""
OF_THE_CONTENT = frozenset({"Benchmarks", "Publications", "Categories"})
"""Titles that the site's pages have, by Hugo's rules, from the names of folders."""

Render = Callable[[Config], dict[str, bytes]]


@pytest.fixture
def rendered(tmp_path: Path, render_files: Render) -> Callable[[str], Mapping[str, str]]:
    """The texts of the site in a language, by their paths."""

    def render(language: str) -> Mapping[str, str]:
        config = load_config(
            SITE,
            now=NOW,
            environ={"SITEGEN_LOCALE": language},
            overrides={"state_dir": str(tmp_path / "state")},
        )
        files = render_files(config)
        return {path: content.decode() for path, content in files.items() if path.endswith((".html", ".xml"))}

    return render


def _parts(text: Text) -> Iterator[str]:
    for each in (text,) if isinstance(text, str) else text.values():
        for written, _ in pieces(each):
            yield written.strip(" .:,;")


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_site_says_nothing_of_the_theme_s_in_english(
    rendered: Callable[[str], Mapping[str, str]], language: str
) -> None:
    """No text of the English table that is another one in the language stands on a page."""
    own = {part for text in theme_table(language).values() for part in _parts(text)}
    english = {
        part
        for text in theme_table("en").values()
        for part in _parts(text)
        if len(part) >= LEAST and " " in part
    } - own
    search = re.compile(
        "|".join(rf"\b{re.escape(part)}\b" for part in sorted(english, key=len, reverse=True))
    )

    found = {(path, match[0]) for path, text in rendered(language).items() for match in search.finditer(text)}

    assert found == set()


def test_pages_are_marked_as_what_they_are_written_in(rendered: Callable[[str], Mapping[str, str]]) -> None:
    """A browser chooses fonts, hyphens and the side that text begins on; an English page says no direction."""
    home = rendered("ar")["index.html"]

    assert '<html lang="ar" dir="rtl" data-close="إغلاق">' in home
    assert 'data-names="النظام فاتح داكن"' in home


def test_states_dates_and_references_are_in_the_language(
    rendered: Callable[[str], Mapping[str, str]],
) -> None:
    """What Python writes comes from the same tables as what templates write."""
    pages = rendered("de")
    text = "\n".join(pages.values())

    missing = [
        words
        for words in (
            "reproduziert",
            "Abbildung 1",
            "Zum Inhalt springen",
            " 2026",
            "Hinweis",
            "Min. Lesezeit",
        )
        if words not in text
    ]

    assert missing == []
