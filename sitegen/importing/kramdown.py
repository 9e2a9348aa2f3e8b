"""kramdown's own Markdown as ours: attribute lists, tables of contents, `$$` in a line, abbreviations."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sitegen.importing.prose import FENCE, code_fences, in_prose

_BLOCK_LIST: Final = re.compile(r"(?P<indent>[ \t>]*)\{:\s*(?P<list>[^{}\n]*)\}[ \t]*")
_TRAILING_LIST: Final = re.compile(r"[ \t]*\{:\s*(?P<list>[^{}\n]*)\}[ \t]*$")
_EXTENSION: Final = re.compile(r"[ \t]*\{::(?P<name>/?\w*)[^}\n]*\}[ \t]*")
_ITEM: Final = re.compile(
    r"""\#(?P<id>[^\s\#.="']+)|\.(?P<class>[^\s\#.="']+)|(?P<key>[\w:-]+)=(?P<value>"[^"]*"|'[^']*'|[^\s"']+)|(?P<word>[\w-]+)"""
)
_HEADING: Final = re.compile(r"[ ]{0,3}#{1,6}[ \t]")
_LINK: Final = re.compile(
    r"""(?P<image>!?)\[(?P<text>[^\[\]\n]{0,500})\]\((?P<target>[^()\s]{1,1000})(?:[ ]+"(?P<title>[^"\n]{0,300})")?\)\{:[ ]*(?P<list>[^{}\n]{0,300})\}"""
)
_INLINE_LIST: Final = re.compile(r"(?<=[*_`)\]])\{:[ ]*[.#\w][^{}\n]{0,300}\}")
_ABBREVIATION: Final = re.compile(r"^\*\[(?P<name>[^\]\n]{1,100})\]:[ \t]*(?P<meaning>.*)\n?", re.MULTILINE)
_MARKDOWN_TAG: Final = re.compile(
    r"""<(?P<tag>[A-Za-z][\w-]*)(?P<before>[^<>\n]{0,500}?)[ ]+markdown=["']?(?:1|block|span)["']?(?P<after>[^<>\n]{0,500})>"""
)
_ESCAPED_MATH: Final = re.compile(
    r"\\\\(?:\((?P<inline>.{1,2000}?)\\\\\)|\[(?P<display>.{1,2000}?)\\\\\])", re.DOTALL
)
r"""`\\(x\\)`: MathJax's delimiters, their backslash escaped, since kramdown takes one away."""
_LIST_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d+\.)[ \t]")
_VERBATIM: Final = re.compile(r"<(script|style|pre|textarea)\b", re.IGNORECASE)


@dataclass(slots=True)
class Kramdown:
    """What a text turned out to use."""

    text: str = ""
    has_block_attributes: bool = False
    lost: tuple[tuple[int, str], ...] = ()
    """Line (from 0) and text of what has no counterpart."""


def convert_kramdown(text: str) -> Kramdown:
    """A body without Liquid; text that uses nothing of kramdown's own comes back as it is."""
    made = Kramdown(text=text)
    if "{:" in text:
        _attribute_lists(made)
    if "$$" in made.text:
        made.text = _in_plain(made.text, _inline_math)
    if "\\\\(" in made.text or "\\\\[" in made.text:
        made.text = _in_plain(made.text, lambda piece: _ESCAPED_MATH.sub(_without_escapes, piece))
    if "*[" in made.text:
        made.text = _abbreviations(made.text)
    if "markdown=" in made.text:
        made.text = _in_plain(made.text, _markdown_tags)
    return made


# --- attribute lists ------------------------------------------------------------------------------


