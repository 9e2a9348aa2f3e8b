"""Which warm processes are worth it, and which page is forked from which."""

from __future__ import annotations

from collections.abc import Callable

from sitegen.content.document import PageKey
from sitegen.content.execute_options import PageExecution
from sitegen.execution import preload
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.page_imports import imported_by

MakeJob = Callable[..., Job]


def test_a_set_is_planned_where_two_pages_use_it(make_job: MakeJob) -> None:
    """Each page gets the largest that is a part of its own; what one page alone imports is not loaded for it."""
    jobs = [
        make_job("import alpha, beta", name="a"),
        make_job("import beta\nimport alpha.sub", name="b"),
        make_job("import beta", name="c"),
        make_job("import gamma", name="d"),
        make_job("import alpha, beta", name="cold", execution=PageExecution(warm=False)),
    ]
    planned = preload.plan(jobs)
    sets = {page.strip("/"): modules for page, modules in planned.sets.items()}
    assert sets == {"a": ("alpha", "beta"), "b": ("alpha", "beta"), "c": ("beta",), "d": ()}
    assert planned.modules_of(PageKey("/cold")) is None
    for job in jobs[:4]:
        assert set(planned.sets[job.page]) <= set(imported_by(job))


def test_a_set_of_one_page_is_a_step_of_others(make_job: MakeJob) -> None:
    """What two pages load has it in it: made first, it costs them nothing, and serves the page that has no more."""
    jobs = [
        make_job("import alpha, beta, gamma", name="a"),
        make_job("import alpha, beta, gamma", name="b"),
        make_job("import alpha, beta", name="c"),
    ]
    planned = preload.plan(jobs)
    assert planned.sets[PageKey("/c")] == ("alpha", "beta")
    assert planned.sets[PageKey("/a")] == ("alpha", "beta", "gamma")
    assert planned.steps[PageKey("/a")] == (("alpha", "beta"),)
    assert planned.steps[PageKey("/c")] == ()


def test_pages_of_other_surroundings_share_nothing(make_job: MakeJob) -> None:
    """A variable that one page lets through may be read by an import."""
    jobs = [
        make_job("import alpha", name="a"),
        make_job("import alpha", name="b", execution=PageExecution(env=("X",))),
    ]
    assert set(preload.plan(jobs).sets.values()) == {()}


def test_what_is_unsafe_or_was_refused_is_left_out(make_job: MakeJob) -> None:
    """With what is below it."""
    jobs = [make_job("import jax, alpha.deep, beta", name=name) for name in "ab"]
    assert set(preload.plan(jobs).sets.values()) == {("alpha", "alpha.deep", "beta")}
    assert set(preload.plan(jobs, refused={"alpha": "it prints"}).sets.values()) == {("beta",)}


def test_other_kernels_start_cold(make_job: MakeJob) -> None:
    """R, Julia, and Python's other kernels."""
    kernel = KernelChoice(name="xpython", language="python", argv=("xpython",), interpreter="CPython 3.11.7")
    assert preload.plan([make_job("import alpha", name=name, kernel=kernel) for name in "ab"]).sets == {}


def test_the_parent_is_the_largest_proper_part() -> None:
    """The tree of warm processes."""
    others = [(), ("a",), ("a", "b"), ("c",), ("a", "b", "c")]
    assert preload.parent(("b", "c", "a"), others) == ("a", "b")
    assert preload.parent(("d",), []) == ()
