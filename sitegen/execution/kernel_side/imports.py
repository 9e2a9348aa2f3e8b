"""In the kernel: which modules the page's code imports, also those that were loaded before it."""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import os
import sys
import sysconfig
from typing import Any

_KERNELS_OWN = frozenset(
    {
        "IPython",
        "ipykernel",
        "ipykernel_launcher",
        "matplotlib_inline",
        "sitegen",
        "traitlets",
        "comm",
        "debugpy",
    }
    | {
        "jupyter_client",
        "jupyter_core",
        "zmq",
        "tornado",
        "nest_asyncio",
        "jedi",
        "parso",
        "pexpect",
        "ptyprocess",
    }
)
"""What these import they import for the kernel, not for the page."""
_UNNAMED = "/.sitegen/importlib._bootstrap"
"""File name of our wrappers: `warnings` passes over frames with such a name, and tracebacks leave out hidden folders."""

_COMPILED = "<compiled>"
"""The importer where compiled code imports and says nothing of itself."""

_edges: dict[str, set[str]] = {}
"""Importing module to imported ones; the page's code is `__main__`."""
_seen: set[tuple[Any, ...]] = set()
_missing: set[str] = set()
"""Top-level names that the page's own code tried to import and did not find."""
_loaded_before: set[str] = set()
_standard = frozenset(getattr(sys, "stdlib_module_names", ()))
_is_site: Any = None
_imported: Any = None
_tell: Any = None
_effects: dict[str, Any] = {}
_modules_count = 0
_import_statement: Any = None
_import_function: Any = None


def install(
    is_site: Any,
    imported: Any,
    tell: Any,
    preloaded: dict[str, list[str]] | None = None,
    effects: dict[str, Any] | None = None,
) -> None:
    """Begin to watch.

    Args:
        is_site: says of a module's file whether it belongs to the site.
        imported: is called when new modules have been loaded; says whether it has seen them all complete.
        tell: hands an import of a forked child to this process.
        preloaded: of a kernel forked from a warm process: every module that was loaded there for pages, with the
            modules that it imported then. Such a module counts where the page imports it, with all that it needs.
        effects: of such modules, what is to be called once an import statement of this process names them.
    """
    global _is_site, _imported, _tell, _import_statement, _import_function
    _is_site, _imported, _tell = is_site, imported, tell
    for importer, names in (preloaded or {}).items():
        _edges.setdefault(importer, set()).update(names)
    _effects.update(effects or {})
    _loaded_before.update(sys.modules)
    _import_statement, _import_function = builtins.__import__, importlib.import_module
    for function in (_import, _import_module):
        function.__code__ = function.__code__.replace(co_filename=_UNNAMED)
    builtins.__import__ = _import
    importlib.import_module = _import_module
    _read_sources()


def note(importer: str, names: list[str]) -> None:
    """An import that a forked child told of."""
    _edges.setdefault(importer, set()).update(names)


def used() -> tuple[list[str], list[str], list[str]]:
    """What the page's code imported so far, and what that imported in turn.

    Returns:
        Modules of installed packages, as in `execution.jobs.Traces`; the files of those that no package installed; and the
        top-level names that were not found.
    """
    modules, files = set(), set()
    for name in _reached():
        path = _file(name)
        if path is None or name.partition(".")[0] in _standard or _is_standard(path):
            continue
        if not _is_site(path):
            modules.update(_shortest(name))
        if not is_installed(path):
            files.add(path)
    return sorted(modules), sorted(files), sorted(_missing)


def is_installed(path: str) -> bool:
    """Whether a file lies where packages are installed."""
    return "site-packages" in path or "dist-packages" in path


def asked_for() -> list[str]:
    """Top-level names that the page's own code and the site's modules imported: whatever environment they ran in, the same."""
    names = set(_edges.get("__main__", ()))
    for importer, targets in _edges.items():
        path = _file(importer)
        if path is not None and _is_site(path):
            names |= targets
    tops = {name.partition(".")[0] for name in names} - _KERNELS_OWN - {"__main__"}
    return sorted(
        name for name in tops.difference(sys.builtin_module_names) if not name.startswith("_sitegen_")
    )


def is_authors() -> bool:
    """Whether it is the page's own code, or a module of the site, that now calls into the standard library.

    A library that starts a program does so for ends of its own, such as to look for a device.
    """
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        path = frame.f_code.co_filename
        top = name.partition(".")[0]
        if name in _PROBES or top == "sitegen":
            return False
        if name == "__main__":
            return not is_installed(path)  # the kernel's own start is a `__main__` too
        is_ours = name.startswith("_sitegen_kernel")
        is_theirs = top in _KERNELS_OWN or path.startswith("<frozen ")
        if not (is_ours or is_theirs or top in _standard or _is_standard(path)):
            return bool(_is_site(path))
        frame = frame.f_back
    return True  # a thread with only the standard library's frames: somebody handed a function of it to it


_PROBES = frozenset(
    ("ctypes.util", "platform", "uuid", "webbrowser", "multiprocessing.resource_tracker", "sysconfig")
)
"""Modules of the standard library that start programs to learn about the machine."""


