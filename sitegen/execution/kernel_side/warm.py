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

import builtins
import contextlib
import importlib
import importlib.machinery
import io
import logging
import os
import random
import sys
import tempfile
import time
import types
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # in a warm process it is there before: `zygotes.warm_text`
    from sitegen.execution.kernel_side import risks  # noqa: TC004

_READS_FOLDER = ("matplotlib",)
"""Packages that ask for the working folder when they are imported, to look for files there, which `refusal` knows of."""
_ITS_OWN = ("SITEGEN_", "JPY_", "CUDA_VISIBLE_DEVICES")
"""Beginnings of names of variables that kernels of a warm process differ in: `processes.py`."""
_COMPILED = "<compiled>"
"""As in `imports.py`: the importer where compiled code imports and says nothing of itself."""
_DRAW = ("random", "secrets", "uuid")
"""Modules of the standard library that draw random numbers for others."""
_LOOKS_AT_FILES = ("inspect", "linecache", "traceback")
"""Modules of the standard library that make names of source files absolute, which mostly are."""

_loaded: dict[str, None] = {}
"""Modules that were loaded for pages."""
_names: list[str] = []
"""What was asked for, in order."""
_edges: dict[str, set[str]] = {}
_effects: dict[str, Any] = {}
"""What the import of each that was asked for changed in the process for all modules, as `risks.State.effects` gives it."""
_needs: dict[str, list[str]] = {}
"""Of each that was asked for: those before it that it imports too, and itself."""
_sources: list[Any] = []
"""Sources of random numbers (`random.Random`) that modules made, with no seed of their own."""
_filters: list[Any] | None = None
"""The filters of warnings before anything was loaded."""
_streams: dict[str, Any] = {}
_absent: set[str] = set()
"""Top-level modules that imports looked for and did not find; a page's folder or the site's may have them."""
_asked: set[str] = set()
"""Relative paths that imports looked for: in a page's folder there may be such a file."""
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
            if stem in _absent and (is_module or entry.is_dir()):
                return f"`{entry.name}` would have been found by an import of a module that is loaded"
    for path in sorted(_asked):
        if os.path.lexists(os.path.join(cwd, path)):
            return f"`{path}` in its folder is read when a module that is loaded is imported"
    return None


def after_fork() -> None:
    """In a forked kernel, once the page's environment and folder are set and before ipykernel begins: as in a new process.

    Random states are new (that of `random` is, since it sees to it itself), the clock of `logging` starts, and the filters of
    warnings are those of a process that has loaded nothing.
    """
    for source in _sources:
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
    for name, stream in _streams.items():
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
    watch = _Watch()
    with watch:
        try:
            exec(compile(f"import {name}", "<import>", "exec"), watch.main.__dict__)  # noqa: S102
        except (Exception, SystemExit) as error:
            raise risks.Unsafe("error", f"{type(error).__name__}: {error}") from error
    new = [each for each in sys.modules if each not in before.modules]
    _check_modules(new, root, unsafe)
    watch.check()
    before.check()
    _loaded.update(dict.fromkeys((*_packages_of(name), *new)))
    _take_edges(name, new, watch.edges)
    _effects[name] = before.effects()
    reached = _reached(name)
    _needs[name] = [each for each in (*_names, name) if each in reached]
    _names.append(name)


