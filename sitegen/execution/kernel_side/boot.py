"""A program of its own: starts kernels, keeps them, and leaves nothing of them. Run by path, never imported by a build.

`boot.py ROLE FD`: FD is a socket to the one who gives orders (`execution/processes.py`). Each message is JSON with its
length before it, file descriptors beside it. Roles:

- `warden`: starts the programs below; what loses its parent comes to it. Has nothing of Jupyter.
- `zygote`: has imported what a kernel needs, and modules of pages, and never used them. Forks keepers and zygotes.
- `keeper`: the parent of one kernel, which it forks from itself. When its socket closes it kills all below itself.

Needs only the standard library and Python 3.9: the kernel's own interpreter runs it.
"""

from __future__ import annotations

import sys

if sys.path and sys.path[0] == __file__.rpartition("/")[0]:
    del sys.path[0]  # no module of ours is to be found by a page

import contextlib
import ctypes
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import time
import traceback
import types
from typing import Any, NoReturn

_PDEATHSIG, _SUBREAPER = 1, 36  # of prctl(2)
_GRACE_S = 3.0
"""For keepers to end what is theirs, after all sockets closed at once."""
_UNKILLABLE_S = 10.0
"""After which a process that SIGKILL does not end (it waits for a disk, or is another user's) is left to the system."""
_LAZY = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.datapub",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
    "psutil",
    "sqlite3",
    "pydoc",
    "pdb",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.ascii",
)
"""What every kernel imports, some of it not before it starts. A zygote never imports anything else unasked."""

_libc = ctypes.CDLL(None, use_errno=True)
_codes: dict[str, Any] = {}
"""Compiled texts by their content."""


class Channel:
    """Messages over a stream socket."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.socket = socket.socket(fileno=fd)
        self.socket.set_inheritable(False)

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
            self.socket.sendall(struct.pack("!I", len(body)) + body)

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, size: int, fds: list[int]) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                part, ancillary, _, _ = self.socket.recvmsg(
                    size - len(data), socket.CMSG_SPACE(16 * 4), socket.MSG_CMSG_CLOEXEC
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
    """Wakes whoever waits for a message when a child has ended."""

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
        """In a new process: as if it had never been."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    @staticmethod
    def ended() -> dict[int, int]:
        """How those that have ended did, as `subprocess` says it, by process."""
        found = {}
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                found[pid] = _returncode(status)
        return found


def main() -> None:
    """Play the role; a kernel comes out of it at the bottom of its stack, and ends as any program."""
    role, channel = sys.argv[1], Channel(int(sys.argv[2]))
    own_session()
    if role == "zygote":
        load_kernel()
        channel.send({"ready": os.getpid()})
    if role != "keeper":
        channel = serve(channel)
    be_kernel(*keep(channel))


# --- warden and zygote --------------------------------------------------------------------------------------


def serve(channel: Channel) -> Channel:
    """Fork for whoever asks, until nobody can ask any more. Returns in a new keeper, with its own socket."""
    _libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    children = Children()
    own: set[int] = set()
    while True:
        ready = children.wait(channel.fd)
        own.difference_update(children.ended())
        if not ready:
            continue
        message, fds = channel.receive()
        if message is None:
            farewell(children)
        order = message["do"]
        if order in ("keep", "zygote"):
            pid = os.fork()
            if pid == 0:
                channel.close()
                children.forget()
                channel = Channel(fds[0])
                own_session()
                if order == "keep":
                    return channel
                _libc.prctl(_SUBREAPER, 1, 0, 0, 0)
                children, own = Children(), set()
                channel.send({"ready": os.getpid()})
                continue
            own.add(pid)
        elif order == "exec":
            own.add(run_program(message, fds[0], fds[1] if len(fds) > 1 else None))
        elif order == "load":
            channel.send(load_modules(message))
        elif order == "compile":
            for text in message["texts"]:
                compiled(text, "<sitegen>")
        elif order == "sweep":
            spared = own.union(message["spare"])
            kill_all(children, [pid for pid in child_pids(os.getpid()) if pid not in spared])
            channel.send({"swept": True})
        for fd in fds:
            os.close(fd)


