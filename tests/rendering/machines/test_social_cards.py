"""Pictures for shared links."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from sitegen.config import Config, load_config
from sitegen.rendering.assets import theme_folder
from sitegen.rendering.machines import card_drawing
from sitegen.rendering.machines.card_drawing import (
    HEIGHT,
    WIDTH,
    CardFont,
    SocialCard,
    draw,
    missing_letters,
    writable,
)
from sitegen.rendering.values import RenderedFile

FOLDER = theme_folder() / "vendor" / "inter"
CARD = SocialCard(
    site="Notes",
    title="A title",
    description="What it is about.",
    line="An Author · 2026-11-19",
    background="#ffffff",
    foreground="#000000",
    accent="#ff0000",
    fonts=(CardFont(FOLDER / "inter-regular.ttf", ""), CardFont(FOLDER / "inter-bold.ttf", "")),
)
FILES = {
    "content/posts/a.md": '+++\ntitle = "A title"\ndate = 2026-01-02\n+++\n',
    "content/posts/own.md": '+++\ntitle = "Own"\nimage = "/b.png"\n+++\n',
    "content/posts/none.md": '+++\ntitle = "None"\nsocial_card = false\n+++\n',
    "static/b.png": "x",
}
Rendered = Callable[..., dict[str, RenderedFile]]


@pytest.fixture
def render(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Rendered:
    """Renders the site with these lines in its configuration."""

    def make(lines: str, files: dict[str, str] | None = None) -> dict[str, RenderedFile]:
        settings = f'baseURL = "https://example.org/"\ntitle = "Notes"\n{lines}\n'
        root = write_site({**FILES, **(files or {}), "sitegen.toml": settings})
        return render_content(load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={}))

    return make


def _picture(card: SocialCard) -> Image.Image:
    return Image.open(io.BytesIO(draw(card))).convert("RGB")


def _ink(image: Image.Image) -> tuple[int, int, int, int]:
    """What is written, below the stripe: left, top, right, bottom."""
    page = image.crop((0, 20, WIDTH, HEIGHT)).convert("L").point(lambda level: 255 if level < 200 else 0)
    box = page.getbbox()
    assert box is not None
    return box


def _cards(files: dict[str, RenderedFile]) -> list[str]:
    return sorted(path for path in files if re.search(r"card-[0-9a-f]{12}\.png$", path))


def test_a_card_has_its_size_and_weighs_little() -> None:
    """1,200 x 630 pixels, below 40 kB, and all of it within the margins."""
    content = draw(CARD)
    left, _, right, _ = _ink(_picture(CARD))

    assert Image.open(io.BytesIO(content)).size == (WIDTH, HEIGHT)
    assert len(content) < 40_000
    assert left >= 78
    assert right <= WIDTH - 78


@pytest.mark.parametrize(
    "title",
    ["A very long title " * 30, "Unbreakable" * 40, "", " "],
    ids=["many words", "one word", "nothing", "a space"],
)
def test_any_title_stays_on_the_card(title: str) -> None:
    """A title of any length is cut at three lines, and a word that is too long is taken apart."""
    left, _, right, bottom = _ink(_picture(replace(CARD, title=title)))

    assert left >= 78
    assert right <= WIDTH - 78
    assert bottom <= HEIGHT - 60


def test_a_title_from_the_right_begins_there() -> None:
    """Hebrew and Arabic are written from the right edge."""
    image = _picture(replace(CARD, site="", description="", line="", title="שלום"))

    left, _, right, _ = _ink(image)

    assert left > WIDTH / 2
    assert right > WIDTH - 120


def test_letters_that_the_font_lacks_are_named() -> None:
    """Latin with marks, Greek and Cyrillic are there; what is not is named once, and emoji are none of it."""
    assert missing_letters(replace(CARD, title="Größe, Ελληνικά, Привет – “so”, x²")) == ""
    assert missing_letters(replace(CARD, title="日本日 🚀")) == "日本"


def test_no_box_stands_for_a_letter() -> None:
    """A sign that the font lacks is left out, a text with such a letter whole, and without its title there is no card."""
    signs = writable(replace(CARD, title="Go 🚀 now", description="日本"))

    assert signs == replace(CARD, title="Go now", description="")
    assert writable(replace(CARD, title="日本")) is None


def test_letters_that_join_want_a_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FriBiDi, Pillow would write Arabic in single letters and from the left: then the card leaves it out."""
    card = replace(CARD, title="تجربة")
    monkeypatch.setattr(card_drawing, "_has_glyph", lambda *_: True)
    monkeypatch.setattr(card_drawing, "can_lay_out", lambda: True)
    assert missing_letters(card) == ""

    monkeypatch.setattr(card_drawing, "can_lay_out", lambda: False)

    assert missing_letters(card) == "تجربة"
    assert writable(card) is None


