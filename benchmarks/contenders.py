"""Who builds which blog in which situations: from nothing, with what a CI run has kept, and after each edit."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks import edits, generators, posts
from benchmarks.blogs import Blog
from benchmarks.edits import Edit, Seen
from benchmarks.generators import Generator
from benchmarks.posts import Variant

PeerEdits = Literal["none", "one", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a build finds."""

    name: str
    start: Literal["nothing", "kept", "before"]
    """Nothing that it has made; only what a CI run gets back; or all that the build before has left."""
    edit: Edit | None = None


COLD: Final = Scenario(name="from nothing", start="nothing")
RESTORED: Final = Scenario(name="from nothing, highlights kept", start="kept")
UNCHANGED: Final = Scenario(name="nothing changed", start="before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A generator with its blog and the situations that it is measured in, in their order."""

    blog: Blog
    scenarios: tuple[Scenario, ...]

    @property
    def name(self) -> str:
        """Of the generator."""
        return self.blog.generator.name

    @property
    def command(self) -> tuple[str, ...]:
        """What builds the blog."""
        return self.blog.generator.command

    def prepare(self, scenario: Scenario) -> tuple[Seen, ...]:
        """Bring the files into the state that the scenario starts from, on the disk, too.

        Returns:
            Where an edit must be seen afterwards.
        """
        if scenario.start == "nothing":
            edits.undo(self.blog)
            self.blog.remove(self.blog.generator.made)
        elif scenario.start == "kept":
            self.blog.remove(self.blog.generator.made, but=self.blog.generator.kept)
        seen = () if scenario.edit is None else scenario.edit.apply(self.blog)
        os.sync()
        return seen

    def check(self, scenario: Scenario, seen: tuple[Seen, ...]) -> None:
        """See that the site is there and shows the edit.

        Raises:
            Failed: it is not, or does not.
        """
        if scenario.edit is None:
            self.blog.check()
        edits.check(self.blog, seen)


def chosen(
    names: Collection[str], work: Path, cache: Path, count: int, variant: Variant, *, peer_edits: PeerEdits
) -> list[Contender]:
    """The contenders of the given names.

    Args:
        names: `sitegen`, `hugo`, `eleventy`, `pelican`.
        work: folder of their blogs; empty.
        cache: where peers are installed.
        count: posts.
        variant: of the posts.
        peer_edits: which edits peers build.
    """
    their_edits = {"none": (), "one": (edits.BODY,), "all": edits.EDITS}[peer_edits]

    def contender(generator: Generator, *scenarios: Scenario) -> Contender:
        return _contender(generator, work, count, variant, scenarios)

    found = []
    if "sitegen" in names:
        found.append(ours(work, count, variant, (COLD, RESTORED, UNCHANGED, *_after(edits.EDITS))))
    if "hugo" in names:
        found.append(contender(generators.hugo(), COLD, *_after(their_edits)))
    if "eleventy" in names:
        found.append(contender(generators.eleventy(cache), COLD, *_after(their_edits)))
    if "pelican" in names:
        found.append(contender(generators.pelican(cache), COLD))
        if their_edits:
            cached = generators.pelican(cache, is_cached=True)
            found.append(contender(cached, COLD, *_after(their_edits)))
    return found


def ours(work: Path, count: int, variant: Variant, scenarios: tuple[Scenario, ...]) -> Contender:
    """sitegen alone."""
    return _contender(generators.our_own(), work, count, variant, scenarios)


def write(every: Sequence[Contender], count: int, variant: Variant) -> None:
    """All blogs; each post is made once."""
    for each in every:
        each.blog.write_theme()
    for post in posts.posts(count, variant):
        for each in every:
            each.blog.put(post)


def _contender(
    generator: Generator, work: Path, count: int, variant: Variant, scenarios: tuple[Scenario, ...]
) -> Contender:
    folder = work / generator.name.replace(", ", "-").replace(" ", "-").lower()
    blog = Blog(generator=generator, folder=folder, count=count, variant=variant)
    return Contender(blog=blog, scenarios=scenarios)


def _after(changes: Sequence[Edit]) -> Iterator[Scenario]:
    return (Scenario(name=edit.name, start="before", edit=edit) for edit in changes)
