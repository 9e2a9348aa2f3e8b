"""Every state of a page: what a plain build and a strict one make of it, and what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sitegen.build.result import BuildResult

from .conftest import CPU, GPU, OnePage

Codes = Callable[[BuildResult], list[Any]]


def _state(result: BuildResult) -> str:
    (state,) = result.states.values()
    return state


def _fresh(site: OnePage) -> dict[str, bool]:
    del site
    return {}


def _cached(site: OnePage) -> dict[str, bool]:
    site.build()
    return {}


def _other_device(site: OnePage) -> dict[str, bool]:
    site.write("#| device: cuda\nprint(1)")
    site.has(GPU)
    site.build()
    site.has(CPU)
    return {}


def _stale(site: OnePage) -> dict[str, bool]:
    site.build()
    site.write("print(2)")
    return {"allowed": False}


def _drifted(site: OnePage) -> dict[str, bool]:
    site.backend.tolerance = 0.1
    site.build()
    site.backend.loss = 1.5
    return {"fresh": True}


def _pinned(site: OnePage) -> dict[str, bool]:
    site.build()
    site.write("print(2)", execute='cache = "frozen"\npin-reason = "the cluster is gone"')
    return {}


def _not_run(site: OnePage) -> dict[str, bool]:
    del site
    return {"allowed": False}


def _failed(site: OnePage) -> dict[str, bool]:
    site.backend.fails = True
    return {}


STATES = {
    "fresh": (_fresh, [], False, False),
    "cached": (_cached, [], False, False),
    "other device": (_other_device, ["SG313"], False, False),
    "stale": (_stale, ["SG306"], False, True),
    "drifted": (_drifted, ["SG316"], False, True),
    "pinned": (_pinned, [], False, False),
    "not run": (_not_run, ["SG307"], False, True),
    "failed": (_failed, ["SG301"], True, True),
}
"""The state to: how a page comes to it, what is said of it, whether a plain and a strict build fail."""


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_exit_code(one_page: OnePage, codes: Codes, state: str, strict: bool) -> None:
    """State, message and exit code are those of the table in `docs/results.md`, and `why` has foretold them."""
    prepare, said, fails, fails_strictly = STATES[state]
    policy = prepare(one_page)
    foretold, runs = one_page.explain(**policy), len(one_page.backend.ran)

    result = one_page.build(strict=strict, **policy)

    assert dict(result.states) == {"/posts/a": state}
    assert [code for code, _ in codes(result)] == said
    assert result.failed is (fails_strictly if strict else fails)
    assert (result.published is None) is result.failed
    assert (result.reports[0].state, bool(result.reports[0].why)) == (state, True)
    assert foretold.why == result.reports[0].why
    assert foretold.would_run is (len(one_page.backend.ran) > runs)
    assert foretold.would_run or foretold.state == state


def test_pinned_wins_over_all(one_page: OnePage) -> None:
    """A pinned page shows its record though its metric has drifted, its code changed and `--fresh` is asked for."""
    _drifted(one_page)
    one_page.build(fresh=True)
    one_page.write("print(2)", execute='cache = "frozen"\npin-reason = "why not"')

    result = one_page.build(fresh=True, strict=True)

    assert (dict(result.states), result.failed) == ({"/posts/a": "pinned"}, False)
    assert result.reports[0].why[:2] == ("it is pinned: why not", "cell 1 (line 10) changed")


def test_frozen_page_without_record_is_not_run(one_page: OnePage) -> None:
    """A pin pins a record; there is none to be run for."""
    one_page.write(execute='cache = "frozen"\npin-reason = "x"')

    result = one_page.build(fresh=True)

    assert (_state(result), one_page.backend.ran) == ("not run", [])


# --- the device that is not here --------------------------------------------------------------------


def test_cuda_result_is_never_a_cpu_number(one_page: OnePage, codes: Codes) -> None:
    """Without CUDA the last CUDA result is shown with device and date, until its code is older than the page's."""
    one_page.write("#| device: cpu\nprint(1)")
    one_page.build()
    one_page.write("#| device: cuda\nprint(1)")
    unknown = one_page.build()
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)

    shown = one_page.build(strict=True)
    one_page.write("#| device: cuda\n#| label: new\nprint(2)")
    older = one_page.build(strict=True)

    assert (_state(unknown), codes(unknown)) == ("not run", [("SG307", "warning")])
    assert (_state(shown), shown.failed) == ("other device", False)
    assert "results of H200, 2030-01-04, are shown: it asks for CUDA" in shown.diagnostics[0].message
    assert (_state(older), codes(older)) == ("stale", [("SG306", "error")])
    assert 'it asks for CUDA, which is not here; cell "new" (line' in older.diagnostics[0].message
    assert older.published is None
    assert [job.device.kind for job in one_page.backend.ran] == ["cpu", "cuda"]


