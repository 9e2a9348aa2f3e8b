"""The output folder's twin: brought up to date beside it, exchanged with it, and made its equal again.

Two folders, `output` and `twin`, share their files by hard link, and hold the same ones between two builds. What must
hold at any moment, also after SIGKILL:

- `output` is a whole site with every foreign entry in it: it changes by one exchange, or by one rename of one file;
- a folder of the twin is believed to hold what it should only while its mtime is the one in the manifest: each change
  of it, finished or not, gives it another one, and then it is listed and mended;
- an exchange has a journal from before it until the twin is clear of foreign entries, so the next command
  can finish it. It is known to have taken place when `output` is the folder whose inode the journal has.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from pathlib import Path

from sitegen.build.manifest import (
    UNKNOWN,
    Folders,
    FolderStamps,
    Journal,
    Manifest,
    Stamp,
    load,
    parents,
    save,
)
from sitegen.build.survey import doubtful, settle, stamp_of, strangers
from sitegen.files import (
    TEMPORARY_PREFIX,
    ExchangeUnsupportedError,
    exchange,
    link_or_copy,
    mirror_tree,
    remove_tree,
)
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where an output folder and all that belongs to its publishing lie, on one file system."""

    output: Path
    state: Path
    """A folder of our own; everything in it but the manifest can be made anew."""

    @property
    def twin(self) -> Path:
        """The folder that takes the output folder's place."""
        return self.state / "twin"

    @property
    def retired(self) -> Path:
        """Where the old output folder waits when two renames stand for the exchange."""
        return self.state / "retired"

    @property
    def manifest(self) -> Path:
        """What the output folder holds."""
        return self.state / "published.msgpack"

    @property
    def journal(self) -> Path:
        """There while an exchange is under way."""
        return self.state / "exchange.msgpack"

    @property
    def lock(self) -> Path:
        """Locked while somebody publishes."""
        return self.state / "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an exchange brings about."""

    old: Manifest
    known: Folders
    """Of `old`."""
    kept: dict[str, Stamp]
    """Files of the output folder that stay as they are."""
    written: dict[str, Stamp]
    """New files, as they lie in the staging folder."""
    staged: Mapping[str, str]
    """Where each of them lies."""
    removed: tuple[str, ...]
    folders: Set[str]
    """On the way to the files of the new site."""
    output_stamps: FolderStamps
    """Of the output folder's folders that hold nothing foreign and are known to be as we left them."""
    foreign: tuple[str, ...]
    """Entries of the output folder that we did not write."""

    @property
    def files(self) -> dict[str, Stamp]:
        """The new site."""
        return self.kept | self.written


def swap_in(
    places: Places, change: Change, *, whole: str | None = None, linked_in: Path | None = None
) -> Manifest:
    """Put the new site in the output folder's place, with every foreign entry, and store what is published.

    Args:
        whole: a staging folder with all files of the new site; it becomes the twin, none of them is moved.
        linked_in: another folder that may hold links to them; it becomes the twin that there was not.

    Returns:
        What is published.

    Raises:
        OSError: a file cannot be moved, or the folders cannot be exchanged; then the output folder is as it was.
    """
    if whole is not None:
        remove_tree(places.twin)
        os.rename(whole, places.twin)
        twin = _mend(places.twin, change.folders, change.written, change.folders, places.output)
    else:
        twin = _updated(places, change)
    for path in change.foreign:
        place = places.twin / path
        place.parent.mkdir(parents=True, exist_ok=True)
        mirror_tree(places.output / path, place)
    open_to_others = parents(change.foreign)
    stamps = {path: stamp for path, stamp in twin.stamps.items() if path not in open_to_others}
    journal = Journal(
        old_inode=_inode(places.output) or 0,
        new_inode=places.twin.stat().st_ino,
        written=change.written,
        removed=list(change.removed),
    )
    save(places.journal, journal)
    _exchange_folders(places)
    return _settle(places, change, journal, stamps, twin.copies, linked_in)


@dataclass(frozen=True, slots=True)
class _Twin:
    """The twin before an exchange."""

    stamps: FolderStamps
    """Of folders that hold what they should."""
    copies: dict[str, Stamp]
    """Files that are no links."""


