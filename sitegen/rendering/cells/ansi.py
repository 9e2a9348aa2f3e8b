"""Terminal text to HTML: colours and weights of ANSI escapes as spans, the rest dropped; rich decodes them."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.color import Color
    from rich.style import Style

_ESCAPE = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI (ECMA-48)
    r"|\x1b\].*?(?:\x07|\x1b\\|$)"  # OSC: window titles, links
    r"|\x1b[PX^_].*?(?:\x1b\\|$)"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_WEIGHTS: Final = ("bold", "dim", "italic", "reverse", "strike", "underline")
_CLASSES: Final = {"reverse": "inverse"}


def ansi_html(text: str) -> str:
    """Terminal text as HTML, for a `<pre>`."""
    return "\n".join(ansi_lines(text))


def ansi_lines(text: str) -> list[str]:
    """Each line as balanced HTML; a colour goes on in the next line until it is switched off."""
    lines = [_last_state(line) for line in text.replace("\r\n", "\n").split("\n")]
    if "\x1b" not in text:
        return [_escaped(line) for line in lines]
    from rich.ansi import AnsiDecoder  # not needed by most pages

    decoder = AnsiDecoder()
    html = []
    for line in lines:
        decoded = decoder.decode_line(_ESCAPE.sub(_only_colours, line))
        spans = [(span.start, span.end, span.style) for span in decoded.spans]
        html.append(_line(decoded.plain, spans))
    return html


def without_ansi(text: str) -> str:
    """The text alone."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def _last_state(line: str) -> str:
    """What a terminal shows of a line that was written over with carriage returns."""
    if "\r" not in line:
        return line
    return next((part for part in reversed(line.split("\r")) if part), "")


def _only_colours(match: re.Match[str]) -> str:
    """SGR stays, with `;` for ISO 8613-6's `:`, which rich does not read; all else goes."""
    return f"\x1b[{match['parameters'].replace(':', ';')}m" if match["final"] == "m" else ""


def _line(plain: str, spans: list[tuple[int, int, str | Style]]) -> str:
    """One line from rich's spans, which come in order and do not overlap."""
    parts: list[str] = []
    done = 0
    for start, end, style in spans:
        parts.append(_escaped(plain[done:start]))
        parts.append(_span(plain[start:end], style))
        done = end
    parts.append(_escaped(plain[done:]))
    return "".join(parts)


def _span(text: str, style: str | Style) -> str:
    content = _escaped(text)
    if not content or isinstance(style, str):
        return content
    classes = [f"ansi-{_CLASSES.get(name, name)}" for name in _WEIGHTS if getattr(style, name)]
    rules: list[str] = []
    for colour, suffix, rule in ((style.color, "", "color"), (style.bgcolor, "-bg", "background-color")):
        if colour is None or colour.is_default:
            continue
        if (name := _name(colour)) is not None:
            classes.append(f"ansi-{name}{suffix}")
        else:
            red, green, blue = colour.get_truecolor()
            rules.append(f"{rule}:rgb({red},{green},{blue})")
    if not classes and not rules:
        return content
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    if rules:
        attributes += f' style="{";".join(rules)}"'
    return f"<span{attributes}>{content}</span>"


def _name(colour: Color) -> str | None:
    """The name of one of the sixteen colours that the theme sets; None for any other."""
    if colour.number is None or colour.number > 15:
        return None
    name = _NAMES[colour.number % 8]
    return f"bright-{name}" if colour.number > 7 else name


def _escaped(text: str) -> str:
    return escape(_CONTROL.sub("", text), quote=False)
