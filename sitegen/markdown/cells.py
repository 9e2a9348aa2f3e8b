"""Which fences are cells, in the three forms of `docs/cells.md`, and their options with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from markdown_it.token import Token

from sitegen.content.document import CellId, CodeCell
from sitegen.content.execute_options import PageExecution, parse_cell_options
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import freeze
from sitegen.markdown.fences import FenceInfo, parse_info
from sitegen.markdown.lines import LineMap
from sitegen.values import dataclass

_PYTHON: Final = ("python", "python3", "py", "py3", "ipython", "ipython3")
_KERNEL_LANGUAGES: Final = {
    "ir": ("r",),
    "r": ("r",),
    "julia": ("julia", "jl"),
    "bash": ("bash", "sh", "shell"),
    "deno": ("typescript", "ts", "javascript", "js"),
    "javascript": ("javascript", "js"),
    "octave": ("octave", "matlab"),
    "rust": ("rust", "rs"),
    "evcxr": ("rust", "rs"),
}
"""Kernels that do not speak Python, by the start of their name; every other name is a Python environment's."""

_MYST_OPTION: Final = re.compile(r":([\w-]+):[ \t]*(.*)")

RawOption = tuple[str, object, SourceLocation]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCell:
    """A fence that is a cell."""

    cell: CodeCell
    diagnostics: tuple[Diagnostic, ...] = ()


@lru_cache(maxsize=64)
def kernel_languages(kernel: str) -> tuple[str, ...]:
    """The fence languages that a kernelspec runs, lower-case; its own name for it first."""
    name = re.split(r"[-_.\d]", kernel.lower(), maxsplit=1)[0]
    return _KERNEL_LANGUAGES.get(name, _PYTHON)


def is_cell(fence: FenceInfo, execution: PageExecution) -> bool:
    """Whether a fence is a cell of a page that is executed so."""
    languages = kernel_languages(execution.kernel)
    if fence.form == "myst":
        return not fence.language or fence.language.lower() in languages
    if fence.form == "braced":
        return fence.language.lower() in languages
    return execution.enabled is True and fence.language.lower() in languages


def cell_line_ranges(fences: Sequence[Token], execution: PageExecution) -> tuple[tuple[int, int], ...]:
    """(first line, line after the last) of the fences that are cells: no shortcode is expanded in them."""
    return tuple(
        (token.map[0], token.map[1])
        for token in fences
        if token.map is not None and is_cell(parse_info(token.info), execution)
    )


def parse_cell(
    token: Token,
    fence: FenceInfo,
    number: int,
    *,
    execution: PageExecution,
    lines: LineMap,
    text_lines: Sequence[str],
) -> ParsedCell:
    """The cell that a fence is.

    Args:
        token: the fence.
        fence: its info string, a cell by `is_cell`.
        number: from 1, of the cell on its page.
        execution: of the page; where it says that nothing runs, the cell is shown only.
        lines: of the text.
        text_lines: the text's lines.
    """
    reader = OptionReader(token, lines, text_lines)
    reader.read_info(fence)
    code_start = reader.read_header() if fence.form == "myst" else 0
    code_start = reader.read_comments(code_start)
    code = reader.code_lines[code_start:]
    while code and not code[0].strip():
        code, code_start = code[1:], code_start + 1
    named = {option[0].lower().replace("_", "-"): option for option in reader.options}  # later ones win
    options, found = parse_cell_options(tuple(named.values()), execution.cell_defaults)
    if execution.enabled is False:
        options = replace(options, exec=False)
    if options.hl_lines:
        from sitegen.markdown.code_slips import beyond

        found = (*found, *beyond(options.hl_lines, "\n".join(code), named["hl-lines"][2]))
    found = (*found, *reader.comments(code, code_start))
    first_line = (token.map[0] if token.map else 0) + 1
    cell = CodeCell(
        id=CellId(f"cell-{number}"),
        language=fence.language or kernel_languages(execution.kernel)[0],
        source="\n".join(code).rstrip("\n"),
        location=lines.location(first_line + code_start),
        options=options,
    )
    return ParsedCell(cell=cell, diagnostics=(*reader.diagnostics, *found))


