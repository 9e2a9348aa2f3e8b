"""Where results come from, in words and digits: what the badge, the panel and a metric print."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sitegen.content.document import Metric, Provenance, Reference, RunState

STATE_WORDS: Final[dict[RunState, str]] = {
    "fresh": "reproduced",
    "cached": "reproduced",
    "pinned": "pinned by the author",
    "failed": "failed",
    "drifted": "drifted",
    "other device": "run on another device",
    "stale": "from an older version of the code",
    "not run": "not run",
}
"""`fresh` and `cached` are words of the build report; a page never says whether this very build ran it."""

_HYPHEN = re.compile(r"(?<![^\se])-(?=[\d.i])")  # of the number or of its exponent
_SCIENTIFIC_ABOVE = 1e7
_SCIENTIFIC_BELOW = 1e-4
_SIGNIFICANT_DIGITS = 4
_SPREAD_DIGITS = 2  # an uncertainty has no more than two digits that mean something


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceView:
    """Where a page's results come from, as templates read it."""

    state: RunState
    state_words: str
    """`reproduced`, ...: what the reader is told."""
    slug: str
    """`state_words` for a class or a data attribute: `reproduced`, `not-run`, ..."""
    date: datetime
    """When the run began, UTC."""
    device: str
    device_class: str
    seconds: float
    duration: str
    """`4m12s`."""
    seed: int | None
    profile: str
    commit: str | None
    short_commit: str | None
    is_dirty: bool
    packages: Mapping[str, str]
    python: str
    platform: str
    environment: Mapping[str, object]
    record: str
    text: str
    """The badge's line: device, date, commit, duration, state."""
    pin_reason: str
    """Why the author keeps to these results; empty unless the page is pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """A number that a cell reported, as templates read it."""

    name: str
    value: float
    unit: str
    spread: float | None
    spread_kind: str
    n: int | None
    better: str
    reference: Reference | None
    text: str
    """Value, spread and n with sensible digits: `0.9134 ± 0.0021 (n=5)`; without the unit."""
    value_text: str
    reference_text: str
    """The reference's value and spread; empty without one."""
    anchor: str
    """Id of its row in the page's provenance panel."""


def provenance_view(state: RunState, provenance: Provenance, pin_reason: str = "") -> ProvenanceView:
    """What the badge and the panel print of a run."""
    environment = provenance.environment
    packages = environment.get("packages", {})
    commit = provenance.commit[:7] if provenance.commit else None
    duration = duration_text(provenance.seconds)
    words = state_words(state, provenance)
    facts = (provenance.device, f"{provenance.started:%Y-%m-%d}", commit or "", duration, words)
    return ProvenanceView(
        state=state,
        state_words=words,
        slug=state_slug(state),
        date=provenance.started,
        device=provenance.device,
        device_class=provenance.device_class,
        seconds=provenance.seconds,
        duration=duration,
        seed=provenance.seed,
        profile=provenance.profile,
        commit=provenance.commit,
        short_commit=commit,
        is_dirty=provenance.is_dirty,
        packages=_versions(packages),
        python=str(environment.get("interpreter") or environment.get("python") or ""),
        platform=str(environment.get("platform") or ""),
        environment=environment,
        record=provenance.record,
        text=" · ".join(fact for fact in facts if fact),
        pin_reason=pin_reason,
    )


def state_words(state: RunState, provenance: Provenance | None = None) -> str:
    """A state in the reader's words; a smoke run is told from a full one."""
    words = STATE_WORDS[state]
    return f"{words}, smoke run" if provenance is not None and provenance.profile == "smoke" else words


def state_slug(state: RunState) -> str:
    """A state as a class name: `fresh` and `cached` are both `reproduced`."""
    return "reproduced" if state in ("fresh", "cached") else state.replace(" ", "-")


