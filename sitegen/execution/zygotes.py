"""Warm processes: each has imported some modules and never used them, and forks the kernels of pages that import them too."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, Protocol

from sitegen.execution.keepers import KeeperLost, Reader, Refused, Unanswered, line, send
from sitegen.execution.page_imports import ModuleSet, without
from sitegen.execution.preload import UNSAFE, parent
from sitegen.execution.private_folders import private_folder, remove_private_folder

PROGRAM: Final = Path(__file__).parent / "kernel_side" / "boot.py"
"""What all these processes run."""
_READY_S: Final = 60.0
"""For a process to be there that is to fork others; it needs an interpreter and what every kernel has."""
_LOAD_S: Final = 120.0
"""For a zygote to import a module. torch from a cold disk takes seven, and 46 were seen on a machine with ten times its load."""
_POLL_S: Final = 0.05
"""Between two looks at whether somebody has cancelled."""
_CLOSE_S: Final = 0.5
"""For a zygote to hear that it is over; one that is in the middle of an import does not."""
_END_S: Final = 15.0
"""For a warden to end what it has started, and itself."""
_LAST_BYTES: Final = 4096
"""Of the log, in which the last line is."""


class _Texts(Protocol):
    @property
    def texts(self) -> Mapping[str, str]: ...


class Server:
    """A warden or a zygote, as seen from here."""

    def __init__(
        self,
        end: socket.socket,
        *,
        modules: ModuleSet = (),
        program: subprocess.Popen[bytes] | None = None,
        log: Any = None,
    ) -> None:
        self.modules = modules
        """What it has loaded for pages."""
        self.pid = 0 if program is None else program.pid
        self._end = end
        self._program = program
        self._log = log
        self._reader = Reader()
        self._messages: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def has_ended(self, timeout_s: float = 0.0) -> bool:
        """Of a warden: whether it has, or does so in that time."""
        assert self._program is not None  # noqa: S101  (it is no zygote)
        try:
            self._program.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def tell(self, message: Mapping[str, object], fds: Iterable[int] = ()) -> None:
        """Raises `OSError` if it is gone."""
        with self._lock:
            send(self._end, message, fds)

    def ask(
        self,
        message: Mapping[str, object],
        fds: Iterable[int] = (),
        *,
        cancelled: threading.Event | None = None,
        timeout_s: float = _READY_S,
    ) -> dict[str, Any]:
        """Its answer.

        Raises:
            KeeperLost: there is none, or not in that time.
            OSError: it is gone, or `cancelled` was set.
        """
        with self._lock:
            send(self._end, message, fds)
            return self._next(cancelled or threading.Event(), timeout_s)

    def greet(self, cancelled: threading.Event) -> None:
        """Wait until it is ready; raises as `ask` does, `OSError` also where it could not be started."""
        with self._lock:
            message = self._next(cancelled)
        if "failed" in message:
            raise OSError(message["failed"])
        self.pid = message["ready"]

    def last_words(self) -> str:
        """The last line that it wrote."""
        if self._log is None:
            return ""
        # read where it stands: those that write share the position in the file
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), _LAST_BYTES, max(0, size - _LAST_BYTES))
        lines = text.decode(errors="replace").strip().splitlines()
        return str(lines[-1]) if lines else ""

    def close(self) -> None:
        """End it, and wait until it has ended."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)
            if self._program is None and not _can_be_read(self._end, _CLOSE_S) and self.pid:
                os.kill(self.pid, signal.SIGKILL)
        self._end.close()
        if self._program is not None:
            try:
                self._program.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._program.kill()
                self._program.wait()

    def _next(self, cancelled: threading.Event, timeout_s: float = _READY_S) -> dict[str, Any]:
        until = time.monotonic() + timeout_s
        while not self._messages:
            if cancelled.is_set():
                raise OSError("the build ends")
            if time.monotonic() > until:
                raise Unanswered(f"it did not answer in {timeout_s:.0f} s")
            if _can_be_read(self._end, _POLL_S):
                data = b""
                with contextlib.suppress(OSError):
                    data = self._end.recv(65536)
                if not data:
                    raise KeeperLost(self.last_words())
                self._messages += self._reader.feed(data)
        return self._messages.pop(0)


