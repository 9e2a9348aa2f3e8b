"""Staged and kept files: what a build with worker processes publishes, and what that costs."""

from __future__ import annotations

import errno
import os
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

from sitegen import files
from sitegen.build.publish import (
    Published,
    PublishedSite,
    PublishTarget,
    publish,
    published,
    staging,
)
from sitegen.build.staging import stage
from sitegen.content.document import Digest, PageKey
from sitegen.errors import PublishError
from sitegen.files import digest_bytes
from sitegen.rendering.values import RenderedFile


@pytest.fixture
def target(tmp_path: Path) -> PublishTarget:
    """A folder that nobody has published to yet."""
    return _target(tmp_path)


def _target(root: Path) -> PublishTarget:
    return PublishTarget(output=root / "public", state=root / ".sitegen/publish", name="public")


def _digest(text: str) -> Digest:
    return Digest(digest_bytes(text.encode()))


def _staged(path: str, text: str) -> RenderedFile:
    return RenderedFile(
        path=PurePosixPath(path), digest=_digest(text), is_staged=True, owner=PageKey(f"/{path}")
    )


def _build(
    target: PublishTarget,
    changed: dict[str, str],
    kept: dict[str, str] | None = None,
    known: Published | None = None,
) -> PublishedSite:
    """Publish files that workers have staged, and others that stay."""
    with staging(target) as folder:
        for path, text in changed.items():
            stage(str(folder), path, text.encode())
        return publish(
            [_staged(path, text) for path, text in changed.items()],
            target,
            kept={path: _digest(text) for path, text in (kept or {}).items()},
            known=known,
            staged_in=folder,
        )


def _content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


SITE = {"index.html": "home", "posts/a/index.html": "a", "posts/b/index.html": "b", "feed.xml": "feed"}


# --- what is told before a build ------------------------------------------------------------------


def test_nothing_is_known_of_a_folder_without_a_record(target: PublishTarget) -> None:
    """Before the first publishing there is no file, no generation, and nothing is made."""
    known = published(target)

    assert (known.intact, known.generation, known.digest("index.html")) == ({}, "", None)
    assert not target.state.exists()


def test_published_files_are_told_with_their_digests(target: PublishTarget) -> None:
    """All that the last build left is there, under the name that it was told."""
    done = _build(target, SITE)

    known = published(target)

    assert {path: known.digest(path) for path in SITE} == {path: _digest(text) for path, text in SITE.items()}
    assert known.is_whole
    assert known.generation == done.generation != ""


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("edited in place"),
        lambda path: files.write_atomic(path, b"a"),
    ],
    ids=["removed", "edited", "replaced by the same bytes"],
)
def test_files_that_others_have_touched_are_not_told(
    target: PublishTarget, harm: Callable[[Path], object]
) -> None:
    """A file that was removed, edited in place or replaced does not count as published."""
    _build(target, SITE)
    harm(target.output / "posts/a/index.html")

    known = published(target)

    assert set(known.intact) == set(SITE) - {"posts/a/index.html"}
    assert not known.is_whole


def test_generation_changes_with_the_site_only(target: PublishTarget) -> None:
    """The same site again keeps its name and its record; any change gives it another."""
    first = _build(target, SITE)
    record = target.places.manifest.stat()

    same = publish((), target, kept={path: _digest(text) for path, text in SITE.items()})
    is_untouched = target.places.manifest.stat() == record
    one = _build(target, {"index.html": "2"}, {path: SITE[path] for path in SITE if path != "index.html"})
    fewer = _build(target, {}, {"index.html": "2"})

    assert is_untouched
    assert same.generation == first.generation
    assert len({first.generation, one.generation, fewer.generation}) == 3
    assert published(target).generation == fewer.generation


