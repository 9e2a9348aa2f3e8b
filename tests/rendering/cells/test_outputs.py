"""Cells and their outputs as a reader sees them."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.content.executed import DisplayOutput, ErrorOutput, StreamOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.values import Page

ComposeCell = Callable[..., Page]
CONTROLS = "@jupyter-widgets/controls"

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36"><path d="M0 0"/></svg>'


def png(width: int, height: int) -> str:
    """A grey picture, base64 as a kernel sends it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(content).decode()


def display(**data: object) -> DisplayOutput:
    """`display(html=..., text=...)` with short names for MIME types."""
    names = {
        "html": "text/html",
        "svg": "image/svg+xml",
        "png": "image/png",
        "markdown": "text/markdown",
        "latex": "text/latex",
        "json": "application/json",
        "text": "text/plain",
        "script": "application/javascript",
        "plotly": "application/vnd.plotly.v1+json",
    }
    return DisplayOutput(data=FrozenDict({names[name]: freeze(value) for name, value in data.items()}))


def one(html: str, selector: str) -> LexborNode:
    """The first element that fits; there must be one."""
    node = LexborHTMLParser(html).css_first(selector)
    assert node is not None, f"no {selector} in {html}"
    return node


def test_code_and_output_stand_in_one_cell(compose_cell: ComposeCell) -> None:
    """A cell shows its highlighted code, then what it printed, and says its state."""
    page = compose_cell(StreamOutput(name="stdout", text="2\n"), source="print(2)", label="sum")

    cell = one(page.content, "div.cell#cell-sum")
    assert cell.attributes["data-state"] == "reproduced"
    assert one(page.content, ".cell-input .highlight code.language-python").text() == "print(2)\n"
    assert one(page.content, ".cell-output .output-stream pre[tabindex]").text() == "2"


@pytest.mark.parametrize(
    ("given", "selector", "text"),
    [
        (display(html="<b>bold</b>", text="plain"), ".output-html b", "bold"),
        (display(markdown="*hi*", text="plain"), ".output-markdown em", "hi"),
        (display(latex="$x$", text="plain"), ".output-latex math", "x"),
        (display(json={"a": 1}, text="plain"), ".output-json code", '{\n  "a": 1\n}\n'),
        (display(text="<Figure>"), ".output-text pre", "<Figure>"),
        (display(plotly={"data": ()}, html="<div>plot</div>", text="Figure()"), ".output-html div", "plot"),
        (display(plotly={"data": ()}, text="Figure()"), ".output-text pre", "Figure()"),
    ],
)
def test_the_best_form_of_an_output_is_shown(
    compose_cell: ComposeCell, given: DisplayOutput, selector: str, text: str
) -> None:
    """Of several MIME types the richest that a page can show without a library of its own wins."""
    page = compose_cell(given)

    found = LexborHTMLParser(page.content).css(f".cell-output {selector}")
    assert [node.text() for node in found] == [text]


def test_an_output_without_a_form_for_pages_is_named(compose_cell: ComposeCell) -> None:
    """Nothing that a cell displayed disappears in silence; what `lab` reports is no output."""
    page = compose_cell(display(plotly={"data": ()}))
    seed = compose_cell(DisplayOutput(data=FrozenDict({"application/vnd.sitegen.seed+json": FrozenDict()})))

    assert "application/vnd.plotly.v1+json" in one(page.content, ".cell-note").text()
    assert [found.code for found in page.diagnostics] == ["SG404"]
    assert "cell-note" not in seed.content
    assert seed.diagnostics == ()


def test_a_figure_is_a_file_beside_the_page(compose_cell: ComposeCell) -> None:
    """A picture is published as a file, and its tag has alt text, caption and size in CSS pixels."""
    page = compose_cell(
        display(svg=SVG, png=png(4, 2)), label="fig-curve", fig_cap="A *curve*", fig_alt="Rising"
    )

    image = one(page.content, "figure#fig-curve.output-figure img")
    caption = one(page.content, "figure#fig-curve figcaption")
    assert {str(name): content for name, content in page.files.items()} == {
        "figure-fig-curve-1.svg": SVG.encode()
    }
    assert image.attributes["src"] == "/blog/posts/a/figure-fig-curve-1.svg"
    assert (image.attributes["width"], image.attributes["height"]) == ("96", "48")
    assert image.attributes["alt"] == "Rising"
    assert caption.html == (
        '<figcaption><span class="caption-number">Figure 1:</span> A <em>curve</em></figcaption>'
    )