def _updated(places: Places, change: Change) -> _Twin:
    """The twin with the new site in it."""
    known = change.known.twin
    old_copies = change.old.copies
    twin = str(places.twin)
    doubted = doubtful(twin, known) | (change.folders ^ known.keys()) | _folders_of(change.removed)
    doubted |= {
        path.rpartition("/")[0]
        for path, stamp in old_copies.items()
        if _differs(f"{twin}/{path}", stamp)  # a link that is edited in place is seen in the output folder
    }
    mended = _mend(places.twin, doubted, change.kept, change.folders, places.output, old_copies)
    for path, place in change.staged.items():
        if path in change.old.files:
            # ext4 writes a file's data at once where a rename replaces another: that is for files that somebody reads
            with suppress(FileNotFoundError):
                os.unlink(f"{twin}/{path}")
        os.replace(place, f"{twin}/{path}")
        mended.copies.pop(path, None)
    believed = {path: stamp for path, stamp in known.items() if path not in doubted}
    stamps = believed | mended.stamps | settle(twin, _folders_of(change.staged))
    return _Twin(stamps, mended.copies)


def _mend(
    root: Path,
    doubted: Set[str],
    files: Mapping[str, Stamp],
    folders: Set[str],
    output: Path,
    copies: Mapping[str, Stamp] | None = None,
) -> _Twin:
    """Make some folders below `root` hold exactly what they should.

    Args:
        doubted: their paths; with a folder that is missing, all that should be below it.
        files: all that should be there, with the stamps that they have in the output folder.
        folders: all that should be there.
        output: where files are linked from.
        copies: files below `root` that are no links, as they are there.

    Returns:
        Stamps of the doubted folders, and the copies.
    """
    if not doubted and not copies:
        return _Twin({}, {})
    wanted: dict[str, list[str]] = defaultdict(list)
    for path in files:
        folder = path.rpartition("/")[0]
        if folder in doubted:
            wanted[folder].append(path)
    now_copies = {path: stamp for path, stamp in (copies or {}).items() if path in files}
    made: set[str] = set()
    for folder in sorted(doubted):
        place = f"{root}/{folder}" if folder else str(root)
        if folder not in folders:
            if folder not in files:  # else the listing of the folder above has made a file of it
                remove_tree(place)
            continue
        if folder and folder.rpartition("/")[0] in made:
            os.mkdir(place)
            made.add(folder)
            held: set[str] = set()
        elif os.path.isdir(place) and not os.path.islink(place):
            held = _cleared(place, folder, files, folders, now_copies)
        else:
            remove_tree(place)
            os.makedirs(place)
            made.add(folder)
            held = set()
        for path in wanted.get(folder, ()):
            if path in held:
                continue
            target = f"{root}/{path}"
            if link_or_copy(f"{output}/{path}", target):
                now_copies.pop(path, None)
            else:
                now_copies[path] = stamp_of(target, files[path][0])
    return _Twin(settle(str(root), doubted & folders), now_copies)


def _cleared(
    place: str, folder: str, files: Mapping[str, Stamp], folders: Set[str], copies: Mapping[str, Stamp]
) -> set[str]:
    """Remove from one folder what does not belong there; gives the paths of the files that do."""
    inside = f"{folder}/" if folder else ""
    held = set()
    with os.scandir(place) as entries:
        for entry in list(entries):
            path = inside + entry.name
            if entry.is_dir(follow_symlinks=False):
                if path not in folders:
                    remove_tree(entry.path)
                continue
            stamp = copies.get(path) or files.get(path)
            if stamp is None or entry.inode() != stamp[3] or (path in copies and _differs(entry.path, stamp)):
                os.unlink(entry.path)
            else:
                held.add(path)
    return held


def _exchange_folders(places: Places) -> None:
    places.output.parent.mkdir(parents=True, exist_ok=True)
    if not places.output.exists():
        os.rename(places.twin, places.output)
        return
    try:
        exchange(places.twin, places.output)
    except ExchangeUnsupportedError:
        # a reader can meet a moment without the folder here; a kill in it is mended by `finish`
        remove_tree(places.retired)
        os.rename(places.output, places.retired)
        os.rename(places.twin, places.output)


