"""Processes below keepers: how they are started, what they find, and that nothing of them is left."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sitegen.execution.backends import LocalBackend
from sitegen.execution.keepers import KeptProcess, Watch, line, send
from sitegen.execution.processes import (
    IS_SUPPORTED,
    Command,
    Hook,
    Launch,
    Processes,
    ipykernel_command,
)
from sitegen.execution.zygotes import PROGRAM, Server

pytestmark = pytest.mark.skipif(not IS_SUPPORTED, reason="keepers are for Linux")

WAIT_S = 30.0
"""For what takes a few milliseconds: on a busy machine nothing fails for want of time."""
STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def child(path, *steps):
    if os.fork() == 0:
        for step in steps:
            step()
        with open(path, "w") as file:
            file.write(str(os.getpid()))
        os.rename(path, path + ".pid")
        time.sleep(1000)
        os._exit(0)
def orphaned():
    if os.fork():
        os._exit(0)
child("plain")
child("session", os.setsid)
child("daemon", os.setsid, orphaned)
child("orphan", orphaned)
NAMES = ("plain", "session", "daemon", "orphan")
while not all(os.path.exists(name + ".pid") for name in NAMES):
    time.sleep(0.01)
"""
"""Leaves four processes that do not want to end."""


class Starter:
    """Starts programs and kernels in a folder, and knows where they write."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self.processes = processes
        self.folder = folder
        self.log = folder / "log"

    def run(self, *argv: str, **fields: Any) -> KeptProcess:
        """A started process."""
        with self.log.open("ab") as log:
            launch = Launch(
                argv=argv,
                cwd=self.folder,
                env=fields.pop("env", {"PATH": os.environ["PATH"]}),
                stdout=log.fileno(),
                stderr=log.fileno(),
                **fields,
            )
            return self.processes.start(launch)

    def python(self, code: str, **fields: Any) -> KeptProcess:
        """A program in Python, which is no kernel."""
        return self.run(sys.executable, "-c", textwrap.dedent(code), **fields)

    def kernel(self, code: str = "", **fields: Any) -> KeptProcess:
        """An ipykernel's process that runs some code, then ends before it is a kernel."""
        hook = Hook(source=textwrap.dedent(code) + "\nimport os; os._exit(0)")
        return self.run(sys.executable, "-m", "ipykernel_launcher", "-f", "k.json", hook=hook, **fields)


@pytest.fixture(scope="module")
def shared() -> Iterator[Processes]:
    """For tests that leave what starts kernels as it was."""
    with Processes() as processes:
        yield processes


@pytest.fixture
def starter(shared: Processes, tmp_path: Path) -> Starter:
    """Starts in a folder of the test's own."""
    return Starter(shared, tmp_path)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Starter]:
    """With processes of the test's own."""
    with Processes() as processes:
        yield Starter(processes, tmp_path)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that nobody tells of."""
    ticks = threading.Event()
    for _ in range(int(WAIT_S / 0.01)):
        if holds():
            return
        ticks.wait(0.01)
    pytest.fail("it did not come about")


def parent_of(pid: int) -> int:
    """Of a process that runs."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def left_by(folder: Path) -> list[int]:
    """The processes that `STUBBORN` has started, once all of them are there."""
    names = ("plain", "session", "daemon", "orphan")
    until(lambda: all((folder / f"{name}.pid").exists() for name in names))
    return [int((folder / f"{name}.pid").read_text()) for name in names]


def end(process: KeptProcess) -> None:
    """End it, and wait until nothing of it is left."""
    process.kill()
    process.gone.result(WAIT_S)


