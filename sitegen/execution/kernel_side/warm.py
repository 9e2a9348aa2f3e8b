"""In a warm process: load modules and never use them, say what is unsafe about it, and make a fork of it as good as new.

Used by the program that forks kernels (`boot.py`), which has it in `sys.modules` as `_sitegen_warm`; `observe.install` takes
it out there in the forked kernel. In order:

    warm process:  `load(names, root, unsafe)`, with its report to the build; the process ends where something was refused.
    for a page:    `refusal(cwd)`, before the kernel is forked.
    forked kernel: the page's environment and folder are set, then `after_fork()`, then ipykernel begins;
                   once its streams are there and before any code of the page, `begin()`.

A warm process that is forked from another one (the tree) calls `load` for what it has more; what the other had loaded is
still known, so `closure` and `refusal` speak of both.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # in a warm process it is there before: `zygotes.warm_text`
    from sitegen.execution.kernel_side import risks, watching  # noqa: TC004


_loaded: dict[str, None] = {}
"""Modules that were loaded for pages."""
_names: list[str] = []
"""What was asked for, in order."""
_edges: dict[str, set[str]] = {}
_effects: dict[str, Any] = {}
"""What the import of each that was asked for changed in the process for all modules, as `risks.State.effects` gives it."""
_needs: dict[str, list[str]] = {}
"""Of each that was asked for: those before it that it imports too, and itself."""
_filters: list[Any] | None = None
"""The filters of warnings before anything was loaded."""
_roots: set[str] = set()


def load(names: list[str], root: str, unsafe: list[str]) -> dict[str, Any]:
    """Import modules one by one and look at what each of them did.

    To be called with no thread but the main one, with ipykernel imported and nothing of it started, in the environment that
    the kernels get, with a `sys.path` as theirs but for the page's folder.

    Args:
        names: dotted names, a package before what is in it; the first that is refused ends it.
        root: the site's folder, nothing of which is loaded.
        unsafe: top-level modules that are known not to survive a fork: `preload.UNSAFE`.

    Returns:
        JSON: `refused`: of what was unsafe, `{"name", "kind", "reason"}` each, at most one; with one the process is not to be forked.
    """
    global _filters
    if _filters is None:
        _filters = list(warnings.filters)
    _roots.add(root)
    for name in names:
        if name in _names:
            continue
        try:
            _load(name, root, unsafe)
        except risks.Unsafe as found:
            return {"refused": [{"name": name, "kind": found.kind, "reason": found.reason}]}
    return {"refused": []}


def refusal(cwd: str) -> str | None:
    """Why no kernel for a page in that folder may be forked from here, in words; None where it may.

    Called before the fork; imports nothing and changes nothing.
    """
    # the folder stands after the standard library on a kernel's import path
    loaded = {name.partition(".")[0] for name in _loaded if risks.is_installed(_path(name))}
    for folder, is_page in ((cwd, True), *((root, False) for root in _roots)):
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            stem, _, suffix = entry.name.partition(".")
            is_module = suffix == "py" or suffix.endswith("so")
            is_package = os.path.isfile(os.path.join(entry.path, "__init__.py"))
            if is_page and stem in loaded and (is_module or is_package):
                return f"`{entry.name}` in its folder stands before a module that is loaded"
            if stem in watching.absent and (is_module or entry.is_dir()):
                return f"`{entry.name}` would have been found by an import of a module that is loaded"
    for path in sorted(watching.asked):
        if os.path.lexists(os.path.join(cwd, path)):
            return f"`{path}` in its folder is read when a module that is loaded is imported"
    return None


def after_fork() -> None:
    """In a forked kernel, once the page's environment and folder are set and before ipykernel begins: as in a new process.

    Random states are new (that of `random` is, since it sees to it itself), the clock of `logging` starts, and the filters of
    warnings are those of a process that has loaded nothing.
    """
    for source in watching.sources:
        source.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.seed()
    now: Any = time.time_ns() if isinstance(logging._startTime, int) else time.time()  # type: ignore[attr-defined]
    logging._startTime = now  # type: ignore[attr-defined]
    for finder in list[Any](sys.path_importer_cache.values()):
        if hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()  # `importlib.invalidate_caches` would import what finds metadata
    if _filters is not None:
        _set_filters(list(_filters))


def begin() -> tuple[dict[str, list[str]], dict[str, Any]]:
    """In a forked kernel, right before code of the page: what `imports.install` is to know.

    Returns:
        `closure()`; and of each module that was asked for a function to be called once the page's code imports it, which
        changes filters of warnings and variables of the environment as its import did.
    """
    for name, stream in watching.streams.items():
        stream._stream = getattr(sys, name)
    return closure(), {name: _replay(name) for name in _names if any(_effects[each] for each in _needs[name])}


def closure() -> dict[str, list[str]]:
    """Every module that was loaded for pages, with the modules that it imported then: for `imports.install(preloaded=)`."""
    return {name: sorted(_edges.get(name, ())) for name in (*_loaded, *(set(_edges) - set(_loaded)))}


# --- one module ---------------------------------------------------------------------------------------------


def _load(name: str, root: str, unsafe: list[str]) -> None:
    if name.partition(".")[0] in unsafe:
        raise risks.Unsafe("known", "it does not survive a fork")
    before = risks.State()
    watch = watching.Watch()
    with watch:
        try:
            exec(compile(f"import {name}", "<import>", "exec"), watch.main.__dict__)  # noqa: S102
        except (Exception, SystemExit) as error:
            watch.check()  # it may be what has made the import fail
            raise risks.Unsafe("error", f"{type(error).__name__}: {error}") from error
    new = [each for each in sys.modules if each not in before.modules]
    _check_modules(new, root, unsafe)
    watch.check()
    before.check()
    _loaded.update(dict.fromkeys((*watching.packages_of(name), *new)))
    _take_edges(name, new, watch.edges)
    _effects[name] = before.effects()
    reached = _reached(name)
    _needs[name] = [each for each in (*_names, name) if each in reached]
    _names.append(name)


def _path(name: str) -> str:
    return str(getattr(sys.modules.get(name), "__file__", None) or "")


def _check_modules(new: list[str], root: str, unsafe: list[str]) -> None:
    """Only packages and the standard library may have been loaded."""
    for name in new:
        if name in unsafe:
            raise risks.Unsafe("known", f"it imports `{name}`, which does not survive a fork")
        module = sys.modules.get(name)
        paths = [getattr(module, "__file__", None)]
        if paths == [None]:
            try:
                paths = list(getattr(module, "__path__", ()))
            except Exception:  # a module that makes its attributes up
                paths = []
        for path in paths:
            if not isinstance(path, str) or not os.path.isabs(path):
                continue
            if not risks.is_installed(path) and (
                not path.startswith(risks.STANDARD_FOLDERS) or path.startswith(root + os.sep)
            ):
                raise risks.Unsafe("origin", f"`{name}` is not from an installed package")


# --- what it needs, and what it does when the page imports it -----------------------------------------------


def _take_edges(name: str, new: list[str], edges: dict[str, set[str]]) -> None:
    edges.pop("__main__", None)
    _edges.setdefault(name, set()).update(edges.pop(watching.COMPILED, ()))
    for importer, targets in edges.items():
        _edges.setdefault(importer, set()).update(targets)
    named = {target for targets in _edges.values() for target in targets}.union(watching.packages_of(name))
    # imported by a way that no statement shows: it counts with what was asked for
    _edges.setdefault(name, set()).update(each for each in new if each not in named)


def _reached(name: str) -> set[str]:
    """All modules that this one imports, directly or not."""
    reached: set[str] = set()
    waiting = watching.packages_of(name)
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += _edges.get(each, ())
    return reached


def _replay(name: str) -> Any:
    def replay() -> None:
        for each in _needs[name]:
            effect, _effects[each] = _effects[each], None
            if effect is not None:
                _do_again(*effect)

    return replay


def _do_again(front: list[Any], end: list[Any], variables: dict[str, Any]) -> None:
    filters: list[Any] = list(warnings.filters)
    for each in reversed(front):
        filters = [each, *(other for other in filters if other != each)]
    filters += [each for each in end if each not in filters]
    if front or end:
        _set_filters(filters)
    for variable, (before, after) in variables.items():
        if os.environ.get(variable) == before:
            if after is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = after


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    with warnings.catch_warnings():  # its end makes what modules remember of the filters void
        pass