# --- kept files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["mapping", "file"])
def test_kept_files_need_neither_bytes_nor_file(target: PublishTarget, by: str) -> None:
    """What the last build published stays, with its inode; what is not named is gone."""
    _build(target, SITE)
    inode = (target.output / "feed.xml").stat().st_ino
    home = RenderedFile(path=PurePosixPath("index.html"), digest=_digest("new"), content=b"new")
    kept = RenderedFile(path=PurePosixPath("feed.xml"), digest=_digest("feed"), is_kept=True)

    if by == "file":
        result = publish([home, kept], target)
    else:
        result = publish([home], target, kept={"feed.xml": _digest("feed")})

    assert _content(target.output) == {"index.html": "new", "feed.xml": "feed"}
    assert (target.output / "feed.xml").stat().st_ino == inode
    assert (result.written, result.removed, result.unchanged) == (1, 2, 1)


@pytest.mark.parametrize("by", ["mapping", "file"])
@pytest.mark.parametrize("path", ["feed.xml", "never.html"])
def test_what_is_not_there_cannot_be_kept(target: PublishTarget, by: str, path: str) -> None:
    """A kept file that somebody has changed, or that never was, is an error; the site stays as it is."""
    _build(target, SITE)
    (target.output / "feed.xml").write_text("edited")
    before = _content(target.output)
    kept = RenderedFile(path=PurePosixPath(path), digest=_digest("feed"), is_kept=True)

    with pytest.raises(PublishError) as caught:
        publish(
            [kept] if by == "file" else [], target, kept={path: _digest("feed")} if by == "mapping" else None
        )

    assert str(caught.value) == (
        f"error SG503: `{path}` was changed or removed in the output folder while the site was built"
    )
    assert _content(target.output) == before


def test_another_build_in_between_is_noticed(target: PublishTarget) -> None:
    """What was known before a build is looked at again where another build has published meanwhile."""
    _build(target, SITE)
    known = published(target)
    _build(target, {**SITE, "feed.xml": "of the other build"})

    with pytest.raises(PublishError, match=r"SG503: `feed\.xml` was changed"):
        _build(target, {"index.html": "new"}, {"feed.xml": "feed"}, known)
    _build(target, {"index.html": "new"}, {"posts/a/index.html": "a"}, known)

    assert _content(target.output) == {"index.html": "new", "posts/a/index.html": "a"}


def test_kept_and_staged_under_one_path(target: PublishTarget) -> None:
    """A path has one file, also where one of two is kept."""
    _build(target, SITE)

    with pytest.raises(
        PublishError, match=r"SG502: two outputs have the path `feed\.xml`: the site itself and page"
    ):
        _build(target, {"feed.xml": "other"}, {"feed.xml": "feed"})


# --- staged files ---------------------------------------------------------------------------------


def test_staged_files_are_moved_not_copied(target: PublishTarget) -> None:
    """The file that a worker wrote is the one that is published, in a first build and in a later one."""
    inodes = []
    for changed, kept in ((SITE, {}), ({"feed.xml": "2", "new/index.html": "n"}, {"index.html": "home"})):
        with staging(target) as folder:
            for path, text in changed.items():
                stage(str(folder), path, text.encode())
            staged = {path: (folder / path).stat().st_ino for path in changed}
            publish(
                [_staged(path, text) for path, text in changed.items()],
                target,
                kept={path: _digest(text) for path, text in kept.items()},
                staged_in=folder,
            )
        inodes.append(staged == {path: (target.output / path).stat().st_ino for path in changed})

    assert inodes == [True, True]
    assert _content(target.output) == {"index.html": "home", "feed.xml": "2", "new/index.html": "n"}


def test_staged_file_may_lie_elsewhere(target: PublishTarget) -> None:
    """A file that names its place is taken from there."""
    with staging(target) as folder:
        files.write_atomic(folder / "somewhere/else", b"home")
        home = RenderedFile(
            path=PurePosixPath("index.html"),
            digest=_digest("home"),
            file=folder / "somewhere/else",
            is_staged=True,
        )
        publish([home], target, staged_in=folder)

    assert _content(target.output) == {"index.html": "home"}


