"""The provisioner as jupyter_client meets it: from a kernel.json, by its entry point; and what a kernel of it finds."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from sitegen.execution.processes import IS_SUPPORTED, Processes
from sitegen.execution.provisioner import KeptProvisioner

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not IS_SUPPORTED, reason="keepers are for Linux"),
    # jupyter_client leaves the factory's own event loop behind where none runs
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
]

WAIT_S = 60.0
STATE = """
import gc, json, os, signal, sys, threading, warnings
import __main__
mask = os.umask(0)
os.umask(mask)
print(json.dumps({
    "modules": sorted(sys.modules),
    "path": sys.path,
    "argv": sys.argv[:-1],
    "orig_argv": sys.orig_argv[:-1],
    "main": sorted(vars(__main__)),
    "flags": str(sys.flags),
    "cwd": os.getcwd(),
    "environ": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"},
    "umask": mask,
    "signals": {each.name: str(signal.getsignal(each)).split(" at ")[0] for each in signal.Signals},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "session": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
    "gc": [gc.isenabled(), gc.get_threshold()],
    "recursion": sys.getrecursionlimit(),
    "finders": [type(each).__name__ for each in sys.meta_path],
    "filters": repr(warnings.filters),
    "limits": open("/proc/self/limits").read(),
    "streams": [repr(sys.stdin), repr(sys.__stdout__), repr(sys.__stderr__)],
    "threads": len(threading.enumerate()),
}))
"""


@asynccontextmanager
async def started(manager: AsyncKernelManager, folder: Path) -> AsyncIterator[AsyncKernelClient]:
    """A client of a kernel that answers; the kernel is killed in the end, if it is there."""
    with (folder / "log").open("wb") as log:
        env = {**os.environ, "PYTHONHASHSEED": "0"}
        await manager.start_kernel(cwd=str(folder), env=env, stdout=log, stderr=log)
        client: AsyncKernelClient = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=WAIT_S)
            yield client
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)


async def printed(client: AsyncKernelClient, code: str) -> str:
    """What code prints; its error's name, if it raises."""
    texts: list[str] = []

    def take(message: Mapping[str, Any]) -> None:
        texts.append(message["content"].get("text", ""))

    reply = await client.execute_interactive(code, output_hook=take, timeout=WAIT_S)
    return str(reply["content"].get("ename", "")) + "".join(texts)


def manager_in(folder: Path, **fields: Any) -> AsyncKernelManager:
    """With sockets in a folder."""
    return AsyncKernelManager(
        transport="ipc", ip=str(folder / "k"), connection_file=str(folder / "k.json"), **fields
    )


def is_alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def specs(tmp_path: Path) -> KernelSpecManager:
    """A folder of kernel specs with one that names the provisioner."""
    folder = tmp_path / "kernels" / "kept"
    folder.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Kept",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": "sitegen"}},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])


def test_jupyter_finds_it_by_its_name() -> None:
    """The installed entry point leads to the class."""
    entries = KernelProvisionerFactory.instance().get_provisioner_entries()
    assert entries["sitegen"] == "sitegen.execution.provisioner:KeptProvisioner"


def test_life_of_a_kernel_under_plain_jupyter(specs: KernelSpecManager, tmp_path: Path, awaited: Any) -> None:
    """Start, execute, interrupt, restart, shut down: as with any other kernel, and nothing is left."""

    async def live() -> list[int]:
        manager = manager_in(tmp_path, kernel_name="kept", kernel_spec_manager=specs)
        pids: list[int] = []
        async with started(manager, tmp_path) as client:
            assert isinstance(manager.provisioner, KeptProvisioner)
            sleeper = "import os, subprocess; print(os.getpid(), subprocess.Popen(['sleep', '1000']).pid)"
            pids += map(int, (await printed(client, sleeper)).split())
            begun = tmp_path / "begun"
            looping = f"open({str(begun)!r}, 'w').close()\nwhile True: pass"
            waiting = asyncio.ensure_future(printed(client, looping))
            while not begun.exists():
                await asyncio.sleep(0.01)
            await manager.interrupt_kernel()
            assert (await waiting).startswith("KeyboardInterrupt")
            await manager.restart_kernel(now=True)
            await client.wait_for_ready(timeout=WAIT_S)
            assert not any(map(is_alive, pids))
            pids.append(int(await printed(client, "import os; print(os.getpid())")))
            assert await manager.is_alive()
            await manager.shutdown_kernel()
            assert not await manager.is_alive()
        return pids

    pids = awaited(live())
    assert len(set(pids)) == 3
    assert not any(map(is_alive, pids))


