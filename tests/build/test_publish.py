"""Publishing: all or nothing, only what changed, and nothing that is not ours."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen import files
from sitegen.build import publish as publishing
from sitegen.build.publish import (
    PublishedSite,
    PublishTarget,
    finish_interrupted,
    publish,
    published,
    staging,
)
from sitegen.build.staging import stage
from sitegen.build.twin import swap_in
from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.errors import PublishError
from sitegen.rendering.values import RenderedFile

KILLER = Path(__file__).with_name("publish_until_killed.py")
_SHM = Path("/dev/shm")
_MEMORY = _SHM if _SHM.is_dir() and os.access(_SHM, os.W_OK) else None
"""A disk takes a millisecond to remove a folder; some tests make thousands."""


@pytest.fixture
def target(tmp_path: Path) -> PublishTarget:
    """A folder that nobody has published to yet."""
    return PublishTarget(output=tmp_path / "public", state=tmp_path / ".sitegen/publish", name="public")


def _rendered(site: dict[str, str]) -> list[RenderedFile]:
    return [
        RenderedFile(
            path=PurePosixPath(path),
            digest=Digest(hashlib.sha256(text.encode()).hexdigest()),
            content=text.encode(),
        )
        for path, text in site.items()
    ]


def _publish(site: dict[str, str], target: PublishTarget) -> PublishedSite:
    return publish(_rendered(site), target)


def _publish_staged(site: dict[str, str], target: PublishTarget) -> PublishedSite:
    """As a build does: what has changed is staged by workers, the rest is kept."""
    known = published(target)
    with staging(target) as folder:
        changed = [file for file in _rendered(site) if known.digest(file.path.as_posix()) != file.digest]
        for file in changed:
            stage(str(folder), file.path.as_posix(), file.content or b"")
        return publish(
            [RenderedFile(path=file.path, digest=file.digest, is_staged=True) for file in changed],
            target,
            kept={
                path: digest
                for path in site
                if (digest := known.digest(path)) and path not in _paths(changed)
            },
            known=known,
            staged_in=folder,
        )


def _paths(rendered: list[RenderedFile]) -> set[str]:
    return {file.path.as_posix() for file in rendered}


def _content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def _inodes(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_ino for path in folder.rglob("*")}


def _put(target: PublishTarget, path: str, text: str = "theirs") -> None:
    place = target.output / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


_LONG_AGO = 1_700_000_000
_MOMENTS = itertools.count(_LONG_AGO)


def _age(folder: Path) -> None:
    """Make folders look as old as they are in life: publishing believes an mtime only after a while.

    One that has changed since gets another moment: in life no change gives a folder back the mtime it had.
    """
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and path.stat().st_mtime > _LONG_AGO + 1_000_000:
            moment = next(_MOMENTS)
            os.utime(path, (moment, moment))


# --- what is written ------------------------------------------------------------------------------


def test_first_publish_writes_every_file(target: PublishTarget) -> None:
    """A new folder holds exactly the site."""
    site = {"index.html": "home", "posts/a/index.html": "a"}

    result = publish(_rendered(site), target)

    assert _content(target.output) == site
    assert (result.written, result.removed, result.unchanged) == (2, 0, 0)
    assert result.folder == target.output


def test_no_change_touches_nothing(target: PublishTarget) -> None:
    """Publishing the same site keeps every inode, the folder's too."""
    site = {"index.html": "home", "a/index.html": "a"}
    publish(_rendered(site), target)
    before = _inodes(target.output), target.output.stat()

    result = publish(_rendered(site), target)

    assert (_inodes(target.output), target.output.stat()) == before
    assert (result.written, result.unchanged, result.changed) == (0, 2, ())


def test_one_changed_file_is_one_replacement(target: PublishTarget) -> None:
    """The changed file gets a new inode; the folder and all other files stay the same."""
    publish(_rendered({"index.html": "1", "a/index.html": "a", "b.txt": "b"}), target)
    before, folder = _inodes(target.output), target.output.stat().st_ino

    result = publish(_rendered({"index.html": "2", "a/index.html": "a", "b.txt": "b"}), target)

    after = _inodes(target.output)
    assert after.pop("index.html") != before.pop("index.html")
    assert (after, target.output.stat().st_ino) == (before, folder)
    assert result.changed == (PurePosixPath("index.html"),)


