"""The pictures of a body as a screen wants them."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from PIL import Image

from sitegen.config import Config
from sitegen.config.values import Images
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.sources import Resource
from sitegen.rendering.on_screen import on_screen
from sitegen.rendering.pictures import photo_metadata
from sitegen.rendering.pictures.box_metadata import UncutError, film_size_px
from sitegen.rendering.pictures.published_pictures import Pictures
from sitegen.rendering.pictures.remote_images import Copied, RemoteImages
from sitegen.rendering.urls import attributes

from .test_variants import drawing, photo

Show = Callable[..., str]
Made = tuple[Config, IndexedPage, SiteIndex]


def moving(form: str) -> bytes:
    """Two frames."""
    frames = [Image.linear_gradient("L").resize((240, 180)).rotate(turn).convert("RGB") for turn in (0, 90)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=200)
    return out.getvalue()


def film(
    width_px: int, height_px: int, *, matrix: tuple[int, ...] = (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
) -> bytes:
    """The boxes of an MP4 that say how large its only track is shown; ISO/IEC 14496-12, 8.3.2."""

    def box(kind: bytes, *inner: bytes) -> bytes:
        body = b"".join(inner)
        return struct.pack(">I4s", len(body) + 8, kind) + body

    header = bytes(40) + struct.pack(">9i2I", *matrix, width_px << 16, height_px << 16)
    handler = box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    track = box(b"trak", box(b"tkhd", header), box(b"mdia", handler))
    return box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", track)


@pytest.fixture
def made(
    config: Config,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
    make_resource: Callable[[str, bytes], Resource],
) -> Made:
    """A page with a photograph, one on its side, a drawing and a damaged picture beside it."""
    files = {
        "photo.jpg": photo(1600, 1000),
        "side.jpg": photo(orientation=6),
        "drawing.png": drawing(),
        "broken.jpg": photo()[:9000],
        "moving.png": moving("PNG"),
        "moving.gif": moving("GIF"),
        "moving.avif": moving("AVIF"),
        "no-size.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>',
        "page.png": b"<html>not found</html>" * 300,
        "empty.jpg": b"",
        "film.mp4": film(320, 240),
        "film.webm": b"\x1aE\xdf\xa3" + bytes(40),
        "phone.heic": b"\x00\x00\x00\x18ftypheic" + bytes(12),
    }
    place = make_place("/posts/a", resources=tuple(make_resource(name, data) for name, data in files.items()))
    settings = replace(config, state_dir=config.root / "state", images=Images(formats=("webp",)))
    return settings, place, make_index(make_place("/", "home"), place)


@pytest.fixture
def show(made: Made) -> Show:
    """The HTML on a screen."""

    def shown(html: str, files: dict[PurePosixPath, bytes] | None = None, **settings: Any) -> str:
        config = replace(made[0], images=replace(made[0].images, **settings))
        pictures = Pictures(config)
        return on_screen(html, made[1], made[2], config, pictures=lambda: pictures, files=files)

    return shown


def _widths(html: str) -> list[str]:
    return re.findall(r" (\d+w)", html)


def test_a_picture_has_forms_to_choose_from(show: Show) -> None:
    """None wider than twice the column or than the picture itself; its own form for browsers that know no other."""
    html = show('<p>Text <img src="photo.jpg" alt="A"></p>')

    assert _widths(html) == ["480w", "800w", "1376w"]
    assert 'sizes="(min-width: 728px) 688px, calc(100vw - 40px)"' in html
    assert re.search(
        r'<img src="photo.jpg" alt="A" fetchpriority="high" decoding="async" width="1600" height="1000"></picture>',
        html,
    )


def test_a_picture_has_the_size_in_which_it_is_seen(show: Show) -> None:
    """A photograph that is to be turned is as wide as it was high."""
    assert 'width="600" height="900"' in show('<img src="side.jpg" alt="">')


@pytest.mark.parametrize(
    ("html", "widths"),
    [
        ('<div class="column-page"><p>a <img src="photo.jpg"></p></div>', ["480w", "800w", "1200w", "1600w"]),
        ('<div class="column-page"></div><p>a <img src="photo.jpg"></p>', ["480w", "800w", "1376w"]),
        ('<p>a <img class="w-50" src="photo.jpg"></p>', ["480w", "688w"]),
        ('<p>a <img width="240" src="photo.jpg"></p>', ["480w"]),
        ('<div class="figure-grid" style="--columns:2"><img src="photo.jpg"></div>', ["480w", "688w"]),
        ('<picture><source srcset="x.webp"><img src="photo.jpg"></picture>', []),
        ('<!-- <img src="photo.jpg"> --><script>"<img src=photo.jpg>"</script>', []),
    ],
)
def test_widths_are_those_of_the_place(show: Show, html: str, widths: list[str]) -> None:
    """The column, the share of it, what the tag says; pictures that others have seen to stay."""
    assert _widths(show(html)) == widths


def test_only_the_first_picture_is_loaded_at_once(show: Show) -> None:
    """An icon before it does not count."""
    html = show('<img src="a.png" width="20"><img src="photo.jpg"><img src="photo.jpg">')

    assert [attributes(tag).get("loading") for tag in re.findall("<img[^>]*>", html)] == [
        "lazy",
        None,
        "lazy",
    ]


def test_a_picture_with_a_title_alone_in_its_paragraph_is_a_figure(show: Show) -> None:
    """In a link too; its columns are the figure's, and it is larger in its link."""
    html = show('<p><img src="photo.jpg" alt="A" title="B &amp; c" class="column-page x" /></p>\n')
    linked = show('<p><a href="/x"><img src="photo.jpg" alt="A" title="B"></a></p>')

    assert html.startswith('<figure class="column-page"><a class="zoom" href="photo.jpg"><picture>')
    assert html.endswith("</picture></a><figcaption>B &amp; c</figcaption></figure>\n")
    assert 'class="x"' in html
    assert "title=" not in html
    assert linked.startswith('<figure><a href="/x"><picture>')
    assert linked.endswith("</picture></a><figcaption>B</figcaption></figure>")