def test_interpreter_elsewhere_may_be_another(one_page: OnePage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A patch release of Python, here or there, throws no GPU result away; the difference is said."""
    one_page.write("#| device: cuda\nprint(1)")
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)
    from sitegen.execution import kernelspecs

    interpreter = kernelspecs._own_interpreter()
    monkeypatch.setattr(kernelspecs, "_own_interpreter", lambda: "CPython 3.99.9")

    result = one_page.build(strict=True)

    assert (_state(result), result.failed) == ("other device", False)
    assert result.reports[0].why[-1] == f"but for {interpreter} -> CPython 3.99.9"


def test_file_of_the_site_makes_a_gpu_result_stale(one_page: OnePage) -> None:
    """Item 8 must hold elsewhere too: a helper module that has changed is older code."""
    helper = one_page.root / "content/posts/a/helper.py"
    one_page.write("#| device: cuda\nimport helper")
    helper.write_text("x = 1\n", encoding="utf-8")
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)
    before = one_page.build()
    helper.write_text("x = 2\n", encoding="utf-8")

    after = one_page.build()

    assert [_state(result) for result in (before, after)] == ["other device", "stale"]
    assert any("helper.py" in word for word in after.reports[0].why)


def test_moved_page_keeps_its_gpu_result(one_page: OnePage) -> None:
    """A page that is renamed on a machine without CUDA finds its CUDA run, which has the old name."""
    one_page.write("#| device: cuda\nprint(1)")
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)
    (one_page.root / "content/posts/a").rename(one_page.root / "content/posts/renamed")

    result = one_page.build(strict=True)

    assert (dict(result.states), result.failed) == ({"/posts/renamed": "other device"}, False)


def test_missing_kernel_is_named_before_the_device(one_page: OnePage) -> None:
    """Without its kernel nobody knows which devices a page would have; its CUDA result is shown."""
    one_page.write("#| device: cuda\nprint(1)")
    one_page.has(GPU)
    one_page.build()
    one_page.write("#| device: cuda\nprint(1)", execute='kernel = "gone"')

    result = one_page.build()

    assert (_state(result), result.reports[0].why[0]) == ("other device", "there is no kernel `gone`")


@pytest.mark.parametrize(
    ("execute", "hint"),
    [
        ('kernel = "CUDA pinned"', "install the kernel, or name another under `[execute] kernel`"),
        ('cache = "frozen"\npin-reason = "CUDA"', "build once without the pin"),
    ],
)
def test_hint_is_of_the_obstacle_not_of_its_words(one_page: OnePage, execute: str, hint: str) -> None:
    """What the author's own names and reasons contain changes no hint."""
    one_page.write("print(1)", execute=execute)

    result = one_page.build()

    assert [(found.code, found.hint) for found in result.diagnostics] == [("SG307", hint)]


def test_gpus_that_are_fewer_are_counted(one_page: OnePage) -> None:
    """A page that asks for three of two devices says so."""
    one_page.write(execute="gpus = 3")
    one_page.has(GPU)

    result = one_page.build()

    assert result.reports[0].why == ("it asks for 3 CUDA devices, and 2 are here",)


def test_any_device_holds_everywhere(one_page: OnePage) -> None:
    """`device: any` is cached on a machine without CUDA though it asked for a GPU; `auto` runs again."""
    one_page.write("#| device: any\nprint(1)", execute="gpus = 1")
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)
    held = one_page.build()
    one_page.write("print(1)")
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)

    automatic = one_page.build()

    assert (_state(held), _state(automatic)) == ("cached", "fresh")
    assert automatic.reports[0].why == ("device H200 -> cpu",)


# --- age and flags ----------------------------------------------------------------------------------


def test_old_record_runs_or_is_stale(one_page: OnePage) -> None:
    """Beyond `max-age` a page runs where it may, and is stale where it may not; the reason names both."""
    one_page.write(execute='max-age = "30d"')
    one_page.build()
    young = one_page.build(days=29)
    refused = one_page.build(days=2, allowed=False)

    ran = one_page.build()

    states = [_state(result) for result in (young, refused, ran)]
    assert states == ["cached", "stale", "fresh"]
    assert refused.reports[0].why == (
        "this build does not execute",
        "its run of 2030-01-02 is older than max-age (30 d)",
    )
    assert ran.reports[0].why == ("its run of 2030-01-02 is older than max-age (30 d)",)


def test_age_of_another_device_is_only_shown(one_page: OnePage) -> None:
    """A page whose device is missing stays `other device`, however old."""
    one_page.write("#| device: cuda\nprint(1)", execute='max-age = "30d"')
    one_page.has(GPU)
    one_page.build()
    one_page.has(CPU)

    result = one_page.build(days=400, strict=True)

    assert (_state(result), result.failed) == ("other device", False)


