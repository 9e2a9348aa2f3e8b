"""In the kernel: which files the page's code reads, lists, misses and writes, and what else it does that we cannot follow."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import sys
import threading
from typing import Any

_LISTED_BY_IMPORTS = {"importlib", "importlib_metadata", "importlib_resources", "pkg_resources"}
_FILE_HELPERS = {"os", "posixpath", "ntpath", "glob", "pathlib", "pathlib._local", "pathlib._abc", "shutil"}
"""Modules of the standard library that list folders for their caller."""

_paths: Any = None
_imports: Any = None
_seen: Any = None
_local = threading.local()
_process = 0
_cell = 0
"""The running cell's place, from 1."""


def install(shell: Any, root: str, paths: Any, seen: Any, imports: Any, readers: Any) -> None:
    """Begin to watch; called last, before any code of the page.

    Args:
        shell: IPython's.
        root: the site's folder.
        paths: our module of that name.
        seen: our module of that name.
        imports: our module of that name.
        readers: our module of that name.
    """
    global _paths, _seen, _imports, _process
    _paths, _seen, _imports, _process = paths, seen, imports, os.getpid()
    paths.install(root)
    seen.install(paths)
    warm = sys.modules.pop("_sitegen_warm", None)  # of a kernel that was forked from a warm process
    preloaded, effects = ({}, {}) if warm is None else warm.begin()
    imports.install(is_site, readers.after_import, _told_import, preloaded, effects)
    readers.install(_quietly(read), _quietly(write), _for_new_process, preloaded)
    shell.events.register("pre_run_cell", _next_cell)
    _watch_shell(shell)
    _watch_folders_by_number()
    sys.addaudithook(_hook)


def install_elsewhere(
    root: str, log: str, cell: int, paths: Any, seen: Any, imports: Any, readers: Any
) -> None:
    """Begin to watch in a process that multiprocessing has started anew, for the kernel's log."""
    global _paths, _seen, _imports, _cell
    _paths, _seen, _imports, _cell = paths, seen, imports, cell
    paths.install(root)
    seen.install(paths, log)
    imports.install(is_site, readers.after_import, _told_import)
    readers.install(_quietly(read), _quietly(write), _for_new_process)
    _watch_folders_by_number()
    sys.addaudithook(_hook)


def observed() -> str:
    """What the run was seen to use so far, as JSON: the fields of `execution.jobs.Traces`."""
    _local.busy = True
    try:
        events = _seen.events()
        for kind, _, *what in events:
            if kind == "import":
                _imports.note(*what)
        modules, files, missing = _imports.used()
        return json.dumps(
            {"modules": modules, **_seen.classified(events, files, missing, _imports.asked_for())}
        )
    finally:
        _local.busy = False


def _quietly(function: Any) -> Any:
    """The function without events of its own."""

    def call(*arguments: Any) -> None:
        before, _local.busy = getattr(_local, "busy", False), True
        try:
            function(*arguments)
        finally:
            _local.busy = before

    return call


def is_site(path: str) -> bool:
    """Whether a file belongs to the site."""
    return _paths.site_path(path) is not None


def read(path: Any) -> None:
    """A file, or a folder with all that is in it, is read in a way that the hook does not see."""
    full = _paths.absolute(path)
    place = None if full is None else _paths.site_path(full)
    if place is None:
        return
    if not os.path.isdir(place):
        _read(place)
        return
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".")]
        _listed(folder)
        for name in files:
            read(os.path.join(folder, name))


def write(path: Any) -> None:
    """A file, or a folder with all that is in it, is written in a way that the hook does not see."""
    full = _paths.absolute(path)
    place = None if full is None else _paths.site_path(full)
    if place is not None:
        _seen.tell("tree" if os.path.isdir(place) else "write", place)


def _told_import(importer: str, names: list[str]) -> None:
    if names and os.getpid() != _process:
        _seen.tell("import", importer + " " + names[-1], importer, names)


