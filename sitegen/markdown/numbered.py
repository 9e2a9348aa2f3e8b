"""Figures, tables and equations of Markdown that have a label, as in Quarto: `![..](..){#fig-x}`, `: .. {#tbl-x}`, `{#eq-x}`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from sitegen.markdown.citations import HERE
from sitegen.markdown.fences import Attribute, attributes_of

NUMBERED: Final = ("{#fig-", "{#tbl-", "{#refs")
"""What a text has where these rules have anything to do."""
_OF_FIGURE_AT_END: Final = re.compile(r"\{#fig-[^{}]+\}\Z")
_CAPTION: Final = re.compile(r"(?:[Tt]able)?:\s*(.*?)\s*(\{#tbl-[^{}]+\})", re.DOTALL)
_LABEL: Final = re.compile(r"#[\w:.-]+")
_ALTERNATIVE: Final = re.compile(r"\bfig-alt\s*=")
_OF_FIGURE: Final = frozenset({"class", "lang", "dir"})


def numbered_plugin(md: MarkdownIt) -> None:
    """Tokens `numbered_open` around what has a label, and in it a `caption_open` that waits for its number."""
    md.core.ruler.before("inline", "numbered", _numbered)
    md.core.ruler.after("inline", "captions", _captions)


def _numbered(state: StateCore) -> None:
    if "{#" not in state.src or not any(sign in state.src for sign in NUMBERED):
        return
    state.tokens = _divs(_tables(_images(state)), state)


# --- images -----------------------------------------------------------------------------------------


def _images(state: StateCore) -> list[Token]:
    """A paragraph of one image with a label is a figure; its caption is known when the text is read."""
    tokens = state.tokens
    made: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type == "paragraph_open" and not token.hidden:
            inline = tokens[index + 1]
            text = inline.content.strip()
            match = _OF_FIGURE_AT_END.search(text, max(text.rfind("{"), 0)) if text[:2] == "![" else None
            attributes = attributes_of(match[0][1:-1]) if match is not None else None
            label = _label(attributes, "fig-")
            if match is not None and label and _end_of_image(text, state) == match.start():
                inline.content = text[: match.start()] + _of_image(match[0])
                inline.meta = {**inline.meta, "figure": label}
                made.append(_opening(label, "figure", (), token))
                continue
        if token.type == "paragraph_close" and tokens[index - 1].meta.get("figure"):
            made.append(_closing())
            continue
        made.append(token)
    return made


def _end_of_image(text: str, state: StateCore) -> int:
    """Where the image ends that a text begins with; 0 where it begins with none."""
    inline = StateInline(text, state.md, state.env, [])
    state.md.inline.skipToken(inline)
    return inline.pos if inline.pos > 1 else 0


def _is_image(text: str, state: StateCore) -> bool:
    """Whether a paragraph is one image, with or without attributes: no caption is."""
    if text[:2] != "![":
        return False
    behind = text[_end_of_image(text, state) :]
    return not behind or (behind[0] == "{" and behind[-1] == "}")


def _captions(state: StateCore) -> None:
    """The alternative of an image with a label is its caption."""
    if "{#fig-" not in state.src:
        return
    made: list[Token] = []
    for token in state.tokens:
        made.append(token)
        label = token.meta.get("figure") if token.type == "inline" else None
        image = next((each for each in token.children or [] if each.type == "image"), None)
        if label is not None and image is not None:
            made += _caption(label, image.children or [], token, part_of=token.meta.get("part_of", ""))
    state.tokens = made


def _of_image(written: str) -> str:
    """The attributes of a figure that are the picture's, in braces; its alternative may differ from the caption."""
    kept = _ALTERNATIVE.sub("alt=", _LABEL.sub("", written[1:-1])).strip()
    return f"{{{kept}}}" if kept else ""


# --- tables -----------------------------------------------------------------------------------------


def _tables(tokens: Sequence[Token]) -> list[Token]:
    """A table with the caption below it, in a paragraph or in its own last row."""
    made: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        made.append(token)
        index += 1
        if token.type != "table_close":
            continue
        start = _opening_of(made)
        found = _own_caption(made, start) or _caption_below(tokens, index)
        if found is None:
            continue
        text, attributes, inline = found
        if inline is tokens[index + 1] if index + 1 < len(tokens) else False:
            index += 3
        label = _label(attributes, "tbl-")
        caption = Token("inline", "", 0, content=text, children=[], block=True, map=inline.map)
        made[start:start] = [
            _opening(label, "table-figure", attributes, made[start]),
            *_caption(label, caption, inline),
        ]
        made.append(_closing())
    return made


Found = tuple[str, tuple[Attribute, ...], Token]
"""A caption's text, its attributes, and the token that it stands in."""


