"""The body of a Quarto page as ours: its blocks, its fences and its inline Markdown together."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.errors import SourceLocation
from sitegen.importing.cell_options import convert_cell, is_ours, option_line, renamed
from sitegen.importing.prose import FENCE, escape_shortcodes, in_prose
from sitegen.importing.quarto_blocks import Block, Div, Fence, Text, figure_lines, read_blocks, write_blocks
from sitegen.importing.quarto_inline import InlineContext, convert_text
from sitegen.importing.quarto_labels import Labels, scan_labels
from sitegen.importing.values import Note, NoteKind
from sitegen.markdown.fences import Attribute, FenceInfo, parse_info

_INCLUDE: Final = re.compile(r"(?<!\{)\{\{<[ \t]*include[ \t]+[\"']?([^\s\"'>]+)[\"']?[ \t]*>\}\}")
_FRAGMENT: Final = re.compile(r"\]\(#([^\s()]{1,200})\)")
_RAW_FORMAT: Final = re.compile(r"\{=(\w+)\}")
_SHOWN_CELL: Final = re.compile(r"\{\{([\w+-]+)(.*)\}\}")
_BRACED: Final = re.compile(r"\{([A-Za-z][\w+-]*)([\s,].*)?\}")
_MARGIN: Final = re.compile(r"[ \t]*(?:#|//|--|%%)\|.*")
_KEEPS_BLANKS: Final = re.compile(r"<(?:script|style|pre|textarea)\b", re.IGNORECASE)
_MAX_DEPTH: Final = 8
_DIAGRAMS: Final = frozenset({"mermaid", "dot", "ojs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuartoSite:
    """What a page may ask of its site."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    """`_variables.yml`."""
    targets: Mapping[str, str] = field(default_factory=dict)
    """Sources and what Quarto made of them to content files here, all from the site's root."""
    include: Callable[[PurePosixPath], str | None] = field(default=lambda _path: None)
    """The text of a file of the source."""


@dataclass(slots=True)
class QuartoPage:
    """One page's conversion."""

    path: PurePosixPath
    fields: Mapping[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("python",)
    """What its kernel runs, lower case."""
    is_executed: bool = False
    """Plain fences would be cells here: those that Quarto does not run say so."""
    notes: list[Note] = field(default_factory=list)
    cell: int | None = None
    """In a notebook, whose cells are converted one by one."""
    citations: int = 0
    cites: bool = False
    """It, or the whole site, names a bibliography."""
    fragments: frozenset[str] = frozenset()
    """What its links name on the page itself."""

    def note(self, kind: NoteKind, topic: str, message: str, line: int, hint: str | None = None) -> None:
        """Add a note at a line of the file (from 1), in a notebook of the cell."""
        location = SourceLocation(path=self.path, line=line, cell=self.cell)
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))


def convert_quarto(text: str, page: QuartoPage, site: QuartoSite, first_line: int = 1) -> str:
    """A body in our Markdown; text without anything of Quarto's comes back as it is."""
    text = with_includes(text, page, site, first_line)
    blocks = read_blocks(text)
    labels = scan_labels([blocks], page.languages)
    page.fragments = frozenset(_FRAGMENT.findall(text))
    made = convert_blocks(blocks, page, site, labels, first_line)
    note_citations(page)
    return made


def convert_blocks(
    blocks: Sequence[Block], page: QuartoPage, site: QuartoSite, labels: Labels, first_line: int
) -> str:
    """The blocks as text; `labels` are those of the whole page."""
    context = InlineContext(
        path=page.path,
        labels=labels,
        note=lambda kind, topic, message, line: page.note(kind, topic, message, first_line + line),  # type: ignore[arg-type]
        variables=site.variables,
        fields=page.fields,
        targets=site.targets,
        fragments=page.fragments,
    )
    _convert_texts(blocks, context)
    lines = write_blocks(
        blocks,
        lambda fence: _fence(fence, page, labels, first_line),
        labels.caption,
        lambda topic, message, line: page.note("look", topic, message, first_line + line),
    )
    page.citations += context.citations
    if context.footnotes:
        lines += ["", *(line for note in context.footnotes for line in (note, ""))]
    return "\n".join(lines)


