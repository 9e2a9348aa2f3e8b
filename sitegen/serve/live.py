"""What the browser is told while a site is previewed: how the last build went, at once when that changes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

PREFIX: Final = "/-/sitegen/"
"""Where the preview's own URLs live, beside those of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the preview stands."""

    site: str = ""
    """Changes whenever another site is served: a page that was made for another one reloads. Empty: no site yet."""
    problems: str = ""
    """The diagnostics of the last build as text; empty where it succeeded."""
    activity: str = ""
    """What is being done: `executing posts/ppo: cell 3/7`; empty at rest."""

    def as_dict(self) -> dict[str, str]:
        """What goes over the wire."""
        return {"site": self.site, "problems": self.problems, "activity": self.activity}


class Live:
    """The status and who waits for it; set from any thread, read by the server's event loop."""

    def __init__(self) -> None:
        self._status = Status()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Event] = set()
        self._session = secrets.token_hex(4)  # a page of an earlier server reloads as well
        self._sites = 0

    @property
    def status(self) -> Status:
        """The newest status."""
        return self._status

    def finished(self, *, has_site: bool, problems: str, is_changed: bool = True) -> None:
        """A build ended.

        Args:
            has_site: it published. Otherwise the last site stays.
            problems: shown above the site; empty where all is well.
            is_changed: the site differs from the last one: every page reloads.
        """
        with self._lock:
            site = self._status.site
            if has_site and (is_changed or not site):
                self._sites += 1
                site = f"{self._session}-{self._sites}"
            self._status = Status(site=site, problems=problems)
        self._wake()

    def busy(self, activity: str) -> None:
        """Something goes on; empty: at rest."""
        with self._lock:
            self._status = Status(site=self._status.site, problems=self._status.problems, activity=activity)
        self._wake()

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event, set at each change, for as long as the block lasts; only inside the event loop."""
        self._loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        self._listeners.add(changed)
        try:
            yield changed
        finally:
            self._listeners.discard(changed)

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody listens any more
                loop.call_soon_threadsafe(self._set_all)

    def _set_all(self) -> None:
        for changed in self._listeners:
            changed.set()


def client_script() -> str:
    """The JavaScript that reloads a page and shows the problems."""
    return files("sitegen.serve").joinpath("live.js").read_text(encoding="utf-8")


def inject(html: bytes, site: str) -> bytes:
    """The page with the client script; nothing of it is ever on disk.

    Args:
        html: a whole page; without `</body>` the script is put at the end.
        site: `Status.site` when the page was served.
    """
    tag = f'<script src="{PREFIX}live.js" data-site="{site}" defer></script>'.encode()
    position = html.rfind(b"</body>")
    if position < 0:
        return html + tag
    return html[:position] + tag + html[position:]