def _caption_below(tokens: Sequence[Token], index: int) -> Found | None:
    if index + 1 >= len(tokens) or tokens[index].type != "paragraph_open":
        return None
    return _caption_in(tokens[index + 1])


def _own_caption(tokens: list[Token], start: int) -> Found | None:
    """The caption that the table's rule took for a row; the row goes."""
    row = next(
        (place for place in range(len(tokens) - 1, start, -1) if tokens[place].type == "tr_open"), start
    )
    cells = [token for token in tokens[row:] if token.type == "inline"]
    if not cells or any(cell.content.strip() for cell in cells[1:]):
        return None
    found = _caption_in(cells[0])
    if found is not None:
        end = next(place for place in range(row, len(tokens)) if tokens[place].type == "tr_close")
        del tokens[row : end + 1]
    return found


def _caption_in(inline: Token) -> Found | None:
    match = _CAPTION.fullmatch(inline.content.strip())
    attributes = attributes_of(match[2][1:-1]) if match is not None else None
    return (match[1], attributes, inline) if match is not None and attributes else None


def _opening_of(tokens: Sequence[Token]) -> int:
    depth = 0
    for place in range(len(tokens) - 1, -1, -1):
        depth += (tokens[place].type == "table_close") - (tokens[place].type == "table_open")
        if depth == 0:
            return place
    return 0


# --- divs -------------------------------------------------------------------------------------------


def _divs(tokens: list[Token], state: StateCore) -> list[Token]:
    """`::: {#fig-x layout-ncol=2}`: sub-figures, the last paragraph is the caption; `::: {#refs}`: the bibliography."""
    made: list[Token] = []
    opened: list[tuple[int, str, str]] = []  # place in `made`, type of what closes it, label
    for token in tokens:
        if token.type == "div_open":
            identifier = _label(token.meta.get("attributes"), "")
            opened.append((len(made), "div_close", identifier))
        made.append(token)
        if token.type != "div_close" or not opened:
            continue
        place, _, identifier = opened.pop()
        if identifier == "refs":
            made[place:] = [Token("html_block", "", 0, content=HERE, map=made[place].map)]
        elif identifier.startswith(("fig-", "tbl-")):
            made[place:] = _group(made[place:], identifier, state)
    return made


def _group(tokens: list[Token], label: str, state: StateCore) -> list[Token]:
    opening, inner = tokens[0], tokens[1:-1]
    attributes = opening.meta.get("attributes", ())
    if len(inner) > 2 and inner[-3].type == "paragraph_open" and not _is_image(inner[-2].content, state):
        caption = _caption(label, inner[-2], inner[-2])
        inner = inner[:-3]
    else:
        caption = _caption(label, [], opening)
    for token in inner:
        if token.type == "inline" and token.meta.get("figure"):
            token.meta["part_of"] = label
        elif token.type == "numbered_open":
            token.meta["class"] = "subfigure"
    columns = next((each.value for each in attributes if each.name == "data-layout-ncol"), None)
    name = "figure" if label.startswith("fig-") else "table-figure"
    whole = _opening(label, name, attributes, opening)
    whole.meta["given"] = attributes
    if not any(token.meta.get("part_of") for token in inner if token.type == "inline"):
        return [whole, *inner, *caption, _closing()]
    grid = Token("grid_open", "div", 1, block=True, meta={"columns": columns})
    return [whole, grid, *inner, Token("grid_close", "div", -1, block=True), *caption, _closing()]


# --- tokens -----------------------------------------------------------------------------------------


def _opening(label: str, name: str, attributes: Sequence[Attribute], at: Token) -> Token:
    kept = tuple(each for each in attributes if each.name in _OF_FIGURE)
    meta = {"label": label, "class": name, "attributes": kept}
    return Token("numbered_open", "figure", 1, map=at.map, block=True, meta=meta)


def _closing() -> Token:
    return Token("numbered_close", "figure", -1, block=True)


def _caption(label: str, text: Token | Sequence[Token], at: Token, *, part_of: str = "") -> list[Token]:
    inline = (
        text
        if isinstance(text, Token)
        else Token("inline", "", 0, map=at.map, block=True, children=list(text))
    )
    is_empty = not (inline.content if isinstance(text, Token) else text)
    meta = {"label": label, "part_of": part_of, "is_empty": is_empty}
    return [
        Token("caption_open", "figcaption", 1, map=at.map, block=True, meta=meta),
        inline,
        Token("caption_close", "figcaption", -1, block=True),
    ]


def _label(attributes: Sequence[Attribute] | None, prefix: str) -> str:
    found = next((str(each.value) for each in attributes or () if each.name == "id"), "")
    return found if found.startswith(prefix) else ""