def note_citations(page: QuartoPage) -> None:
    """Say once of a page that it cites, and from nothing that it names."""
    if page.citations and not page.cites:
        noun = "citation" if page.citations == 1 else "citations"
        message = (
            f"{page.citations} {noun} such as `@key`, and the page names no `bibliography`: shown as written"
        )
        page.note(
            "look", "citations", message, 1, "name a `.bib` file as `bibliography`, here or in `sitegen.toml`"
        )


def with_includes(
    text: str, page: QuartoPage, site: QuartoSite, first_line: int, within: tuple[PurePosixPath, ...] = ()
) -> str:
    """The text with `{{< include file >}}` replaced by the file's text.

    Args:
        within: the files that include this one; none of them is included again.
    """
    if "include" not in text or "{{<" not in text:
        return text
    above = (*within, page.path)

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        folder = "" if name.startswith("/") else page.path.parent.as_posix()
        path = PurePosixPath(posixpath.normpath(posixpath.join(folder, name.lstrip("/"))))
        inner = site.include(path)
        if inner is None or path in above or len(above) > _MAX_DEPTH:
            page.note("look", "shortcode include", f"`{name}` cannot be read", first_line)
            return match[0]
        page.note("converted", "shortcode include", f"the text of `{name}` stands in the page", first_line)
        below = replace(page, path=path)
        return with_includes(inner.strip("\n"), below, site, first_line, above)

    return in_prose(text, lambda piece: _INCLUDE.sub(filled, piece))


def _convert_texts(blocks: Sequence[Block], context: InlineContext) -> None:
    for block in blocks:
        if isinstance(block, Text):
            block.lines = convert_text("\n".join(block.lines), context, block.first).split("\n")
        elif isinstance(block, Div):
            _convert_texts(block.children, context)


# --- fences ---------------------------------------------------------------------------------------


def _fence(fence: Fence, page: QuartoPage, labels: Labels, first_line: int) -> list[str]:
    opening = FENCE.match(fence.lines[0])
    if opening is None:
        return fence.lines
    info, line = opening["info"].strip(), first_line + fence.first
    raw = _RAW_FORMAT.fullmatch(info)
    if raw is not None:
        return _raw_block(fence, raw[1], page, line)
    shown = _SHOWN_CELL.fullmatch(info)
    if shown is not None:
        return _static(fence, opening, shown[1], page)
    braced = _BRACED.fullmatch(info)
    if braced is None or parse_info(info).form != "braced":
        return _plain(fence, opening, parse_info(info), page, labels)
    language = braced[1].lower()
    if language in page.languages:
        return _cell(fence, opening, braced, page, line)
    body = [fence.lines[0], *(each for each in fence.lines[1:] if not _MARGIN.fullmatch(each))]
    topic = "diagrams" if language in _DIAGRAMS else f"cells in {braced[1]}"
    hint = (
        "write it as a picture, or draw it in a cell"
        if language in _DIAGRAMS
        else "a page has one kernel; with `[execute] kernel` its cells may be in another language"
    )
    page.note("look", topic, f"a `{braced[1]}` cell is shown, not run", line, hint)
    return _static(Fence(lines=body, first=fence.first), opening, language, page)


def _raw_block(fence: Fence, form: str, page: QuartoPage, line: int) -> list[str]:
    inner = fence.lines[1:-1]
    if form not in ("html", "html5"):
        page.note("lost", "raw blocks", f"a raw block of {form} is no part of a web page", line)
        return []
    if not _KEEPS_BLANKS.search("\n".join(inner)):
        inner = [each for each in inner if each.strip()]  # a blank line would end the HTML
    return ["", *inner, ""]


