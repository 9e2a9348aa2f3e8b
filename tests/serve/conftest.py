"""A preview's server in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sitegen.serve.live import Live
from sitegen.serve.server import bind, make_application, make_server

DEADLINE_S = 20


@pytest.fixture
def start_server() -> Iterator[Callable[..., int]]:
    """Starts servers of a built site on a free port, and gives the port; all end with the test."""
    running = []

    def start(site: Path, live: Live, base_path: str = "/") -> int:
        listener = bind("127.0.0.1", 0)
        server = make_server(
            make_application(lambda: site, live, report=lambda: b"the report", base_path=base_path)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread))
        port: int = listener.getsockname()[1]
        return port

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