# --- the hook -----------------------------------------------------------------------------------------------


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    handler = _HANDLERS.get(event)
    if handler is None or getattr(_local, "busy", False):
        return
    _local.busy = True
    try:
        handler(*arguments)
    except Exception:  # noqa: S110  (raised here it would fail the author's call, which may be right)
        pass
    finally:
        _local.busy = False


def _opened(path: Any, mode: Any, flags: int) -> None:  # noqa: ARG001  (the event's)
    if isinstance(path, int):
        return
    full = _paths.absolute(path, getattr(_local, "folder", None))
    if full is None:
        return
    if full.endswith(".pyc"):
        full = importlib.util.source_from_cache(full)
    place = _paths.site_path(full)
    if place is None:
        return
    is_new = flags & (os.O_TRUNC | os.O_EXCL) or (flags & os.O_CREAT and not os.path.lexists(place))
    if flags & os.O_APPEND and flags & os.O_WRONLY and not is_new:
        _seen.tell("append", place, _paths.stamp(place))
    elif flags & os.O_WRONLY or (flags & os.O_RDWR and is_new):
        _seen.tell("write", place)
    else:
        _read(place)


def _read(place: str) -> None:
    stamp = _paths.stamp(place)
    if stamp is None:
        _seen.tell("absent", place)
    elif not os.path.isdir(place):
        _seen.tell("read", place, stamp)


def _listing(path: Any = None) -> None:
    full = _paths.absolute(os.curdir if path is None else path)
    place = None if full is None else _paths.site_path(full)
    if place is not None and not _is_import_system(full):
        _listed(place)


def _listed(place: str) -> None:
    try:
        _seen.tell("list", place, sorted(os.listdir(place)))
    except OSError:
        if not os.path.lexists(place):
            _seen.tell("absent", place)


def _is_import_system(folder: Any) -> bool:
    """Whether it lists a folder of `sys.path` to find modules or packages in it; `pkgutil` may list one for the page, too."""
    frame: Any = sys._getframe(3)
    while frame is not None and frame.f_globals.get("__name__") in _FILE_HELPERS:
        frame = frame.f_back
    if frame is None:
        return False
    name = str(frame.f_globals.get("__name__", ""))
    if name == "pkgutil":
        return folder in {os.path.abspath(entry) for entry in sys.path}
    return name.partition(".")[0] in _LISTED_BY_IMPORTS or frame.f_code.co_filename.startswith(
        "<frozen importlib"
    )


def _moved(source: Any, target: Any, source_folder: int = -1, target_folder: int = -1) -> None:
    at = _paths.absolute(source, source_folder if source_folder >= 0 else None)
    if at is not None and _paths.site_path(at) is not None and os.path.isfile(at):
        _read(str(_paths.site_path(at)))
    to = _paths.absolute(target, target_folder if target_folder >= 0 else None)
    place = None if to is None else _paths.site_path(to)
    if place is not None:
        _seen.tell("tree" if at is not None and os.path.isdir(at) else "write", place)


def _made(path: Any, *more: Any) -> None:
    folder = more[-1] if more and isinstance(more[-1], int) and more[-1] >= 0 else None
    full = _paths.absolute(path, folder)
    place = None if full is None else _paths.site_path(full)
    if place is not None and not os.path.lexists(place):
        _seen.tell("write", place)


def _linked(source: Any, target: Any, *more: Any) -> None:  # noqa: ARG001
    _made(target, *more[-1:])


def _database(name: Any) -> None:
    text = os.fsdecode(os.fspath(name))
    if text.startswith("file:"):
        text = text[5:].partition("?")[0]
        text = text[text.find("/", 2) :] if text.startswith("//") else text
    if text and text != ":memory:":
        place = _paths.site_path(str(_paths.absolute(text)))
        if place is not None:
            _read(place) if os.path.lexists(place) else _seen.tell("write", place)


def _library(name: Any) -> None:
    text = "" if name is None else os.fsdecode(os.fspath(name))
    full = _paths.absolute(text) if os.sep in text else None
    place = None if full is None else _paths.site_path(full)
    if place is not None:
        _read(place)
    if _imports.is_authors():
        _unseen(f'the library "{os.path.basename(text)}"' if text else "functions of C through ctypes")


