"""Quarto's blocks: fenced divs (callouts, tabs, columns, figures) as alerts and HTML, fences as cells and code."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sitegen.importing.prose import FENCE
from sitegen.markdown.fences import AttributeList, parse_attributes

_OPENING: Final = re.compile(
    r"(?P<indent>[ \t]*):{3,}[ \t]*(?:\{(?P<list>[^{}]*)\}|(?P<word>[A-Za-z][\w.-]*))[ \t]*:*[ \t]*"
)
_CLOSING: Final = re.compile(r"[ \t]*:{3,}[ \t]*")
_HEADING: Final = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t]*(?:\{[^{}]*\})?[ \t]*")
_MAX_DEPTH: Final = 30
"""Of divs in divs; deeper ones are text."""
CALLOUTS: Final = ("note", "tip", "important", "warning", "caution")
THEOREMS: Final = {
    "thm": "Theorem", "lem": "Lemma", "cor": "Corollary", "prp": "Proposition", "cnj": "Conjecture", "def": "Definition",
    "exm": "Example", "exr": "Exercise", "sol": "Solution", "rem": "Remark",
}  # fmt: skip
"""Kinds of Quarto's theorem divs, by the beginning of their label."""
_WIDE: Final = ("column-margin", "column-page", "column-screen")


@dataclass(slots=True)
class Text:
    """Lines of prose."""

    lines: list[str]
    first: int
    """From 0."""


@dataclass(slots=True)
class Fence:
    """A fence with its first and last line."""

    lines: list[str]
    first: int