def test_ipykernel_is_known_by_its_command() -> None:
    """Flags before `-m` belong to the interpreter; anything else is a program of its own."""
    argv = ("python", "-X", "frozen_modules=off", "-m", "ipykernel_launcher", "-f", "k.json")
    assert ipykernel_command(argv) == Command(
        interpreter=("python", "-X", "frozen_modules=off"),
        module="ipykernel_launcher",
        arguments=("-f", "k.json"),
    )
    assert ipykernel_command(("R", "--slave", "-e", "IRkernel::main()", "--args", "k.json")) is None
    assert ipykernel_command(("python", "-c", "-m", "ipykernel_launcher")) is None
    assert ipykernel_command(("python", "-m", "xeus_python")) is None
    assert ipykernel_command(("python", "-m")) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [("raise SystemExit(7)", 7), ("import os; os.abort()", -signal.SIGABRT), ("", 0)],
    ids=["code", "signal", "success"],
)
def test_end_is_told_with_its_code(starter: Starter, code: str, expected: int) -> None:
    """The exit code, or the signal as a negative number, as `subprocess` has them."""
    process = starter.python(code)
    assert process.exited.result(WAIT_S) == expected
    process.gone.result(WAIT_S)
    until(lambda: not is_alive(process.keeper_pid))


def test_program_that_is_not_there(starter: Starter) -> None:
    """What could not be started is said as the system says it."""
    with pytest.raises(OSError, match="No such file"):
        starter.run("no-such-program")


def test_folder_that_is_not_there(starter: Starter, tmp_path: Path) -> None:
    """Also where it is the folder that is missing."""
    starter.folder = tmp_path / "nowhere"
    with pytest.raises(OSError, match="nowhere"):
        starter.python("")


def test_program_runs_in_its_own_session_with_its_own_environment(starter: Starter) -> None:
    """Ctrl-C in the terminal is not for it, and it has what it was given and no file of ours."""
    code = """
        import json, os, signal, sys
        fds = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
        print(json.dumps([dict(os.environ), os.getcwd(), os.getsid(0) == os.getpid(), fds[:-1],
            sys.stdin.read(), signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL]))
    """
    assert starter.python(code, env={"ONLY": "this", "PATH": "/"}).exited.result(WAIT_S) == 0
    environ, cwd, leads, fds, stdin, is_default = json.loads(starter.log.read_text())
    assert {name: environ[name] for name in environ if name != "LC_CTYPE"} == {"ONLY": "this", "PATH": "/"}
    assert (cwd, leads, fds, stdin) == (str(starter.folder), True, [0, 1, 2], "")
    assert is_default


def test_end_leaves_nothing(starter: Starter) -> None:
    """Processes that ignore signals, lead sessions, or have lost their parent, end with the kernel."""
    process = starter.python(STUBBORN + "time.sleep(1000)")
    left = left_by(starter.folder)
    end(process)
    assert process.returncode == -signal.SIGKILL
    assert not any(map(is_alive, (process.pid, *left)))


def test_kernel_that_ends_by_itself_leaves_nothing(starter: Starter) -> None:
    """What it has started ends too, and its own code is told."""
    process = starter.python(STUBBORN + "os._exit(3)")
    assert process.exited.result(WAIT_S) == 3
    process.gone.result(WAIT_S)
    assert not any(map(is_alive, left_by(starter.folder)))


def test_signal_reaches_the_group(starter: Starter) -> None:
    """An interrupt is for the kernel and the workers that it has started."""
    code = """
        import os, signal, sys, time
        is_child = os.fork() == 0
        def interrupted(*_):
            open("child" if is_child else "parent", "w").close()
            os._exit(0 if is_child else os.waitstatus_to_exitcode(os.wait()[1]))
        signal.signal(signal.SIGINT, interrupted)
        open(f"ready-{is_child}", "w").close()
        time.sleep(1000)
    """
    process = starter.python(code)
    until(lambda: all((starter.folder / f"ready-{each}").exists() for each in (True, False)))
    process.signal(signal.SIGINT)
    assert process.exited.result(WAIT_S) == 0
    assert (starter.folder / "child").exists()


def test_death_of_the_keeper(starter: Starter) -> None:
    """The kernel dies with it, and what is below is found all the same."""
    other = starter.python("import time; time.sleep(1000)")
    process = starter.python(STUBBORN + "time.sleep(1000)")
    left = left_by(starter.folder)
    os.kill(process.keeper_pid, signal.SIGKILL)
    assert process.exited.result(WAIT_S) == -signal.SIGKILL
    process.gone.result(WAIT_S)
    assert not any(map(is_alive, (process.pid, *left)))
    assert is_alive(other.pid)
    end(other)


