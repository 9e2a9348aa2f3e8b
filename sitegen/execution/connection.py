"""A kernel process and the line to it: start, execute, ask, notice its death at once, end.

nbclient executes the cells. Its own set-up of kernels is not used: it installs signal handlers, and pages
run in threads. Imported only when a cell must run, since it imports Jupyter.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from sitegen.execution import kernel_side
from sitegen.execution.collecting import Collector, Ears, OutputLimits
from sitegen.execution.keepers import KeptProcess
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.line import Line
from sitegen.execution.process_memory import ProcessTree
from sitegen.execution.processes import Processes
from sitegen.execution.provisioner import KeptProvisioner
from sitegen.values import dataclass

T = TypeVar("T")

START_S: Final = 60.0
"""For a kernel to answer; a cold disk and a busy machine need more than the usual second."""
ASK_S: Final = 60.0
"""For our own questions between the cells; they compute nothing."""
_INTERRUPT_S: Final = 5.0
"""After an interrupt, before the kernel is ended."""
_LEAVE_S: Final = 2.0
"""For functions that were registered for the kernel's exit: they remove folders and join processes."""
_CANCEL_S: Final = 0.05
"""Between two looks at whether somebody has cancelled; nobody tells us of that."""
_HERE: Final = '__import__("_sitegen_kernel")'
_log: Final = logging.getLogger("sitegen.execution")
# who wants to see what Jupyter says adds another; a failed start is told as SG304
_log.addHandler(logging.NullHandler())


class KernelDied(Exception):  # noqa: N818  (what happened, not an error of ours)
    """The kernel's process is gone."""


class TimedOut(Exception):  # noqa: N818
    """It did not come to its end in time; `interrupted` says whether the kernel can still be asked."""

    def __init__(self, *, interrupted: bool) -> None:
        super().__init__(interrupted)
        self.interrupted = interrupted


