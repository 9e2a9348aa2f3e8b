"""What runs inside the kernel beside the author's code: figures, tracebacks, memory, what was imported.

The text of this module is sent to the kernel and lives there as the module `_sitegen_kernel`; it is never
imported by a build. Standard library only, and Python 3.9, since a kernel may belong to another environment.
"""

from __future__ import annotations

import faulthandler
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import platform
import sys
import traceback
import types
from typing import Any

_shell: Any = None
_sources: dict[str, str] = {}
_loaded_before: set[str] = set()
_memory: list[tuple[int | None, int | None]] = []
_figure_size: tuple[float | None, float | None] = (None, None)


def install(shell: Any, root: str, lab: str) -> None:
    """Prepare the kernel, before any code of the page.

    Args:
        shell: IPython's.
        root: the site's folder; put at the end of `sys.path`.
        lab: a folder with a copy of `sitegen/lab.py` and nothing else of ours; last, so a real install wins.
    """
    global _shell
    _shell = shell
    log = getattr(sys.stderr, "_original_stdstream_copy", None)  # ipykernel has put a pipe in its place
    if log is not None:  # a crash in compiled code is written there with its line
        faulthandler.enable(file=log)
    sys.path += [root, lab]
    _remember_names(shell.compile)
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)
    shell.config.InlineBackend.figure_formats = {"svg"}
    shell.config.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    sys.meta_path.insert(0, _AfterMatplotlib())
    _loaded_before.update(sys.modules)


def figures(form: str, width: float | None, height: float | None) -> None:
    """How the next cell's figures are drawn.

    Args:
        form: `svg`, `png` or `retina`.
        width: inches; None is what matplotlib or the page's code has set.
        height: inches.
    """
    global _figure_size
    _shell.config.InlineBackend.figure_formats = {form}
    inline = sys.modules.get("matplotlib_inline.config")
    if inline is not None and inline.InlineBackend.initialized():
        inline.InlineBackend.instance().figure_formats = {form}
    _restore_figure_size()
    _figure_size = (width, height)
    if "matplotlib" in sys.modules:
        _apply_figure_size()


class Value:
    """An inline value as it is shown: a string without the quotes of its repr."""

    def __init__(self, value: object) -> None:
        self.value = value

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        if isinstance(self.value, str):
            return {"text/plain": self.value}
        data, _ = _shell.display_formatter.format(self.value)
        return dict(data)


def last_error() -> str:
    """The exception that the last cell raised, as JSON, with the place of every frame."""
    error = getattr(sys, "last_value", None)
    if error is None:
        return "null"
    causes: list[str] = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and len(causes) < 5:
        causes.append(_one_line(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    frames = [] if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)
    described = [_frame(f.filename, f.lineno, getattr(f, "colno", None), f.name) for f in frames]
    if isinstance(error, SyntaxError):
        column = (error.offset or 1) - 1
        described = [_frame(error.filename or "", error.lineno or 1, column, "")]
    return json.dumps({"frames": described, "causes": causes, "line": _one_line(error)})


def facts() -> str:
    """The environment, the memory of each cell and what the run imported, as JSON."""
    modules, files = _imported()
    return json.dumps({"environment": _environment(), "memory": _memory, "modules": modules, "files": files})


def _remember_names(compiler: Any) -> None:
    """Keep the source behind each file name that IPython gives a cell, to find the cell of a frame."""
    original = compiler.get_code_name

    def get_code_name(raw: str, transformed: str, number: int) -> str:
        name: str = original(raw, transformed, number)
        _sources[name] = raw
        return name

    compiler.get_code_name = get_code_name


def _frame(filename: str, line: int | None, column: int | None, function: str) -> dict[str, Any]:
    source = _sources.get(filename)
    return {
        "cell": None if source is None else hashlib.sha256(source.encode("utf-8", "replace")).hexdigest(),
        "cell_lines": 0 if source is None else source.count("\n") + 1,
        "file": filename,
        "line": line or 1,
        "column": column,
        "function": "" if function == "<module>" else function,
    }


def _one_line(error: BaseException) -> str:
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return text.splitlines()[-1] if text else type(error).__name__


def _before_cell(*_: object) -> None:
    try:  # Linux: start the peak of resident memory again
        with open("/proc/self/clear_refs", "w", encoding="ascii") as control:  # noqa: PTH123
            control.write("5")
    except OSError:
        pass
    torch = _torch_with_cuda()
    if torch is not None:
        torch.cuda.reset_peak_memory_stats()


def _after_cell(*_: object) -> None:
    torch = _torch_with_cuda()
    cuda = None if torch is None else int(torch.cuda.max_memory_allocated())
    _memory.append((_peak_rss(), cuda))


def _peak_rss() -> int | None:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _torch_with_cuda() -> Any:
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    return torch if cuda is not None and cuda.is_available() and cuda.is_initialized() else None


def _imported() -> tuple[list[str], list[str]]:
    """Top-level names from installed packages, and files of modules that no package installed."""
    own = {name.partition(".")[0] for name in _loaded_before} | {"sitegen", "_sitegen_kernel"}
    standard = set(getattr(sys, "stdlib_module_names", ()))
    modules, files = set(), set()
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        path = getattr(module, "__file__", None)
        if name in _loaded_before or top in standard or top in own or not isinstance(path, str):
            continue
        if "site-packages" in path or "dist-packages" in path:
            modules.add(top)
        elif os.path.isabs(path):  # noqa: PTH117
            files.add(path)
    return sorted(modules), sorted(files)


def _environment() -> dict[str, Any]:
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu_count": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu_model": _cpu_model(),
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_bytes"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "__version__"):
        found["torch"] = str(torch.__version__)
        if torch.cuda.is_available():  # never run on a GPU
            found["cuda_version"] = str(torch.version.cuda or "")
            found["cuda_count"] = torch.cuda.device_count()
            found["cuda_device"] = str(torch.cuda.get_device_name(0))
    return found


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


# --- matplotlib: settings that can only be made once it is imported ---------------------------------------

_size_before: Any = None
_size_set: Any = None


def _apply_figure_size() -> None:
    global _size_before, _size_set
    width, height = _figure_size
    parameters = sys.modules["matplotlib"].rcParams
    parameters["svg.hashsalt"] = "sitegen"  # ids in an SVG are random else
    if width is None and height is None:
        return
    _size_before = list(parameters["figure.figsize"])
    _size_set = [width or _size_before[0], height or _size_before[1]]
    parameters["figure.figsize"] = _size_set


def _restore_figure_size() -> None:
    global _size_before
    if _size_before is not None:
        parameters = sys.modules["matplotlib"].rcParams
        if list(parameters["figure.figsize"]) == _size_set:  # else the page's code has set it since
            parameters["figure.figsize"] = _size_before
        _size_before = None


class _AfterMatplotlib(importlib.abc.MetaPathFinder):
    """Applies the settings right after matplotlib's import, before the page's code can draw."""

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002  (the protocol's)
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "matplotlib":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            run = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                run(module)
                _apply_figure_size()

            loader.exec_module = exec_module
        return spec
