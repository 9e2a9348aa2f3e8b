"""Every text of the theme can be read on what it stands on, in both modes: WCAG 2.2 level AA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import product

import pytest
from pygments.token import STANDARD_TYPES

from sitegen.checking.contrast import CODE_GROUNDS, GRAPHICS_AA, GROUNDS, INVERSE, TEXT_AA, TEXTS
from sitegen.execution.kernel_side import grounds

MODES = ("light", "dark")
ON_FIGURES = ("--plot", "--plot-dark")
CLASSES = sorted(name for name in STANDARD_TYPES.values() if name)


Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 255, gamma-encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One `selector { property: value }` of the style sheet, without its at-rules."""

    selector: str
    declarations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleSheet:
    """What the tests ask of `site.css`."""

    rules: tuple[Rule, ...]
    tokens: dict[str, str]
    """Custom property to its value as written, of the first `:root`."""

    def colour(self, value: str, mode: str) -> Colour:
        """A hexadecimal colour, `var()`, `light-dark()` or `color-mix(in srgb, ...)` as a colour.

        Args:
            value: as the style sheet has it.
            mode: `light` or `dark`.
        """
        value = value.strip()
        if match := re.fullmatch(r"#([0-9a-f]{6})", value):
            return (int(match[1][:2], 16), int(match[1][2:4], 16), int(match[1][4:], 16))
        name, _, rest = value.partition("(")
        arguments = _split(rest.removesuffix(")"))
        if name == "var":
            return self.colour(self.tokens[arguments[0]], mode)
        if name == "light-dark":
            return self.colour(arguments[0 if mode == "light" else 1], mode)
        if name == "color-mix":
            assert arguments[0] == "in srgb", value
            first, share = arguments[1].rsplit(" ", 1)
            part = float(share.removesuffix("%")) / 100
            above, below = self.colour(first, mode), self.colour(arguments[2], mode)
            return (
                above[0] * part + below[0] * (1 - part),
                above[1] * part + below[1] * (1 - part),
                above[2] * part + below[2] * (1 - part),
            )
        raise AssertionError(f"not a colour: {value}")

    def contrast(self, text: str, ground: str, mode: str) -> float:
        """The contrast of two tokens, from 1 to 21.

        Source: WCAG 2.2, contrast ratio and relative luminance.
        """
        ratio = [_luminance(self.colour(f"var({token})", mode)) + 0.05 for token in (text, ground)]
        return max(ratio) / min(ratio)


