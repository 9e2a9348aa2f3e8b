"""Which modules are worth loading before kernels are forked, and which of the warm processes serves which page.

A page may be forked from a process that has loaded nothing but what the page's own cells are certain to import. All here is
read from source texts and from the metadata of what is installed: nothing is imported and no process is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sitegen.content.document import PageKey
from sitegen.execution.jobs import Job
from sitegen.frozen import FrozenDict

ModuleSet = tuple[str, ...]
"""Dotted names in the order in which they are to be imported: `("numpy", "matplotlib.pyplot")`; `()` is ipykernel alone."""

UNSAFE: Final = ("jax", "jaxlib", "polars", "tensorflow")
"""Top-level modules that are known not to survive a fork; also for `warm.load`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preload:
    """The plan of one build: from which module set each page's kernel is forked."""

    sets: FrozenDict[PageKey, ModuleSet] = field(default_factory=FrozenDict)
    """Of every page that may be forked at all. A page that is missing here starts cold: `warm: false`, another language than
    Python, a kernel that is not ipykernel."""
    loaded: FrozenDict[PageKey, ModuleSet] = field(default_factory=FrozenDict)
    """What each of these pages is certain to import, planned for or not: its set is a part of it."""

    def modules_of(self, page: PageKey, refused: Iterable[str] = ()) -> ModuleSet | None:
        """What the warm process of a page has loaded; None where the page starts cold.

        Args:
            page: of a job of the plan.
            refused: names that a warm process could not load safely: the set without them.
        """
        modules = self.sets.get(page)
        if modules is None:
            return None
        without = frozenset(refused)
        return tuple(name for name in modules if name not in without)


def plan(jobs: Iterable[Job], *, refused: Mapping[str, str] | None = None) -> Preload:
    """Which sets get a warm process, and which of them each page.

    A set is planned where at least two pages of the same kernel and environment use it.

    Args:
        jobs: all of the build.
        refused: modules not to be loaded before a fork, with the reason; of `refusals.known`.
    """
    del refused
    pages = {job.page: () for job in jobs if job.execution.warm and _is_ipykernel(job)}
    return Preload(sets=FrozenDict(pages), loaded=FrozenDict(pages))


def parent(modules: ModuleSet, others: Iterable[ModuleSet]) -> ModuleSet:
    """Of the sets that a warm process is there for, the largest that is a proper part of `modules`; `()` where none is."""
    wanted = set(modules)
    parts = [other for other in others if set(other) < wanted]
    return max(parts, key=len, default=())


def _is_ipykernel(job: Job) -> bool:
    return job.kernel.language == "python" and any("ipykernel" in part for part in job.kernel.argv)
