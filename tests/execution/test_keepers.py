"""The line to a keeper: messages, and who holds its ends."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest

from sitegen.execution.keepers import Reader
from sitegen.execution.processes import IS_SUPPORTED

FORKS = """
import os
from sitegen.execution.keepers import line
ours, theirs = line()
if os.fork() == 0:
    os._exit(10 * (ours.fileno() == -1) + (theirs.fileno() == -1))
print(os.waitstatus_to_exitcode(os.wait()[1]), os.get_inheritable(ours.fileno()), os.get_inheritable(theirs.fileno()))
"""


def packed(message: object) -> bytes:
    """A message as it goes over the line."""
    body = json.dumps(message).encode()
    return struct.pack("!I", len(body)) + body


def test_messages_are_put_together_from_pieces() -> None:
    """However they are cut on their way, each comes once and whole."""
    messages = [{"started": 7, "keeper": 6}, {"words": "ü" * 300}, {}]
    data = b"".join(map(packed, messages))
    for size in (1, 3, 4, 5, 64, len(data)):
        reader = Reader()
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert [message for piece in pieces for message in reader.feed(piece)] == messages


@pytest.mark.skipif(not IS_SUPPORTED, reason="keepers are for Linux")
def test_fork_of_the_build_holds_no_line() -> None:
    """Else a keeper would not see that the build has gone; and a program that is started does not inherit one."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["11", "False", "False"]
