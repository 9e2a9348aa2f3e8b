"""`[params]` that the theme reads: values of another kind and slips, in the site's own settings alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.index import SiteIndex

Index = Callable[..., SiteIndex]


@pytest.mark.parametrize(
    ("lines", "code", "place", "said"),
    [
        (
            "author_aliases = 5",
            "SG103",
            "4:1",
            "`params.author_aliases` is the number 5, not a text or a list of texts",
        ),
        ("cite = 'yes'", "SG103", "4:1", "not `true` or `false`"),
        ("repository = 'you/site'", "SG103", "4:1", "not an address"),
        ("repositoryFolder = 1", "SG103", "4:1", "`params.repositoryFolder` is the number 1, not text"),
        ("footnotes = 'side'", "SG103", "4:1", "not `margin` or `end`"),
        ("social_cards = 'all'", "SG103", "4:1", "not `true`, `false` or a table"),
        ("[params.publications]\n  buttons = ['Demo']", "SG103", "5:3", "not a table of fields and labels"),
        ("autor_aliases = ['A']", "SG102", "4:1", "`params.autor_aliases` is none of the theme's"),
    ],
)
def test_a_wrong_parameter_is_told(index_site: Index, lines: str, code: str, place: str, said: str) -> None:
    """A warning with its line in `sitegen.toml`."""
    index = index_site({}, f"[params]\n{lines}\n")

    assert [(each.code, each.severity, str(each.location)) for each in index.diagnostics] == [
        (code, "warning", f"sitegen.toml:{place}")
    ]
    assert said in index.diagnostics[0].message


@pytest.mark.parametrize(
    "lines",
    [
        "author_aliases = 'A'\ncite = true\nrepository = 'https://example.org/r'\nfavicon = '/f.svg'\nlicense = false",
        "mine = 5\nbrand = 'x'\ncities = 3\n[params.social_cards]\naccent = '#000000'\n[params.publications.buttons]\ndemo = 'Demo'",
        "[[params.publications.buttons]]\nfield = 'demo'\nlabel = 'Demo'",
    ],
)
def test_right_and_own_parameters_are_not_told(index_site: Index, lines: str) -> None:
    """Every name is free, but for what is nearly one of the theme's."""
    assert index_site({}, f"[params]\n{lines}\n").diagnostics == ()


def test_parameters_of_hugo_are_not_told(index_site: Index) -> None:
    """There the same names are those of its themes."""
    assert index_site({"hugo.toml": "[params]\ncite = 'yes'\nrepository = 5\n"}).diagnostics == ()
