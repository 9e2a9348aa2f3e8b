"""Words of HTML and the time that they take to read, as Hugo counts."""

from __future__ import annotations

import pytest

from sitegen.markdown.words import fuzzy_word_count, is_east_asian, reading_minutes, word_count


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", 2),
        ("<p>a&nbsp;b\u00a0c<br>d <!-- not this --> e</p>", 4),
        ("<script>var a = b;</script><style>p {}</style>x", 1),
        ("see<sup><a href='#a b'>1</a></sup> <span>f</span><span>g</span>", 2),
        ('<pre tabindex="0"><code><span class="n">x</span> = 1\n</code></pre>', 3),
        ("1 < 2 and 3 > 2", 7),
        ("<math><mi>x</mi><annotation encoding='a'>\\frac 1 2</annotation></math> y", 4),
        ("<math><mi>x</mi></math> three more words <math><annotation>a b</annotation></math>", 6),
        ("<math> a <math> b", 2),
        ("", 0),
    ],
)
def test_words_are_counted_without_tags(html: str, words: int) -> None:
    """Code counts, comments and scripts do not; a formula counts as its source."""
    assert word_count(html, by_character=False) == words


def test_formulas_without_an_end_are_looked_at_once() -> None:
    """However many there are: not from each of them to the end of the text."""
    assert word_count("<math>" * 200_000, by_character=False) == 0


def test_characters_count_where_they_are_words() -> None:
    """A word that is not ASCII counts as many as it has characters."""
    text = "Hello 日本語 world test123日本 naïve café, 한국어 단어。カタカナ–dash"  # 39 by Hugo

    assert word_count(f"<p>{text}</p>", by_character=True) == 39


@pytest.mark.parametrize(("text", "found"), [("naïve – €", False), ("語", True), ("한", True), ("ん", True)])
def test_east_asian_text_is_known_by_a_character(text: str, found: bool) -> None:
    """Han, Hangul, Hiragana and Katakana."""
    assert is_east_asian(text) is found


@pytest.mark.parametrize(
    ("words", "fuzzy", "minutes", "by_character"),
    [
        (0, 0, 0, 0),
        (1, 100, 1, 1),
        (100, 100, 1, 1),
        (101, 200, 1, 1),
        (212, 300, 1, 1),
        (213, 300, 2, 1),
        (501, 600, 3, 2),
    ],
)
def test_numbers_are_rounded_up(words: int, fuzzy: int, minutes: int, by_character: int) -> None:
    """To hundreds, and to minutes of 212 words or 500 characters."""
    assert fuzzy_word_count(words) == fuzzy
    assert reading_minutes(words, by_character=False) == minutes
    assert reading_minutes(words, by_character=True) == by_character
