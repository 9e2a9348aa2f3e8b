"""A cell's code and what its run gave -> HTML, as the cell's options ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import CodeCell, Segment
from sitegen.content.execute_options import CellOptions
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput, Output, RunState, StreamOutput
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.markdown.highlight import highlight
from sitegen.markdown.parse import parse_fragment
from sitegen.rendering.cells.artifacts import artifact_html
from sitegen.rendering.cells.curves import Axes, axes_of, curves_html
from sitegen.rendering.cells.displays import (
    HTML,
    MARKDOWN,
    Shown,
    best_type,
    display_html,
    text_html,
    text_of,
)
from sitegen.rendering.cells.figures import IMAGE_TYPES, FigureFiles, image_html, image_type
from sitegen.rendering.cells.interactive import Scripts, is_interactive, plot_html, plot_of, withheld_html
from sitegen.rendering.cells.media import with_files
from sitegen.rendering.cells.pictures import is_grid, pictures_html, without_repeats
from sitegen.rendering.cells.sanitize import sanitized, sanitized_svg
from sitegen.rendering.cells.widgets import widget_html
from sitegen.rendering.fragments import caption_html
from sitegen.rendering.references import figcaption
from sitegen.rendering.results.badges import state_slug
from sitegen.results.media_types import DARK_TYPES, OURS, WIDGET_VIEW
from sitegen.values import dataclass

_NOTED: Final[frozenset[RunState]] = frozenset({"stale", "pinned", "other device", "not run"})
"""States of a page in which a cell without output is told of."""
_SVG_TYPES: Final = ("image/svg+xml", DARK_TYPES["image/svg+xml"])
_CELL_MAGIC: Final = re.compile(r"%%(\w+)")
_MAGIC_LANGUAGES: Final = {
    "bash": "bash",
    "html": "html",
    "javascript": "javascript",
    "js": "javascript",
    "latex": "latex",
    "markdown": "markdown",
    "perl": "perl",
    "r": "r",
    "ruby": "ruby",
    "script": "bash",
    "sh": "bash",
    "svg": "xml",
}
_CODE: Final = CellOptions().code_summary
"""What folded code is called where its author calls it nothing."""
_FAILURES: Final = {"timeout": "cell.timeout", "died": "cell.died", "error": "cell.raised"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFrame:
    """What the HTML of a cell depends on beside the cell."""

    figures: FigureFiles
    state: RunState | None
    """Of the page's run; None where no cell is to run."""
    is_trusted: bool
    fill: Callable[[Sequence[Segment]], str]
    """Resolves the links of Markdown that is the page's own (`output: asis`)."""
    heading_ids: frozenset[str]
    """Ids of the headings that the page has already."""
    is_saved: bool = False
    """Outputs are those that the notebook was saved with, of no run of ours."""
    scripts: Scripts
    """What draws the page's interactive outputs."""
    numbers: Mapping[str, str] = field(default_factory=FrozenDict)
    """Label to `Figure 1`, `Table 2`, `Listing 1`, of the page's captions."""
    words: Words = ENGLISH
    """Of the site."""


def cell_html(cell: CodeCell, run: CellRun | None, frame: CellFrame) -> Shown:
    """A cell in the page: its code, its outputs, or a note on why there are none."""
    options, tags = cell.options, _tags(cell.options)
    if not options.include or "remove-cell" in tags:
        return Shown(html="")
    code = _code(cell, frame) if options.echo and "remove-input" not in tags else ""
    shown = _outputs(cell, run, frame) if options.output and "remove-output" not in tags else Shown(html="")
    note = _note(cell, run, frame)
    if not (code or shown.html or note):
        return shown
    inner = code
    if shown.html:
        kind = " cell-output-asis" if options.output == "asis" else ""
        kind += f" column-{options.column}" if options.column != "body" else ""
        inner += f'<div class="cell-output{kind}">\n{shown.html}</div>\n'
    inner += note
    if "hide-cell" in tags:
        inner = _folded(inner, escape(frame.words("cell.cell")), "cell-fold")
    return Shown(
        html=_framed(inner, cell, frame),
        headings=shown.headings,
        features=shown.features | ({"code"} if code else frozenset()),
        diagnostics=shown.diagnostics,
    )


