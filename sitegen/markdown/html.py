"""Tokens to HTML with holes, headings, cells and the places where a summary may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.config import Highlight
from sitegen.content.document import Heading, NumberHole
from sitegen.content.execute_options import PageExecution
from sitegen.markdown import rawhtml
from sitegen.markdown.body import BlockEnd, Body
from sitegen.markdown.cells import damaged_attributes
from sitegen.markdown.code_blocks import CodeBlocks
from sitegen.markdown.dialect import tokenize
from sitegen.markdown.headings import Ids, attributes_html, chosen_id
from sitegen.markdown.holes import BodyOnly, title_html
from sitegen.markdown.inline import (
    MORE,
    InlineRenderer,
    Work,
    escape,
    escape_attribute,
    footnote_reference,
)
from sitegen.markdown.tokens import lines_of

_INLINE_SHORTCODES: Final = frozenset({"metric"})
"""A paragraph that holds one of these alone is a paragraph still."""

_CONTAINERS: Final = {
    "blockquote_open": ("<blockquote>\n", "</blockquote>\n"),
    "bullet_list_open": ("<ul>\n", "</ul>\n"),
    "list_item_open": ("<li>", "</li>\n"),
    "dl_open": ("<dl>\n", "</dl>\n"),
    "dt_open": ("<dt>", "</dt>\n"),
    "dd_open": ("<dd>", "</dd>\n"),
    "table_open": ("<table>\n", "</table>\n"),
    "thead_open": ("\t<thead>\n", "\t</thead>\n"),
    "tbody_open": ("\t<tbody>\n", "\t</tbody>\n"),
    "tr_open": ("\t\t\t<tr>\n", "\t\t\t</tr>\n"),
    "footnote_block_open": ('<div class="footnotes" role="doc-endnotes">\n<hr>\n<ol>\n', "</ol>\n</div>\n"),
}
"""With Hugo's white space, so that a comparison of texts finds nothing."""
_CELLS: Final = frozenset({"td_open", "th_open"})
_FEATURES: Final = {"table_open": "table", "footnote_block_open": "footnotes"}


