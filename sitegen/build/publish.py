"""Bring the output folder up to date: all or nothing, at a cost that follows the change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sitegen.build.manifest import FileStamp, Manifest, load, parents, save
from sitegen.build.survey import Survey, survey
from sitegen.build.twin import Places, finish, swap_in, update_twin, write_rendered
from sitegen.config import Config
from sitegen.errors import Diagnostic, PublishError
from sitegen.files import digest_bytes, digest_file, safe_join
from sitegen.rendering.values import RenderedFile


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
class PublishedSite:
    """What publishing did."""

    folder: Path
    written: int = 0
    """Files that are new or changed."""
    removed: int = 0
    """Files of pages that are gone."""
    unchanged: int = 0
    changed: tuple[PurePosixPath, ...] = ()
    """The paths of the files written and removed, in order."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has to change."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


def publish(files: Iterable[RenderedFile], target: PublishTarget) -> PublishedSite:
    """Make the output folder hold `files`, beside what others have put there.

    Killed at any moment, it leaves the old site or the new one whole; the next call repairs the rest.

    Raises:
        PublishError: two files have one path, a file of somebody else is in the way (nothing is
            changed then), or the file system refuses (SG501, SG502).
    """
    wanted = _by_path(files)
    places = target.places
    with _refusals(target), _locked(places):
        finish(places)
        known = load(places.manifest, Manifest)
        manifest = known or Manifest()
        found = survey(places.output, manifest, wanted)
        intact = found.intact | _adopted(places.output, wanted, found)
        foreign = tuple(path for path in found.foreign if path not in intact)
        _refuse_collisions(wanted, foreign, target, is_recorded=known is not None)
        plan = _Plan(
            tuple(path for path, file in wanted.items() if _differs(file, intact.get(path))),
            tuple(sorted(manifest.files.keys() - wanted.keys())),
        )
        current = Manifest(files=intact, folders=found.folders)
        if not plan.written and not plan.removed and places.output.is_dir():
            if current != manifest:
                save(places.manifest, current)
        elif _is_one_replacement(plan, places):
            _replace_one(plan.written[0], places, wanted, current)
        else:
            # with the files that somebody else has changed: they are ours, not foreign
            old = Manifest(files=manifest.files | intact, folders=found.folders)
            swap_in(places, old, update_twin(places, wanted, intact), foreign)
    return PublishedSite(
        folder=target.output,
        written=len(plan.written),
        removed=len(plan.removed),
        unchanged=len(wanted) - len(plan.written),
        changed=tuple(PurePosixPath(path) for path in sorted((*plan.written, *plan.removed))),
    )


def finish_interrupted(target: PublishTarget) -> None:
    """Finish what a killed command left half done; `publish` does so itself.

    Raises:
        PublishError: the file system refuses (SG501).
    """
    places = target.places
    if places.journal.exists():
        with _refusals(target), _locked(places):
            finish(places)


def _is_one_replacement(plan: _Plan, places: Places) -> bool:
    if len(plan.written) != 1 or plan.removed:
        return False
    return (places.output / plan.written[0]).parent.is_dir()


def _replace_one(path: str, places: Places, wanted: Mapping[str, RenderedFile], current: Manifest) -> None:
    incoming = places.state / "incoming"
    stamp = write_rendered(wanted[path], incoming)
    incoming.replace(places.output / path)
    # its folder has another mtime now, so the next survey lists it and knows what a kill in here left
    save(places.manifest, Manifest(files=current.files | {path: stamp}, folders=current.folders))


def _by_path(files: Iterable[RenderedFile]) -> dict[str, RenderedFile]:
    """The files by their paths.

    Raises:
        PublishError: a path leaves the output folder, two different files have one, or one file lies
            where another needs a folder.
    """
    wanted: dict[str, RenderedFile] = {}
    for file in files:
        try:
            safe_join(Path("/"), file.path)
        except ValueError as error:
            raise _refusal(
                "SG501", f"{error}, so it cannot be published", "mend the `url` that asks for it"
            ) from error
        path = file.path.as_posix()
        other = wanted.setdefault(path, file)
        if other.digest != file.digest:
            raise _refusal(
                "SG502",
                f"two outputs have the path `{path}`: {_origin(other)} and {_origin(file)}",
                "give one of them another `slug`, `url` or name",
            )
    for path in sorted(parents(wanted) & wanted.keys()):
        raise _refusal(
            "SG502",
            f"`{path}` of {_origin(wanted[path])} is a file, and other outputs need a folder of that name",
            "give it another `url` or name",
        )
    return wanted


def _origin(file: RenderedFile) -> str:
    if file.owner is not None:
        return f"page `{file.owner}`"
    return f"`{file.file}`" if file.file is not None else "the site itself"


def _differs(file: RenderedFile, stamp: FileStamp | None) -> bool:
    return stamp is None or stamp.digest != file.digest


def _adopted(output: Path, wanted: Mapping[str, RenderedFile], found: Survey) -> dict[str, FileStamp]:
    """Foreign files that are, byte for byte, what we want there: ours of a build whose state is lost."""
    adopted = {}
    for path in found.foreign:
        file = wanted.get(path)
        place = output / path
        if (
            file is not None
            and place.is_file()
            and not place.is_symlink()
            and digest_file(place) == file.digest
        ):
            adopted[path] = FileStamp.of(place, file.digest)
    return adopted


def _refuse_collisions(
    wanted: Mapping[str, RenderedFile], foreign: Iterable[str], target: PublishTarget, *, is_recorded: bool
) -> None:
    """Refuse to write where somebody else's file is; without a record, it may be an earlier build's.

    Raises:
        PublishError: something is in the way.
    """
    folders = parents(wanted)
    path = next((path for path in foreign if path in wanted or path in folders), None)
    if path is None:
        return
    problem = f"`{target.name}/{path}` is in the way: sitegen did not write it"
    hint = "remove it, or publish to another folder with `--destination`"
    if not is_recorded:
        problem += ", or its record is gone"
        hint = f"remove the folder `{target.name}` if it is an earlier site, or publish to another with `--destination`"
    raise _refusal("SG501", problem, hint)


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
            raise _refusal("SG501", f"cannot publish to `{name}`: it holds the site's {what}", hint)
    for what, folder in sealed:
        if output.is_relative_to(folder.resolve()):
            raise _refusal(
                "SG501", f"cannot publish to `{name}`: it lies in the folder of the site's {what}", hint
            )
    if output.exists() and not output.is_dir():
        raise _refusal(
            "SG501", f"cannot publish to `{name}`: it is a file", "remove it, or name another folder"
        )
    if output.is_dir() and output.is_mount():
        problem = f"cannot publish to `{name}`: a mount point cannot be replaced in one step"
        raise _refusal("SG501", problem, "publish to a folder inside it")


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
def _refusals(target: PublishTarget) -> Iterator[None]:
    """Turn what the file system refuses into a message for whoever owns the folder."""
    try:
        yield
    except OSError as error:
        where = f": `{error.filename}`" if error.filename else ""
        raise _refusal(
            "SG501",
            f"cannot publish to `{target.name}`: {error.strerror or error}{where}",
            "check the folder's owner, its permissions and the free space, or publish to another folder",
        ) from error


def _refusal(code: str, message: str, hint: str) -> PublishError:
    return PublishError(Diagnostic(code=code, severity="error", message=message, hint=hint))
