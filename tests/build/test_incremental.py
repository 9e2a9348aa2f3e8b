"""The incremental build is right: after any edits its output and its messages are those of a build that knows nothing.

`SITEGEN_EDITS=2000` runs so many examples of up to 20 edits each, instead of some dozens of a few.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.errors import SiteError
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

from .edits import EDITS, EditedSite

_LONG: Final = int(os.environ.get("SITEGEN_EDITS", "0"))
_EXAMPLES: Final = _LONG or 8
_MOST_EDITS: Final = 20 if _LONG else 6

Told = tuple[str, ...]
"""What a build says: its diagnostics, or the error that stopped it."""


def _build(site: EditedSite, output: Path, state: Path) -> tuple[BuildResult | None, Told]:
    """One build as the command does it, without a process of its own."""
    try:
        config = load_config(
            site.root,
            environ={},
            now=site.now,
            overrides={"publish_dir": output, "state_dir": state, **site.overrides},
        )
        options = BuildOptions(keep_going=site.keep_going, policy=ExecutionPolicy(allowed=False))
        result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    except SiteError as error:
        return None, (repr(error.diagnostic),)
    return result, tuple(map(repr, result.diagnostics))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def _differences(incremental: Mapping[str, bytes], clean: Mapping[str, bytes]) -> Iterator[str]:
    """In words, so that a failing example says at once what is wrong."""
    for path in sorted(incremental.keys() | clean.keys()):
        ours, right = incremental.get(path), clean.get(path)
        if ours is None:
            yield f"{path} is missing"
        elif right is None:
            yield f"{path} should be gone"
        elif ours != right:
            place = next((n for n, (a, b) in enumerate(zip(ours, right, strict=False)) if a != b), 0)
            start = max(0, place - 60)
            yield f"{path} differs at {place}:\n  is     {ours[start : place + 60]!r}\n  not    {right[start : place + 60]!r}"


@dataclass(slots=True)
class Twins:
    """A site that is built again and again in one place, and each time anew in another."""

    folder: Path
    site: EditedSite = field(init=False)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = EditedSite.new(self.folder)

    def check(self) -> None:
        """Build both, and compare their output and what they said."""
        clean = self.folder / "clean"
        shutil.rmtree(clean, ignore_errors=True)
        before = _files(self.site.output)
        first, told = _build(self.site, self.site.output, self.folder / "state")
        second, wanted = _build(self.site, clean / "public", clean / "state")
        edits = ", then ".join(self.done) or "the first build"
        assert told == wanted, f"after {edits}: other messages\n" + "\n".join(
            f"{'too much' if each in told else 'missing '}: {each}" for each in sorted({*told} ^ {*wanted})
        )
        published = first is not None and first.published is not None
        assert published == (second is not None and second.published is not None), edits
        expected = _files(clean / "public") if published else before
        wrong = list(_differences(_files(self.site.output), expected))
        assert not wrong, f"after {edits}:\n" + "\n".join(wrong)
        if first is not None and second is not None:
            assert (first.pages, first.skipped) == (second.pages, second.skipped), edits

    def edit(self, name: str, first: int, second: int) -> None:
        """One edit, noted for whoever reads the failure."""
        self.done.append(f"{name} ({first}, {second})")
        self.site.edit(name, first, second)


_STEP: Final = st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 23), st.integers(0, 11))


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
    if _LONG
    else (Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(_STEP, min_size=3, max_size=_MOST_EDITS))
def test_edits_leave_what_a_clean_build_gives(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, int, int]]
) -> None:
    """After each of some random edits, byte for byte, and message by message."""
    folder = tmp_path_factory.mktemp("edits")
    twins = Twins(folder)
    twins.check()
    for name, first, second in steps:
        note(f"{name} {first} {second}")
        twins.edit(name, first, second)
        twins.check()
    shutil.rmtree(folder)


def test_every_edit_leaves_what_a_clean_build_gives(tmp_path: Path) -> None:
    """Each kind of edit once, one after the other on one site; errors that they make are mended in between."""
    twins = Twins(tmp_path)
    for number, name in enumerate(sorted(EDITS)):
        twins.edit(name, 3 * number + 1, number + 1)
        twins.check()
        if name in ("broken", "wrong template", "cascade", "moved section"):
            twins.edit("mended", 0, 0)
            twins.check()


def test_commands_leave_what_a_clean_command_gives(tmp_path: Path) -> None:
    """The same by processes of their own, which share nothing but what lies on the disk."""
    site = EditedSite.new(tmp_path)
    for name, first, second in (("nothing", 0, 0), ("title", 5, 1), ("partial", 1, 1)):
        site.edit(name, first, second)
        for output, flags in ((site.output, ()), (tmp_path / "clean", ("--no-cache",))):
            if flags:
                kept = tmp_path / "kept"
                shutil.rmtree(tmp_path / "clean", ignore_errors=True)
                shutil.copytree(
                    site.root / ".sitegen", kept
                )  # `--no-cache` removes what the other build keeps
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "sitegen",
                    "build",
                    "--no-execute",
                    "--quiet",
                    *flags,
                    "-s",
                    str(site.root),
                    "-d",
                    str(output),
                ],
                check=True,
                env={**os.environ, "SOURCE_DATE_EPOCH": str(int(site.now.timestamp()))},
            )
            if flags:
                shutil.rmtree(site.root / ".sitegen")
                kept.rename(site.root / ".sitegen")
        assert list(_differences(_files(site.output), _files(tmp_path / "clean"))) == []


def test_an_edit_that_is_undone_while_the_site_is_built_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page and a template have another text for as long as they are read: the next build makes them again."""
    from sitegen.build import build as building
    from sitegen.markdown.parse import parse

    twins = Twins(tmp_path)
    twins.check()
    page, partial = "content/posts/a.md", "templates/partials/mine.html"
    right = {path: twins.site.read(path) or "" for path in (page, partial)}
    twins.edit("title", 5, 1)
    twins.site.write("content/docs/one.md", "+++\ntitle = 'First'\n+++\n\nEdited.\n")
    twins.site.write(page, right[page] + "\nA line.\n")
    wanted = {**right, page: twins.site.read(page) or ""}
    keep = building._Build._keep

    def edited(*values: Any) -> Any:
        for path, text in wanted.items():
            twins.site.write(path, f"{text}\nOnly for a moment.\n")
        return parse(*values)

    def undone(*values: Any) -> Any:
        for path, text in wanted.items():
            twins.site.write(path, text)
        return keep(*values)

    with monkeypatch.context() as patched:
        patched.setattr("sitegen.build.work.parse", edited)
        patched.setattr(building._Build, "_keep", undone)
        _build(twins.site, twins.site.output, tmp_path / "state")
    assert any(b"Only for a moment" in content for content in _files(twins.site.output).values())

    twins.check()