def test_death_of_the_warden(own: Starter) -> None:
    """What runs goes on, and another one starts the next."""
    first = own.python("import time; time.sleep(1000)")
    os.kill(parent_of(first.keeper_pid), signal.SIGKILL)
    second = own.python("raise SystemExit(5)")
    assert second.exited.result(WAIT_S) == 5
    assert first.returncode is None
    end(first)


def test_limit_of_the_address_space(starter: Starter) -> None:
    """The process may not map more than that."""
    code = "import resource; raise SystemExit(resource.getrlimit(resource.RLIMIT_AS) != (2**31, 2**31))"
    assert starter.python(code, address_space_bytes=2**31).exited.result(WAIT_S) == 0


def test_control_group_is_joined_before_it_begins(starter: Starter, tmp_path: Path) -> None:
    """The process is written into the group's list; a group that is gone meanwhile stops nobody."""
    group = tmp_path / "group"
    group.mkdir()
    assert starter.python("", cgroup=group).exited.result(WAIT_S) == 0
    assert (group / "cgroup.procs").read_text() == "0"
    assert starter.python("", cgroup=tmp_path / "nowhere").exited.result(WAIT_S) == 0


def test_processes_have_no_files_of_each_other(starter: Starter) -> None:
    """Of a hundred that start at once none holds a socket: it would hide that the build has gone."""
    code = """
        import os
        more = [fd for fd in range(3, 256) if os.path.exists(f"/proc/self/fd/{fd}")]
        if more:
            os._exit(1)
    """
    with ThreadPoolExecutor(8) as threads:
        started = list(threads.map(lambda _: starter.kernel(code, modules=()), range(100)))
    assert {process.exited.result(WAIT_S) for process in started} == {0}
    for process in started:
        process.gone.result(WAIT_S)


def test_two_hundred_starts_leave_no_file_open(starter: Starter) -> None:
    """Sockets and threads are given back, and no zombie stays."""

    def start() -> None:
        process = starter.kernel(modules=())
        process.gone.result(WAIT_S)

    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    start()
    before = held()
    for _ in range(200):
        start()
    assert held() == before
    zygote = parent_of(starter.python("import time; time.sleep(1000)").keeper_pid)
    assert zombies() == []
    assert is_alive(zygote)


def zombies() -> list[str]:
    """Processes of ours that have ended and that nobody has waited for."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if "kernel_side/boot.py" in command and state == "Z":
            found.append(command)
    return found


# --- zygotes ------------------------------------------------------------------------------------------------


def role_of(pid: int) -> str:
    """In which role `boot.py` was started in the process, or in the one that it was forked from."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[-3]


def test_death_of_a_zygote(own: Starter) -> None:
    """What it has forked goes on; the next ones start cold, and the first of them says so."""
    running = own.kernel("import time; time.sleep(1000)", modules=())
    os.kill(parent_of(running.keeper_pid), signal.SIGKILL)
    later = [own.kernel("import time; time.sleep(1000)", modules=()) for _ in range(2)]
    assert [role_of(process.pid) for process in (running, *later)] == ["zygote", "keeper", "keeper"]
    assert [bool(process.notice) for process in (running, *later)] == [False, True, False]
    assert running.returncode is None
    end(running)
    assert not is_alive(running.pid)


