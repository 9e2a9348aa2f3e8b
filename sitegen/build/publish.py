"""Bring the output folder up to date: all or nothing, at a cost that follows the change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sitegen.build.incoming import Incoming, refusal
from sitegen.build.manifest import UNKNOWN, Folders, Manifest, Stamp, load, parents, save
from sitegen.build.staging import StagingError, opened
from sitegen.build.survey import doubtful, intact, stamp_of, strangers
from sitegen.build.twin import Change, Places, finish, swap_in
from sitegen.config import Config
from sitegen.errors import PublishError
from sitegen.files import digest_bytes
from sitegen.rendering.values import RenderedFile
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.build.made import Output


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTarget:
    """The folder to publish to, and where we keep what belongs to it."""

    output: Path
    """Absolute, without symbolic links."""
    state: Path
    """On the same file system."""
    name: str
    """The folder as it is named in messages."""

    @property
    def places(self) -> Places:
        """Where its parts lie."""
        return Places(output=self.output, state=self.state)

    @classmethod
    def of(cls, config: Config) -> PublishTarget:
        """The target that a site's configuration names.

        The twin lies below `.sitegen/`; where that is on another file system, in `.NAME.sitegen`
        beside the output folder.

        Raises:
            PublishError: to publish there would damage the site's own files.
        """
        output = config.publish_dir.resolve()
        name = str(config.relative_to_root(config.publish_dir))
        _refuse_dangerous(output, name, config)
        if _device(output) == _device(config.state_dir):
            # named by the path below the root, so that the site's folder can be moved
            place = os.path.relpath(output, config.root.resolve())
            key = digest_bytes(place.encode())[:8]
            state = config.state_dir / "publish" / f"{output.name}-{key}"
        else:
            state = output.with_name(f".{output.name}.sitegen")
        return cls(output=output, state=state, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What an output folder holds before a build: looked at once, and handed on to `publish`."""

    manifest: Manifest
    intact: dict[str, Stamp]
    """The files that are there as the last build left them; one that somebody has changed or removed is missing."""
    state: tuple[int, int, int] | None
    """Which manifest was read; None where there was none."""
    is_there: bool = True
    """Whether there is an output folder; without one, the files are those of its twin, which takes its place."""

    @property
    def is_whole(self) -> bool:
        """Whether every file of the last build is there as it left it."""
        return self.is_there and len(self.intact) == len(self.manifest.files)

    @property
    def generation(self) -> str:
        """What the build that published this was told as `PublishedSite.generation`; empty where nothing is."""
        return self.manifest.generation

    def digest(self, path: str) -> str | None:
        """Of the file at `path`, SHA-256; None where it is not ours, or not as we left it."""
        stamp = self.intact.get(path)
        return None if stamp is None else stamp[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSite:
    """What publishing did."""

    folder: Path
    written: int = 0
    """Files that are new or changed."""
    removed: int = 0
    """Files of pages that are gone."""
    unchanged: int = 0
    changed_paths: tuple[str, ...] = ()
    """Of the files written and removed, in order."""
    generation: str = ""
    """Names this state of the output folder; the next build finds it as `Published.generation`."""

    @property
    def changed(self) -> tuple[PurePosixPath, ...]:
        """`changed_paths` as paths."""
        return tuple(map(PurePosixPath, self.changed_paths))


def published(target: PublishTarget) -> Published:
    """What the output folder holds of the last build; finishes what a killed command left half done.

    Each file is looked at, by its size, mtime and inode, none is read.

    Raises:
        PublishError: the file system refuses (SG501).
    """
    finish_interrupted(target)
    with refusals(target):
        return _looked_at(target.places)


@contextmanager
def staging(target: PublishTarget) -> Iterator[Path]:
    """An empty folder on the output's file system, for `staging.stage`; what `publish` does not take is removed.

    Raises:
        PublishError: the file system refuses, also where a worker stages a file (SG501).
    """
    with ExitStack() as stack:
        with refusals(target):
            folder = stack.enter_context(opened(target.state))
        try:
            yield Path(folder)
        except StagingError:
            with refusals(target):
                raise


def publish(
    files: Iterable[RenderedFile | Output],
    target: PublishTarget,
    *,
    kept: Mapping[str, str] | None = None,
    known: Published | None = None,
    staged_in: Path | None = None,
    linked_in: Path | None = None,
) -> PublishedSite:
    """Make the output folder hold `files` and `kept`, beside what others have put there.

    Killed at any moment, it leaves the old site or the new one whole; the next call repairs the rest.

    Args:
        files: asked for one after the other; their bytes are written when they come, and held by nobody.
        target: where to.
        kept: files that stay as the last build published them, with their digests: as `files` that are kept,
            for less.
        known: what `published` gave before the build; looked at again where another build has published since.
        staged_in: the folder of the files that are staged; their names in it are their paths, unless they have
            a `file`.
        linked_in: a folder where `staging.stage` has linked the same files, for the twin that there is not yet.

    Raises:
        PublishError: two files have one path, a file of somebody else is in the way, a file that was to be kept
            is not there any more (nothing is changed then), or the file system refuses (SG501, SG502, SG503).
    """
    places = target.places
    with refusals(target), _locked(places), ExitStack() as stack:
        finish(places)
        if known is None or known.state != _state_of(places.manifest):
            known = _looked_at(places)
        incoming = Incoming(known.intact, staged_in or Path(stack.enter_context(opened(places.state))))
        incoming.keep(kept or {})
        for file in files:
            incoming.take(file)
        return _published(places, target, known, incoming, linked_in)


def _published(
    places: Places, target: PublishTarget, known: Published, incoming: Incoming, linked_in: Path | None
) -> PublishedSite:
    """The output folder with what has come in: untouched, with one file replaced, or exchanged."""
    manifest = known.manifest
    removed = tuple(sorted(manifest.files.keys() - incoming.digests.keys()))
    generation = manifest.generation
    if incoming.staged or removed or not places.output.is_dir():
        if not removed and _is_replacement(incoming.staged, manifest, places.output):
            generation = _replace_one(places, manifest, incoming).generation
        else:
            generation = _exchanged(places, target, known, incoming, removed, linked_in).generation
    return PublishedSite(
        folder=target.output,
        written=len(incoming.staged),
        removed=len(removed),
        unchanged=len(incoming.digests) - len(incoming.staged),
        changed_paths=tuple(sorted((*incoming.staged, *removed))),
        generation=generation,
    )


def finish_interrupted(target: PublishTarget) -> None:
    """Finish what a killed command left half done; `published` and `publish` do so themselves.

    Raises:
        PublishError: the file system refuses (SG501).
    """
    places = target.places
    if places.journal.exists():
        with refusals(target), _locked(places):
            finish(places)


def _looked_at(places: Places) -> Published:
    state = _state_of(places.manifest)
    manifest = load(places.manifest, Manifest) or Manifest()
    is_there = places.output.is_dir()
    found = (
        intact(str(places.output), manifest.files)
        if is_there
        else intact(str(places.twin), manifest.files | manifest.copies)
    )
    return Published(manifest=manifest, intact=found, state=state, is_there=is_there)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _is_replacement(staged: Mapping[str, str], manifest: Manifest, output: Path) -> bool:
    """Whether all that changes is the bytes of one file, which is ours."""
    if len(staged) != 1:
        return False
    path = next(iter(staged))
    # a link on the way leads to somebody else's folder
    return (
        path in manifest.files
        and all(stat.S_ISDIR(_mode(f"{output}/{folder}")) for folder in parents([path]))
        and not stat.S_ISDIR(_mode(f"{output}/{path}"))
    )


def _mode(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _replace_one(places: Places, manifest: Manifest, incoming: Incoming) -> Manifest:
    """Rename one file into the output folder. Killed before the manifest, it is not as that says, and written again."""
    ((path, place),) = incoming.staged.items()
    stamp = stamp_of(place, incoming.digests[path])
    os.replace(place, places.output / path)
    folders = manifest.folders
    for stamps in (folders.output, folders.twin):  # the twin's is listed by the next exchange, and mended
        stamps[path.rpartition("/")[0]] = UNKNOWN
    copies = {other: copy for other, copy in manifest.copies.items() if other != path}
    now = Manifest.made(manifest.files | incoming.kept | {path: stamp}, folders, copies)
    save(places.manifest, now)
    return now


def _exchanged(
    places: Places,
    target: PublishTarget,
    known: Published,
    incoming: Incoming,
    removed: tuple[str, ...],
    linked_in: Path | None,
) -> Manifest:
    """Exchange the output folder for its twin with the new site in it; nothing, where all of that is there already."""
    manifest, folders = known.manifest, known.manifest.folders
    wanted = incoming.folders(folders.output.keys(), has_removals=bool(removed))
    output = str(places.output)
    doubted = doubtful(output, folders.output) | (wanted - folders.output.keys())
    found = strangers(output, doubted, files=manifest.files, folders=wanted | folders.output.keys())
    adopted = incoming.adopt(places.output, found.paths)
    foreign = tuple(path for path in found.paths if path not in adopted)
    _refuse_collisions(incoming, wanted, foreign, target, is_recorded=bool(manifest.generation))
    if not incoming.staged and not removed and places.output.is_dir():
        unknown = dict.fromkeys(wanted, UNKNOWN)
        now = Manifest.made(incoming.kept, Folders(unknown, unknown), {})
        save(places.manifest, now)
        return now
    written = {path: stamp_of(place, incoming.digests[path]) for path, place in incoming.staged.items()}
    believed = {path: stamp for path, stamp in folders.output.items() if path not in doubted}
    change = Change(
        old=manifest,
        known=folders,
        kept=incoming.kept,
        written=written,
        staged=incoming.staged,
        removed=removed,
        folders=wanted,
        output_stamps=believed | found.clean,
        foreign=foreign,
    )
    return swap_in(places, change, whole=incoming.whole, linked_in=linked_in)


def _refuse_collisions(
    incoming: Incoming,
    folders: Set[str],
    foreign: Iterable[str],
    target: PublishTarget,
    *,
    is_recorded: bool,
) -> None:
    """Refuse to write where somebody else's file is; without a record, it may be an earlier build's.

    Raises:
        PublishError: something is in the way.
    """
    wanted = incoming.digests.keys()
    path = next(
        (path for path in foreign if path in wanted or path in folders or parents([path]) & wanted), None
    )
    if path is None:
        return
    problem = f"`{target.name}/{path}` is in the way: sitegen did not write it"
    hint = "remove it, or publish to another folder with `--destination`"
    if not is_recorded:
        problem += ", or its record is gone"
        hint = f"remove the folder `{target.name}` if it is an earlier site, or publish to another with `--destination`"
    raise refusal("SG501", problem, hint)


def _refuse_dangerous(output: Path, name: str, config: Config) -> None:
    """Refuse folders whose exchange would take the site's own files away.

    Raises:
        PublishError: the folder is, or holds, the site's root or one of its folders, or is a
            mount point or a file.
    """
    sources = [
        ("content", config.content_dir),
        ("notebooks", config.notebooks_dir),
        ("data", config.data_dir),
    ]
    sealed = [
        ("templates", config.templates_dir),
        ("results", config.results_dir),
        ("state", config.state_dir),
    ]
    sealed += [("static files", folder) for folder in config.static_dirs]
    hint = "name a folder of its own, such as `public`, as `publishDir` or with `--destination`"
    for what, folder in (("files", config.root), *sources, *sealed):
        if folder.resolve().is_relative_to(output):
            raise refusal("SG501", f"cannot publish to `{name}`: it holds the site's {what}", hint)
    for what, folder in sealed:
        if output.is_relative_to(folder.resolve()):
            raise refusal(
                "SG501", f"cannot publish to `{name}`: it lies in the folder of the site's {what}", hint
            )
    if output.exists() and not output.is_dir():
        raise refusal(
            "SG501", f"cannot publish to `{name}`: it is a file", "remove it, or name another folder"
        )
    if output.is_dir() and output.is_mount():
        problem = f"cannot publish to `{name}`: a mount point cannot be replaced in one step"
        raise refusal("SG501", problem, "publish to a folder inside it")


def _device(path: Path) -> int:
    """The file system of a path, or of the nearest folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


@contextmanager
def _locked(places: Places) -> Iterator[None]:
    """Keep other commands from publishing here at the same time; the lock ends with the process."""
    places.state.mkdir(parents=True, exist_ok=True)
    with places.lock.open("ab") as stream:
        if os.name == "posix":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def refusals(target: PublishTarget) -> Iterator[None]:
    """Turn what the file system refuses into a message for whoever owns the folder."""
    try:
        yield
    except OSError as error:
        raise refusal_of(error, target) from error


def refusal_of(error: OSError, target: PublishTarget) -> PublishError:
    """What is told of what the file system refused."""
    where = f": `{error.filename}`" if error.filename else ""
    return refusal(
        "SG501",
        f"cannot publish to `{target.name}`: {error.strerror or error}{where}",
        "check the folder's owner, its permissions and the free space, or publish to another folder",
    )
