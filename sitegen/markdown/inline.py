"""Inline tokens to HTML: text, emphasis, links, images, code, equations, inline expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

from sitegen.config.values import Markup
from sitegen.content.document import (
    CitationHole,
    InlineExpression,
    LinkHole,
    ReferenceHole,
    ValueHole,
    ValueId,
)
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.markdown import rawhtml
from sitegen.markdown.dialect import is_external, percent_encoded
from sitegen.markdown.holes import BodyOnly, Holes, LinkPart
from sitegen.markdown.inline_attributes import MEANT, with_attributes
from sitegen.markdown.lines import LineMap
from sitegen.markdown.omitted_html import OMITTED
from sitegen.markdown.references import referred_label

MORE: Final = "<!--more-->"
_EXPRESSION: Final = re.compile(r"(\{([\w+-]+)\}\s+)(.+)", re.DOTALL)
_MYST_ROLE: Final = "{eval}"
_TAGS: Final = {
    **{f"{name}_open": f"<{name}>" for name in ("em", "strong")},
    **{f"{name}_close": f"</{name}>" for name in ("em", "strong")},
    "s_open": "<del>",
    "s_close": "</del>",
    "softbreak": "\n",
}
"""What does not depend on the token."""
_SET_SIGNS: Final = (("'", "‘’"), ('"', "“”"), ("--", "–—"), ("...", "…"), ("<<", "«"), (">>", "»"))
"""What typography makes of what is written."""
_LINK_END: Final = LinkPart("</a>")
_LONGEST_SEARCH: Final = 40
"""Lines of a block that are searched for a link's target; a longer block's first line must do."""


@dataclass(slots=True, kw_only=True)
class Work:
    """What rendering one document fills; lives for one call of `parse`."""

    holes: Holes
    lines: LineMap
    text_lines: Sequence[str]
    runs_language: Callable[[str], bool]
    """Whether inline expressions in a language are evaluated on this page."""
    features: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    expressions: list[InlineExpression] = field(default_factory=list)
    cell_count: int = 0
    footnote_prefix: str = ""
    written_lines: Sequence[str] = ()
    """The body's lines as they stand in the file; empty where the text is the body as it is."""
    markup: Markup = field(default_factory=Markup)
    """How HTML is written."""
    cites: bool = False
    """`@key` may be a citation."""
    has_html: bool = False
    has_omitted_html: bool = False
    labels: dict[str, SourceLocation] = field(default_factory=dict)
    """Of cells, diagrams and what has a number, each with its place."""

    @property
    def void(self) -> str:
        """How the tag of an element without content ends."""
        return " />" if self.markup.xhtml else ">"

    def omit(self, html: str, block: tuple[int, int]) -> str:
        """Raw HTML as it is; where it has been left out, that is said once a page."""
        self.has_html = True
        if not self.markup.unsafe and not self.has_omitted_html and html.startswith(OMITTED):
            self.has_omitted_html = True
            diagnostic = Diagnostic(
                code="SG223",
                severity="warning",
                message="raw HTML is left out of the page",
                location=self.lines.location(block[0]),
                hint="write it in Markdown or as a shortcode, or set `markup.goldmark.renderer.unsafe = true`",
            )
            self.diagnostics.append(diagnostic)
        return html

    def take_label(self, label: str, location: SourceLocation) -> bool:
        """Whether a label is new on the page; one that is not is told."""
        first = self.labels.setdefault(label, location)
        if first is location:
            return True
        diagnostic = Diagnostic(
            code="SG212",
            severity="error",
            message=f"the label `{label}` stands twice on this page",
            location=location,
            hint="give each cell, figure, table and listing a label of its own",
            related=(first,),
        )
        self.diagnostics.append(diagnostic)
        return False

    def link(self, target: str, block: tuple[int, int], *, is_image: bool, is_html: bool = False) -> str:
        """The value of a `href` or `src`: a hole where the target is in the site."""
        if is_external(target) or self.holes.holds_placeholder(target):
            return escape_attribute(target)
        line, column = self.find(target, block)
        location = self.lines.location(line, column)
        return self.holes.mark(LinkHole(target=target, location=location, is_image=is_image, is_html=is_html))

    def reference(
        self, label: str, block: tuple[int, int], *, is_address: bool = False, prefix: str | None = None
    ) -> str:
        """The hole of a cross-reference, or of the address that it stands for."""
        line, column = self.find(f"@{label}", block)
        where = self.lines.location(line, column)
        return self.holes.mark(
            ReferenceHole(label=label, prefix=prefix, is_address=is_address, location=where)
        )

    def citation(self, token: Token, block: tuple[int, int]) -> str:
        """The hole of a citation."""
        written: str = token.meta["written"]
        where = self.lines.location(*self.find(written, block))
        return self.holes.mark(CitationHole(**token.meta, location=where))

    def expression(self, source: str, block: tuple[int, int], marker: str = "") -> str:
        """An inline expression's hole; `marker` is what stands between the backtick and its source."""
        identifier = ValueId(f"value-{len(self.expressions) + 1}")
        opening = f"`{marker}"
        line, column = self.find(opening + source, block)
        column = column + len(opening) if column is not None else None
        self.expressions.append(
            InlineExpression(
                id=identifier,
                source=source,
                after_cells=self.cell_count,
                location=self.lines.location(line, column),
            )
        )
        return self.holes.mark(ValueHole(value=identifier))

    def find(self, text: str, block: tuple[int, int]) -> tuple[int, int | None]:
        """The line and column of `text` in a block: inline tokens know only the block's lines."""
        first, last = block
        if last - first <= _LONGEST_SEARCH:
            for line in range(first, min(last, len(self.text_lines))):
                if text in self.text_lines[line]:
                    column = self._written_line(line).find(text)  # a shortcode before it has another length
                    return line, column + 1 if column >= 0 else None
        return first, None

    def _written_line(self, line: int) -> str:
        """The line of the file that a line of the text comes from, from 0."""
        if self.lines.lines is None or not self.written_lines:
            return self.text_lines[line]
        return self.written_lines[self.lines.line(line) - self.lines.first_line]