def test_zygote_that_dies_between_two_words(own: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was about to be told, the page starts cold."""
    tell = Server.tell

    def broken(self: Server, message: Mapping[str, object], fds: Iterable[int] = ()) -> None:
        if message["do"] == "settle":
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        tell(self, message, fds)

    monkeypatch.setattr(Server, "tell", broken)
    process = own.kernel(modules=("yaml",), root=Path("/nowhere"))
    assert process.exited.result(WAIT_S) == 0
    assert (process.is_warm, bool(process.notice)) == (False, True)


def test_kernel_without_modules_starts_cold(starter: Starter) -> None:
    """A page that is not to be forked has a process of its own."""
    process = starter.kernel("import time; time.sleep(1000)", modules=None)
    assert role_of(process.pid) == "keeper"
    end(process)


def test_forked_kernels_find_their_modules_and_no_others(starter: Starter) -> None:
    """Each is forked from the zygote with its own set, which one that has a part of it was forked to."""
    code = """
        import sys
        print(*(name for name in ("yaml", "markupsafe") if name in sys.modules), flush=True)
    """
    sets = [(), ("yaml",), ("yaml", "markupsafe"), ("markupsafe",), ("yaml",)]
    for modules in sets:
        process = starter.kernel(code, modules=modules, root=Path("/nowhere"))
        assert process.exited.result(WAIT_S) == 0
        assert process.is_warm is bool(modules)
    assert [tuple(line.split()) for line in starter.log.read_text().splitlines()] == sets


def test_page_whose_folder_hides_a_module_is_not_forked_from_it(starter: Starter) -> None:
    """A file of the page's folder comes before what a zygote has loaded."""
    (starter.folder / "yaml.py").write_text("")
    process = starter.kernel(
        "import sys; print('yaml' in sys.modules, flush=True)",
        modules=("yaml",),
        root=Path("/nowhere"),
    )
    assert process.exited.result(WAIT_S) == 0
    assert not process.is_warm
    assert starter.log.read_text() == "False\n"


def test_module_that_is_not_safe_is_left_out(own: Starter, tmp_path: Path) -> None:
    """The page is forked from a zygote without it, and whoever wants to know is told."""
    site_packages = tmp_path / "site-packages"
    site_packages.mkdir()
    (site_packages / "noisy.py").write_text("print('imported')")
    (site_packages / "deadly.py").write_text("import os; os._exit(9)")
    told: list[str] = []
    process = own.kernel(
        "import sys; print('yaml' in sys.modules, 'noisy' in sys.modules, flush=True)",
        modules=("yaml", "noisy", "deadly"),
        root=Path("/nowhere"),
        refused=lambda module: told.append(module["name"]),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site_packages)},
    )
    assert process.exited.result(WAIT_S) == 0
    assert told == ["noisy", "deadly"]
    assert process.is_warm
    assert own.log.read_text() == "True False\n"
    assert process.notice == ""


