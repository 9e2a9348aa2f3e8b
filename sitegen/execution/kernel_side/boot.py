"""A program of its own: starts kernels, keeps them, and leaves nothing of them. Run by path, never imported by a build.

`python boot.py ROLE FD`: FD is a socket to the one who gives orders (`execution/processes.py`). Roles:

- `warden`: starts the programs below. What loses its parent comes to it.
- `zygote`: has imported what a kernel needs, and modules of pages, and never used them. Forks keepers and zygotes.
- `keeper`: the parent of one kernel, which it forks from itself. When its socket closes it ends all below itself.

A keeper or zygote that is forked goes on in this same program. The kernel comes out at the bottom of its stack, and ends as any
program does. Its parts are `keeping.py` and `becoming.py`; all of it needs only the standard library and Python 3.9, since the
kernel's own interpreter runs it, and none of it may be found by a page's `import`.
"""

from __future__ import annotations

import sys

_FOLDER = __file__.rpartition("/")[0]
if sys.path and sys.path[0] == _FOLDER:  # not so with `-I` and `-P`
    del sys.path[0]

import gc  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import time  # noqa: E402
import types  # noqa: E402
from typing import TYPE_CHECKING, Any, NoReturn  # noqa: E402

_GRACE_S = 3.0
"""For keepers to end what is theirs, after all sockets have closed at once."""


def _part(name: str) -> Any:
    """A part of this program, from its bytecode where there is some; it does not come into `sys.modules`."""
    spec = importlib.util.spec_from_file_location(f"_sitegen_kernel_{name}", f"{_FOLDER}/{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from sitegen.execution.kernel_side import becoming, keeping
else:
    keeping, becoming = _part("keeping"), _part("becoming")


def main() -> None:
    """Play the role."""
    role, channel = sys.argv[1], keeping.Channel(int(sys.argv[2]))
    keeping.own_session()
    if role == "zygote":
        gc.disable()  # until it is settled: nothing is freed, and looking for it would take a fifth of the time of an import
        becoming.import_kernels_own()
        _settle()
        _say_ready(channel)
    if role != "keeper":
        channel = _serve(channel)
    order = keeping.keep(channel, _refusal)
    # whoever looks at the stack of a page's code takes these frames for ours
    globals()["__name__"] = "sitegen.execution.kernel_side.boot"
    becoming.be_kernel(*order)


def _serve(channel: keeping.Channel) -> keeping.Channel:
    """Fork for whoever asks, until nobody can ask any more. Returns in a new keeper, with its own channel."""
    keeping.adopt()
    children, own = keeping.Children(), set[int]()
    while True:
        ready = children.wait(channel.fd)
        own.difference_update(children.ended())
        if not ready:
            continue
        message, fds = channel.receive()
        if message is None:
            _farewell(children)
        order = message["do"]
        if order in ("keep", "zygote"):
            pid = _fork(fds[0])
            if pid == 0:
                channel.close()
                children.forget()
                channel = keeping.Channel(fds[0])
                keeping.own_session()
                if order == "keep":
                    return channel
                keeping.adopt()
                children, own = keeping.Children(), set()
                _say_ready(channel)
                continue
            own.add(pid)
        elif order == "program":
            own.add(_run_program(message, *fds))
        elif order == "load":
            channel.send(_load(message))
        elif order == "settle":
            _settle()
        elif order == "compile":
            for name, text in message["texts"].items():
                becoming.compiled(text, name)
        elif order == "sweep":
            own.discard(message["keeper"])
            # the keeper too: what it had comes here once it is dead
            children.end(frozenset(own.union(message["spare"])))
            channel.send({"swept": True})
        for fd in fds:
            os.close(fd)


def _say_ready(channel: keeping.Channel) -> None:
    channel.send({"ready": os.getpid()})


def _fork(fd: int) -> int:
    """As `os.fork`; -1 where there can be no more processes, of which the one at the other end of `fd` is told."""
    try:
        return os.fork()
    except OSError as error:
        channel = keeping.Channel(fd)
        channel.send({"failed": str(error)})
        channel.leave()
        return -1


def _run_program(message: dict[str, Any], fd: int, log: int) -> int:
    """Run this program in another role, by the interpreter that it is for; its process."""
    pid = _fork(fd)
    if pid == 0:
        try:
            becoming.restore_signals()
            os.chdir(message["cwd"])
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.set_inheritable(fd, True)
            argv = [*message["argv"], __file__, message["role"], str(fd)]
            os.execve(argv[0], argv, message["env"])  # noqa: S606
        except OSError as error:
            keeping.Channel(fd).send({"failed": str(error)})
        finally:
            os._exit(127)
    return pid


def _load(message: dict[str, Any]) -> dict[str, Any]:
    """Load modules of pages; what `warm.load` reports."""
    warm: Any = sys.modules.get("_sitegen_warm")
    if warm is None:
        warm = sys.modules["_sitegen_warm"] = types.ModuleType("_sitegen_warm")
        exec(compile(message["warm"], "_sitegen_warm", "exec"), warm.__dict__)  # noqa: S102  (our own)
    gc.disable()  # until it is settled
    report: dict[str, Any] = warm.load(message["names"], message["root"], message["unsafe"])
    return report


def _refusal(cwd: str) -> str | None:
    warm: Any = sys.modules.get("_sitegen_warm")
    reason: str | None = None if warm is None else warm.refusal(cwd)
    return reason


def _settle() -> None:
    """Leave what is loaded where it is, also the little that is no longer used: a collection in a child would copy all of its memory."""
    gc.freeze()
    gc.enable()


def _farewell(children: keeping.Children) -> NoReturn:
    """End, when all below have had the time to do it themselves."""
    until = time.monotonic() + _GRACE_S
    while keeping.child_pids(os.getpid()) and time.monotonic() < until:
        children.ended()
        children.wait(timeout_s=0.02)
    children.end()
    os._exit(0)


if __name__ == "__main__":
    main()
