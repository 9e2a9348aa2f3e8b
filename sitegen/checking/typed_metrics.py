"""Numbers that an author typed although a run of the page reports them: they stay when the run's change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sitegen.build.rendered import RenderedSite
from sitegen.checking.places import Places
from sitegen.content.executed import Metric
from sitegen.errors import Diagnostic
from sitegen.rendering.results.numbers import value_text

_NUMBER: Final = re.compile(r"(?<![\w.,#/@:%&=-])[-−]?\d[\d,\u202f]*(?:\.\d+)?(?![\w]|[.,]\d|[-/:]\d)")
_LINK_TARGET: Final = re.compile(r"\]\([^)\n]*\)|<[^>\n]*>|https?://\S+")
_DIGITS: Final = 3
"""Significant digits from which on a number in prose is hardly the metric's by chance."""
_WHOLE_DIGITS: Final = 4
"""The same for a whole number without zeros at its end; a year is none."""
_YEARS: Final = range(1900, 2101)


def check_typed_metrics(site: RenderedSite, places: Places) -> Iterator[Diagnostic]:
    """A note for each number in a page's prose that is one of the page's own metrics, to the digits that are written.

    Args:
        site: rendered; a page without results has no metrics.
        places: where the pages' texts are.
    """
    for key, page in site.pages.items():
        metrics = [metric for metric in page.summary.metrics if metric.value == metric.value]
        text = places.text_of(key) if metrics else None
        if text is None or text.markdown is None:
            continue
        by_text = _written(metrics)
        targets = [match.span() for match in _LINK_TARGET.finditer(text.text)]
        position = 0
        for match in _NUMBER.finditer(text.text, text.markdown.body):
            while position < len(targets) and targets[position][1] <= match.start():
                position += 1
            in_target = position < len(targets) and targets[position][0] <= match.start()
            if in_target or not text.markdown.is_prose(match.start()):
                continue
            number = match[0].replace("−", "-").replace(",", "").replace("\u202f", "")
            metric = by_text.get(number)
            if metric is None or not _is_telling(number):
                continue
            yield Diagnostic(
                code="SG716",
                severity="info",
                message=f"`{match[0]}` is typed by hand: the page's metric `{metric.name}` is {value_text(metric.value, metric.spread)}",
                location=text.location(match.start()),
                hint=f'write `{{{{< metric "{metric.name}" >}}}}`, so that it stays true',
            )


def _written(metrics: list[Metric]) -> dict[str, Metric]:
    """What a metric's value looks like when somebody types it: to one digit after the other, and in per cent."""
    found: dict[str, Metric] = {}
    for metric in metrics:
        for value in (metric.value, metric.value * 100 if abs(metric.value) <= 1 else metric.value):
            shown = value_text(value, metric.spread if value == metric.value else None).replace("−", "-")
            found.setdefault(shown, metric)
            for decimals in range(7):
                found.setdefault(f"{value:.{decimals}f}", metric)
    return found


def _is_telling(number: str) -> bool:
    """Whether a number has so many digits that it is no other by chance."""
    digits = number.lstrip("-")
    if "." in digits:
        return len(digits.replace(".", "").lstrip("0")) >= _DIGITS
    return len(digits.rstrip("0")) >= _WHOLE_DIGITS and int(digits) not in _YEARS
