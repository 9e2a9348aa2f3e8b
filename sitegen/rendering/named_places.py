"""Where a page's file names a picture or another file: looked for only where something is wrong with it."""

from __future__ import annotations

from sitegen.content.index import IndexedPage
from sitegen.errors import SourceLocation


def place_of(written: str, page: IndexedPage) -> SourceLocation | None:
    """The first line that has the file's name, else the page's file; None for a page without one.

    Who asks notes that it has read the page's file: its lines may move while its content stays.

    Args:
        written: the address, or the path in the bundle.
        page: whose file is looked through.
    """
    if page.source is None:
        return None
    name = written.rsplit("/", 1)[-1].partition("?")[0]
    try:
        lines = page.source.file.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for number, line in enumerate(lines, 1):
        column = line.find(name)
        if column >= 0:
            start = line.rfind("(", 0, column) + 1 or column
            return SourceLocation(path=page.source.path, line=number, column=start + 1)
    return SourceLocation(path=page.source.path)
