"""Processes of kernels: each under a keeper that ends all of it, forked from a warm process where that is safe.

The program that does it is `kernel_side/boot.py`; here is who tells it what to do. On Linux only: elsewhere jupyter_client starts
kernels as it always does.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sitegen.execution.keepers import KeeperLost, KeptProcess, Reader, Refused, Watch, line, send

IS_SUPPORTED: Final = sys.platform == "linux"
"""Subreapers, and signals at a parent's death."""
_PROGRAM: Final = Path(__file__).parent / "kernel_side" / "boot.py"
_WARM: Final = Path(__file__).parent / "kernel_side" / "warm.py"
_OUR_PYTHON: Final = (sys.executable, "-I", "-S")
_READY_S: Final = 60.0
"""For a zygote to import what it is to; torch from a cold disk takes seven."""
_END_S: Final = 15.0
_POLL_S: Final = 0.05
"""Between two looks at whether somebody has cancelled."""
_ITS_OWN: Final = ("SITEGEN_", "JPY_", "CUDA_VISIBLE_DEVICES")
"""Beginnings of names that no library reads when it is imported: a zygote serves pages that differ in them."""
_VALUED_FLAGS: Final = ("-X", "-W")
_LAUNCHERS: Final = ("ipykernel_launcher", "ipykernel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Python that runs in an ipykernel's process before `app.initialize()`.

    It sees `app`, `compiled(text, name)` (the code of a text, which is compiled once for all kernels of a zygote) and `values`.
    """

    source: str
    values: Mapping[str, object] = field(default_factory=dict)
    """JSON."""
    texts: tuple[str, ...] = ()
    """Compiled by the zygote beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a kernel is to be started."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """All of its environment."""
    stdout: int
    """File descriptor, as the next; closed by nobody here."""
    stderr: int
    is_warm: bool = True
    """Whether it may be forked from a process that has ipykernel loaded; never so for other kernels."""
    modules: frozenset[str] = frozenset()
    """Top-level names of modules that may be loaded when it begins, since its page imports them."""
    root: Path | None = None
    """The site's folder, from which no such module may come."""
    hook: Hook | None = None
    address_space_bytes: int | None = None
    cgroup: Path | None = None
    """The folder of a control group that it joins before it begins."""


class Processes:
    """Starts the kernels of one `Backend.run`; a context: no process is left after it. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._watch: Watch | None = None
        self._warden: _Server | None = None
        self._trees: dict[object, _Tree] = {}
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
            live, self._live = self._live, set()
            trees, self._trees = list(self._trees.values()), {}
            warden, self._warden = self._warden, None
            watch, self._watch = self._watch, None
        for process in live:
            process.kill()
        concurrent.futures.wait([process.gone for process in live], _END_S)
        for tree in trees:
            for zygote in tree.zygotes.values():
                zygote.close()
        if warden is not None:
            warden.close()
        if watch is not None:
            watch.stop()

    def start(self, launch: Launch, cancelled: threading.Event | None = None) -> KeptProcess:
        """Start a kernel and wait until its process is there; it has not imported anything by then.

        Args:
            launch: what to start.
            cancelled: once it is set, nobody waits any more.

        Raises:
            OSError: it cannot be started, or `cancelled` was set.
        """
        cancelled = cancelled or threading.Event()
        arguments = ipykernel_arguments(launch.argv)
        order = _order(launch, arguments)
        notice = ""
        if arguments is not None and launch.is_warm:
            tree = self._tree(launch, len(launch.argv) - len(arguments))
            modules: frozenset[str] | None = launch.modules
            while modules is not None and not tree.lost:
                try:
                    zygote = self._zygote(tree, launch, modules, cancelled)
                    return self._keep(zygote, order, launch, cancelled)
                except Refused:
                    modules = tree.smaller(modules)
                except KeeperLost as error:
                    tree.lost = True
                    notice = str(error) or "it was ended by a signal"
        process = self._cold(order, launch, arguments, cancelled)
        process.notice = notice
        return process

    # --- one kernel ---------------------------------------------------------------------------------------

    def _keep(
        self, zygote: _Server, order: Mapping[str, object], launch: Launch, cancelled: threading.Event
    ) -> KeptProcess:
        ours, theirs = line()
        with theirs:
            try:
                zygote.tell({"do": "keep"}, [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise KeeperLost(zygote.last_words()) from error
        return self._started(ours, order, launch, cancelled, is_warm=bool(zygote.modules))

    def _cold(
        self,
        order: Mapping[str, object],
        launch: Launch,
        arguments: tuple[str, ...] | None,
        cancelled: threading.Event,
    ) -> KeptProcess:
        """In a process of its own, by the kernel's interpreter if it is an ipykernel, else by ours."""
        interpreter = _OUR_PYTHON if arguments is None else _interpreter(launch, len(arguments))
        message = {
            "do": "exec",
            "role": "keeper",
            "argv": interpreter,
            "cwd": str(launch.cwd),
            "env": dict(launch.env),
        }
        for is_last in (False, True):
            ours, theirs = line()
            with theirs:
                try:
                    self._get_warden(cancelled).tell(message, [theirs.fileno(), launch.stderr])
                    return self._started(ours, order, launch, cancelled, is_warm=False)
                except (OSError, KeeperLost) as error:
                    ours.close()
                    if is_last or not isinstance(error, KeeperLost | ConnectionError):
                        raise OSError(str(error) or "its keeper was ended") from error
        raise AssertionError

    def _started(
        self,
        ours: socket.socket,
        order: Mapping[str, object],
        launch: Launch,
        cancelled: threading.Event,
        *,
        is_warm: bool,
    ) -> KeptProcess:
        process = KeptProcess(ours, is_warm=is_warm, lost=self._sweep)
        with self._lock:
            if self._is_over:
                ours.close()
                raise OSError("the build ends")
            self._live.add(process)
            self._watch = self._watch or Watch()
            self._watch.add(process)
        process.gone.add_done_callback(lambda _: self._live.discard(process))
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        try:
            process.order(order, [null, launch.stdout, launch.stderr])
        finally:
            os.close(null)
        while not process.started.done():
            if cancelled.is_set():
                process.kill()
                raise OSError("the build ends")
            concurrent.futures.wait([process.started], _POLL_S)
        process.started.result()
        return process

    def _sweep(self, process: KeptProcess) -> None:
        """What a killed keeper leaves has come to one of those who forked it."""

        def sweep() -> None:
            with self._lock:
                servers = [zygote for tree in self._trees.values() for zygote in tree.zygotes.values()]
                servers += [] if self._warden is None else [self._warden]
                spare = [each.keeper_pid for each in self._live] + [server.pid for server in servers]
            for server in servers:
                with contextlib.suppress(OSError, KeeperLost):
                    server.ask({"do": "sweep", "spare": spare})
            process.forget()

        threading.Thread(target=sweep, name="kernel-sweep", daemon=True).start()

    # --- those that start kernels -------------------------------------------------------------------------

    def _get_warden(self, cancelled: threading.Event) -> _Server:
        with self._lock:
            if self._warden is not None and self._warden.is_alive():
                return self._warden
            if self._is_over or cancelled.is_set():
                raise OSError("the build ends")
            ours, theirs = line()
            with theirs:
                program = subprocess.Popen(
                    [*_OUR_PYTHON, str(_PROGRAM), "warden", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
            self._warden = _Server(ours, pid=program.pid, program=program)
            return self._warden

    def _tree(self, launch: Launch, flags: int) -> _Tree:
        interpreter = _interpreter(launch, len(launch.argv) - flags)
        env = {name: value for name, value in launch.env.items() if not name.startswith(_ITS_OWN)}
        search = launch.env.get("PYTHONPATH", "").split(os.pathsep)
        is_relative = any(not os.path.isabs(part) for part in search) and search != [""]
        cwd = str(launch.cwd) if is_relative else "/"
        key = (interpreter, tuple(sorted(env.items())), cwd)
        with self._lock:
            return self._trees.setdefault(key, _Tree(interpreter=interpreter, env=env, cwd=cwd))

    def _zygote(
        self, tree: _Tree, launch: Launch, modules: frozenset[str], cancelled: threading.Event
    ) -> _Server:
        """The zygote that has just these modules; made if it is not there.

        Raises:
            KeeperLost: it came to its end, or does not come to it.
            Refused: one of the modules cannot be loaded there.
        """
        with tree.lock:
            wanted = modules - tree.unsafe
            if wanted not in tree.zygotes:
                above = tree.smaller(wanted)
                if above is None:
                    tree.zygotes[wanted] = self._root(tree, launch, cancelled)
                else:
                    zygote = self._branch(tree.zygotes[above], launch, wanted, cancelled)
                    tree.zygotes[wanted] = zygote
            return tree.zygotes[wanted]

    def _root(self, tree: _Tree, launch: Launch, cancelled: threading.Event) -> _Server:
        log = tempfile.TemporaryFile()  # noqa: SIM115  (the server's)
        ours, theirs = line()
        with theirs:
            message = {
                "do": "exec",
                "role": "zygote",
                "argv": tree.interpreter,
                "cwd": tree.cwd,
                "env": {**tree.env, "CUDA_VISIBLE_DEVICES": ""},
            }
            try:
                self._get_warden(cancelled).tell(message, [theirs.fileno(), log.fileno()])
            except OSError as error:
                ours.close()
                raise KeeperLost(str(error)) from error
        zygote = _Server(ours, log=log)
        zygote.pid = zygote.hear(cancelled)["ready"]
        if launch.hook is not None and launch.hook.texts:
            zygote.tell({"do": "compile", "texts": launch.hook.texts})
        return zygote

    def _branch(
        self, above: _Server, launch: Launch, modules: frozenset[str], cancelled: threading.Event
    ) -> _Server:
        raise Refused


@dataclass(slots=True)
class _Tree:
    """Zygotes of one interpreter and environment, by the modules of pages that they have loaded."""

    interpreter: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    zygotes: dict[frozenset[str], _Server] = field(default_factory=dict)
    unsafe: frozenset[str] = frozenset()
    """Modules with which no zygote may be."""
    lost: bool = False
    """One of them ended by itself: nothing is forked any more."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def smaller(self, modules: frozenset[str]) -> frozenset[str] | None:
        """The largest set below this one for which there is a zygote; the empty one if there is none yet."""
        below = [each for each in self.zygotes if each < modules]
        return max(below, key=len) if below else (frozenset() if modules else None)


class _Server:
    """A warden or a zygote, as seen from here."""

    def __init__(
        self,
        end: socket.socket,
        *,
        pid: int = 0,
        program: subprocess.Popen[bytes] | None = None,
        log: Any = None,
    ) -> None:
        self.pid = pid
        self.modules: frozenset[str] = frozenset()
        self._end = end
        self._program = program
        self._log = log
        self._reader = Reader()
        self._lock = threading.Lock()

    def is_alive(self) -> bool:
        """Whether it has not closed the line."""
        try:
            return self._end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def tell(self, message: Mapping[str, object], fds: Iterable[int] = ()) -> None:
        """Raises `OSError` if it is gone."""
        with self._lock:
            send(self._end, message, fds)

    def ask(self, message: Mapping[str, object], fds: Iterable[int] = ()) -> dict[str, Any]:
        """Its answer."""
        with self._lock:
            send(self._end, message, fds)
            return self._answer(threading.Event())

    def hear(self, cancelled: threading.Event) -> dict[str, Any]:
        """What it says next."""
        with self._lock:
            return self._answer(cancelled)

    def last_words(self) -> str:
        """The last line that it wrote."""
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return str(lines[-1]) if lines else ""

    def close(self) -> None:
        """Let it end, and wait for that."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)
            select.select([self._end], [], [], _END_S)
        self._end.close()
        if self._log is not None:
            self._log.close()
        if self._program is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._program.wait(_END_S)

    def _answer(self, cancelled: threading.Event) -> dict[str, Any]:
        for _ in range(int(_READY_S / _POLL_S)):
            if select.select([self._end], [], [], _POLL_S)[0]:
                try:
                    data = self._end.recv(65536)
                except OSError:
                    data = b""
                if not data:
                    raise KeeperLost(self.last_words())
                for message in self._reader.feed(data):
                    return message
            elif cancelled.is_set():
                raise OSError("the build ends")
        raise KeeperLost("it did not answer")


def ipykernel_arguments(argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """What follows `python FLAGS -m ipykernel_launcher`; None for any other command."""
    position = 1
    while position < len(argv) and argv[position].startswith("-") and argv[position] not in ("-m", "-c"):
        position += 2 if argv[position] in _VALUED_FLAGS else 1
    if argv[position : position + 1] != ("-m",) or argv[position + 1 : position + 2] == ():
        return None
    return argv[position + 2 :] if argv[position + 1] in _LAUNCHERS else None


def _interpreter(launch: Launch, arguments: int) -> tuple[str, ...]:
    """The interpreter with its flags; by its path."""
    command, *flags = launch.argv[: len(launch.argv) - arguments - 2]
    return (shutil.which(command, path=launch.env.get("PATH")) or command, *flags)


def _order(launch: Launch, arguments: tuple[str, ...] | None) -> dict[str, object]:
    hook = launch.hook
    return {
        "argv": launch.argv,
        "is_ipykernel": arguments is not None,
        "arguments": arguments,
        "cwd": str(launch.cwd),
        "env": dict(launch.env),
        "address_space": launch.address_space_bytes,
        "cgroup": None if launch.cgroup is None else str(launch.cgroup),
        "hook": None if hook is None else {"source": hook.source, "values": dict(hook.values)},
    }
