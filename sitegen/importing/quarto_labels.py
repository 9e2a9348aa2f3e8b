"""Cross-references of a Quarto page: which labels there are, and how each is referred to here.

Figures, tables and listings of cells, and equations, are numbered by our own Markdown; the others get their number now.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sitegen.importing.quarto_blocks import THEOREMS, Block, Div, Fence, Text
from sitegen.markdown.fences import parse_info

_OURS: Final = ("fig", "tbl", "lst")
_WORDS: Final = {
    "fig": "Figure",
    "tbl": "Table",
    "lst": "Listing",
    "eq": "Equation",
    "sec": "Section",
    **THEOREMS,
}
_KINDS: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
LABEL: Final = rf"(?:{_KINDS})-\w(?:[\w.:-]*\w)?"
_ID: Final = re.compile(rf"\{{[^{{}}\n]{{0,300}}?#(?P<id>{LABEL})(?=[\s}}])")
_HEADING_ID: Final = re.compile(
    r"^[ ]{0,3}#{1,6}[ \t]+(?P<text>[^\n]*?)[ \t]*\{[^{}\n]*?#(?P<id>sec-[\w-]+)", re.MULTILINE
)
_CELL_LABEL: Final = re.compile(rf"[ \t]*#\|[ \t]*label:[ \t]*[\"']?(?P<id>{LABEL})[\"']?[ \t]*$")
REFERENCE: Final = re.compile(rf"(?<![\w@/.\\-])(?P<minus>-?)@(?P<id>{LABEL})(?![\w@/])")
BRACKETED: Final = re.compile(
    rf"\[(?P<inner>[^\[\]\n@]{{0,60}}-?@{LABEL}(?:[ ]*[;,][ ]*[^\[\]\n@;]{{0,60}}-?@{LABEL})*)\](?![(\[:{{])"
)


@dataclass(slots=True)
class Labels:
    """The labels of a page."""

    numbered_here: dict[str, int] = field(default_factory=dict)
    """What our Markdown does not number, with its number of its kind."""
    native: set[str] = field(default_factory=set)
    """Labels of cells that run, and of equations."""
    sections: dict[str, str] = field(default_factory=dict)
    """Label of a heading to its text."""
    mixed: set[str] = field(default_factory=set)
    """Kinds of which there are both: the numbers are not in the order of the page."""

    def caption(self, label: str, text: str) -> str:
        """A caption with the number before it."""
        name = self.name(label)
        return f"{name}: {text}" if name and text else name or text

    def name(self, label: str) -> str:
        """`Figure 2`; empty for a label that is not numbered here."""
        number = self.numbered_here.get(label)
        return f"{_WORDS[label.partition('-')[0]]} {number}" if number is not None else ""

    def refer(self, label: str, *, prefix: str = "", is_number: bool = False) -> str | None:
        """A reference in our Markdown; None for a label that the page does not have."""
        if label in self.native:
            return f"[{prefix}](@{label})" if prefix else f"@{label}"
        if label in self.sections:
            return f"[{prefix or self.sections[label]}](#{label})"
        name = self.name(label)
        if not name:
            return None
        shown = f"{prefix} {self.numbered_here[label]}" if prefix else name
        return f"[{self.numbered_here[label] if is_number else shown}](#{label})"


def scan_labels(pages: Sequence[Sequence[Block]], languages: Sequence[str]) -> Labels:
    """The labels of a page's blocks (or of a notebook's cells), in their order.

    Args:
        pages: blocks of each text of the page.
        languages: of cells that run.
    """
    labels = Labels()
    found: list[str] = []
    for label, is_native in _found(pages, languages):
        if is_native:
            labels.native.add(label)
        elif label not in found:
            found.append(label)
    cells = Counter(label.partition("-")[0] for label in labels.native)
    counts: Counter[str] = Counter()
    for label in found:
        kind = label.partition("-")[0]
        if kind == "sec" or label in labels.native:
            continue
        counts[kind] += 1
        labels.numbered_here[label] = counts[kind] + (cells[kind] if kind in _OURS else 0)
        if kind in _OURS and cells[kind]:
            labels.mixed.add(kind)
    for blocks in pages:
        for text in _texts(blocks):
            for match in _HEADING_ID.finditer("\n".join(text.lines)):
                labels.sections[match["id"]] = re.sub(r"[\[\]]", "", match["text"])
    return labels


def _found(pages: Sequence[Sequence[Block]], languages: Sequence[str]) -> Iterator[tuple[str, bool]]:
    for blocks in pages:
        for block in blocks:
            if isinstance(block, Text):
                for match in _ID.finditer("\n".join(block.lines)):
                    yield match["id"], match["id"].startswith("eq-")
            elif isinstance(block, Fence):
                yield from _of_fence(block, languages)
            else:
                if re.fullmatch(LABEL, block.id):
                    yield block.id, False
                yield from _found([block.children], languages)


def _of_fence(fence: Fence, languages: Sequence[str]) -> Iterator[tuple[str, bool]]:
    info = parse_info(fence.lines[0].strip("> \t").lstrip("`~").strip())
    if info.form == "braced" and info.language.lower() in languages:
        match = next((match for line in fence.lines[1:40] if (match := _CELL_LABEL.match(line))), None)
        named = next((str(item.value) for item in info.attributes if item.name in ("label", "id")), "")
        label = match["id"] if match else named
        if re.fullmatch(LABEL, label):
            yield label, True
    else:
        named = next((str(item.value) for item in info.attributes if item.name == "id"), "")
        if named.startswith("lst-"):
            yield named, False


def _texts(blocks: Sequence[Block]) -> Iterator[Text]:
    for block in blocks:
        if isinstance(block, Text):
            yield block
        elif isinstance(block, Div):
            yield from _texts(block.children)
