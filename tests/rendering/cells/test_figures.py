"""Figures of cells: for light and for dark pages, films, sounds, and what a reader gets of them."""

from __future__ import annotations

import base64
import io
import re
import shutil
import struct
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.config import Config
from sitegen.content.executed import DisplayOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.machines.feed_text import feed_html
from sitegen.rendering.pictures import animations
from sitegen.rendering.values import Page

ComposeCell = Callable[..., Page]

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36"><path d="M0 0"/></svg>'
DARK_SVG = "application/vnd.sitegen.dark.svg+xml"
DARK_PNG = "application/vnd.sitegen.dark.png"


def picture(colour: str = "red", size: tuple[int, int] = (8, 6), form: str = "PNG") -> bytes:
    """A picture of one colour."""
    whole = io.BytesIO()
    Image.new("RGB", size, colour).save(whole, form)
    return whole.getvalue()


def moving(form: str, durations: list[int], size: tuple[int, int] = (9, 7)) -> bytes:
    """An animated picture with a frame for each duration in ms."""
    frames = [Image.new("RGB", size, (40 * number, 0, 0)) for number in range(len(durations))]
    whole = io.BytesIO()
    frames[0].save(whole, form, save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return whole.getvalue()


def text(content: bytes) -> str:
    """As a kernel sends it."""
    return base64.b64encode(content).decode()


def shown(data: dict[str, object], metadata: dict[str, object] | None = None, **more: bool) -> DisplayOutput:
    """What a cell displayed."""
    return DisplayOutput(data=FrozenDict(freeze(data)), metadata=freeze(metadata or {}), **more)


def one(html: str, selector: str) -> LexborNode:
    """The first element that fits; there must be one."""
    node = LexborHTMLParser(html).css_first(selector)
    assert node is not None, f"no {selector} in {html}"
    return node


@pytest.fixture
def no_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without ffmpeg."""
    monkeypatch.setattr(animations, "find_ffmpeg", lambda: None)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({"image/svg+xml": SVG, DARK_SVG: SVG + "\n"}, ["figure-cell-1-1-dark.svg", "figure-cell-1-1.svg"]),
        (
            {"image/png": text(picture()), DARK_PNG: text(picture("blue"))},
            ["figure-cell-1-1-dark.png", "figure-cell-1-1.png"],
        ),
    ],
)
def test_a_figure_for_both_modes_is_a_pair(
    compose_cell: ComposeCell, data: dict[str, object], names: list[str]
) -> None:
    """Both are files of one size and one text; both lazy, so that the hidden one is not loaded."""
    page = compose_cell(shown(data), fig_alt="Rising")

    light, dark = LexborHTMLParser(page.content).css("img")
    assert sorted(map(str, page.files)) == names
    assert (light.attributes["class"], dark.attributes["class"]) == ("only-light", "only-dark")
    assert (str(dark.attributes["src"]).endswith(names[0]), "hidden" in dark.attributes) == (True, True)
    for name in ("alt", "width", "height", "loading"):
        assert light.attributes[name] == dark.attributes[name]
    assert light.attributes["loading"] == "lazy"


@pytest.mark.parametrize(
    ("data", "metadata", "card"),
    [
        ({"image/svg+xml": SVG}, {}, "on-light"),
        ({"image/png": text(picture())}, {"needs_background": "dark"}, "on-dark"),
        ({"image/jpeg": text(picture(form="JPEG"))}, {}, None),
    ],
)
def test_a_picture_without_a_pair_has_a_card(
    compose_cell: ComposeCell, data: dict[str, object], metadata: dict[str, object], card: str | None
) -> None:
    """Its own ground may be transparent; it is shown alone, and as the page's first at once."""
    page = compose_cell(shown(data, metadata))

    image = one(page.content, "img")
    assert image.attributes.get("class") == card
    assert "loading" not in image.attributes


@pytest.mark.parametrize(
    ("said", "size"),
    [({}, ("8", "6")), ({"width": 4, "height": 3}, ("4", "3")), ({"width": 16}, ("16", "12"))],
)
def test_a_picture_keeps_its_size(
    compose_cell: ComposeCell, said: dict[str, object], size: tuple[str, str]
) -> None:
    """A picture that is no figure has its own pixels in a `retina` cell too, or what its display asks for."""
    page = compose_cell(
        shown({"image/png": text(picture())}, {"image/png": said} if said else {}), fig_format="retina"
    )

    image = one(page.content, "img")
    assert (image.attributes["width"], image.attributes["height"]) == size


def test_a_figure_that_is_shown_twice_is_there_once(compose_cell: ComposeCell) -> None:
    """A figure as last expression is sent again at the end of its cell; two equal ones that were displayed stay."""
    figure: dict[str, object] = {"image/png": text(picture())}

    result = compose_cell(shown(figure, is_result=True), shown({**figure, "text/plain": "<Figure>"}))
    displayed = compose_cell(shown(figure), shown(figure))

    assert len(LexborHTMLParser(result.content).css("img")) == 1
    assert len(LexborHTMLParser(displayed.content).css("img")) == 2


@pytest.mark.parametrize(
    ("alt", "shown_alts"),
    [("One\nTwo", ["One", "Two"]), ("Both", ["Both", "Both"]), (None, ["C: l", "C: r"])],
)
def test_each_sub_figure_has_its_text(
    compose_cell: ComposeCell, alt: str | None, shown_alts: list[str]
) -> None:
    """From a list of alternatives, from one for all, or from the captions."""
    figure = shown({"image/png": text(picture())})

    page = compose_cell(figure, figure, fig_alt=alt, fig_cap="C", fig_subcap=("l", "r"))

    assert [image.attributes["alt"] for image in LexborHTMLParser(page.content).css("img")] == shown_alts


def test_feeds_get_the_light_picture(compose_cell: ComposeCell, config: Config) -> None:
    """There is one picture of a pair, on white whatever the reader's ground, as is one that has no pair."""
    page = compose_cell(shown({"image/svg+xml": SVG, DARK_SVG: SVG}), shown({"image/svg+xml": SVG}))

    images = LexborHTMLParser(feed_html(page.content, config, "/blog/posts/a/")).css("img")
    assert [image.attributes["style"] for image in images] == ["background:#fff"] * 2
    assert [image.attributes["src"] for image in images] == [
        f"https://example.org/blog/posts/a/figure-cell-1-{number}.svg" for number in (1, 2)
    ]


@pytest.mark.usefixtures("no_ffmpeg")
@pytest.mark.parametrize(
    ("data", "size"),
    [
        ({"image/gif": text(moving("GIF", [50, 120]))}, ("9", "7")),
        ({"image/png": text(moving("PNG", [50, 120]))}, ("9", "7")),
        ({"image/webp": text(moving("WEBP", [50, 120]))}, ("9", "7")),
    ],
)
def test_an_animation_is_still_where_motion_is_not_wanted(
    compose_cell: ComposeCell, data: dict[str, object], size: tuple[str, str]
) -> None:
    """Without ffmpeg: an animated WebP with the timing of the original, and its first frame under reduced motion."""
    page = compose_cell(shown(data), fig_cap="Two *frames*")

    image = one(page.content, "picture > img")
    still = one(page.content, "picture > source[media='(prefers-reduced-motion: reduce)']")
    assert (image.attributes["width"], image.attributes["height"]) == size
    assert image.attributes["alt"] == "Two frames"
    assert str(still.attributes["srcset"]).endswith("/figure-cell-1-1.png")
    content = next(content for name, content in page.files.items() if name.suffix == ".webp")
    assert [duration for _, duration in animations._frames(content)] == [50, 120]


def test_an_animation_is_encoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_ffmpeg: None
) -> None:
    """The second build reads what the first has made."""
    content = moving("GIF", [50, 50, 50])
    first = animations.film_of(content, tmp_path)
    monkeypatch.setattr(animations, "_webp", None)

    assert animations.film_of(content, tmp_path) == first


