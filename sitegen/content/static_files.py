"""Find what is published as it is: `static/`, and lone files in `content/`; no file is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sitegen.config import Config
from sitegen.content.folders import NOTEBOOK_SUFFIX, walk_content
from sitegen.content.index import StaticFile
from sitegen.errors import Diagnostic, SourceLocation


def find_static_files(config: Config) -> tuple[tuple[StaticFile, ...], tuple[Diagnostic, ...]]:
    """Static files by output path; a later static folder wins over an earlier, each over `content/`.

    With a word on each notebook, since this version reads none.
    """
    content = walk_content(config)
    found = {
        lone.content_path: StaticFile(output_path=lone.content_path, file=lone.file) for lone in content.lone
    }
    for folder in config.static_dirs:
        for path in _files_below(folder):
            output_path = PurePosixPath(path.relative_to(folder).as_posix())
            found[output_path] = StaticFile(output_path=output_path, file=path)
    notebooks = [notebook.file for notebook in content.notebooks]
    notebooks += [file for file in _files_below(config.notebooks_dir) if file.suffix == NOTEBOOK_SUFFIX]
    return tuple(found[path] for path in sorted(found)), tuple(_not_read(file, config) for file in notebooks)


def _not_read(notebook: Path, config: Config) -> Diagnostic:
    return Diagnostic(
        code="SG106",
        severity="warning",
        message="notebooks are not pages in this version: it is left out",
        location=SourceLocation(path=config.relative_to_root(notebook)),
        hint="convert it to Markdown: `jupyter nbconvert --to markdown`",
    )


def _files_below(folder: Path) -> Iterator[Path]:
    """Every file; hidden ones too (`.well-known`, `.nojekyll`), but for what desktops leave behind."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name not in (".DS_Store", "Thumbs.db") and not name.endswith("~"):
                yield Path(parent, name)