def _attribute_lists(made: Kramdown) -> None:
    """`{: .note #id}` on a line of its own, at the end of a heading, behind links and pictures."""
    lines = made.text.split("\n")
    code = _code_lines(made.text, len(lines))
    kept: list[str] = []
    lost: list[tuple[int, str]] = []
    fence_opening: int | None = None
    for number, line in enumerate(lines):
        if code[number]:
            if (number == 0 or not code[number - 1]) and FENCE.match(line):
                fence_opening = len(kept)
            kept.append(line)
            continue
        block = _BLOCK_LIST.fullmatch(line)
        after_code = number > 0 and code[number - 1]
        if block is not None:
            _block_list(made, kept, block, fence_opening if after_code else None)
        elif _EXTENSION.fullmatch(line):
            if "comment" not in line and "options" not in line and "nomarkdown" not in line:
                lost.append((number, line.strip()))
        elif _HEADING.match(line) and (trailing := _TRAILING_LIST.search(line)):
            attributes = _attributes(trailing["list"])
            kept.append(f"{line[: trailing.start()]}{f' {{{attributes}}}' if attributes else ''}")
        else:
            kept.append(line)
        if line.strip():
            fence_opening = None
    text = "\n".join(kept)

    def drop(match: re.Match[str]) -> str:
        lost.append((-1, match[0]))
        return ""

    made.text = in_prose(text, lambda piece: _INLINE_LIST.sub(drop, _LINK.sub(_link, piece)))
    made.text = re.sub(r"(?<=`)\{:[ ]*\.[^{}\n]{0,300}\}", "", made.text)  # a code span's language
    made.lost = tuple(lost)


def _block_list(made: Kramdown, kept: list[str], match: re.Match[str], fence: int | None) -> None:
    """What a line with nothing but an attribute list does to the lines before it."""
    words = match["list"].split()
    if "toc" in words:
        if kept and _LIST_ITEM.match(kept[-1]):
            kept.pop()
        return
    language = next((word[1:].removeprefix("language-") for word in words if word.startswith(".")), "")
    if fence is not None:
        opening = FENCE.match(kept[fence])
        if opening is not None and language and not opening["info"].strip():
            kept[fence] += language
        return
    attributes = _attributes(match["list"])
    if not attributes:
        return
    if kept and _HEADING.match(kept[-1]):
        kept[-1] = f"{kept[-1].rstrip().rstrip('#').rstrip()} {{{attributes}}}"
        return
    if not kept or not kept[-1].strip():
        return  # it would belong to what comes next, which our Markdown has no form for
    made.has_block_attributes = True
    kept.append(f"{match['indent'].replace('>', '')}{{{attributes}}}")


def _attributes(text: str) -> str:
    """A kramdown list in our spelling; references to named lists and `.no_toc` say nothing here."""
    made: list[str] = []
    for item in _ITEM.finditer(text):
        if item["id"]:
            made.append(f"#{item['id']}")
        elif item["class"] and item["class"] != "no_toc":
            made.append(f".{item['class']}")
        elif item["key"]:
            made.append(f'{item["key"]}="{item["value"].strip(chr(34) + chr(39))}"')
    return " ".join(made)


def _link(match: re.Match[str]) -> str:
    """A link or picture with attributes as HTML, since ours have none."""
    attributes: dict[str, str] = {}
    for item in _ITEM.finditer(match["list"]):
        if item["id"]:
            attributes["id"] = item["id"]
        elif item["class"]:
            attributes["class"] = f"{attributes.get('class', '')} {item['class']}".strip()
        elif item["key"]:
            attributes[item["key"]] = item["value"].strip("\"'")
    if match["title"]:
        attributes["title"] = html.unescape(match["title"])
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    target = html.escape(html.unescape(match["target"]))
    if match["image"]:
        return f'<img src="{target}" alt="{html.escape(html.unescape(match["text"]))}"{written}>'
    return f'<a href="{target}"{written}>{match["text"]}</a>'


def _code_lines(text: str, count: int) -> list[bool]:
    """Of each line whether it is code."""
    found = [False] * count
    line = position = 0
    for start, end in code_fences(text):
        line += text.count("\n", position, start)
        lines = text.count("\n", start, end) + (0 if text[end - 1 : end] == "\n" else 1)
        for number in range(line, min(count, line + lines)):
            found[number] = True
        line += text.count("\n", start, end)
        position = end
    return found