def test_module_that_takes_too_long(own: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are forked without it, and nobody is told that it is not safe: the machine may be busy."""
    monkeypatch.setattr("sitegen.execution.zygotes._LOAD_S", 2.0)
    site_packages = tmp_path / "site-packages"
    site_packages.mkdir()
    (site_packages / "slow.py").write_text("import time; time.sleep(1000)")
    told: list[Any] = []
    process = own.kernel(
        "import sys; print('yaml' in sys.modules, flush=True)",
        modules=("yaml", "slow"),
        root=Path("/nowhere"),
        refused=told.append,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site_packages)},
    )
    assert process.exited.result(WAIT_S) == 0
    assert (process.is_warm, process.notice, told) == (True, "", [])
    assert own.log.read_text() == "True\n"


def test_forked_kernels_draw_numbers_of_their_own(starter: Starter) -> None:
    """No two have the same random state."""
    code = "import random, numpy; print(random.random(), numpy.random.rand(), flush=True)"
    for _ in range(2):
        process = starter.kernel(code, modules=("numpy",), root=Path("/nowhere"))
        assert process.exited.result(WAIT_S) == 0
    first, second = (line.split() for line in starter.log.read_text().splitlines())
    assert set(first).isdisjoint(second)


def test_pages_of_another_environment_have_zygotes_of_their_own(starter: Starter) -> None:
    """What a library reads when it is imported is what the page is given; our own variables it does not read."""
    code = (
        "import os; print(os.getppid(), os.environ['OMP_NUM_THREADS'], os.environ['SITEGEN_X'], flush=True)"
    )
    parents = []
    for threads, own_variable in (("1", "a"), ("1", "b"), ("2", "c")):
        env = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": threads, "SITEGEN_X": own_variable}
        process = starter.kernel(code + "\nimport time; time.sleep(1000)", modules=(), env=env)
        parents.append(parent_of(process.keeper_pid))
        until(lambda: own_variable in starter.log.read_text().split())  # noqa: B023
        end(process)
    assert parents[0] == parents[1] != parents[2]
    assert [line.split()[1:] for line in starter.log.read_text().splitlines()] == [
        ["1", "a"],
        ["1", "b"],
        ["2", "c"],
    ]


def test_nobody_waits_for_a_start_that_was_cancelled(own: Starter) -> None:
    """Neither for a zygote nor for a process."""
    cancelled = threading.Event()
    cancelled.set()
    launch = Launch(
        argv=(sys.executable, "-m", "ipykernel_launcher"),
        cwd=own.folder,
        env=dict(os.environ),
        stdout=1,
        stderr=2,
        modules=(),
    )
    with pytest.raises(OSError, match="the build ends"):
        own.processes.start(launch, cancelled)


# --- who does not hear --------------------------------------------------------------------------------------

NO_FORK = """
import errno, os, runpy, sys
fork = os.fork
def limited():
    if os.path.exists("full"):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()
os.fork = limited
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""`boot.py` on a machine with no process left, once there is a file `full`."""


def test_keeper_that_was_stopped_ends_its_kernel(starter: Starter) -> None:
    """A page that stops its parent stops nobody who waits for the page."""
    process = starter.python(
        "import os, signal; os.kill(os.getppid(), signal.SIGSTOP); import time; time.sleep(1000)"
    )
    until(lambda: state_of(process.keeper_pid) == "T")
    end(process)
    assert not is_alive(process.pid)


def test_keeper_that_does_not_hear_is_given_up(starter: Starter) -> None:
    """It is killed, and what it leaves is found all the same."""
    process = starter.python(STUBBORN + "time.sleep(1000)")
    left = left_by(starter.folder)
    os.kill(process.keeper_pid, signal.SIGSTOP)
    process.give_up()
    process.gone.result(WAIT_S)
    assert process.returncode == -signal.SIGKILL
    assert not any(map(is_alive, (process.pid, *left)))


def test_zygote_that_was_stopped(own: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for once; the page that has waited starts cold, as all later ones, and its author is told."""
    monkeypatch.setattr("sitegen.execution.processes._START_S", 0.5)
    running = own.kernel("import time; time.sleep(1000)", modules=())
    os.kill(parent_of(running.keeper_pid), signal.SIGSTOP)
    later = own.kernel("import time; time.sleep(1000)", modules=())
    assert (role_of(later.pid), bool(later.notice)) == ("keeper", True)
    end(later)
    end(running)


def test_line_that_makes_no_sense(tmp_path: Path) -> None:
    """It is as if the keeper were gone; others are heard on."""
    watch = Watch()
    told: list[KeptProcess] = []
    ends = [line() for _ in range(2)]
    strange, other = (KeptProcess(ours, is_warm=False, lost=told.append) for ours, _ in ends)
    for process in (strange, other):
        watch.add(process)
    ends[0][1].sendall(b"\0\0\0\2no")
    strange.gone.result(WAIT_S)
    send(ends[1][1], {"failed": "for a reason"})
    with pytest.raises(OSError, match="for a reason"):
        other.started.result(WAIT_S)
    watch.stop()
    for end_ in (*ends[0], *ends[1]):
        end_.close()


@pytest.mark.parametrize("role", ["warden", "zygote"])
def test_machine_without_a_process_left(tmp_path: Path, role: str) -> None:
    """Who asked hears of it, and the one that was asked goes on."""
    ours, theirs = line()
    argv = [sys.executable, "-c", NO_FORK, str(PROGRAM), role, str(theirs.fileno())]
    program = subprocess.Popen(argv, cwd=tmp_path, pass_fds=(theirs.fileno(),))
    theirs.close()
    server = Server(ours, program=program)
    if role == "zygote":
        server.greet(threading.Event())
    message = (
        {"do": "keep"} if role == "zygote" else {"do": "program", "role": "keeper", "cwd": "/", "env": {}}
    )
    for is_full in (True, False):
        (tmp_path / "full").touch() if is_full else (tmp_path / "full").unlink()
        asked, answer = line()
        with answer, Path(os.devnull).open("wb") as log:
            server.tell({**message, "argv": (sys.executable,)}, [answer.fileno(), log.fileno()])
        heard = asked.recv(4096) if is_full else b""
        assert (b"temporarily unavailable" in heard) is is_full
        asked.close()
    server.close()
    assert program.returncode == 0


@pytest.mark.parametrize("modules", [None, ()], ids=["cold", "warm"])
def test_interpreter_that_is_not_there(own: Starter, modules: tuple[str, ...] | None) -> None:
    """What the system says is told, and nobody waits."""
    with pytest.raises(OSError, match="No such file"):
        own.run("/nowhere/python", "-m", "ipykernel_launcher", modules=modules)


def state_of(pid: int) -> str:
    """As in proc(5): `T` where it was stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


# --- the end of the build -----------------------------------------------------------------------------------

BUILD = """
import os, sys, time
from pathlib import Path
from sitegen.execution.processes import Hook, Launch, Processes
processes = Processes()
folder = Path(sys.argv[1])
stubborn = Path(sys.argv[2]).read_text()
for name, modules, code in (
    ("warm", (), "sum(range(10**12))"), ("cold", None, "sum(range(10**12))"), ("asleep", (), "time.sleep(1000)")
):
    own = folder / name
    own.mkdir()
    launch = Launch(
        argv=(sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"), cwd=own, env=dict(os.environ),
        stdout=1, stderr=2, modules=modules, hook=Hook(source=stubborn + code),
    )
    process = processes.start(launch)
    (own / "kernel.tmp").write_text(f"{process.pid} {process.keeper_pid}")
    (own / "kernel.tmp").rename(own / "kernel")
time.sleep(1000)
"""


def test_kill_of_the_build_leaves_nothing(tmp_path: Path) -> None:
    """Kernels that hold the interpreter's lock, and all that they have started, end by themselves."""
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(STUBBORN)
    folders = [tmp_path / name for name in ("warm", "cold", "asleep")]
    build = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(tmp_path), str(stubborn)], start_new_session=True
    )
    try:
        until(lambda: all((folder / "kernel").exists() for folder in folders))
        pids = [pid for folder in folders for pid in left_by(folder)]
        pids += [int(pid) for folder in folders for pid in (folder / "kernel").read_text().split()]
        zygote = parent_of(int((tmp_path / "warm" / "kernel").read_text().split()[1]))
        pids += [zygote, parent_of(zygote)]
        assert all(map(is_alive, pids))
    finally:
        build.kill()
        build.wait()
    until(lambda: not any(map(is_alive, pids)))