def _framed(inner: str, cell: CodeCell, frame: CellFrame) -> str:
    number = cell.id.removeprefix("cell-")
    identifier = f"cell-{cell.options.label or number}"
    state = f' data-state="{state_slug(frame.state)}"' if frame.state and cell.options.runs else ""
    return f'<div class="cell" id="{escape(identifier)}"{state}>\n{inner}</div>\n'


def _code(cell: CodeCell, frame: CellFrame) -> str:
    options, tags = cell.options, _tags(cell.options)
    if not cell.source.strip():
        return ""
    html = highlight(
        cell.source,
        _shown_language(cell),
        line_numbers=options.code_line_numbers,
        line_number_start=options.line_number_start,
        hl_lines=options.hl_lines,
        filename=options.filename,
    )
    label = options.label or ""
    if options.lst_cap or label.startswith("lst-"):
        caption = caption_html(options.lst_cap)
        is_target = label.startswith("lst-")
        head = figcaption(caption, frame.numbers.get(label) if is_target else None)
        mark = f' id="{escape(label)}"' if is_target else ""
        html = f'<figure class="listing"{mark}>{head}{html}</figure>\n'
    if options.code_fold or "hide-input" in tags:
        said = options.code_summary
        summary = escape(frame.words("cell.code") if said == _CODE else said)
        html = _folded(html, summary, "cell-fold", is_open=options.code_fold == "show")
    return f'<div class="cell-input">{html}</div>\n'


def _shown_language(cell: CodeCell) -> str:
    """What the code is highlighted as: that of a cell magic such as `%%bash`, else the cell's."""
    magic = _CELL_MAGIC.match(cell.source)
    return _MAGIC_LANGUAGES.get(magic[1].lower(), cell.language) if magic is not None else cell.language


def _tags(options: CellOptions) -> frozenset[str]:
    """The cell's tags as a set."""
    return frozenset(options.tags)


def _folded(html: str, summary: str, name: str, *, is_open: bool = False) -> str:
    mark = " open" if is_open else ""
    return f'<details class="{name}"{mark}><summary>{summary}</summary>\n{html}</details>\n'


def _outputs(cell: CodeCell, run: CellRun | None, frame: CellFrame) -> Shown:
    if run is None:
        return Shown(html="")
    outputs = _kept(run.outputs, cell.options)
    if not frame.is_trusted:
        outputs = tuple(_harmless(output) for output in outputs)
    pieces = list(_pieces(cell, without_repeats(outputs), frame))
    if run.status in _FAILURES and not cell.options.may_raise:
        message = escape(frame.words(_FAILURES[run.status]))
        pieces.append(Shown(html=f'<div class="build-error" role="alert"><p>{message}</p></div>\n'))
    html = "".join(piece.html for piece in pieces)
    if html and (cell.options.output_fold is True or "hide-output" in cell.options.tags):
        html = _folded(html, escape(frame.words("cell.output")), "output-fold")
    return Shown(
        html=html,
        headings=tuple(heading for piece in pieces for heading in piece.headings),
        features=frozenset[str]().union(*(piece.features for piece in pieces)),
        diagnostics=tuple(found for piece in pieces for found in piece.diagnostics),
    )


def _kept(outputs: Sequence[Output], options: CellOptions) -> tuple[Output, ...]:
    """Without the streams that the options leave out."""
    tags = _tags(options)
    dropped: set[str] = {"stdout"} if "remove-stdout" in tags else set()
    if not options.warning or "remove-stderr" in tags:
        dropped.add("stderr")
    return tuple(
        output for output in outputs if not (isinstance(output, StreamOutput) and output.name in dropped)
    )


