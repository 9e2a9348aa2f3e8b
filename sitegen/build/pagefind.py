"""Pagefind's program: texts of pages in, the files of a search index out, the same bytes for the same texts.

It is spoken to in its service protocol, messages of JSON in base64 that end with a comma, by which its own Python package
speaks to it. That one waits a tenth of a second for each answer, and so 17 minutes for 10,000 pages; here all is written at
once, and Pagefind takes 1.5 ms a page. Written for Pagefind 1.5.

Source: `pagefind/service/types.py` of the Python package `pagefind` 1.5.2.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, cast

from sitegen.build.pagefind_files import reproducible

_PROGRAMS: Final = ("pagefind_bin_extended", "pagefind_bin")
"""Packages that hold it; the first reads Chinese and Japanese too."""
_LEFT_OUT: Final = ("pagefind-ui", "pagefind-modular-ui", "pagefind-component-ui", "pagefind-highlight")
"""How the names of its own interfaces begin: 430 KB that nothing asks for."""
_AT_ONCE: Final = 1 << 20
"""Bytes."""
_MOST_SAID: Final = 500
"""Characters of what it said that a message repeats."""


class PagefindError(Exception):
    """It ended before it had made the index, or refused what it was given; the message is its own."""


class IndexedText(NamedTuple):
    """A page as it is searched."""

    url: str
    """Site-absolute, without the base path: results lead below the address that the index is loaded from."""
    html: str


def find_program() -> Path | None:
    """The program of the extra `search`; None where that is not installed."""
    for name in _PROGRAMS:
        try:
            package = importlib.import_module(name)
        except ImportError:
            continue
        found: Path | None = package.get_executable()
        if found is not None:
            return Path(found)
    return None


def index_files(program: Path, texts: Iterable[IndexedText]) -> Mapping[str, bytes]:
    """The files of an index by their paths in its folder.

    Args:
        program: of `find_program`.
        texts: in an order of their own: the index depends on it.

    Raises:
        PagefindError: there is none.
    """
    messages = [_message(1, {"type": "NewIndex", "config": None})]
    for number, (url, html) in enumerate(texts, start=2):
        request = {"type": "AddFile", "index_id": 0, "url": url, "file_path": None, "file_contents": html}
        messages.append(_message(number, request))
    last = len(messages) + 1
    messages.append(_message(last, {"type": "GetFiles", "index_id": 0}))
    answer = _answer(program, messages, last)
    files = {str(file["path"]): base64.b64decode(file["content"]) for file in answer["files"]}
    return reproducible({path: content for path, content in files.items() if not path.startswith(_LEFT_OUT)})


def _message(number: int, payload: Mapping[str, object]) -> bytes:
    return base64.b64encode(json.dumps({"message_id": number, "payload": payload}).encode()) + b","


def _answer(program: Path, messages: Iterable[bytes], last: int) -> Mapping[str, Any]:
    """What the program says to the last message; its input stays open until then, since it ends with that."""
    with subprocess.Popen(
        [program, "--service"],
        bufsize=0,  # what a buffer still holds would be written, in vain, when it is closed
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        source, sink = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stdin)
        writer = threading.Thread(target=_write, args=(sink, messages), name="sitegen-pagefind")
        writer.start()
        try:
            for number, payload in _answers(source):
                if payload["type"] == "Error":
                    raise PagefindError(str(payload["message"]))
                if number == last:
                    return payload
        finally:
            process.kill()
            writer.join()
    raise AssertionError("the answers end with one, or with an error")


def _write(stream: IO[bytes], messages: Iterable[bytes]) -> None:
    try:
        for message in messages:
            rest = memoryview(message)
            while rest:
                rest = rest[os.write(stream.fileno(), rest) :]
    except OSError:
        pass  # it has ended: whoever reads its answers tells


def _answers(stream: IO[bytes]) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Each answer, with the number of the message that it is to."""
    pending: list[bytes] = []
    while chunk := os.read(stream.fileno(), _AT_ONCE):
        first, *others = chunk.split(b",")
        pending.append(first)
        for part in others:
            yield _decoded(b"".join(pending))
            pending = [part]
    said = b"".join(pending).decode("utf-8", "replace").strip()
    raise PagefindError(said[:_MOST_SAID] or "it ended without an answer")


def _decoded(answer: bytes) -> tuple[int | None, Mapping[str, Any]]:
    try:
        value = json.loads(base64.b64decode(answer, validate=True))
        return value.get("message_id"), value["payload"]
    except (ValueError, KeyError, AttributeError) as error:
        raise PagefindError(answer.decode("utf-8", "replace").strip()[:_MOST_SAID]) from error
