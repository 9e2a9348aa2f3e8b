"""What one build leaves for the next, and what becomes of it when something goes wrong."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.bodies import Bodies, Ref
from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

LONG_AGO = 1_600_000_000
SITE = {
    "sitegen.toml": 'title = "T"\n',
    "content/posts/a.md": "---\ntitle: A\ndate: 2020-01-01\n---\n# One\n\nText of a.\n",
    "content/posts/b.md": "---\ntitle: B\ndate: 2020-01-02\n---\nText of b.\n",
    "content/about.md": "---\ntitle: About\n---\nText.\n",
}


class Site:
    """A small site, built again and again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write(SITE)
        self.first = self.build()

    def write(self, files: dict[str, str]) -> None:
        """Write files, as some time ago: what has just changed is always looked at again."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            stamp = LONG_AGO + (int(path.stat().st_mtime) - LONG_AGO + 1 if path.exists() else 0)
            path.write_text(text)
            os.utime(path, (stamp, stamp))

    def build(self, *, strict: bool = False, keep_going: bool = False, year: int = 2030) -> BuildResult:
        """Build it, and say why what was made was made."""
        config = load_config(self.root, environ={}, now=datetime(year, 1, 1, tzinfo=UTC))
        options = BuildOptions(
            strict=strict, keep_going=keep_going, explain=True, policy=ExecutionPolicy(allowed=False)
        )
        return build(config, options, backend=LocalBackend(config), store=open_store(config))

    def made(self, **options: bool) -> list[str]:
        """The files that a build makes."""
        return [reason.path for reason in self.build(**options).reasons]

    def output(self) -> dict[str, bytes]:
        """What is published."""
        folder = self.root / "public"
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }

    @property
    def state(self) -> Path:
        """Where the state lies."""
        (folder,) = (self.root / ".sitegen/build").iterdir()
        return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that was built once."""
    return Site(tmp_path)


def codes(result: BuildResult) -> list[str]:
    """Of its diagnostics."""
    return [diagnostic.code for diagnostic in result.diagnostics]


def test_nothing_is_made_twice(site: Site) -> None:
    """Where nothing has changed; the result says the same as before."""
    again = site.build()

    assert (again.reasons, again.diagnostics) == ((), ())
    assert again.published is not None
    assert (again.published.written, again.published.removed) == (0, 0)
    assert again.published.unchanged == len(site.output())
    assert again.pages == site.first.pages


def test_an_edited_body_is_one_page(site: Site) -> None:
    """And what shows its summary; the reason is its file."""
    site.write({"content/about.md": SITE["content/about.md"] + "\nMore.\n" * 3})
    result = site.build()

    assert [(reason.path, reason.words) for reason in result.reasons if reason.path.startswith("about")] == [
        ("about/index.html", ("the file `content/about.md`",))
    ]
    assert "posts/a/index.html" not in [reason.path for reason in result.reasons]
    assert b"More." in site.output()["about/index.html"]


def test_a_touched_file_makes_nothing(site: Site) -> None:
    """Its content is what it was: also of all files, as in a fresh checkout."""
    for number, path in enumerate(sorted((site.root / "content").rglob("*.md"))):
        os.utime(path, (LONG_AGO + 100 + number,) * 2)

    assert site.made() == []
    assert site.made() == []


def test_what_others_did_to_the_output_is_mended(site: Site) -> None:
    """A file that was changed or removed is made again, and no other."""
    before = site.output()
    (site.root / "public/about/index.html").write_text("no")
    (site.root / "public/posts/a/index.html").unlink()

    assert site.made() == ["about/index.html", "posts/a/index.html"]
    assert site.output() == before


def test_two_output_folders_know_nothing_of_each_other(site: Site, tmp_path: Path) -> None:
    """Each has a state of its own."""
    config = load_config(
        site.root,
        environ={},
        now=datetime(2030, 1, 1, tzinfo=UTC),
        overrides={"publish_dir": tmp_path / "two"},
    )
    build(config, BuildOptions(), backend=LocalBackend(config), store=open_store(config))

    assert (tmp_path / "two/about/index.html").read_bytes() == site.output()["about/index.html"]
    assert site.made() == []


# --- a state that is of no use