def run_program(message: dict[str, Any], fd: int, log: int | None) -> int:
    """Run this program by another interpreter, or in another role; its process."""
    pid = os.fork()
    if pid == 0:
        try:
            signal.set_wakeup_fd(-1)
            os.chdir(message["cwd"])
            if log is not None:
                os.dup2(log, 1)
                os.dup2(log, 2)
            os.set_inheritable(fd, True)
            argv = [*message["argv"], os.path.abspath(__file__), message["role"], str(fd)]
            os.execve(argv[0], argv, message["env"])
        except OSError as error:
            Channel(fd).send({"failed": str(error)})
        finally:
            os._exit(127)
    return pid


def load_kernel() -> None:
    """Import what every kernel does."""
    for name in _LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    settle()


def settle() -> None:
    """Leave what is loaded where it is: a collection in a child would copy all of its memory."""
    gc.collect()
    gc.freeze()


def load_modules(message: dict[str, Any]) -> dict[str, Any]:
    warm = warm_module(message["warm"])
    try:
        report = warm.load(message["names"], message["root"])
    except BaseException:  # a module may raise what it likes; this zygote is then of no use
        return {"failed": traceback.format_exc()}
    settle()
    return {"report": report}


def warm_module(text: str | None = None) -> Any:
    """`warm.py`, once its text has come; None before."""
    module = sys.modules.get("_sitegen_kernel_warm")
    if module is None and text is not None:
        module = sys.modules["_sitegen_kernel_warm"] = types.ModuleType("_sitegen_kernel_warm")
        exec(compile(text, "_sitegen_kernel_warm", "exec"), module.__dict__)
    return module


def compiled(text: str, name: str) -> Any:
    """The code of a text; compiled once, before the kernel is forked where there is somebody to do it."""
    if text not in _codes:
        _codes[text] = compile(text, name, "exec")
    return _codes[text]


def farewell(children: Children) -> NoReturn:
    """End, when all below have had the time to do it themselves."""
    wait_for_end(children, _GRACE_S)
    kill_all(children)
    os._exit(0)


def wait_for_end(children: Children, limit_s: float) -> None:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        children.ended()
        if not has_children():
            return
        children.wait(timeout_s=max(0.0, until - time.monotonic()))


# --- keeper -------------------------------------------------------------------------------------------------


def keep(channel: Channel) -> tuple[dict[str, Any], list[int], int]:
    """Start a kernel and look after it until nothing of it is left. Returns in the kernel.

    Returns:
        The order to start it, its stdin, stdout and stderr, and where to write what goes wrong.
    """
    _libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    order, fds = channel.receive()
    if order is None:
        os._exit(0)
    warm = warm_module()
    reason = "" if warm is None else warm.refusal(order["cwd"])
    if reason:
        channel.send({"refused": reason})
        os._exit(0)
    children = Children()
    keeper = os.getpid()
    error_read, error_write = os.pipe2(os.O_CLOEXEC)
    try:
        kernel = os.fork()
    except OSError as error:
        channel.send({"failed": str(error)})
        os._exit(1)
    if kernel == 0:
        channel.close()
        children.forget()
        os.close(error_read)
        _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != keeper:
            os._exit(1)
        return order, fds, error_write
    for fd in (*fds, error_write):
        os.close(fd)
    watch(channel, children, kernel, error_read)
    os._exit(0)


def watch(channel: Channel, children: Children, kernel: int, errors: int) -> None:
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
            send_signal(kernel, message["number"])
    if code is not None:  # the page hears of it before the rest is gone
        channel.send({"exited": code})
    gone = kill_all(children)
    if code is None:
        channel.send({"exited": gone.get(kernel, -signal.SIGKILL)})


def send_signal(kernel: int, number: int) -> None:
    """To the kernel and what it has started in its group, as Jupyter does."""
    try:
        os.killpg(kernel, number)
    except OSError:
        with contextlib.suppress(OSError):
            os.kill(kernel, number)


# --- the end of processes -----------------------------------------------------------------------------------