# --- the rest -------------------------------------------------------------------------------------


def _in_plain(text: str, convert: Callable[[str], str]) -> str:
    """Prose converted, but for what stands in `<script>`, `<style>` and `<pre>`."""
    if _VERBATIM.search(text) is None:
        return in_prose(text, convert)
    return "".join(part if is_kept else in_prose(part, convert) for part, is_kept in _verbatim_parts(text))


def _verbatim_parts(text: str) -> Iterator[tuple[str, bool]]:
    position = 0
    lowered = text.lower()
    while (match := _VERBATIM.search(text, position)) is not None:
        yield text[position : match.start()], False
        end = lowered.find(f"</{match[1].lower()}", match.end())
        position = end if end >= 0 else len(text)
        yield text[match.start() : position], True
    yield text[position:], False


def _inline_math(text: str) -> str:
    """`$$x$$` within a line is an equation in the text; alone on its lines it is one by itself, here too."""
    parts: list[str] = []
    position = 0
    while (start := text.find("$$", position)) >= 0:
        end = text.find("$$", start + 2)
        if end < 0:
            break
        latex = text[start + 2 : end]
        before = text[text.rfind("\n", 0, start) + 1 : start].strip(" \t>")
        after_line = text.find("\n", end)
        after = text[end + 2 : after_line if after_line >= 0 else len(text)].strip()
        is_alone = (not before and (not after or set(after) <= set(".,;"))) or "\n\n" in latex
        if text[start - 1 : start] == "\\" or not latex.strip():
            parts.append(text[position : start + 2])
            position = start + 2
            continue
        parts.append(text[position:start])
        parts.append(
            text[start : end + 2]
            if is_alone
            else _as_inline(latex.strip(), text[start - 1 : start], text[end + 2 : end + 3])
        )
        position = end + 2
    return "".join(parts) + text[position:]


def _without_escapes(match: re.Match[str]) -> str:
    if match["inline"] is not None:
        return rf"\({match['inline']}\)"
    return rf"\[{match['display']}\]"


def _as_inline(latex: str, before: str, after: str) -> str:
    latex = latex.replace("\n", " ")
    is_safe = "**" not in latex and "](" not in latex and "$" not in latex
    if is_safe and not before.isalnum() and not after.isdigit():
        return f"${latex}$"
    return rf"\({latex}\)"


def _abbreviations(text: str) -> str:
    meanings = {match["name"]: match["meaning"].strip() for match in _ABBREVIATION.finditer(text)}
    code = list(code_fences(text))
    meanings = {name: meaning for name, meaning in meanings.items() if name.strip()}
    if not meanings or any(
        start <= match.start() < end for match in _ABBREVIATION.finditer(text) for start, end in code[:200]
    ):
        return text
    names = "|".join(re.escape(name) for name in sorted(meanings, key=len, reverse=True))
    word = re.compile(rf"(?<![\w\[/=\"-])(?:{names})(?![\w\]/-])")
    without = _ABBREVIATION.sub("", text)
    return _in_plain(
        without,
        lambda piece: word.sub(
            lambda match: f'<abbr title="{html.escape(meanings[match[0]])}">{match[0]}</abbr>', piece
        ),
    )


def _markdown_tags(text: str) -> str:
    """`<div markdown="1">`: blank lines around its content, by which our Markdown reads it."""
    tags = {match["tag"] for match in _MARKDOWN_TAG.finditer(text)}
    if not tags:
        return text
    text = _MARKDOWN_TAG.sub(
        lambda match: (
            f"<{match['tag']}{match['before']}{match['after']}>" + ("" if match["tag"] == "span" else "\n")
        ),
        text,
    )
    blocks = "|".join(re.escape(tag) for tag in tags if tag != "span")
    return re.sub(rf"(?<=\S)\n([ \t]*</(?:{blocks})>)", r"\n\n\1", text) if blocks else text