def _harm_database(state: Path) -> None:
    (state / "state.sqlite").write_bytes(b"no database" * 500)


def _harm_page(state: Path) -> None:
    with sqlite3.connect(state / "state.sqlite") as database:
        database.execute("UPDATE value SET value = x'00'")


def _harm_reads(state: Path) -> None:
    """One byte of what each file read: no table is damaged by it."""
    with sqlite3.connect(state / "state.sqlite") as database:
        rows = database.execute("SELECT path, owner, marks FROM output").fetchall()
        for path, owner, marks in rows:
            harmed = bytes([marks[0] ^ 1]) + marks[1:]
            database.execute(
                "UPDATE output SET marks = ? WHERE path = ? AND owner = ?", (harmed, path, owner)
            )


def _harm_pack(state: Path) -> None:
    for pack in state.glob("*.pack"):
        data = pack.read_bytes()
        pack.write_bytes(data[: len(data) // 2].replace(b"e", b"f"))


@pytest.mark.parametrize("harm", [_harm_database, _harm_page, _harm_reads, _harm_pack])
def test_a_damaged_state_is_thrown_away(site: Site, harm: Callable[[Path], None]) -> None:
    """With one warning, and the site is right; the next build knows again what was made."""
    harm(site.state)
    changed = SITE["content/about.md"].replace("Text", "Other words").replace("About", "About me")
    site.write({"content/about.md": changed})
    result = site.build()

    assert codes(result) == ["SG511"]
    assert b"Other words" in site.output()["about/index.html"]
    assert site.build().diagnostics == ()
    assert site.made() == []


def test_a_state_of_another_release_is_thrown_away(site: Site) -> None:
    """Silently: it happens with every release."""
    with sqlite3.connect(site.state / "state.sqlite") as database:
        database.execute("PRAGMA user_version = 999")
    before = site.output()
    result = site.build()

    assert (codes(result), len(result.reasons)) == ([], len(before))
    assert site.output() == before


def test_a_state_may_be_deleted(site: Site) -> None:
    """At any time."""
    before = site.output()
    for file in site.state.iterdir():
        file.unlink()

    assert site.build().diagnostics == ()
    assert site.output() == before


# --- errors


def test_a_failed_build_keeps_the_site_and_what_it_parsed(site: Site) -> None:
    """Until the error is mended it is told by every build; then only that page is made."""
    before = site.output()
    site.write({"content/about.md": "---\ntitle: About\n---\n{{< nothing >}}\n"})
    first, second = site.build(), site.build()
    assert codes(first) == codes(second) == ["SG202"]
    assert (first.published, second.published) == (None, None)
    assert site.output() == before

    site.write({"content/about.md": SITE["content/about.md"]})
    result = site.build()

    assert (result.published is not None, codes(result)) == (True, [])
    assert site.output() == before


def test_warnings_are_told_again_though_nothing_is_made(site: Site) -> None:
    """A build that does nothing is not a build that finds nothing; `strict` fails on them, and publishes nothing."""
    site.write({"content/about.md": "---\ntitle: About\n---\n[x](gone.md)\n"})
    assert codes(site.build()) == ["SG204"]
    again = site.build()
    assert (codes(again), again.reasons) == (["SG204"], ())

    strict = site.build(strict=True)

    assert ([each.severity for each in strict.diagnostics], strict.failed) == (["error"], True)


def test_a_strict_build_that_failed_is_published_by_the_next(site: Site) -> None:
    """Which is not strict: what was rendered, but not published, is not taken for published."""
    site.write({"content/about.md": "---\ntitle: About\n---\n[x](gone.md)\n"})
    assert site.build(strict=True).published is None
    assert b"gone.md" not in site.output()["about/index.html"]

    assert site.build().published is not None
    assert b"gone.md" in site.output()["about/index.html"]


def test_a_site_of_errors_is_mended_page_by_page(site: Site) -> None:
    """`keep_going` publishes the good pages, and tells the error until it is mended."""
    site.write({"content/about.md": "---\ntitle: About\n---\n{{< nothing >}}\n"})
    assert codes(site.build(keep_going=True)) == ["SG202"]
    again = site.build(keep_going=True)
    assert codes(again) == ["SG202"]

    site.write({"content/about.md": "---\ntitle: About\n---\nGood.\n"})
    made = site.made()
    assert "about/index.html" in made
    assert not [path for path in made if path.startswith("posts/")]
    assert b"Good." in site.output()["about/index.html"]


# --- packs


def test_packs_do_not_grow_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once most of them is waste, what is wanted is written to a new one."""
    monkeypatch.setattr("sitegen.build.state._LEAST_WASTE_BYTES", 2000)
    largest = 0
    for number in range(30):
        site.write({"content/about.md": f"---\ntitle: About\n---\nText {number}. {'words ' * 500}\n"})
        site.build()
        largest = max(largest, sum(pack.stat().st_size for pack in site.state.glob("*.pack")))

    assert largest < 100_000
    assert site.made() == []
    assert b"Text 29." in site.output()["about/index.html"]


@pytest.fixture
def commit(site: Site) -> Callable[[int], None]:
    """Commits the whole site on a day of January 2024."""

    def run(day: int) -> None:
        date = f"2024-01-{day:02}T00:00:00Z"
        environ = {
            **os.environ,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        for arguments in (("init", "-q"), ("add", "content"), ("commit", "-qm", "x", "--allow-empty")):
            command = ["git", *identity, *arguments]
            subprocess.run(command, cwd=site.root, check=True, capture_output=True, env=environ)

    return run


def test_a_commit_makes_no_build_where_git_dates_no_page(
    site: Site, commit: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history is another one, the site is not: nothing is even looked for."""
    commit(1)
    monkeypatch.setattr(
        "sitegen.build.pipeline.reindex", lambda *_, **__: pytest.fail("the site was indexed")
    )

    assert site.made() == []


def test_a_commit_dates_a_page(site: Site, commit: Callable[[int], None]) -> None:
    """A page without front matter has the day of its first commit, though its file is as it was."""
    site.write({"content/posts/c.md": "# C\n\nText of c.\n"})
    site.build()
    commit(7)

    made = site.made()

    assert "posts/c/index.html" in made
    assert b"2024-01-07" in site.output()["posts/c/index.html"]
    assert site.made() == []


def test_a_draft_is_named_in_later_builds_too(site: Site) -> None:
    """What a broken reference most likely means is known without the draft being read again."""
    link = '---\ntitle: A\ndate: 2020-01-01\n---\n[x]({{< relref "d.md" >}})\n'
    site.write({"content/posts/d.md": "---\ntitle: D\ndraft: true\n---\n", "content/posts/a.md": link})
    first = site.build()
    site.write({"content/posts/a.md": link + "\nMore.\n"})

    second = site.build()

    hints = [
        [found.hint for found in result.diagnostics if found.code == "SG204"] for result in (first, second)
    ]
    assert hints[0] == hints[1]
    assert "is left out" in str(hints[0])


def test_link_to_a_file_asks_no_other_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which files are published is known from the build before: an edited page reads as much with a link as without."""
    site.write({"static/notes.txt": "notes", "content/posts/a.md": f"{SITE['content/posts/a.md']}\nMore.\n"})
    site.build()
    read: list[Ref] = []
    place = Bodies.place

    def counted(bodies: Bodies, ref: Ref) -> Any:
        read.append(ref)
        return place(bodies, ref)

    monkeypatch.setattr(Bodies, "place", counted)
    site.write({"content/posts/a.md": f"{SITE['content/posts/a.md']}\nOther.\n"})
    site.build()
    without = len(read)
    read.clear()

    site.write({"content/posts/a.md": f"{SITE['content/posts/a.md']}\n[Notes](/notes.txt).\n"})
    made = site.made()

    assert "posts/a/index.html" in made
    assert len(read) <= without


def test_clock_that_goes_back_takes_a_page_away(site: Site) -> None:
    """As where `SOURCE_DATE_EPOCH` is set to another commit's time: what is of the future then is not published."""
    site.write({"content/posts/later.md": "---\ntitle: Later\ndate: 2031-06-01\n---\nText.\n"})
    site.build(year=2032)
    assert "posts/later/index.html" in site.output()

    site.build(year=2031)

    assert "posts/later/index.html" not in site.output()