def kill_all(children: Children, only: list[int] | None = None) -> dict[int, int]:
    """Kill what is below this process until nothing is left, whatever it does against it.

    Processes that lose their parent come to this one, so that in the end all are its children.

    Args:
        children: those of this process.
        only: these children, with all below them; None for all.

    Returns:
        How each child ended.
    """
    ended: dict[int, int] = {}
    until = time.monotonic() + _UNKILLABLE_S
    while time.monotonic() < until:
        ended.update(children.ended())
        roots = child_pids(os.getpid()) if only is None else [pid for pid in only if pid not in ended]
        if not roots:
            break
        stopped: set[int] = set()
        while True:  # none can start another while it is being looked for
            found = set(roots).union(*(below(pid) for pid in roots)) - stopped
            if not found:
                break
            for pid in found:
                kill(pid, signal.SIGSTOP)
            stopped |= found
        for pid in stopped:
            kill(pid, signal.SIGKILL)
        children.wait(timeout_s=0.02)
    return ended


def kill(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def has_children() -> bool:
    """Whether there are any, also ended ones that nobody has waited for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def below(pid: int) -> list[int]:
    """All processes below one."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        some = child_pids(waiting.pop())
        found += some
        waiting += some
    return found


def child_pids(pid: int) -> list[int]:
    """The children of a process, of all its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    except OSError:  # it is gone, or this kernel does not tell children
        if not os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children"):
            everybody = [int(name) for name in os.listdir("/proc") if name.isdigit()]
            return [each for each in everybody if parent_of(each) == pid]
    return found


def parent_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


# --- kernel -------------------------------------------------------------------------------------------------


def be_kernel(order: dict[str, Any], fds: list[int], errors: int) -> None:
    """Become what was ordered; what goes wrong before is written to `errors`."""
    try:
        own_session()
        surroundings(order, fds)
        if not order["is_ipykernel"]:
            os.execvpe(order["argv"][0], order["argv"], order["env"])
    except (OSError, ValueError) as error:
        os.write(errors, str(error).encode())
        os._exit(127)
    os.close(errors)
    run_ipykernel(order)


def own_session() -> None:
    """So that Ctrl-C in the terminal is not for this process."""
    with contextlib.suppress(PermissionError):  # it leads one already
        os.setsid()


def surroundings(order: dict[str, Any], fds: list[int]) -> None:
    """Working folder, environment, limits, descriptors, signals: as a process has them that was started for this alone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.chdir(order["cwd"])
    sys.stdout.flush()
    sys.stderr.flush()
    for target, fd in enumerate(fds[:3]):
        os.dup2(fd, target)
    for fd in fds:
        os.close(fd)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if order.get("cgroup"):
        with open(os.path.join(order["cgroup"], "cgroup.procs"), "w") as file:
            file.write("0")
    if order.get("address_space"):
        resource.setrlimit(resource.RLIMIT_AS, (order["address_space"],) * 2)
    with contextlib.suppress(OSError):  # when memory runs out, the kernel goes and not the build
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")


def run_ipykernel(order: dict[str, Any]) -> None:
    """As `python -m ipykernel_launcher` does, from where it has its arguments."""
    from ipykernel.kernelapp import IPKernelApp

    spec = importlib.util.find_spec("ipykernel_launcher")
    main_module = types.ModuleType("__main__")
    if spec is not None and spec.origin is not None:
        main_module.__file__, main_module.__spec__ = spec.origin, spec
    sys.modules["__main__"] = main_module
    sys.argv = [getattr(main_module, "__file__", "ipykernel_launcher"), *order["arguments"]]
    sys.orig_argv = list(order["argv"])
    globals()["__name__"] = (
        "sitegen.execution.kernel_side.boot"  # nobody takes its frames for those of a page
    )
    warm = warm_module()
    if warm is not None:
        warm.after_fork()
    gc.enable()
    app: Any = IPKernelApp.instance()
    app.parent_handle = 1  # it does not look for its parent: the system ends it with the keeper
    hook = order.get("hook")
    if hook:
        exec(compiled(hook["source"], "<sitegen>"), {"app": app, "compiled": compiled, **hook["values"]})
    app.initialize(order["arguments"])
    app.start()


def _returncode(status: int) -> int:
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    main()
