"""The pictures of a cell's outputs as one `<figure>`, with its captions and text alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import CodeCell
from sitegen.content.executed import DisplayOutput, Output
from sitegen.rendering.cells.displays import Shown
from sitegen.rendering.cells.figures import IMAGE_TYPES, Figure, FigureFiles, figure_html, image_type
from sitegen.rendering.fragments import caption_html, caption_text


def without_repeats(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Outputs without the second copy of a figure.

    matplotlib's inline backend shows a figure at the end of its cell even where the cell's last expression has shown it.
    """
    results = [
        _pictures_of(output) for output in outputs if isinstance(output, DisplayOutput) and output.is_result
    ]
    return tuple(
        output
        for output in outputs
        if not isinstance(output, DisplayOutput)
        or output.is_result
        or _pictures_of(output) not in results
        or not _pictures_of(output)
    )


def is_grid(cell: CodeCell, pictures: Sequence[Output]) -> bool:
    """Whether the pictures of a cell stand in one figure."""
    options = cell.options
    return len(pictures) > 1 and bool(options.fig_cap or options.fig_subcap or options.layout_ncol)


def pictures_html(
    outputs: Sequence[Output],
    cell: CodeCell,
    files: FigureFiles,
    numbers: Mapping[str, str],
    words: Words = ENGLISH,
    *,
    is_labelled: bool,
) -> Shown:
    """Outputs that are pictures, as one figure.

    Args:
        outputs: one, or all of a grid.
        cell: whose they are.
        files: where they are published.
        numbers: label to `Figure 1`.
        words: of the site.
        is_labelled: they bear the cell's label; false for the later ones of several figures.
    """
    options = cell.options
    is_first = not files.files
    figures: list[Figure] = []
    for output in outputs:
        media_type = image_type(output.data) if isinstance(output, DisplayOutput) else None
        if isinstance(output, DisplayOutput) and media_type is not None:
            figure = files.add(output, media_type, cell)
            figures += [figure] if figure else []
    if not figures:
        return Shown(html="")
    label = options.label if is_labelled and options.label and options.label.startswith("fig-") else None
    caption = caption_html(options.fig_cap)
    subcaptions = [caption_html(text) for text in options.fig_subcap]
    html = figure_html(
        figures,
        alts=[
            _alternative(cell, caption, subcaptions[place : place + 1], place, len(figures), words)
            for place in range(len(figures))
        ],
        caption=caption,
        identifier=label,
        number=numbers.get(label) if label else None,
        subcaptions=subcaptions,
        columns=options.layout_ncol,
        is_first=is_first,
    )
    return Shown(html=html, features=frozenset({"figure"}))


def _alternative(
    cell: CodeCell, caption: str, subcaption: Sequence[str], place: int, count: int, words: Words
) -> str:
    """`fig-alt`, else what the captions say: a figure with an empty alternative would be passed over in silence."""
    if cell.options.fig_alt:
        lines = cell.options.fig_alt.splitlines()
        return lines[place] if len(lines) == count else cell.options.fig_alt
    said = [caption_text(text) for text in (caption, *subcaption) if text]
    return ": ".join(said) or words("cell.figure")


def _pictures_of(output: DisplayOutput) -> dict[str, object]:
    return {name: content for name, content in output.data.items() if name in IMAGE_TYPES}
