"""A build in which nothing changed: what it does without."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

NOT_NEEDED = (
    "IPython",
    "ipykernel",
    "jupyter_client",
    "jupyter_core",
    "nbclient",
    "nbformat",
    "traitlets",
    "zmq",
    "asyncio",
    "concurrent.futures",
    "multiprocessing",
    "fsspec",
    "matplotlib",
    "numpy",
    "PIL",
    "pynvml",
    "torch",
    "email.message",
    "http.client",
    "importlib.metadata",
    "rich.table",
    "starlette",
    "watchdog",
    "sitegen.execution.kernels",
    "sitegen.execution.limits",
    "sitegen.execution.pool",
    "sitegen.execution.processes",
    "sitegen.scaffold",
    "sitegen.serve",
)

BUILD = """
import json, sys
from sitegen.cli.main import main
try:
    main(["build", "-s", sys.argv[1]])
except SystemExit as ended:
    print(json.dumps([ended.code, sorted(sys.modules)]))
"""


def built(root: Path) -> tuple[set[str], str]:
    """The modules that a build imported in a process of its own, and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(root)], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules), done.stderr


@pytest.fixture
def site(write_site: Callable[[dict[str, str]], Path]) -> Path:
    """One page that runs, with a metric and an inline value."""
    cell = "import json\nfrom sitegen import lab\nlab.metric('length', 2.0)\nprint(json.dumps([1]))"
    text = f"+++\ntitle = 'A'\nexecute = true\n+++\n```python\n{cell}\n```\n\nIt is `{{python}} 1 + 1`.\n"
    settings = 'title = "T"\nbaseURL = "https://example.org/"\n'
    return write_site({"sitegen.toml": settings, "content/a.md": text})


def test_cached_build_loads_nothing_that_only_a_run_needs(site: Path) -> None:
    """Neither Jupyter nor what starts and watches processes: imports are most of the time of such a build."""
    first, _ = built(site)

    second, said = built(site)

    assert "pages with cells: cached 1" in said
    assert "sitegen.execution.pool" in first
    assert second.isdisjoint(NOT_NEEDED)


def test_cached_build_compiles_no_template(site: Path) -> None:
    """Compiled templates are kept, and publishing finds nothing to write."""
    (site / "content/a.md").write_text("Prose.\n", encoding="utf-8")
    built(site)
    kept = {path: path.stat().st_mtime_ns for path in (site / ".sitegen/cache/templates").iterdir()}
    published = (site / "public").stat().st_ino

    built(site)

    assert kept == {path: path.stat().st_mtime_ns for path in (site / ".sitegen/cache/templates").iterdir()}
    assert (site / "public").stat().st_ino == published
