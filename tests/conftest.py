"""Fixtures for the whole suite: the tools a test may need, and tiny sites."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import psutil
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _missing(tool: str, how: str) -> NoReturn:
    """Skip for want of a tool; where CI has promised all tools, fail."""
    reason = f"{tool} is not installed ({how})"
    if os.environ.get("SITEGEN_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that the tests lie in."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The project's shared reading: documents and corpora that are not ours to copy."""
    for candidate in (REPOSITORY / "shared", REPOSITORY.parent / "shared"):
        if (candidate / "corpora").is_dir():
            return candidate
    pytest.skip("the shared folder is neither inside nor beside the repository")


@pytest.fixture(scope="module")
def started_since() -> Callable[[], list[psutil.Process]]:
    """Gives the processes below this one that were started after the fixture was made: a browser of other tests is none."""
    me = psutil.Process()
    before = set(me.children(recursive=True))

    def since() -> list[psutil.Process]:
        below = me.children(recursive=True)
        return [each for each in below if each not in before and before.isdisjoint(each.parents())]

    return since


@pytest.fixture
def awaited() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine in a thread of its own: Playwright's loop may be there in this one."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, coroutine).result()

    return run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser: the system's Chromium, driven by Playwright."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        _missing("chromium", "Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html_errors() -> Callable[[list[Path]], str]:
    """Runs the Nu HTML checker over files; gives its messages, one a line, empty when all is well."""
    java = shutil.which("java")
    if java is None:
        _missing("java", "Debian: apt-get install default-jre-headless")
    jars = [
        Path(jar)
        for jar in (
            os.environ.get("VNU_JAR", ""),
            str(REPOSITORY / ".tools/node_modules/vnu-jar/build/dist/vnu.jar"),
        )
        if jar and Path(jar).is_file()
    ]
    if not jars:
        _missing("the Nu HTML checker", "npm install --prefix .tools vnu-jar, or set VNU_JAR")

    def check(files: list[Path]) -> str:
        done = subprocess.run(
            [java, "-Xss4m", "-jar", str(jars[0]), "--errors-only", "--format", "gnu", *map(str, files)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr

    return check


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes a tiny site from a mapping of path to text below `tmp_path/site`; gives its root."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "site"
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write
