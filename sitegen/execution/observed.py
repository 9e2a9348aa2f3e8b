"""What a run observed beyond its key, items 7 and 8 of it: from the kernel's traces to the record, and whether it still holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

import sitegen
from sitegen.content.document import Digest
from sitegen.execution import questions
from sitegen.execution.distributions import (
    editable_projects,
    installed_version,
    owners,
    owners_of_file,
)
from sitegen.execution.jobs import Job, Traces
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.lockfile import find_lock
from sitegen.files import digest_file
from sitegen.results.record import (
    CHANGED,
    UNWATCHED,
    Base,
    Observed,
    ObservedFile,
    ObservedFolder,
    ObservedPath,
)

_OURS: Final = Path(sitegen.__file__).resolve().parent
_OF_EVERY_KERNEL: Final = frozenset(("sitegen-ml", "ipykernel", "ipython", "matplotlib-inline"))
"""Distributions that a kernel needs for itself, whatever of them a page imports."""
_NOT_COUNTED: Final = frozenset(("site-packages", "dist-packages", "__pycache__"))


# --- from traces to the record ----------------------------------------------------------------------------


def imported(traces: Traces, kernel: KernelChoice) -> dict[str, str]:
    """Item 7: name and version of every distribution from which the run imported."""
    path = kernel.search_path
    names = {name for module in traces.modules for name in owners(module, path)}
    names |= {name for file in traces.files for name in owners_of_file(Path(file), path)}
    versions = {name: installed_version(name, path) for name in sorted(names - _OF_EVERY_KERNEL)}
    return {name: version for name, version in versions.items() if version is not None}


def observed(traces: Traces, job: Job) -> Observed:
    """Items 7 and 8 of a run, as they are written in its record."""
    places = _Places(job)
    opened = {path: tuple(stat) for path, *stat in traces.times}
    written = places.paths(path for path in traces.written if os.path.lexists(path))
    files: dict[tuple[Base, str], ObservedFile] = {}
    for path in traces.files:
        file = _observed_file(path, opened.get(path), places)
        if file is not None:
            files[file.base, file.path] = file
    lock = _observed_lock(job)
    return Observed(
        distributions=imported(traces, job.kernel) if lock is None else {},
        folder=places.folder.as_posix(),
        lock=lock,
        files=tuple(files[key] for key in sorted(files)),
        folders=_observed_folders(traces, places),
        absent=(*places.paths(traces.absent), *_missing_modules(traces, job.kernel)),
        written=written,
        unseen=traces.unseen,
        unseen_cells=traces.unseen_cells,
    )


class _Places:
    """Where paths of a run belong: to the page's folder, to the site, or to the kernel's import path."""

    def __init__(self, job: Job) -> None:
        self.search_path = job.kernel.search_path
        self.root = Path(os.path.abspath(job.root))  # noqa: PTH100  (`resolve` would follow links)
        self.real_root = self.root.resolve()
        self.folder = Path(os.path.abspath(job.folder)).relative_to(self.root)  # noqa: PTH100
        self.own = tuple(
            Path(os.path.abspath(self.root / path))  # noqa: PTH100
            for path in (job.state_dir, *job.own_folders)
        )

    def of(self, path: str) -> ObservedPath | None:
        """The path below the page's folder or the root; None where it is outside, or not counted."""
        below = self._below_root(Path(os.path.abspath(path)))  # noqa: PTH100
        if below is None or self._is_ours(self.root / below):
            return None
        if any(part.startswith(".") or part in _NOT_COUNTED for part in below.parts):
            return None
        if below.is_relative_to(self.folder):
            return ObservedPath(path=below.relative_to(self.folder).as_posix(), base="page")
        return ObservedPath(path=below.as_posix(), base="site")

    def of_module(self, file: Path) -> ObservedPath | None:
        """A module outside the site by the name that another machine finds it by; None where there is no such name."""
        if owners_of_file(file, self.search_path) or file.is_relative_to(_OURS):
            return None
        for name, folder in editable_projects(self.search_path).items():
            if file.is_relative_to(folder):
                return ObservedPath(path=f"{name}/{file.relative_to(folder).as_posix()}", base="editable")
        for entry in self.search_path:
            if file.is_relative_to(entry):
                return ObservedPath(path=file.relative_to(entry).as_posix(), base="path")
        return None

    def paths(self, paths: Iterable[str]) -> tuple[ObservedPath, ...]:
        """Those that count, each once, in order."""
        found = {(place.base, place.path): place for path in paths if (place := self.of(path)) is not None}
        return tuple(found[key] for key in sorted(found))

    def is_site(self, path: str) -> bool:
        """Whether the path is below the root at all, counted or not."""
        return self._below_root(Path(os.path.abspath(path))) is not None  # noqa: PTH100

    def _below_root(self, path: Path) -> Path | None:
        for root in (self.root, self.real_root):
            if path.is_relative_to(root):
                return path.relative_to(root)
        return None

    def _is_ours(self, path: Path) -> bool:
        return path.is_relative_to(_OURS) or any(path.is_relative_to(own) for own in self.own)


