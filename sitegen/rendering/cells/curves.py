"""The curves that a cell streamed with `lab.curve`, as a plot: inline SVG in the page's colours, and its values as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.executed import DisplayOutput, Output
from sitegen.rendering.cells.displays import scrolling
from sitegen.rendering.results.numbers import number_text
from sitegen.results.payloads import CurvePayload, curve_of
from sitegen.values import dataclass

_WIDTH: Final = 640
_HEIGHT: Final = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 12, 12, 46
_TEXT: Final = 13
"""Height of letters; all lengths are units of the view box, which are CSS pixels at full width."""
_DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2")
"""Of the lines, in their order: they are told apart without colour too. After the last it starts again."""

Axes = tuple[str, str, str]
"""Label of x, label of y, scale of y: curves that share them share a plot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """One direction of a plot."""

    low: float
    high: float
    start: float
    end: float
    """Where `low` and `high` stand."""
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands."""
        low, high, value = (
            math.log10(each) if self.is_log else each for each in (self.low, self.high, value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values between the ends: four to eight, or the powers of ten."""
        if not self.is_log:
            return _round_values(self.low, self.high)
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        step = max(1, math.ceil((last - first) / 7))
        powers = [10.0**power for power in range(first, last + 1, step)]
        return powers if len(powers) > 1 else _round_values(self.low, self.high)


def axes_of(output: Output) -> Axes | None:
    """The axes of an output that is a curve; None for any other output."""
    curve = curve_of(output) if isinstance(output, DisplayOutput) else None
    return None if curve is None else _axes(curve)


def curves_html(
    outputs: Iterable[Output],
    axes: Axes,
    *,
    alt: str,
    identifier: str,
    figcaption: str,
    words: Words = ENGLISH,
) -> str:
    """One figure with all curves of a cell that have the same axes.

    Args:
        outputs: of the cell.
        axes: which of its curves are drawn.
        alt: what the plot shows, in the author's words; empty for ours.
        identifier: the figure's id; empty for none.
        figcaption: the `<figcaption>`; empty for none.
        words: of the site.
    """
    found = (curve_of(output) for output in outputs if isinstance(output, DisplayOutput))
    curves = [curve for curve in found if curve is not None and _axes(curve) == axes]
    mark = f' id="{escape(identifier)}"' if identifier else ""
    # HTML wants a caption first or last; the style sheet shows it right below the plot
    return (
        f'<figure class="output output-curve"{mark}>\n{_svg(curves, axes, alt, words)}\n{_legend(curves)}'
        f"{_table(curves, axes, words)}{figcaption}</figure>\n"
    )


def _axes(curve: CurvePayload) -> Axes:
    return curve.x_label, curve.y_label, curve.y_scale


# --- the picture -----------------------------------------------------------------------------------


def _svg(curves: Sequence[CurvePayload], axes: Axes, alt: str, words: Words) -> str:
    x_label, y_label, y_scale = axes
    y_label = y_label or (curves[0].name if len(curves) == 1 else "")
    is_drawn = _drawn_by(y_scale)
    points = [
        (x, y)
        for curve in curves
        for x, y in zip(curve.x, curve.y, strict=True)
        if y is not None and is_drawn(y)
    ]
    title = escape(alt or _title(curves, axes, words))
    description = escape(" ".join(_in_words(curve, words) for curve in curves))
    opening = (
        f'<svg class="curve-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'fill="none" stroke="none" font-size="{_TEXT}">\n<title>{title}</title>\n<desc>{description}</desc>\n'
    )
    if not points:
        return f'{opening}<text x="{_WIDTH / 2:g}" y="{_HEIGHT / 2:g}" text-anchor="middle" fill="currentColor">{escape(words("curve.no_values"))}</text>\n</svg>'
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across = _Scale(low=min(xs), high=max(xs), start=_LEFT, end=_WIDTH - _RIGHT)
    low, high = _with_room(min(ys), max(ys), y_scale)
    up = _Scale(low=low, high=high, start=_HEIGHT - _BOTTOM, end=_TOP, is_log=y_scale == "log")
    lines = "".join(_line(curve, number, across, up, is_drawn) for number, curve in enumerate(curves))
    return f"{opening}{_grid(across, up)}{_labels(x_label, y_label)}{lines}</svg>"


def _line(
    curve: CurvePayload, number: int, across: _Scale, up: _Scale, is_drawn: Callable[[float], bool]
) -> str:
    """A curve's path: a gap where it has no value, of many points in one pixel the four that shape it."""
    parts: list[str] = []
    for run in _runs(curve, is_drawn):
        places = _shaping([(across.place(x), up.place(y)) for x, y in run])
        if len(places) == 1:  # a small circle, as two arcs
            x, y = places[0]
            parts.append(f"M{_length(x - 2)} {_length(y)}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0")
            continue
        parts.append("M" + "L".join(f"{_length(x)} {_length(y)}" for x, y in places))
    if not parts:
        return ""
    dash = _DASHES[number % len(_DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path class="curve-line" data-series="{number % len(_DASHES)}" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashed} d="{"".join(parts)}"/>\n'
    )


