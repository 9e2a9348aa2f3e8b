"""A source's body to a Document: shortcodes out, Markdown, HTML with holes. Pure but for reading the body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from markdown_it.token import Token

from sitegen.config import Config
from sitegen.config.values import Markup
from sitegen.content.cited import has_bibliography
from sitegen.content.document import (
    CitationHole,
    DiagramHole,
    Document,
    Heading,
    Html,
    LinkHole,
    NotebookCell,
    PageKey,
    ReferenceHole,
    Segment,
)
from sitegen.content.execute_options import PageExecution
from sitegen.content.shortcodes import Shortcodes
from sitegen.content.site import IndexedPage, SiteIndex
from sitegen.content.sources import Source
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.markdown import rawhtml
from sitegen.markdown.body import BlockEnd, Body
from sitegen.markdown.cells import cell_line_ranges, is_cell, kernel_languages
from sitegen.markdown.citations import open_citation
from sitegen.markdown.dialect import fences, tokenize
from sitegen.markdown.equations import LENIENT
from sitegen.markdown.expansion import Expanded, Placeholders, expand, may_hold_shortcodes, printable
from sitegen.markdown.fences import parse_info
from sitegen.markdown.front_texts import FrontTexts
from sitegen.markdown.headings import Ids
from sitegen.markdown.holes import Holes, fill, without_paragraph
from sitegen.markdown.html import Renderer
from sitegen.markdown.inline import MORE, Work, encoded, escape, escape_attribute
from sitegen.markdown.lines import LineMap
from sitegen.markdown.myst import MYST, is_myst
from sitegen.markdown.notebook_cells import notebook_cells
from sitegen.markdown.notebooks import BOUNDARY, NotebookText, execution_of, notebook_text, read_cells
from sitegen.markdown.references import open_reference
from sitegen.markdown.slips import may_hold_slips, notice_slips
from sitegen.markdown.summary import Summary, summarize, with_divider_alone
from sitegen.markdown.typesetting import typeset_tokens
from sitegen.markdown.words import is_east_asian
from sitegen.values import dataclass

_MARKUP: Final = {
    **dict.fromkeys(("html", "htm", "text/html"), "html"),
    **dict.fromkeys(("markdown", "md", "goldmark", "text/markdown"), "markdown"),
}
"""What front matter calls the two formats."""
_BRACED_FENCE: Final = re.compile(r"(?:```|~~~)[^\S\n]*\{")
"""The end of a fence's signs before an info string in braces; others are cells only where a page says that it is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """Markdown that is not a page's body: an output, a value, a template's text."""

    html: str
    """Targets of links are as written; a cross-reference is a link to its label, without text, a citation is open."""
    headings: tuple[Heading, ...] = ()
    segments: tuple[Segment, ...] = ()
    """The same with a hole for each internal link."""
    features: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(source: Source, index: SiteIndex, shortcodes: Shortcodes, config: Config) -> Document:
    """The Document of a content file; what is wrong in it is in its diagnostics, and a message on the page.

    Raises:
        OSError: the file cannot be read any more.
    """
    page = index.pages[index.by_source[source.path]]
    cites = has_bibliography(index, page.key)
    if source.format in ("notebook", "percent"):
        notebook = read_cells(source, page.execution)
        page = replace(page, execution=execution_of(page, notebook))
        cells = notebook_text(notebook, page.execution)
        return parse_text(cells.text, source, page, shortcodes, config, cells=cells, cites=cites)
    page = replace(page, execution=execution_of(page, None))
    with open(source.file, "rb", buffering=0) as file:  # noqa: PTH123 - one call to the system less
        file.seek(source.body_offset)
        text = file.read().decode("utf-8", errors="replace")
    if source.format == "foreign":
        text = f"<pre>{escape(text)}</pre>"
    return parse_text(text, source, page, shortcodes, config, cites=cites)