def _observed_file(path: str, opened: Sequence[int] | None, places: _Places) -> ObservedFile | None:
    """The record of a file that was read; None where it does not count, or was removed by the run itself."""
    place = places.of(path)
    if place is None:
        place = None if places.is_site(path) else places.of_module(Path(path))
    if place is None:
        return None
    try:
        digest = Digest(digest_file(Path(path)))
        now = Path(path).stat()
    except OSError:
        # removed since it was read: no later run can read it
        return ObservedFile(path=place.path, base=place.base, digest=CHANGED) if opened else None
    if opened is not None and tuple(opened) != (now.st_mtime_ns, now.st_size, now.st_ino):
        digest = CHANGED
    return ObservedFile(path=place.path, base=place.base, digest=digest, size=now.st_size)


def _observed_lock(job: Job) -> ObservedFile | None:
    if job.execution.environment != "lock":
        return None
    path = find_lock(job.root, job.execution.lock_file)
    if path is None:
        return None
    try:
        name = Path(os.path.relpath(path, job.root)).as_posix()
        return ObservedFile(
            path=name, base="site", digest=Digest(digest_file(path)), size=path.stat().st_size
        )
    except OSError:
        return None


def _missing_modules(traces: Traces, kernel: KernelChoice) -> Iterator[ObservedPath]:
    """Modules that the page's code looked for in vain: an installation later would change what it does."""
    for module in traces.missing:
        for name in (module, f"{module}.py"):
            if not any((Path(entry) / name).exists() for entry in kernel.search_path):
                yield ObservedPath(path=name, base="path")


def _observed_folders(traces: Traces, places: _Places) -> tuple[ObservedFolder, ...]:
    own = {os.path.abspath(path) for path in traces.written} | {str(path) for path in places.own}  # noqa: PTH100
    found: dict[tuple[Base, str], ObservedFolder] = {}
    for path, names in traces.folders:
        place = places.of(path)
        if place is None:
            continue
        ignored = {name for name in _own_names(path, own) if _is_counted(name)}
        found[place.base, place.path] = ObservedFolder(
            path=place.path,
            base=place.base,
            names=tuple(sorted(name for name in names if _is_counted(name) and name not in ignored)),
            ignored=tuple(sorted(ignored)),
        )
    return tuple(found[key] for key in sorted(found))


def _own_names(folder: str, own: Iterable[str]) -> set[str]:
    """Names right in the folder that the run wrote or the build keeps."""
    parent = os.path.abspath(folder)  # noqa: PTH100
    return {os.path.basename(path) for path in own if os.path.dirname(path) == parent}  # noqa: PTH119, PTH120