def test_end_of_a_kernel_is_known_at_once(tmp_path: Path, awaited: Any) -> None:
    """`ended` and `wait` come back with the code of the process."""

    async def live() -> tuple[int | None, int | None, int | None]:
        with Processes() as processes:
            manager = manager_in(tmp_path)
            provisioner = KeptProvisioner(
                kernel_spec=manager.kernel_spec, parent=manager, processes=processes
            )
            manager.provisioner = provisioner
            async with started(manager, tmp_path) as client:
                client.execute("import os; os._exit(7)")
                ended = await asyncio.wait_for(provisioner.ended(), WAIT_S)
                polled = await provisioner.poll()
                return ended, polled, await provisioner.wait()

    assert awaited(live()) == (7, 7, 7)


def test_signals_end_a_kernel(tmp_path: Path, awaited: Any) -> None:
    """`terminate` asks, `send_signal` with the signal that cannot be ignored ends all."""

    async def live() -> list[int | None]:
        codes = []
        with Processes() as processes:
            for number in range(3):
                manager = manager_in(tmp_path)
                provisioner = KeptProvisioner(
                    kernel_spec=manager.kernel_spec,
                    parent=manager,
                    processes=processes,
                    settings={"modules": ()},
                )
                manager.provisioner = provisioner
                async with started(manager, tmp_path):
                    ends = (
                        provisioner.terminate(),
                        provisioner.send_signal(signal.SIGKILL),
                        provisioner.kill(),
                    )
                    for other, end in enumerate(ends):
                        if other == number:
                            await end
                        end.close()
                    codes.append(await asyncio.wait_for(provisioner.wait(), WAIT_S))
                    assert not provisioner.has_process
        return codes

    assert awaited(live()) == [-signal.SIGTERM, -signal.SIGKILL, -signal.SIGKILL]


def test_kernel_finds_what_it_would_in_a_process_of_its_own(tmp_path: Path, awaited: Any) -> None:
    """Cold or forked: modules, import path, arguments, environment, signals and limits are those of `python -m ipykernel_launcher`."""

    async def live() -> list[dict[str, Any]]:
        states = []
        folder = tmp_path / "page"
        folder.mkdir()
        with Processes() as processes:
            for settings in (None, {"modules": None}, {"modules": ()}):
                manager = manager_in(folder)
                made = (
                    LocalProvisioner(kernel_spec=manager.kernel_spec, parent=manager)
                    if settings is None
                    else KeptProvisioner(
                        kernel_spec=manager.kernel_spec,
                        parent=manager,
                        processes=processes,
                        settings=settings,
                    )
                )
                manager.provisioner = made
                async with started(manager, folder) as client:
                    states.append(json.loads(await printed(client, STATE)))
        return states

    stock, cold, forked = awaited(live())
    stock["threads"] -= 1  # it looks for its parent
    assert cold == {**stock, "modules": cold["modules"]}
    assert forked == {**stock, "modules": forked["modules"]}
    poller = {"psutil", "pwd", "resource"}
    for state in (cold, forked):
        different = set(state["modules"]).symmetric_difference(stock["modules"])
        assert {name.partition(".")[0] for name in different} <= poller
