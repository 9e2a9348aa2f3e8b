"""`sitegen serve` as a process: a page is saved, the browser is told, the new text is there."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
from websockets.sync.client import ClientConnection, connect

DEADLINE_S = 60
CONFIG = 'baseURL = "https://example.org/"\ntitle = "Preview"\n'
WriteSite = Callable[[dict[str, str]], Path]


@dataclass(kw_only=True)
class Served:
    """A running `sitegen serve`."""

    process: subprocess.Popen[str]
    url: str
    socket: ClientConnection
    log: list[str] = field(default_factory=list)

    def wait_for(self, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """The next status that is as wanted."""
        while True:
            status: dict[str, str] = json.loads(self.socket.recv(timeout=DEADLINE_S))
            if wanted(status):
                return status

    def get(self, path: str) -> str:
        """A page's text."""
        with urlopen(self.url + path, timeout=DEADLINE_S) as response:
            return str(response.read().decode())


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Starts the command on a site and waits until it listens; ends it with the test."""
    with contextlib.ExitStack() as stack:

        def start(root: Path, *arguments: str) -> Served:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "sitegen", "serve", "-s", str(root), "--port", "0", *arguments],
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.terminate)
            assert process.stderr is not None
            url = _address(process.stderr)
            log: list[str] = []
            reader = threading.Thread(target=log.extend, args=(process.stderr,))
            reader.start()
            stack.callback(reader.join)
            stack.callback(process.terminate)
            socket = stack.enter_context(connect(url.replace("http", "ws", 1) + "-/sitegen/live"))
            return Served(process=process, url=url, socket=socket, log=log)

        yield start


def _address(lines: Iterable[str]) -> str:
    """The address in the line that says where the preview is; everything printed where there is none."""
    before = []
    for line in lines:
        if line.startswith("serving "):
            return line.split()[1]
        before.append(line)
    raise AssertionError("".join(before))


def test_save_is_seen_and_an_error_survived(serve: Callable[..., Served], write_site: WriteSite) -> None:
    """A page changes, breaks and is mended: new text, overlay over the last good text, new text."""
    root = write_site({"sitegen.toml": CONFIG, "content/a.md": "+++\ntitle = 'A'\n+++\nfirst text\n"})
    page = root / "content/a.md"
    served = serve(root)

    first = served.wait_for(lambda status: status["site"] != "")
    assert "first text" in served.get("a/")

    page.write_text("+++\ntitle = 'A'\n+++\nsecond text\n", encoding="utf-8")
    second = served.wait_for(lambda status: status["site"] != first["site"])
    assert "second text" in served.get("a/")

    page.write_text("+++\ntitle = \n+++\nthird text\n", encoding="utf-8")
    broken = served.wait_for(lambda status: status["problems"] != "")
    assert broken["site"] == second["site"]
    assert "content/a.md:2" in broken["problems"]
    assert "second text" in served.get("a/")

    page.write_text("+++\ntitle = 'A'\n+++\nfourth text\n", encoding="utf-8")
    served.wait_for(lambda status: status["site"] != second["site"] and status["problems"] == "")
    assert "fourth text" in served.get("a/")
    assert not (root / "public").exists()


def test_broken_configuration_is_shown_until_it_is_mended(
    serve: Callable[..., Served], write_site: WriteSite
) -> None:
    """Where not even the first build can start, the server does, and says why."""
    root = write_site({"sitegen.toml": "title = \n", "content/a.md": "text\n"})
    served = serve(root)

    broken = served.wait_for(lambda status: status["problems"] != "")
    (root / "sitegen.toml").write_text(CONFIG, encoding="utf-8")
    served.wait_for(lambda status: status["site"] != "")

    assert "SG101" in broken["problems"]
    assert "text" in served.get("a/")


def test_interrupt_ends_the_command(serve: Callable[..., Served], write_site: WriteSite) -> None:
    """Ctrl-C is how a preview ends: exit code 0, open tabs or not."""
    root = write_site({"sitegen.toml": CONFIG, "content/a.md": "text\n"})
    served = serve(root)
    served.wait_for(lambda status: status["site"] != "")

    served.process.send_signal(signal.SIGINT)

    assert served.process.wait(DEADLINE_S) == 0


@pytest.mark.kernel
def test_saving_a_page_cancels_its_execution(serve: Callable[..., Served], write_site: WriteSite) -> None:
    """A cell that never ends is ended by saving its page without it."""
    front = "+++\ntitle = 'A'\n+++\n"
    root = write_site(
        {"sitegen.toml": CONFIG, "content/a.md": front + "```{python}\nwhile True: pass\n```\n"}
    )
    served = serve(root)
    served.wait_for(lambda status: "cell 1/1" in status["activity"])

    (root / "content/a.md").write_text(front + "```{python}\nprint(6 * 7)\n```\n", encoding="utf-8")
    status = served.wait_for(lambda status: status["site"] != "")

    assert status["problems"] == ""
    assert "42" in served.get("a/")