def _is_counted(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_COUNTED


# --- does it still hold -----------------------------------------------------------------------------------


def still_holds(seen: Observed, folder: Path, root: Path, kernel: KernelChoice) -> bool:
    """Whether all that a run observed is as it was: versions are looked up without starting the kernel."""
    return next(_differences(seen, folder, root, kernel), None) is None


def changes(seen: Observed, folder: Path, root: Path, kernel: KernelChoice) -> tuple[str, ...]:
    """What is no longer as the run observed it, each in words: `numpy 2.4.5 -> 2.4.6`, `data.csv changed`.

    Args:
        seen: of the run's record.
        folder: the page's.
        root: the site's.
        kernel: where its distributions are installed.

    Returns:
        Empty exactly where `still_holds` is true.
    """
    return tuple(_differences(seen, folder, root, kernel))


def files_hold(seen: Observed, folder: Path, root: Path, kernel: KernelChoice | None = None) -> bool:
    """Whether item 8 alone still holds; without a kernel, modules outside the site are not to be found."""
    return next(_file_differences(seen, folder, root, kernel), None) is None


def _differences(seen: Observed, folder: Path, root: Path, kernel: KernelChoice) -> Iterator[str]:
    if UNWATCHED in seen.unseen:
        yield "the last run could not be watched"
    for name, version in seen.distributions.items():
        now = questions.version_of(name, kernel.search_path)
        if now is None:
            yield f"{name} {version} is no longer installed"
        elif now != version:
            yield f"{name} {version} -> {now}"
    if seen.lock is not None:
        yield from _file_difference(seen.lock, folder, root, kernel)
    yield from _file_differences(seen, folder, root, kernel)


def _file_differences(seen: Observed, folder: Path, root: Path, kernel: KernelChoice | None) -> Iterator[str]:
    for absent in seen.absent:
        found = _found(absent, folder, root, kernel)
        if found is not None and questions.is_there(found):
            yield f"{absent.path} is there now"
    for listed in seen.folders:
        yield from _folder_difference(listed, folder, root)
    for file in seen.files:
        yield from _file_difference(file, folder, root, kernel)
    yield from _differences_of_place(seen, folder, root, kernel)


def _differences_of_place(
    seen: Observed, folder: Path, root: Path, kernel: KernelChoice | None
) -> Iterator[str]:
    """What a page in another folder would read in place of files that the run read outside of its own.

    Nobody knows whether the code named such a file from the site's folder or by `../`. So what lies at the same way from the new
    folder must be the same: a file that does not lie there is another too, but for a module, which is found by the import path.
    """
    if seen.folder is None or folder == root / seen.folder:
        return

    def moved(path: str) -> str | None:
        way = os.path.normpath(folder / os.path.relpath(path, seen.folder))
        there = Path(os.path.relpath(way, root)).as_posix()
        return None if there == path else there

    for file in seen.files:
        there = moved(file.path) if file.base == "site" else None
        if there is None or (file.path.endswith(".py") and not questions.exists(root / there)):
            continue
        if any(_file_difference(msgspec.structs.replace(file, path=there), folder, root, kernel)):
            yield f"{file.path} may be {there} for a page in another folder"
    for absent in seen.absent:
        there = moved(absent.path) if absent.base == "site" else None
        if there is not None and questions.exists(root / there):
            yield f"{there} is there now"
    for listed in seen.folders:
        there = moved(listed.path) if listed.base == "site" else None
        if there is not None and any(
            _folder_difference(msgspec.structs.replace(listed, path=there), folder, root)
        ):
            yield f"{listed.path}/ may be {there}/ for a page in another folder"


def _file_difference(
    file: ObservedFile, folder: Path, root: Path, kernel: KernelChoice | None
) -> Iterator[str]:
    if file.digest == CHANGED:
        yield f"{file.path} was changed while the page ran"
        return
    path = _found(file, folder, root, kernel)
    now = None if path is None else questions.content_of(path, file.size)
    if now is None:
        yield f"{file.path} is gone"
    elif now.digest != file.digest:
        yield f"{file.path} changed"


def _folder_difference(listed: ObservedFolder, folder: Path, root: Path) -> Iterator[str]:
    name = "the page's folder" if listed.path == "." and listed.base == "page" else f"{listed.path}/"
    name = "the site's folder" if listed.path == "." and listed.base == "site" else name
    base = folder if listed.base == "page" else root
    names = questions.names_in(base / listed.path)
    if names is None:
        yield f"{name} is gone"
        return
    before = set(listed.names)
    now = {entry for entry in names if _is_counted(entry)} - set(listed.ignored)
    words = [f"{entry} came" for entry in sorted(now - before)]
    words += [f"{entry} went" for entry in sorted(before - now)]
    if words:
        yield f"{name}: {', '.join(words)}"


def _found(
    place: ObservedFile | ObservedPath, folder: Path, root: Path, kernel: KernelChoice | None
) -> Path | None:
    """Where an observed path is to be looked for; None where its base is not here."""
    if place.base == "page":
        return folder / place.path
    if place.base == "site":
        return root / place.path
    if kernel is None:
        return None
    if place.base == "editable":
        name, *rest = PurePosixPath(place.path).parts
        project = questions.editable_folder(name, kernel.search_path)
        return None if project is None else project.joinpath(*rest)
    return questions.module_file(place.path, kernel.search_path)