def _read_sources() -> None:
    """Import what no package installed from its source, never from bytecode.

    Bytecode counts as that of a source with the same size and modification time, in whole seconds: of a module that was
    edited twice in a second, or copied with its times, the kernel would run what the record's digest does not name.
    """
    loader: Any = importlib.machinery.SourceFileLoader
    original = loader.path_stats

    def path_stats(self: Any, path: str) -> Any:
        if is_installed(path) or _is_standard(path):
            return original(self, path)
        raise OSError("no bytecode")  # as `importlib` documents it; it takes the source then

    loader.path_stats = path_stats


# --- the wrappers -------------------------------------------------------------------------------------------


def _import(
    name: str,
    globals: Any = None,  # noqa: A002  (named so by the language)
    locals: Any = None,  # noqa: A002
    fromlist: Any = (),
    level: int = 0,
) -> Any:
    """Stands for `builtins.__import__`."""
    try:
        module = _import_statement(name, globals, locals, fromlist, level)
    except ImportError as error:
        _not_found(globals, error, name if level == 0 else "")
        raise
    _imported_by(globals, name, level, fromlist)
    return module


def _import_module(name: str, package: str | None = None) -> Any:
    """Stands for `importlib.import_module`."""
    scope = sys._getframe(1).f_globals
    try:
        module = _import_function(name, package)
    except ImportError as error:
        _not_found(scope, error, name)
        raise
    _imported_by(scope, getattr(module, "__name__", name), 0, ())
    return module


def _imported_by(scope: Any, name: str, level: int, fromlist: Any) -> None:
    global _modules_count
    try:
        importer = scope["__name__"] if scope else _COMPILED
        key = (importer, name, level, tuple(fromlist or ()))
        if key not in _seen:
            _seen.add(key)
            targets = _targets(scope or {}, *key)
            _edges.setdefault(importer, set()).update(targets)
            _tell(importer, targets)
            if _effects:
                for target in targets:
                    _effects.pop(target, _nothing)()
        if len(sys.modules) != _modules_count:
            _modules_count = len(sys.modules) if _imported() else -1
    except Exception:  # noqa: S110  (whatever a module does with its names, an import that worked never fails for us)
        pass


def _nothing() -> None:
    """What most imports are followed by."""


def _targets(scope: Any, importer: str, name: str, level: int, fromlist: tuple[str, ...]) -> list[str]:
    """Absolute names of the modules that an import statement names, packages above them included."""
    if level:
        package = scope.get("__package__")
        if package is None:
            package = importer if "__path__" in scope else importer.rpartition(".")[0]
        package = package.rsplit(".", level - 1)[0] if level > 1 else package
        name = f"{package}.{name}" if name else package
    parts = name.split(".")
    found = [".".join(parts[: count + 1]) for count in range(len(parts))]
    return found + [f"{name}.{item}" for item in fromlist if f"{name}.{item}" in sys.modules]


def _not_found(scope: Any, error: ImportError, name: str) -> None:
    wanted = (error.name or "").partition(".")[0]
    is_own = (
        isinstance(error, ModuleNotFoundError)
        and wanted == name.partition(".")[0]
        and wanted not in sys.modules
    )
    if wanted and is_own and scope:
        path = scope.get("__file__")
        if scope.get("__name__") == "__main__" or (isinstance(path, str) and _is_site(path)):
            _missing.add(wanted)


# --- from single imports to all that the page needs ---------------------------------------------------------


def _reached() -> set[str]:
    """The modules that the page's code and the site's modules imported, directly or not."""
    known = {target for targets in _edges.values() for target in targets}
    waiting = ["__main__", _COMPILED]
    for name in list(sys.modules):
        path = _file(name)
        is_loose = name not in _loaded_before and name not in known  # by a way that no wrapper sees
        if (is_loose or (path is not None and _is_site(path))) and name.partition(".")[0] not in _KERNELS_OWN:
            waiting.append(name)
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name.partition(".")[0] not in _KERNELS_OWN:
            waiting += _edges.get(name, ())
    reached -= {"__main__", _COMPILED}
    return {name for name in reached if name.partition(".")[0] not in _KERNELS_OWN}


def _shortest(name: str) -> list[str]:
    """The regular package that a module is in, by its shortest name; with the module where several folders make it up."""
    parts = name.split(".")
    names = [".".join(parts[: count + 1]) for count in range(len(parts))]
    first = next((each for each in names if _file(each) is not None), name)
    is_one = len(list(getattr(sys.modules.get(first), "__path__", ()))) <= 1
    return [first] if is_one else [first, name]


def _file(name: str) -> str | None:
    path = getattr(sys.modules.get(name), "__file__", None)
    return path if isinstance(path, str) and os.path.isabs(path) else None


def _is_standard(path: str) -> bool:
    return not is_installed(path) and path.startswith(_STANDARD_FOLDERS)


_STANDARD_FOLDERS = tuple({str(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")})
