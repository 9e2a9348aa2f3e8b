"""Options of code that do nothing: misspelt names, lines that there are none of, marks that no list tells of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic, SourceLocation, did_you_mean
from sitegen.markdown.code_annotations import FIRST
from sitegen.markdown.fences import Attribute, FenceInfo, as_line_ranges, parse_line_ranges
from sitegen.markdown.inline import Work
from sitegen.markdown.slips import misspelt, slip
from sitegen.markdown.static_code import OPTIONS, TITLES
from sitegen.markdown.tokens import lines_of

_KNOWN: Final = (*sorted(OPTIONS), *TITLES, "lst_cap")
_FREE: Final = frozenset({"class", "id", "lang", "dir"})
_NUMBERED: Final = frozenset({"linenos", "code_line_numbers"})
_WAYS: Final = ("true", "false", "table", "inline")
_WHOLE: Final = frozenset({"linenostart", "tabwidth"})
_RANGE: Final = re.compile(r"\d{1,6}(?:-\d{1,6})?")
_MARKS: Final = re.compile(r"(?:#|//|--|%|;)+[ \t]*((?:<\d{1,2}>[ \t]*)+)$", re.MULTILINE)
_NUMBER: Final = re.compile(r"\d+")
_VALUE: Final = re.compile(r"\{([A-Za-z]+)\}\s+\S")
_ROLE: Final = re.compile(r"\{([A-Za-z]+)\}\Z")
_PYTHON: Final = ("python", "python3")
_DRAWN: Final = ("mermaid", "graphviz")
_COMMON: Final = (
    "bash", "console", "css", "html", "javascript", "json", "julia", "latex", "markdown", "python", "ruby", "rust",
    "shell", "text", "toml", "typescript", "yaml",
)  # fmt: skip


# --- options --------------------------------------------------------------------------------------


def option_slips(token: Token, fence: FenceInfo, work: Work) -> Iterator[Diagnostic]:
    """What a fence says of its code that has no effect; names of no option are attributes of HTML, as Hugo's.

    Args:
        token: a fence that is no cell and no diagram.
        fence: its info string.
        work: of the page.
    """
    for attribute in fence.attributes:
        name = attribute.name.lower().replace("-", "_")
        if name in _FREE or name.startswith(("data_", "aria_")):
            continue
        if name not in _KNOWN:
            meant = misspelt(name, _KNOWN)
            if meant is not None:
                shown = meant.replace("_", "-") if "-" in attribute.name or meant == "lst_cap" else meant
                yield _at(
                    attribute,
                    token,
                    work,
                    f"code has no option `{attribute.name}`",
                    f"did you mean `{shown}`?",
                )
        elif (wrong := _wrong(name, attribute.value, token.content)) is not None:
            yield _at(attribute, token, work, *wrong)


def _at(attribute: Attribute, token: Token, work: Work, message: str, hint: str) -> Diagnostic:
    first, _ = lines_of(token)
    return slip(work, "SG227", message, hint, written=attribute.name, block=(first, first + 1))


def _wrong(name: str, value: object, code: str) -> tuple[str, str] | None:
    """Message and hint for a value that an option cannot have."""
    said = str(value).lower()
    if name == "hl_lines":
        return lines_wrong(as_line_ranges(value), code)
    if name in _NUMBERED and said not in _WAYS:
        return f"`{name}` cannot be `{value}`", did_you_mean(said, _WAYS)
    if name in _WHOLE and not said.isdecimal():
        return f"`{name}` is a number, and `{value}` is none", f"write `{name}=4`"
    return None


def lines_wrong(ranges: str, code: str) -> tuple[str, str] | None:
    """Message and hint where `1,3-5` is no list of lines of this code.

    Args:
        ranges: as `as_line_ranges` gives them.
        code: of the block; line 1 is its first.
    """
    count = len(code.rstrip("\n").split("\n"))
    for part in filter(None, re.split(r"[\s,]+", ranges)):
        if not _RANGE.fullmatch(part):
            return f"`{part}` is no line of code", "write lines from 1, and ranges: `1,3-5`"
        lines = parse_line_ranges(part)
        if not lines or min(lines) < 1:
            return (
                f"`{part}` names no line",
                "lines count from 1, and a range goes from the smaller to the larger",
            )
        if max(lines) > count:
            has = "one line" if count == 1 else f"{count} lines"
            return (
                f"line {max(lines)} is to be highlighted, and the code has {has}",
                "lines count from 1, from the first of the block",
            )
    return None


def beyond(ranges: str, code: str, location: SourceLocation) -> Iterator[Diagnostic]:
    """The same of a cell's `hl-lines`."""
    wrong = lines_wrong(ranges, code)
    if wrong is not None:
        yield Diagnostic(code="SG227", severity="warning", message=wrong[0], location=location, hint=wrong[1])