def test_what_an_earlier_machine_could_not_encode_is_encoded_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form depends on what this machine has, not on what is kept; and what was refused is not tried again."""
    content = moving("GIF", [50, 50])
    tried: list[int] = []
    monkeypatch.setattr(animations, "find_ffmpeg", lambda: None)
    first = animations.film_of(content, tmp_path)

    def mp4(*_: object) -> bytes | None:
        tried.append(len(tried))
        return None if len(tried) == 1 else b"film"

    monkeypatch.setattr(animations, "_mp4", mp4)
    monkeypatch.setattr(animations, "find_ffmpeg", lambda: shutil.which("false"))
    second = [animations.film_of(content, tmp_path), animations.film_of(content, tmp_path)]
    monkeypatch.setattr(animations, "find_ffmpeg", lambda: shutil.which("true"))
    third = [animations.film_of(content, tmp_path), animations.film_of(content, tmp_path)]

    assert first is not None
    assert second == [first, first]
    assert [film.content for film in third if film] == [b"film", b"film"]
    assert len(tried) == 2


def test_frames_are_given_to_ffmpeg_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a film is, two of its frames are in memory at most."""
    alive: list[weakref.ref[Any]] = []
    most = 0
    whole = animations._on_white

    def watched(frame: Any) -> Any:
        nonlocal most
        made = whole(frame)
        most = max(most, sum(1 for reference in alive if reference() is not None))
        alive.append(weakref.ref(made))
        return made

    monkeypatch.setattr(animations, "_on_white", watched)

    reader = tmp_path / "reader"
    reader.write_text("#!/bin/sh\nexec cat > /dev/null\n")
    reader.chmod(0o755)

    animations._mp4(moving("GIF", [50] * 6), (9, 7), str(reader))

    assert len(alive) == 6
    assert most <= 2


