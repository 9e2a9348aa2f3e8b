"""Automatic titles."""

from __future__ import annotations

import pytest

from sitegen.content.titles import pluralize, title_case


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("machine learning for the people", "Machine Learning for the People"),
        ("state-of-the-art", "State-of-the-Art"),
        ("a/b testing", "A/B Testing"),
        ("the end of", "The End Of"),
        ("ml", "Ml"),
        ("GPT from scratch", "GPT From Scratch"),
        ("what is it: a guide", "What Is It: A Guide"),
        ("c++", "C++"),
        ("don't stop", "Don't Stop"),
        ("über cool", "Über Cool"),
        ("3d models", "3d Models"),
        ("", ""),
    ],
)
def test_title_case(text: str, expected: str) -> None:
    """AP style as Hugo's, which these were compared with."""
    assert title_case(text) == expected


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("post", "posts"),
        ("posts", "posts"),
        ("category", "categories"),
        ("day", "days"),
        ("box", "boxes"),
        ("class", "classes"),
        ("analysis", "analyses"),
        ("person", "people"),
        ("news", "news"),
        ("video-game", "video-games"),
        ("2024", "2024"),
        ("", ""),
    ],
)
def test_pluralize(name: str, plural: str) -> None:
    """English endings; numbers and plurals stay."""
    assert pluralize(name) == plural