def test_cards_are_made_where_they_are_asked_for(render: Rendered) -> None:
    """None without the setting; with it one for home and each page without a picture of its own, named in its head."""
    assert _cards(render("")) == []

    files = render("[params]\nsocial_cards = true")

    cards = _cards(files)
    assert [path.rpartition("/")[0] for path in cards] == ["", "posts/a"]
    html = (files["posts/a/index.html"].content or b"").decode()
    assert f'<meta property="og:image" content="https://example.org/{cards[1]}">' in html
    assert "og:image:width" in html
    own = (files["posts/own/index.html"].content or b"").decode()
    assert 'content="https://example.org/b.png"' in own


def test_another_text_or_colour_is_another_address(render: Rendered) -> None:
    """Readers keep cards by their address: one that is drawn otherwise has another."""
    first = _cards(render("[params]\nsocial_cards = true"))
    again = _cards(render("[params]\nsocial_cards = true"))
    other = _cards(render('[params.social_cards]\naccent = "#aa0000"'))

    assert first == again
    assert not set(first) & set(other)


def test_a_font_that_lacks_letters_is_told_with_the_page(render: Rendered) -> None:
    """SG409 names the letters and the file of the page, which has no card then and names none."""
    files = render("[params]\nsocial_cards = true", {"content/posts/a.md": '+++\ntitle = "日本"\n+++\n'})

    (told,) = (each for file in files.values() for each in file.diagnostics)

    assert (told.code, told.severity) == ("SG409", "warning")
    assert "CJK" in told.message
    assert told.details == "letters: 日本"
    assert [path.rpartition("/")[0] for path in _cards(files)] == [""]
    assert b"og:image" not in (files["posts/a/index.html"].content or b"")
    assert told.location is not None
    assert str(told.location.path) == "content/posts/a.md"


def test_a_font_that_changes_is_drawn_anew(tmp_path: Path) -> None:
    """A preview draws many times, and the file has one name all the time."""
    file = tmp_path / "own.ttf"
    file.write_bytes((FOLDER / "inter-regular.ttf").read_bytes())
    first = draw(replace(CARD, fonts=(CardFont(file, "1"),) * 2))
    file.write_bytes((FOLDER / "inter-bold.ttf").read_bytes())

    assert draw(replace(CARD, fonts=(CardFont(file, "2"),) * 2)) != first


def test_a_long_name_of_the_site_stays_on_the_card() -> None:
    """With an ellipsis, as any other line."""
    assert _ink(_picture(replace(CARD, site="A very long name of a site " * 9)))[2] <= WIDTH - 80


def test_a_font_that_is_none_is_told(render: Rendered) -> None:
    """Cards are drawn with the theme's then: a card is no reason for a build to fail."""
    lines = '[params.social_cards]\nfont = "assets/own.ttf"\nbold_font = "assets/gone.ttf"'
    plain = _cards(render("[params]\nsocial_cards = true"))

    files = render(lines, {"assets/own.ttf": "no font"})

    told = {each.message for file in files.values() for each in file.diagnostics if each.code == "SG409"}
    assert told == {
        "the social cards have the theme's font: `font` names `assets/own.ttf`, which is no TrueType or OpenType font",
        "the social cards have the theme's font: `bold_font` names `assets/gone.ttf`, which is not there",
    }
    assert _cards(files) == plain