@pytest.mark.parametrize(
    "html",
    [
        '<p>Text <img src="x.png" title="B"></p>',
        '<p><img src="x.png" title="B"> text</p>',
        '<p><img src="x.png"></p>',
        '<figure><p><img src="x.png" title="B"></p></figure>',
        '<p align="right"><img src="x.png" title="B"></p>',
    ],
)
def test_other_pictures_are_no_figures(show: Show, html: str) -> None:
    """In a sentence, without a caption, in a figure already, in HTML of the author's."""
    assert "<figcaption>" not in show(html)


def test_a_picture_that_is_larger_leads_to_its_large_form(show: Show) -> None:
    """Not one that is a link already, has no words, or where its author or the site wants none."""
    zoomed = '<a class="zoom" href="photo.jpg">'

    assert zoomed in show('<p><img src="photo.jpg" alt="A"></p>')
    assert zoomed not in show('<p><a href="/"><img src="photo.jpg" alt="A"></a></p>')
    assert zoomed not in show('<p><img src="photo.jpg" alt=""></p>')
    assert zoomed not in show('<p><img src="photo.jpg" alt="A" data-zoom="false"></p>')
    assert zoomed not in show('<h2><img src="photo.jpg" alt="A"></h2>')
    assert zoomed not in show('<p><img src="photo.jpg" alt="A"></p>', zoom=False)
    assert "zoom" not in show('<p><img src="side.jpg" alt="A"></p>')


def test_a_film_named_as_a_picture_is_a_player(show: Show) -> None:
    """It has its size, so that nothing jumps, starts by nobody but the reader, and may have a caption."""
    assert show('<p><img src="film.mp4" alt="A &amp; B" title="Run"></p>') == (
        '<figure><video src="film.mp4" controls playsinline preload="metadata" width="320" height="240"'
        ' aria-label="A &amp; B"></video><figcaption>Run</figcaption></figure>'
    )
    assert attributes(show('<img src="film.webm" width="200">'))["width"] == "200"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (film(320, 240, matrix=(0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)), (240, 320)),
        (film(0, 240), None),
        (film(320, 240)[:-60], None),
    ],
)
def test_size_of_a_film(content: bytes, size: tuple[int, int] | None) -> None:
    """As it is shown: on its side where its matrix turns it; none where it is cut off."""
    assert film_size_px(io.BytesIO(content)) == size


def test_two_pictures_to_compare_have_a_caption_each(show: Show) -> None:
    """Where they are written in one paragraph too."""
    html = show(
        '<div class="compare"><p><img src="photo.jpg" alt="A" title="B">\n<img src="photo.jpg" alt="C" title="D"></p></div>'
    )

    assert re.findall("<figcaption>(.*?)</figcaption>", html) == ["B", "D"]


def test_what_cells_have_drawn_has_forms_too(show: Show) -> None:
    """It lies in no file yet."""
    files = {PurePosixPath("figure-a-1.png"): drawing()}

    html = show('<img src="/blog/posts/a/figure-a-1.png" alt="A" width="450" height="300">', files)

    assert _widths(html)[-1] == "900w"
    assert 'type="image/webp"' in html


def test_colours_stand_where_a_picture_has_not_come(show: Show) -> None:
    """Without a style attribute."""
    html = show('<p>a <img src="photo.jpg" alt="A"></p>', lqip=True)

    assert html.count("<rect") == 12
    assert "style=" not in html


def test_a_damaged_picture_is_told_with_its_place(made: Made) -> None:
    """And shown as it is."""
    config, place, index = made
    pictures = Pictures(config)

    html = on_screen(
        '<p>a <img src="broken.jpg" alt="A"></p>', place, index, config, pictures=lambda: pictures
    )

    assert "<picture>" not in html
    assert [problem.code for problem in pictures.problems()] == ["SG407"]
    assert pictures.problems() == ()