def parse_text(
    text: str,
    source: Source,
    page: IndexedPage,
    shortcodes: Shortcodes,
    config: Config,
    *,
    cells: NotebookText | None = None,
    cites: bool = False,
) -> Document:
    """The Document of a body that has been read.

    Args:
        text: the body.
        source: where it is from.
        page: its place.
        shortcodes: expands calls.
        config: the site's.
        cells: what a notebook's body is made of.
        cites: the page has a bibliography, so that `@key` may be a citation.
    """
    text = _without_posted_line(printable(text), page.meta.posted_line, source.body_line)
    is_html = _is_html(source)
    if cells is not None:
        lines, protected = cells.line_map(source.path), cells.protected
    else:
        lines = LineMap(path=source.path, first_line=source.body_line)
        protected = () if is_html else _cell_ranges(text, page.execution)
    expanded = expand(text, page=page.key, lines=lines, protected=protected, shortcodes=shortcodes)
    if cells is None and not is_html:
        expanded = with_divider_alone(expanded)
    work = _work(expanded, text, page, config, cites=cites)
    tokens = [] if is_html else _tokens(expanded, text, page, cells, config, cites=cites)
    cell_count = _count_cells(tokens, page.execution)
    front_matter = FrontTexts(page, source, work, cell_count=cell_count)
    title, description, written = (
        front_matter.title(),
        front_matter.description(),
        front_matter.summary(config),
    )
    if is_html:
        body = _html_body(expanded.text, work)
    else:
        if cites or may_hold_slips(expanded.text):
            notice_slips(expanded.text, tokens, work, is_myst=is_myst(text, page.meta.params))
        body = _markdown_body(tokens, text, page, work, config, cell_count=cell_count)
    by_character = _counts_characters(text, page, config)
    cut = summarize(body, work.holes, least_words=config.summary_length, by_character=by_character)
    summary = _preferred(cut, written, has_divider=body.divider is not None)
    return Document(
        page=page.key,
        path=source.path,
        execution=page.execution,
        segments=work.holes.cut("".join(body.pieces)),
        title=title if body.dropped_title is None else body.dropped_title,
        description=description,
        summary=summary.segments,
        is_summary_truncated=summary.is_truncated,
        headings=tuple(body.headings),
        cells=tuple(body.cells) if cells is None else cells.with_ids(body.cells),
        expressions=tuple(work.expressions),
        notebook=_notebook(text, body, lines, page.execution, cells),
        counts_characters=by_character,
        saved=FrozenDict() if cells is None else cells.saved(body.cells),
        shared=expanded.files,
        attachments=FrozenDict() if cells is None else cells.attachments,
        features=frozenset(work.features),
        diagnostics=(*expanded.diagnostics, *work.diagnostics),
    )


def _markdown_body(
    tokens: list[Token], text: str, page: IndexedPage, work: Work, config: Config, *, cell_count: int
) -> Body:
    """A body in Markdown; what its references name amiss is told."""
    typeset_tokens(tokens, work)
    body = Renderer(
        work,
        page.execution,
        ids=Ids(id_type=config.markup.heading_id_type),
        title_cells=cell_count if page.meta.title_is_heading else None,
        settings=config.highlight,
    ).render(tokens)
    if work.labels and "@" in text:
        from sitegen.markdown.picture_slips import reference_slips

        work.diagnostics.extend(reference_slips(tokens, work))
    return body


def _preferred(cut: Summary, written: tuple[Segment, ...], *, has_divider: bool) -> Summary:
    """The summary above a divider, else the front matter's, else the automatic one, as in Hugo."""
    if not written or (has_divider and cut.segments):
        return cut
    return Summary(segments=written, is_truncated=has_divider and cut.is_truncated)


def _tokens(
    expanded: Expanded,
    text: str,
    page: IndexedPage,
    cells: NotebookText | None,
    config: Config,
    *,
    cites: bool,
) -> list[Token]:
    """The tokens of a body in its dialect: a notebook's, MyST's, or the site's own."""
    if cells is not None:
        return cells.settle(
            tokenize(expanded.text, LENIENT, config=config, cites=cites), expanded.lines, page.execution
        )
    switches = (MYST,) if is_myst(text, page.meta.params) else ()
    return tokenize(expanded.text, *switches, config=config, cites=cites)


def _is_html(source: Source) -> bool:
    """Whether the body is HTML as it is: what the front matter's `markup` says, else the file's name."""
    markup = str(source.meta.params.get("markup", "")).lower()
    if source.format in ("html", "markdown") and markup in _MARKUP:
        return _MARKUP[markup] == "html"
    return source.format in ("html", "foreign")


def _notebook(
    text: str, body: Body, lines: LineMap, execution: PageExecution, cells: NotebookText | None
) -> tuple[NotebookCell, ...]:
    """The page as the cells of a notebook; none for a page without code cells."""
    if not body.cells:
        return ()
    if cells is not None:
        return notebook_cells(text, cells.cell_lines, body.cells, lines, boundary=BOUNDARY)
    return notebook_cells(text, cell_line_ranges(fences(text), execution), body.cells, lines)


def empty_document(page: IndexedPage) -> Document:
    """The Document of a page that no file stands for: a list page, the 404 page, the sitemap."""
    path = page.source.path if page.source else PurePosixPath()
    title = (Html(text=escape(page.title)),) if page.title else ()
    return Document(page=page.key, path=path, execution=page.execution, title=title)


