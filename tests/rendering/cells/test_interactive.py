"""Figures that scripts draw: the data on the page, each script once, and what stands there without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.content.executed import DisplayOutput
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.machines.feed_text import feed_html
from sitegen.rendering.values import Page
from sitegen.results.media_types import PLOTLY, PLOTLY_SCRIPT, WIDGET_STATE, WIDGET_VIEW

ComposeCell = Callable[..., Page]
VEGA = "application/vnd.vegalite.v6+json"


def plotly(
    layout: dict[str, Any] | None = None, *, script: str = "window.Plotly = 1", **more: str
) -> DisplayOutput:
    """A Plotly figure as a run records it."""
    figure = {"data": [{"y": [1, 2]}], "layout": layout or {}}
    return DisplayOutput(data=FrozenDict({PLOTLY: freeze(figure), PLOTLY_SCRIPT: script, **more}))


def vega(spec: dict[str, Any], media_type: str = VEGA, **metadata: Any) -> DisplayOutput:
    """A chart as Altair sends it."""
    said = {"text/plain": "<VegaLite 6 object>\n\nIf you see this message, ..."}
    return DisplayOutput(
        data=freeze({media_type: spec, **said}), metadata=freeze({media_type: metadata} if metadata else {})
    )


def widget(model: str, module: str | None = None) -> DisplayOutput:
    """A widget's view; with the page's state where `module` says what its model is of."""
    data: dict[str, Any] = {WIDGET_VIEW: {"model_id": model}, "text/plain": "IntSlider(value=1)"}
    if module is not None:
        data[WIDGET_STATE] = {WIDGET_STATE: {"state": {model: {"model_module": module}}}}
    return DisplayOutput(data=freeze(data))


def test_three_figures_have_one_script_and_a_small_page(compose_cell: ComposeCell) -> None:
    """plotly.js is a file of the site, named by its digest; the page holds only the figures' data."""
    script = "/*! plotly.js v9 */\n" + "x();" * 1_000_000
    page = compose_cell(*(plotly({"title": {"text": f"No {n}"}}, script=script) for n in range(3)))

    html = LexborHTMLParser(page.content)
    libraries = [path for path in page.shared if path.name.startswith("plotly-")]
    assert len(html.css(".plot")) == 3
    assert len(page.content) < 5_000
    assert len(libraries) == 1
    assert re.fullmatch(r"assets/plotly-[0-9a-f]{8}\.min\.js", str(libraries[0]))
    assert page.content.count(f"/blog/{libraries[0]}") == 1
    assert len(html.css("script[defer]")) == 1
    library = page.shared[libraries[0]]
    assert isinstance(library, bytes)
    assert script.encode() in library


def test_two_libraries_share_what_draws(compose_cell: ComposeCell) -> None:
    """Plotly and Vega have a file each; the script that draws both is there once."""
    page = compose_cell(plotly(), vega({"mark": "bar"}), vega({"mark": "line"}), plotly())

    names = sorted(re.sub(r"[.-][0-9a-f]{8}", "", path.name) for path in page.shared)
    assert names == ["interactive.js", "plotly.min.js", "vega.min.js"]
    assert [page.content.count(f"/blog/{path}") for path in page.shared] == [1, 1, 1]


def test_a_figure_says_what_it_is_without_scripts(compose_cell: ComposeCell) -> None:
    """Title or `fig-alt` name the figure for everybody; its height is kept free."""
    page = compose_cell(
        plotly({"title": {"text": "<b>Loss</b> &amp; time<br>of a run"}, "height": 320}),
        vega({"title": {"text": ["Two", "lines"]}, "height": 200}),
        vega({"mark": "bar"}),
    )

    boxes = LexborHTMLParser(page.content).css(".plot")
    assert [box.attributes["aria-label"] for box in boxes] == [
        "Interactive figure: Loss & time of a run",
        "Interactive figure: Two lines",
        "Interactive figure",
    ]
    assert [box.attributes["style"] for box in boxes] == [
        "min-height:320px",
        "min-height:270px",
        "min-height:370px",
    ]
    assert "Loss & time of a run. It is drawn by a script." in boxes[0].text()


def test_a_figure_has_caption_label_and_alternative(compose_cell: ComposeCell) -> None:
    """A labelled cell's first figure is the target of references; `fig-alt` wins over its title."""
    page = compose_cell(
        plotly({"title": {"text": "T"}}),
        plotly(),
        label="fig-loss",
        fig_cap="The *loss*",
        fig_alt="It falls.",
    )

    html = LexborHTMLParser(page.content)
    (figure,) = html.css("figure.output-plot")
    (caption,) = html.css("figcaption")
    assert figure.attributes["id"] == "fig-loss"
    assert caption.text() == "Figure 1: The loss"
    assert html.css(".plot")[0].attributes["aria-label"] == "Interactive figure: It falls."


