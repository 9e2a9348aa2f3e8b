"""The example site of this repository, built once in the smoke profile."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

PARTS = ("content", "templates", "notebooks", "data", "static", "references.bib", "sitegen.toml")


@dataclass(frozen=True)
class BuiltSite:
    """A site's folder after a build, with what the build said."""

    root: Path
    public: Path
    report: dict[str, object]
    stderr: str


@pytest.fixture(scope="session")
def example_root(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example site's sources."""
    root = tmp_path_factory.mktemp("example") / "site"
    root.mkdir()
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            shutil.copytree(
                source, root / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            )
        elif source.is_file():
            shutil.copy2(source, root / part)
    return root


@pytest.fixture(scope="session")
def run_build(example_root: Path) -> Callable[..., BuiltSite]:
    """Builds the example site with the given flags; its records are shared between builds."""

    def run(*flags: str, destination: str = "public", environ: dict[str, str] | None = None) -> BuiltSite:
        done = subprocess.run(
            [sys.executable, "-m", "sitegen", "build", "-s", str(example_root), "-d", destination, *flags],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"SITEGEN_EXECUTE_PROFILE": "smoke"} | (environ or {}),
        )
        assert done.returncode == 0, done.stderr
        report = json.loads((example_root / ".sitegen/report.json").read_text("utf-8"))
        return BuiltSite(
            root=example_root, public=example_root / destination, report=report, stderr=done.stderr
        )

    return run


@pytest.fixture(scope="session")
def example_site(run_build: Callable[..., BuiltSite]) -> BuiltSite:
    """The example site as `make site` builds it, in the smoke profile."""
    return run_build("--relative-urls")


@pytest.fixture(scope="session")
def example_under_path(example_site: BuiltSite, run_build: Callable[..., BuiltSite]) -> BuiltSite:
    """The example site for `https://example.org/blog/`, from the records of `example_site`."""
    return run_build(
        "--no-relative-urls", "--base-url", "https://example.org/blog/", destination="under-path/blog"
    )


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """Serves a folder on a free port of the loopback interface; gives the address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    class QuietHandler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Keep the test's output clean."""

    def serve(folder: Path) -> str:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