# --- languages and values -------------------------------------------------------------------------


def language_slips(token: Token, fence: FenceInfo, work: Work) -> Iterator[Diagnostic]:
    """A language that no highlighter knows and that is a common one misspelt: it has no colours, or is not drawn."""
    meant = _language(fence.language.lower())
    if meant is not None:
        first, _ = lines_of(token)
        yield slip(
            work,
            "SG227",
            f"code in the unknown language `{fence.language}`",
            f"did you mean `{meant}`?",
            written=fence.language,
            block=(first, first + 1),
        )


@lru_cache(maxsize=256)
def _language(name: str) -> str | None:
    """The language that is drawn and a letter or two away, or a common one of the same letters; else any name is free."""
    drawn = misspelt(name, _DRAWN)
    return drawn or next((each for each in _COMMON if sorted(each) == sorted(name) and each != name), None)


def value_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """`{pyhton} x` between backticks, `{evla}` before them: values in prose that are shown as code."""
    for token in tokens:
        children = token.children if token.type == "inline" else None
        for place, child in enumerate(children or ()):
            if child.type != "code_inline":
                continue
            match = _VALUE.match(child.content)
            name = match[1] if match is not None else ""
            meant = misspelt(name.lower(), _PYTHON) if name and not work.runs_language(name) else None
            if meant is not None:
                yield _value(token, work, f"`{{{name}}}", f"`{{{meant}}} ...`")
            before = (children or [])[place - 1] if place else None
            role = _ROLE.search(before.content) if before is not None and before.type == "text" else None
            if role is not None and misspelt(role[1].lower(), ("eval",)):
                yield _value(token, work, f"{{{role[1]}}}`", "{eval}`...`")


def _value(token: Token, work: Work, written: str, meant: str) -> Diagnostic:
    name = written.strip("`{}")
    return slip(
        work,
        "SG227",
        f"`{name}` runs nothing, so the value is shown as code",
        f"did you mean {meant}?",
        written=written,
        block=lines_of(token),
    )


def comment_slips(
    code: Sequence[str], place: Callable[[int, str], SourceLocation], marker: str
) -> Iterator[Diagnostic]:
    """Lines of a cell or a diagram that look like options and are comments.

    Args:
        code: the lines below its options.
        place: gives the place of a line, from 0, and of what is written in it.
        marker: of options: `#|`.
    """
    sign, bar = marker[:-1], marker[-1]
    option = re.compile(rf"\s*({re.escape(sign)}([ \t]*){re.escape(bar)})[ \t]*[A-Za-z][\w-]*:(?:\s|\Z)")
    for number, line in enumerate(code):
        match = option.match(line)
        if match is not None and (not match[2] or number == 0):
            reason = "options begin with" if match[2] else "options stand above the code, and begin with"
            yield Diagnostic(
                code="SG227",
                severity="warning",
                message=f"an option that is a comment: `{line.strip()}`",
                location=place(number, match[1]),
                hint=f"{reason} `{marker}`",
            )


# --- marks ----------------------------------------------------------------------------------------


def mark_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """Marks (`# <1>`) without an ordered list right below, or with one of another length."""
    for place, token in enumerate(tokens):
        if token.type != "fence" or FIRST not in token.content:
            continue
        written: dict[int, str] = {}
        for match in _MARKS.finditer(token.content):
            for number in _NUMBER.findall(match[1]):
                written.setdefault(int(number), match[0])
        marks, first = written.keys(), written.get(1)
        if first is None:
            continue
        count = _items(tokens, place + 1)
        missing = sorted(marks - set(range(1, count + 1)))
        if not count:
            message = "the marks of this code have no list that tells of them"
            hint = "write an ordered list (`1. ...`) right below the code"
        elif missing:
            message = f"the mark `<{missing[0]}>` has no item in the list below, which has {count}"
            hint = f"add item {missing[0]} to the list"
        elif count > max(marks):
            message = f"item {max(marks) + 1} of the list below has no mark in the code"
            hint = f"mark its line: `# <{max(marks) + 1}>`"
        else:
            continue
        yield slip(work, "SG229", message, hint, written=first.rstrip(), block=lines_of(token))


def _items(tokens: Sequence[Token], place: int) -> int:
    """How many items an ordered list has that begins there; 0 where none does."""
    if place >= len(tokens) or tokens[place].type != "ordered_list_open":
        return 0
    level, count = tokens[place].level, 0
    for token in tokens[place:]:
        if token.type == "ordered_list_close" and token.level == level:
            break
        count += token.type == "list_item_open" and token.level == level + 1
    return count
