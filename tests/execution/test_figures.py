"""Figures as a real kernel draws them: formats, both modes, the author's own settings, films."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from sitegen.content.executed import DisplayOutput, ExecutedDocument, StreamOutput

pytestmark = pytest.mark.kernel

SVG, PNG = "image/svg+xml", "image/png"
DARK_SVG, DARK_PNG = "application/vnd.sitegen.dark.svg+xml", "application/vnd.sitegen.dark.png"
PLOT = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], 'k')\nax.set_title('t');"


@pytest.fixture(scope="module")
def pages(shared_site: Any) -> dict[str, ExecutedDocument]:
    """Every page of this module, run once and side by side."""
    site = shared_site
    film = site.root / "content/films/film.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film")
    documents = [
        site.page(
            "formats",
            PLOT,
            (PLOT, {"fig_format": "png", "fig_width": 3.0}),
            (PLOT, {"fig_format": "retina"}),
            "fig",
            PLOT + "\nfig",
        ),
        site.page(
            "again", PLOT, (PLOT, {"fig_format": "png", "fig_width": 3.0}), (PLOT, {"fig_format": "retina"})
        ),
        site.page(
            "own",
            PLOT.replace("subplots()", "subplots(facecolor='lightblue')"),
            "with plt.style.context('dark_background'):\n    plt.plot([1, 2]); plt.show()",
            "plt.plot([1, 2]); plt.savefig('own.svg'); a = open('own.svg').read(); '<dc:date>' in a, plt.rcParams['svg.hashsalt']",
            "%config InlineBackend.figure_format = 'retina'",
            PLOT,
            (PLOT, {"fig_format": "png"}),
            PLOT,
            "%config InlineBackend.figure_formats = ['svg', 'png']",
            PLOT,
        ),
        site.page(
            "heavy",
            "import numpy as np, matplotlib.pyplot as plt\ngrid = np.linspace(0, 1, 80)\n"
            "mesh = plt.pcolormesh(grid, grid, np.outer(grid, grid)); plt.plot([0, 1], gid='light');",
            "x, y = np.meshgrid(grid, grid)\n"
            "plt.figure().add_subplot(projection='3d').plot_surface(x, y, x * y, rcount=80, ccount=80);",
            "plt.scatter(x, y); plt.plot(np.arange(30_000) % 7, 'o');",
            "mesh.get_rasterized()",
        ),
        site.page(
            "sizes",
            ("import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize']", {"fig_width": 3.0}),
            ("plt.rcParams['figure.figsize'] = [2, 1]", {"fig_width": 3.0}),
            ("plt.rcParams['figure.figsize']", {"fig_width": 3.0}),
            ("plt.rcParams['figure.figsize']", {"fig_width": 4.0}),
            "plt.rcParams['figure.figsize']",
        ),
        site.page(
            "many",
            "import matplotlib.pyplot as plt\nfor i in range(3):\n    plt.plot([i]); plt.show()\n    print(i)",
            "for i in range(22):\n    plt.figure(figsize=(1, 1)); plt.plot([i])",
            "import os; plt.get_fignums(), [f for f in os.listdir('/proc/self/fd') if 'ttf' in os.path.realpath(f)]",
        ),
        site.page(
            "films",
            "import matplotlib.pyplot as plt\nfrom matplotlib.animation import FuncAnimation\n"
            "drawn = []\nfig, ax = plt.subplots(figsize=(2, 1), dpi=50)\n(line,) = ax.plot([0, 1], [0, 1])\n"
            "def step(n):\n    drawn.append(n)\n    line.set_ydata([0, n])\n    return (line,)\n"
            "FuncAnimation(fig, step, frames=3, interval=40, init_func=lambda: (line,))",
            "drawn",
            "from IPython.display import Video\nVideo('film.mp4', width=40)",
        ),
    ]
    executed: dict[str, ExecutedDocument] = site.execute(*documents)
    return executed


def _displays(page: ExecutedDocument, cell: int) -> list[DisplayOutput]:
    outputs = page.runs[f"cell-{cell}"].outputs  # type: ignore[index]
    return [output for output in outputs if isinstance(output, DisplayOutput)]


def _text(page: ExecutedDocument, cell: int) -> str:
    return str(_displays(page, cell)[-1].data["text/plain"])


def _width(output: DisplayOutput, mime: str = PNG) -> int:
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(str(output.data[mime])))) as image:
        return int(image.width)


def test_every_figure_has_a_drawing_for_dark_pages(pages: dict[str, ExecutedDocument]) -> None:
    """In each format, of the same size, transparent, with no black left."""
    page = pages["formats"]
    ((svg,), (png,), (retina,)) = (_displays(page, cell) for cell in (1, 2, 3))
    dark = str(svg.data[DARK_SVG])
    assert "#ffffff" not in str(svg.data[SVG])
    assert (
        dark.count("fill: #dcdee1") >= 10
    )  # title, spines and tick labels; black is what SVG fills with untold
    assert dark.partition("viewBox")[2][:40] == str(svg.data[SVG]).partition("viewBox")[2][:40]
    assert _width(png) == _width(png, DARK_PNG)
    assert _width(retina) == _width(retina, DARK_PNG) == 2 * dict(retina.metadata[PNG])["width"]  # type: ignore[call-overload]
    assert SVG not in retina.data


def test_figures_are_the_same_in_every_run(pages: dict[str, ExecutedDocument]) -> None:
    """Two kernels draw the same bytes, for light and for dark, and no date."""
    for cell in (1, 2, 3):
        (first,), (second,) = (_displays(pages[name], cell) for name in ("formats", "again"))
        assert first.data == second.data
        assert "<dc:date>" not in json.dumps(dict(first.data))


def test_a_figure_as_last_expression_has_both_drawings(pages: dict[str, ExecutedDocument]) -> None:
    """Of a later cell too; in its own cell it is sent a second time, equal."""
    (later,) = _displays(pages["formats"], 4)
    result, again = _displays(pages["formats"], 5)
    assert {SVG, DARK_SVG} <= set(later.data)
    assert (result.is_result, again.is_result) == (True, False)
    assert result.data[SVG] == again.data[SVG]


def test_what_the_author_chose_stays(pages: dict[str, ExecutedDocument]) -> None:
    """A ground of the author's or of a dark style is left alone; so are `savefig`, `rcParams` and `%config`."""
    page = pages["own"]
    ((own,), (dark,)) = (_displays(page, cell) for cell in (1, 2))
    assert "#add8e6" in str(own.data[SVG])
    assert DARK_SVG not in own.data
    assert 'style="fill: none"' not in str(dark.data[SVG]).partition("matplotlib.axis_1")[0]
    assert DARK_SVG not in dark.data
    assert _text(page, 3) != ""
    assert "(True, None)" in [str(output.data["text/plain"]) for output in _displays(page, 3)]
    widths = [_width(_displays(page, cell)[0]) for cell in (5, 6, 7)]
    assert widths[0] == widths[2] > 1.8 * widths[1]
    (both,) = _displays(page, 9)
    assert {SVG, PNG, DARK_SVG, DARK_PNG} <= set(both.data)


