"""Where results come from, in words: what the badge and the panel print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.executed import Drift, Provenance, RunState
from sitegen.rendering.results.history import (
    CommitUrl,
    changes,
    run_before,
    versions_of,
)
from sitegen.rendering.results.numbers import (
    bytes_text,
    duration_text,
    number_text,
)
from sitegen.values import dataclass

VIEW_VERSION: Final = 1
"""Of the names below; a name that goes or changes its meaning makes a new one, an added name does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """A number that has left its tolerance, as templates read it."""

    metric: str
    value_text: str
    """Now."""
    baseline_text: str
    """What it was in the accepted run."""
    baseline_date: datetime
    """Of the accepted run, UTC."""
    tolerance_text: str
    text: str
    """`490.0 on 2026-10-01, now 470.2; tolerance ± 5`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceView:
    """Where a page's results come from, as templates read it."""

    version: int
    """Of these names."""
    state: RunState
    state_words: str
    """`reproduced`, ...: what the reader is told."""
    slug: str
    """`state_words` for a class or a data attribute: `reproduced`, `not-run`, ..."""
    explanation: str
    """What the state means, in a sentence or two."""
    date: datetime
    """When the run began, UTC."""
    device: str
    device_class: str
    device_group: str
    """What its numbers may be compared within: `cpu`, `NVIDIA A100`, ..."""
    seconds: float
    duration: str
    """`4m12s`."""
    seed: int | None
    parameters: Mapping[str, object]
    profile: str
    commit: str | None
    short_commit: str | None
    commit_url: str
    """Empty where the site has no repository configured."""
    is_dirty: bool
    packages: Mapping[str, str]
    python: str
    platform: str
    cpu: str
    """Model and count: `Some Model, 8 CPUs`."""
    memory: str
    cuda: str
    """Device, CUDA version and driver; empty for a run on a CPU."""
    torch: str
    peak_memory: str
    """The most that a cell had in use; empty where nobody measured."""
    peak_cuda_memory: str
    environment: Mapping[str, object]
    files: Mapping[str, str]
    """Files of the site that the run read or imported, the lock file among them, to their digests."""
    unseen: tuple[str, ...]
    """What may have read files that nobody saw, in words."""
    record: str
    key: str
    text: str
    """The badge's line: device, date, commit, duration, state."""
    pin_reason: str
    """Why the author keeps to these results; empty unless the page is pinned."""
    drifts: tuple[DriftView, ...]
    accepted: datetime | None
    """When a person accepted its numbers as the results; None where nobody had to."""
    before: datetime | None
    """When the run before began; None without one."""
    changes: tuple[str, ...]
    """What is different from the run before: `torch 2.12.0 -> 2.13.0`."""
    commands: tuple[str, ...]
    """How to run it again."""
    url: str
    """Of `provenance.json`, with the base path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What is known of a page beside its run."""

    url: str = ""
    """Of `provenance.json`, with the base path."""
    pin_reason: str = ""
    commands: tuple[str, ...] = ()
    runs: Sequence[Provenance] = ()
    """The page's full runs, newest first."""
    drifts: tuple[Drift, ...] = ()
    accepted: datetime | None = None
    commit_url: CommitUrl = field(default=lambda commit: "")  # noqa: ARG005
    words: Words = ENGLISH
    """Of the site."""


def provenance_view(
    state: RunState, provenance: Provenance, facts: PageFacts | None = None
) -> ProvenanceView:
    """What the badge and the panel print of a run."""
    page = facts or PageFacts()
    environment = provenance.environment
    commit = provenance.commit[:7] if provenance.commit else None
    duration = duration_text(provenance.seconds)
    words = state_words(state, provenance, page.words)
    line = (provenance.device, f"{provenance.started:%Y-%m-%d}", commit or "", duration, words)
    before = run_before(provenance, page.runs)
    peak_memory, peak_cuda_memory = (
        _peak(provenance, name) for name in ("peak_rss_bytes", "peak_cuda_bytes")
    )
    return ProvenanceView(
        version=VIEW_VERSION,
        state=state,
        state_words=words,
        slug=state_slug(state),
        explanation=_explanation(state, provenance, page.words),
        date=provenance.started,
        device=provenance.device,
        device_class=provenance.device_class,
        device_group=provenance.device_group or provenance.device,
        seconds=provenance.seconds,
        duration=duration,
        seed=provenance.seed,
        parameters=provenance.parameters,
        profile=provenance.profile,
        commit=provenance.commit,
        short_commit=commit,
        commit_url=page.commit_url(provenance.commit),
        is_dirty=provenance.is_dirty,
        packages=versions_of(provenance),
        python=_joined(environment, "implementation", "python", separator=" "),
        platform=str(environment.get("platform") or ""),
        cpu=_cpu(environment, page.words),
        memory=_memory(environment.get("memory_bytes")),
        cuda=_cuda(environment, page.words),
        torch=str(environment.get("torch") or ""),
        peak_memory=peak_memory,
        peak_cuda_memory=peak_cuda_memory,
        environment=environment,
        files=_files(provenance),
        unseen=_unseen(provenance),
        record=provenance.record,
        key=provenance.key,
        text=" · ".join(fact for fact in line if fact),
        pin_reason=page.pin_reason,
        drifts=tuple(drift_view(drift, page.words) for drift in page.drifts),
        accepted=page.accepted,
        before=before.started if before is not None else None,
        changes=changes(before, provenance, page.words) if before is not None else (),
        commands=page.commands,
        url=page.url,
    )