def _packages_of(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


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


# --- while it is imported -----------------------------------------------------------------------------------


class _Watch:
    """Looks on while a module is imported: imports, what is printed and warned of, who asks for the shell or the folder."""

    def __init__(self) -> None:
        self.main = types.ModuleType("__main__")
        self.edges: dict[str, set[str]] = {}
        self.reasons: list[risks.Unsafe] = []
        self._folder = os.path.join(os.getcwd(), "")

    def __enter__(self) -> None:
        self._restore = [
            _patched(builtins, "__import__", self._importing(builtins.__import__)),
            _patched(importlib, "import_module", self._importing_module(importlib.import_module)),
            _patched(warnings, "showwarning", self._warned),
            _patched(os, "getcwd", self._folder_asked(os.getcwd)),
            _patched(os, "stat", self._path_asked(os.stat)),
            _patched(builtins, "open", self._opened(builtins.open)),
            _patched(io, "open", self._opened(io.open)),
            _patched(os, "urandom", self._bits_asked(os.urandom)),
            _patched(random, "_urandom", self._bits_asked(random._urandom)),  # type: ignore[attr-defined]
            _patched(type(os.environ), "__getitem__", self._variable_asked(type(os.environ).__getitem__)),
            _patched(random.Random, "seed", self._seeded(random.Random.seed)),
            _patched(sys, "stdout", _stream("stdout")),
            _patched(sys, "stderr", _stream("stderr")),
        ]
        for name in ("IPython", "IPython.core.getipython"):
            if name in sys.modules:
                module = sys.modules[name]
                self._restore.append(_patched(module, "get_ipython", self._shell_asked(module.get_ipython)))
        sys.meta_path.append(self)
        self._singleton = getattr(sys.modules.get("traitlets.config"), "SingletonConfigurable", None)
        if self._singleton is not None:
            self._initialized = vars(self._singleton)["initialized"]
            self._singleton.initialized = self._application_asked(self._initialized)
        builtins.get_ipython = self._no_shell  # type: ignore[attr-defined]
        builtins.__IPYTHON__ = True  # type: ignore[attr-defined]  # as in a kernel
        self._main = sys.modules["__main__"]
        sys.modules["__main__"] = self.main
        _flush()
        self._printed = tempfile.TemporaryFile()
        self._real = [os.dup(number) for number in (1, 2)]
        for number in (1, 2):
            os.dup2(self._printed.fileno(), number)

    def __exit__(self, *_: object) -> None:
        _flush()
        for number, real in enumerate(self._real, 1):
            os.dup2(real, number)
            os.close(real)
        self._printed.seek(0)
        text = self._printed.read(200).decode("utf-8", "replace").strip()
        self._printed.close()
        if text:
            self.reasons.append(risks.Unsafe("output", f"it prints: {text.splitlines()[0]}"))
        sys.modules["__main__"] = self._main
        if self._singleton is not None:
            self._singleton.initialized = self._initialized
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        for name in ("get_ipython", "__IPYTHON__"):
            vars(builtins).pop(name, None)
        for restore in self._restore:
            restore(self.reasons)

    def check(self) -> None:
        """Raise the first of what was seen."""
        if self.reasons:
            raise self.reasons[0]

    def _importing(self, original: Any) -> Any:
        edges = self.edges

        def __import__(  # noqa: A001, N807
            name: str,
            globals: Any = None,  # noqa: A002  (named so by the language)
            locals: Any = None,  # noqa: A002
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            module = original(name, globals, locals, fromlist, level)
            scope = globals or {}
            importer = scope.get("__name__", _COMPILED)
            with contextlib.suppress(Exception):  # whatever a module does with its names, its import worked
                edges.setdefault(importer, set()).update(_targets(scope, importer, name, level, fromlist))
            return module

        return _unnamed(__import__)

    def _importing_module(self, original: Any) -> Any:
        edges = self.edges

        def import_module(name: str, package: Any = None) -> Any:
            module = original(name, package)
            importer = sys._getframe(1).f_globals.get("__name__", "__main__")
            edges.setdefault(importer, set()).update(_packages_of(getattr(module, "__name__", name)))
            return module

        return _unnamed(import_module)

    def _warned(self, message: Any, category: Any, *_: object) -> None:
        self.reasons.append(risks.Unsafe("output", f"it warns: {category.__name__}: {message}"))

    def _shell_asked(self, original: Any) -> Any:
        def get_ipython() -> Any:
            if original is not None and self._is_over():
                return original()
            self.reasons.append(risks.Unsafe("shell", "it asks IPython for its shell"))
            return None

        return get_ipython

    def _application_asked(self, original: Any) -> Any:
        def initialized(cls: Any) -> bool:
            self.reasons.append(risks.Unsafe("shell", f"it asks for IPython's `{cls.__name__}`"))
            return bool(original.__func__(cls))

        return classmethod(initialized)

    def _no_shell(self) -> Any:
        self.reasons.append(risks.Unsafe("shell", "it asks IPython for its shell"))
        raise NameError("name 'get_ipython' is not defined")

    def _folder_asked(self, original: Any) -> Any:
        def getcwd() -> str:
            if not self._is_over():
                caller = _caller()
                if caller and caller not in _READS_FOLDER:
                    self.reasons.append(risks.Unsafe("folder", f"`{caller}` asks for the working folder"))
            return str(original())

        return getcwd

    def _seeded(self, original: Any) -> Any:
        def seed(generator: Any, a: Any = None, version: int = 2) -> None:
            if not self._is_over():
                _sources[:] = [each for each in _sources if each is not generator]
                if a is None:
                    _sources.append(generator)
            original(generator, a, version)

        return seed

    def _bits_asked(self, original: Any) -> Any:
        def bits(count: int) -> Any:
            # numpy's own source is seeded anew in the kernel, the key of multiprocessing only has to be secret
            if not self._is_over() and _drawer() not in ("numpy", "multiprocessing"):
                self.reasons.append(
                    risks.Unsafe("random", "it draws random numbers, or makes a source of them")
                )
            return original(count)

        return _Call(bits, original)

    def _variable_asked(self, original: Any) -> Any:
        def __getitem__(environ: Any, name: str) -> Any:  # noqa: N807
            if not self._is_over() and isinstance(name, str) and name.startswith(_ITS_OWN):
                self.reasons.append(risks.Unsafe("process", f"it reads the variable `{name}`"))
            return original(environ, name)

        return __getitem__

    def _path_asked(self, original: Any) -> Any:
        def stat(path: Any, *more: Any, **named: Any) -> Any:
            self._look_at(path)
            return original(path, *more, **named)

        return _Call(stat, original)

    def _opened(self, original: Any) -> Any:
        def open_(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if self._look_at(file) and mode[:1] != "r":
                self.reasons.append(risks.Unsafe("folder", f"it writes `{file}`"))
            return original(file, mode, *more, **named)

        return _Call(open_, original)

    def _look_at(self, path: Any) -> bool:
        """Remember a relative path that an import asks for; whether it is one."""
        if self._is_over() or not isinstance(path, (str, os.PathLike)):
            return False
        text = os.fspath(path)
        if not isinstance(text, str) or not text:
            return False
        here = text[len(self._folder) :] if text.startswith(self._folder) else text
        if os.path.isabs(here):
            return False
        _asked.add(here)
        return True

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        """As the last finder of modules: nobody has found it, and neither does this."""
        if path is None and not self._is_over():
            _absent.add(name)

    def _is_over(self) -> bool:
        """Whether the import is done: modules may have kept a function of ours."""
        return sys.modules.get("__main__") is not self.main


class _Call:
    """Stands for a function of C, which is no method where it is an attribute of a class."""

    def __init__(self, call: Any, original: Any) -> None:
        self._call, self._original = call, original

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._call(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def _unnamed(wrapper: Any) -> Any:
    """As in `imports.py`: `warnings` passes over its frame."""
    wrapper.__code__ = wrapper.__code__.replace(co_filename="/.sitegen/importlib._bootstrap")
    return wrapper


def _patched(owner: Any, name: str, value: Any) -> Any:
    """Set an attribute; a function that sets it back, and notes where somebody else has set it meanwhile."""
    original = getattr(owner, name)
    setattr(owner, name, value)

    def restore(reasons: list[risks.Unsafe]) -> None:
        if getattr(owner, name) is value:
            setattr(owner, name, original)
        else:
            reasons.append(
                risks.Unsafe("process", f"it changes `{getattr(owner, '__name__', owner)}.{name}`")
            )

    return restore


def _caller() -> str:
    """The package whose code made a call, past the standard library; empty where there is none."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        is_standard = path.startswith(("<frozen ", *risks.STANDARD_FOLDERS)) and not risks.is_installed(path)
        name = str(frame.f_globals.get("__name__", ""))
        if name in _LOOKS_AT_FILES:
            return ""
        if not is_standard:
            return "" if name in ("__main__", __name__) else name.partition(".")[0]
        frame = frame.f_back
    return ""


def _drawer() -> str:
    """The package for which random numbers are drawn, past what draws and imports for others; may be of the standard library."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if top not in (*_DRAW, "importlib", __name__):
            return top
        frame = frame.f_back
    return ""


class _Stream:
    """What a module finds as `sys.stdout` when it is imported: whatever that is in the kernel, where handlers of logs keep it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Any:
        return iter(self._stream)


def _stream(name: str) -> Any:
    if name not in _streams:
        _streams[name] = _Stream(getattr(sys, name))
    return _streams[name]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


# --- what it needs, and what it does when the page imports it -----------------------------------------------


def _targets(scope: Any, importer: str, name: str, level: int, fromlist: Any) -> list[str]:
    """As in `imports.py`: absolute names of the modules that an import statement names, packages above them included."""
    if level:
        package = scope.get("__package__")
        if package is None:
            package = importer if "__path__" in scope else importer.rpartition(".")[0]
        package = package.rsplit(".", level - 1)[0] if level > 1 else package
        name = f"{package}.{name}" if name else package
    items = [f"{name}.{item}" for item in fromlist or ()]
    return _packages_of(name) + [item for item in items if item in sys.modules]


def _take_edges(name: str, new: list[str], edges: dict[str, set[str]]) -> None:
    edges.pop("__main__", None)
    _edges.setdefault(name, set()).update(edges.pop(_COMPILED, ()))
    for importer, targets in edges.items():
        _edges.setdefault(importer, set()).update(targets)
    named = {target for targets in _edges.values() for target in targets}.union(_packages_of(name))
    # imported by a way that no statement shows: it counts with what was asked for
    _edges.setdefault(name, set()).update(each for each in new if each not in named)


def _reached(name: str) -> set[str]:
    """All modules that this one imports, directly or not."""
    reached: set[str] = set()
    waiting = _packages_of(name)
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