def test_a_retina_figure_has_half_its_pixels(compose_cell: ComposeCell) -> None:
    """The size that the run says counts, not the file's; without a caption it still has a text alternative."""
    output = DisplayOutput(
        data=FrozenDict({"image/png": png(8, 4)}),
        metadata=freeze({"image/png": {"width": 4, "height": 2}}),
    )

    page = compose_cell(output)

    image = one(page.content, "img")
    assert (image.attributes["width"], image.attributes["height"]) == ("4", "2")
    assert image.attributes["alt"] == "Figure drawn by the code of this page"


def test_figures_of_one_caption_stand_together(compose_cell: ComposeCell) -> None:
    """Several pictures of a captioned cell are one figure with one id, in a grid with captions of their own."""
    page = compose_cell(
        display(png=png(2, 2)),
        display(png=png(3, 3)),
        label="fig-two",
        fig_cap="Both",
        fig_subcap=("Left", "Right"),
    )

    tree = LexborHTMLParser(page.content)
    assert [node.text() for node in tree.css("#fig-two .subfigure figcaption")] == ["(a) Left", "(b) Right"]
    assert [node.attributes["id"] for node in tree.css(".subfigure")] == ["fig-two-1", "fig-two-2"]
    assert [node.attributes["alt"] for node in tree.css("img")] == ["Both: Left", "Both: Right"]
    assert len(tree.css("figure.output-figure")) == 1
    assert sorted(map(str, page.files)) == ["figure-fig-two-1.png", "figure-fig-two-2.png"]


def test_broken_picture_data_is_left_out(compose_cell: ComposeCell) -> None:
    """A picture that is no base64 gives no file and no tag."""
    page = compose_cell(DisplayOutput(data=FrozenDict({"image/png": "a"})))

    assert page.files == {}
    assert "<img" not in page.content


def test_a_table_scrolls_inside_itself(compose_cell: ComposeCell) -> None:
    """A data frame loses pandas' scoped style and border, and can be scrolled by keyboard."""
    frame = (
        "<div><style scoped>.dataframe {}</style>"
        '<table border="1" class="dataframe"><tr><td>1</td></tr></table></div>'
    )

    page = compose_cell(display(html=frame), label="tbl-runs", tbl_cap="All runs")

    box = one(page.content, "figure#tbl-runs .table-scroll[tabindex][role=group]")
    assert box.attributes["aria-label"] == "All runs"
    assert "scoped" not in page.content
    assert "border" not in page.content
    assert "table" in page.features


def test_html_that_is_trusted_keeps_its_scripts(compose_cell: ComposeCell) -> None:
    """What a plotting library sends is kept whole."""
    html = '<div id="p"></div><script>draw("</p>")</script>'

    page = compose_cell(display(html=html))

    assert html in page.content


def test_html_that_is_not_trusted_is_cleaned(compose_cell: ComposeCell) -> None:
    """Without trust no script, handler or foreign frame comes through; tables, classes and SVG do."""
    html = (
        '<p class="a" onclick="x()">t</p><script>x()</script><iframe src="//x"></iframe><a href="data:text/html,x">l</a>'
        '<table><tr><td colspan="2">c</td></tr></table><svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>'
    )

    page = compose_cell(display(html=html), display(script="x()"), trust=False)

    assert '<p class="a">t</p>' in page.content
    assert 'colspan="2"' in page.content
    assert 'd="M0 0"' in page.content
    assert not any(word in page.content for word in ("<script", "x()", "onclick", "iframe", "data:text"))


def test_widgets_bring_their_state_and_a_text(compose_cell: ComposeCell) -> None:
    """A widget's view and state are JSON that no text in them can close."""
    view, state = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
    output = DisplayOutput(
        data=freeze(
            {
                view: {"model_id": "m"},
                state: {state: {"state": {"m": {"model_module": CONTROLS, "state": "</script>"}}}},
                "text/plain": "IntSlider()",
            }
        )
    )

    page = compose_cell(output)

    assert one(page.content, f'script[type="{view}"]').text() == '{"model_id": "m"}'
    assert '"state": "\\u003c/script>"' in page.content
    assert "IntSlider()" in page.content


@pytest.mark.parametrize(
    ("options", "present", "absent"),
    [
        ({"echo": False}, ["out", "err"], ["print"]),
        ({"output": False}, ["print"], ["out", "err"]),
        ({"include": False}, [], ["print", "out", "err", "cell"]),
        ({"warning": False}, ["print", "out"], ["err"]),
        ({"tags": ("remove-input",)}, ["out"], ["print"]),
        ({"tags": ("remove-output",)}, ["print"], ["out", "err"]),
        ({"tags": ("remove-cell",)}, [], ["print"]),
        ({"tags": ("remove-stdout",)}, ["print", "err"], ["out"]),
        ({"tags": ("remove-stderr",)}, ["print", "out"], ["err"]),
    ],
)
def test_options_say_what_is_shown(
    compose_cell: ComposeCell, options: dict[str, object], present: list[str], absent: list[str]
) -> None:
    """Each option and tag shows and hides what its name says."""
    page = compose_cell(
        StreamOutput(name="stdout", text="out"),
        StreamOutput(name="stderr", text="err"),
        source="print",
        **options,
    )

    text = LexborHTMLParser(page.content).text()
    assert [word for word in present if word not in text] == []
    assert [word for word in absent if word in text] == []