class InlineRenderer:
    """Renders the children of one inline token after the other."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._block = (0, 0)

    def render(self, token: Token, block: tuple[int, int]) -> list[str]:
        """The pieces of an inline token; `MORE` stands alone as a piece where the summary is to end.

        Args:
            token: of type `inline`.
            block: first line and line after the last of the block in the text, from 0.
        """
        self._block = block
        children = token.children or []
        if "){" in token.content or "]{" in token.content:
            children = with_attributes(children)
        pieces: list[str] = []
        for index, child in enumerate(children):
            kind = child.type
            if kind == "text":
                content = child.content
                if content.endswith(_MYST_ROLE) and _is_code(children, index + 1):
                    content = content[: -len(_MYST_ROLE)]
                pieces.append(escape(content))
            elif (tag := _TAGS.get(kind)) is not None:
                pieces.append(tag)
            elif kind == "code_inline" and index and _is_role(children[index - 1]):
                pieces.append(self._work.expression(child.content, block))
            elif (rule := _RULES.get(kind)) is not None:
                pieces.append(rule(self, child))
            elif child.nesting:
                pieces.append(f"<{child.tag}>" if child.nesting > 0 else f"</{child.tag}>")
            else:
                pieces.append(escape(child.content))
        return pieces

    def text(self, token: Token) -> str:
        """The text of an inline token for an id: without inline expressions and shortcodes."""
        children = [child for child in token.children or [] if self._expression(child) is None]
        return self._work.holes.without_placeholders(plain_text(children))

    def anchor_text(self, token: Token) -> str:
        """The text that a heading's id is made of, as Hugo has it.

        It is of the last line, without bare addresses; of emphasis, a link or strikethrough it is the first piece of
        text: Hugo's ends where a sign was set (`**What's new**` gives `what`). Equations between delimiters of the
        site's passthrough extension are left out.
        """
        children = token.children or []
        if len(children) == 1 and children[0].type == "text":
            return self._work.holes.without_placeholders(children[0].content)
        kept: list[Token] = []
        ends = re.compile(
            "[_*\\[\\]" + "".join(signs for written, signs in _SET_SIGNS if written in token.content) + "]"
        )
        in_address = False
        depth = 0
        is_taken = False
        delimiters = {opening for opening, _, _ in self._work.markup.math_delimiters}
        for child in _with_raw_equations(children, delimiters):
            depth += child.nesting
            if depth and not child.nesting and child.info != "auto" and not in_address:
                if not is_taken and child.content:
                    kept.append(_first_piece(child, ends))
                    is_taken = True
            elif child.nesting:
                in_address = child.info == "auto" and child.nesting > 0
                is_taken = is_taken and depth > 0
            elif child.type in {"softbreak", "hardbreak"}:
                kept.clear()
            elif child.type == "emoji":
                kept.append(Token("text", "", 0, content=child.markup))
            elif not in_address and self._expression(child) is None:
                kept.append(child)
        return self._work.holes.without_placeholders(plain_text(kept))

    def _expression(self, token: Token) -> re.Match[str] | None:
        """What Quarto's form of an inline expression is made of, where this page runs it."""
        if token.type != "code_inline":
            return None
        match = _EXPRESSION.fullmatch(token.content)
        return match if match is not None and self._work.runs_language(match[2]) else None

    def _code(self, token: Token) -> str:
        match = self._expression(token)
        if match is not None:
            return self._work.expression(match[3].rstrip(), self._block, match[1])
        return f"<code>{escape(token.content)}</code>"

    def _html(self, token: Token) -> str:
        if token.content == MORE:
            return MORE
        self._work.omit(token.content, self._block)
        rewritten = rawhtml.rewrite(token.content, self.mark_link)
        is_link = re.match(r"</?a\b", token.content, re.IGNORECASE) is not None
        return LinkPart(rewritten) if is_link else rewritten

    def mark_link(self, target: str, is_image: bool) -> str:
        """What stands in an attribute of raw HTML."""
        return self._work.link(target, self._block, is_image=is_image, is_html=True)

    def in_block(self, block: tuple[int, int]) -> InlineRenderer:
        """The same renderer, at another block's lines."""
        self._block = block
        return self

    def _hard_break(self, _: Token) -> str:
        return f"<br{self._work.void}\n"

    def _math(self, token: Token) -> str:
        return f'<span class="math {token.type[5:]}">{token.meta["mathml"]}</span>'

    def _reference(self, token: Token) -> str:
        return self._work.reference(token.meta["label"], self._block, prefix=token.meta["prefix"])

    def _citation(self, token: Token) -> str:
        return self._work.citation(token, self._block)

    def _image(self, token: Token) -> str:
        source = self._work.link(str(token.attrs.get("src", "")), self._block, is_image=True)
        text = plain_text(token.children or [], line_end="\n")
        alt = escape_attribute(self._work.holes.without_placeholders(text))
        title = token.attrs.get("title")
        titled = f' title="{escape_attribute(str(title))}"' if title else ""
        if MEANT in token.meta:
            return f'<img src="{source}"{_given(token, alt=alt)}{self._work.void}'
        return f'<img src="{source}" alt="{alt}"{titled}{self._work.void}'

    def _link_open(self, token: Token) -> LinkPart:
        written = str(token.attrs.get("href", ""))
        label = referred_label(written)
        if label is not None:
            return LinkPart(
                f'<a class="reference" href="{self._work.reference(label, self._block, is_address=True)}">'
            )
        target = self._work.link(written, self._block, is_image=False)
        title = token.attrs.get("title")
        titled = f' title="{escape_attribute(str(title))}"' if title else ""
        if MEANT in token.meta:
            return LinkPart(f'<a href="{target}"{_given(token)}>')
        return LinkPart(f'<a href="{target}"{titled}>')

    def _link_close(self, _: Token) -> LinkPart:
        return _LINK_END

    def _checkbox(self, token: Token) -> str:
        self._work.features.add("tasks")
        checked = 'checked="" ' if token.meta["checked"] else ""
        return f'<input {checked}disabled="" type="checkbox"{self._work.void} '

    def _footnote_ref(self, token: Token) -> BodyOnly:
        self._work.features.add("footnotes")
        number = token.meta["id"] + 1
        prefix = self._work.footnote_prefix
        reference = footnote_reference(prefix, number, token.meta.get("subId", 0))
        return BodyOnly(
            f'<sup id="{reference}"><a href="#{prefix}fn:{number}" class="footnote-ref" role="doc-noteref">'
            f"{number}</a></sup>"
        )


_RULES: Final[Mapping[str, Callable[[InlineRenderer, Token], str]]] = {
    "hardbreak": InlineRenderer._hard_break,
    "code_inline": InlineRenderer._code,
    "html_inline": InlineRenderer._html,
    "image": InlineRenderer._image,
    "math_inline": InlineRenderer._math,
    "math_display": InlineRenderer._math,
    "checkbox": InlineRenderer._checkbox,
    "footnote_ref": InlineRenderer._footnote_ref,
    "reference": InlineRenderer._reference,
    "citation": InlineRenderer._citation,
    "link_open": InlineRenderer._link_open,
    "link_close": InlineRenderer._link_close,
}
"""By type of token; not in the renderer, which would hold itself so and stay until Python looks for cycles."""


def _given(token: Token, **written: str) -> str:
    """A picture's or a link's attributes, with those in braces behind it; `written` are HTML already."""
    title = token.attrs.get("title")
    found = dict(written) | ({"title": escape_attribute(str(title))} if title else {})
    found |= {name: escape_attribute(value) for name, value in token.meta[MEANT].items()}
    return "".join(f' {name}="{value}"' for name, value in found.items())


def _with_raw_equations(tokens: Iterable[Token], delimiters: Container[str]) -> list[Token]:
    """The tokens with equations as the text that Hugo takes them for, but for those that `delimiters` open."""
    found: list[Token] = []
    is_open = False
    for token in tokens:
        is_equation = token.type in {"math_inline", "math_display"}
        if is_equation and token.markup in delimiters:
            is_open = False
            continue
        if (is_equation or (is_open and token.type == "text")) and found and found[-1].type == "text":
            found[-1] = Token("text", "", 0, content=f"{found[-1].content}{token.content}")
        else:
            found.append(Token("text", "", 0, content=token.content) if is_equation else token)
        is_open = is_equation
    return found


def _first_piece(token: Token, ends: re.Pattern[str]) -> Token:
    """A token of emphasized or linked text, up to where goldmark begins another one."""
    if token.type != "text":
        return token
    match = ends.search(token.content)
    if match is None:
        return token
    return Token("text", "", 0, content=token.content[: match.end() if match[0] == "_" else match.start()])


def footnote_reference(prefix: str, number: int, repeat: int) -> str:
    """The id of a footnote's mark in the text; `repeat` is 0 for its first."""
    return f"{prefix}fnref{repeat or ''}:{number}"


def plain_text(tokens: Sequence[Token], *, line_end: str = " ") -> str:
    """Inline tokens as text, for `alt` and ids; `line_end` is what stands for one."""
    parts: list[str] = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(line_end)
        elif token.type == "image":
            parts.append(plain_text(token.children or [], line_end=line_end))
        elif token.type not in {"html_inline", "footnote_ref"}:
            parts.append(token.content)
    return "".join(parts)


def _is_role(token: Token) -> bool:
    r"""Whether a token before inline code is a text that ends with MyST's `{eval}`."""
    return token.type == "text" and token.content.endswith(_MYST_ROLE)


def _is_code(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].type == "code_inline"


def escape(text: str) -> str:
    """Text for HTML content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Text for a double-quoted attribute."""
    return escape(text).replace('"', "&quot;")


def encoded(target: str) -> str:
    """A target as it may stand in an attribute when nothing resolves it."""
    return escape_attribute(percent_encoded(target))
