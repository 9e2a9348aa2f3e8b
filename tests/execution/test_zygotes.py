"""The tree of warm processes, without any: who waits for one is told what became of it."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from sitegen.execution.zygotes import Server, Tree

WAIT_S = 10.0
"""For what takes a millisecond."""


def test_bug_while_a_zygote_is_made_is_raised_in_every_page_that_waits_for_it() -> None:
    """Also in those that did not make it themselves: a page that waits for nothing would hang the build."""
    cancelled = threading.Event()
    others: list[Future[Server]] = []

    def warden(_: threading.Event) -> Server:
        if not others:
            others.append(threads.submit(tree.zygote, (), None, None, cancelled))
        raise ZeroDivisionError("ours")

    with ThreadPoolExecutor(4) as threads:
        tree = Tree(interpreter=(sys.executable,), env={}, cwd=None, warden=warden)
        try:
            with pytest.raises(ZeroDivisionError):
                tree.zygote((), None, None, cancelled)
            with pytest.raises(ZeroDivisionError):
                others[0].result(WAIT_S)
        finally:
            cancelled.set()