def _settle(
    places: Places,
    change: Change,
    journal: Journal,
    stamps: FolderStamps,
    copies: dict[str, Stamp],
    linked_in: Path | None,
) -> Manifest:
    """After the exchange: foreign entries back to the output folder, the twin its equal, then the manifest."""
    _take_retired(places, journal)
    known = change.output_stamps
    now = change.files
    folders = change.known.output.keys() | change.folders
    doubted = doubtful(str(places.twin), dict.fromkeys(folders, UNKNOWN) | known)
    # with the new files: a folder of others that one of them has joined must not go back as a whole
    found = strangers(str(places.twin), doubted, files=change.old.files.keys() | now.keys(), folders=folders)
    for path in found.paths:
        _give_back(places, path, was_interrupted=False)
    if linked_in is not None and not places.twin.exists():
        os.rename(linked_in, places.twin)  # mended as any twin: what is missing in it is linked
    # files that were copies are in the output folder now, and the twin has what they were copied from
    files = {path: copies.get(path, stamp) for path, stamp in now.items()} if copies else now
    swapped = {path: change.kept[path] for path in copies if path in change.kept}
    doubted |= _folders_of([*change.staged, *change.removed])
    mended = _mend(places.twin, doubted, files, change.folders, places.output, swapped)
    believed = {path: stamp for path, stamp in known.items() if path not in doubted}
    published = Manifest.made(
        files,
        Folders(
            output=dict.fromkeys(change.folders, UNKNOWN) | _only(stamps, change.folders),
            twin=dict.fromkeys(change.folders, UNKNOWN) | _only(believed | mended.stamps, change.folders),
        ),
        mended.copies,
    )
    save(places.manifest, published)
    places.journal.unlink()
    return published


def finish(places: Places) -> None:
    """Finish an exchange that was interrupted, or drop one that did not take place.

    Raises:
        OSError: a file cannot be moved.
    """
    for leftover in places.state.glob(f"{TEMPORARY_PREFIX}*"):
        leftover.unlink()  # of a write that was killed
    journal = load(places.journal, Journal)
    if journal is None:
        places.journal.unlink(missing_ok=True)
        return
    if not places.output.exists() and _inode(places.twin) == journal.new_inode:
        os.rename(
            places.twin, places.output
        )  # killed between the two renames, or before the first publishing
    if _inode(places.output) == journal.new_inode:
        _finish_exchange(places, journal)
    places.journal.unlink()


def _finish_exchange(places: Places, journal: Journal) -> None:
    """Give back what is not ours; the twin is left as it is, to be listed and mended by the next exchange."""
    _take_retired(places, journal)
    manifest = load(places.manifest, Manifest) or Manifest()
    files = journal.after(manifest.files)
    folders = parents([*manifest.files, *files])
    twin = str(places.twin)
    found = strangers(twin, folders, files=manifest.files.keys() | files.keys(), folders=folders)
    for path in found.paths:
        _give_back(places, path, was_interrupted=True)
    unknown = dict.fromkeys(parents(files), UNKNOWN)
    # a file that was a copy in the twin has another stamp than the manifest says: it is written again
    save(places.manifest, Manifest.made(files, Folders(unknown, unknown), {}))


def _take_retired(places: Places, journal: Journal) -> None:
    if _inode(places.retired) == journal.old_inode:
        remove_tree(places.twin)
        os.rename(places.retired, places.twin)


def _give_back(places: Places, path: str, *, was_interrupted: bool) -> None:
    """Leave the original of a foreign entry in the output folder, and nothing of it in the twin.

    The output folder has a mirror of it since before the exchange, so it is never without; a
    folder's original takes the mirror's place, for whoever has it open. After an interruption the
    mirror may have been written to since: then it is the original.
    """
    ours, theirs = places.twin / path, places.output / path
    if not theirs.exists() and not theirs.is_symlink():  # it came while we published
        theirs.parent.mkdir(parents=True, exist_ok=True)
        os.rename(ours, theirs)
        return
    if not was_interrupted and ours.lstat().st_ino != theirs.lstat().st_ino:
        with suppress(ExchangeUnsupportedError):  # there the mirror stays: the same files in a new folder
            exchange(ours, theirs)
    _rescue(ours, theirs)
    remove_tree(ours)


def _rescue(leaving: Path, staying: Path) -> None:
    """Move what only the leaving tree has, and no other name holds, to the one that stays."""
    if leaving.is_symlink() or not leaving.is_dir() or not staying.is_dir():
        return
    for entry in leaving.iterdir():
        counterpart = staying / entry.name
        if counterpart.exists() or counterpart.is_symlink():
            _rescue(entry, counterpart)
        elif entry.is_dir() or entry.lstat().st_nlink == 1:
            os.rename(entry, counterpart)


def _folders_of(paths: Iterable[str]) -> set[str]:
    return {path.rpartition("/")[0] for path in paths}


def _only(stamps: FolderStamps, folders: Set[str]) -> FolderStamps:
    return {path: stamp for path, stamp in stamps.items() if path in folders}


def _differs(path: str, stamp: Stamp) -> bool:
    try:
        return stamp_of(path, stamp[0]) != stamp
    except OSError:
        return True


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except OSError:
        return None