class Renderer:
    """Renders block tokens, one document each."""

    def __init__(
        self,
        work: Work,
        execution: PageExecution,
        *,
        ids: Ids,
        has_cells: bool = True,
        title_cells: int | None = None,
        settings: Highlight | None = None,
    ) -> None:
        """Make a renderer.

        Args:
            work: what is filled beside the body.
            execution: which fences are cells.
            ids: those that are taken.
            has_cells: whether any fence is a cell at all.
            title_cells: where the first H1 is the page's title, and so is not part of the body: how many
                cells come before the inline expressions in it (all); else None.
            settings: how static code is shown, where a fence does not say.
        """
        self.body = Body()
        self._work = work
        self._ids = ids
        self._title_cells = title_cells
        self._inline = InlineRenderer(work)
        self._closers: list[str] = []
        self._code = CodeBlocks(
            self.body,
            work,
            self._inline,
            execution,
            ids=ids,
            has_cells=has_cells,
            settings=settings or Highlight(),
        )

    def render(self, tokens: Sequence[Token]) -> Body:
        """The whole of a document."""
        kind = ""
        index, count = 0, len(tokens)
        closers, blocks, pieces = self._closers, self.body.blocks, self.body.pieces
        while index < count:
            token = tokens[index]
            if not closers:
                kind = token.type
            if token.type == "inline":
                self._inline_text(token)
                index += 1
            elif token.type == "paragraph_open":
                index = self._paragraph(tokens, index)
            elif token.type == "heading_open":
                index = self._heading(tokens, index)
            elif token.type in _CELLS:
                index = self._table_cell(tokens, index)
            else:
                self._block(token)
                index += 1
                if token.type == "list_item_open" and _begins_with_block(tokens[index]):
                    pieces.append("\n")
            if not closers:
                blocks.append(BlockEnd(len(pieces), kind))
        self._code.tell_not_run()
        self.body.has_html = self._work.has_html
        return self.body

    # --- containers ---

    def _block(self, token: Token) -> None:
        rule = _RULES.get(token.type)
        if rule is not None:
            rule(self, token)
        elif token.nesting > 0:
            opening, closing = _CONTAINERS.get(token.type) or (f"<{token.tag}>", f"</{token.tag}>\n")
            if "attributes" in token.meta:
                opening = opening.replace(">", f"{self._attributes(token)}>", 1)
            feature = _FEATURES.get(token.type)
            if feature is not None:
                opening = opening.replace("<hr>", f"<hr{self._work.void}")
                self._work.features.add(feature)
            self._open(opening, closing)
        elif token.nesting < 0 and self._closers:
            self.body.pieces.append(self._closers.pop())

    def _add(self, html: str) -> None:
        self.body.pieces.append(html)

    def _open(self, opening: str, closing: str) -> None:
        self.body.pieces.append(opening)
        self._closers.append(closing)

    def _close(self) -> None:
        if self._closers:
            self.body.pieces.append(self._closers.pop())

    def _attributes(self, token: Token) -> str:
        """The author's attributes of a block, each with its leading blank."""
        attributes = token.meta.get("attributes")
        if not attributes:
            return ""
        chosen = chosen_id(attributes)
        identified = f' id="{escape_attribute(self._ids.take(chosen))}"' if chosen else ""
        return f"{identified}{attributes_html(attributes)}"

    def _rule(self, token: Token) -> None:
        self._add(f"<hr{self._attributes(token)}{self._work.void}\n")

    def _ordered_list(self, token: Token) -> None:
        start = token.attrs.get("start")
        numbered = f' start="{start}"' if start is not None else ""
        self._open(f"<ol{numbered}{self._attributes(token)}>\n", "</ol>\n")

    def _alert(self, token: Token) -> None:
        self._work.features.add("alert")
        kind, sign = token.meta["kind"], token.meta["sign"]
        tag = "details" if sign else "div"
        is_open = " open" if sign == "+" else ""
        self._open(f'<{tag} class="markdown-alert markdown-alert-{kind}"{is_open}>\n', f"</{tag}>\n")

    def _alert_title(self, _: Token) -> None:
        tag = "summary" if self._closers and "details" in self._closers[-1] else "p"
        self._open(f'<{tag} class="markdown-alert-title">', f"</{tag}>\n")

    def _table_cell(self, tokens: Sequence[Token], index: int) -> int:
        """A cell that holds nothing but text, or the beginning of another one; gives the index behind it."""
        opening, inline = tokens[index], tokens[index + 1]
        tag, style = opening.tag, opening.attrs.get("style")
        aligned = f' style="{str(style).replace("text-align:", "text-align: ")}"' if style else ""
        text = _only_text(inline)
        if text is None or tokens[index + 2].type != f"{tag}_close":
            self._open(f"\t\t\t\t\t<{tag}{aligned}>", f"</{tag}>\n")
            return index + 1
        self.body.pieces.append(f"\t\t\t\t\t<{tag}{aligned}>{escape(text)}</{tag}>\n")
        return index + 3

    # --- prose ---

    def _inline_text(self, token: Token) -> None:
        text = _only_text(token)
        if text is not None:
            self.body.pieces.append(escape(text))
            return
        pieces = self._inline.render(token, lines_of(token))
        if MORE not in pieces:
            self.body.pieces.extend(pieces)
            return
        for piece in pieces:
            if piece == MORE and self.body.divider is None:
                self._divide()
            else:
                self._add(piece)

    def _divide(self) -> None:
        if self.body.divider is None:
            self.body.divider = (len(self.body.pieces), "".join(reversed(self._closers)))

    def _paragraph(self, tokens: Sequence[Token], index: int) -> int:
        """A paragraph with its content and end; gives the index behind it."""
        opening, inline = tokens[index], tokens[index + 1]
        is_whole = not opening.hidden and tokens[index + 2].type == "paragraph_close"
        lone = (
            self._lone_placeholder(inline) if is_whole and self._work.holes.placeholder is not None else None
        )
        if lone is not None:
            self._add(lone)
            return index + 3
        if opening.hidden:
            self._inline_text(inline)
            if index + 3 < len(tokens) and tokens[index + 3].nesting >= 0:
                self._add("\n")  # a list inside the item
            return index + 3
        if not self._work.markup.wrap_lone_images and _is_image(inline):
            pieces = "".join(self._inline.render(inline, lines_of(inline)))
            self._add(pieces.replace("<img", f"<img{self._attributes(opening)}", 1))
            return index + 3
        self._open(f"<p{self._attributes(opening)}>", "</p>\n")
        self._inline_text(inline)
        index += 2
        while tokens[index].type == "footnote_anchor":
            self._footnote_anchor(tokens[index])
            index += 1
        self._close()
        return index + 1

    def _lone_placeholder(self, inline: Token) -> str | None:
        """The HTML of a paragraph that is one block shortcode or message, which takes no `<p>`."""
        holes = self._work.holes
        if holes.placeholder is None or not inline.children or len(inline.children) != 1:
            return None
        match = holes.placeholder.fullmatch(inline.content.strip())
        if match is None or inline.children[0].type != "text":
            return None
        segment = holes.placeholders.segment(int(match[1]))
        if isinstance(segment, str):
            return segment.replace("<span", "<div", 1).replace("</span>", "</div>") + "\n"
        name = getattr(getattr(segment, "call", None), "name", "")
        return None if name in _INLINE_SHORTCODES else match[0] + "\n"

    def _heading(self, tokens: Sequence[Token], index: int) -> int:
        """A heading with its content and end; gives the index behind it."""
        opening, inline = tokens[index], tokens[index + 1]
        level = int(opening.tag[1])
        block = lines_of(opening)
        if "damaged" in opening.meta:
            location = self._work.lines.location(block[0])
            self._work.diagnostics.append(damaged_attributes(opening.meta["damaged"], location))
        if self._title_cells is not None and level == 1 and not self._closers:
            self._drop_title(inline, block, self._title_cells)
            return index + 3
        content = [piece for piece in self._inline.render(inline, block) if piece != MORE]
        title = self._work.holes.cut(title_html(content))
        attributes = opening.meta.get("attributes", ())
        self._add(f"<{opening.tag}")
        identifier = chosen_id(attributes)
        if identifier:
            self._ids.take(identifier)
            if identifier.startswith("sec-"):
                place = self._work.find(f"#{identifier}", block)
                self._work.take_label(identifier, self._work.lines.location(*place))
        elif content and self._work.markup.auto_heading_ids:
            text = self._anchor_text(opening, inline)
            has_text = text or self._work.holes.holds_placeholder(inline.content) or "`" in inline.content
            identifier = self._ids.of(text) if has_text else ""
        if identifier:
            self._add(BodyOnly(f' id="{escape_attribute(identifier)}"'))
        if identifier and content:
            self.body.headings.append(Heading(level=level, id=identifier, title=title))
        self._add(f"{attributes_html(attributes)}>")
        self.body.pieces.extend(content)
        self._add(f"</{opening.tag}>\n")
        return index + 3

    def _anchor_text(self, opening: Token, inline: Token) -> str:
        """What a heading's id is made of."""
        source = opening.meta.get("anchor")
        return self._inline.anchor_text(inline if source is None else tokenize(f"# {source}")[1])

    def _drop_title(self, inline: Token, block: tuple[int, int], cell_count: int) -> None:
        """Take the page's title out of the body; what it computes, it computes behind all cells."""
        before, self._work.cell_count = self._work.cell_count, cell_count
        pieces = [piece for piece in self._inline.render(inline, block) if piece != MORE]
        self._work.cell_count = before
        self.body.dropped_title = self._work.holes.cut(title_html(pieces))
        self._title_cells = None

    def _math_block(self, token: Token) -> None:
        name = escape_attribute(self._work.markup.words("text.an_equation"))
        self._add(
            f'<div class="math display" tabindex="0" role="group" aria-label="{name}">'
            f"{token.meta['mathml']}</div>\n"
        )

    def _html_block(self, token: Token) -> None:
        block = lines_of(token)
        before, divider, after = self._work.omit(token.content, block).partition(MORE)
        mark = self._inline.in_block(block).mark_link
        if divider and self.body.divider is None:
            if before.strip():
                self._add(rawhtml.rewrite(before, mark))
            self._divide()
            if after.strip():
                self._add(rawhtml.rewrite(after, mark))
            return
        self._add(rawhtml.rewrite(token.content, mark))

    # --- code ---

    def _code_block(self, token: Token) -> None:
        self._code.plain(token)

    def _fence(self, token: Token) -> None:
        self._code.fence(token, is_in_item="</li>\n" in self._closers)

    # --- what has a number ---

    def _numbered(self, token: Token) -> None:
        meta = token.meta
        name = " ".join(
            [meta["class"], *(str(each.value) for each in meta["attributes"] if each.name == "class")]
        )
        place = self._work.find(f"#{meta['label']}", lines_of(token))
        self._work.take_label(meta["label"], self._work.lines.location(*place))
        identifier = escape_attribute(self._ids.take(meta["label"]))
        self._open(f'<figure class="{escape_attribute(name)}" id="{identifier}">\n', "</figure>\n")

    def _caption(self, token: Token) -> None:
        number = NumberHole(
            label=token.meta["label"],
            part_of=token.meta.get("part_of", ""),
            is_alone=token.meta.get("is_empty", False),
        )
        self._open(f"<figcaption>{self._work.holes.mark(number)}", "</figcaption>\n")

    def _grid(self, token: Token) -> None:
        columns = str(token.meta["columns"] or "")
        name = f" columns-{columns}" if columns.isdecimal() else ""
        self._open(f'<div class="figure-grid{name}">\n', "</div>\n")

    # --- footnotes ---

    def _footnote(self, token: Token) -> None:
        number = token.meta["id"] + 1
        self._open(f'<li id="{self._work.footnote_prefix}fn:{number}">\n', "</li>\n")

    def _footnote_anchor(self, token: Token) -> None:
        prefix, number = self._work.footnote_prefix, token.meta["id"] + 1
        target = footnote_reference(prefix, number, token.meta["subId"])
        self._add(
            f'&#160;<a href="#{target}" class="footnote-backref" role="doc-backlink">'
            f"{self._work.markup.footnote_backlink}</a>"
        )


