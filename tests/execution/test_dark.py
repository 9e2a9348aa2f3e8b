"""A figure in its colours for dark pages: what turns, what stays, and that the figure is as it was afterwards."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sitegen.execution.kernel_side import dark, figures, grounds
from sitegen.results.media_types import DARK_TYPES

pytest.importorskip("matplotlib")
import matplotlib as mpl
import numpy as np
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

INK, PAPER = "#dcdee1", "#16181b"
BLACK, WHITE = "#000000", "#ffffff"


@pytest.fixture(autouse=True)
def _installed() -> None:
    dark.install(grounds)


def figure(**settings: Any) -> Figure:
    """An empty figure that can be drawn."""
    made = Figure(**settings)
    FigureCanvasAgg(made)
    return made


def png(drawn: Figure) -> bytes:
    """As a cell's figure is saved."""
    whole = io.BytesIO()
    drawn.savefig(whole, format="png", facecolor="none", bbox_inches="tight")
    return whole.getvalue()


def in_the_dark(drawn: Figure, colour: Any) -> str:
    """What `colour()` gives while the figure is dark."""
    png(drawn)
    with dark.for_dark(drawn):
        return to_hex(colour())


def test_ink_paper_and_grid_change_places() -> None:
    """Text, spines, ticks, black lines and edges, the legend's frame, the grid of seaborn's grounds."""
    drawn = figure()
    axes = drawn.subplots()
    (line,) = axes.plot([0, 1], "k", label="a")
    bars = axes.bar([0], [1], facecolor="white", edgecolor="black")
    axes.set_facecolor("#EAEAF2")
    axes.grid(color="white")
    frame = axes.legend().get_frame()
    axes.set_title("t")
    note = axes.annotate("n", (0, 0), (1, 1), arrowprops={"arrowstyle": "->"})
    png(drawn)
    tick = axes.xaxis.get_major_ticks()[0]
    assert note.arrow_patch is not None

    with dark.for_dark(drawn):
        light = [
            axes.title.get_color(),
            axes.spines["left"].get_edgecolor(),
            tick.tick1line.get_color(),
            tick.label1.get_color(),
            line.get_color(),
            bars[0].get_edgecolor(),
            note.arrow_patch.get_edgecolor(),
        ]
        deep = [bars[0].get_facecolor(), tick.gridline.get_color(), frame.get_facecolor()]
        ground = axes.get_facecolor()

    assert {to_hex(colour) for colour in light} == {INK}
    assert {to_hex(colour) for colour in deep[:2]} == {PAPER}
    assert grounds.luminance(grounds.rgba(deep[2])) < 0.05
    assert grounds.luminance(grounds.rgba(ground)) < 0.05


@pytest.mark.parametrize(
    ("colour", "least"), [("navy", 4.4), ("indigo", 4.4), ("tab:blue", 4.4), ("0.4", 2.5)]
)
def test_dark_hues_are_lighter(colour: str, least: float) -> None:
    """A text in a dark colour can be read, and keeps its hue."""
    drawn = figure()
    text = drawn.text(0.5, 0.5, "t", color=colour)

    shown = grounds.rgba(in_the_dark(drawn, text.get_color))

    assert grounds.contrast(shown, grounds.PAPER) >= least


def test_matplotlibs_own_colours_stay() -> None:
    """The cycle is seen on both grounds, so a line is the colour that the prose calls it."""
    drawn = figure()
    axes = drawn.subplots()
    lines = [axes.plot([0, number])[0] for number in range(10)]
    png(drawn)
    before = [to_hex(line.get_color()) for line in lines]

    with dark.for_dark(drawn):
        after = [to_hex(line.get_color()) for line in lines]

    greys = {7}  # `tab:gray` turns about the middle, where it stays nearly the same
    assert [c for n, c in enumerate(after) if n not in greys] == [
        c for n, c in enumerate(before) if n not in greys
    ]