def test_close_ends_what_runs(tmp_path: Path) -> None:
    """After it there is no kernel, no zygote and no warden, and nothing can be started."""
    with Processes() as processes:
        starter = Starter(processes, tmp_path)
        process = starter.kernel(STUBBORN + "time.sleep(1000)", modules=())
        left = left_by(tmp_path)
        zygote = parent_of(process.keeper_pid)
        pids = [process.pid, *left, zygote, parent_of(zygote)]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))
    with pytest.raises(OSError, match="the build ends"):
        starter.python("")


# --- in a build ---------------------------------------------------------------------------------------------

KILL_ZYGOTE = """
import os, signal
keeper = os.getppid()
zygote = int(open(f"/proc/{keeper}/stat").read().rpartition(")")[2].split()[1])
os.kill(zygote, signal.SIGKILL)
"""


@pytest.mark.kernel
def test_pages_go_on_without_their_zygote(site: Any) -> None:
    """The page that ran when it died is right, the others start cold, and the author is told once."""
    documents = [
        site.page("first", KILL_ZYGOTE, "print(6 * 7)"),
        *(site.page(name, f"print('{name}')") for name in ("second", "third")),
    ]
    done = site.execute(*documents, backend=LocalBackend(site.config, workers=1))
    outputs = [list(page.runs.values())[-1].outputs[0].text.strip() for page in done.values()]
    assert sorted(outputs) == ["42", "second", "third"]
    told = [
        (diagnostic.code, diagnostic.severity)
        for page in done.values()
        for diagnostic in page.diagnostics
        if diagnostic.code.startswith("SG3")
    ]
    assert told == [("SG328", "info")]


@pytest.mark.kernel
def test_death_of_the_keeper_is_the_pages_error(site: Any) -> None:
    """Without its keeper a kernel dies: the cell says so, and other pages do not."""
    documents = [
        site.page(
            "bad", "x = 1", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)\nwhile True: pass"
        ),
        site.page("good", "print('fine')"),
    ]
    done = site.execute(*documents)
    errors = [(each.code, each.location.line) for each in done["bad"].diagnostics if each.severity == "error"]
    assert errors == [("SG303", 20)]
    assert done["good"].runs["cell-1"].outputs[0].text == "fine\n"