def _harmless(output: Output) -> Output:
    """The output with drawings that run nothing, where they are files of their own."""
    if not isinstance(output, DisplayOutput):
        return output
    data = {
        name: sanitized_svg(text_of(output, name)) if name in _SVG_TYPES else content
        for name, content in output.data.items()
    }
    return replace(
        output, data=FrozenDict({name: content for name, content in data.items() if content is not None})
    )


def _pieces(cell: CodeCell, outputs: Sequence[Output], frame: CellFrame) -> Iterator[Shown]:
    """The HTML of each output, pictures of one caption together where the first of them stands."""
    pictures = [output for output in outputs if _is_picture(output, frame)]
    is_group = is_grid(cell, pictures)
    groups = [pictures] if is_group else [[picture] for picture in pictures]
    waiting = iter(groups)
    is_first_picture = is_first_table = True
    seen = 0
    drawn: set[Axes] = set()
    for output in outputs:
        axes = axes_of(output)
        if axes is not None:
            if axes not in drawn:
                drawn.add(axes)
                yield _curves(outputs, axes, cell, frame, is_labelled=is_first_picture)
                is_first_picture = False
            continue
        if not _is_picture(output, frame):
            is_plot = _is_plot(output, frame)
            shown = _one(output, cell, frame, is_labelled=is_first_picture if is_plot else is_first_table)
            is_first_picture = is_first_picture and not is_plot
            is_first_table = is_first_table and "table" not in shown.features
            yield shown
            continue
        seen += 1
        if is_group and seen > 1:
            continue
        yield pictures_html(
            next(waiting), cell, frame.figures, frame.numbers, frame.words, is_labelled=is_first_picture
        )
        is_first_picture = False


def _curves(
    outputs: Sequence[Output], axes: Axes, cell: CodeCell, frame: CellFrame, *, is_labelled: bool
) -> Shown:
    """The curves of one pair of axes; with the cell's caption and label where it is its first figure."""
    label = cell.options.label or ""
    is_target = is_labelled and label.startswith("fig-")
    caption = caption_html(cell.options.fig_cap) if is_labelled else ""
    html = curves_html(
        outputs,
        axes,
        alt=(cell.options.fig_alt or "") if is_labelled else "",
        words=frame.words,
        identifier=label if is_target else "",
        figcaption=figcaption(caption, frame.numbers.get(label) if is_target else None),
    )
    return Shown(html=html, features=frozenset({"figure", "curve"}))


def _is_picture(output: Output, frame: CellFrame) -> bool:
    return isinstance(output, DisplayOutput) and best_type(output, is_trusted=frame.is_trusted) in IMAGE_TYPES


def _is_plot(output: Output, frame: CellFrame) -> bool:
    shown = best_type(output, is_trusted=frame.is_trusted) if isinstance(output, DisplayOutput) else None
    return frame.is_trusted and shown is not None and is_interactive(shown)


def _plot(
    output: DisplayOutput, media_type: str, cell: CodeCell, frame: CellFrame, *, is_labelled: bool
) -> Shown:
    """A figure that a script draws; with the cell's caption and label where it is its first."""
    plot = plot_of(output, media_type)
    picture_type = image_type(output.data)
    file = frame.figures.add(output, picture_type, cell) if picture_type is not None else None
    picture = image_html(file, cell.options.fig_alt or plot.title, is_lazy=True) if file is not None else ""
    before = frame.scripts.plots(plot, output)
    box = plot_html(plot, alt=cell.options.fig_alt or "", picture=picture, words=frame.words)
    label = cell.options.label or ""
    caption = caption_html(cell.options.fig_cap) if is_labelled else ""
    is_target = is_labelled and label.startswith("fig-")
    features = frozenset({"figure", plot.library})
    if not caption and not is_target:
        return Shown(html=f'{before}<div class="output output-plot">\n{box}</div>\n', features=features)
    mark = f' id="{escape(label)}"' if is_target else ""
    head = figcaption(caption, frame.numbers.get(label) if is_target else None)
    return Shown(
        html=f'{before}<figure class="output output-plot"{mark}>\n{box}{head}</figure>\n', features=features
    )


