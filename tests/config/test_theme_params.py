"""`[params]` that the theme reads: values of another kind and slips, in the site's own settings alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.config import load_config

Write = Callable[[dict[str, str]], Path]


@pytest.mark.parametrize(
    ("lines", "code", "place", "said"),
    [
        (
            "author_aliases = 5",
            "SG103",
            "2:18",
            "`params.author_aliases` is the number 5, not a text or a list of texts",
        ),
        ("cite = 'yes'", "SG103", "2:8", "not `true` or `false`"),
        ("repository = 'you/site'", "SG103", "2:14", "not an address"),
        ("repositoryFolder = 1", "SG103", "2:20", "`params.repositoryFolder` is the number 1, not text"),
        ("footnotes = 'side'", "SG103", "2:13", "not `margin` or `end`"),
        ("social_cards = 'all'", "SG103", "2:16", "not `true`, `false` or a table"),
        ("[params.publications]\n  buttons = ['Demo']", "SG103", "3:13", "not a table of fields and labels"),
        ("autor_aliases = ['A']", "SG102", "2:1", "`params.autor_aliases` is none of the theme's"),
    ],
)
def test_a_wrong_parameter_is_told(write_site: Write, lines: str, code: str, place: str, said: str) -> None:
    """A warning with its line in `sitegen.toml`."""
    root = write_site({"sitegen.toml": f"[params]\n{lines}\n", "content/a.md": ""})

    (told,) = load_config(root, environ={}).diagnostics

    assert (told.code, told.severity, str(told.location)) == (code, "warning", f"sitegen.toml:{place}")
    assert said in told.message


@pytest.mark.parametrize(
    "lines",
    [
        "author_aliases = 'A'\ncite = true\nrepository = 'https://example.org/r'\nfavicon = '/f.svg'\nlicense = false",
        "mine = 5\nbrand = 'x'\ncities = 3\n[params.social_cards]\naccent = '#000000'\n[params.publications.buttons]\ndemo = 'Demo'",
        "[[params.publications.buttons]]\nfield = 'demo'\nlabel = 'Demo'",
    ],
)
def test_right_and_own_parameters_are_not_told(write_site: Write, lines: str) -> None:
    """Every name is free, but for what is nearly one of the theme's."""
    root = write_site({"sitegen.toml": f"[params]\n{lines}\n", "content/a.md": ""})

    assert load_config(root, environ={}).diagnostics == ()


def test_parameters_of_hugo_are_not_told(write_site: Write) -> None:
    """There the same names are those of its themes."""
    root = write_site({"hugo.toml": "[params]\ncite = 'yes'\nrepository = 5\n", "content/a.md": ""})

    assert load_config(root, environ={}).diagnostics == ()