def test_fresh_takes_no_record_of_a_page_that_can_run(one_page: OnePage) -> None:
    """`--fresh` executes what is cached, and leaves what cannot run here with its record."""
    one_page.write("#| device: cuda\nprint(1)")
    one_page.has(GPU)
    one_page.build()
    here = one_page.build(fresh=True)
    one_page.has(CPU)

    elsewhere = one_page.build(fresh=True)

    assert (_state(here), _state(elsewhere)) == ("fresh", "other device")
    assert here.reports[0].why == ("`--fresh` executes every page that can run",)


# --- drift ------------------------------------------------------------------------------------------


def test_drift_is_said_until_it_is_accepted(one_page: OnePage) -> None:
    """Old and new value, date and device; every build says so, and `accept` ends it."""
    _drifted(one_page)
    drifted = one_page.build(fresh=True)
    again = one_page.build(strict=True)
    one_page.accept()

    accepted = one_page.build(strict=True)

    (found,) = drifted.diagnostics
    assert found.message == (
        "`loss` has drifted: it was 1 nats on 2030-01-02 and is 1.5 nats on 2030-01-03, on cpu (cpu9); "
        "its tolerance is ± 0.1"
    )
    assert "sitegen results accept /posts/a" in (found.hint or "")
    assert (_state(again), again.failed) == ("drifted", True)
    assert (_state(accepted), accepted.failed) == ("cached", False)


def test_drift_is_shown_on_the_page(one_page: OnePage) -> None:
    """The ledger's entry has the drift, from the run that the page shows."""
    _drifted(one_page)
    result = one_page.build(fresh=True)

    html = (one_page.root / "public/posts/a/index.html").read_text("utf-8")

    assert result.published is not None
    assert "drifted" in html


def test_other_code_is_a_new_baseline(one_page: OnePage) -> None:
    """With other code, or another device, the first run is accepted: nothing has drifted."""
    _drifted(one_page)
    one_page.write("print(2)")
    result = one_page.build()
    one_page.has(GPU)
    one_page.backend.loss = 9.0

    elsewhere = one_page.build()

    assert (_state(result), _state(elsewhere)) == ("fresh", "fresh")


def test_within_tolerance_is_no_drift(one_page: OnePage) -> None:
    """At the tolerance a value still keeps to it, and without one nothing drifts."""
    _drifted(one_page)
    one_page.backend.loss = 1.1
    near = one_page.build(fresh=True)
    one_page.backend.loss, one_page.backend.tolerance = 5.0, None

    far = one_page.build(fresh=True)

    assert (_state(near), _state(far)) == ("fresh", "fresh")


def test_old_result_that_has_drifted_is_both(one_page: OnePage, codes: Codes) -> None:
    """Drifted comes before stale in the table; the build still says that the record is too old."""
    one_page.write(execute='max-age = "30d"')
    _drifted(one_page)
    one_page.build(fresh=True)

    result = one_page.build(days=40, allowed=False)

    assert _state(result) == "drifted"
    assert codes(result) == [("SG306", "warning"), ("SG316", "warning")]


# --- expect -----------------------------------------------------------------------------------------


def test_expectation_is_checked_without_a_run(one_page: OnePage, codes: Codes) -> None:
    """A changed condition runs nothing, and the record that does not meet it fails the build at the cell."""
    one_page.write('#| expect: {loss: "< 2"}\nprint(1)')
    met = one_page.build()
    one_page.write('#| expect: {loss: "0.1..0.5"}\nprint(1)')

    unmet = one_page.build()

    assert (codes(met), _state(unmet)) == ([], "cached")
    (found,) = unmet.diagnostics
    assert (found.code, found.severity, found.message) == (
        "SG315",
        "error",
        "`loss` is 1 nats, expected `0.1..0.5`",
    )
    assert str(found.location) == "content/posts/a/index.md:10"
    assert (unmet.failed, len(one_page.backend.ran)) == (True, 1)


def test_expected_metric_that_is_not_reported(one_page: OnePage) -> None:
    """It is an error that names the near match."""
    one_page.write('#| expect: {los: "< 2"}\nprint(1)')

    result = one_page.build()

    (found,) = result.diagnostics
    assert (found.code, found.message) == ("SG315", "`los` was not reported, expected `< 2`")
    assert found.hint == "did you mean `loss`?"


def test_condition_of_the_page_holds_for_all_its_cells(one_page: OnePage, codes: Codes) -> None:
    """Below `[execute]` a condition is said once, at the cell that reported the metric."""
    one_page.write("print(1)", "print(2)", execute="[execute.expect]\nloss = '> 2'")

    result = one_page.build()

    assert codes(result) == [("SG315", "error")]
    assert str(result.diagnostics[0].location) == "content/posts/a/index.md:10"