def _one(output: Output, cell: CodeCell, frame: CellFrame, *, is_labelled: bool = False) -> Shown:
    if isinstance(output, ErrorOutput):
        return Shown(html=_error(output, cell, frame.words))
    if isinstance(output, StreamOutput):
        if cell.options.output == "asis" and output.name == "stdout":
            return _as_is(output.text, cell, frame)
        kind = "output-stderr" if output.name == "stderr" else "output-stream"
        return Shown(html=text_html(output.text, kind, cell.options.output_fold, frame.words))
    artifact = artifact_html(output, frame.figures, frame.words)
    if artifact is not None:
        return Shown(html=artifact)
    media_type = best_type(output, is_trusted=frame.is_trusted)
    if media_type is None:
        return _unshown(output, cell, frame.words)
    if media_type == WIDGET_VIEW or is_interactive(media_type):
        if not frame.is_trusted:
            return Shown(html=withheld_html(output, media_type, frame.words))
        if media_type == WIDGET_VIEW:
            return widget_html(output, cell, frame.scripts)
        return _plot(output, media_type, cell, frame, is_labelled=is_labelled)
    if media_type == MARKDOWN and cell.options.output == "asis":
        return _as_is(text_of(output, MARKDOWN), cell, frame)
    if media_type == HTML:
        html = with_files(text_of(output, HTML), cell, frame.figures, frame.words)
        output = replace(output, data=FrozenDict({**output.data, HTML: html}))
    label = cell.options.label or ""
    number = frame.numbers.get(label) if is_labelled and label.startswith("tbl-") else None
    return display_html(
        output, media_type, cell=cell, is_trusted=frame.is_trusted, number=number, words=frame.words
    )


def _unshown(output: DisplayOutput, cell: CodeCell, words: Words) -> Shown:
    """An output of forms that need a program we do not have; what `lab` reports is no output."""
    types = [name for name in output.data if not name.startswith(OURS)]
    if not types:
        return Shown(html="")
    names = ", ".join(types)
    problem = Diagnostic(
        code="SG404",
        severity="warning",
        message=f"an output has no form that a page can show: `{names}`",
        location=cell.location,
        hint="display it as HTML or as a picture too; `#| output: false` hides it",
    )
    note = f'<p class="cell-note">{words("cell.unshown", names=f"<code>{escape(names)}</code>")}</p>\n'
    return Shown(html=note, diagnostics=(problem,))


def _as_is(text: str, cell: CodeCell, frame: CellFrame) -> Shown:
    """Markdown of the page: its headings and links are the page's."""
    fragment = parse_fragment(
        text, location=cell.location, id_prefix=f"{cell.id}-", taken_ids=frame.heading_ids
    )
    html = frame.fill(fragment.segments)
    if not frame.is_trusted:
        html = sanitized(html, own_ids=frozenset(heading.id for heading in fragment.headings))
    return Shown(
        html=html,
        headings=fragment.headings,
        features=fragment.features,
        diagnostics=fragment.diagnostics,
    )


def _error(output: ErrorOutput, cell: CodeCell, words: Words) -> str:
    said = f"{output.name}: {output.value}" if output.value else output.name
    text = output.traceback.rstrip("\n")
    if said not in text:
        text = f"{text}\n{said}" if text else said
    return text_html(text, "output-error", cell.options.output_fold, words, title=words("cell.error"))


def _note(cell: CodeCell, run: CellRun | None, frame: CellFrame) -> str:
    """Why a cell that is to run has no output, or that its output is not of our making; empty where it has run."""
    if frame.is_saved and run is not None:
        return f'<p class="cell-note">{frame.words("cell.saved")}</p>\n' if run.outputs else ""
    if not cell.options.runs or (run is not None and run.status != "skipped") or frame.state is None:
        return ""
    key = state_slug(frame.state) if frame.state in _NOTED else ""
    if frame.state == "failed":
        key = "after_failure"
    return f'<p class="cell-note">{frame.words(f"cell.{key}")}</p>\n' if key else ""