def test_broken_animations_are_no_films(tmp_path: Path) -> None:
    """A truncated picture neither stops the build nor moves."""
    content = moving("GIF", [50, 50])

    assert animations.film_of(content[:8], tmp_path) is None
    assert not animations.is_animated(content[:12])
    assert not animations.is_animated(picture())


@pytest.mark.skipif(animations.find_ffmpeg() is None, reason="no ffmpeg")
def test_a_film_is_a_video_that_waits(compose_cell: ComposeCell) -> None:
    """With ffmpeg: a player with a poster, a size and nothing that starts by itself; the same bytes each time."""
    content = moving("GIF", [40, 80, 40])

    page = compose_cell(shown({"image/gif": text(content)}), fig_alt="Three frames")

    video = one(page.content, "figure.output-figure > video")
    assert {"controls", "muted", "playsinline"} <= set(video.attributes)
    assert "autoplay" not in video.attributes
    assert (video.attributes["preload"], video.attributes["aria-label"]) == ("none", "Three frames")
    assert (video.attributes["width"], video.attributes["height"]) == ("9", "7")
    assert str(video.attributes["poster"]).endswith("figure-cell-1-1.png")
    film = next(content for name, content in page.files.items() if name.suffix == ".mp4")
    size = next(animations._frames(content))[0].size
    assert b"ftyp" in film[:16]
    assert animations._mp4(content, size, animations.find_ffmpeg() or "") == film


def test_an_ffmpeg_that_fails_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without the codec leaves a WebP."""
    monkeypatch.setattr(animations, "find_ffmpeg", lambda: shutil.which("false"))

    film = animations.film_of(moving("GIF", [50, 50]), tmp_path)

    assert film is not None
    assert film.form == "webp"


@pytest.mark.parametrize(
    ("html", "selector", "suffix"),
    [
        (
            '<video width="4" height="3" controls autoplay loop><source type="video/mp4" src="data:video/mp4;base64,{data}"></video>',
            "video[controls][muted][playsinline][preload=metadata]:not([autoplay]) > source",
            "mp4",
        ),
        (
            '<audio controls="controls" autoplay><source src="data:audio/wav;base64,{data}" type="audio/wav" /></audio>',
            "audio[controls][preload=none]:not([autoplay]):not([muted]) > source",
            "wav",
        ),
    ],
)
def test_embedded_films_and_sounds_become_files(
    compose_cell: ComposeCell, html: str, selector: str, suffix: str
) -> None:
    """What a cell embeds as text is a file beside the page, and nothing plays by itself."""
    page = compose_cell(shown({"text/html": html.format(data=text(b"film"))}))

    assert one(page.content, selector).attributes["src"] == f"/blog/posts/a/output-cell-1-1.{suffix}"
    assert {str(name): content for name, content in page.files.items()} == {
        f"output-cell-1-1.{suffix}": b"film"
    }


@pytest.mark.usefixtures("no_ffmpeg")
def test_a_scripted_animation_becomes_a_film(compose_cell: ComposeCell) -> None:
    """Matplotlib's JavaScript player, which holds its frames as text, is a film of the same speed."""
    animation = pytest.importorskip("matplotlib.animation")
    figure_type = pytest.importorskip("matplotlib.figure").Figure
    figure = figure_type(figsize=(2, 1), dpi=50)
    pytest.importorskip("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    (line,) = figure.subplots().plot([0, 1], [0, 1])
    film = animation.FuncAnimation(figure, lambda n: line.set_data([0, 1], [0, n]), frames=3, interval=40)

    page = compose_cell(shown({"text/html": film.to_jshtml()}))

    image = one(page.content, ".output-html picture > img")
    assert (image.attributes["width"], image.attributes["height"]) == ("100", "50")
    assert "<script" not in page.content
    content = next(content for name, content in page.files.items() if name.suffix == ".webp")
    assert [duration for _, duration in animations._frames(content)] == [40, 40, 40]


def hurried(content: bytes) -> bytes:
    """An APNG whose frames are shown a third of a millisecond each."""
    for control in re.finditer(b"fcTL", content):
        start = control.start()
        body = content[start : start + 24] + struct.pack(">HH", 1, 3000) + content[start + 28 : start + 30]
        content = content[:start] + body + struct.pack(">I", zlib.crc32(body)) + content[start + 34 :]
    return content


def test_frames_of_less_than_a_millisecond_are_a_film_too(tmp_path: Path) -> None:
    """They are shown as long as browsers show those that say nothing."""
    assert animations.film_of(hurried(moving("PNG", [10, 10])), tmp_path) is not None


def test_half_a_surrogate_pair_in_a_drawing_ends_no_build(compose_cell: ComposeCell) -> None:
    """JSON may hold one, UTF-8 may not."""
    output = DisplayOutput(data=FrozenDict({"image/svg+xml": SVG.replace("<path", "\ud800<path")}))

    assert any(path.suffix == ".svg" for path in compose_cell(output).files)
