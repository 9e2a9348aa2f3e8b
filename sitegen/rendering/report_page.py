"""The build's report as a page for the site's author: what is wrong, what is stale, what is heavy. No part of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any, Final, NamedTuple

import jinja2

from sitegen.config import Budget

_TOPICS: Final[Sequence[tuple[str, tuple[str, ...]]]] = (
    ("Links", ("SG204", "SG701", "SG702", "SG703", "SG704", "SG705", "SG706", "SG707")),
    ("Pictures and their texts", ("SG709", "SG719")),
    ("Colours", ("SG720",)),
    ("Results", ("SG3",)),
    ("Weight", ("SG415",)),
    ("Everything else", ("",)),
)
"""Heading to how its codes begin; the first that fits has the finding."""
_SEVERITIES: Final = {"error": 0, "warning": 1, "info": 2}
_WORDS: Final = {"error": "error", "warning": "warning", "info": "note"}


class Topic(NamedTuple):
    """Findings of one kind, errors first."""

    name: str
    findings: tuple[Mapping[str, Any], ...]
    """`diagnostic_fields` of each, with `word` and `place`."""

    def count(self, word: str) -> int:
        """How many are called so: `error`, `warning` or `note`."""
        return sum(each["word"] == word for each in self.findings)


def report_page(
    report: Mapping[str, Any],
    *,
    title: str,
    budget: Budget | None,
    checked: Iterable[Mapping[str, Any]] | None = None,
) -> str:
    """A whole HTML page; it needs no other file and no script.

    Args:
        report: of the build, as `.sitegen/report.json` has it.
        title: of the site.
        budget: the limits that stand above the weights, where the site has any.
        checked: what `sitegen check` found, as diagnostics of the report; None where it was not asked.
    """
    template = _environment().from_string(files("sitegen.theme").joinpath("report.html").read_text("utf-8"))
    found = [*report["diagnostics"], *(checked or ())]
    limits = asdict(budget) if budget is not None else {}
    return template.render(
        report=report,
        title=title,
        topics=_topics(found),
        is_checked=checked is not None,
        limits={name: limit for name, limit in limits.items() if not isinstance(limit, bool) and limit >= 0},
    )


def _topics(found: Iterable[Mapping[str, Any]]) -> list[Topic]:
    """Every finding once, though the build and the check may both tell it."""
    by_topic: dict[str, dict[tuple[object, ...], Mapping[str, Any]]] = {name: {} for name, _ in _TOPICS}
    for each in found:
        topic = next(name for name, codes in _TOPICS if each["code"].startswith(codes))
        place = ":".join(str(each[part]) for part in ("path", "line", "column") if each[part] is not None)
        key = (each["code"], place, each["message"])
        by_topic[topic].setdefault(key, {**each, "word": _WORDS[each["severity"]], "place": place})
    return [
        Topic(name, tuple(sorted(same.values(), key=lambda each: _SEVERITIES[each["severity"]])))
        for name, same in by_topic.items()
    ]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["seconds"] = _seconds
    environment.filters["kilobytes"] = _kilobytes
    return environment


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def _kilobytes(value: int) -> str:
    """As budgets are written: a kilobyte has 1,000 bytes."""
    return f"{value / 1000:.1f}"