def metric_view(metric: Metric) -> MetricView:
    """What a template prints of a metric."""
    reference = metric.reference
    return MetricView(
        name=metric.name,
        value=metric.value,
        unit=metric.unit or "",
        spread=metric.spread,
        spread_kind=metric.spread_kind or "",
        n=metric.n,
        better=metric.better or "",
        reference=reference,
        text=metric_text(metric),
        value_text=value_text(metric.value, metric.spread),
        reference_text=with_spread(reference.value, reference.spread) if reference else "",
        anchor=metric_anchor(metric.name),
    )


def metric_anchor(name: str) -> str:
    """Id of a metric's row in its page's provenance panel."""
    return "metric-" + (re.sub(r"[^\w.-]+", "-", name.strip()).strip("-") or "value")


def metric_text(metric: Metric, pattern: str | None = None) -> str:
    """`0.9134 ± 0.0021 (n=5)`.

    Args:
        pattern: a format specification for value and spread (`.1f`); None for sensible digits.

    Raises:
        ValueError: `pattern` does not fit a number.
    """
    text = with_spread(metric.value, metric.spread, pattern)
    return f"{text} (n={metric.n})" if metric.n is not None else text


def with_spread(value: float, spread: float | None, pattern: str | None = None) -> str:
    """`490.0 ± 6.1`: the value has as many decimals as its spread."""
    if spread is None:
        return value_text(value, None, pattern)
    return f"{value_text(value, spread, pattern)} ± {spread_text(spread, pattern)}"


def value_text(value: float, spread: float | None, pattern: str | None = None) -> str:
    """A value in digits that mean something: to its spread's decimals, else four significant ones."""
    if pattern is not None:
        return _with_minus(format(value, pattern))
    if spread is None or not math.isfinite(value) or not _is_plain(value) or not _is_plain(spread):
        return number_text(value)
    return _with_minus(f"{value:.{_decimals(spread, _SPREAD_DIGITS)}f}")


def spread_text(spread: float, pattern: str | None = None) -> str:
    """A spread with two significant digits."""
    if pattern is not None:
        return format(spread, pattern)
    if not math.isfinite(spread) or not _is_plain(spread):
        return number_text(spread)
    return f"{spread:.{_decimals(spread, _SPREAD_DIGITS)}f}"


def number_text(value: float) -> str:
    """A number with at most four significant digits; whole numbers stay whole, extremes are scientific."""
    if not math.isfinite(value):
        return _with_minus(str(value))
    if not _is_plain(value):
        return _with_minus(f"{value:.3g}")
    if float(value).is_integer():
        return _with_minus(str(int(value)))
    rounded = f"{value:.{_decimals(value, _SIGNIFICANT_DIGITS)}f}"
    return _with_minus(min(rounded, repr(float(value)), key=len))  # 0.9 claims less than 0.9000


def duration_text(seconds: float) -> str:
    """`0.8s`, `12s`, `4m12s`, `2h03m`."""
    if seconds < 10:  # tenths are worth telling only here
        return f"{seconds:.1f}s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def _with_minus(text: str) -> str:
    """A number with a minus sign for each hyphen that Python writes: as wide as `+`, and lines never break at it."""
    return _HYPHEN.sub("\N{MINUS SIGN}", text)


def _is_plain(value: float) -> bool:
    """Whether a number reads well without an exponent."""
    return value == 0 or _SCIENTIFIC_BELOW <= abs(value) < _SCIENTIFIC_ABOVE


def _decimals(value: float, significant: int) -> int:
    if value == 0:
        return 1
    return max(0, significant - 1 - math.floor(math.log10(abs(value))))


def _versions(packages: object) -> Mapping[str, str]:
    """Package names to versions, from a mapping or from pairs, in alphabetical order."""
    if isinstance(packages, Mapping):
        pairs = [(str(name), str(version)) for name, version in packages.items()]
    elif isinstance(packages, (tuple, list)):
        pairs = [(str(pair[0]), str(pair[1])) for pair in packages if len(pair) == 2]
    else:
        pairs = []
    return dict(sorted(pairs, key=lambda pair: pair[0].lower()))
