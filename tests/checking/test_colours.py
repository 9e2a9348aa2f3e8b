"""Colours as style sheets write them."""

from __future__ import annotations

import pytest

from sitegen.checking.colours import Colour, as_digits, contrast, read_colour

NO_TOKENS: dict[str, Colour] = {}


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("#A04000", "#a04000"),
        ("#f80", "#ff8800"),
        ("#a04000ff", "#a04000"),
        ("rebeccapurple", "#663399"),
        ("rgb(160, 64, 0)", "#a04000"),
        ("rgb(62.745% 25.098% 0% / 100%)", "#a04000"),
        ("hsl(24deg 100% 31.4%)", "#a04000"),
        ("hsla(.5turn, 100%, 25.1%, 1)", "#008080"),
        ("oklch(62.8% 0.2577 29.23)", "#ff0000"),
        ("oklab(100% 0 0)", "#ffffff"),
        ("oklch(1e300 none 0)", "#ffffff"),
        ("hsl(1.2e2grad 100% 31.4%)", "#20a000"),
        ("color-mix(in srgb, #000000 25%, white)", "#bfbfbf"),
        ("color-mix(in srgb, 25% black, white)", "#bfbfbf"),
        ("color-mix(in srgb, black, white)", "#808080"),
        ("color-mix(in srgb, black, white 75%)", "#bfbfbf"),
        ("var(--a)", "#123456"),
        ("var(--none, var(--a))", "#123456"),
        ("light-dark(#000, rgb(18, 52, 86))", "#123456"),
    ],
)
def test_a_colour_is_read(written: str, digits: str) -> None:
    """In each way of writing, on a dark page."""
    colour = read_colour(written, is_dark=True, look_up={"--a": (0x12 / 255, 0x34 / 255, 0x56 / 255)}.get)

    assert colour is not None
    assert as_digits(colour) == digits


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "none",
            "#12",
            "#12345g",
            "url(a.png)",
            "rgb(1 2)",
            "rgb(1 2 x)",
            "rgb(1.2.3 0 0)",
            "rgb(. 0 0)",
            "rgb(1e 0 0)",
            "rgb(0 0 0 / 50%)",
            "#a0400080",
        ),
        *(
            "var(--none)",
            "light-dark(red)",
            "color-mix(in oklch, red, blue)",
            "color-mix(in srgb, red 10%, blue 20%)",
            "color-mix(in srgb, red 1.2.3%, blue)",
            "color-mix(in srgb, red 150%, blue)",
        ),
        *("color-mix(in srgb, red, transparent)", "lab(50% 0 0)", "rgb(from red r g b)"),
    ],
)
def test_what_is_not_known_is_no_colour(written: str) -> None:
    """Neither what is wrong nor what lets something shine through is guessed at."""
    assert read_colour(written, is_dark=False, look_up=NO_TOKENS.get) is None


def test_known_ratios() -> None:
    """White on black is 21:1, #767676 on white the well-known 4.54:1."""
    white, grey = (1.0, 1.0, 1.0), (0x76 / 255,) * 3

    assert contrast((0.0, 0.0, 0.0), white) == pytest.approx(21)
    assert contrast(white, grey) == pytest.approx(4.54, abs=0.005)
