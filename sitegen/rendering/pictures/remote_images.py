"""Pictures of other sites, fetched by the build and kept: only where the author asks for it (`images.remote = "copy"`).

A copy lies in `.sitegen/cache/remote/` by its URL, with when it was fetched and its digest. After `images.remoteDays` it is asked
for again when a page that shows it is rendered; where that fails the copy stays, and the build says how old it is. A failure is
asked again in the same way: time makes no page again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sitegen.files import digest_bytes, write_atomic
from sitegen.values import dataclass

_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 20 * 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
_FORMS: Final = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of a picture, or why there is none."""

    file: Path | None
    digest: str = ""
    problem: str = ""
    """In words; with a file, why it is not newer."""


class RemoteImages:
    """Copies in one folder. Each address is asked once by an object."""

    def __init__(self, folder: Path, *, days: int, now: datetime) -> None:
        self._folder = folder
        self._oldest = now - timedelta(days=days)
        self._now = now
        self._found: dict[str, Copied] = {}

    def copy(self, url: str) -> Copied:
        """The copy of a picture, fetched where there is none or it is too old."""
        if url not in self._found:
            self._found[url] = self._copy(url if not url.startswith("//") else f"https:{url}")
        return self._found[url]

    def _copy(self, url: str) -> Copied:
        record = self._folder / f"{digest_bytes(url.encode())}.json"
        known = _read(record)
        file = self._folder / str(known.get("file", "")) if known else None
        is_there = file is not None and file.is_file()
        if is_there and _date(known) >= self._oldest:
            return Copied(file=file, digest=known["digest"])
        try:
            content = _fetched(url)
        except _NotFetchedError as error:
            if is_there:
                told = f"{error}; the copy of {_date(known):%Y-%m-%d} is shown"
                return Copied(file=file, digest=known["digest"], problem=told)
            return Copied(file=None, problem=str(error))
        digest = digest_bytes(content)
        file = self._folder / f"{digest}.{form_of(content)}"
        try:
            write_atomic(file, content)
            noted = {"url": url, "digest": digest, "fetched": self._now.isoformat(), "file": file.name}
            write_atomic(record, json.dumps(noted, indent=1).encode())
        except OSError as error:
            return Copied(file=None, problem=f"it cannot be kept: {error.strerror}")
        return Copied(file=file, digest=digest)


class _NotFetchedError(Exception):
    """Why a picture could not be fetched, in words."""


def form_of(content: bytes) -> str | None:
    """The suffix of a picture's file, by its first bytes; None for what is no picture (SVG is none here)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    return next((form for start, form in _FORMS.items() if content.startswith(start)), None)


def _read(record: Path) -> dict[str, Any]:
    try:
        found = json.loads(record.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"file", "digest", "fetched"} <= found.keys() else {}


def _date(known: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(known["fetched"]))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _fetched(url: str) -> bytes:
    import http.client
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    from sitegen import __version__

    if urlsplit(url).scheme not in ("http", "https"):
        raise _NotFetchedError("its address is not of the web")
    request = Request(url, headers={"User-Agent": f"sitegen/{__version__}", "Accept": "image/*"})  # noqa: S310 -- seen above
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 -- seen above
            content = _limited(answer.read)
    except HTTPError as error:
        raise _NotFetchedError(f"the answer is {error.code}") from error
    except URLError as error:
        raise _NotFetchedError(f"{error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _NotFetchedError(str(error) or type(error).__name__) from error
    if form_of(content) is None:
        raise _NotFetchedError("the answer is no JPEG, PNG, GIF, WebP or AVIF")
    return content


def _limited(read: Callable[[int], bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    while piece := read(_PIECE_BYTES):
        size += len(piece)
        if size > _MOST_BYTES:
            raise _NotFetchedError("it has more than 20 MB")
        parts.append(piece)
    return b"".join(parts)
