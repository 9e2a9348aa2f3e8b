"""The kernel provisioner that jupyter_client finds under the name `sitegen`: kernels that leave nothing behind.

In a `kernel.json`: `"metadata": {"kernel_provisioner": {"provisioner_name": "sitegen"}}`. On Linux a kernel then has a keeper (see
`execution/processes.py`); elsewhere it is a local process as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait

from sitegen.execution.keepers import KEEPER_S, KeptProcess
from sitegen.execution.processes import IS_SUPPORTED, Launch, Processes

_LOOK_S: Final = 0.05
"""Between two looks at a process that tells nobody of its end."""


class KeptProvisioner(LocalProvisioner):
    """Starts a kernel below a keeper, and ends all that it has started with it."""

    processes: Any = AnyTrait(None, allow_none=True)
    """Who starts it, `Processes`; without one it has its own, for this kernel."""
    settings: Any = AnyTrait(None, allow_none=True)
    """More fields of the `Launch`, by name."""
    cancelled: Any = AnyTrait(None, allow_none=True)
    """An event that ends the start."""

    kept: KeptProcess | None = None
    """The kernel's process, once it was started."""
    _own: Processes | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is something to end."""
        return self.kept is not None or super().has_process

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the process; where to find it."""
        if not IS_SUPPORTED:
            return await super().launch_kernel(cmd, **kwargs)
        processes = self.processes
        if processes is None:
            processes = self._own = self._own or Processes()
        cwd = Path(kwargs.get("cwd") or Path.cwd())
        with contextlib.ExitStack() as opened:
            settings: Mapping[str, Any] = self.settings or {}
            launch = Launch(
                argv=tuple(cmd),
                cwd=cwd,
                env=kwargs.get("env", dict(os.environ)),
                stdout=_descriptor(kwargs.get("stdout"), 1, opened),
                stderr=_descriptor(kwargs.get("stderr"), 2, opened),
                **settings,
            )
            kept = await asyncio.to_thread(processes.start, launch, self.cancelled or threading.Event())
        self.kept = kept
        self.pid = self.pgid = kept.pid
        self.cwd = cwd
        return self.connection_info

    async def ended(self) -> int | None:
        """The code with which the process has come to its end, the moment it has."""
        if self.kept is not None:
            return await asyncio.wrap_future(self.kept.exited)
        while (code := await self.poll()) is None:
            await asyncio.sleep(_LOOK_S)
        return code

    async def poll(self) -> int | None:
        """The process's code; None while it runs."""
        return self.kept.returncode if self.kept is not None else await super().poll()

    async def wait(self) -> int | None:
        """The process's code, once nothing of it is left."""
        if self.kept is None:
            return await super().wait()
        kept = self.kept
        await asyncio.wrap_future(kept.gone)
        self.kept = None
        return kept.returncode

    async def send_signal(self, signum: int) -> None:
        """To the kernel and what it has started in its group."""
        if self.kept is None:
            await super().send_signal(signum)
        elif signum == signal.SIGKILL:
            self.kept.kill()
        else:
            self.kept.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all below it; returns when it is gone."""
        if self.kept is None:
            await super().kill(restart)
            return
        self.kept.kill()
        gone = asyncio.wrap_future(self.kept.gone)
        await asyncio.wait([gone], timeout=KEEPER_S)
        if not gone.done():
            self.kept.give_up()
        await gone

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        if self.kept is None:
            await super().terminate(restart)
        else:
            self.kept.signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Leave nothing."""
        await super().cleanup(restart)
        if self._own is not None and not restart:
            await asyncio.to_thread(self._own.close)
            self._own = None


def _descriptor(stream: Any, inherited: int, opened: contextlib.ExitStack) -> int:
    """Of what `subprocess` takes for a stream; nobody reads our pipes, so they are the null device."""
    if stream is None:
        return inherited
    if isinstance(stream, int) and stream >= 0:
        return stream
    if stream in (subprocess.PIPE, subprocess.DEVNULL):
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        opened.callback(os.close, null)
        return null
    return int(stream.fileno())
