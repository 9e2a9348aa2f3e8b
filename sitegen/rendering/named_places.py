"""Where a page's file names a picture or another file: looked for only where something is wrong with it."""

from __future__ import annotations

import re

from sitegen.content.index import IndexedPage
from sitegen.errors import SourceLocation


def place_of(written: str, page: IndexedPage) -> SourceLocation | None:
    """The first line that has the file's name as an address, else in any way, else the page's file; None for a page without one.

    Who asks notes that it has read the page's file: its lines may move while its content stays.

    Args:
        written: the address, or the path in the bundle.
        page: whose file is looked through.
    """
    if page.source is None:
        return None
    name = written.partition("?")[0].rstrip("/").rpartition("/")[2]
    try:
        lines = page.source.file.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    address = re.compile(rf"""[(/"'<=]\s*{re.escape(name)}""")
    found = next(
        ((number, match) for number, line in enumerate(lines, 1) if (match := address.search(line))), None
    )
    if found is not None:
        number, match = found
        start = match.string.rfind("(", 0, match.end() - len(name)) + 1 or match.end() - len(name)
        return SourceLocation(path=page.source.path, line=number, column=start + 1)
    for number, line in enumerate(lines, 1):
        if name in line:
            return SourceLocation(path=page.source.path, line=number, column=line.index(name) + 1)
    return SourceLocation(path=page.source.path)