class Cancelled(Exception):  # noqa: N818
    """Somebody asked for the execution to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSettings:
    """What a kernel has to know of a cell beside its code."""

    fig_format: str
    fig_width: float | None
    """Inches."""
    fig_height: float | None
    limits: OutputLimits

    def as_metadata(self) -> dict[str, Any]:
        """What `kernel_side/session.py` reads, beside the request."""
        return {
            "figures": [self.fig_format, self.fig_width, self.fig_height],
            "limits": [self.limits.text_characters, self.limits.displays],
        }


class Kernel:
    """A running kernel, reached over sockets in a private folder."""

    def __init__(
        self,
        choice: KernelChoice,
        notebook: Any,
        folder: Path,
        *,
        processes: Processes,
        cancelled: threading.Event,
    ) -> None:
        self.choice = choice
        self.reply: Mapping[str, Any] = {}
        """The content of the last cell's reply."""
        self._cancelled = cancelled
        self._manager = _manager(choice, folder)
        self._line = Line(self._manager)
        self._collector = Collector(notebook, self._line)
        self._processes = processes
        self._provisioner: KeptProvisioner | None = None
        self._process: KeptProcess | None = None
        self._watch: asyncio.Task[int | None] | None = None
        self._returncode: int | None = None

    async def start(
        self, *, cwd: Path, env: Mapping[str, str], log: Path, settings: Mapping[str, Any]
    ) -> None:
        """Start the process and wait until it answers.

        Args:
            cwd: the folder that it runs in.
            env: all of its environment.
            log: what the process itself writes.
            settings: further fields of the `processes.Launch`.

        Raises:
            KernelDied, TimedOut, Cancelled, OSError, RuntimeError: it does not.
        """
        is_ipykernel = any("ipykernel" in part for part in self.choice.argv)
        # as jupyter_client would make it from a kernel.json, but without a search through all that is installed
        self._provisioner = self._manager.provisioner = KeptProvisioner(
            kernel_spec=self._manager.kernel_spec,
            parent=self._manager,
            processes=self._processes,
            settings=dict(settings),
            cancelled=self._cancelled,
        )
        with log.open("wb") as stream:
            await self._manager.start_kernel(
                cwd=str(cwd),
                env=dict(env),
                stdout=stream,
                stderr=stream,
                # kernels side by side would wait for each other's lock on the history file
                extra_arguments=["--HistoryManager.hist_file=:memory:"] if is_ipykernel else [],
            )
        self._process = self._provisioner.kept
        self._watch = asyncio.ensure_future(self._watch_process(self._provisioner))
        self._line.open()

    async def leave(self) -> None:
        """Let a Python kernel that has nothing to do end by itself, with what its code registered for that; not for long."""
        if self.is_python:
            with contextlib.suppress(KernelDied, TimedOut):
                await self.ask(f"{_HERE}.session.leave()", timeout_s=_LEAVE_S)

    async def end(self) -> None:
        """Kill the process with all that it has started, and close the sockets."""
        if self._watch is not None:
            self._watch.cancel()
        self._line.close()
        if self._provisioner is not None and self._provisioner.has_process:
            await self._provisioner.kill()
            self._returncode = await self._provisioner.wait()
        await self._manager.cleanup_resources()

    @property
    def returncode(self) -> int | None:
        """Of a process that is gone."""
        return self._returncode

    @property
    def process(self) -> KeptProcess | None:
        """The process, once it was started, also when it is gone; None also where processes have no keeper."""
        return self._process

    @property
    def pid(self) -> int:
        """Of the kernel's process."""
        assert self._provisioner is not None  # noqa: S101  (started)
        return int(self._provisioner.pid or 0)

    @property
    def tree(self) -> ProcessTree:
        """The process and all below it; below its keeper, where it has one."""
        kept = self.process
        return ProcessTree(self.pid) if kept is None else ProcessTree(kept.keeper_pid, counts_root=False)

    @property
    def is_python(self) -> bool:
        """Whether our side of the kernel (`kernel_side/`) is there."""
        return self.choice.language == "python"

    async def prepare(self, root: Path, lab: Path, seed: int | None, timeout_s: float) -> str:
        """Wait until the kernel answers, and put our side into a Python kernel; what went wrong, or nothing.

        Args:
            root: the site's folder.
            lab: the folder with the copy of `lab.py`.
            seed: the page's.
            timeout_s: for all of it.

        Raises:
            KernelDied, TimedOut, Cancelled: it does not answer.
        """
        return await self.guarded(self._prepared(kernel_side.start_source(root, lab, seed)), timeout_s)

    async def execute(
        self, node: Any, number: int, timeout_s: float, *, options: CellSettings, ears: Ears
    ) -> None:
        """Run a cell; its outputs go into `node`, the reply's content into `reply`.

        Args:
            node: the cell in the notebook.
            number: its place there, from 0.
            timeout_s: then it is interrupted.
            options: how its figures are drawn and how much it may print.
            ears: who is told of its outputs as they come.

        Raises:
            KernelDied, TimedOut, Cancelled: and the kernel is of no more use, but see `TimedOut`.
        """
        self.reply = {}
        if not node.source.strip():
            return
        limits = options.limits
        self._collector.begin(node, number, limits.beyond() if self.is_python else limits, ears)
        request = self._line.request(
            "execute_request",
            _request(node.source, silent=False),
            metadata={"sitegen": options.as_metadata()} if self.is_python else {},
            receive=self._collector.receive,
        )
        await self.guarded(self._keep_reply(request), timeout_s, interrupt=True)

    async def _keep_reply(self, request: Coroutine[Any, Any, dict[str, Any]]) -> None:
        self.reply = await request  # also that to an interrupt, after the time is over

    async def ask(
        self, code: str, expressions: Mapping[str, str] | None = None, *, timeout_s: float = ASK_S
    ) -> dict[str, Any]:
        """Run code of our own, without a trace in the page's history; the reply's content."""
        return await self.guarded(
            self._line.request("execute_request", _request(code, expressions, silent=True)), timeout_s
        )

    async def hear(self, call: str) -> Any:
        """What a function of `kernel_side/`, named with its module, gives, which is JSON; None where it cannot be asked."""
        if not self.is_python:
            return None
        reply = await self.ask("", {"it": f"{_HERE}.session.Value({_HERE}.{call})"})
        answer = reply.get("user_expressions", {}).get("it", {})
        text = answer.get("data", {}).get("text/plain")
        return None if text is None else json.loads(text)

    async def evaluate(self, expressions: Mapping[str, str], timeout_s: float) -> dict[str, Any]:
        """What expressions give, as replies of `user_expressions`, by the same names."""
        wrapped = {
            name: f"{_HERE}.session.Value((\n{code}\n))" if self.is_python else code
            for name, code in expressions.items()
        }
        reply = await self.ask("", wrapped, timeout_s=timeout_s)
        return dict(reply.get("user_expressions", {}))

    def widgets(self) -> object:
        """The state of all ipywidgets of the page so far; None where there are none."""
        return self._collector.widgets()

    async def guarded(self, work: Coroutine[Any, Any, T], timeout_s: float, *, interrupt: bool = False) -> T:
        """The result of `work`, as long as the kernel lives, nobody cancels and the time is not over."""
        assert self._watch is not None  # noqa: S101  (started)
        task = asyncio.ensure_future(work)
        either = {task, self._watch}
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        is_late = False
        if interrupt and not self._watch.done():
            await self._manager.interrupt_kernel()
            await asyncio.wait(either, timeout=_INTERRUPT_S, return_when=asyncio.FIRST_COMPLETED)
            if task.done() and not self._watch.done():
                raise TimedOut(interrupted=True)
            is_late = True
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if self._cancelled.is_set():
            raise Cancelled
        if self._watch.done() and not is_late:  # else it was the interrupt that it has died of
            raise KernelDied
        raise TimedOut(interrupted=False)

    async def _watch_process(self, provisioner: KeptProvisioner) -> int | None:
        """Comes to its end when the process is gone or the execution is cancelled."""
        end = asyncio.ensure_future(provisioner.ended())
        try:
            while not end.done() and not self._cancelled.is_set():
                await asyncio.wait([end], timeout=_CANCEL_S)
            self._returncode = end.result() if end.done() else None
        finally:
            end.cancel()
        return self._returncode

    async def _prepared(self, start: str) -> str:
        reason = ""
        if self.is_python:
            reply = await self._line.request("execute_request", _request(start, silent=True))
            # it was not started by us
            if reply["status"] != "ok" and reply.get("ename") == "ModuleNotFoundError":
                source = kernel_side.load_source() + start
                reply = await self._line.request("execute_request", _request(source, silent=True))
            if reply["status"] != "ok":
                reason = f"{reply.get('ename')}: {reply.get('evalue')}"
        await self._line.ready()
        return reason


def _request(code: str, expressions: Mapping[str, str] | None = None, *, silent: bool) -> dict[str, Any]:
    return {
        "code": code,
        "silent": silent,
        "store_history": not silent,
        "user_expressions": dict(expressions or {}),
        "allow_stdin": False,
        "stop_on_error": False,
    }


class _OneKernel(KernelSpecManager):
    """Gives the kernel that was chosen without Jupyter, whatever name it is asked for."""

    def __init__(self, choice: KernelChoice) -> None:
        super().__init__()
        self._choice = choice

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=list(self._choice.argv),
            env=dict(self._choice.env),
            display_name=kernel_name,
            language=self._choice.language,
        )


def _manager(choice: KernelChoice, folder: Path) -> AsyncKernelManager:
    # sockets of the file system, which no other user can open; Windows has only TCP
    address = {} if os.name == "nt" else {"transport": "ipc", "ip": str(folder / "k")}
    return AsyncKernelManager(
        kernel_name=choice.name,
        kernel_spec_manager=_OneKernel(choice),
        **address,
        connection_file=str(folder / "k.json"),
        log=_log,
    )
