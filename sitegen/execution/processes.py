"""Processes of kernels: each under a keeper that ends all of it, forked from a warm process where that is safe.

The program that does it is `kernel_side/boot.py`; here is who tells it what to do. On Linux only: elsewhere jupyter_client starts
kernels as it always does.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sitegen.execution import kernel_side
from sitegen.execution.keepers import KeeperLost, KeptProcess, Refused, Watch, line
from sitegen.execution.page_imports import ModuleSet
from sitegen.execution.zygotes import PROGRAM, Server, Tree
from sitegen.values import dataclass

IS_SUPPORTED: Final = sys.platform == "linux"
"""Elsewhere there are no subreapers, and no signal when a parent dies."""
_OUR_PYTHON: Final = (sys.executable, "-I", "-S")
_END_S: Final = 15.0
"""For all that is left at the end; keepers themselves give up a process that cannot be killed after 10 s."""
_START_S: Final = 60.0
"""For a process to be there; a cold one needs its interpreter, a tenth of a second."""
_SWEEP_S: Final = 15.0
"""For one that forks keepers to end what a killed one has left."""
_DYING_S: Final = 1.0
"""For a killed process to be dead, whose sockets have closed already."""
_POLL_S: Final = 0.05
"""Between two looks at whether somebody has cancelled."""
_ITS_OWN: Final = ("SITEGEN_", "JPY_", "CUDA_VISIBLE_DEVICES")
"""Beginnings of names that no library reads when it is imported: a zygote serves pages that differ in them."""
_MOST_TREES: Final = 4
"""Pages of further environments start cold, each tree has its own copy of what it loads."""
_VALUED_FLAGS: Final = ("-X", "-W")
_LAUNCHERS: Final = ("ipykernel_launcher", "ipykernel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Python that runs in an ipykernel's process before `app.initialize()`.

    It sees `app`, `compiled(text, name)`, which gives the code of a text, and the names of `values`.
    """

    source: str
    values: Mapping[str, object] = field(default_factory=dict)
    """JSON."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What a zygote compiles beforehand, by the name that `compiled` gets for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a kernel is to be started."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """All of its environment."""
    stdout: int = -1
    """File descriptor, as the next; the caller closes it. Only to start it."""
    stderr: int = -1
    modules: ModuleSet | None = None
    """What may be loaded when it begins, since its page imports it. None: it is not forked from a warm process at all."""
    steps: tuple[ModuleSet, ...] = ()
    """Sets that are loaded on the way to `modules`, smallest first, since other kernels will be forked from them."""
    root: Path | None = None
    """The site's folder, from which no such module may come."""
    refused: Callable[[Mapping[str, str]], None] | None = None
    """Told of a module that is not safe to be loaded before a fork: its `name`, the `kind` of reason, the `reason` in words."""
    hook: Hook | None = None
    address_space_bytes: int | None = None
    cgroup: Path | None = None
    """The folder of a control group that it joins before it begins."""


@functools.cache
def boot_hook() -> Hook:
    """What our side of the kernel has to do before an ipykernel begins."""
    texts = kernel_side.texts()
    named = {"_sitegen_kernel_" + name: text for name, text in texts.items()}
    return Hook(source=kernel_side.boot_source(), values={"texts": dict(texts)}, texts=named)


