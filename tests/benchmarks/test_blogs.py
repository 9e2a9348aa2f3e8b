"""Blogs in the form of each generator: written, edited, looked through."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import edits, generators, measuring, posts
from benchmarks.blogs import Blog
from benchmarks.contenders import COLD, Contender
from benchmarks.generators import Generator
from benchmarks.measuring import Failed

_COUNT = 22


def _generator(**changes: Any) -> Generator:
    """A generator with the theme of sitegen, whose command is never run."""
    given: dict[str, Any] = {
        "name": "Made up",
        "theme": "sitegen",
        "command": ("false",),
        "output": "public",
        "made": ("public", "state"),
        "base_template": "templates/base.html",
        "token": "<i>",
        "extra": {"templates/base.html": "<body>\n</body>\n"},
        "kept": ("state/cache",),
        "state": ("state",),
    }
    return Generator(**{**given, **changes})


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """One that is written and not built."""
    made = Blog(generator=_generator(), folder=tmp_path / "blog", count=_COUNT, variant="python")
    made.write_theme()
    for post in posts.posts(_COUNT):
        made.put(post)
    return made


@pytest.fixture
def built(blog: Blog) -> Blog:
    """The same with a site that has all that is asked for."""
    listed = [posts.outline(number) for number in range(1, _COUNT + 1)]
    places = {"": _COUNT, "posts/": _COUNT}
    for post in listed:
        for place in (*(f"tags/{tag}/" for tag in post.tags), f"categories/{post.category}/"):
            places[place] = places.get(place, 0) + 1
    for post in listed:
        _write(blog.page(post.number), "<i>x</i>" * 60)
    for place, count in places.items():
        for number in range((count + 19) // 20):
            folder = blog.output / place / (f"page/{number + 1}" if number else "")
            _write(folder / "index.html", "a list")
    for plural in ("tags", "categories"):
        _write(blog.output / plural / "index.html", "terms")
    _write(blog.output / "index.xml", "<item>" * _COUNT)
    _write(blog.output / "sitemap.xml", "<loc>" * (_COUNT + 2))
    return blog


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_whole_site_passes(built: Blog) -> None:
    """With every page, list and pager, the feed and the site map there is nothing to say; and it is measured."""
    _write(built.folder / "state" / "index", "12345")
    (built.folder / "state" / "twin").hardlink_to(built.output / "index.html")
    built.check()
    files = [path for path in built.output.rglob("*") if path.is_file()]
    assert built.sizes() == {
        "files": len(files),
        "output_bytes": sum(path.stat().st_size for path in files),
        "state_bytes": 5,
    }


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda blog: blog.page(3).unlink(), "did not make 1 files, such as posts/post-000003"),
        (lambda blog: (blog.output / "posts/page/2/index.html").unlink(), "such as posts/page/2/"),
        (lambda blog: blog.page(4).write_text("code"), "code of post-000004 is not highlighted"),
        (lambda blog: (blog.output / "index.xml").write_text("<item>" * 3), "the feed has 3 items"),
        (lambda blog: (blog.output / "sitemap.xml").write_text("<loc>"), "the site map has 1 places"),
    ],
)
def test_a_generator_that_does_less_fails(
    built: Blog, damage: Callable[[Blog], object], message: str
) -> None:
    """A comparison with one that leaves something out would not be fair."""
    damage(built)
    with pytest.raises(Failed, match=message):
        built.check()


@pytest.mark.parametrize("edit", edits.EDITS, ids=lambda edit: edit.name)
def test_an_edit_changes_the_source_and_is_undone(blog: Blog, edit: edits.Edit) -> None:
    """Each edit changes what it says, is missed where the site does not show it, and leaves nothing behind."""
    before = _sources(blog)
    seen = edit.apply(blog)
    after = _sources(blog)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert len(changed) == 1
    with pytest.raises(Failed, match="is not in"):
        edits.check(blog, seen)
    edits.undo(blog)
    assert _sources(blog) == before


def test_an_edit_that_is_seen_passes(blog: Blog) -> None:
    """The pages that an edit names are looked at."""
    seen = edits.TITLE.apply(blog)
    for pattern, text in seen:
        _write(blog.output / pattern, f"<h1>{text}</h1>")
    edits.check(blog, seen)


def test_a_cold_build_finds_nothing_that_was_made(built: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output and state are gone; with `kept`, what a CI run gets back stays."""
    monkeypatch.setattr(os, "sync", lambda: None)  # the machine's disks are no part of this
    _write(built.folder / "state" / "index", "x")
    _write(built.folder / "state" / "cache" / "highlights", "x")
    built.remove(built.generator.made, but=built.generator.kept)
    assert [path.name for path in (built.folder / "state").rglob("*")] == ["cache", "highlights"]
    assert not built.output.exists()
    Contender(blog=built, scenarios=(COLD,)).prepare(COLD)
    assert not (built.folder / "state").exists()


def test_a_copy_is_never_built(built: Blog, tmp_path: Path) -> None:
    """Sources without output and state; compared with what was built, every file differs."""
    _write(built.folder / "state" / "index", "x")
    copied = built.copy(tmp_path / "copy")
    assert _sources(copied).keys() == {
        name for name in _sources(built) if not name.startswith(("public/", "state/"))
    }
    _write(copied.page(1), built.page(1).read_text("utf-8"))
    _write(copied.page(2), "something else")
    differing = built.differing(copied)
    assert "posts/post-000001/index.html" not in differing
    assert {"posts/post-000002/index.html", "index.xml"} <= set(differing)


def test_front_matter_is_each_tools_own() -> None:
    """YAML for most; Pelican's has no lists."""
    post = posts.outline(3)
    assert f"tags: [{', '.join(post.tags)}]" in generators.yaml_front_matter(post)
    assert f"Tags: {', '.join(post.tags)}\n" in generators.pelican_front_matter(post)


def test_memory_is_summed_over_processes(tmp_path: Path) -> None:
    """A process and its child, with 40 MB each at one moment, have 80 MB."""
    hold = "data = b'x' * 40_000_000; import time; time.sleep(0.25)"
    program = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; child.wait()"
    peak = measuring.peak_memory((sys.executable, "-c", program), cwd=tmp_path, env={}, log=tmp_path / "log")
    assert peak.proportional_bytes > 80_000_000
    assert peak.resident_bytes >= peak.proportional_bytes


def _sources(blog: Blog) -> dict[str, bytes]:
    files = (path for path in blog.folder.rglob("*") if path.is_file())
    return {path.relative_to(blog.folder).as_posix(): path.read_bytes() for path in files}
