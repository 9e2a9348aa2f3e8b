"""In the kernel: the session itself, with inline values, the frames of an exception, memory and environment."""

from __future__ import annotations

import atexit
import faulthandler
import hashlib
import importlib
import json
import os
import platform
import sys
import traceback
from typing import Any

_shell: Any = None
_side: Any = None
_LINE_CHARACTERS = 10_000
"""Of an exception in one line: one may be made with megabytes of data as its message."""
_VALUE_CHARACTERS = 10_000_000
"""Of an inline value: a table as HTML may be long, but what is longer was no value for a sentence."""
_sources: dict[str, str] = {}
_memory: list[tuple[int | None, int | None]] = []


def start(root: str, lab: str, seed: int | None) -> None:
    """Install all of our modules, before any code of the page.

    Args:
        root: the site's folder; put at the end of `sys.path`.
        lab: a folder with a copy of `sitegen/lab.py` and nothing else of ours; last, so a real install wins.
        seed: of the page.
    """
    global _shell, _side
    from IPython import get_ipython

    _side = side = sys.modules["_sitegen_kernel"]
    _shell = shell = get_ipython()
    side.streams.install(shell, side.allowance)
    _install(shell, root, lab)
    side.devices.install(side.arrivals)
    side.dark.install(side.grounds)
    side.figures.install(shell, side.dark, side.heavy, side.arrivals)
    side.animations.install(shell)
    side.charts.install(side.arrivals)
    side.observe.install(shell, root, side.paths, side.seen, side.imports, side.readers)
    if seed is not None:
        importlib.import_module("sitegen.lab").seed(seed)


def _install(shell: Any, root: str, lab: str) -> None:
    log = getattr(sys.stderr, "_original_stdstream_copy", None)  # ipykernel has put a pipe in its place
    if log is not None:  # a crash in compiled code is written there with its line
        faulthandler.enable(file=log)
    # this process writes no bytecode of the site's modules (`imports.py`), and reads that of packages where pip has put it;
    # interpreters that the page starts would write it into the site's folders
    if "SITEGEN_PYCACHE" in os.environ:
        os.environ["PYTHONPYCACHEPREFIX"] = os.environ.pop("SITEGEN_PYCACHE")
    sys.path += [root, lab]
    _remember_names(shell.compile)
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)


class Value:
    """An inline value as it is shown: a string without the quotes of its repr."""

    def __init__(self, value: object) -> None:
        is_text = isinstance(value, str)
        data = {"text/plain": value} if is_text else dict(_shell.display_formatter.format(value)[0])
        length = _side.allowance.size(data)
        if length > _VALUE_CHARACTERS:
            raise ValueError(f"it is too long for a page: {length:,} characters")
        self.data: dict[str, Any] = data

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        return self.data


def end_of_page() -> str:
    """What is asked when all cells have run, as JSON: `facts` and what was `observed`."""
    return f'{{"facts": {facts()}, "observed": {_side.observe.observed()}}}'


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
    """The environment and the memory of each cell, as JSON."""
    return json.dumps({"environment": _environment(), "memory": _memory})


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
    return text.splitlines()[-1][:_LINE_CHARACTERS] if text else type(error).__name__


def _before_cell(*_: object) -> None:
    _take_options()
    try:  # Linux: start the peak of resident memory again
        with open("/proc/self/clear_refs", "w", encoding="ascii") as control:  # noqa: PTH123
            control.write("5")
    except OSError:
        pass
    _side.devices.before_cell()


def _take_options() -> None:
    """The cell's options come with its request: how figures are drawn, how much it may print."""
    request = _shell.get_parent()
    options = request.get("metadata", {}).get("sitegen") if isinstance(request, dict) else None
    if isinstance(options, dict):
        _side.figures.before_cell(*options["figures"])
        _side.streams.begin(request["header"]["msg_id"], *options["limits"])


def _after_cell(result: Any = None) -> None:
    cuda = _side.devices.after_cell(_shell, result)
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


def leave() -> None:
    """End the process as a program does whose last line was run: with what waits for its exit.

    Temporary folders, shared memory and processes of the page's code are cleared away by such functions. The interpreter itself is
    not taken down: with torch loaded that takes longer than the page.
    """
    try:
        atexit._run_exitfuncs()
    finally:
        os._exit(0)


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
