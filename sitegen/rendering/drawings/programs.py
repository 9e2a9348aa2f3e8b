"""Programs and libraries of the machine that draw diagrams: where they are, with every place that was looked at noted.

A place is noted as a file that was read, also where nothing is there: so a program that is installed later makes the pages
again that wanted it. What is noted is looked at by every build; a browser's own file, of some 300 MB, is not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sitegen.config import Config
from sitegen.rendering.recorder import Recorder

_LIBRARY: Final = Path("mermaid", "dist", "mermaid.min.js")
_BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "chrome-headless-shell",
)
_VARIABLES: Final = ("PUPPETEER_EXECUTABLE_PATH", "CHROME_PATH", "CHROME_BIN")
"""That other tools read for a browser's path."""
_DOWNLOADED: Final = (
    ".cache/puppeteer/chrome/*/chrome-*/chrome",
    ".cache/puppeteer/chrome-headless-shell/*/chrome-*/chrome-headless-shell",
    ".cache/ms-playwright/chromium-*/chrome-*/chrome",
    ".cache/ms-playwright/chromium_headless_shell-*/chrome-*/*headless*shell",
    "Library/Caches/ms-playwright/chromium-*/chrome-*/Chromium.app/Contents/MacOS/Chromium",
)
"""Where Puppeteer and Playwright put the browsers that they fetch, below the home folder."""
_OF_MAC: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class Programs:
    """What one page's diagrams are drawn with."""

    def __init__(self, config: Config, recorder: Recorder) -> None:
        self._config = config
        self._recorder = recorder

    def graphviz(self) -> Path | None:
        """The program `dot`."""
        return self._on_path("dot")

    def mermaid(self) -> Path | None:
        """Mermaid's library, in one file: the site's own, or that of mermaid-cli (`mmdc`)."""
        own = self._config.root / "node_modules" / _LIBRARY
        if self._is_there(own):
            return own
        command = self._on_path("mmdc")
        for folder in command.resolve().parents if command is not None else ():
            for file in (folder / "node_modules" / _LIBRARY, folder / _LIBRARY):
                if file.is_file():
                    self._note(file)
                    return file
        return None

    def browser(self) -> Path | None:
        """A Chromium, or Chrome."""
        named = (Path(os.environ[name]) for name in _VARIABLES if os.environ.get(name))
        for file in named:
            if os.access(file, os.X_OK):
                return file
        for name in _BROWSERS:
            found = self._on_path(name, is_noted_found=False)
            if found is not None:
                return found
        return next(_downloaded(), None)

    def _on_path(self, name: str, *, is_noted_found: bool = True) -> Path | None:
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            if not folder or not Path(folder).is_absolute():
                continue
            file = Path(folder, name)
            if os.access(file, os.X_OK) and file.is_file():
                if is_noted_found:
                    self._note(file)
                return file
            self._note(file)
        return None

    def _is_there(self, file: Path) -> bool:
        self._note(file)
        return file.is_file()

    def _note(self, file: Path) -> None:
        self._recorder.read("file", str(self._config.relative_to_root(file)))


def _downloaded() -> Iterator[Path]:
    for file in _OF_MAC if sys.platform == "darwin" else ():
        if os.access(file, os.X_OK):
            yield Path(file)
    home = Path.home()
    for pattern in _DOWNLOADED:
        yield from sorted(home.glob(pattern), reverse=True)