def test_folds_are_details(compose_cell: ComposeCell) -> None:
    """Folded code, folded output and a long output's rest can be opened without a script."""
    page = compose_cell(
        StreamOutput(name="stdout", text="1\n2\n3\n4\n"), code_fold=True, code_summary="How", output_fold=2
    )

    assert one(page.content, ".cell-input details.cell-fold > summary").text() == "How"
    assert one(page.content, ".output-stream > pre").text() == "1\n2"
    assert one(page.content, ".output-stream > details.output-fold > summary").text() == "2 more lines"
    assert one(page.content, ".output-stream details pre").text() == "3\n4"


@pytest.mark.parametrize(
    ("options", "selector"),
    [
        ({"code_fold": "show"}, ".cell-input > details[open]"),
        ({"output_fold": True}, ".cell-output > details.output-fold"),
        ({"tags": ("hide-input",)}, ".cell-input > details:not([open])"),
        ({"tags": ("hide-output",)}, ".cell-output > details.output-fold"),
        ({"tags": ("hide-cell",)}, ".cell > details.cell-fold .cell-input"),
        ({"filename": "train.py"}, ".highlight > .code-filename"),
        ({"code_line_numbers": True}, ".highlight .ln"),
        ({"hl_lines": "1"}, ".highlight .hl"),
        ({"lst_cap": "Loop", "label": "lst-loop"}, "figure.listing#lst-loop > figcaption"),
        ({"column": "page"}, ".cell > .cell-output.column-page"),
        ({"column": "margin"}, ".cell > .cell-output.column-margin"),
    ],
)
def test_options_change_the_form(
    compose_cell: ComposeCell, options: dict[str, object], selector: str
) -> None:
    """Each option of form gives its element."""
    page = compose_cell(StreamOutput(name="stdout", text="out"), **options)

    assert one(page.content, selector) is not None


def test_as_is_output_is_markdown_of_the_page(compose_cell: ComposeCell) -> None:
    """Its headings come into the table of contents."""
    page = compose_cell(
        StreamOutput(name="stdout", text="## Results\n\nSee [home](/).\n"), output="asis", echo=False
    )

    assert '<h2 id="results">Results</h2>' in page.content
    assert 'href="/blog/"' in page.content
    assert [(entry.level, entry.id, entry.html) for entry in page.toc] == [(2, "results", "Results")]


def test_an_expected_exception_is_shown(compose_cell: ComposeCell) -> None:
    """The traceback stands as text with the exception's name once."""
    page = compose_cell(
        ErrorOutput(name="ValueError", value="<no>", traceback="line 1\nValueError: <no>"),
        status="error",
        error=True,
    )

    error = one(page.content, ".output-error pre")
    assert error.text() == "line 1\nValueError: <no>"
    assert "build-error" not in page.content


def test_an_unexpected_exception_is_marked(compose_cell: ComposeCell) -> None:
    """Under `--keep-going` the reader sees that the cell failed."""
    page = compose_cell(
        ErrorOutput(name="ValueError", value="", traceback=""), status="error", state="failed"
    )

    assert one(page.content, ".build-error[role=alert]") is not None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("not run", "Not run"),
        ("stale", "has changed"),
        ("pinned", "pinned"),
        ("other device", "other device"),
    ],
)
def test_a_cell_without_a_run_says_why(compose_cell: ComposeCell, state: str, words: str) -> None:
    """Code without output is labelled, never shown as if it had none."""
    page = compose_cell(state=state, has_run=False)

    assert words in one(page.content, "p.cell-note").text()


@pytest.mark.parametrize(("state", "options"), [(None, {}), ("not run", {"exec": False})])
def test_a_cell_that_is_not_to_run_has_no_note(
    compose_cell: ComposeCell, state: str | None, options: dict[str, object]
) -> None:
    """Code that the author shows without running is just code."""
    page = compose_cell(state=state, has_run=False, **options)

    assert "cell-note" not in page.content
    assert "data-state" not in page.content


def test_a_cell_magic_is_highlighted_in_its_language(compose_cell: ComposeCell) -> None:
    """`%%bash` below a Python kernel is shell: a variable of it is marked as one."""
    assert '<span class="nv">$HOME</span>' in compose_cell(source="%%bash\necho $HOME").content
    assert "<span" in compose_cell(source="%%time\nx = 1").content
