"""Eight pages in flight while everything goes wrong: each failure has one message, everything else is right, nothing is left."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
import pytest

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="keepers and zygotes are there on Linux only"),
]

FRONT: Final = "+++\ntitle = '{title}'\n[execute]\nenabled = true\n{execute}\n+++\n\n```python\n{code}\n```\n"
"""The code begins on line 9."""
WAIT_S: Final = 120.0
NAMES: Final = ("endless", "forks", "good", "huge", "kept", "killed", "last", "later", "memory", "other")
"""Ten pages, so that two wait while eight are in flight."""
BEGINS: Final = """import os
open("{here}/{name}.tmp", "w").write(str(os.getpid()))
os.rename("{here}/{name}.tmp", "{here}/{name}")"""
WAITS: Final = """import time
while not os.path.exists("{here}/go-{name}"): time.sleep(0.02)"""
FIRST: Final = "print('result of {name} is', 6 * 7)"
SECOND: Final = "print('result of {name} is', 6 * 7 + 1)"
STAYS: Final = "import time; time.sleep(600)"
STUBBORN: Final = """import signal, subprocess, sys, time
code = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15)]; time.sleep(600)"
for more in ({}, {"start_new_session": True}): subprocess.Popen([sys.executable, "-c", code], **more)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: exec(code)
    os._exit(0)"""
"""Processes that ignore signals, lead sessions of their own and lose their parent."""
HUNGRY: Final = """import subprocess, sys
code = "x = bytearray(900_000_000); input()"
subprocess.run([sys.executable, "-c", code], stdin=subprocess.PIPE)"""


@dataclass(slots=True)
class Storm:
    """A site below a short path of its own, whose pages tell where they are, and the builds of it."""

    root: Path
    here: Path
    """Where pages put their process's number, and look whether they may go on."""
    temporary: Path
    """The temporary folder of a build and of all that it starts: by this its processes are known."""
    pages: dict[str, str] = field(default_factory=dict)

    def page(self, name: str, *code: str, execute: str = "") -> None:
        """Write the page; `{here}` and `{name}` stand for themselves in the code."""
        text = "\n".join(code).replace("{here}", str(self.here)).replace("{name}", name)
        file = self.root / f"content/{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(FRONT.format(title=name.title(), code=text, execute=execute), encoding="utf-8")

    def start(self, *flags: str, before: Callable[[], object] | None = None) -> subprocess.Popen[str]:
        """`sitegen build`, with stderr in a file."""
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "sitegen",
            "build",
            "-s",
            str(self.root),
            *flags,
        ]
        with self.said.open("w", encoding="utf-8") as said:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**os.environ, "TMPDIR": str(self.temporary)},
                text=True,
                preexec_fn=before,
            )

    @property
    def said(self) -> Path:
        """What the last build wrote."""
        return self.here / "stderr"

    def build(self, *flags: str, before: Callable[[], object] | None = None) -> int:
        """Build to the end; its exit code."""
        return self.start(*flags, before=before).wait(WAIT_S)

    def arrived(self, name: str) -> psutil.Process:
        """The page's kernel, once its first cell has begun."""
        self.until(lambda: (self.here / name).exists(), f"{name} to begin")
        return psutil.Process(int((self.here / name).read_text("ascii")))

    def begun(self) -> list[str]:
        """The pages whose first cell has begun."""
        return [name for name in NAMES if (self.here / name).exists()]

    def let_go(self, name: str) -> None:
        """A page that waits goes on."""
        (self.here / f"go-{name}").touch()

    def messages(self) -> list[str]:
        """The diagnostics of the last build, sorted; what was measured is left out, and which page was the next to start."""
        text = self.said.read_text("utf-8")
        found = re.findall(r"^.*\b(?:error|warning|info) SG\d+: .*$", text, re.MULTILINE)
        words = (re.sub(r"had [\d.]+ (MB|GB) of", r"had N \1 of", line) for line in found)
        return sorted(re.sub(r"^.*(?=: info SG328)", "later", line) for line in words)

    def processes(self) -> list[psutil.Process]:
        """All that a build has started, however it hides."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def left(self) -> list[str]:
        """Processes, and what lies in the temporary folder."""
        return [*map(str, self.processes()), *map(str, self.temporary.iterdir())]

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait for it."""
        end = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < end, f"waited for {what} in vain:\n{self.said.read_text('utf-8')}"
            time.sleep(0.02)

    def site(self) -> dict[str, bytes]:
        """The published files."""
        public = self.root / "public"
        return {
            str(file.relative_to(public)): file.read_bytes() for file in public.rglob("*") if file.is_file()
        }

    def shows(self, name: str) -> str:
        """What is published of a page's output."""
        html = (self.root / f"public/{name}/index.html").read_text("utf-8")
        return " ".join(re.findall(r"result of \w+ is \d+", html))

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            is_dead = process.status() == psutil.STATUS_ZOMBIE
            return not is_dead and process.environ().get("TMPDIR") == str(self.temporary)
        except psutil.Error:
            return False