def _started(program: Any, arguments: Any, folder: Any = None, *more: Any) -> None:  # noqa: ARG001
    """`subprocess.Popen`, `os.exec` and `os.posix_spawn`, whose third argument is no folder."""
    words = [arguments] if isinstance(arguments, (str, bytes, os.PathLike)) else list(arguments or ())
    texts = [os.fsdecode(os.fspath(word)) for word in words]
    if len(texts) == 3 and texts[1] in ("-c", "/c") and "sh" in os.path.basename(texts[0]):
        texts = _words(texts[2])
    name = texts[0] if texts else os.fsdecode(os.fspath(program or ""))
    base = os.fsdecode(os.fspath(folder)) if isinstance(folder, (str, bytes, os.PathLike)) else os.getcwd()
    for text in texts[1:]:
        full = _paths.absolute(os.path.join(base, text))
        place = None if full is None else _paths.site_path(full)
        if place is not None and os.path.isfile(place):
            _seen.tell("argument", place, _paths.stamp(place))
    if _imports.is_authors():
        _unseen(f'the program "{os.path.basename(name)}"')


def _commanded(command: Any) -> None:
    _started(None, _words(os.fsdecode(command)))


def _spawned(mode: Any, program: Any, arguments: Any, environment: Any = None) -> None:  # noqa: ARG001
    _started(program, arguments)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _unseen(words: str) -> None:
    _seen.tell("unseen", words, _cell)


_HANDLERS: dict[str, Any] = {
    "open": _opened,
    "os.listdir": _listing,
    "os.scandir": _listing,
    "os.rename": _moved,
    "os.mkdir": _made,
    "os.symlink": _linked,
    "os.link": _linked,
    "sqlite3.connect": _database,
    "ctypes.dlopen": _library,
    "subprocess.Popen": _started,
    "os.posix_spawn": _started,
    "os.exec": _started,
    "os.spawn": _spawned,
    "os.system": _commanded,
    "os.startfile": _commanded,
}


# --- what has no event of its own ---------------------------------------------------------------------------


def _next_cell(*_: object) -> None:
    global _cell
    _cell += 1


def _watch_shell(shell: Any) -> None:
    """`!command` starts a terminal, of whose program no event tells."""
    original = shell.system

    def system(command: str) -> Any:
        _quietly(_commanded)(command)
        return original(command)

    shell.system = system


def _watch_folders_by_number() -> None:
    """The event of `os.open` does not tell which folder a path is relative to."""
    original = os.open

    def open_below(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is None:
            return original(path, flags, mode)
        _local.folder = dir_fd
        try:
            return original(path, flags, mode, dir_fd=dir_fd)
        finally:
            _local.folder = None

    open_below.__name__ = "open"
    os.open = open_below
    supported = getattr(os, "supports_dir_fd", None)
    if supported is not None and original in supported:
        supported.add(open_below)


class _Watch:
    """Among what multiprocessing sends to a new process: it starts the watch there when it is unpickled."""

    def __reduce__(self) -> Any:
        texts = {
            name: sys.modules["_sitegen_kernel_" + name].__text__
            for name in ("paths", "seen", "imports", "readers", "observe")
        }
        return exec, (_WATCH.format(texts=texts, root=_paths.root(), log=_seen.path(), cell=_cell),)


_WATCH = """
def _sitegen_watch():
    import sys, types
    found = []
    for name, text in {texts!r}.items():
        full = "_sitegen_kernel_" + name
        module = sys.modules[full] = types.ModuleType(full)
        module.__text__ = text
        exec(compile(text, full, "exec"), module.__dict__)
        found.append(module)
    found[-1].install_elsewhere({root!r}, {log!r}, {cell}, *found[:-1])
_sitegen_watch()
del _sitegen_watch
"""


def _for_new_process() -> Any:
    """What is to be sent to a process that multiprocessing starts anew; None where it cannot be watched."""
    if _seen.path():
        return _Watch()
    _quietly(_unseen)("a process that multiprocessing started anew")
    return None
