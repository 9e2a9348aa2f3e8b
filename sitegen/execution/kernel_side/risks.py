"""In a warm process: what an import may leave behind that a fork, or a kernel, would not get over.

For `warm.py`, which finds it as `risks`.
"""

from __future__ import annotations

import builtins
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import sysconfig
import threading
import warnings
from typing import Any

STANDARD_FOLDERS = tuple({str(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")})
_HARMLESS_FILES = ("/dev/null", "/dev/random", "/dev/urandom")


class Unsafe(Exception):  # noqa: N818
    """No kernel is to be forked with what was just loaded."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason


def is_installed(path: str) -> bool:
    """Whether a file lies where packages are installed."""
    return "site-packages" in path or "dist-packages" in path


class State:
    """What an import may leave behind in the process, as it is before one."""

    def __init__(self) -> None:
        self.modules = set(sys.modules)
        self.threads = set(threading.enumerate())
        self.tasks = len(_listed("/proc/self/task"))
        self.pools = _blas_libraries()
        self.files = _open_files()
        self.children = _children()
        self.signals = _signal_handlers()
        self.process = _process_wide()
        self.random = random.getstate()
        self.numpy = _numpy_state()
        self.torch = _torch_state()
        self.filters = list(warnings.filters)
        self.environ = dict(os.environ)

    def check(self) -> None:
        """Raise for what a fork, or a kernel, would not get over.

        Raises:
            Unsafe: something is left.
        """
        threads = set(threading.enumerate()) - self.threads
        if threads:
            raise Unsafe("thread", f"it starts the thread `{min(each.name for each in threads)}`")
        tasks = len(_listed("/proc/self/task")) - self.tasks
        # OpenBLAS makes its threads when it is loaded, and ends and makes them again around a fork by itself
        allowed = (_blas_libraries() - self.pools) * (_blas_threads() - 1)
        if tasks > allowed:
            raise Unsafe("thread", f"it starts threads ({tasks - allowed})")
        opened = [path for fd, path in _open_files().items() if self.files.get(fd) != path]
        devices = [path for path in opened if path.startswith(("/dev/nvidia", "/dev/kfd", "/dev/dri"))]
        torch = sys.modules.get("torch")
        if devices or (torch is not None and "torch.cuda" in sys.modules and torch.cuda.is_initialized()):
            raise Unsafe("device", "it opens a device for computing")
        if opened:
            raise Unsafe("open", f"it leaves `{opened[0]}` open")
        if _children() - self.children:
            raise Unsafe("process", "it leaves a process running")
        if _signal_handlers() != self.signals:
            raise Unsafe("process", "it handles signals")
        changed = [name for name, value in _process_wide().items() if self.process[name] != value]
        if changed:
            raise Unsafe("process", f"it changes `{changed[0]}`")
        if random.getstate() != self.random or _is_drawn(self.numpy, _numpy_state()):
            raise Unsafe("random", "it draws random numbers")
        if self.torch is not None and self.torch != _torch_state():
            raise Unsafe("random", "it draws random numbers of torch")

    def effects(self) -> Any:
        """What changed that a page's import is to change again: filters in front, filters at the end, variables."""
        front, end = _added(self.filters, list(warnings.filters))
        names = {*self.environ, *os.environ}
        changed = {
            name: (self.environ.get(name), os.environ.get(name))
            for name in names
            if self.environ.get(name) != os.environ.get(name)
        }
        return (front, end, changed) if front or end or changed else None


def _added(before: list[Any], after: list[Any]) -> tuple[list[Any], list[Any]]:
    """The filters that came in front and at the end.

    Raises:
        Unsafe: it is no such change.
    """
    for count in range(len(after) + 1):
        rest = [each for each in before if each not in after[:count]]
        if after[count : count + len(rest)] == rest:
            return after[:count], after[count + len(rest) :]
    raise Unsafe("process", "it removes filters of warnings")


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _blas_libraries() -> int:
    """Copies of OpenBLAS that are loaded: numpy and scipy bring their own."""
    found = set()
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            for line in maps:
                path = line[line.find("/") :].strip()
                if "openblas" in os.path.basename(path):
                    found.add(path)
    except OSError:
        pass
    return len(found)


def _blas_threads() -> int:
    for name in ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open_files() -> dict[str, str]:
    found = {}
    for fd in _listed("/proc/self/fd"):
        try:
            path = os.readlink("/proc/self/fd/" + fd)
        except OSError:  # the one that listed them
            continue
        if path not in _HARMLESS_FILES:
            found[fd] = path
    return found


def _children() -> set[str]:
    found: set[str] = set()
    for task in _listed("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                found.update(file.read().split())
        except OSError:
            pass
    return found


def _signal_handlers() -> list[Any]:
    return [signal.getsignal(number) for number in sorted(signal.valid_signals())]


def _process_wide() -> dict[str, Any]:
    """What all modules of a process share, and a kernel sets or goes by."""
    return {
        "sys.path": list(sys.path),
        "sys.excepthook": sys.excepthook,
        "sys.displayhook": sys.displayhook,
        "sys.stdout": sys.stdout,
        "sys.stderr": sys.stderr,
        "builtins.__import__": builtins.__import__,
        "builtins.print": builtins.print,
        "builtins.open": builtins.open,
        "warnings.showwarning": warnings.showwarning,
        "warnings.warn": warnings.warn,
        "working folder": os.getcwd(),
        "umask": _umask(),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "sys.unraisablehook": sys.unraisablehook,
        "sys.breakpointhook": sys.breakpointhook,
        "sys.tracebacklimit": getattr(sys, "tracebacklimit", None),
        "threading.excepthook": threading.excepthook,
        "names of builtins": set(vars(builtins)),
        "the limit of recursion": sys.getrecursionlimit(),
        "the switch interval": sys.getswitchinterval(),
        "garbage collection": (gc.get_threshold(), gc.get_debug()),
        "the locale": locale.setlocale(locale.LC_ALL),
        "decimal's context": _decimal_context(),
        "the root logger": _root_logger(),
        "the time-out of sockets": socket.getdefaulttimeout(),
        "its scheduling": _scheduling(),
        "its limits": _limits(),
    }


def _decimal_context() -> Any:
    decimal = sys.modules.get("decimal")
    context = None if decimal is None else decimal.getcontext()
    found = None if context is None else (context.prec, context.rounding)
    return None if found == (28, "ROUND_HALF_EVEN") else found  # as it is where it was just loaded


def _root_logger() -> Any:
    root = logging.root
    return root.level, list(root.handlers), list(root.filters), root.manager.disable, logging.getLoggerClass()


def _scheduling() -> Any:
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    return cores, os.getpriority(os.PRIO_PROCESS, 0)


def _limits() -> Any:
    try:
        with open("/proc/self/limits", encoding="ascii") as file:
            return file.read()
    except OSError:
        return None


def _umask() -> int:
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def _numpy_state() -> Any:
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return None
    state = numpy.get_state()
    return state[1].tobytes(), state[2:]


def _is_drawn(before: Any, after: Any) -> bool:
    if before is None and after is not None:  # loaded by it: then in the state of a new one
        fresh = sys.modules["numpy.random"].RandomState().get_state()
        return bool(after[1] != fresh[2:])
    return bool(before != after)


def _torch_state() -> Any:
    torch = sys.modules.get("torch")
    generator = getattr(torch, "default_generator", None)
    return None if generator is None else bytes(generator.get_state().tolist())
