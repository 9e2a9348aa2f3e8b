"""In a warm process: looks on while a module is imported, and notes what a kernel could not take over from it.

For `warm.py`, which finds it as `watching`; it finds `risks.py` as `risks` itself.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import os
import random
import sys
import tempfile
import types
import warnings
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # in a warm process it is there before: `zygotes.warm_text`
    from sitegen.execution.kernel_side import risks  # noqa: TC004

_READS_FOLDER = ("matplotlib",)
"""Packages that ask for the working folder when they are imported, to look for files there, which `refusal` knows of."""
_ITS_OWN = ("SITEGEN_", "JPY_", "CUDA_VISIBLE_DEVICES")
"""Beginnings of names of variables that kernels of a warm process differ in: `processes.py`."""
COMPILED = "<compiled>"
"""As in `imports.py`: the importer where compiled code imports and says nothing of itself."""
_DRAW = ("random", "secrets", "uuid")
"""Modules of the standard library that draw random numbers for others."""
_LOOKS_AT_FILES = ("inspect", "linecache", "traceback")
"""Modules of the standard library that make names of source files absolute, which mostly are."""

sources: list[Any] = []
"""Sources of random numbers (`random.Random`) that modules made, with no seed of their own."""
absent: set[str] = set()
"""Top-level modules that imports looked for and did not find; a page's folder or the site's may have them."""
asked: set[str] = set()
"""Relative paths that imports looked for: in a page's folder there may be such a file."""
streams: dict[str, Any] = {}
"""What modules found as `sys.stdout` and `sys.stderr`."""


class Watch:
    """A context around an import: imports, what is printed and warned of, who asks for the shell or the folder."""

    def __init__(self) -> None:
        self.main = types.ModuleType("__main__")
        self.edges: dict[str, set[str]] = {}
        self.reasons: list[risks.Unsafe] = []
        self._shells: list[weakref.ref[ZMQInteractiveShell]] = []
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
        builtins.get_ipython = self._shell  # type: ignore[attr-defined]
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
        if any(shell() is not None for shell in self._shells):
            raise risks.Unsafe("shell", "it keeps IPython's shell")

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
            importer = scope.get("__name__", COMPILED)
            with contextlib.suppress(Exception):  # whatever a module does with its names, its import worked
                edges.setdefault(importer, set()).update(_targets(scope, importer, name, level, fromlist))
            return module

        return _unnamed(__import__)

    def _importing_module(self, original: Any) -> Any:
        edges = self.edges

        def import_module(name: str, package: Any = None) -> Any:
            module = original(name, package)
            importer = sys._getframe(1).f_globals.get("__name__", "__main__")
            edges.setdefault(importer, set()).update(packages_of(getattr(module, "__name__", name)))
            return module

        return _unnamed(import_module)

    def _warned(self, message: Any, category: Any, *_: object) -> None:
        self.reasons.append(risks.Unsafe("output", f"it warns: {category.__name__}: {message}"))

    def _shell_asked(self, original: Any) -> Any:
        def get_ipython() -> Any:
            if original is not None and self._is_over():
                return original()
            return self._shell()

        return get_ipython

    def _application_asked(self, original: Any) -> Any:
        def initialized(cls: Any) -> bool:
            self.reasons.append(risks.Unsafe("shell", f"it asks for IPython's `{cls.__name__}`"))
            return bool(original.__func__(cls))

        return classmethod(initialized)

    def _shell(self) -> Any:
        shell = ZMQInteractiveShell(self.reasons)
        self._shells.append(weakref.ref(shell))
        return shell

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
                sources[:] = [each for each in sources if each is not generator]
                if a is None:
                    sources.append(generator)
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
        asked.add(here)
        return True

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        """As the last finder of modules: nobody has found it, and neither does this."""
        if path is None and not self._is_over():
            absent.add(name)

    def _is_over(self) -> bool:
        """Whether the import is done: modules may have kept a function of ours."""
        return sys.modules.get("__main__") is not self.main


class ZMQInteractiveShell:
    """Stands for the shell of a kernel, under its name: that there is one, with a kernel, is the same in every fork.

    pandas asks no more than that to find out whether it writes to a terminal.
    """

    def __init__(self, reasons: list[risks.Unsafe]) -> None:
        self._reasons = reasons

    def __getattr__(self, name: str) -> Any:
        if name != "kernel":
            self._reasons.append(risks.Unsafe("shell", f"it asks IPython's shell for `{name}`"))
            raise AttributeError(name)
        return ZMQInteractiveShell(self._reasons)


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
    if name not in streams:
        streams[name] = _Stream(getattr(sys, name))
    return streams[name]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _targets(scope: Any, importer: str, name: str, level: int, fromlist: Any) -> list[str]:
    """As in `imports.py`: absolute names of the modules that an import statement names, packages above them included."""
    if level:
        package = scope.get("__package__")
        if package is None:
            package = importer if "__path__" in scope else importer.rpartition(".")[0]
        package = package.rsplit(".", level - 1)[0] if level > 1 else package
        name = f"{package}.{name}" if name else package
    items = [f"{name}.{item}" for item in fromlist or ()]
    return packages_of(name) + [item for item in items if item in sys.modules]


def packages_of(name: str) -> list[str]:
    """The module, after the packages that it is in."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]