def test_data_cannot_end_its_script(compose_cell: ComposeCell) -> None:
    """A text in the data that looks like HTML stays data."""
    page = compose_cell(plotly({"title": {"text": "</script><img src=x>"}}))

    assert len(LexborHTMLParser(page.content).css(".cell-output img")) == 0


def test_a_feed_has_the_note_alone(compose_cell: ComposeCell, config: Any) -> None:
    """A feed reader runs nothing: it gets what the figure is called."""
    page = compose_cell(plotly({"title": {"text": "Loss"}}))

    feed = feed_html(page.content, config, "/blog/posts/a/")

    assert "Interactive figure: Loss. It is drawn by a script." in feed
    assert "script src" not in feed
    assert '"layout"' not in feed


def test_a_picture_that_comes_along_stands_in(compose_cell: ComposeCell) -> None:
    """Where a figure has a still form too, that is what is seen without scripts."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36"><path d="M0 0"/></svg>'
    page = compose_cell(plotly({"title": {"text": "Loss"}}, **{"image/svg+xml": svg}))

    (image,) = LexborHTMLParser(page.content).css(".plot-note img")
    assert image.attributes["alt"] == "Loss"
    assert len(page.files) == 1


@pytest.mark.parametrize("version", ["v5+json", "v6+json", "v6.json"])
def test_charts_of_two_versions_are_drawn(compose_cell: ComposeCell, version: str) -> None:
    """Vega-Lite 6 draws charts of 5 too; Altair names the type in two ways."""
    page = compose_cell(vega({"mark": "bar"}, f"application/vnd.vegalite.{version}"))

    assert len(LexborHTMLParser(page.content).css('.plot[data-library="vega"]')) == 1


def test_older_charts_show_what_else_they_have(compose_cell: ComposeCell) -> None:
    """Vega-Lite 4 has another grammar: its text is shown."""
    page = compose_cell(vega({"mark": "bar"}, "application/vnd.vegalite.v4+json"))

    assert page.shared == {}
    assert "VegaLite 6 object" in page.content


def test_options_of_embedding_go_along(compose_cell: ComposeCell) -> None:
    """`alt.renderers.set_embed_options` arrives in the output's metadata."""
    page = compose_cell(vega({"mark": "bar"}, embed_options={"renderer": "canvas"}))

    assert '"options":{"renderer":"canvas"}' in page.content


def test_widgets_load_one_script_with_its_fonts(compose_cell: ComposeCell) -> None:
    """html-manager finds its fonts beside itself."""
    page = compose_cell(widget("a", "@jupyter-widgets/controls"))

    folders = {path.parent for path in page.shared}
    assert len(folders) == 1
    assert sorted(path.suffix for path in page.shared) == [".js", ".woff2", ".woff2"]
    assert page.content.count("embed.js") == 1
    assert page.diagnostics == ()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("anywidget", "a widget of `anywidget` is not shown: its script is not part of the site"),
        (None, "a widget has no state to be drawn from"),
    ],
)
def test_a_widget_that_cannot_be_drawn_says_so(
    compose_cell: ComposeCell, module: str | None, message: str
) -> None:
    """Its text is shown, with a warning at the cell."""
    page = compose_cell(widget("a", module))

    assert [(found.code, found.message) for found in page.diagnostics] == [("SG404", message)]
    assert "IntSlider(value=1)" in page.content
    assert WIDGET_VIEW not in page.content


def test_vendored_files_are_what_the_list_says(repository: Path) -> None:
    """Versions and digests of other people's scripts are written down, and nothing else lies there."""
    folder = repository / "sitegen/theme/vendor"
    listed = dict(
        re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text("utf-8"), re.M)
    )

    found = {
        file.relative_to(folder).as_posix(): digest_bytes(file.read_bytes())
        for file in folder.rglob("*")
        if file.suffix in (".gz", ".js", ".ttf", ".woff2")
    }
    assert found == listed
    assert {file.name for file in folder.rglob("*LICENSE*")} == {
        "LICENSE",
        "LICENSE-inter",
        "LICENSE-plotly",
        "LICENSE-vega",
        "LICENSE-vega-embed",
        "LICENSE-vega-lite",
        "embed.js.LICENSE.txt",
    }


def test_scripts_carry_their_licence(compose_cell: ComposeCell) -> None:
    """BSD asks for its notice with every copy."""
    page = compose_cell(vega({"mark": "bar"}), widget("a", "@jupyter-widgets/controls"))

    scripts = [content for path, content in page.shared.items() if path.suffix == ".js"]
    texts = [content.decode() for content in scripts if isinstance(content, bytes)]
    assert sum("Redistribution and use in source and binary forms" in text for text in texts) == 2
    assert not any(re.search("^//# source", text, re.MULTILINE) for text in texts)