@pytest.mark.parametrize("colour", ["black", "white"])
def test_what_lies_on_a_picture_stays(colour: str) -> None:
    """Text, lines and boxes over an image keep their colours; the title beside it does not."""
    drawn = figure()
    axes = drawn.subplots()
    axes.imshow(np.zeros((4, 4)))
    text = axes.text(1, 1, "t", color=colour)
    line = axes.axhline(2, color=colour)
    title = axes.set_title("t")
    png(drawn)

    with dark.for_dark(drawn):
        assert (text.get_color(), line.get_color()) == (colour, colour)
        assert to_hex(title.get_color()) == INK


@pytest.mark.parametrize(
    ("ground", "written", "shown"),
    [
        ("gold", "black", BLACK),
        ("tab:blue", "white", WHITE),
        ("navy", "black", INK),
        ("white", "black", INK),
        ("black", "white", "#16181b"),
    ],
)
def test_a_label_can_be_read_on_its_bar(ground: str, written: str, shown: str) -> None:
    """On a colour that stays a label stays; on one that turns it is what can be read there."""
    drawn = figure()
    axes = drawn.subplots()
    bars = axes.bar([0], [1], color=ground)
    (label,) = axes.bar_label(bars, label_type="center", color=written)

    assert in_the_dark(drawn, label.get_color) == shown


@pytest.mark.parametrize(("colours", "shown"), [("lightblue", BLACK), ("white", INK), ([0.0, 1.0], BLACK)])
def test_a_label_can_be_read_on_its_node(colours: Any, shown: str) -> None:
    """The labels of a network lie on points, of one colour or of a colour map."""
    drawn = figure()
    axes = drawn.subplots()
    axes.scatter([0, 1], [0, 1], s=300, c=colours)
    inside = axes.text(1, 1, "n", ha="center", va="center")
    outside = axes.text(0.5, 0.5, "n")

    assert in_the_dark(drawn, inside.get_color) == shown
    assert in_the_dark(drawn, outside.get_color) == INK


def test_a_hatch_is_seen() -> None:
    """Its colour is its own: the bar's edge may be invisible."""
    drawn = figure()
    (bar,) = drawn.subplots().bar([0], [1], facecolor="none", hatch="//")
    drawn.axes[0].set_axis_off()
    png(drawn)

    with dark.for_dark(drawn):
        from PIL import Image

        pixels = np.asarray(Image.open(io.BytesIO(png(drawn)))).reshape(-1, 4)
    shown = {tuple(map(int, pixel[:3])) for pixel in pixels if pixel[3] == 255}

    assert bar.get_hatch() == "//"
    assert (220, 222, 225) in shown
    assert (0, 0, 0) not in shown


def test_a_box_of_colour_keeps_its_text() -> None:
    """As does a text with an outline."""
    drawn = figure()
    boxed = drawn.text(0.5, 0.5, "t", bbox={"facecolor": "wheat"})
    outlined = drawn.text(
        0.1, 0.1, "t", path_effects=[patheffects.withStroke(linewidth=3, foreground="white")]
    )

    assert in_the_dark(drawn, boxed.get_color) == BLACK
    assert in_the_dark(drawn, outlined.get_color) == BLACK


def test_contours_in_black_turn_and_those_on_colours_stay() -> None:
    """A colour map's colours mean something and stay."""
    values = np.outer(np.arange(4.0), np.arange(4.0))
    drawn = figure()
    first, second = drawn.subplots(1, 2)
    alone = first.contour(values, colors="black")
    filled = second.contourf(values)
    over = second.contour(values, colors="black")
    points = first.scatter([1, 2], [1, 2], c=[0, 1])
    png(drawn)
    mapped = points.get_facecolor().tolist()

    with dark.for_dark(drawn):
        png(drawn)  # colours of a map are looked up then
        assert {to_hex(colour) for colour in alone.get_edgecolor()} == {INK}
        assert {to_hex(colour) for colour in over.get_edgecolor()} == {BLACK}
        assert points.get_facecolor().tolist() == mapped
        assert filled.get_array() is not None


