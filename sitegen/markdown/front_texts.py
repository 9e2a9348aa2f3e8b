"""Title, description and summary as the front matter gives them, with holes for inline expressions."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.content.document import Html, Segment
from sitegen.content.site import IndexedPage
from sitegen.content.sources import Source
from sitegen.markdown.dialect import tokenize
from sitegen.markdown.expansion import printable
from sitegen.markdown.headings import Ids
from sitegen.markdown.holes import summary_html, without_paragraph
from sitegen.markdown.html import Renderer
from sitegen.markdown.inline import Work, escape
from sitegen.markdown.lines import LineMap, Place
from sitegen.markdown.typesetting import typeset_tokens

_CODE_SPAN: Final = re.compile(r"(?:\{eval\})?(?<!`)`([^`\n]+)`(?!`)")
_EXPRESSION: Final = re.compile(r"\{([\w+-]+)\}\s+(.+)")


class FrontTexts:
    """The texts of one page."""

    def __init__(self, page: IndexedPage, source: Source, work: Work, *, cell_count: int) -> None:
        self._page = page
        self._source = source
        self._work = work
        self._cell_count = cell_count

    def title(self) -> tuple[Segment, ...]:
        """The page's title: plain text with code spans; the body's where it is its first H1."""
        if self._page.meta.title_is_heading:
            return (Html(text=escape(self._page.title)),)
        return self._plain(self._page.title, "title")

    def description(self) -> tuple[Segment, ...]:
        """The page's description: plain text with code spans."""
        return self._plain(self._page.meta.description, "description")

    def summary(self, config: Config) -> tuple[Segment, ...]:
        """The summary: Markdown; a single paragraph comes without its `<p>`."""
        text = self._page.meta.summary
        if not text.strip():
            return ()
        work = self._work_at("summary")
        tokens = tokenize(printable(text), config=config)
        typeset_tokens(tokens, work)
        renderer = Renderer(work, self._page.execution, ids=Ids(), has_cells=False, settings=config.highlight)
        pieces = renderer.render(tokens).pieces
        return work.holes.cut(without_paragraph(summary_html(pieces)))

    def _plain(self, text: str, key: str) -> tuple[Segment, ...]:
        text = printable(text)
        if "`" not in text:
            return self._work.holes.cut(escape(text))
        work = self._work_at(key)
        parts: list[str] = []
        position = 0
        for match in _CODE_SPAN.finditer(text):
            parts.append(escape(text[position : match.start()]))
            position = match.end()
            content = match[1].strip()
            expression = _EXPRESSION.fullmatch(content)
            if match[0].startswith("{eval}"):
                parts.append(work.expression(content, (0, 0)))
            elif expression is not None and work.runs_language(expression[1]):
                parts.append(work.expression(expression[2].strip(), (0, 0)))
            else:
                parts.append(f"<code>{escape(content)}</code>")
        parts.append(escape(text[position:]))
        return work.holes.cut("".join(parts))

    def _work_at(self, key: str) -> Work:
        """The page's work, at the line of a front-matter key, behind all cells."""
        line = self._page.meta.lines.get(key, 1)
        return Work(
            markup=self._work.markup,
            holes=self._work.holes,
            lines=_one_line(self._source.path, line, self._page.meta.cell),
            text_lines=(),
            runs_language=self._work.runs_language,
            diagnostics=self._work.diagnostics,
            expressions=self._work.expressions,
            cell_count=self._cell_count,
        )


def _one_line(path: PurePosixPath, line: int, cell: int | None) -> LineMap:
    """The map of a text that stands on one line, in a notebook on one of a cell."""
    if cell is None:
        return LineMap(path=path, first_line=line, lines=(0,))
    return LineMap(path=path, lines=(0,), places=(Place(line, cell),))
