"""Where something is written in a page's front matter or in the settings: line and column of a key, or of one of its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePosixPath

from sitegen.config import Config
from sitegen.config.sources import ROOT_FILES
from sitegen.content.sources import Source
from sitegen.content.tree import Place
from sitegen.errors import SourceLocation


def place_in_front(place: Place, *keys: str, text: str = "") -> SourceLocation | None:
    """The place of the last of some keys that is known; None where no file stands for the page.

    Args:
        place: the page, with its own front matter.
        keys: paths from the top, each further in than the one before it: `links`, `links.0`.
        text: a value at or below the last key. It is looked for in the file, which is read only for a message.
    """
    if place.source is None:
        return None
    return place_of_keys(place.source, keys, place.meta.lines, place.meta.nested, text)


def place_of_keys(
    source: Source,
    keys: tuple[str, ...],
    lines: Mapping[str, int],
    nested: Mapping[str, tuple[int, int]],
    text: str = "",
) -> SourceLocation:
    """The same for the file of a page, where its keys are known by line (`lines`) and by line and column (`nested`)."""
    cell = source.meta.cell
    line: int | None = None
    column: int | None = None
    for key in keys:
        for path in (f"params.{key}", key):
            if path in nested:
                line, column = nested[path]
            elif path in lines:
                line, column = lines[path], 1
        if line is None:  # a table's name is known, its keys not
            top = lines.get(key.partition(".")[0], lines.get("params"))
            line, column = top, 1 if top is not None else None
    if text and line is not None and cell is None:
        end = min((other for other in lines.values() if other > line), default=source.body_line)
        found = _text_below(source, line, text, end)
        if found is not None:
            line, column = found
    return SourceLocation(path=source.path, line=line, column=column, cell=cell if line else None)


def place_in_settings(config: Config, key: str, text: str = "") -> SourceLocation:
    """Where a setting is written, or a text on its line; for a message, so that the file is read only then.

    Args:
        config: of the site.
        key: as the documentation spells it; its case does not count. Of several with one name the first is found.
        text: of its value.

    Returns:
        The place; of a setting that is in none of these files the first of them, or where the site may have one.
    """
    first = ""
    for name in ROOT_FILES:
        try:
            written = (config.root / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        first = first or name
        match = re.search(rf"(?im)^[ \t]*[\"']?({re.escape(key)})[\"']?[ \t]*[=:].*$", written)
        if match is None:
            continue
        at = written.find(text, match.end(1), match.end()) if text else -1
        at = match.start(1) if at < 0 else at
        line = written.count("\n", 0, at) + 1
        return SourceLocation(path=PurePosixPath(name), line=line, column=at - written.rfind("\n", 0, at))
    return SourceLocation(path=PurePosixPath(first or ROOT_FILES[0]))


def _text_below(source: Source, first: int, text: str, end: int) -> tuple[int, int] | None:
    """Line and column of a text from the line of its key on, up to the line of the next key."""
    try:
        with source.file.open(encoding="utf-8-sig") as file:
            for number, line in islice(enumerate(file, 1), first - 1, max(first, end - 1)):
                at = line.find(text)
                if at >= 0:
                    return number, at + 1
    except (OSError, UnicodeDecodeError):  # it is gone since it was read; the line of the key is known
        return None
    return None