@dataclass(slots=True)
class Div:
    """A fenced div."""

    attributes: AttributeList
    indent: str
    first: int
    children: list[Text | Fence | Div] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Its classes; a bare word is one."""
        return [str(item.value) for item in self.attributes.attributes if item.name == "class"]

    @property
    def id(self) -> str:
        """Its id; empty where it has none."""
        return next((str(item.value) for item in self.attributes.attributes if item.name == "id"), "")

    def get(self, name: str) -> str:
        """An attribute; empty where it is not there."""
        found = next((item.value for item in self.attributes.attributes if item.name == name), "")
        return str(found).lower() if isinstance(found, bool) else str(found)


Block = Text | Fence | Div


def read_blocks(text: str) -> list[Block]:
    """The blocks of a body; a div that is not closed ends with the text."""
    root = Div(attributes=AttributeList(), indent="", first=0)
    stack = [root]
    mark = ""
    for number, line in enumerate(text.split("\n")):
        inside = stack[-1].children
        if mark:
            fence = inside[-1]
            fence.lines.append(line)  # type: ignore[union-attr]
            bare = line.strip("> \t")
            if len(bare) >= len(mark) and not bare.strip(mark[0]):
                mark = ""
            continue
        opening = FENCE.match(line)
        if opening is not None and not (opening["mark"][0] == "`" and "`" in opening["info"]):
            mark = opening["mark"]
            inside.append(Fence(lines=[line], first=number))
        elif len(stack) > 1 and _CLOSING.fullmatch(line):
            stack.pop()
        elif len(stack) < _MAX_DEPTH and (div := _OPENING.fullmatch(line)):
            attributes = parse_attributes(div["list"] if div["list"] is not None else f".{div['word']}")
            made = Div(attributes=attributes, indent=div["indent"], first=number)
            inside.append(made)
            stack.append(made)
        elif inside and isinstance(inside[-1], Text):
            inside[-1].lines.append(line)
        else:
            inside.append(Text(lines=[line], first=number))
    return root.children


def write_blocks(
    blocks: Sequence[Block],
    write_fence: Callable[[Fence], list[str]],
    captions: Callable[[str, str], str],
    note: Callable[[str, str, int], None],
) -> list[str]:
    """The blocks as lines of ours.

    Args:
        blocks: from `read_blocks`, their texts converted.
        write_fence: a fence as lines.
        captions: of a label and a caption, the caption with its number.
        note: takes a topic, a message and a line of what a person must look at.
    """
    return _Writer(write_fence, captions, note).blocks(blocks)


class _Writer:
    def __init__(
        self,
        write_fence: Callable[[Fence], list[str]],
        captions: Callable[[str, str], str],
        note: Callable[[str, str, int], None],
    ) -> None:
        self._write_fence = write_fence
        self._captions = captions
        self._note = note

    def blocks(self, blocks: Sequence[Block]) -> list[str]:
        lines: list[str] = []
        for block in blocks:
            if isinstance(block, Text):
                lines += block.lines
            elif isinstance(block, Fence):
                lines += self._write_fence(block)
            else:
                lines += self._div(block)
        return lines

    def _div(self, div: Div) -> list[str]:
        classes = div.classes
        callout = next((name[8:] for name in classes if name.startswith("callout-")), "")
        kind = div.id.partition("-")[0]
        if callout:
            return self._callout(div, callout)
        if "content-visible" in classes or "content-hidden" in classes:
            return self.blocks(div.children) if self._is_visible(div) else []
        if "panel-tabset" in classes:
            return self._tabs(div)
        if kind in ("fig", "tbl", "lst"):
            return self._figure(div)
        if kind in THEOREMS:
            return self._theorem(div, THEOREMS[kind])
        return self._plain(div)

    def _callout(self, div: Div, kind: str) -> list[str]:
        children, title = div.children, div.get("title")
        lines = _trimmed(self.blocks(children))
        heading = _HEADING.fullmatch(lines[0]) if lines and not title else None
        if heading is not None:
            title, lines = heading["text"], _trimmed(lines[1:])
        sign = {"true": "-", "false": "+"}.get(div.get("collapse"), "")
        alert = kind.upper() if kind in CALLOUTS else "NOTE"
        first = f"[!{alert}]{sign}{f' {title}' if title else ''}"
        return ["", *_quoted([first, *lines], div.indent), ""]

    def _is_visible(self, div: Div) -> bool:
        wanted, unless = div.get("when-format"), div.get("unless-format")
        is_html = not wanted or "html" in wanted
        is_html = is_html and not (unless and "html" in unless)
        if div.get("when-profile") or div.get("when-meta"):
            self._note("conditional content", "shown always", div.first)
        return is_html != ("content-hidden" in div.classes)

    def _tabs(self, div: Div) -> list[str]:
        """A fold for each tab, the first one open."""
        self._note("tabsets", "its tabs are folds below each other", div.first)
        texts = [block for block in div.children if isinstance(block, Text)]
        headings = [match for text in texts for line in text.lines if (match := _HEADING.fullmatch(line))]
        level = min((len(match["marks"]) for match in headings), default=0)
        made: list[str] = []
        is_open = False
        for block in div.children:
            if not isinstance(block, Text):
                made += self.blocks([block])
                continue
            for line in block.lines:
                match = _HEADING.fullmatch(line)
                if match is None or len(match["marks"]) != level:
                    made.append(line)
                    continue
                made += ["", "</details>"] if is_open else []
                opening = "<details>" if is_open else "<details open>"
                made += ["", opening, f"<summary>{html.escape(match['text'])}</summary>", ""]
                is_open = True
        return [*made, "", "</details>", ""] if is_open else made

    def _figure(self, div: Div) -> list[str]:
        """A figure, table or listing with its number; the last paragraph is its caption."""
        lines = _trimmed(self.blocks(div.children))
        caption = div.get(f"{div.id[:3]}-cap")
        if not caption:
            start = len(lines)
            while start > 0 and lines[start - 1].strip():
                start -= 1
            if start > 0 and not re.match(
                r"[ \t]*(?:[|<!`~]|:::)", lines[start] if start < len(lines) else "|"
            ):
                caption = " ".join(line.strip() for line in lines[start:])
                lines = _trimmed(lines[:start])
        inner = self._grid(div, lines)
        return figure_lines(div.id, inner, self._captions(div.id, caption))

    def _theorem(self, div: Div, word: str) -> list[str]:
        lines = _trimmed(self.blocks(div.children))
        heading = _HEADING.fullmatch(lines[0]) if lines else None
        name = div.get("name") or (heading["text"] if heading else "")
        lines = _trimmed(lines[1:]) if heading else lines
        title = self._captions(div.id, "").rstrip(":") or word
        shown = f"**{title}{f' ({name})' if name else ''}.**"
        return ["", f'<div class="theorem" id="{html.escape(div.id)}">', "", shown, *lines, "", "</div>", ""]

    def _plain(self, div: Div) -> list[str]:
        classes = ["column-margin" if name == "aside" else name for name in div.classes]
        classes = [next((ours for ours in _WIDE if name.startswith(ours)), name) for name in classes]
        style = div.get("style")
        if "columns" in classes:
            style = "display: flex; flex-wrap: wrap; gap: 1rem"
        elif "column" in classes:
            style = f"flex: 1 1 {div.get('width') or '0'}; min-width: 0"
        names = " ".join(classes)
        attributes = f' class="{html.escape(names)}"' if names else ""
        attributes += f' id="{html.escape(div.id)}"' if div.id else ""
        attributes += f' style="{html.escape(style)}"' if style else ""
        inner = _trimmed(self._grid(div, self.blocks(div.children)))
        return ["", f"{div.indent}<div{attributes}>", "", *inner, "", f"{div.indent}</div>", ""]

    def _grid(self, div: Div, lines: list[str]) -> list[str]:
        """`layout-ncol=2`: its parts beside each other."""
        count = div.get("layout-ncol")
        if not count.isdigit():
            if div.get("layout") or div.get("layout-nrow"):
                self._note("layouts", "its parts stand below each other", div.first)
            return lines
        style = f"display: grid; grid-template-columns: repeat({int(count)}, minmax(0, 1fr)); gap: 1rem"
        return ["", f'<div style="{style}">', "", *_trimmed(lines), "", "</div>", ""]


def figure_lines(label: str, inner: Sequence[str], caption: str) -> list[str]:
    """An HTML figure around Markdown, with its caption as Markdown."""
    shown = ["<figcaption>", "", caption, "", "</figcaption>"] if caption else []
    return [
        "",
        f'<figure id="{html.escape(label)}">',
        "",
        *_trimmed(list(inner)),
        "",
        *shown,
        "</figure>",
        "",
    ]


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _quoted(lines: Sequence[str], indent: str) -> list[str]:
    made = []
    for line in lines:
        bare = line.removeprefix(indent)
        made.append(f"{indent}> {bare}" if bare.strip() else f"{indent}>")
    return made
