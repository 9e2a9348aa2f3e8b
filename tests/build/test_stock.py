"""What a build would read, by size and time of change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sitegen.build import stock
from sitegen.build.stock import Program, program_of, take_stock
from sitegen.config import Config, load_config
from sitegen.files import digest_file
from sitegen.rendering.incremental.facts import template_digests

LONG_AGO = 1_600_000_000_000_000_000


def _write(path: Path, text: str, *, is_old: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if is_old:
        os.utime(path, ns=(LONG_AGO, LONG_AGO))


@pytest.fixture
def site(tmp_path: Path) -> Config:
    """A site with a file of each kind."""
    for name in ("content/a.md", "data/d.toml", "static/s.txt", "templates/t.html", "templates/assets/a.css"):
        _write(tmp_path / name, "x")
    _write(tmp_path / "public/index.html", "x")
    return load_config(tmp_path, environ={})


def _names(config: Config, paths: set[str]) -> set[str]:
    return {str(config.relative_to_root(Path(path))) for path in paths}


def test_every_kind_of_input_is_looked_at(site: Config) -> None:
    """The output is none; nothing differs where nothing was touched."""
    first, second = take_stock(site), take_stock(site)

    names = _names(site, set(first.files))
    assert names == {
        "content/a.md", "data/d.toml", "static/s.txt", "templates/t.html", "templates/assets/a.css",
    }  # fmt: skip
    assert first.differing(second) == set()


def test_what_came_went_or_changed_differs(site: Config) -> None:
    """By size or by time alone; another file that was read is looked at as well, also where there is none."""
    other = str(site.root / "elsewhere.png")
    before = take_stock(site, [other])
    _write(site.root / "content/b.md", "new")
    (site.root / "data/d.toml").unlink()
    _write(site.root / "templates/t.html", "longer")
    os.utime(site.root / "static/s.txt", ns=(LONG_AGO + 1, LONG_AGO + 1))
    _write(Path(other), "x")

    after = take_stock(site, [other])

    assert _names(site, before.differing(after)) == {
        "content/b.md", "data/d.toml", "templates/t.html", "static/s.txt", "elsewhere.png",
    }  # fmt: skip


def test_folders_of_any_name_are_looked_into(site: Config) -> None:
    """What is published or read is looked at: hidden folders are no content, but they may be static."""
    for name in (
        "content/node_modules/p.md",
        "static/__pycache__/s.txt",
        "static/.well-known/k",
        "data/.d/d.toml",
    ):
        _write(site.root / name, "x")

    names = _names(site, set(take_stock(site).files))

    assert {"content/node_modules/p.md", "static/__pycache__/s.txt", "static/.well-known/k"} <= names
    assert "data/.d/d.toml" not in names


def test_links_that_lead_up_end(site: Config) -> None:
    """Two of them in one folder would have 2**40 paths; other links are followed, to one folder twice as well."""
    _write(site.root / "elsewhere/e.md", "x")
    for name, target in (("up", "."), ("root", ".."), ("one", "../elsewhere"), ("two", "../elsewhere")):
        (site.root / "content" / name).symlink_to(target)
        (site.root / "templates" / name).symlink_to(target)

    names = _names(site, set(take_stock(site).files))
    templates = template_digests(site)

    assert {name for name in names if name.startswith("content")} == {
        "content/a.md", "content/one/e.md", "content/two/e.md",
    }  # fmt: skip
    assert {"one/e.md", "two/e.md"} <= templates.keys()
    assert not any(name.startswith(("up/", "root/")) for name in templates)


def test_a_file_that_has_just_changed_is_not_believed(site: Config) -> None:
    """It could change again within one tick of the clock, and look the same."""
    _write(site.root / "content/a.md", "y", is_old=False)
    now = time.time_ns()
    os.utime(site.root / "content/a.md", ns=(now, now))
    before = take_stock(site)
    os.utime(site.root / "content/a.md", ns=(LONG_AGO, LONG_AGO))
    later = take_stock(site)

    assert _names(site, before.differing(before)) == {"content/a.md"}
    assert _names(site, before.differing(later)) == {"content/a.md"}
    assert later.differing(take_stock(site)) == set()


def test_a_fresh_installation_is_the_same_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are read only where their stamps differ; other packages make another program."""
    here = program_of(None)
    reads: list[Path] = []

    def digest(path: Path) -> str:
        reads.append(path)
        return digest_file(path)

    monkeypatch.setattr(stock, "digest_file", digest)

    assert program_of(here) is here
    assert reads == []
    moved = program_of(Program(stamps="others", contents=here.contents))
    assert (moved.contents, bool(reads)) == (here.contents, True)
    monkeypatch.setattr(stock, "_distributions", lambda: ["pygments-9.dist-info"])
    assert program_of(here).contents != here.contents


def test_what_another_program_is_told_by() -> None:
    """By the packages that are others, with both versions; without one, it is our own code."""
    here = Program(stamps="a", contents="a", versions=(("jinja2", "3.1.5"), ("nh3", "1")))
    other = Program(stamps="b", contents="b", versions=(("jinja2", "3.1.6"), ("emoji", "2")))

    assert here.differences(here) == ()
    assert here.differences(other) == ("emoji none -> 2", "jinja2 3.1.5 -> 3.1.6", "nh3 1 -> none")
    assert here.differences(Program(stamps="b", contents="b", versions=here.versions)) == (
        "the program itself is another",
    )