class OptionReader:
    """Collects a cell's options from its info string, its header and its `#|` lines."""

    def __init__(self, token: Token, lines: LineMap, text_lines: Sequence[str]) -> None:
        self._token = token
        self._lines = lines
        self._text_lines = text_lines
        self._first = (token.map[0] if token.map else 0) + 1
        self.code_lines = token.content.split("\n")
        self.options: list[RawOption] = []
        self.diagnostics: list[Diagnostic] = []

    def read_info(self, fence: FenceInfo) -> None:
        """Attributes of the info string: `label=`, `#id`; classes say nothing to a cell."""
        opening = self._text_line(self._first - 1)
        start = opening.find(self._token.info) if self._token.info else 0
        for attribute in fence.attributes:
            if attribute.name == "class":
                continue
            name = "label" if attribute.name == "id" else attribute.name.replace(".", "-")
            location = self._lines.location(self._first - 1, start + attribute.offset + 1)
            self.options.append((name, attribute.value, location))
        location = self._lines.location(self._first - 1, start + 1)
        if fence.damaged:
            self.diagnostics.append(damaged_attributes(fence.damaged, location))
        elif fence.is_knitr:
            self.diagnostics.append(
                Diagnostic(
                    code="SG221",
                    severity="warning",
                    message=f"cell options in knitr's form: `{self._token.info.strip()}`",
                    location=location,
                    hint="write them as lines at the top of the cell: `#| echo: false`",
                )
            )

    def read_header(self) -> int:
        """MyST's `:key: value` lines or YAML between `---`; gives the number of lines that it takes."""
        code = self.code_lines
        if code and code[0].strip() == "---":
            end = next((i for i, line in enumerate(code[1:], 1) if line.strip() == "---"), None)
            if end is not None:
                self._read_yaml(code[1:end], first=1, marker="")
                return end + 1
        count = 0
        for count, line in enumerate(code):
            match = _MYST_OPTION.fullmatch(line.rstrip())
            if match is None:
                break
            value = _yaml_value(match[2])
            self.options.append((match[1], value, self._location(count, ":" + match[1])))
        return count

    def read_comments(self, start: int, marker: str = "#|") -> int:
        """The `#| key: value` lines from code line `start` on; gives the first line behind them.

        Args:
            start: in the code, from 0.
            marker: the sign of a comment of the language, and a bar.
        """
        end = start
        while end < len(self.code_lines) and self.code_lines[end].lstrip().startswith(marker):
            end += 1
        if end > start:
            stripped = [line.lstrip()[len(marker) :] for line in self.code_lines[start:end]]
            margin = min((len(s) - len(s.lstrip(" ")) for s in stripped if s.strip()), default=0)
            self._read_yaml([line[min(margin, 1) :] for line in stripped], first=start, marker=marker)
        return end

    def comments(self, code: Sequence[str], start: int, marker: str = "#|") -> Iterator[Diagnostic]:
        """What looks like an option and is none, in the code that begins at code line `start`."""
        sign = marker[:-1]
        if any("|" in line and line.lstrip().startswith(sign) for line in code):
            from sitegen.markdown.code_slips import comment_slips

            yield from comment_slips(code, lambda line, text: self._location(start + line, text), marker)

    def _read_yaml(self, header: Sequence[str], *, first: int, marker: str) -> None:
        """A YAML mapping whose line `n` is code line `first + n`, each behind `marker`."""
        import yaml  # here, and below: a site without cells may do without YAML altogether

        text = "\n".join(header)
        try:
            found = list(_yaml_items(text))
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or str(error).splitlines()[0]
            line = min(mark.line if mark else 0, len(header) - 1)
            self._wrong(f"cell options are not YAML: {reason}", first + line, marker)
            return
        except TypeError:
            self._wrong("cell options are not `key: value` lines", first, marker)
            return
        for key, value, line in found:
            self.options.append((key, value, self._location(first + line, key)))

    def _wrong(self, message: str, code_line: int, marker: str) -> None:
        self.diagnostics.append(
            Diagnostic(
                code="SG211",
                severity="error",
                message=message,
                location=self._location(code_line, marker),
                hint=f"write one `{marker or ''}{' ' if marker else ''}key: value` on each line",
            )
        )

    def _location(self, code_line: int, text: str) -> SourceLocation:
        line = self._first + code_line
        column = self._text_line(line).find(text)
        return self._lines.location(line, column + 1 if column >= 0 else None)

    def _text_line(self, line: int) -> str:
        return self._text_lines[line] if 0 <= line < len(self._text_lines) else ""


def damaged_attributes(text: str, location: SourceLocation) -> Diagnostic:
    """SG221: what of a fence's or heading's attributes makes no sense."""
    return Diagnostic(
        code="SG221",
        severity="warning",
        message=f"attributes cannot be read from `{text}` on",
        location=location,
        hint='write `{#id .class name="value"}`',
    )


def no_kernel(fence: FenceInfo, kernel: str, location: SourceLocation, *, count: int = 1) -> Diagnostic:
    """SG213: fences are marked as cells, in a language that the page's kernel does not speak.

    Args:
        fence: the first of them.
        kernel: the page's.
        location: where the first one is.
        count: how many there are on the page.
    """
    from sitegen.markdown.slips import misspelt

    meant = misspelt(fence.language.lower(), (*kernel_languages(kernel), "code-cell"))
    others = f" (and {count - 1} more on this page)" if count > 1 else ""
    return Diagnostic(
        code="SG213",
        severity="warning",
        message=f"the kernel `{kernel}` of this page does not run `{fence.language}`: shown, not run{others}",
        location=location,
        hint=f"did you mean `{{{meant}}}`?"
        if meant
        else f"write the fence as ```{fence.language}, without braces",
    )


def _yaml_items(text: str) -> Iterator[tuple[str, object, int]]:
    """Key, value and line (from 0) of a YAML mapping; keys are text whatever YAML makes of them.

    Raises:
        yaml.YAMLError: it is not YAML.
        ValueError: a value looks like a date and is none.
        TypeError: it is no mapping of plain keys.
    """
    import yaml

    from sitegen.config.yaml_loader import YAML_1_1

    node = yaml.compose(text, Loader=YAML_1_1)
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise TypeError(node.tag)
    construct = YAML_1_1("").construct_document
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise TypeError(key_node.tag)
        yield str(key_node.value), freeze(construct(value_node)), key_node.start_mark.line


def _yaml_value(text: str) -> object:
    """The value of a MyST option; an empty one is a flag."""
    if not text.strip():
        return True
    import yaml

    from sitegen.config.yaml_loader import YAML_1_1

    try:
        return freeze(yaml.load(text, Loader=YAML_1_1))  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError):
        return text
