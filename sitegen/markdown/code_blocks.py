"""Code in a text to HTML: a cell, a diagram, a listing with a number, or code that is only shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from markdown_it.token import Token

from sitegen.config import Highlight
from sitegen.content.document import CellHole, NumberHole
from sitegen.content.execute_options import PageExecution
from sitegen.errors import SourceLocation
from sitegen.markdown.body import Body
from sitegen.markdown.cells import damaged_attributes, is_cell, no_kernel, parse_cell
from sitegen.markdown.chroma import LANGUAGES
from sitegen.markdown.diagrams import LANGUAGES as DRAWN
from sitegen.markdown.diagrams import parse_diagram
from sitegen.markdown.dialect import tokenize
from sitegen.markdown.fences import FenceInfo, parse_info
from sitegen.markdown.headings import Ids, chosen_id
from sitegen.markdown.holes import BodyOnly
from sitegen.markdown.inline import InlineRenderer, Work, escape, escape_attribute
from sitegen.markdown.static_code import static_code
from sitegen.markdown.tokens import lines_of

_BLANK_LINE: Final = re.compile(r"^[ \t]+$", re.MULTILINE)
"""In code of a list item goldmark leaves nothing of it."""


class CodeBlocks:
    """The code of one document, in its order."""

    def __init__(
        self,
        body: Body,
        work: Work,
        inline: InlineRenderer,
        execution: PageExecution,
        *,
        ids: Ids,
        has_cells: bool,
        settings: Highlight,
    ) -> None:
        """Make it.

        Args:
            body: is written.
            work: what is filled beside the body.
            inline: renders captions.
            execution: which fences are cells.
            ids: those that are taken.
            has_cells: whether any fence is a cell at all.
            settings: how static code is shown, where a fence does not say.
        """
        self._body = body
        self._work = work
        self._inline = inline
        self._execution = execution
        self._ids = ids
        self._has_cells = has_cells
        self._highlight = settings
        self._fences = 0
        self._not_run: dict[str, list[tuple[FenceInfo, SourceLocation]]] = {}

    def tell_not_run(self) -> None:
        """Tell, once a page, of languages that no kernel of it runs: a post in R has dozens of cells."""
        for marked in self._not_run.values():
            fence, location = marked[0]
            self._work.diagnostics.append(
                no_kernel(fence, self._execution.kernel, location, count=len(marked))
            )

    def plain(self, token: Token) -> None:
        """A block that is indented."""
        self._work.features.add("code")
        self._body.pieces.append(f"<pre><code>{escape(token.content)}</code></pre>\n")

    def fence(self, token: Token, *, is_in_item: bool) -> None:
        """A fence; in an item of a list, of its blank lines nothing is left."""
        self._work.features.add("code")
        self._fences += 1
        fence = parse_info(token.info)
        if self._has_cells and is_cell(fence, self._execution):
            self._cell(token)
            return
        if fence.language in DRAWN and self._diagram(token, fence, is_in_item=is_in_item):
            return
        if fence.form != "plain" and fence.language and fence.language not in DRAWN:
            self._not_run.setdefault(fence.language, []).append((fence, self._place_of_info(token)))
        elif fence.damaged:
            self._work.diagnostics.append(damaged_attributes(fence.damaged, self._place_of_info(token)))
        elif fence.attributes:
            from sitegen.markdown.code_slips import option_slips  # here: most code says nothing

            self._work.diagnostics.extend(option_slips(token, fence, self._work))
        if fence.language and fence.form == "plain" and fence.language.lower() not in LANGUAGES:
            from sitegen.markdown.code_slips import language_slips

            self._work.diagnostics.extend(language_slips(token, fence, self._work))
        code = _BLANK_LINE.sub("", token.content) if is_in_item else token.content
        label = chosen_id(fence.attributes) or "" if fence.attributes else ""
        if label.startswith("lst-"):
            bare = replace(
                fence,
                attributes=tuple(each for each in fence.attributes if each.name not in ("id", "lst-cap")),
            )
            self._work.take_label(label, self._place_of_info(token))
            html = static_code(code, bare, self._highlight, ordinal=self._fences - 1)
            self._listing(html, label, fence, lines_of(token))
            return
        html = static_code(code, fence, self._highlight, ordinal=self._fences - 1)
        self._body.pieces.append(html.removesuffix("\n") if self._highlight.code_fences else html)

    def _diagram(self, token: Token, fence: FenceInfo, *, is_in_item: bool) -> bool:
        """A fence that is drawn; False for one that is code after all."""
        work = self._work
        if work.holes.holds_placeholder(token.content):
            return False
        code = _BLANK_LINE.sub("", token.content) if is_in_item else token.content
        parsed = parse_diagram(
            token,
            fence,
            code,
            self._highlight,
            ordinal=self._fences - 1,
            lines=work.lines,
            text_lines=work.text_lines,
        )
        work.diagnostics.extend(parsed.diagnostics)
        if parsed.hole is None:
            return False
        label = parsed.hole.options.label
        if label is not None and work.take_label(label, parsed.hole.location):
            self._ids.take(label)
        work.features.add(parsed.hole.language)
        self._body.pieces.append(BodyOnly(work.holes.mark(parsed.hole)))
        return True

    def _place_of_info(self, token: Token) -> SourceLocation:
        first, _ = lines_of(token)
        return self._work.lines.location(*self._work.find(token.info.strip() or "`", (first, first + 1)))

    def _cell(self, token: Token) -> None:
        work = self._work
        work.cell_count += 1
        parsed = parse_cell(
            token,
            parse_info(token.info),
            work.cell_count,
            execution=self._execution,
            lines=work.lines,
            text_lines=work.text_lines,
        )
        cell = parsed.cell
        work.diagnostics.extend(parsed.diagnostics)
        label = cell.options.label
        if label is not None:
            work.take_label(label, cell.location)
        if self._body.first_cell is None:
            self._body.first_cell = len(self._body.pieces)
        self._body.cells.append(cell)
        self._body.pieces.append(BodyOnly(work.holes.mark(CellHole(cell=cell.id)) + "\n"))

    def _listing(self, html: str, label: str, fence: FenceInfo, block: tuple[int, int]) -> None:
        """Static code with a number, as in Quarto: ```` ```{.python #lst-x lst-cap="..."} ````."""
        caption = next((str(each.value) for each in fence.attributes if each.name == "lst-cap"), "")
        number = self._work.holes.mark(NumberHole(label=label, is_alone=not caption))
        self._body.pieces.append(f'<figure class="listing" id="{escape_attribute(self._ids.take(label))}">\n')
        self._body.pieces.append(f"<figcaption>{number}")
        for token in tokenize(caption, cites=self._work.cites):
            if token.type == "inline":
                self._body.pieces.extend(self._inline.render(token, block))
        self._body.pieces.append(f"</figcaption>\n{html}</figure>\n")
