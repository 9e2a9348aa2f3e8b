"""Beside a kernel: its keeper, which is its parent, reports its end and leaves nothing of what it has started.

A part of the program `boot.py`; standard library only, Python 3.9.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

_PDEATHSIG, _SUBREAPER = 1, 36  # of prctl(2)
_UNKILLABLE_S = 10.0
"""After which a process that SIGKILL does not end (it waits for a disk, or is another user's) is left to the system."""
_TRACKERS_S = 1.0
_LOOK_S = 0.02
"""Between two looks at processes that are not our children yet, whose end nobody tells us."""
_MOST_FDS = 16

_libc = ctypes.CDLL(None, use_errno=True)


class Channel:
    """Messages over a stream socket: JSON with its length before it, file descriptors beside it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._socket = socket.socket(fileno=fd)
        self._socket.set_inheritable(False)

    def receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """The next message with its descriptors; None when the other end is closed."""
        fds: list[int] = []
        head = self._exactly(4, fds)
        body = self._exactly(struct.unpack("!I", head)[0], fds) if head else b""
        if not body:
            for fd in fds:
                os.close(fd)
            return None, []
        message: dict[str, Any] = json.loads(body)
        return message, fds

    def send(self, message: dict[str, Any]) -> None:
        """Say it; whoever has closed the other end does not hear it."""
        body = json.dumps(message).encode()
        with contextlib.suppress(OSError):
            self._socket.sendall(struct.pack("!I", len(body)) + body)

    def close(self) -> None:
        """Let go of it, in a process that it is not for."""
        self._socket.close()

    def leave(self) -> None:
        """Be no more than the descriptor was before."""
        self._socket.detach()

    def _exactly(self, size: int, fds: list[int]) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                part, ancillary, _, _ = self._socket.recvmsg(
                    size - len(data), socket.CMSG_SPACE(4 * _MOST_FDS), socket.MSG_CMSG_CLOEXEC
                )
            except ConnectionError:
                return b""
            for _, kind, content in ancillary:
                if kind == socket.SCM_RIGHTS:
                    fds += struct.unpack(f"{len(content) // 4}i", content)
            if not part:
                return b""
            data += part
        return bytes(data)


class Children:
    """The processes that have this one as their parent; wakes whoever waits for a message when one has ended."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def wait(self, *fds: int, timeout_s: float | None = None) -> set[int]:
        """Until one of these can be read, a child has ended or the time is over; those that can be read."""
        poll = select.poll()
        for fd in (self._read, *fds):
            poll.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)}
        if self._read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._read, 4096)
        return ready - {self._read}

    def forget(self) -> None:
        """In a new process: as if this had never been."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    def ended(self) -> dict[int, int]:
        """How those that have ended did, as `subprocess` says it, by process."""
        found = {}
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                found[pid] = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return found

    def end(self, spare: frozenset[int] = frozenset()) -> dict[int, int]:
        """Kill all that is below this process, whatever it does against it, until nothing is left.

        What loses its parent comes to this process (`adopt`), so in the end all are its children.

        Args:
            spare: children that are left alone, with all below them.

        Returns:
            How each child ended.
        """
        ended: dict[int, int] = {}
        until = time.monotonic() + _UNKILLABLE_S
        while time.monotonic() < until:
            ended.update(self.ended())
            roots = set(child_pids(os.getpid())) - spare
            if not roots:
                break
            stopped: set[int] = set()
            while time.monotonic() < until:  # none can start another while it is being looked for
                found = roots.union(*map(_below, roots)) - stopped
                if not found:
                    break
                _signal_all(found, signal.SIGSTOP)
                stopped |= found
            _signal_all(stopped, signal.SIGKILL)
            self.wait(timeout_s=_LOOK_S)
        return ended


def adopt() -> None:
    """Become the parent of every process below that loses its own."""
    _libc.prctl(_SUBREAPER, 1, 0, 0, 0)


def own_session() -> None:
    """So that Ctrl-C in the terminal is not for this process."""
    with contextlib.suppress(PermissionError):  # it leads one already
        os.setsid()


def keep(channel: Channel, refusal: Callable[[str], str | None]) -> tuple[dict[str, Any], list[int], int]:
    """Start a kernel and look after it until nothing of it is left. Returns in the kernel, as its new process.

    Args:
        channel: orders come over it; when it closes, the kernel ends.
        refusal: why a kernel for a page in that folder may not be forked from here.

    Returns:
        The order to start it, its stdin, stdout and stderr, and where to write what goes wrong before it runs.
    """
    adopt()
    order, fds = channel.receive()
    if order is None or order.get("do") == "end":  # it was given up before it was told what to start
        os._exit(0)
    reason = refusal(order["cwd"])
    if reason:
        channel.send({"refused": reason})
        os._exit(0)
    children, keeper = Children(), os.getpid()
    errors, error_end = os.pipe2(os.O_CLOEXEC)
    try:
        kernel = os.fork()
    except OSError as error:
        channel.send({"failed": str(error)})
        os._exit(1)
    if kernel == 0:
        channel.close()
        children.forget()
        os.close(errors)
        _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != keeper:  # it has died before that
            os._exit(1)
        return order, fds, error_end
    for fd in (*fds, error_end):
        os.close(fd)
    _watch(channel, children, kernel, errors)
    os._exit(0)


def _watch(channel: Channel, children: Children, kernel: int, errors: int) -> None:
    """Report and obey until the kernel has ended or is to end; then end the rest of it."""
    code, waiting = None, {channel.fd, errors}
    while code is None:
        ready = children.wait(*waiting)
        if errors in ready:  # closed when the kernel is what it is to be
            failed = os.read(errors, 65536).decode(errors="replace")
            channel.send({"failed": failed} if failed else {"started": kernel, "keeper": os.getpid()})
            waiting.remove(errors)
            os.close(errors)
        code = children.ended().get(kernel)
        if code is None and channel.fd in ready:
            message, _ = channel.receive()
            if message is None or message["do"] == "end":
                break
            _signal_group(kernel, message["number"])
    if code is not None:  # the page hears of it before the rest is gone
        channel.send({"exited": code})
        _let_trackers_end(children)
    ended = children.end()
    if code is None:
        channel.send({"exited": ended.get(kernel, -signal.SIGKILL)})


def _let_trackers_end(children: Children) -> None:
    """Wait for the process by which multiprocessing removes shared memory and semaphores once all that use them are gone."""
    trackers = frozenset(pid for pid in child_pids(os.getpid()) if _is_tracker(pid))
    if not trackers:
        return
    children.end(spare=trackers)
    until = time.monotonic() + _TRACKERS_S
    while trackers.intersection(child_pids(os.getpid())) and time.monotonic() < until:
        children.ended()
        children.wait(timeout_s=_LOOK_S)


def _is_tracker(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"multiprocessing.resource_tracker" in file.read()
    except OSError:
        return False


def _signal_group(kernel: int, number: int) -> None:
    """To the kernel and what it has started in its group, as Jupyter does."""
    try:
        os.killpg(kernel, number)
    except OSError:
        _signal_all({kernel}, number)


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _below(pid: int) -> set[int]:
    """All processes below one."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        some = child_pids(waiting.pop())
        found.update(some)
        waiting += some
    return found


def child_pids(pid: int) -> list[int]:
    """The children of a process, of all its threads."""
    if not _TELLS_CHILDREN:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent(name) == pid]
    found: list[int] = []
    with contextlib.suppress(OSError):  # it is gone
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


_TELLS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
"""Kernels built without CONFIG_PROC_CHILDREN do not."""