def drift_view(drift: Drift, words: Words = ENGLISH) -> DriftView:
    """Old and new in words."""
    baseline, value = number_text(drift.baseline), number_text(drift.value)
    if baseline == value:  # the difference is in later digits
        baseline, value = repr(drift.baseline), repr(drift.value)
    tolerance = number_text(drift.tolerance)
    return DriftView(
        metric=drift.metric,
        value_text=value,
        baseline_text=baseline,
        baseline_date=drift.baseline_started,
        tolerance_text=tolerance,
        text=words(
            "numbers.drift_text",
            baseline=baseline,
            date=f"{drift.baseline_started:%Y-%m-%d}",
            value=value,
            tolerance=tolerance,
        ),
    )


def state_words(state: RunState, provenance: Provenance | None = None, words: Words = ENGLISH) -> str:
    """A state in the reader's words; a smoke run is told from a full one.

    `fresh` and `cached` are words of the build report; a page never says whether this very build ran it.
    """
    said = words(f"state.{state_slug(state)}")
    is_smoke = provenance is not None and provenance.profile == "smoke"
    return words("state.smoke", state=said) if is_smoke else said


def state_slug(state: RunState) -> str:
    """A state as a class name: `fresh` and `cached` are both `reproduced`."""
    return "reproduced" if state in ("fresh", "cached") else state.replace(" ", "-")


def _explanation(state: RunState, provenance: Provenance, words: Words) -> str:
    said = ""
    if state != "not run":
        date = f"{provenance.started:%Y-%m-%d}"
        said = words(f"explanation.{state_slug(state)}", device=provenance.device, date=date)
    return f"{said} {words('explanation.smoke')}" if provenance.profile == "smoke" else said


def _cpu(environment: Mapping[str, object], words: Words) -> str:
    model, count = environment.get("cpu_model"), environment.get("cpu_count")
    counted = words("provenance.cpus", count=count) if count else ""
    return ", ".join(part for part in (str(model or ""), counted) if part)


def _cuda(environment: Mapping[str, object], words: Words) -> str:
    name, count = environment.get("cuda_device"), environment.get("cuda_count")
    if not name:
        return ""
    device = f"{count} \N{MULTIPLICATION SIGN} {name}" if isinstance(count, int) and count > 1 else str(name)
    version, driver = environment.get("cuda_version"), environment.get("cuda_driver")
    facts = (
        device,
        f"CUDA {version}" if version else "",
        words("provenance.driver", version=driver) if driver else "",
    )
    return ", ".join(fact for fact in facts if fact)


def _memory(size: object) -> str:
    return bytes_text(size) if isinstance(size, int) and size > 0 else ""


def _files(provenance: Provenance) -> dict[str, str]:
    """Relative to the page's folder where they lie below it, else to the site's root: with a leading `/`."""
    observed = provenance.facts.get("observed")
    if not isinstance(observed, Mapping):
        return {}
    listed = [*observed.get("files", ()), *([observed["lock"]] if observed.get("lock") else [])]
    return {f"{'' if file['base'] == 'page' else '/'}{file['path']}": str(file["digest"]) for file in listed}


def _unseen(provenance: Provenance) -> tuple[str, ...]:
    observed = provenance.facts.get("observed")
    found = observed.get("unseen", ()) if isinstance(observed, Mapping) else ()
    return tuple(dict.fromkeys(str(words) for words in found))


def _peak(provenance: Provenance, name: str) -> str:
    """The largest of the cells' peaks."""
    cells = provenance.facts.get("cells", ())
    peaks = (
        [cell.get(name) for cell in cells if isinstance(cell, Mapping)] if isinstance(cells, tuple) else []
    )
    return _memory(max((peak for peak in peaks if isinstance(peak, int)), default=0))


def _joined(environment: Mapping[str, object], *names: str, separator: str) -> str:
    return separator.join(str(environment[name]) for name in names if environment.get(name))
