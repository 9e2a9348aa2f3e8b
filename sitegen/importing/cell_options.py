"""Options at the top of a code cell, Quarto's, nbdev's and fastpages', as ours: the same, renamed, or gone and noted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.content.execute_options import parse_cell_options
from sitegen.content.parsers import UnreadableTextError, read_yaml
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict, freeze

_OPTION: Final = re.compile(r"[ \t]*#\|[ \t]?(?P<text>.*)")
_KEY: Final = re.compile(r"(?P<key>[A-Za-z][\w.-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_FASTPAGES: Final = re.compile(
    r"#[ \t]*(hide|hide_input|hide_output|collapse|collapse[-_](?:hide|show|output)|export\w*|default_exp.*)[ \t]*"
)
_DIRECTIVES: Final[dict[str, str]] = {
    "hide": "include: false",
    "hide_input": "echo: false",
    "hide_output": "output: false",
    "hide-input": "echo: false",
    "hide-output": "output: false",
    "collapse": "code-fold: true",
    "collapse-hide": "code-fold: true",
    "collapse_hide": "code-fold: true",
    "collapse-show": "code-fold: show",
    "collapse_show": "code-fold: show",
    "collapse-output": "output-fold: true",
    "collapse_output": "output-fold: true",
    "hide_line": "",
}
"""nbdev's and fastpages' directives as options."""
_EXPORTS: Final = (
    "export",
    "exports",
    "exporti",
    "exporti",
    "default_exp",
    "exec_doc",
    "filter_stream",
    "default_cls_lvl",
)
"""nbdev's words about the module that it writes of a notebook."""
_LINE_COLUMNS: Final = (("margin", "margin"), ("screen", "screen"), ("page", "page"))
_PLACE: Final = SourceLocation(path=PurePosixPath("cell"))


@dataclass(slots=True)
class CellHeader:
    """The options of a cell as they are to be written, and what became of each."""

    lines: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    converted: list[str] = field(default_factory=list)
    """What is written in another way: `old` as `new`."""
    lost: list[str] = field(default_factory=list)
    """Options that have no counterpart, as written."""


def convert_cell(lines: Sequence[str]) -> CellHeader:
    """A cell's lines with its options as ours; a cell whose options are all ours comes back as it is."""
    end = 0
    while end < len(lines) and _OPTION.match(lines[end]):
        end += 1
    made = CellHeader(code=list(lines[end:]))
    for key, group in _groups(lines[:end]):
        _convert(key, group, made)
    while not end and made.code and (match := _FASTPAGES.fullmatch(made.code[0].rstrip())):
        _directive(match[1], made.code.pop(0), made)
    return made


def option_line(key: str, value: object) -> str:
    """A line `#| key: value`."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    needs_quotes = isinstance(value, str) and (re.search(r"[:#\[\]{}\"'&*!|>%@`]", text) or not text)
    return (
        f'#| {key}: "{text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'
        if needs_quotes
        else f"#| {key}: {text}"
    )


def is_ours(key: str, value: object) -> bool:
    """Whether a cell may have the option with that value, and it has an effect."""
    _, problems = parse_cell_options(((key, freeze(value), _PLACE),), FrozenDict())
    return not problems


def renamed(key: str, value: object) -> tuple[str, object] | None:
    """An option of Quarto's or knitr's that ours has in another form; None where it has not."""
    name = key.lower().replace("_", "-").replace(".", "-")
    found: tuple[str, object] | None = None
    if name == "results" and value in ("hide", False):
        found = "output", False
    elif name == "results" and value == "asis":
        found = "output", "asis"
    elif name == "echo" and value == "fenced":
        found = "echo", True
    elif name == "column" and isinstance(value, str):
        found = "column", next((ours for word, ours in _LINE_COLUMNS if word in value), "body")
    elif name == "fig-cap" and isinstance(value, list):
        found = "fig-subcap", value
    elif name == "fig-format" and value == "jpeg":
        found = "fig-format", "png"
    elif name == "output" and value in ("all", "show"):
        found = "output", True
    elif name == "lst-label" and isinstance(value, str):
        found = "label", value
    elif name != key and is_ours(name, value):
        found = name, value
    return found if found is not None and is_ours(*found) else None


def _groups(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with the lines that belong to it; an empty key for a line that is none."""
    key = ""
    group: list[str] = []
    for line in lines:
        match = _OPTION.match(line)
        text = match["text"] if match else ""
        named = _KEY.match(text)
        if named is not None or (text.strip() and not text.startswith((" ", "-")) and not key):
            if group:
                yield key, group
            key, group = (named["key"] if named else ""), [line]
        elif text.strip() and not text.startswith((" ", "-")):
            yield key, group
            key, group = "", [line]
        else:
            group.append(line)
    if group:
        yield key, group


def _convert(key: str, group: list[str], made: CellHeader) -> None:
    written = " ".join(_text(line).strip() for line in group).strip()
    word = written.split(" ")[0].rstrip(":")
    if word in _EXPORTS or (word in _DIRECTIVES and (not key or word == key)):
        _directive(word, written, made)
        return
    if not key:
        if written:
            made.lost.append(written)
        return
    value = _value(group, key)
    if is_ours(key, value):
        made.lines += group
        return
    other = renamed(key, value)
    if other is None:
        made.lost.append(written)
        return
    line = option_line(*other) if not isinstance(other[1], list) else f"#| {other[0]}: {_list(other[1])}"
    made.lines.append(line)
    made.converted.append(f"`{written}` as `{line.removeprefix('#| ')}`")


def _directive(word: str, written: str, made: CellHeader) -> None:
    option = _DIRECTIVES.get(word, "")
    if option:
        made.lines.append(f"#| {option}")
        made.converted.append(f"`{written.lstrip('# |').strip()}` as `{option}`")


def _value(group: list[str], key: str) -> Any:
    try:
        return (read_yaml("\n".join(_text(line) for line in group)).value or {}).get(key)
    except (UnreadableTextError, AttributeError):
        return _text(group[0]).partition(":")[2].strip()


def _text(line: str) -> str:
    match = _OPTION.match(line)
    return match["text"] if match else line


def _list(values: list[Any]) -> str:
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "[" + ", ".join(f'"{value}"' for value in quoted) + "]"
