"""The line to the keeper of a kernel: what has become of the kernel, signals to it, and its end."""

from __future__ import annotations

import array
import contextlib
import json
import logging
import os
import selectors
import signal
import socket
import struct
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Final

_HEAD: Final = struct.Struct("!I")
KEEPER_S: Final = 12.0
"""For a keeper to end all below itself once it is told to; it takes 10 s at most."""
_SEND_S: Final = 15.0
"""For the other end to take a message; it reads nothing else meanwhile, but it may be stopped."""
_KILLED: Final = -int(getattr(signal, "SIGKILL", 9))

_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
"""A fork of this process must not hold them: a keeper would not see that this process has gone."""


class KeeperLost(Exception):  # noqa: N818  (what happened, not an error of ours)
    """The keeper, or the zygote that was to fork it, ended before the kernel was there."""


class Unanswered(KeeperLost):
    """A zygote did not say anything in time: the machine may be busy, or it was stopped."""


class Refused(Exception):  # noqa: N818
    """A zygote may not fork for this page, or one of its modules is not safe to be loaded before a fork."""

    def __init__(self, module: Mapping[str, str] | None = None) -> None:
        super().__init__(module)
        self.module = module
        """As `warm.load` reports it."""


def line() -> tuple[socket.socket, socket.socket]:
    """Two ends: ours, and the one for another process, which is closed here as soon as that has it."""
    ours, theirs = socket.socketpair()
    ours.settimeout(_SEND_S)
    _sockets.update((ours, theirs))
    return ours, theirs


def send(end: socket.socket, message: Mapping[str, object], fds: Iterable[int] = ()) -> None:
    """Send a message, with file descriptors.

    Raises:
        OSError: the other end is closed.
    """
    body = json.dumps(message).encode()
    data = _HEAD.pack(len(body)) + body
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
    sent = end.sendmsg([data], rights)
    end.sendall(data[sent:])


class Reader:
    """Puts messages together from what comes in."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that are complete now."""
        self._data += data
        messages = []
        while len(self._data) >= _HEAD.size:
            end = _HEAD.size + _HEAD.unpack_from(self._data)[0]
            if len(self._data) < end:
                break
            messages.append(json.loads(self._data[_HEAD.size : end]))
            del self._data[:end]
        return messages


class KeptProcess:
    """A kernel's process below its keeper."""

    def __init__(self, end: socket.socket, *, is_warm: bool, lost: Callable[[KeptProcess], None]) -> None:
        self.pid = 0
        """The kernel's, once it has started."""
        self.keeper_pid = 0
        """All processes of the kernel are below this one."""
        self.is_warm = is_warm
        """Whether it is forked from a process that had imported what the page imports."""
        self.notice = ""
        """What its author is to be told of its start."""
        self.started: Future[int] = Future()
        """The kernel's number; `OSError` where it could not start, `KeeperLost`, `Refused`."""
        self.exited: Future[int] = Future()
        """How the kernel has ended, as `subprocess` says it; set at that moment."""
        self.gone: Future[None] = Future()
        """Set when nothing of it is left."""
        for future in (self.started, self.exited, self.gone):
            future.set_running_or_notify_cancel()  # who gives up waiting for it ends it for nobody else
        self.socket = end
        self._lost = lost
        self._reader = Reader()
        self._lock = threading.Lock()

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self.exited.result() if self.exited.done() else None

    def order(self, message: Mapping[str, object], fds: Iterable[int]) -> None:
        """Say what to start; whether its keeper has heard shows in `started`."""
        with self._lock, contextlib.suppress(OSError):
            send(self.socket, message, fds)

    def signal(self, number: int) -> None:
        """To the kernel and the processes of its group."""
        self._tell({"do": "signal", "number": number})

    def kill(self) -> None:
        """End it with all that is below it; returns before that has happened, see `gone` and `give_up`."""
        self._tell({"do": "end"})
        self._signal_keeper("SIGCONT")  # a kernel may have stopped it, by mistake or not

    def give_up(self) -> None:
        """Kill the keeper if it is still there `KEEPER_S` after `kill`: it does not hear. What it leaves is looked for elsewhere."""
        self._signal_keeper("SIGKILL")

    def hear(self) -> bool:
        """Take what the keeper says; False when that was all."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        for message in self._reader.feed(data):
            self._take(message)
        return bool(data)

    def close(self) -> None:
        """Its keeper has closed the line."""
        with self._lock:
            self.socket.close()
        if not self.started.done():
            self.started.set_exception(KeeperLost())
        if self.keeper_pid and not self.exited.done():
            self.exited.set_result(_KILLED)  # with its keeper
            self._lost(self)  # somebody else has to look for what was below it
        else:
            self.forget()

    def forget(self) -> None:
        """Nothing of it is left."""
        if not self.exited.done():
            self.exited.set_result(_KILLED)
        if not self.gone.done():
            self.gone.set_result(None)

    def _take(self, message: Mapping[str, Any]) -> None:
        if "started" in message:
            self.pid, self.keeper_pid = message["started"], message["keeper"]
            self.started.set_result(self.pid)
        elif "failed" in message:
            self.started.set_exception(OSError(message["failed"]))
        elif "refused" in message:
            self.started.set_exception(Refused())
        elif "exited" in message and not self.exited.done():
            self.exited.set_result(message["exited"])

    def _signal_keeper(self, name: str) -> None:
        with self._lock, contextlib.suppress(OSError):
            if (
                self.keeper_pid and self.socket.fileno() != -1
            ):  # it holds the other end, so the number is its own
                os.kill(self.keeper_pid, getattr(signal, name))

    def _tell(self, message: Mapping[str, object]) -> None:
        with self._lock, contextlib.suppress(OSError):
            send(self.socket, message)


class Watch:
    """A thread that hears what keepers say, at once."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = line()
        self._new: list[KeptProcess] = []
        self._lock = threading.Lock()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="kernel-watch", daemon=True)
        self._thread.start()

    def add(self, process: KeptProcess) -> None:
        """Hear what its keeper says from now on."""
        with self._lock:
            self._new.append(process)
        self._wake.send(b"!")

    def stop(self) -> None:
        """Hear nothing any more."""
        self._is_over = True
        self._wake.send(b"!")
        self._thread.join()
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def _run(self) -> None:
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        while not self._is_over:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._woken.recv(4096)
                    continue
                if not self._hear(key.data):
                    self._selector.unregister(key.fileobj)
                    key.data.close()
            with self._lock:
                new, self._new = self._new, []
            for process in new:
                self._selector.register(process.socket, selectors.EVENT_READ, process)

    def _hear(self, process: KeptProcess) -> bool:
        try:
            return process.hear()
        except (
            Exception
        ):  # what is said makes no sense: as if the keeper were gone, and the others are heard on
            logging.getLogger("sitegen.execution").exception("a keeper cannot be understood")
            return False


def _close_in_child() -> None:
    for each in _sockets:
        with contextlib.suppress(OSError):
            each.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
