"""Find what is published as it is: `static/`, and lone files in `content/`; no file is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from sitegen.config import Config
from sitegen.content.folders import ContentFiles
from sitegen.content.index import StaticFile
from sitegen.content.locations import language_folder


def find_static_files(
    config: Config, sections: Mapping[str, PurePosixPath], files: ContentFiles
) -> tuple[StaticFile, ...]:
    """Static files by output path; a later static folder wins over an earlier, each over `content/`.

    Args:
        config: of the site.
        sections: folders at the top of `content/` that are sections, with their folders in the output.
        files: what the content folder holds.
    """
    beside_pages = PurePosixPath(language_folder(config))
    found = {
        path: StaticFile(output_path=path, file=lone.file)
        for lone in files.lone
        for path in [_beside_pages(lone.content_path, sections) or beside_pages / lone.content_path]
    }
    for folder in config.static_dirs:
        for path in _files_below(folder):
            output_path = PurePosixPath(path.relative_to(folder).as_posix())
            found[output_path] = StaticFile(output_path=output_path, file=path)
    return tuple(found[path] for path in sorted(found))


def _beside_pages(path: PurePosixPath, sections: Mapping[str, PurePosixPath]) -> PurePosixPath | None:
    """A lone file's place among the pages of its section."""
    section = sections.get(path.parts[0]) if len(path.parts) > 1 else None
    return None if section is None else section.joinpath(*path.parts[1:])


def _files_below(folder: Path) -> Iterator[Path]:
    """Every file; hidden ones too (`.well-known`, `.nojekyll`), but for what desktops leave behind.

    A link to nowhere is no file, as in the content folder.
    """
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(parent, name)
            if name not in (".DS_Store", "Thumbs.db") and not name.endswith("~") and file.is_file():
                yield file