@pytest.mark.parametrize("has_site", [False, True])
def test_what_is_staged_and_not_published_goes(target: PublishTarget, has_site: bool) -> None:
    """Files that no output names reach neither the site nor its twin, and nothing of them is left."""
    if has_site:
        _build(target, {"old.html": "old", "feed.xml": "old"})
    with staging(target) as folder:
        for path in (*SITE, "posts/stray.html", "stray/index.html"):
            stage(str(folder), path, SITE.get(path, "stray").encode())
        publish([_staged(path, text) for path, text in SITE.items()], target, staged_in=folder)

    assert _content(target.output) == _content(target.places.twin) == SITE
    assert not (target.output / "stray").exists()
    assert sorted(path.name for path in target.state.iterdir()) == ["lock", "published.msgpack", "twin"]


def test_file_staged_where_a_folder_is_needed(target: PublishTarget) -> None:
    """Two paths that exclude each other are named with their owners, whichever was written first."""
    for first, second in (("a", "a/index.html"), ("a/index.html", "a")):
        with pytest.raises(PublishError, match="SG502: `a` of page `/a` is a file"):
            _build(target, {first: "1", second: "2"})

    assert not target.output.exists()


def test_full_disk_is_said(target: PublishTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker cannot write is an error of publishing, not a bug; the site stays, and nothing is left."""
    _build(target, SITE)

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(PublishError) as caught:
        _build(target, {"index.html": "2", "feed.xml": "2"})

    assert str(caught.value) == "error SG501: cannot publish to `public`: No space left on device"
    assert _content(target.output) == SITE
    assert sorted(path.name for path in target.state.iterdir()) == ["lock", "published.msgpack", "twin"]


def test_twin_is_there_after_the_first_build(target: PublishTarget) -> None:
    """It shares every file by hard link, so the next build writes what it changes and nothing else."""
    _build(target, SITE)

    twin = target.places.twin
    assert _content(twin) == SITE
    assert {path: (twin / path).stat().st_ino for path in SITE} == {
        path: (target.output / path).stat().st_ino for path in SITE
    }


def test_leftovers_go_and_another_builds_files_stay(target: PublishTarget) -> None:
    """The staging folder of a killed build is removed by the next one; one that is in use is left alone."""
    leftover = target.state / "staging-killed/posts"
    leftover.mkdir(parents=True)
    with staging(target) as first:
        stage(str(first), "index.html", b"first")
        with staging(target) as second:
            are_two = first != second
            _build(target, SITE)
            kept = (first / "index.html").read_bytes()

    assert are_two
    assert kept == b"first"
    assert not leftover.exists()
    assert sorted(path.name for path in target.state.iterdir()) == ["lock", "published.msgpack", "twin"]


def test_without_an_exchange_two_renames_do(target: PublishTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two folders cannot be exchanged in one step, staged and kept files come out the same."""
    monkeypatch.setattr(files, "_exchange_call", lambda: None)
    _build(target, SITE)
    (target.output / "CNAME").write_text("example.org")

    for number in "123":
        kept = {path: SITE[path] for path in ("posts/a/index.html", "posts/b/index.html")}
        _build(target, {"index.html": number, f"{number}/index.html": number}, kept)

    ours = {"index.html": "3", "3/index.html": "3", **kept}
    assert _content(target.output) == ours | {"CNAME": "example.org"}
    assert _content(target.places.twin) == ours
    assert sorted(path.name for path in target.state.iterdir()) == ["lock", "published.msgpack", "twin"]


def test_each_output_folder_has_its_own(tmp_path: Path) -> None:
    """What is known of one output folder says nothing of another."""
    first, second = (
        PublishTarget(output=tmp_path / name, state=tmp_path / ".sitegen/publish" / name, name=name)
        for name in ("public", "preview")
    )
    _build(first, SITE)

    known = published(second)
    _build(second, {"index.html": "preview"}, known=known)
    _build(first, {"index.html": "2"}, {"feed.xml": "feed"})

    assert known.intact == {}
    assert _content(first.output) == {"index.html": "2", "feed.xml": "feed"}
    assert _content(second.output) == {"index.html": "preview"}


# --- what it costs --------------------------------------------------------------------------------

CALLS = ("link", "mkdir", "rename", "replace", "unlink", "rmdir", "open", "scandir", "utime", "lstat")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each call that asks the file system something was made."""
    counts: Counter[str] = Counter()

    def watch(name: str) -> None:
        call = getattr(os, name)

        def wrapper(*args: object, **options: object) -> object:
            counts[name] += 1
            return call(*args, **options)

        monkeypatch.setattr(os, name, wrapper)

    for name in CALLS:
        watch(name)
    return counts


def _pages(number: int) -> dict[str, str]:
    return {f"posts/{page}/{name}": "x" for page in range(number) for name in ("index.html", "index.xml")}


def _settled(target: PublishTarget) -> None:
    """Two changes later, nothing of a first build is left to do."""
    for path in ("posts/0/index.html", "posts/0/index.xml"):
        known = published(target)
        kept = {other: stamp[0] for other, stamp in known.intact.items() if other != path}
        publish(
            [RenderedFile(path=PurePosixPath(path), digest=_digest(path), content=path.encode())],
            target,
            kept=kept,
        )


def test_first_build_costs_a_link_a_file_and_two_folders_a_folder(
    tmp_path: Path, counted: Counter[str]
) -> None:
    """On top of the plain writes; four times the pages are four times that."""
    few, many = (_target(tmp_path / place) for place in ("few", "many"))
    _build(few, _pages(10))
    less = counted.copy()
    counted.clear()

    _build(many, _pages(40))

    more = {name: counted[name] - less[name] for name in CALLS}
    assert counted["link"] == 80
    assert (more["link"], more["mkdir"], more["open"]) == (
        2 * 30,
        2 * 30,
        2 * 30,
    )  # opened for the plain writes
    assert more["scandir"] == 30  # the staging folder is looked through
    assert [more[name] for name in ("rename", "replace", "unlink", "rmdir")] == [0, 0, 0, 0]
    assert more["lstat"] <= 30 * (2 + 5)


@pytest.mark.parametrize("changed", [1, 3])
def test_small_change_costs_what_has_changed(tmp_path: Path, counted: Counter[str], changed: int) -> None:
    """Whatever the size of the site: only the look at files and folders, one `lstat` each, grows with it."""
    costs = []
    for place, number in (("few", 20), ("many", 80)):
        target = _target(tmp_path / place)
        _build(target, _pages(number))
        _settled(target)
        new = {f"posts/{page}/index.html": "new" for page in range(5, 5 + changed)}
        counted.clear()
        known = published(target)
        with staging(target) as folder:
            for path, text in new.items():
                stage(str(folder), path, text.encode())
            kept = {path: stamp[0] for path, stamp in known.intact.items() if path not in new}
            publish(
                [_staged(*each) for each in new.items()], target, kept=kept, known=known, staged_in=folder
            )
        costs.append((counted.copy(), number))

    (few, less), (many, more) = costs
    looks = many.pop("lstat") - few.pop("lstat")
    assert many == few
    assert looks <= (more - less) * (2 + 3)  # two files and one folder a page, the latter at three moments


def test_no_change_costs_one_look_a_file(target: PublishTarget, counted: Counter[str]) -> None:
    """Nothing is listed, written or renamed."""
    site = _pages(20)
    _build(target, site)
    counted.clear()

    known = published(target)

    assert known.is_whole
    assert dict(counted) == {"lstat": len(site)}


def test_contents_are_written_as_they_come(target: PublishTarget) -> None:
    """Of 30 files of a megabyte each, publishing never holds more than a few."""

    def rendered() -> Iterator[RenderedFile]:
        for number in range(30):
            content = bytes([number]) * 1_000_000
            yield RenderedFile(
                path=PurePosixPath(f"{number}.bin"), digest=Digest(digest_bytes(content)), content=content
            )

    tracemalloc.start()
    try:
        publish(rendered(), target)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(list(target.output.iterdir())) == 30
    assert peak_bytes < 4_000_000
