"""What a look-up asks of the machine: every question is noted with its answer, so that the next build may ask just these again.

Whatever decides what a page shows, and is neither its Document, nor a record, nor the configuration, is asked here: files and
folders that a run read, versions of packages, kernels, devices, variables. `noted` collects what was asked;
`is_still` asks again, by the same code. A look-up that leaves out a question makes `still_shown` wrong, so it takes nothing
from the machine in another way.
"""

from __future__ import annotations

import glob
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sitegen.execution import devices, distributions, kernelspecs
from sitegen.files import digest_file

if TYPE_CHECKING:
    from sitegen.content.document import Digest
    from sitegen.content.execute_options import PageExecution
    from sitegen.execution.distributions import SearchPath
    from sitegen.execution.kernel_choice import KernelChoice

Question = tuple[Any, ...]
"""The name of a kind in `_ANSWERS`, and what that takes: strings, and what else can be hashed and pickled."""

EVERY: Final = "*"
"""In `Noted.records`: no key and no page is called so."""
_SETTLED_NS: Final = 2_000_000_000
"""A file that was modified so shortly ago may be modified again with the same time stamp (FAT: 2 s)."""


class FileAnswer(NamedTuple):
    """What a file was when it was looked at."""

    stamp: tuple[int, int, int]
    """Modification time (ns since 1970), size (bytes), inode."""
    digest: str | None
    """Of its content; None where it was not read, since its size told enough."""
    is_settled: bool
    """Nobody can have changed it since without changing its stamp."""


@dataclass(slots=True)
class Noted:
    """What one look-up asked."""

    answers: dict[Question, Any] = field(default_factory=dict)
    records: set[str] = field(default_factory=set)
    """Keys and pages whose records were looked for; `EVERY` for all that there are."""
    lasts: timedelta | None = None
    """After so long a record that was young enough is too old; None: never."""
    is_certain: bool = True
    """False: something had a part in it that cannot be asked again."""


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[Noted]:
    """Collect what is asked in the block."""
    found = Noted()
    token = _noted.set(found)
    try:
        yield found
    finally:
        _noted.reset(token)


def valid_for(time_left: timedelta) -> None:
    """Note that the look-up may come to another end when this time has gone by."""
    notes = _noted.get()
    if notes is not None and (notes.lasts is None or time_left < notes.lasts):
        notes.lasts = time_left


def records_of(*names: str) -> None:
    """Note keys and pages whose records have a part in it."""
    notes = _noted.get()
    if notes is not None:
        notes.records.update(names)


def all_records() -> None:
    """Note that any record may have a part in it."""
    records_of(EVERY)


def uncertain() -> None:
    """Note that nobody can say later whether the look-up would come to the same end."""
    notes = _noted.get()
    if notes is not None:
        notes.is_certain = False


# --- files and folders ------------------------------------------------------------------------------------


def content_of(path: Path, size: int | None = None) -> FileAnswer | None:
    """A file with its digest; None where it cannot be read.

    Args:
        path: absolute.
        size: bytes; a file of another size is not read, and has no digest here.
    """
    found: FileAnswer | None = _asked("content", os.fspath(path), size)
    return found


def is_there(path: Path) -> bool:
    """Whether there is such an entry, a broken link too."""
    found: bool = _asked("there", os.fspath(path))
    return found


def exists(path: Path) -> bool:
    """Whether there is such a file or folder, links followed."""
    found: bool = _asked("exists", os.fspath(path))
    return found


def names_in(folder: Path) -> tuple[str, ...] | None:
    """The names in a folder, sorted, without hidden ones; None where it cannot be listed."""
    found: tuple[str, ...] | None = _asked("names", os.fspath(folder))
    return found


def matches(pattern: str, base: Path) -> tuple[str, ...]:
    """The files below a folder that a pattern names, sorted; it may start with `../`."""
    found: tuple[str, ...] = _asked("matches", pattern, os.fspath(base))
    return found


def blob(path: Path, digest: Digest) -> None:
    """Note a file that is named by its content's digest and is about to be read; None of it is kept."""
    notes = _noted.get()
    if notes is None:
        return
    answer = _stat_of(os.fspath(path))
    if answer is None:
        notes.is_certain = False
    else:
        notes.answers["content", os.fspath(path), None] = answer._replace(digest=digest)


# --- packages, kernels, devices -----------------------------------------------------------------------------


def version_of(name: str, search_path: SearchPath) -> str | None:
    """The version of a distribution in these folders; None where it is not installed."""
    found: str | None = _asked("version", name, search_path)
    return found


def editable_folder(name: str, search_path: SearchPath) -> Path | None:
    """The project's folder of a distribution that is installed in place; None where it is not."""
    found = _asked("editable", name, search_path)
    return None if found is None else Path(found)


def module_file(path: str, search_path: SearchPath) -> Path | None:
    """Where the first folder of an import path has this file or folder; None where none has it."""
    found = _asked("module", path, search_path)
    return None if found is None else Path(found)


def kernel_for(execution: PageExecution) -> KernelChoice | None:
    """The kernel that a page is run by; see `kernelspecs.kernel_for`."""
    found: KernelChoice | None = _asked("kernel", execution.kernel, execution.kernel_language)
    return found


def can_execute() -> bool:
    """Whether what executes cells is installed."""
    found: bool = _asked("can execute")
    return found


