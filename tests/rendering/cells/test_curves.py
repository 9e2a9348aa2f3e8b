"""Curves as plots, and artifacts as links."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.content.executed import DisplayOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.cells.artifacts import size_text
from sitegen.rendering.cells.curves import axes_of, curves_html


def curve(
    name: str, y: list[float | None], *, y_label: str = "loss", y_scale: str = "linear"
) -> DisplayOutput:
    """What `lab.curve` leaves behind, one point a step."""
    payload = {
        "name": name,
        "x_label": "step",
        "y_label": y_label,
        "y_scale": y_scale,
        "x": list(range(len(y))),
        "y": y,
        "points": len(y),
        "not_finite": y.count(None),
    }
    return DisplayOutput(
        data=FrozenDict({"application/vnd.sitegen.curve+json": freeze(payload), "text/plain": "bars"})
    )


def drawn(*outputs: DisplayOutput) -> LexborHTMLParser:
    """The plot of the first output's axes."""
    axes = axes_of(outputs[0])
    assert axes is not None
    return LexborHTMLParser(curves_html(outputs, axes, alt="", identifier="fig-a", figcaption=""))


def path_of(html: LexborHTMLParser) -> str:
    """The first line's path."""
    line = html.css_first("path.curve-line")
    assert line is not None
    return line.attributes["d"] or ""


def text_of(html: LexborHTMLParser, selector: str) -> str:
    """The text of the first element that fits."""
    node = html.css_first(selector)
    assert node is not None
    return node.text()


def test_a_caption_is_the_last_of_its_figure() -> None:
    """HTML allows a caption only as the first or the last child of a figure."""
    output = curve("train", [3.0, 1.0])
    axes = axes_of(output)
    assert axes is not None
    html = curves_html([output], axes, alt="", identifier="", figcaption="<figcaption>Loss</figcaption>")

    figure = LexborHTMLParser(html).css_first("figure")
    assert figure is not None
    assert [child.tag for child in figure.iter()][-1] == "figcaption"


def test_curves_of_the_same_axes_share_a_plot() -> None:
    """Each has a line, told apart by dashes, and a name in the legend; another unit is another plot."""
    html = drawn(curve("train", [3.0, 1.0]), curve("test", [4.0, 2.0]), curve("rate", [0.1], y_label="rate"))

    assert len(html.css("svg.curve-plot > path.curve-line")) == 2
    assert [item.text(strip=True) for item in html.css(".curve-legend li")] == ["train", "test"]
    dashes = [
        line.attributes.get("stroke-dasharray") for line in html.css("svg.curve-plot > path.curve-line")
    ]
    assert len(set(dashes)) == 2


def test_plot_says_in_words_what_it_shows() -> None:
    """A title, a description and a table stand for the picture."""
    html = drawn(curve("train", [3.0, None, 1.0]))

    assert text_of(html, "svg > title") == "train over step"
    assert text_of(html, "svg > desc") == (
        "train: 3 points, from 3 to 1, lowest 1, highest 3; 1 were not finite."
    )
    assert [cell.text() for cell in html.css("tbody td")] == ["3", "2", "1", "1", "3"]


def test_gap_parts_the_line() -> None:
    """What is not finite, or not above 0 on a logarithmic scale, has no place."""
    assert path_of(drawn(curve("a", [3.0, 2.0, None, 1.0, 2.0]))).count("M") == 2
    assert path_of(drawn(curve("a", [1.0, 0.1, -1.0, 0.0, 1.0], y_scale="log"))).count("M") == 2


@pytest.mark.parametrize("y", [[], [None, None], [5.0], [0.0, 0.0]])
def test_plots_of_little_are_drawn(y: list[float | None]) -> None:
    """No values, one value, and a flat line."""
    for y_scale in ("linear", "log"):
        html = drawn(curve("a", y, y_scale=y_scale))
        assert "nan" not in (html.html or "")
        assert html.css_first("svg.curve-plot") is not None


def test_many_points_in_a_pixel_keep_their_peak() -> None:
    """A long curve is a short path with the same outline, and the same at each build."""
    values: list[float | None] = [float(step % 7) for step in range(20_000)]
    values[12_345] = 100.0
    first, second = drawn(curve("a", values)), drawn(curve("a", values))

    assert len(first.html or "") < 60_000
    assert (first.html or "") == (second.html or "")
    heights = [float(point.split()[1]) for point in path_of(first)[1:].split("L")]
    assert min(heights) < 25 < sorted(heights)[1]


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1200, "1.2 kB"),
        (999_900, "1 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes_are_readable(size_bytes: int, text: str) -> None:
    """Powers of 1000, three digits."""
    assert size_text(size_bytes) == text
