"""Processes that share the pages of a build."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from sitegen.build import workers
from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.build.workers import InProcess, WorkerError, working
from sitegen.config import load_config
from sitegen.errors import Diagnostic, PublishError, SiteError
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

if TYPE_CHECKING:
    from sitegen.build.work import Workshop as RealWorkshop


class Workshop:
    """What a build's workshop is to workers; it can be sent to a process that was not forked."""

    def __init__(self) -> None:
        self.number = 0
        self.told: object = None

    @contextmanager
    def at_work(self, number: int) -> Iterator[None]:
        """As a build's."""
        self.number = number
        yield

    def double(self, items: Sequence[int]) -> list[tuple[int, int, object]]:
        """What was given, twice; who did it; what was told."""
        return [(2 * item, os.getpid(), self.told) for item in items]

    def know(self, value: object) -> int:
        """Keep it."""
        self.told = value
        return self.number

    def fail(self, items: Sequence[int]) -> list[int]:
        """A bug."""
        return [item // 0 for item in items]

    def refuse(self, items: Sequence[int]) -> list[int]:
        """What is told an author."""
        raise SiteError(Diagnostic(code="SG501", severity="error", message=f"no {items[0]}", hint="h"))

    def die(self, items: Sequence[int]) -> list[int]:
        """As killed for its memory."""
        os.kill(os.getpid(), signal.SIGKILL)
        return list(items)


@pytest.fixture(params=["fork", "forkserver", "spawn", "here"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Forked, by a server or from this process, started anew, and in this process."""
    way: str = request.param
    monkeypatch.setattr(workers, "_start_method", lambda: "spawn" if way == "here" else way)
    return way


def _pages(way: str) -> int:
    return 10 if way == "here" else 500


def _working(way: str) -> Any:
    return working(cast("RealWorkshop", Workshop()), _pages(way), most=2)


def test_all_items_are_done_once(each_way: str) -> None:
    """In whatever order, by two other processes where there are many; what was told is known to all."""
    with _working(each_way) as crew:
        numbers = crew.tell("know", "something")
        done = list(crew.each("double", range(100)))

    assert sorted(item for item, _, _ in done) == [2 * item for item in range(100)]
    assert {told for _, _, told in done} == {"something"}
    processes = {process for _, process, _ in done}
    if each_way == "here":
        assert (processes, numbers) == ({os.getpid()}, [0])
    else:
        assert os.getpid() not in processes
        assert (len(processes), numbers) == (2, [0, 1, 2])


class Pipe:
    """As a pipe of another system: of a class of its own."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipe, name)


def test_pipes_of_any_class_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of Windows are no `Connection`."""
    monkeypatch.setattr(workers, "_start_method", lambda: "fork")
    with _working("fork") as crew:
        crew._pipes = [Pipe(pipe) for pipe in crew._pipes]
        done = list(crew.each("double", range(10)))

    assert sorted(item for item, _, _ in done) == [2 * item for item in range(10)]


def test_a_bug_keeps_its_traceback(each_way: str) -> None:
    """From whichever process; the workers are gone afterwards."""
    with pytest.raises((WorkerError, ZeroDivisionError)) as caught, _working(each_way) as crew:
        list(crew.each("fail", range(10)))

    text = str(caught.value) if each_way != "here" else str(caught.traceback)
    assert "test_workers.py" in text
    assert each_way == "here" or "ZeroDivisionError" in text


def test_an_authors_error_stays_one(each_way: str) -> None:
    """It crosses from one process to another."""
    with pytest.raises(SiteError) as caught, _working(each_way) as crew:
        list(crew.each("refuse", [7]))

    assert caught.value.diagnostic.message == "no 7"


def test_a_worker_that_is_killed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build does not wait for it."""
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    with pytest.raises(PublishError, match="SG512"), _working("fork") as crew:
        list(crew.each("die", range(10)))


def test_a_worker_that_is_killed_within_a_message_is_told() -> None:
    """As one that is killed before it: large answers take a while to be sent."""
    ours, theirs = multiprocessing.Pipe()
    os.write(theirs.fileno(), (1000).to_bytes(4, "big") + b"x")
    theirs.close()

    with closing(ours), pytest.raises(PublishError, match="SG512"):
        workers._received(ours)


def test_few_pages_are_done_here() -> None:
    """Before a process would have been made."""
    with working(cast("RealWorkshop", Workshop()), 10) as crew:
        assert isinstance(crew, InProcess)


def test_no_process_is_forked_beside_a_thread() -> None:
    """It may hold a lock, as those that talk to kernels do."""
    before = workers.can_fork()
    is_over = threading.Event()
    thread = threading.Thread(target=is_over.wait)
    thread.start()
    try:
        assert not workers.can_fork()
    finally:
        is_over.set()
        thread.join()
    assert workers.can_fork() == before


def _built(root: Path) -> dict[str, bytes]:
    config = load_config(root, environ={}, now=datetime(2030, 1, 1, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    assert result.diagnostics == ()
    return {
        file.relative_to(root / "public").as_posix(): file.read_bytes()
        for file in (root / "public").rglob("*")
        if file.is_file()
    }


def test_a_site_is_the_same_however_it_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, in forked ones, and in ones that were started anew: all of it, and after an edit of a template."""
    pages = {
        f"content/posts/p{number}.md": f"---\ntitle: P {number}\ndate: 2020-01-01\ntags: [t{number % 3}]\n---\n"
        f"[next](p{(number + 1) % 60}.md)\n\n```python\nprint({number})\n```\n"
        for number in range(60)
    }
    sites = {}
    monkeypatch.setattr(workers, "cpus", lambda: 2)
    monkeypatch.setattr(workers, "_FEWEST_TO_START", {"forkserver": 10, "spawn": 10})
    shared: list[str] = []
    each = workers.Processes.each

    def noted(self: workers.Processes, task: str, items: Sequence[Any]) -> Iterator[Any]:
        shared.append(task)
        return each(self, task, items)

    monkeypatch.setattr(workers.Processes, "each", noted)
    for way in ("here", "fork", "forkserver", "spawn"):
        monkeypatch.setattr(workers, "_start_method", lambda way=way: "fork" if way == "here" else way)
        monkeypatch.setattr(workers, "FEWEST_PAGES", 10_000 if way == "here" else 48)
        root = tmp_path / way
        for name, text in {**pages, "sitegen.toml": 'title = "T"\n'}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        sites[way] = _built(root)
        (root / "templates").mkdir()
        (root / "templates" / "page.html").write_text("{{ page.content }}{{ page.title }}")
        shared.clear()
        sites[way] |= {f"then {name}": content for name, content in _built(root).items()}
        assert shared == ([] if way == "here" else ["render_ready"])

    assert len(sites["here"]) > 140
    assert all(site == sites["here"] for site in sites.values())