def test_two_files_of_one_page_at_one_path_are_told_again(tmp_path: Path) -> None:
    """An alias of a list that is a pager of it too: also where only one of both would be rendered again."""
    twins = Twins(tmp_path)
    path = "content/posts/_index.md"
    text = twins.site.read(path) or ""
    twins.site.write(path, text.replace("title =", "aliases = ['/posts/page/2/']\ntitle ="))
    twins.check()
    twins.edit("title", 5, 1)
    twins.check()
    twins.edit("partial", 1, 1)
    twins.check()
    assert any("SG502" in each for each in _build(twins.site, twins.site.output, tmp_path / "state")[1])
    twins.site.write(path, text)
    twins.check()


def test_what_makes_everything_again_is_told(tmp_path: Path) -> None:
    """A setting by the name that the author gives it, a program that is another; nothing of the first build."""
    site = EditedSite.new(tmp_path)

    def reasons() -> set[str]:
        config = load_config(
            site.root,
            environ={},
            now=site.now,
            overrides={"publish_dir": site.output, "state_dir": tmp_path / "state"},
        )
        options = BuildOptions(explain=True, policy=ExecutionPolicy(allowed=False))
        result = build(config, options, backend=LocalBackend(config), store=open_store(config))
        return {word for reason in result.reasons for word in reason.words}

    assert reasons() == {"everything is built"}
    site.change("sitegen.toml", "pagerSize = 2", "pagerSize = 3")
    site.change("sitegen.toml", "rssLimit = 5", "uglyURLs = true")
    names = ("pagination.pagerSize", "services.rss.limit", "uglyURLs")
    assert reasons() == {"everything is built: " + ", ".join(f"the setting `{name}`" for name in names)}


def test_templates_of_a_type_make_it_the_sites_own(tmp_path: Path) -> None:
    """A type that is told as a slip is none any more when its folder of templates comes, and is one when it goes."""
    site = EditedSite.new(tmp_path)
    site.write("content/typed.md", "+++\ntitle = 'Typed'\ntype = 'project'\n+++\n")
    template = site.root / "templates/project/page.html"

    def told_of_type() -> bool:
        _, told = _build(site, site.output, tmp_path / "state")
        return any("the type `project`" in each for each in told)

    before = told_of_type()
    site.write("templates/project/page.html", "{% extends 'page.html' %}\n")
    with_templates = told_of_type()
    shutil.rmtree(template.parent)

    assert (before, with_templates, told_of_type()) == (True, False, True)


def test_a_bibliography_is_read_again_only_where_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that comes makes a new index, with the entries that are known."""
    from sitegen.content import bib_files
    from sitegen.content.bibliography import Bibliography

    read: list[str] = []
    reading = bib_files.read_bibliography

    def counted(path: Path, root: Path) -> Bibliography:
        read.append(path.name)
        return reading(path, root)

    monkeypatch.setattr(bib_files, "read_bibliography", counted)
    site = EditedSite.new(tmp_path)
    site.edit("papers", 0, 1)
    for file in site.root.rglob("*"):  # long enough ago to be believed
        os.utime(file, (1_000_000_000, 1_000_000_000))

    counts = []
    for path, text in (("content/new.md", "New."), ("content/publications/refs.bib", "@misc{a, title={A}}")):
        _build(site, site.output, tmp_path / "state")
        counts.append(len(read))
        site.write(path, text)
        os.utime(site.root / path, (1_000_000_000, 1_000_000_001))
    _build(site, site.output, tmp_path / "state")
    counts.append(len(read))

    assert counts == [1, 1, 2]