class Processes:
    """Starts the kernels of one `Backend.run`; a context: no process is left after it. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._watch: Watch | None = None
        self._warden: Server | None = None
        self._trees: dict[object, Tree] = {}
        self._live: set[KeptProcess] = set()
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all kernels and all that could start one, and wait until they are gone."""
        with self._lock:
            self._is_over = True
            live = set(self._live)
        for process in live:
            process.kill()
        _, left = concurrent.futures.wait([process.gone for process in live], _END_S)
        for process in live:
            process.give_up()
        concurrent.futures.wait(left, _SWEEP_S)
        with self._lock:
            trees, warden = list(self._trees.values()), self._warden
            self._trees, self._warden = {}, None
            watch, self._watch = self._watch, None
        for tree in trees:
            tree.close()
        if warden is not None:
            warden.close()
        if watch is not None:
            watch.stop()

    def make_root(self, launch: Launch, cancelled: threading.Event) -> None:
        """Make the first zygote for kernels like this one, while something else is done; what goes wrong shows in `start`."""
        command = ipykernel_command(launch.argv)
        with contextlib.suppress(Refused, KeeperLost, OSError):
            tree = None if command is None else self._tree(launch, command)
            if tree is not None:
                tree.zygote((), launch.root, launch.hook, cancelled)

    def start(self, launch: Launch, cancelled: threading.Event | None = None) -> KeptProcess:
        """Start a kernel and wait until its process is there; a cold one has not imported anything by then.

        Args:
            launch: what to start.
            cancelled: once it is set, nobody waits any more.

        Raises:
            OSError: it cannot be started, or `cancelled` was set.
        """
        cancelled = cancelled or threading.Event()
        command = ipykernel_command(launch.argv)
        order = _order(launch, command)
        notice = ""
        tree = None if command is None else self._tree(launch, command)
        modules = launch.modules
        while tree is not None and modules is not None and not tree.is_lost:
            try:
                for step in (*(step for step in launch.steps if set(step) < set(modules)), modules):
                    zygote = tree.zygote(step, launch.root, launch.hook, cancelled)
                return self._forked(zygote, order, launch, cancelled)
            except Refused as refused:
                if refused.module is not None and launch.refused is not None:
                    launch.refused(refused.module)
                modules = tree.smaller(modules)
            except KeeperLost as lost:
                notice = tree.lose(str(lost))
            except ConnectionError:  # it has ended while it was told something
                notice = tree.lose("")
        process = self._cold(order, launch, command, cancelled)
        process.notice = notice
        return process

    # --- one kernel ---------------------------------------------------------------------------------------

    def _forked(
        self, zygote: Server, order: Mapping[str, object], launch: Launch, cancelled: threading.Event
    ) -> KeptProcess:
        ours, theirs = line()
        process = KeptProcess(ours, is_warm=bool(zygote.modules), lost=self._sweep)
        with theirs, contextlib.suppress(ConnectionError):  # then the other end of ours is closed, too
            zygote.tell({"do": "keep"}, [theirs.fileno()])
        try:
            return self._started(process, order, launch, cancelled)
        except KeeperLost as error:
            raise KeeperLost(zygote.last_words()) from error
        except TimeoutError as error:  # stopped, or it waits for a disk: another one starts a cold one
            raise KeeperLost(str(error)) from error

    def _cold(
        self,
        order: Mapping[str, object],
        launch: Launch,
        command: Command | None,
        cancelled: threading.Event,
    ) -> KeptProcess:
        """In a process of its own, by the kernel's interpreter if it is an ipykernel, else below a keeper that ours runs."""
        message = {
            "do": "program",
            "role": "keeper",
            "argv": _OUR_PYTHON if command is None else _interpreter(launch, command),
            "cwd": str(launch.cwd),
            "env": dict(launch.env),
        }
        for is_last in (False, True):
            warden = self._get_warden(cancelled)
            ours, theirs = line()
            process = KeptProcess(ours, is_warm=False, lost=self._sweep)
            with theirs, contextlib.suppress(ConnectionError):  # then the other end of ours is closed, too
                warden.tell(message, [theirs.fileno(), launch.stderr])
            try:
                return self._started(process, order, launch, cancelled)
            except KeeperLost as error:
                if is_last or not warden.has_ended(_DYING_S):
                    raise OSError("its process ended at once") from error
        raise AssertionError

    def _started(
        self,
        process: KeptProcess,
        order: Mapping[str, object],
        launch: Launch,
        cancelled: threading.Event,
    ) -> KeptProcess:
        """The process, once it is there.

        Raises:
            KeeperLost, Refused, OSError: it is not.
        """
        with self._lock:
            if self._is_over:
                process.close()
                raise OSError("the build ends")
            self._watch = self._watch or Watch()
            self._live.add(process)
            self._watch.add(process)
        process.gone.add_done_callback(lambda _: self._is_gone(process))
        try:
            null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # no more files can be opened
            process.kill()
            raise
        try:
            process.order(order, [null, launch.stdout, launch.stderr])
        finally:
            os.close(null)
        until = time.monotonic() + _START_S
        while not process.started.done():
            if cancelled.is_set() or time.monotonic() > until:
                process.kill()
                if cancelled.is_set():
                    raise OSError("the build ends")
                self._is_gone(
                    process
                )  # whoever was to make it does not hear; nobody waits for its end either
                raise TimeoutError(f"no process in {_START_S:.0f} s")
            concurrent.futures.wait([process.started], _POLL_S)
        process.started.result()
        return process

    def _is_gone(self, process: KeptProcess) -> None:
        with self._lock:
            self._live.discard(process)

    def _sweep(self, process: KeptProcess) -> None:
        """Ends what a killed keeper leaves: it has come to one of those that fork keepers."""

        def sweep() -> None:
            with self._lock:
                servers = [server for tree in self._trees.values() for server in tree.servers()]
                servers += [] if self._warden is None else [self._warden]
                spare = [each.keeper_pid for each in self._live if each is not process]
                spare += [server.pid for server in servers]
            order = {"do": "sweep", "keeper": process.keeper_pid, "spare": spare}
            try:
                for server in servers:
                    with contextlib.suppress(OSError, KeeperLost):
                        server.ask(order, timeout_s=_SWEEP_S)
            finally:
                process.forget()  # the page waits for it

        threading.Thread(target=sweep, name="kernel-sweep", daemon=True).start()

    # --- those that start kernels -------------------------------------------------------------------------

    def _get_warden(self, cancelled: threading.Event) -> Server:
        with self._lock:
            if self._warden is not None:
                if not self._warden.has_ended():
                    return self._warden
                self._warden.close()
            if self._is_over or cancelled.is_set():
                raise OSError("the build ends")
            ours, theirs = line()
            with theirs:
                program = subprocess.Popen(
                    [*_OUR_PYTHON, str(PROGRAM), "warden", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
            self._warden = Server(ours, program=program)
        return self._warden

    def _tree(self, launch: Launch, command: Command) -> Tree | None:
        """The zygotes for kernels like this one; None where there are too many kinds."""
        interpreter = _interpreter(launch, command)
        env = {name: value for name, value in launch.env.items() if not name.startswith(_ITS_OWN)}
        search = [part for part in env.get("PYTHONPATH", "").split(os.pathsep) if part]
        is_relative = not all(map(os.path.isabs, search))
        key = (interpreter, tuple(sorted(env.items())), launch.cwd if is_relative else None)
        with self._lock:
            if launch.modules is None or self._is_over:
                return None
            if key not in self._trees:
                if len(self._trees) == _MOST_TREES:
                    return None
                self._trees[key] = Tree(
                    interpreter=interpreter,
                    env={**env, "CUDA_VISIBLE_DEVICES": ""},  # it never opens a device
                    cwd=launch.cwd if is_relative else None,
                    warden=self._get_warden,
                )
            return self._trees[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The command line of an ipykernel in its parts."""

    interpreter: tuple[str, ...]
    """With its flags."""
    module: str
    arguments: tuple[str, ...]


def ipykernel_command(argv: tuple[str, ...]) -> Command | None:
    """`python FLAGS -m ipykernel_launcher ARGUMENTS` in its parts; None for any other command."""
    position = 1
    while position < len(argv) and argv[position].startswith("-") and argv[position] not in ("-m", "-c"):
        position += 2 if argv[position] in _VALUED_FLAGS else 1
    if argv[position : position + 1] != ("-m",) or argv[position + 1 : position + 2] == ():
        return None
    module = argv[position + 1]
    if module not in _LAUNCHERS:
        return None
    return Command(interpreter=argv[:position], module=module, arguments=argv[position + 2 :])


def _interpreter(launch: Launch, command: Command) -> tuple[str, ...]:
    program, *flags = command.interpreter
    return (shutil.which(program, path=launch.env.get("PATH")) or program, *flags)


def _order(launch: Launch, command: Command | None) -> dict[str, object]:
    hook = launch.hook
    return {
        "argv": launch.argv,
        "module": None if command is None else command.module,
        "arguments": () if command is None else command.arguments,
        "cwd": str(launch.cwd),
        "env": dict(launch.env),
        "address_space": launch.address_space_bytes,
        "cgroup": None if launch.cgroup is None else str(launch.cgroup),
        "hook": None if hook is None else {"source": hook.source, "values": dict(hook.values)},
    }
