"""Start-up is guarded by the list of imported modules: each command loads what it needs, and a build that changes nothing next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

COMMAND: Final = """
import json, sys
from sitegen.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    print(json.dumps([ended.code, sorted(sys.modules)]))
"""
NEVER_FOR_HELP: Final = (
    *("jinja2", "markdown_it", "pygments", "PIL", "msgspec", "yaml", "asyncio", "sqlite3", "subprocess"),
    *("jupyter_client", "jupyter_core", "nbclient", "nbformat", "IPython", "zmq", "torch", "numpy"),
    *("starlette", "uvicorn", "watchdog", "rich", "importlib.metadata", "email", "http", "ssl", "logging"),
    *("sitegen.config", "sitegen.content", "sitegen.build", "sitegen.execution", "sitegen.results"),
)
NEVER_WITHOUT_A_CHANGE: Final = (
    *(
        "jinja2",
        "markupsafe",
        "markdown_it",
        "mdit_py_plugins",
        "pygments",
        "PIL",
        "math_core",
        "minify_html",
    ),
    *("jupyter_client", "jupyter_core", "nbclient", "nbformat", "IPython", "ipykernel", "traitlets", "zmq"),
    *(
        "starlette",
        "uvicorn",
        "watchdog",
        "anyio",
        "rich",
        "torch",
        "numpy",
        "matplotlib",
        "fsspec",
        "pynvml",
    ),
    *("yaml", "xml", "logging", "asyncio", "multiprocessing", "concurrent", "tempfile", "unittest"),
    *("email", "http", "ssl", "importlib.metadata", "urllib.request", "zipfile"),
    *("sitegen.markdown", "sitegen.scaffold", "sitegen.serve", "sitegen.checking", "sitegen.importing"),
    *("sitegen.build.pipeline", "sitegen.build.workers", "sitegen.content.site", "sitegen.execution.lookup"),
    *("sitegen.execution.kernels", "sitegen.execution.recording", "sitegen.execution.jobs"),
    *("sitegen.execution.run", "sitegen.rendering.templating.templates", "sitegen.rendering.composing.page"),
)
MOST_FOR_HELP: Final = 145
"""Modules in all: 130 to 140 on Python 3.11, of which 33 are there before anything is imported."""
MOST_WITHOUT_A_CHANGE: Final = 265
"""Modules in all: 250 on Python 3.11, 77 of them ours."""


def _run(*arguments: str) -> tuple[int, set[str]]:
    """The exit code of a command in a process of its own, and the modules that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


def _named(names: tuple[str, ...], modules: set[str]) -> set[str]:
    """The modules that have one of the names, or lie below it."""
    return {
        module for module in modules if any(module == name or module.startswith(f"{name}.") for name in names)
    }


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["build", "--help"], ["serve", "--help"]])
def test_help_and_version_import_next_to_nothing(arguments: list[str]) -> None:
    """They come at once: 0.04 s of CPU, most of it Python's own and click's."""
    code, modules = _run(*arguments)
    assert code == 0
    assert _named(NEVER_FOR_HELP, modules) == set()
    assert len(modules) <= MOST_FOR_HELP


def test_build_without_changes_imports_no_renderer(write_site: Callable[[dict[str, str]], Path]) -> None:
    """It compares what is there with what was there: no Markdown, no template, no kernel, no look-up of results."""
    root = write_site(
        {
            "sitegen.toml": "baseURL = 'https://example.org/'\ntitle = 'T'\n",
            "content/posts/a.md": "+++\ntitle = 'A'\ndate = 2020-01-01\n+++\n\nText.\n\n```python\nx = 1\n```\n",
            "content/posts/b.md": "---\ntitle: B\n---\n\nText, $x^2$.\n",
            "content/about.md": "+++\ntitle = 'About'\n[execute]\nenabled = true\n+++\n\n```python\n1 + 1\n```\n",
            "data/people.toml": "name = 'Ada'\n",
        }
    )
    first, made = _run("build", "--no-execute", "-s", str(root))
    _run("build", "--no-execute", "-s", str(root))  # knows what the first one has looked for in vain
    code, modules = _run("build", "--no-execute", "-s", str(root))
    assert (first, code) == (0, 0)
    assert {"jinja2", "markdown_it", "sitegen.build.pipeline"} <= made
    assert _named(NEVER_WITHOUT_A_CHANGE, modules) == set()
    assert len(modules) <= MOST_WITHOUT_A_CHANGE