@pytest.fixture(scope="session")
def style() -> StyleSheet:
    """The theme's style sheet."""
    written = files("sitegen.theme").joinpath("assets", "site.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL)
    rules = tuple(_rules(text))
    return StyleSheet(
        rules=rules, tokens={name: value for name, value in rules[0].declarations if name[:2] == "--"}
    )


def code_colour(style: StyleSheet, name: str) -> str:
    """The token that colours a Pygments class; the text's own where no rule names it."""
    found = "--fg"
    for rule in style.rules:
        if rule.selector.startswith("code ") and re.search(rf"\.{name}(?![\w-])", rule.selector):
            for key, value in rule.declarations:
                found = value[4:-1] if key == "color" else found
    return found


@pytest.mark.parametrize(("text", "ground", "mode"), [*product(TEXTS, GROUNDS, MODES)])
def test_text_is_readable_on_every_ground(style: StyleSheet, text: str, ground: str, mode: str) -> None:
    """Each colour of text reaches 4.5:1 on the page, on boxes and on a marked target."""
    assert style.contrast(text, ground, mode) >= TEXT_AA


@pytest.mark.parametrize(("pair", "mode"), [*product(INVERSE, MODES)])
def test_inverse_text_is_readable(style: StyleSheet, pair: tuple[str, str], mode: str) -> None:
    """The skip link and a selection are readable."""
    assert style.contrast(*pair, mode) >= TEXT_AA


@pytest.mark.parametrize(("ground", "mode"), [*product(CODE_GROUNDS, MODES)])
def test_code_is_readable(style: StyleSheet, ground: str, mode: str) -> None:
    """Each of Pygments' classes reaches 4.5:1 on a code block and on a highlighted line."""
    ratios = {name: style.contrast(code_colour(style, name), ground, mode) for name in CLASSES}
    assert {name: ratio for name, ratio in ratios.items() if ratio < TEXT_AA} == {}


@pytest.mark.parametrize(("ground", "mode"), [*product((*GROUNDS, *CODE_GROUNDS), MODES)])
def test_focus_ring_is_seen(style: StyleSheet, ground: str, mode: str) -> None:
    """The ring around what has the focus reaches 3:1 on everything that it may surround."""
    assert style.contrast("--accent", ground, mode) >= GRAPHICS_AA


@pytest.mark.parametrize(("ground", "mode"), [*product(GROUNDS, MODES)])
def test_rule_of_outputs_is_seen(style: StyleSheet, ground: str, mode: str) -> None:
    """The line that tells output from input reaches 3:1."""
    assert style.contrast("--edge", ground, mode) >= GRAPHICS_AA


def test_colours_stand_only_among_the_tokens(style: StyleSheet) -> None:
    """A colour written elsewhere would not be measured."""
    literals = [
        (rule.selector, value)
        for rule in style.rules[1:]
        for _, value in rule.declarations
        if re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\bcolor-mix\(|\blight-dark\(", value)
    ]
    assert literals == []


def test_text_and_grounds_are_the_measured_ones(style: StyleSheet) -> None:
    """Each `color` and `background` of the style sheet is one of the tokens above."""
    code = {token for token in style.tokens if token.startswith("--code-")}
    known = {
        "color": {*TEXTS, *code, "--bg", "--kind"},
        "background": {*GROUNDS, *CODE_GROUNDS, *ON_FIGURES, "--fg", "--accent"},
    }
    unknown = [
        (rule.selector, key, value)
        for rule in style.rules
        for key, value in rule.declarations
        if key in known
        and value not in {"none", "inherit", "currentColor"}
        and value not in {f"var({token})" for token in known[key]}
    ]
    assert unknown == []


def test_figures_are_drawn_in_the_themes_ink(style: StyleSheet) -> None:
    """The kernel draws a figure for dark pages with the page's own text and ground."""
    for token, colour in (("--fg", grounds.INK), ("--bg", grounds.PAPER), ("--plot-dark", grounds.PAPER)):
        assert style.colour(f"var({token})", "dark") == pytest.approx([255 * part for part in colour])


def test_kinds_are_texts_that_are_measured(style: StyleSheet) -> None:
    """The colour of an alert or a state, `--kind`, is one of the measured ones wherever it is set."""
    kinds = {value for rule in style.rules for key, value in rule.declarations if key == "--kind"}
    assert kinds <= {f"var({token})" for token in TEXTS}


def test_known_ratio_is_computed(style: StyleSheet) -> None:
    """The measure itself is right: white on black is 21:1, #767676 on white is the well-known 4.54:1."""
    sheet = type(style)(rules=(), tokens={"--a": "#ffffff", "--b": "#000000", "--c": "#767676"})
    assert sheet.contrast("--a", "--b", "light") == pytest.approx(21.0)
    assert sheet.contrast("--c", "--a", "light") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("mode", MODES)
def test_an_unreadable_colour_is_found(style: StyleSheet, mode: str) -> None:
    """A comment in the colour that a blog once had, #999988, fails on our code block in light mode."""
    sheet = type(style)(
        rules=style.rules, tokens={**style.tokens, "--code-comment": "light-dark(#999988, #555555)"}
    )
    assert sheet.contrast(code_colour(sheet, "c1"), "--soft", mode) < TEXT_AA


def _rules(text: str) -> Iterator[Rule]:
    """Innermost blocks in order; the file has no `{`, `}` or `;` inside strings."""
    for match in re.finditer(r"([^{};]+)\{([^{}]*)\}", text):
        pairs = (part.split(":", 1) for part in match[2].split(";") if ":" in part)
        yield Rule(
            selector=" ".join(match[1].split()),
            declarations=tuple((name.strip(), " ".join(value.split())) for name, value in pairs),
        )


def _split(text: str) -> list[str]:
    """Arguments at commas that are in no parentheses."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
