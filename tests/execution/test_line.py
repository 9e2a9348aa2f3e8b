"""The line to a kernel: nothing is lost at its start, and nobody else can take it."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sitegen.content.executed import StreamOutput
from sitegen.execution.backends import LocalBackend
from sitegen.execution.line import Line

pytestmark = pytest.mark.kernel

LOOKS = """
import os, psutil, stat
from ipykernel.connect import get_connection_file
folder = os.path.dirname(get_connection_file())
print(oct(stat.S_IMODE(os.stat(folder).st_mode) & 0o777), len(folder), flush=True)
print([c.laddr for c in psutil.Process().net_connections("inet")], flush=True)
pid = os.fork()
if pid == 0:
    print("from a forked process", flush=True)
    os._exit(0)
os.waitpid(pid, 0)
import time
time.sleep(0.3)  # what it printed comes by another way than what the kernel says
"""


def _text(run: Any, cell: int = 0) -> str:
    return "".join(output.text for output in run.cells[cell].outputs if isinstance(output, StreamOutput))


def test_first_output_is_never_lost(site: Any) -> None:
    """A cell that prints at once is heard, in each of twenty kernels that start side by side."""
    jobs = [site.job(site.page(f"page-{number}", f"print({number})")) for number in range(20)]
    runs = {run.page: run for run in LocalBackend(site.config, workers=8).run(jobs)}
    assert {page: _text(run) for page, run in runs.items()} == {
        f"/page-{number}": f"{number}\n" for number in range(20)
    }


@pytest.mark.skipif(os.name == "nt", reason="sockets of the file system")
def test_kernel_opens_no_port(site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets are files in a folder that only we can enter, also where the temporary folder's path is too long for them."""
    long = tmp_path / ("long-" * 20)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr("tempfile.tempdir", str(long))
    (run,) = LocalBackend(site.config).run([site.job(site.page("looks", LOOKS))])
    mode, connections, *printed = _text(run).splitlines()
    assert mode.split()[0] == "0o700"
    assert int(mode.split()[1]) < 100
    assert connections == "[]"
    assert printed == ["from a forked process"]
    assert list(long.glob("sg-*")) == []


def test_kernel_that_was_sent_our_side_late_is_the_same(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that did not begin with our modules gets them with its first request, and cuts as any other."""
    monkeypatch.setattr("sitegen.execution.kernels.boot_hook", lambda: None)
    cell = ("import os\nprint('x' * 5000)\nos.system('echo y')", {"output_limit_bytes": 1000})
    (run,) = LocalBackend(site.config).run([site.job(site.page("late", cell, "print('next')"))])
    assert _text(run).startswith("x" * 1000 + "\n[left out here: 4 kB more")
    assert _text(run, 1) == "next\n"
    assert "SG326" in [diagnostic.code for diagnostic in run.diagnostics]


def test_folder_of_sockets_is_ours_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A temporary folder that cannot be used at all is passed over."""
    from sitegen.execution.private_folders import private_folder, remove_private_folder

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    folder = private_folder()
    mode = stat.S_IMODE(folder.stat().st_mode)
    remove_private_folder(folder)
    assert mode == 0o700
    assert f"sg-{os.getpid()}-" in folder.name


class _Socket:
    """A socket on which messages are put by hand."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.coming: asyncio.Queue[Any] = asyncio.Queue()

    async def send_multipart(self, frames: Any) -> None:
        await self.sent.put(frames)

    async def recv_multipart(self) -> Any:
        return await self.coming.get()

    def close(self, linger: int) -> None:
        assert linger == 0


@pytest.mark.parametrize("is_reply_first", [True, False])
def test_what_fails_on_an_output_is_raised_where_the_cell_waits(is_reply_first: bool, awaited: Any) -> None:
    """Whichever of reply and output comes first: a bug of ours must not lose outputs, and the line goes on."""
    from jupyter_client.session import Session

    async def talk() -> list[Any]:
        session, shell, iopub = Session(key=b"k"), _Socket(), _Socket()
        manager: Any = SimpleNamespace(
            session=session,
            context=SimpleNamespace(),
            connect_shell=lambda **_: shell,
            connect_iopub=lambda: iopub,
        )
        line = Line(manager)
        line.open()

        async def answer() -> None:
            _, frames = session.feed_identities(await shell.sent.get())
            header = session.deserialize(frames)["header"]
            reply = session.serialize(session.msg("execute_reply", {"status": "ok"}, parent=header))
            idle = session.serialize(session.msg("status", {"execution_state": "idle"}, parent=header))
            messages = [(shell, reply), (iopub, idle)]
            for socket, message in messages if is_reply_first else reversed(messages):
                await socket.coming.put(message)
                for _ in range(10):
                    await asyncio.sleep(0)

        def fail(message: dict[str, Any]) -> None:
            raise ZeroDivisionError(message["msg_type"])

        heard: list[Any] = []
        outcomes: list[Any] = []
        for receive in (fail, heard.append):
            asked = asyncio.ensure_future(line.request("execute_request", {}, receive=receive))
            await answer()
            outcomes += await asyncio.gather(asked, return_exceptions=True)
        line.close()
        return [*outcomes, *heard]

    failed, reply, status = awaited(asyncio.wait_for(talk(), 60))
    assert isinstance(failed, ZeroDivisionError)
    assert (reply, status["msg_type"]) == ({"status": "ok"}, "status")
