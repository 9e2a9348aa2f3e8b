"""Which modules are worth loading before kernels are forked, and which of the warm processes serves which page.

A page may be forked from a process that has loaded nothing but what the page itself is certain to import (`page_imports.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from itertools import combinations
from typing import Final

from sitegen.content.document import PageKey
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.page_imports import ModuleSet, imported_by, without
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

UNSAFE: Final = FrozenDict(
    {
        "cv2": "https://github.com/opencv/opencv/issues/5150",
        "grpc": "https://github.com/grpc/grpc/blob/master/doc/fork_support.md",
        "jax": "https://github.com/jax-ml/jax/pull/18989",
        "jaxlib": "https://github.com/jax-ml/jax/pull/18989",
        "polars": "https://docs.pola.rs/user-guide/misc/multiprocessing/",
        "tensorflow": "https://github.com/tensorflow/tensorflow/issues/8220",
    }
)
"""Top-level modules that are known not to survive a fork, with who says so. A warm process finds by itself what leaves threads,
devices or files open, prints or warns."""
_MOST_SETS: Final = 8
"""Warm processes of a build at most: each keeps its modules in memory."""
_MOST_CANDIDATES: Final = 200
"""Sets of modules among which these are chosen: each is held against each page's, so that they cost milliseconds, not seconds."""
_OVERHEAD_S: Final = 0.04
"""What one more warm process costs: to fork it and to look at what its imports did."""
_IMPORT_S: Final = {
    "torch": 1.4,
    "sympy": 0.5,
    "altair": 0.35,
    "matplotlib.pyplot": 0.25,
    "matplotlib": 0.13,
    "networkx": 0.13,
    "numpy": 0.07,
    "gymnasium": 0.05,
}
"""How long some take to import, each after those that it needs (two cores, Python 3.11); for others a guess will do."""
_USUAL_IMPORT_S: Final = 0.2
"""Of a module that is not among them."""
_USUAL_PART_S: Final = 0.05
"""Of a module below a package, which has often been loaded with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preload:
    """The plan of one build: from which module set each page's kernel is forked."""

    sets: FrozenDict[PageKey, ModuleSet] = field(default_factory=FrozenDict)
    """Of every page that may be forked at all. A page that is missing here starts cold: `warm: false`, another language than
    Python, a kernel that is not ipykernel."""
    steps: FrozenDict[PageKey, tuple[ModuleSet, ...]] = field(default_factory=FrozenDict)
    """Sets that are to be loaded on the way to a page's, smallest first, since other pages are forked from them."""

    def modules_of(self, page: PageKey) -> ModuleSet | None:
        """What the warm process of a page has loaded; None where the page starts cold."""
        return self.sets.get(page)


def plan(jobs: Iterable[Job], *, refused: Mapping[str, str] | None = None) -> Preload:
    """Which sets get a warm process, and which of them each page.

    A set is planned where at least two pages of the same kernel and environment use it.

    Args:
        jobs: all of the build.
        refused: modules not to be loaded before a fork, with the reason; of `refusals.known`.
    """
    groups: dict[object, dict[PageKey, ModuleSet]] = {}
    unsafe = {*UNSAFE, *(refused or ())}
    for job in jobs:
        if job.execution.warm and _is_ipykernel(job.kernel):
            groups.setdefault(_surroundings(job), {})[job.page] = without(imported_by(job), unsafe)
    chosen: dict[PageKey, ModuleSet] = {}
    steps: dict[PageKey, tuple[ModuleSet, ...]] = {}
    for pages in groups.values():
        sets = _chosen(pages)
        chosen |= sets
        steps |= {page: _steps(modules, sets.values()) for page, modules in sets.items()}
    return Preload(sets=FrozenDict(chosen), steps=FrozenDict(steps))


def parent(modules: ModuleSet, others: Iterable[ModuleSet]) -> ModuleSet:
    """Of the sets that a warm process is there for, the largest that is a proper part of `modules`; `()` where none is."""
    wanted = set(modules)
    parts = [other for other in others if set(other) < wanted]
    return max(parts, key=len, default=())


def _is_ipykernel(kernel: KernelChoice) -> bool:
    return kernel.language == "python" and any("ipykernel" in part for part in kernel.argv)


def _surroundings(job: Job) -> object:
    """What a warm process of the page needs to have in common with it, as far as that is known before it runs."""
    return job.kernel, job.execution.env, job.execution.cpus, job.execution.deterministic


# --- from the pages' modules to warm processes --------------------------------------------------------------


def _chosen(pages: Mapping[PageKey, ModuleSet]) -> dict[PageKey, ModuleSet]:
    """The set of each page: the largest of those planned that is a part of its own modules."""
    wanted = {page: frozenset(modules) for page, modules in pages.items()}
    uses = Counter(wanted.values())
    chosen: list[frozenset[str]] = [frozenset()]
    candidates = _candidates(uses)
    while candidates and len(chosen) <= _MOST_SETS:
        gain, _, best = max(
            ((_gain(each, chosen, uses), sorted(each), each) for each in candidates),
            key=lambda found: found[:2],
        )
        if gain <= 0:
            break
        chosen.append(best)
        candidates.remove(best)
    used = Counter(_best(modules, chosen) for modules in wanted.values())
    chosen = [each for each in chosen if used[each] or not each]  # others come by way of them, or nobody does
    orders = {each: _order(each, pages.values()) for each in chosen}
    return {page: orders[_best(modules, chosen)] for page, modules in wanted.items()}


def _steps(modules: ModuleSet, planned: Collection[ModuleSet]) -> tuple[ModuleSet, ...]:
    above = parent(modules, planned)
    return (*_steps(above, planned), above) if above else ()


def _candidates(uses: Counter[frozenset[str]]) -> list[frozenset[str]]:
    """Sets that at least two pages could use: those of pages, and what two pages have in common."""
    distinct = [each for each, _ in uses.most_common(_MOST_CANDIDATES) if each]
    found = {each: None for each in distinct if uses[each] >= 2}
    for one, other in combinations(distinct, 2):
        if one & other and len(found) < _MOST_CANDIDATES:
            found.setdefault(one & other)
    return list(found)


def _gain(
    candidate: frozenset[str], chosen: Sequence[frozenset[str]], uses: Counter[frozenset[str]]
) -> float:
    """Seconds of imports that pages are spared by one more warm process, less those that it takes itself."""
    own, spared = _import_s(candidate), 0.0
    for modules, count in uses.items():
        if candidate <= modules:
            spared += count * max(0.0, own - _import_s(_best(modules, chosen)))
    return spared - (own - _import_s(_best(candidate, chosen))) - _OVERHEAD_S


def _best(modules: frozenset[str], chosen: Sequence[frozenset[str]]) -> frozenset[str]:
    return max((each for each in chosen if each <= modules), key=lambda each: (_import_s(each), sorted(each)))


def _import_s(modules: frozenset[str]) -> float:
    return sum(_IMPORT_S.get(name, _USUAL_PART_S if "." in name else _USUAL_IMPORT_S) for name in modules)


def _order(modules: frozenset[str], pages: Iterable[ModuleSet]) -> ModuleSet:
    """The order in which the first page that imports all of them does."""
    return next(tuple(name for name in page if name in modules) for page in pages if modules <= set(page))