def test_a_label_on_hexagons_stays() -> None:
    """Their extent is not known to matplotlib; they fill the axes."""
    drawn = figure()
    axes = drawn.subplots()
    axes.hexbin([0, 1, 2], [0, 1, 2], gridsize=3)
    text = axes.text(1, 1, "t")

    assert in_the_dark(drawn, text.get_color) == BLACK


def test_an_inset_hides_what_is_below_it() -> None:
    """White axes are transparent, but for those that lie on others."""
    drawn = figure()
    axes = drawn.subplots()
    axes.plot([0, 1])
    inset = axes.inset_axes((0.5, 0.5, 0.4, 0.4))
    png(drawn)

    with dark.without_paper(drawn):
        assert [grounds.rgba(each.get_facecolor())[3] for each in (axes, inset)] == [0, 1]
    assert in_the_dark(drawn, inset.get_facecolor) == PAPER


@pytest.mark.parametrize(
    ("settings", "is_plain"),
    [
        ({}, True),
        ({"facecolor": "none"}, True),
        ({"facecolor": "white"}, True),
        ({"facecolor": "lightblue"}, False),
        ({"facecolor": "black"}, False),
    ],
)
def test_a_ground_of_the_authors_is_left_alone(settings: dict[str, Any], is_plain: bool) -> None:
    """Only matplotlib's own white, or none, is taken away."""
    drawn = figure(**settings)
    drawn.subplots()

    assert dark.is_plain(drawn) == is_plain


def test_a_figure_that_is_dark_already_is_left_alone() -> None:
    """A transparent one with light labels."""
    with mpl.rc_context({"text.color": "white", "xtick.color": "white", "ytick.color": "white"}):
        drawn = figure(facecolor="none")
        drawn.subplots()
    assert not dark.is_plain(drawn)


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_the_figure_is_as_it_was(layout: Any) -> None:
    """To the last byte, and nobody was told of a change."""
    drawn = figure(layout=layout)
    flat, solid = drawn.add_subplot(121), drawn.add_subplot(122, projection="3d")
    flat.plot([0, 1], "ko-", mfc="white")
    flat.table([["1", "2"]], loc="bottom")
    drawn.colorbar(flat.imshow(np.eye(3)))
    solid.plot([0, 1], [0, 1], [0, 1], color="black")
    for _ in range(3):
        png(drawn)  # a layout comes to rest
    before = png(drawn)
    told: list[object] = []
    drawn.stale_callback = lambda *_: told.append(1)
    drawn._stale = False  # type: ignore[attr-defined]

    with dark.for_dark(drawn):
        told.clear()
        assert png(drawn) != before
    assert told == []

    drawn.stale_callback = None
    assert png(drawn) == before


def test_what_the_kernel_sends_is_what_a_page_shows() -> None:
    """The kernel's side imports nothing of ours, so the names of the types stand twice."""
    assert sorted(figures.DARK_TYPES.values()) == sorted(DARK_TYPES.values())


def test_a_figure_that_does_not_let_itself_be_darkened_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An artist of any library may raise; the light drawing is there, and the figure is as it was."""
    drawn = figure()
    axes = drawn.subplots()
    axes.set_title("t")
    monkeypatch.setattr(figures, "_dark", dark)
    monkeypatch.setattr(axes.xaxis.label, "get_path_effects", lambda: 1 / 0)
    print_figure = figures._printing(lambda fig, *_, **options: (fig, options["facecolor"]))

    assert print_figure(drawn, "png") == (drawn, "none")
    ((_, how),) = figures._drawn.pop(drawn).items()
    assert figures._dark_drawing(drawn, *how) is None
    assert axes.title.get_color() == "black"