def hardware() -> devices.Machine:
    """The machine's CPU and CUDA devices."""
    found: devices.Machine = _asked("hardware")
    return found


def cuda_names(kernel: KernelChoice, state_dir: Path) -> tuple[str, ...]:
    """The CUDA devices that the kernel's torch sees; see `devices.cuda_names`."""
    found: tuple[str, ...] = _asked("cuda", kernel, os.fspath(state_dir))
    return found


def variable(name: str) -> None:
    """Note a variable of the environment: only the digest of its value is kept."""
    _asked("variable", name)


def owner_of_machine(root: Path) -> None:
    """Note what texts are scrubbed of: home and temporary folders, user and host name; only a digest of them is kept."""
    _asked("owner", os.fspath(root))


def secret_names() -> None:
    """Note the names of the variables whose values are searched for as credentials."""
    _asked("secret names")


def detectors() -> None:
    """Note which release of what finds credentials is installed."""
    _asked("version", "detect-secrets", tuple(path for path in sys.path if path))


# --- asking again -------------------------------------------------------------------------------------------


def is_still(question: Question, answer: Any) -> bool:
    """Whether a question has the answer that it had."""
    kind, *arguments = question
    if kind != "content" or answer is None:
        return bool(_ANSWERS[kind](*arguments) == answer)
    now = _stat_of(arguments[0])
    if now is None:
        return False
    if now.stamp == answer.stamp and answer.is_settled:
        return True
    return (
        answer.digest is not None
        and (read := _content(arguments[0])) is not None
        and read.digest == answer.digest
    )


def _asked(kind: str, *arguments: Any) -> Any:
    answer = _ANSWERS[kind](*arguments)
    notes = _noted.get()
    if notes is not None:
        notes.answers[kind, *arguments] = answer
    return answer


# --- answers ------------------------------------------------------------------------------------------------

_digests: dict[str, tuple[tuple[int, int, int], str]] = {}
"""Digests that this process took of settled files, each with the file's stamp."""


def _stat_of(path: str) -> FileAnswer | None:
    try:
        now = os.stat(path)  # noqa: PTH116  (called for every file of every run)
    except OSError:
        return None
    stamp = (now.st_mtime_ns, now.st_size, now.st_ino)
    return FileAnswer(stamp, None, time.time_ns() - now.st_mtime_ns > _SETTLED_NS)


def _content(path: str, size: int | None = None) -> FileAnswer | None:
    now = _stat_of(path)
    if now is None or (size is not None and now.stamp[1] != size):
        return now
    known = _digests.get(path)
    if known is not None and known[0] == now.stamp:
        return now._replace(digest=known[1])
    try:
        digest = digest_file(Path(path))
    except OSError:
        return None
    if now.is_settled:
        _digests[path] = (now.stamp, digest)
    return now._replace(digest=digest)


def _exists(path: str) -> bool:
    """As `Path.exists`, which raises where a folder above may not be looked into."""
    return Path(path).exists()


def _names(folder: str) -> tuple[str, ...] | None:
    try:
        return tuple(sorted(name for name in os.listdir(folder) if name[0] != "."))  # noqa: PTH208
    except OSError:
        return None


def _matches(pattern: str, base: str) -> tuple[str, ...]:
    # not `Path.glob`: a pattern may start with `../`
    found = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
    return tuple(match for match in found if os.path.isfile(os.path.join(base, match)))  # noqa: PTH113, PTH118


def _editable(name: str, search_path: SearchPath) -> str | None:
    folder = distributions.editable_projects(search_path).get(name)
    return None if folder is None else os.fspath(folder)


def _module(path: str, search_path: SearchPath) -> str | None:
    for entry in search_path:
        file = f"{entry}/{path}"
        if os.path.exists(file):  # noqa: PTH110  (asked some dozens of times a run)
            return file
    return None


def _cuda(kernel: KernelChoice, state_dir: str) -> tuple[str, ...]:
    return devices.cuda_names(devices.detect(), kernel, Path(state_dir))


def _variable(name: str) -> str | None:
    value = os.environ.get(name)
    return None if value is None else _digest_of(value)


def _owner(root: str) -> str:
    from sitegen.results.scrub import this_machine  # here: few pages need it

    machine = this_machine(Path(root))
    return _digest_of(
        repr(
            (machine.root, machine.home, machine.temporary, machine.user, machine.host, machine.environments)
        )
    )


def _secret_names() -> tuple[str, ...]:
    from sitegen.results.scrub import this_machine

    return tuple(name for name, _ in this_machine(Path()).secrets)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


_ANSWERS: Final[dict[str, Callable[..., Any]]] = {
    "content": _content,
    "there": os.path.lexists,
    "exists": _exists,
    "names": _names,
    "matches": _matches,
    "version": lambda name, path: distributions.installed_version(name, path),
    "editable": _editable,
    "module": _module,
    "kernel": lambda name, language: kernelspecs.kernel_for(name, language),
    "can execute": lambda: kernelspecs.can_execute(),
    "hardware": lambda: devices.detect(),
    "cuda": _cuda,
    "variable": _variable,
    "owner": _owner,
    "secret names": _secret_names,
}
"""By kind of question. Looked up in their modules when they are asked, where tests put made-up machines."""