_RULES: Final[Mapping[str, Callable[[Renderer, Token], None]]] = {
    "fence": Renderer._fence,
    "code_block": Renderer._code_block,
    "html_block": Renderer._html_block,
    "math_block": Renderer._math_block,
    "hr": Renderer._rule,
    "ordered_list_open": Renderer._ordered_list,
    "alert_open": Renderer._alert,
    "alert_title_open": Renderer._alert_title,
    "footnote_open": Renderer._footnote,
    "numbered_open": Renderer._numbered,
    "caption_open": Renderer._caption,
    "grid_open": Renderer._grid,
    "footnote_anchor": Renderer._footnote_anchor,
}
"""By type of token; not in the renderer, which would hold itself so and stay until Python looks for cycles."""


def _only_text(token: Token) -> str | None:
    """The text of an inline token that holds nothing else; None for all others, the empty one too."""
    children = token.children
    if children is None or len(children) != 1 or children[0].type != "text":
        return None
    return children[0].content


def _begins_with_block(token: Token) -> bool:
    """Whether a list item whose first token this is holds more than a line of text."""
    return token.nesting >= 0 and not token.hidden


def _is_image(inline: Token) -> bool:
    """Whether a paragraph holds an image and nothing else."""
    return inline.children is not None and len(inline.children) == 1 and inline.children[0].type == "image"
