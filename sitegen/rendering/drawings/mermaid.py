"""Diagrams in Mermaid's language, drawn by Mermaid itself in a browser without a window: all of a page in one run of it.

The browser loads one file, which we write, from the disk, and asks no network. It prints the page that it has then, with
what was drawn in an attribute.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sitegen.rendering.assets import theme_folder
from sitegen.rendering.drawings.drawn_svg import DrawingError, drawing_of, read_svg
from sitegen.rendering.drawings.graphviz import Drawn, end_group

_RESULT: Final = re.compile(rb'data-drawn="([A-Za-z0-9+/=]*)"')
_LINE: Final = re.compile(r"(?:error on line|at line:?) (\d+)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"[^\S\n]*%%(?!\{)[^\n]+")
_VIRTUAL_MS: Final = 60_000
"""Time in the browser goes as fast as it can: this much of it is enough for any diagram, and takes none where nothing waits."""
_LONGEST_MESSAGE: Final = 200
_PAGE: Final = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' file:; style-src 'unsafe-inline'">
<body style="width:688px;margin:0;font-size:16px">
<script src="{library}"></script>
<script src="{drawing}"></script>
<script type="application/json" id="sources">{sources}</script>
<script>
(async function () {{
  var made = [];
  for (var source of JSON.parse(document.getElementById("sources").textContent)) made.push(await sitegenMermaid(mermaid, source));
  var bytes = new TextEncoder().encode(JSON.stringify(made)), text = "";
  bytes.forEach(function (byte) {{ text += String.fromCharCode(byte); }});
  document.documentElement.replaceChildren();
  document.documentElement.dataset.drawn = btoa(text);
}})();
</script>
"""
_SWITCHES: Final = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    f"--virtual-time-budget={_VIRTUAL_MS}",
)


class BrowserError(Exception):
    """The browser has drawn nothing at all, with why in words."""


def drawing_script() -> Path:
    """The script that draws, in the build's browser and in a reader's."""
    return theme_folder() / "scripts" / "mermaid.js"


def draw_all(
    sources: Sequence[tuple[str, float | None]], library: Path, browser: Path, *, timeout_s: int
) -> list[Drawn]:
    """Diagrams, each drawn or with what is wrong with it.

    Args:
        sources: in Mermaid's language, each with its width in CSS pixels where the author says one.
        library: Mermaid in one file.
        browser: Chromium or Chrome.
        timeout_s: after so many seconds it is ended.

    Raises:
        BrowserError: it cannot be started, or came to no end.
    """
    texts = [source for source, _ in sources]
    with tempfile.TemporaryDirectory(prefix="sitegen-", ignore_cleanup_errors=True) as folder:
        page = Path(folder, "diagrams.html")
        page.write_text(
            _PAGE.format(
                library=library.as_uri(),
                drawing=drawing_script().as_uri(),
                sources=json.dumps(texts).replace("<", "\\u003c"),
            ),
            "utf-8",
        )
        printed = _printed(browser, page, Path(folder, "profile"), timeout_s)
    found = _RESULT.search(printed)
    if found is None:
        raise BrowserError(f"`{browser}` drew nothing within {timeout_s} s")
    made: list[Mapping[str, Any]] = json.loads(b64decode(found[1]))
    return [_drawn(result, source, width) for result, (source, width) in zip(made, sources, strict=True)]


def _printed(browser: Path, page: Path, profile: Path, timeout_s: int) -> bytes:
    command = [str(browser), *_SWITCHES, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # a container: Chromium has no sandbox for root
        command.insert(1, "--no-sandbox")
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise BrowserError(f"`{browser}` cannot be started: {error.strerror or error}") from error
    with process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            end_group(process)
            raise BrowserError(f"`{browser}` came to no end within {timeout_s} s") from None
    if process.returncode != 0:
        last = err.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise BrowserError(f"`{browser}` ended with {process.returncode}: {''.join(last)[:_LONGEST_MESSAGE]}")
    return out


def _drawn(made: Mapping[str, Any], source: str, width_px: float | None) -> Drawn:
    problem = made.get("error")
    if problem:
        return Drawn(problem=_in_words(str(problem)), line=_line(str(problem), made.get("line"), source))
    try:
        drawing = drawing_of(
            read_svg(str(made["svg"])),
            width_px=width_px,
            title=str(made.get("title", "")),
            description=str(made.get("description", "")),
        )
    except DrawingError as error:
        return Drawn(problem=f"what Mermaid has drawn cannot be shown: {error}")
    return Drawn(drawing=drawing)


def _in_words(message: str) -> str:
    """The library's message on one line, without the list of all that could have stood there."""
    lines = [line.strip() for line in message.splitlines() if line.strip("-^ \t")]
    kept = [line for line in lines if not line.startswith("Expecting ")]
    got = re.search(r", got '([^']*)'", message)
    text = " ".join(kept) + (f" (found `{got[1]}`)" if got else "")
    return text[:_LONGEST_MESSAGE]


def _line(message: str, said: object, source: str) -> int | None:
    """The line of the source that a message is of: Mermaid counts without comments and front matter."""
    found = _LINE.search(message)
    number = int(found[1]) if found else said if isinstance(said, int) else None
    if number is None:
        return 1 if "No diagram type detected" in message else None
    lines = source.split("\n")
    counted = _counted(lines)
    return counted[min(number, len(counted)) - 1] if counted and number > 0 else None


def _counted(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines that Mermaid reads, from 1."""
    start = 0
    if lines and lines[0].strip() == "---":
        start = next((place + 1 for place, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    found = [place for place, line in enumerate(lines[start:], start + 1) if not _COMMENT.fullmatch(line)]
    while found and not lines[found[0] - 1].strip():
        del found[0]
    while found and not lines[found[-1] - 1].strip():
        del found[-1]
    return found
