"""The files that a cell kept with `lab.artifact`: published beside the page, and linked where the cell's outputs are."""

from __future__ import annotations

import mimetypes
from html import escape
from pathlib import PurePosixPath
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.executed import DisplayOutput, ExecutedDocument
from sitegen.rendering.cells.figures import FigureFiles
from sitegen.results.media_types import ARTIFACT_CONTENT
from sitegen.results.payloads import artifact_of

_FOLDER: Final = "artifacts"
"""Below the page's output folder: a name in it never meets the page's own files."""
_UNITS: Final = ("bytes", "kB", "MB", "GB")


def artifact_html(output: DisplayOutput, files: FigureFiles, words: Words = ENGLISH) -> str | None:
    """The link to an artifact, which is put among the page's files; None for any other display."""
    described, content = artifact_of(output), output.data.get(ARTIFACT_CONTENT)
    if described is None or not isinstance(content, bytes):
        return None
    url = files.add_named(content, PurePosixPath(_FOLDER) / described.name)
    media_type = mimetypes.guess_type(described.name)[0]
    hint = f' type="{escape(media_type)}"' if media_type else ""
    return (
        f'<p class="output output-artifact"><a href="{escape(url)}"{hint} download>{escape(described.name)}</a> '
        f'<span class="artifact-size">({size_text(described.size_bytes, words)})</span></p>\n'
    )


def artifact_names(executed: ExecutedDocument) -> frozenset[str]:
    """The names of the files that the page's cells kept."""
    outputs = (output for run in executed.runs.values() for output in run.outputs)
    described = (artifact_of(output) for output in outputs if isinstance(output, DisplayOutput))
    return frozenset(artifact.name for artifact in described if artifact is not None)


def size_text(size_bytes: int, words: Words = ENGLISH) -> str:
    """A file's size to be read: `812 bytes`, `1.2 MB` (powers of 1000)."""
    if size_bytes < 1000:
        return words("text.bytes", count=size_bytes)
    size, unit = float(size_bytes), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