def parse_fragment(
    text: str,
    *,
    page: PageKey | None = None,
    config: Config | None = None,
    location: SourceLocation | None = None,
    id_prefix: str = "",
    taken_ids: Iterable[str] = (),
    cites: bool = False,
) -> Fragment:
    """Markdown that a cell printed or a template hands in: no shortcodes, and no fence in it is a cell.

    Args:
        text: Markdown.
        page: whose fragment it is; names the place in diagnostics where there is no `location`.
        config: says how static code is shown.
        location: where it comes from, for diagnostics.
        id_prefix: before the ids of footnotes, so that they do not meet the page's.
        taken_ids: ids of headings that the page has already.
        cites: `@key` may be a citation.
    """
    text = printable(text)
    place = location or SourceLocation(path=PurePosixPath((page or "").strip("/")), line=1)
    work = Work(
        holes=Holes(Placeholders(prefix="sitegenhole")),
        lines=LineMap(path=place.path, first_line=place.line or 1, lines=(0,)),
        text_lines=(),
        runs_language=lambda _: False,
        markup=Markup() if config is None else config.markup,
        footnote_prefix=id_prefix,
    )
    tokens = tokenize(text, config=config, cites=cites)
    typeset_tokens(tokens, work)
    body = Renderer(
        work,
        PageExecution(enabled=False),
        ids=Ids(taken_ids, "github" if config is None else config.markup.heading_id_type),
        has_cells=False,
        settings=config.highlight if config is not None else None,
    ).render(tokens)
    segments = work.holes.cut("".join(body.pieces))
    return Fragment(
        html=fill(segments, _as_written),
        headings=tuple(body.headings),
        segments=segments,
        features=frozenset(work.features),
        diagnostics=tuple(work.diagnostics),
    )


def inline_html(text: str, config: Config | None = None, *, cites: bool = False) -> str:
    """Markdown as HTML for a template's `markdownify`: one paragraph comes without its `<p>`."""
    return without_paragraph(parse_fragment(text, config=config, cites=cites).html)


# --- before Markdown ------------------------------------------------------------------------------


def _without_posted_line(text: str, posted_line: int | None, body_line: int) -> str:
    """The body with its `Posted:` line blank; lines keep their numbers."""
    if posted_line is None:
        return text
    lines = text.split("\n")
    index = posted_line - body_line
    if 0 <= index < len(lines):
        lines[index] = ""
    return "\n".join(lines)


def _cell_ranges(text: str, execution: PageExecution) -> tuple[tuple[int, int], ...]:
    """The lines of executable cells; looked for only where there are shortcodes and may be cells."""
    if not may_hold_shortcodes(text):
        return ()
    if not execution.enabled and _BRACED_FENCE.search(text) is None:
        return ()
    return cell_line_ranges(fences(text), execution)


def _work(expanded: Expanded, text: str, page: IndexedPage, config: Config, *, cites: bool) -> Work:
    execution = page.execution
    languages = kernel_languages(execution.kernel)
    prefix = f"h{sha256(page.key.encode()).hexdigest()[:16]}" if config.markup.footnote_id_prefix else ""
    return Work(
        markup=config.markup,
        footnote_prefix=prefix,
        holes=Holes(expanded.placeholders),
        lines=expanded.lines,
        text_lines=expanded.text.split("\n"),
        written_lines=text.split("\n") if expanded.text is not text else (),
        cites=cites,
        runs_language=lambda language: execution.enabled is not False and language.lower() in languages,
    )


def _count_cells(tokens: Iterable[Token], execution: PageExecution) -> int:
    found = [token for token in tokens if token.type == "fence"]
    return sum(is_cell(parse_info(token.info), execution) for token in found)


def _counts_characters(text: str, page: IndexedPage, config: Config) -> bool:
    """Hugo's `isCJKLanguage`, else what the text is written in, where the site wants to know."""
    said = page.meta.params.get("iscjklanguage")
    return said if isinstance(said, bool) else config.has_cjk_language and is_east_asian(text)


# --- small things ---------------------------------------------------------------------------------


def _html_body(text: str, work: Work) -> Body:
    """A body that is HTML already: its links become holes."""

    def mark_link(target: str, is_image: bool) -> str:
        return work.link(target, (0, 0), is_image=is_image, is_html=True)

    body = Body(has_html=True)
    before, divider, after = text.partition(MORE)
    body.pieces.append(rawhtml.rewrite(before, mark_link))
    if divider:
        body.divider = (1, "")
        body.pieces.append(rawhtml.rewrite(after, mark_link))
    body.blocks.append(BlockEnd(len(body.pieces), "html"))
    return body


def _as_written(segment: Segment) -> str:
    if isinstance(segment, ReferenceHole):
        return f"#{segment.label}" if segment.is_address else open_reference(segment.label)
    if isinstance(segment, CitationHole):
        return open_citation(segment.written)
    if isinstance(segment, DiagramHole):
        return segment.code
    if not isinstance(segment, LinkHole):
        return ""
    return escape_attribute(segment.target) if segment.is_html else encoded(segment.target)
