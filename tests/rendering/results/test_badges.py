"""Provenance in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sitegen.content.document import Digest
from sitegen.content.executed import Drift, Provenance, RunState
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.results.badges import PageFacts, drift_view, provenance_view


@pytest.mark.parametrize("state", ["fresh", "cached"])
def test_fresh_and_cached_are_one_word(provenance: Provenance, state: RunState) -> None:
    """The page says that a result is reproduced, never whether this very build ran it."""
    view = provenance_view(state, provenance)

    assert view.text == "cpu (Some Model) · 2026-11-19 · a1b2c3d · 4m12s · reproduced"
    assert (view.slug, view.python, view.packages) == ("reproduced", "3.11.9", {"numpy": "2.4.5"})


def test_a_pinned_page_says_why(provenance: Provenance) -> None:
    """What the author gave as a reason stands beside the state."""
    view = provenance_view("pinned", provenance, PageFacts(pin_reason="the data set is gone"))

    assert (view.state_words, view.pin_reason) == ("pinned by the author", "the data set is gone")


def test_a_smoke_run_is_told_from_a_full_one(provenance: Provenance) -> None:
    """Its numbers are no results."""
    view = provenance_view("fresh", replace(provenance, profile="smoke", commit=None))

    assert view.state_words == "reproduced, smoke run"
    assert view.short_commit is None


def test_every_state_says_what_it_means(provenance: Provenance) -> None:
    """A sentence in the panel; with device and date where they are not what the page asks for."""
    states: tuple[RunState, ...] = ("pinned", "failed", "drifted", "fresh", "cached", "other device", "stale")
    sentences = {state: provenance_view(state, provenance).explanation for state in states}
    assert all(sentences.values())
    assert len(set(sentences.values())) == len(states) - 1  # fresh and cached are one
    assert "on cpu (Some Model), on 2026-11-19." in sentences["other device"]


def test_the_panel_has_the_machine_in_words(provenance: Provenance) -> None:
    """CPU, memory, CUDA and the most that a cell used; what nobody measured is empty."""
    environment = FrozenDict(
        {
            "implementation": "CPython",
            "python": "3.11.9",
            "cpu_model": "Some Model",
            "cpu_count": 1,
            "memory_bytes": 3 * 2**29,
            "cuda_device": "NVIDIA H100",
            "cuda_count": 2,
            "cuda_driver": "550.54",
            "cuda_version": "12.8",
        }
    )
    facts = freeze({"cells": [{"peak_rss_bytes": 2**20}, {"peak_rss_bytes": 2**29, "peak_cuda_bytes": None}]})

    view = provenance_view("fresh", replace(provenance, environment=environment, facts=facts))

    assert (view.cpu, view.memory, view.python) == ("Some Model, 1 CPU", "1.5 GiB", "CPython 3.11.9")
    assert view.cuda == "2 \N{MULTIPLICATION SIGN} NVIDIA H100, CUDA 12.8, driver 550.54"
    assert (view.peak_memory, view.peak_cuda_memory) == ("512 MiB", "")


def test_the_panel_has_the_files_that_the_run_read(provenance: Provenance) -> None:
    """Those of the page's folder by name, others from the site's root; and who may have read more."""
    observed = {
        "files": [
            {"path": "data.csv", "base": "page", "digest": "1" * 64},
            {"path": "lib/model.py", "base": "site", "digest": "2" * 64},
        ],
        "lock": {"path": "requirements.lock", "base": "site", "digest": "3" * 64},
        "unseen": ["the program `git`", "the program `git`"],
    }
    view = provenance_view("fresh", replace(provenance, facts=freeze({"observed": observed})))
    assert dict(view.files) == {
        "data.csv": "1" * 64,
        "/lib/model.py": "2" * 64,
        "/requirements.lock": "3" * 64,
    }
    assert view.unseen == ("the program `git`",)


def test_the_run_before_is_named_with_what_changed(provenance: Provenance) -> None:
    """From the page's history."""
    environment = FrozenDict({**provenance.environment, "packages": FrozenDict({"numpy": "2.4.4"})})
    before = replace(
        provenance,
        record=Digest("0" * 64),
        started=datetime(2026, 10, 1, tzinfo=UTC),
        environment=environment,
    )
    view = provenance_view("cached", provenance, PageFacts(runs=(provenance, before)))
    assert (view.before, view.changes) == (before.started, ("numpy 2.4.4 -> 2.4.5",))


def test_drift_in_late_digits_is_still_seen() -> None:
    """Two numbers that round to the same text are told whole."""
    drift = Drift(
        metric="loss",
        value=1.00001,
        baseline=1.00002,
        tolerance=1e-6,
        baseline_record=Digest("0" * 64),
        baseline_started=datetime(2026, 10, 1, tzinfo=UTC),
    )
    assert drift_view(drift).text == ("1.00002 on 2026-10-01, now 1.00001; tolerance ± 1e\N{MINUS SIGN}06")
