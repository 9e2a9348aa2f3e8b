"""The output folder's twin: brought up to date beside it, exchanged with it, and cleared of what is not ours.

Two folders, `output` and `twin`, share their files by hard link. What must hold at any moment, also
after SIGKILL:

- `output` is a whole site with every foreign entry in it: it changes only by one exchange;
- a twin without its manifest is of unknown content, and is made anew;
- an exchange has a journal from before it until the twin is clear of foreign entries, so the next command
  can finish it. It is known to have taken place when `output` is the folder whose inode the journal has.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sitegen.build.manifest import FileStamp, Journal, Manifest, load, parents, save
from sitegen.build.survey import folder_stamps, survey
from sitegen.files import (
    TEMPORARY_PREFIX,
    ExchangeUnsupportedError,
    copy_atomic,
    digest_file,
    exchange,
    link_or_copy,
    mirror_tree,
    remove_tree,
    write_atomic,
)
from sitegen.rendering.values import RenderedFile


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
        return self.state / "published.json"

    @property
    def twin_manifest(self) -> Path:
        """What the twin holds; missing while that is not known."""
        return self.state / "twin.json"

    @property
    def journal(self) -> Path:
        """There while an exchange is under way."""
        return self.state / "exchange.json"

    @property
    def lock(self) -> Path:
        """Locked while somebody publishes."""
        return self.state / "lock"


def write_rendered(file: RenderedFile, target: Path) -> FileStamp:
    """Write a file with a new inode, and give its stamp.

    Files are copied, never linked to their source: an author edits that in place, and the published
    site must not change with it.

    Raises:
        OSError: it cannot be written, or its source cannot be read.
    """
    if file.content is not None:
        write_atomic(target, file.content)
        return FileStamp.of(target, file.digest)
    if file.file is None:
        raise ValueError(f"`{file.path}` has neither bytes nor a file")
    copy_atomic(file.file, target)
    return FileStamp.of(target, digest_file(target))  # the source may have changed since it was digested


def update_twin(
    places: Places, wanted: Mapping[str, RenderedFile], intact: Mapping[str, FileStamp]
) -> Manifest:
    """Make the twin hold exactly `wanted`; what does not change is linked from the output folder.

    Args:
        intact: the files of the output folder that are as we wrote them.

    Returns:
        What the twin holds now; until an exchange is complete it counts as unknown.

    Raises:
        OSError: a file cannot be written.
    """
    held = load(places.twin_manifest, Manifest) if places.twin.is_dir() else None
    places.twin_manifest.unlink(missing_ok=True)
    if held is None:
        remove_tree(places.twin)
        places.twin.mkdir(parents=True)
        held = Manifest()
    else:
        held = _cleared(places.twin, held)
    _remove_unwanted(places.twin, held, wanted)
    stamps = {
        path: _bring(places, path, file, held.files.get(path), intact.get(path))
        for path, file in wanted.items()
    }
    return Manifest(files=stamps)


def _cleared(twin: Path, held: Manifest) -> Manifest:
    """The twin's manifest, when all that it does not vouch for is removed."""
    found = survey(twin, held)
    for path in (*found.foreign, *(held.files.keys() - found.intact.keys())):
        remove_tree(twin / path)
    return Manifest(files=found.intact)


def _remove_unwanted(twin: Path, held: Manifest, wanted: Mapping[str, RenderedFile]) -> None:
    kept = parents(wanted)
    for path in held.files.keys() - wanted.keys():
        (twin / path).unlink(missing_ok=True)
    for folder in sorted(parents(held.files) - kept, key=len, reverse=True):  # the deepest first
        remove_tree(twin / folder)


def _bring(
    places: Places, path: str, file: RenderedFile, held: FileStamp | None, published: FileStamp | None
) -> FileStamp:
    target = places.twin / path
    if published is not None and published.digest == file.digest:
        if held == published:
            return held
        link_or_copy(places.output / path, target)
        return FileStamp.of(target, file.digest)
    if held is not None and held.digest == file.digest:  # a change was taken back
        return held
    return write_rendered(file, target)


def swap_in(places: Places, old: Manifest, new: Manifest, foreign: tuple[str, ...]) -> None:
    """Put the twin in the output folder's place, with every foreign entry, and store what is published.

    Args:
        old: of the output folder, with the files that are not intact.
        new: of the twin.
        foreign: entries of the output folder that we did not write.

    Raises:
        OSError: the folders cannot be exchanged; then the output folder is as it was.
    """
    for path in foreign:
        (places.twin / path).parent.mkdir(parents=True, exist_ok=True)
        mirror_tree(places.output / path, places.twin / path)
    stamps = folder_stamps(places.twin, new.files, foreign)
    journal = Journal(
        old_inode=places.output.stat().st_ino if places.output.is_dir() else 0,
        new_inode=places.twin.stat().st_ino,
        old=old,
        new=Manifest(files=new.files, folders=stamps),
    )
    save(places.journal, journal)
    _exchange_folders(places)
    _settle(places, journal, was_interrupted=False)


def _exchange_folders(places: Places) -> None:
    places.output.parent.mkdir(parents=True, exist_ok=True)
    if not places.output.exists():
        places.twin.rename(places.output)
        return
    try:
        exchange(places.twin, places.output)
    except ExchangeUnsupportedError:
        # a reader can meet a moment without the folder here; a kill in it is mended by `finish`
        remove_tree(places.retired)
        places.output.rename(places.retired)
        places.twin.rename(places.output)


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
        places.twin.rename(places.output)  # killed between the two renames, or before the first publishing
    if _inode(places.output) == journal.new_inode:
        _settle(places, journal, was_interrupted=True)
    else:
        places.journal.unlink()


def _settle(places: Places, journal: Journal, *, was_interrupted: bool) -> None:
    """After the exchange: foreign entries back to the output folder, then the manifests, then no journal."""
    if _inode(places.retired) == journal.old_inode:
        remove_tree(places.twin)
        places.retired.rename(places.twin)
    # with the new files: a folder of others that one of them has joined must not go back as a whole
    found = survey(places.twin, journal.old, journal.new.files)
    for path in found.foreign:
        _give_back(places, path, was_interrupted=was_interrupted)
    save(places.manifest, journal.new)
    if places.twin.is_dir():
        gone = journal.old.files.keys() - found.intact.keys()
        for path in (*gone, *(parents(found.foreign) - parents(journal.old.files))):
            remove_tree(places.twin / path)
        stamps = folder_stamps(places.twin, found.intact, ())
        save(places.twin_manifest, Manifest(found.intact, stamps))
    places.journal.unlink()


def _give_back(places: Places, path: str, *, was_interrupted: bool) -> None:
    """Leave the original of a foreign entry in the output folder, and nothing of it in the twin.

    The output folder has a mirror of it since before the exchange, so it is never without; a
    folder's original takes the mirror's place, for whoever has it open. After an interruption the
    mirror may have been written to since: then it is the original.
    """
    ours, theirs = places.twin / path, places.output / path
    if not theirs.exists() and not theirs.is_symlink():  # it came while we published
        theirs.parent.mkdir(parents=True, exist_ok=True)
        ours.rename(theirs)
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
            entry.rename(counterpart)


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except OSError:
        return None
