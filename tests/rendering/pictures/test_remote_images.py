"""Pictures of other sites, from a server of this machine."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sitegen.rendering.pictures import remote_images
from sitegen.rendering.pictures.remote_images import RemoteImages

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "PNG")
    return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        content = server.contents.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Any]:
    """Serves `contents`, and notes what is `asked`."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.contents, server.asked = {"/a.png": _png(), "/page": b"<p>no picture</p>"}, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _images(folder: Path, now: datetime = NOW) -> RemoteImages:
    return RemoteImages(folder, days=30, now=now)


def test_a_copy_is_made_once(server: Any, tmp_path: Path) -> None:
    """With a record of when and what; the next builds ask nobody."""
    url = f"{server.url}/a.png"

    first = _images(tmp_path).copy(url)
    again = _images(tmp_path, NOW + timedelta(days=29)).copy(url)

    assert first.file is not None
    assert first.file.read_bytes() == _png()
    assert again == first
    assert server.asked == ["/a.png"]
    record = json.loads(next(tmp_path.glob("*.json")).read_text("utf-8"))
    assert (record["url"], record["digest"], record["fetched"]) == (url, first.digest, NOW.isoformat())


def test_an_old_copy_is_asked_for_again(server: Any, tmp_path: Path) -> None:
    """Where that fails it is shown with its date, never in silence."""
    url = f"{server.url}/a.png"
    first = _images(tmp_path).copy(url)
    server.contents.clear()

    old = _images(tmp_path, NOW + timedelta(days=31)).copy(url)

    assert old.file == first.file
    assert old.problem == "the answer is 404; the copy of 2026-11-20 is shown"


@pytest.mark.parametrize(
    ("path", "problem"),
    [("/none.png", "the answer is 404"), ("/page", "the answer is no JPEG, PNG, GIF, WebP or AVIF")],
)
def test_what_is_no_picture_is_not_kept(server: Any, tmp_path: Path, path: str, problem: str) -> None:
    """The page links to it as before."""
    found = _images(tmp_path).copy(server.url + path)

    assert (found.file, found.problem) == (None, problem)


def test_a_picture_that_is_too_large_is_left(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is read than may be kept."""
    monkeypatch.setattr(remote_images, "_MOST_BYTES", 20)

    assert _images(tmp_path).copy(f"{server.url}/a.png").problem == "it has more than 20 MB"


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    """A file of the machine is no picture of the web."""
    assert _images(tmp_path).copy("file:///etc/hostname").file is None