def test_several_changes_are_one_exchange(target: PublishTarget) -> None:
    """Changed files get new inodes, unchanged files keep theirs, the folder is another one."""
    publish(_rendered({"index.html": "1", "a/index.html": "1", "b.txt": "b"}), target)
    before, folder = _inodes(target.output), target.output.stat().st_ino

    publish(_rendered({"index.html": "2", "a/index.html": "2", "b.txt": "b"}), target)

    after = _inodes(target.output)
    assert after["b.txt"] == before["b.txt"]
    assert after["index.html"] != before["index.html"]
    assert target.output.stat().st_ino != folder


def test_old_site_keeps_its_bytes_in_the_twin(target: PublishTarget) -> None:
    """No file is written in place: what was linked before an exchange still has the old bytes."""
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    os.link(target.output / "a.html", target.output.parent / "kept")

    publish(_rendered({"index.html": "2", "a.html": "2"}), target)

    assert (target.output.parent / "kept").read_text() == "1"


def test_pages_that_are_gone_leave_with_their_folders(target: PublishTarget) -> None:
    """Files of removed pages and the folders made for them leave the output."""
    publish(_rendered({"index.html": "1", "posts/a/b/index.html": "a", "posts/c.html": "c"}), target)

    result = publish(_rendered({"index.html": "1"}), target)

    assert _inodes(target.output).keys() == {"index.html"}
    assert (result.removed, result.unchanged) == (2, 1)