def test_older_code_is_held_to_what_it_reported(one_page: OnePage, codes: Codes) -> None:
    """A pinned page's number must be as expected; a metric that came into the code later is not missed."""
    one_page.build()
    frozen = 'cache = "frozen"\npin-reason = "x"'
    one_page.write('#| expect: {later: "> 0", loss: "< 2"}\nprint(2)', execute=frozen)
    met = one_page.build()
    one_page.write('#| expect: {loss: "> 2"}\nprint(2)', execute=frozen)

    unmet = one_page.build()

    assert (_state(met), codes(met)) == ("pinned", [])
    assert (_state(unmet), codes(unmet)) == ("pinned", [("SG315", "error")])


# --- smoke ------------------------------------------------------------------------------------------


def test_smoke_is_never_published_as_full(one_page: OnePage, codes: Codes) -> None:
    """Neither conditions nor tolerances are checked; `--strict` refuses it where the site is not smoke itself."""
    one_page.backend.tolerance = 0.1
    one_page.write('#| expect: {loss: "< 0"}\nprint(1)', execute='profile = "smoke"')
    one_page.build()
    one_page.backend.loss = 5.0
    plain = one_page.build(fresh=True)
    strict = one_page.build(strict=True)
    one_page.settings += "[execute]\nprofile = 'smoke'\n"

    whole_site = one_page.build(strict=True)

    assert (_state(plain), codes(plain)) == ("fresh", [("SG319", "warning")])
    assert (strict.failed, codes(strict)) == (True, [("SG319", "error")])
    assert (whole_site.failed, codes(whole_site)) == (False, [])


def test_smoke_record_is_no_full_one(one_page: OnePage) -> None:
    """A page that was only ever a smoke run has no results in the full profile, and says why it runs."""
    one_page.write(execute='profile = "smoke"')
    one_page.build()
    one_page.write()

    refused = one_page.build(allowed=False)
    ran = one_page.build()

    assert (_state(refused), ran.reports[0].why) == ("not run", ("profile smoke -> full",))


# --- what a build must not do -----------------------------------------------------------------------


def test_page_that_no_backend_ran_is_a_bug(one_page: OnePage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that is to run and has no state never reaches a published site."""
    monkeypatch.setattr(type(one_page.backend), "run", lambda *_: iter(()))

    with pytest.raises(RuntimeError, match="gave no run for /posts/a"):
        one_page.build()
    assert not (one_page.root / "public").exists()


def test_failed_run_is_named_as_the_reason(one_page: OnePage) -> None:
    """A run that failed is no result; the next build says that it is why."""
    _failed(one_page)
    one_page.build()
    one_page.backend.fails = False

    result = one_page.build()

    assert result.reports[0].why == ("its run of 2030-01-02 failed",)


def test_damaged_blob_runs_again_and_is_said_once(one_page: OnePage, codes: Codes) -> None:
    """What cannot be believed is no result; however many look-ups meet it, there is one message."""
    one_page.write(f"print('{'x' * 20000}')")
    one_page.build()
    for blob in (one_page.root / "results/blobs").rglob("*"):
        if blob.is_file():
            blob.write_bytes(b"damaged")

    result = one_page.build()

    assert _state(result) == "fresh"
    assert sorted(codes(result)) == [("SG309", "warning"), ("SG321", "info")]


def test_stale_page_says_what_differs(one_page: OnePage) -> None:
    """The message has the words of `sitegen why`: cells by name and line, parameters by value."""
    one_page.write("#| label: train\nprint(1)", "print('same')")
    one_page.build()
    one_page.write(
        "#| label: train\nprint(2)", "print('same')", execute="seed = 3\n[execute.parameters]\nlr = 0.1"
    )

    result = one_page.build(allowed=False)

    assert result.diagnostics[0].message == (
        "results of 2030-01-02 are shown: this build does not execute; "
        'cell "train" (line 12) changed; parameter lr none -> 0.1; seed none -> 3'
    )


def test_report_proves_that_each_cell_ran(one_page: OnePage) -> None:
    """Cells with label, line, status and time; state, record, device and why."""
    from sitegen.build.report import BuildReport, report_json

    one_page.write("#| label: train\nprint(1)", "#| exec: false\nshown", "print(2)")
    result = one_page.build()

    written = report_json(BuildReport(published=True, seconds=1.0, executed=result.reports))

    (page,) = json.loads(written)["executed"]
    assert page["cells"] == 2
    assert [(cell["label"], cell["line"], cell["status"]) for cell in page["cell_runs"]] == [
        ("train", 10, "ok"),
        (None, 19, "ok"),
    ]
    assert (page["state"], page["device"], page["why"]) == ("fresh", "cpu (cpu9)", ["it has no results yet"])
    assert len(page["record"]) == 64
    assert (page["started"], page["ran"]) == ("2030-01-02T00:00:00Z", False)
