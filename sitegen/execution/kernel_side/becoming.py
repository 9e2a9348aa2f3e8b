"""In the kernel's new process: the surroundings that a process of its own would have, then ipykernel or another program.

A part of the program `boot.py`; standard library only, Python 3.9.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import sys
import types
from typing import Any

_LAUNCHED = {"ipykernel": "ipykernel.__main__"}
"""What `-m` runs, where it is not what it names."""
_KERNELS_OWN = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
    "runpy",
    "sqlite3",
    "pydoc",
    "pdb",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.ascii",
)
"""What every kernel has imported when its first cell begins, some of it not before it starts."""

_codes: dict[str, Any] = {}
"""Compiled texts by their content."""
_variables: dict[str, str] = {}
"""What these imports have put into the environment, as they do in every kernel."""


def import_kernels_own() -> None:
    """Import what every kernel does, and nothing else."""
    before = dict(os.environ)
    sys.argv[:] = [_launcher("ipykernel_launcher").__file__]  # no module is to find our own program's
    sys.orig_argv = [sys.executable, "-m", "ipykernel_launcher"]
    for name in _KERNELS_OWN:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _variables.update((name, value) for name, value in os.environ.items() if before.get(name) != value)


def compiled(text: str, name: str) -> Any:
    """The code of a text; compiled once, before the kernel is forked where there is somebody to do it."""
    if text not in _codes:
        _codes[text] = compile(text, name, "exec")
    return _codes[text]


def be_kernel(order: dict[str, Any], fds: list[int], errors: int) -> None:
    """Become what was ordered; what goes wrong before that is written to `errors`."""
    try:
        _surround(order, fds)
        if order["module"] is None:
            restore_signals()
            os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606
    except (OSError, ValueError) as error:
        os.write(errors, str(error).encode())
        os._exit(127)
    os.close(errors)
    _run_ipykernel(order)


def restore_signals() -> None:
    """Before another program begins: those that Python ignores, as `subprocess` does."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def _surround(order: dict[str, Any], fds: list[int]) -> None:
    """Session, folder, streams, environment, limits."""
    with contextlib.suppress(PermissionError):
        os.setsid()  # so that a signal to its group is for nobody else
    os.chdir(order["cwd"])
    sys.stdout.flush()
    sys.stderr.flush()
    for target, fd in enumerate(fds[:3]):
        os.dup2(fd, target)
    for fd in fds:
        os.close(fd)
    os.environ.clear()
    os.environ.update({**order["env"], **_variables})
    if order["cgroup"] is not None:
        with contextlib.suppress(OSError):  # the build looks after the memory too
            _write(f"{order['cgroup']}/cgroup.procs", "0")
    if order["address_space"] is not None:
        _limit_address_space(order["address_space"])
    with contextlib.suppress(OSError):  # when the machine has no memory left, the kernel goes, not the build
        _write("/proc/self/oom_score_adj", "500")


def _limit_address_space(size_bytes: int) -> None:
    import resource  # which a kernel does not load for itself

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = size_bytes if most == resource.RLIM_INFINITY else min(size_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _run_ipykernel(order: dict[str, Any]) -> None:
    """As `python -m ipykernel_launcher` does, from where it has its arguments."""
    import threading

    from ipykernel.kernelapp import IPKernelApp

    importlib.import_module("runpy")  # which `-m` has loaded
    sys.modules["__main__"] = launched = _launcher(order["module"])
    sys.argv[:] = [launched.__file__ or order["module"], *order["arguments"]]
    sys.orig_argv = list(order["argv"])
    warm = sys.modules.get("_sitegen_warm")
    if warm is not None:
        warm.after_fork()
    thread: Any = threading.main_thread()
    thread._set_native_id()  # a fork leaves the one of the process that it was forked from
    app: Any = IPKernelApp.instance()
    app.parent_handle = 1  # it need not look for its parent: the system ends it with the keeper
    hook = order["hook"]
    if hook is not None:
        names = {"app": app, "compiled": compiled, **hook["values"]}
        exec(compiled(hook["source"], "<sitegen>"), names)  # noqa: S102  (our own)
    app.initialize(order["arguments"])
    app.start()


def _launcher(module: str) -> Any:
    """What `-m` with that name makes of `__main__`."""
    launched = types.ModuleType("__main__")
    launched.__spec__ = importlib.util.find_spec(_LAUNCHED.get(module, module))
    launched.__file__ = None if launched.__spec__ is None else launched.__spec__.origin
    return launched