def test_a_long_row_of_builds_gives_each_site_exactly(target: PublishTarget) -> None:
    """Each of many different sites comes out exact, whatever the twin held from the ones before."""
    sites = [
        {f"{number % 3}/index.html": str(number), f"{number % 2}.txt": "t", "index.html": str(number // 2)}
        for number in range(9)
    ]
    sites += [sites[0], {"index.html/deep": "a file became a folder"}, {"index.html": "and back"}, sites[1]]

    published = []
    for site in sites:
        publish(_rendered(site), target)
        published.append(_content(target.output))

    assert published == sites


def test_files_are_copied_not_linked(target: PublishTarget, tmp_path: Path) -> None:
    """Editing a static file in place does not change the published site until the next build."""
    source = tmp_path / "logo.svg"
    source.write_text("one")
    file = RenderedFile(path=PurePosixPath("logo.svg"), digest=Digest(files.digest_file(source)), file=source)
    publish([file], target)

    source.write_text("two")

    assert (target.output / "logo.svg").read_text() == "one"


def test_file_changed_while_building_is_published_again(target: PublishTarget, tmp_path: Path) -> None:
    """A file whose bytes are not those that were digested is not taken for up to date later."""
    source = tmp_path / "data.csv"
    source.write_text("late")
    early, late = Digest(files.digest_bytes(b"early")), Digest(files.digest_bytes(b"late"))
    path = PurePosixPath("data.csv")

    first = publish([RenderedFile(path=path, digest=early, file=source)], target)
    second = publish([RenderedFile(path=path, digest=late, file=source)], target)

    assert (first.written, second.written) == (1, 0)


@pytest.mark.parametrize("has_links", [True, False])
def test_output_removed_by_hand_is_made_again(
    target: PublishTarget, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """Without its output folder the site is published whole: from the twin, and nothing is written again."""
    if not has_links:
        monkeypatch.setattr(os, "link", _refuse_links())
    site = {"index.html": "1", "a/index.html": "a", "b.html": "b"}
    publish(_rendered({"index.html": "0", "a/index.html": "0"}), target)
    publish(_rendered(site), target)
    files.remove_tree(target.output)

    known = published(target)
    changed = {"b.html": "2"}
    result = _publish_staged(site | changed, target)

    assert {path for path in site if known.digest(path)} == set(site)
    assert not known.is_whole
    assert _content(target.output) == _content(target.places.twin) == site | changed
    assert (result.written, result.unchanged) == (1, 2)


def test_output_and_twin_removed_by_hand_are_made_again(target: PublishTarget) -> None:
    """Without both, every file is written."""
    site = {"index.html": "1", "a/index.html": "a"}
    publish(_rendered(site), target)
    files.remove_tree(target.output)
    files.remove_tree(target.places.twin)

    result = publish(_rendered(site), target)

    assert _content(target.output) == _content(target.places.twin) == site
    assert result.written == 2


@pytest.mark.parametrize("settled", [False, True])
def test_files_changed_or_removed_by_hand_are_restored(target: PublishTarget, settled: bool) -> None:
    """A published file that somebody replaced, edited or deleted is written again."""
    site = {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "c/index.html": "c"}
    publish(_rendered(site), target)
    if settled:
        _age(target.output)
        publish(_rendered(site), target)
    (target.output / "a/index.html").unlink()
    files.write_atomic(target.output / "b/index.html", b"vandal")
    (target.output / "c/index.html").write_text("edited in place", encoding="utf-8")

    result = publish(_rendered(site), target)

    assert _content(target.output) == site
    assert _content(target.places.twin) == site
    assert result.written == 3


def test_lost_state_adopts_what_is_the_same(target: PublishTarget) -> None:
    """After `.sitegen/` was deleted, unchanged files are recognised by their bytes."""
    site = {"index.html": "1", "a/index.html": "a"}
    publish(_rendered(site), target)
    files.remove_tree(target.state)

    result = publish(_rendered(site | {"new.html": "new"}), target)
    publish(_rendered({"index.html": "2"}), target)

    assert (result.written, result.unchanged) == (1, 2)
    assert _content(target.output) == {"index.html": "2"}


def test_lost_state_and_another_site_says_what_to_remove(target: PublishTarget) -> None:
    """What stands there may be an earlier build's or somebody's own: the folder is named, not one file of many."""
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    files.remove_tree(target.state)

    with pytest.raises(PublishError) as caught:
        publish(_rendered({"index.html": "2", "a.html": "2"}), target)

    assert caught.value.diagnostic.code == "SG501"
    assert str(caught.value.diagnostic.hint).startswith("remove the folder `public` if it is an earlier site")
    assert _content(target.output) == {"index.html": "1", "a.html": "1"}


@pytest.mark.parametrize("name", ["published.msgpack", "exchange.msgpack"])
def test_unreadable_state_is_no_obstacle(target: PublishTarget, name: str) -> None:
    """A state file that is cut short counts as missing."""
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    publish(_rendered({"index.html": "2", "a.html": "2"}), target)
    (target.state / name).write_text('{"files": {')

    publish(_rendered({"index.html": "2", "a.html": "2", "b.html": "3"}), target)

    assert _content(target.output) == {"index.html": "2", "a.html": "2", "b.html": "3"}


def test_meddled_twin_is_not_trusted(target: PublishTarget) -> None:
    """What was added to, changed in or removed from the twin does not reach the site."""
    for number in "12":
        publish(_rendered({"index.html": number, "a.html": number, "b.html": "b"}), target)
    twin = target.places.twin
    (twin / "index.html").unlink()
    (twin / "stray.html").write_text("stray")
    files.write_atomic(twin / "b.html", b"meddled")

    publish(_rendered({"index.html": "3", "a.html": "3", "b.html": "b"}), target)

    assert _content(target.output) == {"index.html": "3", "a.html": "3", "b.html": "b"}


# --- what is not ours -----------------------------------------------------------------------------

FOREIGN = {"CNAME": "example.org", ".git/HEAD": "ref", ".git/objects/ab": "blob", "posts/a/paper.pdf": "pdf"}


@pytest.mark.parametrize("settled", [False, True])
def test_foreign_entries_are_kept_at_any_depth(target: PublishTarget, settled: bool) -> None:
    """Files and folders of others live through exchanges, with the same inodes, in our folders too."""
    publish(_rendered({"index.html": "1", "posts/a/index.html": "1"}), target)
    for path, text in FOREIGN.items():
        _put(target, path, text)
    inodes = _inodes(target.output)
    for number in "234":
        if settled:
            _age(target.output)
            publish(_rendered({"index.html": number, "posts/a/index.html": "1"}), target)
            _age(target.output)
        publish(_rendered({"index.html": number, "posts/a/index.html": number}), target)

    assert _content(target.output) == {"index.html": "4", "posts/a/index.html": "4"} | FOREIGN
    after = _inodes(target.output)
    assert {path: after[path] for path in (*FOREIGN, ".git")} == {
        path: inodes[path] for path in (*FOREIGN, ".git")
    }


@pytest.mark.parametrize("settled", [False, True])
def test_foreign_file_outlives_the_page_beside_it(target: PublishTarget, settled: bool) -> None:
    """When a page goes, the PDF that somebody put into its folder stays, in later builds too."""
    publish(_rendered({"index.html": "1", "posts/a/index.html": "a", "b.html": "1"}), target)
    _put(target, "posts/a/paper.pdf")

    for number in "2345":
        publish(_rendered({"index.html": number, "b.html": number}), target)
        if settled:
            _age(target.output)
            publish(_rendered({"index.html": number, "b.html": number}), target)

    assert _content(target.output) == {"index.html": "5", "b.html": "5", "posts/a/paper.pdf": "theirs"}


def test_page_may_join_a_foreign_folder(target: PublishTarget) -> None:
    """A page whose folder somebody else has made is published into it, and leaves it again."""
    publish(_rendered({"index.html": "1"}), target)
    _put(target, "talks/slides.pdf")
    _put(target, "talks/2024/slides.pdf")

    site = {"index.html": "2", "talks/index.html": "t", "talks/2025/a/index.html": "a"}
    publish(_rendered(site), target)
    joined = _content(target.output)
    _age(target.output)
    publish(_rendered(site), target)
    publish(_rendered({"index.html": "3", "b.html": "3"}), target)
    publish(_rendered({"index.html": "4", "b.html": "4"}), target)

    theirs = {"talks/slides.pdf": "theirs", "talks/2024/slides.pdf": "theirs"}
    assert joined == site | theirs
    assert _content(target.output) == {"index.html": "4", "b.html": "4"} | theirs


def test_foreign_links_and_empty_folders_are_kept(target: PublishTarget) -> None:
    """Symbolic links, broken ones too, and empty folders go along."""
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    (target.output / "latest").symlink_to("nowhere")
    (target.output / "empty").mkdir()

    publish(_rendered({"index.html": "2", "a.html": "2"}), target)

    assert (target.output / "latest").readlink() == Path("nowhere")
    assert (target.output / "empty").is_dir()


def test_folder_of_another_tool_is_kept(target: PublishTarget) -> None:
    """On the first publish to a folder that exists, everything in it is somebody else's."""
    _put(target, "about/index.html")

    publish(_rendered({"index.html": "1", "b.html": "1"}), target)

    assert _content(target.output) == {"index.html": "1", "b.html": "1", "about/index.html": "theirs"}


@pytest.mark.parametrize(
    ("foreign", "wanted"),
    [("index.html", "index.html"), ("posts", "posts/index.html"), ("index.html/x", "index.html")],
)
def test_foreign_entry_in_the_way_is_named(target: PublishTarget, foreign: str, wanted: str) -> None:
    """A file of somebody else is never overwritten: the error names it, and nothing changes."""
    publish(_rendered({"ours.html": "1"}), target)
    _put(target, foreign)

    with pytest.raises(PublishError) as caught:
        publish(_rendered({wanted: "ours", "other.html": "ours"}), target)

    assert str(caught.value) == (
        f"error SG501: `public/{foreign.partition('/')[0]}` is in the way: sitegen did not write it"
    )
    assert caught.value.diagnostic.hint == "remove it, or publish to another folder with `--destination`"
    assert _content(target.output) == {"ours.html": "1", foreign: "theirs"}


def test_entry_that_comes_while_publishing_is_kept(
    target: PublishTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that appears between the survey and the exchange is found in the new site."""
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)

    def slow_swap(*arguments: object, **options: object) -> object:
        _put(target, "CNAME")
        _put(target, "gone/deep/x")
        return swap_in(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "swap_in", slow_swap)
    publish(_rendered({"index.html": "2", "a.html": "2"}), target)

    ours = {"index.html": "2", "a.html": "2"}
    assert _content(target.output) == ours | {"CNAME": "theirs", "gone/deep/x": "theirs"}


NAMES = st.sampled_from(["index.html", "a/index.html", "a/b/x.txt", "c/x.txt", "c/d/e/index.html"])
SITES = st.dictionaries(NAMES, st.sampled_from("123"), min_size=1)
THEIRS = st.sampled_from(["CNAME", "a/p.pdf", "a/b/c/p.pdf", "c/p.pdf", "c/d/p.pdf", ".git/objects/1"])
STEPS = st.lists(
    st.tuples(SITES, st.none() | THEIRS, st.booleans(), st.sampled_from([_publish, _publish_staged])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_any_row_of_builds_and_foreign_files(
    steps: list[tuple[dict[str, str], str | None, bool, Callable[[dict[str, str], PublishTarget], object]]],
) -> None:
    """Whatever is built in whatever order and way: the output is the last site and all that others put there."""
    theirs: dict[str, str] = {}
    with TemporaryDirectory(dir=_MEMORY) as folder:
        target = PublishTarget(output=Path(folder) / "public", state=Path(folder) / "state", name="public")
        for site, foreign, is_settled, publish_by in steps:
            publish_by(site, target)
            if foreign:
                _put(target, foreign)
                theirs[foreign] = "theirs"
            if is_settled:
                _age(target.output)
                publish(_rendered(site), target)

            assert _content(target.output) == site | theirs


# --- what is refused ------------------------------------------------------------------------------


def test_two_outputs_with_one_path(target: PublishTarget) -> None:
    """The error names both owners, and nothing is published."""
    first, second = (
        RenderedFile(path=PurePosixPath("a.html"), digest=Digest(text), content=b"", owner=PageKey(text))
        for text in ("/posts/one", "/posts/two")
    )

    with pytest.raises(PublishError) as caught:
        publish([first, second], target)

    assert str(caught.value) == (
        "error SG502: two outputs have the path `a.html`: page `/posts/one` and page `/posts/two`"
    )
    assert not target.output.exists()


def test_the_same_bytes_twice_are_one_output(target: PublishTarget) -> None:
    """A file that several pages bring along is published once."""
    result = publish([*_rendered({"lab.py": "x"}), *_rendered({"lab.py": "x"})], target)

    assert result.written == 1


def test_file_where_a_folder_is_needed(target: PublishTarget) -> None:
    """`a` and `a/index.html` cannot both be published."""
    with pytest.raises(PublishError, match="SG502: `a` of the site itself is a file"):
        publish(_rendered({"a": "1", "a/index.html": "2"}), target)


@pytest.mark.parametrize("path", ["../out.html", "a/../../b", "/etc/cron.d/x"])
def test_paths_out_of_the_folder_are_refused(target: PublishTarget, path: str) -> None:
    """No output leaves the output folder."""
    with pytest.raises(PublishError, match="cannot be published"):
        publish(_rendered({path: "x"}), target)


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        (".", "it holds the site's files"),
        ("..", "it holds the site's files"),
        ("content", "it holds the site's content"),
        ("static/out", "it lies in the folder of the site's static files"),
        ("results", "it holds the site's results"),
        (".sitegen/public", "it lies in the folder of the site's state"),
        ("file", "it is a file"),
    ],
)
def test_dangerous_folders_are_refused(tmp_path: Path, folder: str, reason: str) -> None:
    """The site's own folders are never exchanged for a built site."""
    (tmp_path / "file").touch()

    with pytest.raises(PublishError, match=f"SG501: cannot publish to .*: {reason}"):
        PublishTarget.of(_config(tmp_path, folder))


def _config(root: Path, publish_dir: str = "public") -> Config:
    names = ("content", "notebooks", "data", "templates", "results")
    folders = {f"{name}_dir": root / name for name in names}
    return Config(
        root=root,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        publish_dir=Path(os.path.normpath(root / publish_dir)),
        state_dir=root / ".sitegen",
        static_dirs=(root / "static",),
        **folders,  # type: ignore[arg-type]
    )


def test_what_the_file_system_refuses_is_said(target: PublishTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the exchange names the folder and leaves the old site."""

    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link", "public")

    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    monkeypatch.setattr("sitegen.build.twin.exchange", refuse)
    with pytest.raises(PublishError) as caught:
        publish(_rendered({"index.html": "2", "a.html": "2"}), target)
    left = _content(target.output)
    monkeypatch.undo()
    publish(_rendered({"index.html": "3", "a.html": "3"}), target)

    assert str(caught.value) == (
        "error SG501: cannot publish to `public`: Invalid cross-device link: `public`"
    )
    assert left == {"index.html": "1", "a.html": "1"}
    assert _content(target.output) == {"index.html": "3", "a.html": "3"}


# --- where it is kept -----------------------------------------------------------------------------


def test_state_lies_below_sitegens_folder(tmp_path: Path) -> None:
    """Each output folder has a state of its own below `.sitegen/`."""
    first, second = (PublishTarget.of(_config(tmp_path, name)) for name in ("public", "other/public"))

    assert first.state.parent == tmp_path / ".sitegen/publish"
    assert first.state != second.state


def test_state_lies_beside_an_output_on_another_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links do not cross file systems, so the twin goes where the output folder is."""
    monkeypatch.setattr(publishing, "_device", lambda path: 1 if "far" in path.parts else 2)

    target = PublishTarget.of(_config(tmp_path, "far/public"))
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)
    publish(_rendered({"index.html": "2", "a.html": "2"}), target)

    assert target.state == tmp_path / "far/.public.sitegen"
    assert _content(target.output) == {"index.html": "2", "a.html": "2"}


def test_output_behind_a_symbolic_link(tmp_path: Path) -> None:
    """The folder that the link names is published to; the link stays."""
    (tmp_path / "real").mkdir()
    (tmp_path / "public").symlink_to("real")

    target = PublishTarget.of(_config(tmp_path))
    publish(_rendered({"index.html": "1", "a.html": "1"}), target)

    assert (tmp_path / "public").is_symlink()
    assert _content(tmp_path / "real") == {"index.html": "1", "a.html": "1"}


# --- killed, and read meanwhile -------------------------------------------------------------------


def _killed(how: str) -> list[dict[str, object]]:
    with TemporaryDirectory(dir=_MEMORY) as root:
        command = [sys.executable, str(KILLER), root, how]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange of two folders is Linux's here")
def test_killed_before_any_operation_the_site_is_whole() -> None:
    """With SIGKILL before each file operation: the old site or the new, always with all foreign files."""
    kills = _killed("exchange")

    assert len(kills) > 40
    assert {kill["left"] for kill in kills} == {"old", "new"}
    assert all(kill["finished"] == kill["left"] for kill in kills)
    assert {(kill["later"], kill["again"]) for kill in kills} == {("later", "new")}
    assert {tuple(kill["state"]) for kill in kills} == {("lock", "published.msgpack", "twin")}  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange of two folders is Linux's here")
def test_killed_before_the_first_site_is_there() -> None:
    """A first publishing, whose staging folder becomes the site, is there whole or not at all, beside the foreign files."""
    kills = _killed("first")

    assert {kill["left"] for kill in kills} == {"none", "new"}
    assert all(kill["finished"] == kill["left"] for kill in kills)
    assert {(kill["later"], kill["again"]) for kill in kills} == {("later", "new")}
    assert {tuple(kill["state"]) for kill in kills} == {("lock", "published.msgpack", "twin")}  # type: ignore[arg-type]


def test_killed_without_an_exchange_the_next_command_finishes() -> None:
    """Where two renames stand for the exchange, a kill between them is mended by the journal."""
    kills = _killed("renames")

    assert {kill["left"] for kill in kills} == {"old", "missing", "new"}
    assert {kill["finished"] for kill in kills} == {"old", "new"}
    assert {(kill["later"], kill["again"]) for kill in kills} == {("later", "new")}


READER = """
import pathlib, sys
page, stop = map(pathlib.Path, sys.argv[1:])
reads = misses = 0
while reads == 0 or not stop.exists():
    try:
        page.read_bytes()
    except FileNotFoundError:
        misses += 1
    reads += 1
    if reads == 1:
        print("started", flush=True)
print(misses, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange of two folders is Linux's here")
def test_reader_never_misses_a_page(target: PublishTarget, tmp_path: Path) -> None:
    """A reader in a loop finds the home page throughout a row of exchanges."""
    publish(_rendered({"index.html": "0", "a.html": "0"}), target)
    arguments = [sys.executable, "-c", READER, str(target.output / "index.html"), str(tmp_path / "stop")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        started = reader.stdout.readline()
        for number in range(1, 151):
            publish(_rendered({"index.html": str(number), "a.html": str(number)}), target)
        (tmp_path / "stop").touch()
        misses = reader.stdout.readline()

    assert (started, misses) == ("started\n", "0\n")


def test_nothing_to_finish_is_fine(target: PublishTarget) -> None:
    """Finishing does nothing, and makes nothing, where nothing was published."""
    finish_interrupted(target)

    assert not target.state.exists()


def test_file_systems_without_hard_links(target: PublishTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are copied then; foreign files keep their inodes, and what is unchanged is not rewritten."""
    monkeypatch.setattr(os, "link", _refuse_links())
    publish(_rendered({"index.html": "1", "a.html": "1", "b.html": "b"}), target)
    for path, text in FOREIGN.items():
        _put(target, path, text)
    inodes = _inodes(target.output)
    for number in "23":
        publish(_rendered({"index.html": number, "a.html": number, "b.html": "b"}), target)
    result = publish(_rendered({"index.html": "3", "a.html": "3", "b.html": "b"}), target)

    assert _content(target.output) == {"index.html": "3", "a.html": "3", "b.html": "b"} | FOREIGN
    assert result.written == 0
    assert _inodes(target.output)[".git"] == inodes[".git"]


def _refuse_links() -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    return refuse