def _static(fence: Fence, opening: re.Match[str], language: str, page: QuartoPage) -> list[str]:
    mark = " {exec=false}" if page.is_executed and language.lower() in page.languages else ""
    first = f"{opening['before']}{opening['mark']}{language}{mark}"
    return [first, *_escaped(fence.lines[1:])]


def _escaped(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    text = text.replace("{{{<", "{{<").replace(">}}}", ">}}") if "{{{<" in text else text
    return escape_shortcodes(text).split("\n") if lines else []


def _plain(
    fence: Fence, opening: re.Match[str], info: FenceInfo, page: QuartoPage, labels: Labels
) -> list[str]:
    """Static code; with a label of its own it is a listing with its number."""
    label = next((str(item.value) for item in info.attributes if item.name == "id"), "")
    lines = [fence.lines[0], *_escaped(fence.lines[1:])]
    if page.is_executed and info.language.lower() in page.languages:
        info = replace(info, attributes=(*info.attributes, Attribute(name="exec", value=False, offset=0)))
        lines[0] = f"{opening['before']}{opening['mark']}{_written(info)}"
    if not label.startswith("lst-"):
        return lines
    caption = next((str(item.value) for item in info.attributes if item.name == "lst-cap"), "")
    kept = tuple(item for item in info.attributes if item.name not in ("id", "lst-cap"))
    lines[0] = f"{opening['before']}{opening['mark']}{_written(replace(info, attributes=kept))}"
    return figure_lines(label, lines, labels.caption(label, caption))


def _written(info: FenceInfo) -> str:
    """A fence's info string in our spelling."""
    words = []
    for item in info.attributes:
        if item.name == "class":
            words.append(f".{item.value}")
        elif item.name == "id":
            words.append(f"#{item.value}")
        else:
            value = str(item.value).lower() if isinstance(item.value, bool) else str(item.value)
            words.append(
                f"{item.name}={value}"
                if value in ("true", "false")
                else f'{item.name}="{html.escape(value)}"'
            )
    return f"{info.language}{f' {{{chr(32).join(words)}}}' if words else ''}"


def _cell(
    fence: Fence, opening: re.Match[str], braced: re.Match[str], page: QuartoPage, line: int
) -> list[str]:
    """A cell with its options as ours, those of knitr's form as lines at its top."""
    is_closed = len(fence.lines) > 1 and set(fence.lines[-1].strip("> \t")) == {opening["mark"][0]}
    inner, closing = (fence.lines[1:-1], fence.lines[-1:]) if is_closed else (fence.lines[1:], [])
    header = convert_cell(inner)
    first = fence.lines[0]
    extra: list[str] = []
    if (braced[2] or "").strip():
        first = f"{opening['before']}{opening['mark']}{{{braced[1]}}}"
        extra = _knitr_options(braced[2], page, line)
    note_cell(header.converted, header.lost, page, line)
    indent = " " * (len(opening["before"]) - len(opening["before"].lstrip(" ")))
    return [first, *(f"{indent}{each}" for each in extra), *header.lines, *header.code, *closing]


def note_cell(converted: Sequence[str], lost: Sequence[str], page: QuartoPage, line: int) -> None:
    """What became of a cell's options, as notes."""
    for written in converted:
        page.note("converted", "cell options", f"{written}", line)
    for written in lost:
        page.note("lost", "cell options", f"`{written[:80]}` has no effect here", line)


def _knitr_options(text: str, page: QuartoPage, line: int) -> list[str]:
    """`{python, label, echo=FALSE}` as lines at the top of the cell."""
    info = parse_info(f"{{python{text}}}")
    made = []
    for item in info.attributes:
        key = item.name.replace(".", "-").replace("_", "-")
        if item.name == "class":
            continue
        key = "label" if item.name == "id" else key
        if is_ours(key, item.value):
            made.append(option_line(key, item.value))
        elif (other := renamed(key, item.value)) is not None:
            made.append(option_line(*other))
        else:
            page.note("lost", "cell options", f"`{item.name}={item.value}` has no effect here", line)
    return made
