"""The reStructuredText that sphinx-gallery's scripts hold, line by line as Markdown: as much of it as they use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sitegen.content.notebooks import SourceCell

_UNDERLINE: Final = re.compile(r"""([=\-~^"'`*+#.:_])\1{2,}[ \t]*""")
_DIRECTIVE: Final = re.compile(r"\.\. ([A-Za-z][\w:-]*)::[ \t]*(.*)")
_EXPLICIT: Final = re.compile(r"\.\.(?:[ \t].*)?")
_OPTION: Final = re.compile(r"[ \t]+:[\w-]+:.*")
_ADMONITIONS: Final = frozenset(
    {"attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning"}
    | {"seealso", "topic", "admonition", "versionadded", "versionchanged", "deprecated"}
)
_CODE: Final = frozenset({"code", "code-block", "sourcecode", "parsed-literal"})

_CONTINUED: Final = re.compile(r"(?<!\\)\\$")
"""A backslash at the end of a line, by which Python joins it to the next one."""
_MATH_ROLE: Final = re.compile(r":math:`([^`]+)`")
_ROLE: Final = re.compile(r":(?:[A-Za-z]+:)?[A-Za-z]+:`([^`]+)`")
_LINK: Final = re.compile(r"`([^`<]+?)\s*<([^>`]+)>`__?")
_NAMED_LINK: Final = re.compile(r"(?<![`\w])`([^`]+)`__?(?!\w)")


class GalleryText:
    """Converts the texts of one script: which underline means which level is decided by the first of each."""

    def __init__(self) -> None:
        self._styles: list[str] = []

    def as_markdown(self, cell: SourceCell) -> SourceCell:
        """The cell's text with as many lines as before, so that each line keeps its place."""
        lines = cell.source.split("\n")
        converted = self._blocks(self._headings(lines))
        return replace(cell, source="\n".join(converted))

    def _headings(self, lines: Sequence[str]) -> list[str]:
        done = list(lines)
        for number, line in enumerate(lines):
            above = lines[number - 1].rstrip() if number else ""
            underline = _UNDERLINE.fullmatch(line)
            if underline is None or not above or above[0].isspace() or _UNDERLINE.fullmatch(above):
                continue
            if len(line.rstrip()) < min(len(above), 4):
                continue
            has_overline = number > 1 and lines[number - 2].rstrip() == line.rstrip()
            style = underline[1] * (2 if has_overline else 1)
            if style not in self._styles:
                self._styles.append(style)
            done[number - 1] = f"{'#' * min(self._styles.index(style) + 1, 6)} {above.strip()}"
            done[number] = ""
            if has_overline:
                done[number - 2] = ""
        return done

    def _blocks(self, lines: list[str]) -> list[str]:
        done: list[str] = []
        number = 0
        while number < len(lines):
            directive = _DIRECTIVE.fullmatch(lines[number])
            if directive is None and not _EXPLICIT.fullmatch(lines[number]):
                literal = lines[number].rstrip()
                is_literal = literal.endswith("::")
                done.append(
                    _inline(literal[:-1] if is_literal and literal != "::" else literal.removesuffix("::"))
                )
                number += 1
                if is_literal:
                    end = _indented_end(lines, number)
                    done += [_as_code(line) for line in lines[number:end]]
                    number = end
                continue
            end = _indented_end(lines, number + 1)
            body = lines[number + 1 : end]
            done += (
                _directive(directive[1].lower(), directive[2].strip(), body) if directive else _blank(body)
            )
            number = end
        return done


def _directive(name: str, argument: str, body: list[str]) -> list[str]:
    """As many lines as the directive with its body has."""
    body = ["" if _OPTION.fullmatch(line) else line for line in body]
    if name in _ADMONITIONS:
        title = name.capitalize() if name not in ("topic", "admonition") else argument
        said = "" if name in ("topic", "admonition") else f" {_inline(argument)}"
        return [
            f"> **{title}**{said}",
            *(f"> {_inline(line.strip())}" if line.strip() else "" for line in body),
        ]
    if name == "math":
        latex = [_CONTINUED.sub("", line.strip()) for line in body]
        if argument and not any(latex):
            return [f"$$ {argument} $$", *latex]
        filled = [place for place, line in enumerate(latex) if line]
        if not filled or filled[-1] + 1 >= len(latex):
            joined = " ".join(line for line in (argument, *latex) if line)
            return [f"$$ {joined} $$", *("" for _ in body)]
        first, last = filled[0], filled[-1]
        inside = [line or "{}" for line in latex[first : last + 1]]
        opening = "$$" if not argument else f"$$ {argument}"
        return ["" for _ in range(first)] + [opening, *inside, "$$"] + ["" for _ in latex[last + 2 :]]
    if name in ("image", "figure"):
        caption = " ".join(line.strip() for line in body if line.strip())
        return [f"![{caption}]({argument})", *("" for _ in body)]
    if name in _CODE:
        return ["", *map(_as_code, body)]
    return _blank(body)


def _blank(body: Sequence[str]) -> list[str]:
    return ["", *("" for _ in body)]


def _as_code(line: str) -> str:
    """A line of a literal block, indented enough for Markdown."""
    return f"    {line.strip()}" if 0 < len(line) - len(line.lstrip()) < 4 else line


def _indented_end(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that is neither blank nor indented; blank lines before it are the text's."""
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end][0].isspace()):
        end += 1
    return end


def _inline(line: str) -> str:
    line = _MATH_ROLE.sub(r"$\1$", line)
    line = _ROLE.sub(_role_text, line)
    line = _LINK.sub(r"[\1](\2)", line)
    return _NAMED_LINK.sub(r"\1", line)


def _role_text(match: re.Match[str]) -> str:
    text = match[1]
    if "<" in text and text.endswith(">"):
        text = text.partition("<")[0].strip()
    elif text.startswith("~"):
        text = text.rpartition(".")[2]
    return f"`` {text} ``" if "`" in text else f"`{text}`"
