"""Terminal text to HTML: colours and weights of ANSI escapes (ECMA-48 SGR) as spans, the rest dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

_ESCAPE = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI
    r"|\x1b\].*?(?:\x07|\x1b\\|$)"  # OSC: window titles, links
    r"|\x1b[PX^_].*?(?:\x1b\\|$)"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_CUBE: Final = (0, 95, 135, 175, 215, 255)  # levels of xterm's 6 x 6 x 6 colour cube


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """What is switched on."""

    foreground: str = ""
    """A name of the sixteen (`red`, `bright-blue`) or `rgb(...)`."""
    background: str = ""
    weights: frozenset[str] = frozenset()


_PLAIN: Final = _Style()
_SWITCHES: Final = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike"}
_OFF: Final = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}, 27: {"inverse"}, 29: {"strike"}}


def ansi_html(text: str) -> str:
    """Terminal text as HTML, for a `<pre>`."""
    return "\n".join(ansi_lines(text))


def ansi_lines(text: str) -> list[str]:
    """Each line as balanced HTML; a colour goes on in the next line until it is switched off."""
    lines: list[str] = []
    style = _PLAIN
    for line in text.replace("\r\n", "\n").split("\n"):
        html, style = _line(_last_state(line), style)
        lines.append(html)
    return lines


def without_ansi(text: str) -> str:
    """The text alone."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def _last_state(line: str) -> str:
    """What a terminal shows of a line that was written over with carriage returns."""
    if "\r" not in line:
        return line
    return next((part for part in reversed(line.split("\r")) if part), "")


def _line(line: str, style: _Style) -> tuple[str, _Style]:
    if "\x1b" not in line and style == _PLAIN:
        return escape(_CONTROL.sub("", line), quote=False), style
    parts: list[str] = []
    done = 0
    for match in _ESCAPE.finditer(line):
        parts.append(_span(line[done : match.start()], style))
        done = match.end()
        if match["final"] == "m":
            style = _switched(style, _numbers(match["parameters"]))
    parts.append(_span(line[done:], style))
    return "".join(parts), style


def _span(text: str, style: _Style) -> str:
    content = escape(_CONTROL.sub("", text), quote=False)
    if not content or style == _PLAIN:
        return content
    classes = [f"ansi-{weight}" for weight in sorted(style.weights)]
    rules: list[str] = []
    for colour, suffix, rule in (
        (style.foreground, "", "color"),
        (style.background, "-bg", "background-color"),
    ):
        if colour.startswith("rgb"):
            rules.append(f"{rule}:{colour}")
        elif colour:
            classes.append(f"ansi-{colour}{suffix}")
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    if rules:
        attributes += f' style="{";".join(rules)}"'
    return f"<span{attributes}>{content}</span>"


def _numbers(parameters: str) -> list[int]:
    """`1;38:5:196` as numbers; a missing one is 0."""
    return [int(part) if part.isdigit() else 0 for part in re.split(r"[;:]", parameters)]


def _switched(style: _Style, numbers: Sequence[int]) -> _Style:
    rest = iter(numbers)
    for number in rest:
        if number == 0:
            style = _PLAIN
        elif number in _SWITCHES:
            style = replace(style, weights=style.weights | {_SWITCHES[number]})
        elif number in _OFF:
            style = replace(style, weights=style.weights - _OFF[number])
        elif number in (38, 48):
            colour = _extended(rest)
            style = replace(style, foreground=colour) if number == 38 else replace(style, background=colour)
        else:
            style = _coloured(style, number)
    return style


def _coloured(style: _Style, number: int) -> _Style:
    if number == 39:
        return replace(style, foreground="")
    if number == 49:
        return replace(style, background="")
    tens, colour = divmod(number, 10)
    if colour > 7:
        return style
    if tens in (3, 9):
        return replace(style, foreground=_named(colour, is_bright=tens == 9))
    if tens in (4, 10):
        return replace(style, background=_named(colour, is_bright=tens == 10))
    return style


def _named(colour: int, *, is_bright: bool) -> str:
    return f"bright-{_NAMES[colour]}" if is_bright else _NAMES[colour]


def _extended(rest: Iterator[int]) -> str:
    """The colour after 38 or 48: `5;n` of 256, or `2;r;g;b`."""
    mode = next(rest, 0)
    if mode == 2:
        red, green, blue = (min(next(rest, 0), 255) for _ in range(3))
        return f"rgb({red},{green},{blue})"
    number = next(rest, 0) if mode == 5 else 0
    if number < 16:
        return _named(number % 8, is_bright=number >= 8)
    if number >= 232:
        grey = 8 + 10 * (min(number, 255) - 232)
        return f"rgb({grey},{grey},{grey})"
    high, low = divmod(number - 16, 36)
    return f"rgb({_CUBE[high]},{_CUBE[low // 6]},{_CUBE[low % 6]})"