class Tree:
    """The zygotes of one interpreter and one environment.

    Each is forked from the one that has the largest part of its modules, the root, which has nothing but ipykernel, is a program
    of its own. They are made when they are first wanted.
    """

    def __init__(
        self,
        *,
        interpreter: tuple[str, ...],
        env: Mapping[str, str],
        cwd: Path | None,
        warden: Callable[[threading.Event], Server],
    ) -> None:
        """Make none yet.

        Args:
            interpreter: with its flags.
            env: of the zygotes; kernels have their own.
            cwd: where the root begins, if that matters; else in an empty folder.
            warden: gives the one that starts programs.
        """
        self.is_lost = False
        """One of them has ended by itself: nothing is forked any more."""
        self._interpreter = interpreter
        self._env = env
        self._cwd = cwd
        self._warden = warden
        self._lock = threading.Lock()
        self._zygotes: dict[frozenset[str], Future[Server]] = {}
        self._refused: set[str] = set()
        self._folder: Path | None = None
        self._log: Any = None

    def servers(self) -> list[Server]:
        """All that are there, those forked from others first."""
        with self._lock:
            made = [each for each in self._zygotes.values() if each.done() and each.exception() is None]
        return sorted((each.result() for each in made), key=lambda each: len(each.modules), reverse=True)

    def smaller(self, modules: ModuleSet) -> ModuleSet | None:
        """What may be tried when a zygote with these modules will not do; None where nothing is left."""
        if not modules:
            return None
        allowed = without(modules, self._refused)
        return allowed if len(allowed) < len(modules) else self._parent(modules)

    def lose(self, reason: str) -> str:
        """Fork nothing any more; what the first who asks is to tell, nothing for the others."""
        with self._lock:
            is_first, self.is_lost = not self.is_lost, True
        return (reason or "it was ended by a signal") if is_first else ""

    def zygote(
        self, modules: ModuleSet, root: Path | None, hook: _Texts | None, cancelled: threading.Event
    ) -> Server:
        """The one that has loaded just these modules.

        Raises:
            Refused: one of them is not safe there.
            KeeperLost: it has ended, or does not answer.
            OSError: `cancelled` was set.
        """
        key = frozenset(modules)
        with self._lock:
            if not self._refused.isdisjoint(modules):
                raise Refused
            wanted, is_mine = self._zygotes.get(key), key not in self._zygotes
            if wanted is None:
                wanted = self._zygotes[key] = Future()
        if is_mine:
            self._make(wanted, modules, root, hook, cancelled)
        while not wanted.done():
            if cancelled.is_set():
                raise OSError("the build ends")
            concurrent.futures.wait([wanted], _POLL_S)
        return wanted.result()

    def close(self) -> None:
        """End them all."""
        for server in self.servers():
            server.close()
        if self._log is not None:
            self._log.close()
        if self._folder is not None:
            remove_private_folder(self._folder)

    def _make(
        self,
        wanted: Future[Server],
        modules: ModuleSet,
        root: Path | None,
        hook: _Texts | None,
        cancelled: threading.Event,
    ) -> None:
        try:
            if modules:
                above = self.zygote(self._parent(modules), root, hook, cancelled)
                wanted.set_result(self._branch(above, modules, root, cancelled))
            else:
                wanted.set_result(self._root(hook, cancelled))
        except BaseException as error:  # a bug of ours, too: other pages wait for it
            with self._lock:
                del self._zygotes[frozenset(modules)]
            wanted.set_exception(error)

    def _parent(self, modules: ModuleSet) -> ModuleSet:
        return parent(modules, [server.modules for server in self.servers()])

    def _root(self, hook: _Texts | None, cancelled: threading.Event) -> Server:
        """The first one, which has what every kernel needs."""
        warden = self._warden(cancelled)
        self._folder = self._folder or private_folder()
        self._log = self._log or tempfile.TemporaryFile()  # noqa: SIM115  (closed with the tree)
        program = {
            "do": "program",
            "role": "zygote",
            "argv": self._interpreter,
            "cwd": str(self._cwd or self._folder),
            "env": dict(self._env),
        }
        ours, theirs = line()
        zygote = Server(ours, log=self._log)
        with _closed_on_error(zygote):
            with theirs:
                warden.tell(program, [theirs.fileno(), self._log.fileno()])
            zygote.greet(cancelled)
            if hook is not None and hook.texts:
                zygote.tell({"do": "compile", "texts": dict(hook.texts)})
        return zygote

    def _branch(
        self, above: Server, modules: ModuleSet, root: Path | None, cancelled: threading.Event
    ) -> Server:
        """One that has more than another one, from which it is forked."""
        ours, theirs = line()
        zygote = Server(ours, modules=modules, log=self._log)
        with _closed_on_error(zygote):
            with theirs, contextlib.suppress(ConnectionError):  # then the other end of ours is closed, too
                above.tell({"do": "zygote"}, [theirs.fileno()])
            zygote.greet(cancelled)
            for name in modules:
                if name not in above.modules:
                    self._load(zygote, name, root, cancelled)
            zygote.tell({"do": "settle"})
        return zygote

    def _load(self, zygote: Server, name: str, root: Path | None, cancelled: threading.Event) -> None:
        """Load a module, or say that it cannot be: the others do without it."""
        load = {
            "do": "load",
            "warm": warm_text(),
            "names": [name],
            "root": str(root or os.devnull),
            "unsafe": list(UNSAFE),
        }
        try:
            refused = zygote.ask(load, cancelled=cancelled, timeout_s=_LOAD_S)["refused"]
        except Unanswered:  # nothing to remember: the next build tries again
            with self._lock:
                self._refused.add(name)
            raise Refused from None
        except (KeeperLost, ConnectionError) as lost:
            refused = [{"name": name, "kind": "ended", "reason": str(lost) or "its import ended the process"}]
        if refused:
            with self._lock:
                self._refused.update(module["name"] for module in refused)
            raise Refused(refused[0])


@functools.cache
def warm_text() -> str:
    """Python that makes a module of itself: `kernel_side/warm.py`, with `risks.py` and `watching.py` under these names."""
    risks, watching, warm = (
        PROGRAM.with_name(f"{name}.py").read_text(encoding="utf-8") for name in ("risks", "watching", "warm")
    )
    return (
        "import types\n"
        "risks = types.ModuleType('_sitegen_warm_risks')\n"
        f"exec(compile({risks!r}, '_sitegen_warm_risks', 'exec'), risks.__dict__)\n"
        "watching = types.ModuleType('_sitegen_warm_watching')\n"
        "watching.risks = risks\n"
        f"exec(compile({watching!r}, '_sitegen_warm_watching', 'exec'), watching.__dict__)\n"
        f"exec(compile({warm!r}, '_sitegen_warm', 'exec'), globals())\n"
    )


def _can_be_read(end: socket.socket, timeout_s: float) -> bool:
    poll = select.poll()  # `select.select` takes no descriptor above 1023
    poll.register(end, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


@contextlib.contextmanager
def _closed_on_error(server: Server) -> Iterator[None]:
    try:
        yield
    except BaseException:
        server.close()
        raise