def test_thousands_of_parts_become_a_picture(pages: dict[str, ExecutedDocument]) -> None:
    """A mesh, a surface, a scatter and markers are pictures inside the SVG, in both modes; the rest stays drawn."""
    for cell in (1, 2, 3):
        (output,) = _displays(pages["heavy"], cell)
        drawings = [str(output.data[kind]) for kind in (SVG, DARK_SVG)]
        assert all("<image" in drawing and len(drawing) < 300_000 for drawing in drawings)
    assert 'id="light"' in str(_displays(pages["heavy"], 1)[0].data[SVG])
    assert _text(pages["heavy"], 4) == "False"


def test_a_size_holds_until_the_code_says_another(pages: dict[str, ExecutedDocument]) -> None:
    """An option that changes counts again; without one the author's own is back."""
    texts = [_text(pages["sizes"], cell) for cell in (1, 3, 4, 5)]
    assert texts == ["[3.0, 4.8]", "[2.0, 1.0]", "[4.0, 1.0]", "[2.0, 1.0]"]


def test_many_figures_are_shown_and_closed(pages: dict[str, ExecutedDocument]) -> None:
    """Figures in a loop stand between what is printed; none stays open."""
    page = pages["many"]
    kinds = [type(output).__name__ for output in page.runs["cell-1"].outputs]  # type: ignore[index]
    assert kinds == ["DisplayOutput", "StreamOutput"] * 3
    assert len(_displays(page, 2)) == 22
    assert _text(page, 3) == "([], [])"
    assert all(DARK_SVG in output.data for output in _displays(page, 2))


def test_an_animation_is_drawn_once_and_alone(pages: dict[str, ExecutedDocument]) -> None:
    """It is an animated PNG at its own speed, without a picture of its last frame below it."""
    from PIL import Image

    page = pages["films"]
    (film,) = _displays(page, 1)
    with Image.open(io.BytesIO(base64.b64decode(str(film.data[PNG])))) as image:
        assert (getattr(image, "n_frames", 1), image.size) == (3, (100, 50))
        image.load()
        assert image.info["duration"] == 40
    assert "text/html" not in film.data
    assert _text(page, 2) == "[0, 1, 2]"
    assert not any(isinstance(output, StreamOutput) for output in page.runs["cell-1"].outputs)  # type: ignore[index]


def test_a_film_in_a_file_comes_along(pages: dict[str, ExecutedDocument]) -> None:
    """`Video` of a local file holds it, so that the page does not depend on where it lies."""
    (video,) = _displays(pages["films"], 3)
    data = base64.b64encode(b"film").decode()
    assert f'width="40"><source src="data:video/mp4;base64,{data}"' in str(video.data["text/html"])
