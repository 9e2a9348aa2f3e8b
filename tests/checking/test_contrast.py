"""A site's own colours in place of the theme's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.checking.contrast import check_contrast
from sitegen.config import load_config
from sitegen.errors import Diagnostic

Look = Callable[..., list[Diagnostic]]


@pytest.fixture
def look(write_site: Callable[[dict[str, str]], Path]) -> Look:
    """What is told of a site with these style sheets."""

    def looked(css: str, **others: str) -> list[Diagnostic]:
        sheets = {"mine": css, **others}
        files = {f"templates/assets/{name}.css": text for name, text in sheets.items()}
        return list(check_contrast(load_config(write_site({"sitegen.toml": "title = 'T'\n", **files}))))

    return looked


@pytest.mark.parametrize(
    "css",
    [
        ":root { --accent: light-dark(#a04000, #ffb077); }",
        ":root { --measure: 40rem; --accent: url(#x); }",
        "@media print { :root { --accent: #eee } }",
        ".note { --accent: #eee } [data-mode] .a { --bg: #777 }",
        "/* :root { --accent: #eee } */ a::before { content: '} :root { --accent: #eee }' }",
        ":root { --accent: var(--mine); --mine: var(--accent); }",
        ":root { --accent: rgb(0 0 0 / 10%) }",
    ],
)
def test_colours_that_can_be_read_or_are_not_judged(look: Look, css: str) -> None:
    """Nothing is said of other elements, of paper, or of what is no opaque colour."""
    assert look(css) == []


@pytest.mark.parametrize(
    ("css", "modes"),
    [
        (":root { --accent: orange; }", ["light"]),
        (":root { --accent: light-dark(#a04000, #6a2a00); }", ["dark"]),
        ("html { --accent: #777 }", ["light", "dark"]),
        ("@media (prefers-color-scheme: dark) { :root { --accent: #333 } }", ["dark"]),
        (':root { --accent: #ffb077 } :root[data-mode="light"] { --accent: #a04000 }', []),
        ("@media screen { :root:not([data-mode=light]) { --accent: #333 } }", ["dark"]),
        (":root { @media (prefers-color-scheme: light) { --accent: #ddd } }", ["light"]),
        (":root { --accent: var(--mine) } :root { --mine: #ddd }", ["light"]),
        (":root { --code-string: light-dark(#0c0, #a9d193) }", ["light"]),
        (":root { --edge: light-dark(#ddd, #aaa) }", ["light"]),
    ],
)
def test_each_mode_is_looked_at_for_itself(look: Look, css: str, modes: list[str]) -> None:
    """However the modes are told apart."""
    assert [each.message.split()[1] for each in look(css)] == modes


def test_a_finding_names_place_ratio_and_a_shade_that_is_enough(look: Look) -> None:
    """The shade does what the hint says: with it nothing is told."""
    (told,) = look("a { color: red }\n\n:root {\n  --accent: light-dark(orange, #ffb077);\n}\n")

    assert str(told.location) == "templates/assets/mine.css:4:13"
    assert (
        "`--accent` on `--soft` has a contrast of 1.7:1, and text needs 4.5:1, and 3 more pairs"
        in told.message
    )
    assert told.hint is not None
    better = told.hint.split("`")[1]
    assert look(f":root {{ --accent: light-dark({better}, #ffb077) }}") == []


def test_a_colour_of_the_ground_is_told_once(look: Look) -> None:
    """Not once for each text that stands on it."""
    (told,) = look(":root { --bg: light-dark(#808080, #16181b) }")

    assert told.message.startswith("on light pages ")
    assert str(told.location) == "templates/assets/mine.css:1:15"


def test_a_later_sheet_wins_and_an_own_theme_is_measured(look: Look) -> None:
    """A `site.css` of the site stands before its others and in place of the theme's."""
    own = ":root { --bg: #fff; --soft: #fff; --tint: #fff; --fg: #ccc; --accent: #000 }"

    assert [str(each.location) for each in look(":root { --fg: #222 }", site=own)] == []
    assert {str(each.location) for each in look("", site=own)} == {"templates/assets/site.css:1:55"}