@pytest.fixture
def storm() -> Iterator[Storm]:
    """An empty site; whatever a failed test leaves is ended."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))  # short: sockets are in it
    made = Storm(root=folder / "site", here=folder / "here", temporary=folder / "t")
    for path in (made.root, made.here, made.temporary):
        path.mkdir()
    (made.root / "sitegen.toml").write_text("title = 'T'\n", encoding="utf-8")
    yield made
    for process in made.processes():
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def whole(storm: Storm) -> Storm:
    """The site, built and published."""
    for name in NAMES:
        storm.page(name, FIRST)
    assert storm.build("--jobs", "8") == 0, storm.said.read_text("utf-8")
    assert {storm.shows(name) for name in NAMES} == {f"result of {name} is 42" for name in NAMES}
    return storm


STORM: Final = [
    "content/endless.md:10: error SG302: the cell did not end in 3 s",
    "content/huge.md:9: warning SG326: outputs of the cell were left out: 999 MB more of printed text; `output-limit` is 1 MB",
    "content/kept.md:9: error SG303: the kernel died in this cell: killed by signal 9; most likely out of memory",
    "content/killed.md:9: error SG303: the kernel died in this cell: killed by signal 9; most likely out of memory",
    "content/memory.md:9: error SG325: the page was ended in this cell: it had N MB of memory in use, and its `memory` is 300 MB",
    "later: info SG328: the process that kernels are forked from has ended: it was ended by a signal",
]


def test_storm(whole: Storm) -> None:
    """Everything at once: one message each, the rest is right, the old site stays, no process and no file is left."""
    storm, before = whole, whole.site()
    for name in ("good", "last", "later", "other"):
        storm.page(name, BEGINS, WAITS, SECOND)
    storm.page("forks", "#| depends: []", BEGINS, STUBBORN, WAITS, SECOND)
    storm.page("huge", BEGINS, WAITS, SECOND, "print('x' * 10**9)")
    storm.page("memory", BEGINS, WAITS, HUNGRY, execute="memory = '300MB'")
    storm.page("endless", "#| timeout: 3", BEGINS, "while True: pass")
    storm.page("killed", BEGINS, STUBBORN, STAYS)
    storm.page("kept", BEGINS, STUBBORN, STAYS)

    building = storm.start("--jobs", "8")
    storm.until(lambda: len(storm.begun()) == 8, "eight pages to begin")
    next(process for process in storm.processes() if process.cmdline()[-2:-1] == ["zygote"]).kill()
    for name in sorted(NAMES, key=lambda name: name not in storm.begun()):
        kernel = storm.arrived(name)
        if name == "killed":
            kernel.kill()
        elif name == "kept":
            psutil.Process(kernel.ppid()).kill()
        elif name != "endless":
            storm.let_go(name)

    assert building.wait(WAIT_S) == 1
    assert storm.messages() == STORM
    assert storm.site() == before
    assert storm.left() == []

    assert storm.build("--no-execute") == 0
    right = ("forks", "good", "huge", "last", "later", "other")
    assert {storm.shows(name) for name in right} == {f"result of {name} is 43" for name in right}
    assert {storm.shows(name) for name in NAMES if name not in right} == {""}


def test_kill_of_the_build(whole: Storm) -> None:
    """By signal 9, with eight pages in flight: no process is left, the old site stays, and the next build leaves no file."""
    storm, before = whole, whole.site()
    for name in NAMES:
        storm.page(name, "#| depends: []", BEGINS, WAITS, SECOND)
    storm.page("endless", BEGINS, "sum(range(10**12))")  # holds the interpreter's lock
    for name in ("forks", "killed"):
        storm.page(name, BEGINS, STUBBORN, STAYS)

    building = storm.start("--jobs", "8")
    storm.until(lambda: len(storm.begun()) == 8, "eight pages to begin")
    building.kill()
    building.wait()

    storm.until(lambda: storm.processes() == [], "processes to end")
    assert storm.site() == before
    for name in NAMES:
        storm.page(name, SECOND)
    assert storm.build("--jobs", "8") == 0, storm.said.read_text("utf-8")
    assert {storm.shows(name) for name in NAMES} == {f"result of {name} is 43" for name in NAMES}
    assert storm.left() == []


@pytest.fixture
def small_disk(storm: Storm) -> Iterator[Path]:
    """The site and the temporary folder are on a disk of 40 MB of their own."""
    storm.temporary = storm.root / "t"
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(storm.root)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        (storm.root / "sitegen.toml").write_text("title = 'T'\n", encoding="utf-8")
        storm.temporary.mkdir()
        yield storm.root / "content/filled"
    finally:
        subprocess.run(["umount", "-l", str(storm.root)], check=True)


FILLS: Final = """with open("filled", "wb") as file:
    try:
        while True: file.write(bytes(4096)) and file.flush()
    finally: open("{here}/full", "w").close()"""


FULL: Final = [
    "content/huge.md:14:1: error SG301: cell raised OSError: [Errno 28] No space left on device",
    "error SG501: cannot publish to `public`: No space left on device",
]
MAY_BE_FULL: Final = (
    "content/PAGE.md:9: warning SG314: the results were not kept: No space left on device",
    "content/huge.md:9: warning SG314: the results were not kept: No space left on device",
    "info SG321: this build did without an index of the results on disk: database or disk is full",
)
"""What is told besides, where the last kilobytes did not do for it."""


def test_full_disk(small_disk: Path, whole: Storm) -> None:
    """With eight pages in flight: who fills it is told where, what cannot be kept or begun is named, the old site stays."""
    storm, before = whole, whole.site()
    for name in NAMES:
        storm.page(name, BEGINS, WAITS, SECOND)
    storm.page("huge", BEGINS, WAITS, FILLS)

    building = storm.start("--jobs", "8", "--keep-going")
    storm.until(lambda: len(storm.begun()) == 8, "eight pages to begin")
    storm.let_go("huge")
    storm.until((storm.here / "full").exists, "the disk to be full")
    for name in NAMES:
        storm.let_go(name)

    assert building.wait(WAIT_S) == 1
    found = dict.fromkeys(re.sub(r"/(?!huge)\w+\.md:9", "/PAGE.md:9", line) for line in storm.messages())
    assert [line for line in found if line not in MAY_BE_FULL] == FULL
    assert storm.site() == before
    assert storm.left() == []

    small_disk.unlink()
    for name in NAMES:
        storm.page(name, SECOND)
    assert storm.build("--jobs", "8") == 0, storm.said.read_text("utf-8")
    assert {storm.shows(name) for name in NAMES} == {f"result of {name} is 43" for name in NAMES}


def test_files_that_may_not_grow(whole: Storm) -> None:
    """Another way to be refused what is written: the cell is told where, and the rest is built."""
    storm = whole
    storm.page("huge", "open('x', 'wb').write(bytes(3_000_000))")
    storm.page("good", SECOND)

    code = storm.build(
        "--keep-going", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6))
    )
    assert code == 1
    assert storm.messages() == [
        "content/huge.md:9:1: error SG301: cell raised OSError: [Errno 27] File too large"
    ]
    assert storm.shows("good") == "result of good is 43"
    assert storm.left() == []