def _runs(curve: CurvePayload, is_drawn: Callable[[float], bool]) -> Iterator[list[tuple[float, float]]]:
    """Stretches of the curve without a gap."""
    run: list[tuple[float, float]] = []
    for x, y in zip(curve.x, curve.y, strict=True):
        if y is not None and is_drawn(y):
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _shaping(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of neighbours in one pixel column the first, the lowest, the highest and the last, in their order."""
    kept: list[tuple[float, float]] = []
    start = 0
    for end in range(1, len(places) + 1):
        if end < len(places) and int(places[end][0]) == int(places[start][0]):
            continue
        column = range(start, end)
        chosen = {
            start,
            min(column, key=lambda i: places[i][1]),
            max(column, key=lambda i: places[i][1]),
            end - 1,
        }
        kept += [places[i] for i in sorted(chosen)]
        start = end
    return kept


def _grid(across: _Scale, up: _Scale) -> str:
    bottom = _HEIGHT - _BOTTOM
    parts = ['<g class="curve-grid" stroke="currentColor" stroke-opacity="0.2">']
    parts += [f'<path d="M{_LEFT} {_length(up.place(tick))}H{_WIDTH - _RIGHT}"/>' for tick in up.ticks()]
    parts.append(
        f'</g>\n<path class="curve-axis" stroke="currentColor" stroke-opacity="0.6" d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - _RIGHT}"/>\n'
    )
    parts.append('<g class="curve-ticks" fill="currentColor">')
    for tick in up.ticks():
        parts.append(
            f'<text x="{_LEFT - 8}" y="{_length(up.place(tick) + 4.5)}" text-anchor="end">{_tick_text(tick)}</text>'
        )
    for tick in across.ticks():
        place = across.place(tick)
        anchor = "end" if place > _WIDTH - _RIGHT - 12 else "middle"
        parts.append(
            f'<text x="{_length(place)}" y="{bottom + 18}" text-anchor="{anchor}">{_tick_text(tick)}</text>'
        )
    return "".join(parts) + "</g>\n"


def _labels(x_label: str, y_label: str) -> str:
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts = []
    if x_label:
        parts.append(
            f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:g}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>'
        )
    if y_label:
        parts.append(
            f'<text transform="translate(14 {middle:g}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
        )
    return f'<g class="curve-labels" fill="currentColor">{"".join(parts)}</g>\n' if parts else ""


# --- the words -------------------------------------------------------------------------------------


def _legend(curves: Sequence[CurvePayload]) -> str:
    """Which line is which; a plot of one curve says it in its axis."""
    if len(curves) < 2:
        return ""
    entries = []
    for number, curve in enumerate(curves):
        dash = _DASHES[number % len(_DASHES)]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        sign = (
            f'<svg class="curve-sign" viewBox="0 0 28 8" width="28" height="8" aria-hidden="true" fill="none">'
            f'<path class="curve-line" data-series="{number % len(_DASHES)}" stroke="currentColor" stroke-width="2"{dashed} d="M1 4H27"/></svg>'
        )
        entries.append(f"<li>{sign} {escape(curve.name)}</li>")
    return f'<ul class="curve-legend">{"".join(entries)}</ul>\n'


def _table(curves: Sequence[CurvePayload], axes: Axes, words: Words) -> str:
    """The last, lowest and highest value of each curve."""
    names = [words(f"curve.{key}") for key in ("name", "points", "last", "lowest", "highest")]
    names.insert(2, words("curve.last_x", name=axes[0] or "x"))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = []
    for curve in curves:
        values = [y for y in curve.y if y is not None]
        last_x = number_text(curve.x[-1]) if curve.x else ""
        last = (
            number_text(curve.y[-1])
            if curve.y and curve.y[-1] is not None
            else escape(words("curve.not_finite"))
            if curve.y
            else ""
        )
        cells = (
            str(curve.points),
            last_x,
            last,
            number_text(min(values)) if values else "",
            number_text(max(values)) if values else "",
        )
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{escape(curve.name)}</th>{row}</tr>')
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    box = scrolling(table, words("curve.values_of"))
    return (
        f'<details class="curve-values"><summary>{escape(words("curve.values"))}</summary>\n{box}</details>\n'
    )


def _title(curves: Sequence[CurvePayload], axes: Axes, words: Words) -> str:
    names = ", ".join(curve.name for curve in curves)
    return words("curve.over", names=names, axis=axes[0]) if axes[0] else names


def _in_words(curve: CurvePayload, words: Words) -> str:
    """`loss: 1000 points, from 2.3 to 0.31, lowest 0.29, highest 2.3; 3 were not finite.`"""
    values = [y for y in curve.y if y is not None]
    if not values:
        return words("curve.none_of", name=curve.name)
    return words(
        "curve.with_gaps" if curve.not_finite else "curve.in_words",
        name=curve.name,
        count=curve.points,
        first=number_text(values[0]),
        last=number_text(values[-1]),
        lowest=number_text(min(values)),
        highest=number_text(max(values)),
        gaps=curve.not_finite,
    )


# --- numbers ---------------------------------------------------------------------------------------


def _drawn_by(y_scale: str) -> Callable[[float], bool]:
    """Which values have a place: on a logarithmic scale those above 0."""
    return (lambda y: y > 0) if y_scale == "log" else (lambda _: True)


def _with_room(low: float, high: float, y_scale: str) -> tuple[float, float]:
    """The ends of the axis: a little more than the values take."""
    if y_scale == "log":
        factor = (high / low) ** 0.04 if high > low else 2.0
        return low / factor, high * factor
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _round_values(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between the ends."""
    if not high > low:
        return [low]
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _tick_text(value: float) -> str:
    """A round value in few characters: `0.25`, `1e−5`, `2e6`."""
    plain = f"{value:.10g}"
    mantissa, _, exponent = f"{value:.6e}".partition("e")
    short = f"{float(mantissa):g}e{int(exponent)}"
    return (plain if len(plain) <= max(6, len(short)) and "e" not in plain else short).replace(
        "-", "\N{MINUS SIGN}"
    )


def _length(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