def test_the_files_are_those_that_the_html_names(made: Made) -> None:
    """Each with its digest; no other."""
    config, place, index = made
    pictures = Pictures(config)
    html = on_screen(
        '<img src="photo.jpg"><img src="drawing.png">', place, index, config, pictures=lambda: pictures
    )
    only_one = html[: html.index("<img")]

    files = list(pictures.files_of(only_one))

    assert [str(file.path) for file in files] == re.findall(r"/blog/(images/[\w.-]+)", only_one)
    assert all(file.content and file.path.suffix == ".webp" for file in files)


def test_an_animated_gif_is_a_film_with_controls(
    made: Made, tmp_path: Path, make_resource: Callable[[str, bytes], Resource]
) -> None:
    """A reader starts it, or it stands still for who wants no motion."""
    config, place, index = made
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue", "green")]
    frames[0].save(tmp_path / "f.gif", save_all=True, append_images=frames[1:], duration=80)
    film = make_resource("film.gif", (tmp_path / "f.gif").read_bytes())
    place = replace(place, resources=(film,))
    index = replace(index, pages={**index.pages, place.key: place})
    pictures = Pictures(config)

    html = on_screen(
        '<p><img src="film.gif" alt="A film"></p>', place, index, config, pictures=lambda: pictures
    )

    assert re.search(r"<video [^>]*controls|prefers-reduced-motion", html)
    assert len(list(pictures.files_of(html))) == 2
    assert "autoplay" not in html


def test_work_is_linear(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each picture is asked for once, in four times the HTML four times as often."""
    config, place, index = made
    calls: list[str] = []
    monkeypatch.setattr(
        "sitegen.rendering.pictures.screen_pictures.file_of_url", lambda url, *_: calls.append(url)
    )
    counts = []
    for number in (50, 200):
        calls.clear()
        on_screen('<p><img src="x.png" alt="A" title="B"></p>\n' * number, place, index, config)
        counts.append(len(calls))

    assert counts[1] == 4 * counts[0]


@pytest.mark.parametrize("name", ["moving.png", "moving.gif", "moving.avif"])
def test_a_picture_that_moves_is_a_film(show: Show, name: str) -> None:
    """In each form that browsers play by themselves: none stands still by getting other forms. A card has a still."""
    html = show(f'<p>a <img src="{name}" alt="A"></p>')
    card = show(f'<img class="column-card" src="{name}" alt="A">')

    assert re.search(r'="/blog/images/moving\.[^"]*\.(?:mp4|webp)"', html)
    assert "<picture" not in html
    assert "<video" not in card
    assert f'src="{name}"' in card


@pytest.mark.parametrize("name", ["page.png", "empty.jpg", "phone.heic"])
def test_a_picture_that_browsers_do_not_show_is_told(made: Made, name: str) -> None:
    """A page that a server gave in its place, nothing at all, a form that few know."""
    pictures = Pictures(made[0])

    on_screen(f'<p>a <img src="{name}" alt="A"></p>', *made[1:], made[0], pictures=lambda: pictures)

    assert [each.code for each in pictures.problems()] == ["SG407"]


def test_a_drawing_without_a_size_has_the_one_that_browsers_give_it(show: Show) -> None:
    """So nothing moves when it comes."""
    assert 'width="300" height="150"' in show('<img src="no-size.svg" alt="">')


def test_a_height_alone_gives_the_width(show: Show) -> None:
    """As a width alone gives the height."""
    assert attributes(show('<img src="photo.jpg" height="100">').partition("<img")[2]).get("width") == "160"


def test_the_words_of_a_text_alternative_are_no_attributes(show: Show) -> None:
    """Those that an attribute is called by, among them."""
    alt = "the width of a loading net, its height = 3"

    html = show(f'<p>Text <img src="photo.jpg" alt="{alt}" WIDTH=240></p>')

    given = attributes(html[html.index("<img") :])
    assert (given["alt"], given["width"], given["height"]) == (alt, "240", "150")


def test_a_drawing_of_less_than_a_pixel_has_a_size(made: Made) -> None:
    """A width that the author says is no division by zero."""
    file = made[1].resources[0].file.with_name("no-size.svg")
    file.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg" width="0.3" height="0.3"/>')

    html = on_screen('<img src="no-size.svg" width="20" alt="A">', made[1], made[2], made[0])

    assert 'width="20"' in html
    assert 'height="20"' in html


def test_a_copy_that_cannot_be_cut_is_shown_as_it_is(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is public on the site that it comes from."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "AVIF")
    (tmp_path / "a.avif").write_bytes(out.getvalue())
    copied = Copied(file=tmp_path / "a.avif", digest="0" * 64)
    monkeypatch.setattr(RemoteImages, "copy", lambda *_: copied)

    def uncut(_: object) -> None:
        raise UncutError("it is damaged")

    monkeypatch.setattr(photo_metadata, "findings", uncut)
    pictures = Pictures(replace(made[0], images=Images(formats=(), remote="copy")))

    found = pictures.copy("https://example.org/a.avif", made[1])

    assert found is not None
    (file,) = pictures.files_of(f'<img src="{found.url}">')
    assert file.content == out.getvalue()
