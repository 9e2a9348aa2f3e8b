"""Files made by recipes: made once, whole, and not for ever."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.files import digest_bytes
from sitegen.rendering.processed import ProcessedFiles

_DIGEST = digest_bytes(b"picture")


def _never() -> bytes:
    pytest.fail("made again")


def test_work_is_done_once_for_a_content_and_a_recipe(tmp_path: Path) -> None:
    """Another content or another recipe is other work."""
    made: list[str] = []

    def make(name: str) -> Callable[[], bytes]:
        return lambda: made.append(name) or name.encode()  # type: ignore[func-returns-value]

    processed = ProcessedFiles(tmp_path / "a")
    first = processed.get(_DIGEST, "webp 800", make("one"))
    again = ProcessedFiles(tmp_path / "a").get(_DIGEST, "webp 800", _never)
    processed.get(_DIGEST, "webp 400", make("two"))
    processed.get(digest_bytes(b"other"), "webp 800", make("three"))

    assert first == again == b"one"
    assert made == ["one", "two", "three"]


def test_what_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    """A failure is not kept."""
    processed = ProcessedFiles(tmp_path)

    assert processed.get(_DIGEST, "r", lambda: None) is None
    assert processed.get(_DIGEST, "r", lambda: b"") == b""
    assert processed.get(_DIGEST, "r", _never) == b""


@pytest.mark.parametrize("content", [b"", b"abc", b"0" * 64 + b"made", b"\xff" * 80])
def test_a_damaged_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    """Its check sum is not its content's."""
    processed = ProcessedFiles(tmp_path)
    processed.put(_DIGEST, "r", b"made")
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)

    found = processed.get(_DIGEST, "r", lambda: b"made")

    assert found == b"made"
    assert ProcessedFiles(tmp_path).find(_DIGEST, "r") == b"made"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """The work is done, and done again."""
    (tmp_path / "file").write_text("mine")
    processed = ProcessedFiles(tmp_path / "file" / "cache")

    assert processed.get(_DIGEST, "r", lambda: b"made") == b"made"
    assert processed.find(_DIGEST, "r") is None
    assert processed.prune() == 0


def test_processes_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    """Each has what it asked for, whoever came first."""
    content = os.urandom(300_000)
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            found = [ProcessedFiles(tmp_path).get(_DIGEST, str(n), lambda: content) for n in range(20)]
            os._exit(0 if found == [content] * 20 else 1)
        children.append(child)

    statuses = [os.waitpid(child, 0)[1] for child in children]

    assert statuses == [0, 0, 0, 0]
    assert len(list(tmp_path.iterdir())) == 20


def test_what_is_used_least_goes_first(tmp_path: Path) -> None:
    """A use counts as a file's time, though not every one is written down."""
    processed = ProcessedFiles(tmp_path)
    for number in range(4):
        processed.put(_DIGEST, str(number), b"x" * 1_000)
    for file in tmp_path.iterdir():
        os.utime(file, (1_000_000, 1_000_000))
    processed.find(_DIGEST, "2")

    removed = processed.prune(largest_bytes=1_500)

    assert removed == 3
    assert [processed.find(_DIGEST, str(number)) is not None for number in range(4)] == [
        False,
        False,
        True,
        False,
    ]
