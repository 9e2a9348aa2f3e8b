"""Colours as style sheets write them, how they are mixed, and how far two of them lie apart."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final, NamedTuple

Colour = tuple[float, float, float]
"""Red, green, blue of sRGB from 0 to 1, gamma-encoded."""
Lookup = Callable[[str], "Colour | None"]
"""The colour of a custom property (`--accent`) in the mode at hand, or None."""

_CALL: Final = re.compile(r"([a-z-]+)\((.*)\)", re.DOTALL)
_HEX: Final = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_TO_RADIANS: Final = {
    "deg": math.pi / 180,
    "rad": 1.0,
    "grad": math.pi / 200,
    "turn": 2 * math.pi,
    "%": 2 * math.pi / 100,
    "": math.pi / 180,
}
_OPAQUE: Final = ("1", "100%")
_DIGITS: Final = r"(?:\d+(?:\.\d+)?|\.\d+)"
_NUMBER: Final = re.compile(rf"([-+]?{_DIGITS}(?:e[-+]?\d+)?)(%|deg|grad|rad|turn)?|none")
_SHARE: Final = re.compile(rf"(.*\S)\s+({_DIGITS})%|({_DIGITS})%\s+(\S.*)", re.DOTALL)
_LARGEST: Final = 1e6
"""No colour needs a larger number, and the third power of one must be a float."""


def read_colour(text: str, *, is_dark: bool, look_up: Lookup) -> Colour | None:
    """A colour as CSS writes it; None for what is none, is not opaque, or is written in a way that is not read here.

    Args:
        text: `#a04000`, `rgb()`, `hsl()`, `oklch()`, `oklab()`, a name, `var()`, `light-dark()` or `color-mix(in srgb, ...)`.
        is_dark: which of the two `light-dark()` means.
        look_up: the value of a custom property.

    Source: CSS Color Module Level 4 and 5.
    """
    text = text.strip().lower()
    if text.startswith("#"):
        return _of_digits(text)
    call = _CALL.fullmatch(text)
    if call is None:
        return _of_name(text)
    name, inside = call[1], call[2]
    parts = split_arguments(inside)
    if name == "var":
        found = look_up(parts[0])
        return (
            found
            if found is not None or len(parts) == 1
            else read_colour(parts[1], is_dark=is_dark, look_up=look_up)
        )
    if name == "light-dark" and len(parts) == 2:
        return read_colour(parts[is_dark], is_dark=is_dark, look_up=look_up)
    if name == "color-mix":
        return _mixed(parts, lambda part: read_colour(part, is_dark=is_dark, look_up=look_up))
    numbers = _numbers(inside)
    if numbers is None:
        return None
    if name in {"rgb", "rgba"}:
        red, green, blue = (_plain(part, of_percent=255) for part in numbers)
        return _clipped((red / 255, green / 255, blue / 255))
    if name in {"hsl", "hsla"}:
        return _of_hsl(
            _radians(numbers[0]), _plain(numbers[1], of_percent=100), _plain(numbers[2], of_percent=100)
        )
    if name == "oklch":
        lightness, chroma = _plain(numbers[0], of_percent=1), _plain(numbers[1], of_percent=0.4)
        hue = _radians(numbers[2])
        return _of_oklab(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
    if name == "oklab":
        return _of_oklab(
            _plain(numbers[0], of_percent=1),
            _plain(numbers[1], of_percent=0.4),
            _plain(numbers[2], of_percent=0.4),
        )
    return None


def split_arguments(text: str) -> list[str]:
    """Arguments at commas that are in no parentheses."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the first, from 0 to 1, and the rest of the second, as `color-mix(in srgb, ...)` mixes."""
    red, green, blue = (one * share + other * (1 - share) for one, other in zip(first, second, strict=True))
    return red, green, blue


def contrast(first: Colour, second: Colour) -> float:
    """From 1 to 21.

    Source: WCAG 2.2, contrast ratio and relative luminance.
    """
    bright, dim = sorted((_luminance(first) + 0.05, _luminance(second) + 0.05), reverse=True)
    return bright / dim


def as_digits(colour: Colour) -> str:
    """`#a04000`."""
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def _of_digits(text: str) -> Colour | None:
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:]
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    if digits[6:] not in ("", "ff"):
        return None
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def _of_name(text: str) -> Colour | None:
    from PIL import ImageColor  # the 148 names

    return _of_digits(str(ImageColor.colormap.get(text, "")))


def _mixed(parts: list[str], read: Callable[[str], Colour | None]) -> Colour | None:
    if len(parts) != 3 or parts[0] != "in srgb":
        return None
    (first, share), (second, rest) = _with_share(parts[1]), _with_share(parts[2])
    one, other = read(first), read(second)
    if share is None:
        share = 50 if rest is None else 100 - rest
    whole = share + (100 - share if rest is None else rest)
    # more than all is none of CSS, and what is missing of the whole is transparent
    if one is None or other is None or max(share, rest or 0) > 100 or whole < 100:
        return None
    return mix(one, other, share / whole)


def _with_share(part: str) -> tuple[str, float | None]:
    """A part of a mix without its per cent, and those."""
    found = _SHARE.fullmatch(part)
    if found is None:
        return part, None
    return (found[1], float(found[2])) if found[1] else (found[4], float(found[3]))


class _Number(NamedTuple):
    value: float
    unit: str
    """As in `_TO_RADIANS`; empty for none."""


def _numbers(text: str) -> list[_Number] | None:
    """The three numbers of a function's, in either way of writing; None where it has others, or is not opaque."""
    channels, _, alpha = text.partition("/")
    parts = channels.replace(",", " ").split()
    if len(parts) == 4 and not alpha:
        alpha = parts.pop()
    if len(parts) != 3 or (alpha and alpha.strip() not in _OPAQUE):
        return None
    found = [each for each in map(_NUMBER.fullmatch, parts) if each is not None]
    return [_read_number(each) for each in found] if len(found) == 3 else None


def _read_number(found: re.Match[str]) -> _Number:
    value = float(found[1] or 0)  # the word `none` is nought
    return _Number(min(max(value, -_LARGEST), _LARGEST), found[2] or "")


def _plain(number: _Number, *, of_percent: float) -> float:
    return number.value / 100 * of_percent if number.unit == "%" else number.value


def _radians(number: _Number) -> float:
    return number.value * _TO_RADIANS[number.unit]


def _of_hsl(hue: float, saturation: float, lightness: float) -> Colour:
    import colorsys

    red, green, blue = colorsys.hls_to_rgb(hue / (2 * math.pi) % 1, lightness / 100, saturation / 100)
    return _clipped((red, green, blue))


def _of_oklab(lightness: float, a: float, b: float) -> Colour:
    """Source: Ottosson 2020, "A perceptual color space for image processing"; CSS Color 4, section 10."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return _clipped(
        (
            _encoded(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
            _encoded(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
            _encoded(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
        )
    )


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _clipped(colour: Colour) -> Colour:
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in colour)
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
        for channel in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
