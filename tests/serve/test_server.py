"""The preview's web server over real sockets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from sitegen.serve.live import Live
from sitegen.serve.server import bind

DEADLINE_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes


Get = Callable[..., Answer]


@pytest.fixture
def live() -> Live:
    """The status, with a first site."""
    made = Live()
    made.finished(has_site=True, problems="")
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site of a few files."""
    files = {
        "index.html": "<!doctype html><title>Home</title><body>hello</body>",
        "posts/a/index.html": "<p>no body tag",
        "404.html": "<body>our own 404</body>",
        "data.bin": "0123456789",
        "feed.xml": "<rss/>",
        "../secret.txt": "secret",
    }
    for name, text in files.items():
        file = tmp_path / "preview" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "preview"


@pytest.fixture
def port(site: Path, live: Live, start_server: Callable[..., int]) -> int:
    """A running server."""
    return start_server(site, live)


@pytest.fixture
def get(port: int) -> Get:
    """Asks the server for a path."""

    def ask(path: str, method: str = "GET", **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        answer = Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(),
        )
        connection.close()
        return answer

    return ask


def test_page_is_served_with_the_client_script(get: Get, site: Path) -> None:
    """The script is put into the answer, not into the file."""
    answer = get("/")

    assert answer.status == 200
    assert b'hello<script src="/-/sitegen/live.js"' in answer.body
    assert "script" not in (site / "index.html").read_text(encoding="utf-8")


def test_page_without_body_tag_gets_the_script_at_its_end(get: Get) -> None:
    """HTML may leave out `</body>`."""
    assert get("/posts/a/").body.startswith(b"<p>no body tag<script ")


def test_report_of_the_last_build_is_beside_the_site(get: Get) -> None:
    """Made when it is asked for, and kept by no browser."""
    answer = get("/-/sitegen/report")

    assert (answer.body, answer.headers["cache-control"]) == (b"the report", "no-store")


def test_folder_without_slash_is_redirected(get: Get) -> None:
    """Relative links of the page work then."""
    answer = get("/posts/a?x=1")

    assert (answer.status, answer.headers["location"]) == (307, "/posts/a/?x=1")


def test_same_content_is_not_sent_twice(get: Get) -> None:
    """The browser asks with the tag that it was given; pages and files alike."""
    page, data = get("/"), get("/data.bin")

    assert get("/", if_none_match=page.headers["etag"]).status == 304
    assert get("/data.bin", if_none_match=f'W/{data.headers["etag"]}, "x"').status == 304


def test_range_of_a_file_is_served(get: Get) -> None:
    """Videos can be sought in."""
    answer = get("/data.bin", range="bytes=2-4")

    assert (answer.status, answer.body) == (206, b"234")


def test_a_file_that_is_replaced_while_it_is_asked_for_is_whole(
    get: Get, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length and its bytes are those of one file, though a build comes between the first look and the reading."""
    look = Path.stat

    def replaced(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = look(self, follow_symlinks=follow_symlinks)
        if self.name == "data.bin":
            self.write_text("x" * (found.st_size + 1), encoding="utf-8")
        return found

    monkeypatch.setattr(Path, "stat", replaced)
    answer = get("/data.bin")

    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body) == look(site / "data.bin").st_size


def test_head_has_no_body(get: Get) -> None:
    """A link checker may ask for the headers only."""
    answer = get("/", method="HEAD")

    assert (answer.status, answer.body) == (200, b"")


def test_missing_page_is_the_sites_own_404(get: Get, site: Path) -> None:
    """As a host would serve it; without one, ours."""
    own = get("/nowhere/")
    (site / "404.html").unlink()
    ours = get("/nowhere/")

    assert (own.status, b"our own 404" in own.body) == (404, True)
    assert (ours.status, b"Page not found" in ours.body) == (404, True)


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd", "/%00"]
)
def test_nothing_outside_the_site_is_served(get: Get, path: str) -> None:
    """No path leads out of the folder."""
    assert get(path).status == 404


def test_types_do_not_depend_on_the_machine(get: Get) -> None:
    """Feeds are XML everywhere."""
    assert get("/feed.xml").headers["content-type"] == "application/xml; charset=utf-8"


def test_problems_are_told_at_once_and_taken_back(port: int, live: Live) -> None:
    """The overlay comes with a failed build and goes with a good one, on another site."""
    with connect(f"ws://127.0.0.1:{port}/-/sitegen/live") as socket:
        first = json.loads(socket.recv(timeout=DEADLINE_S))
        live.finished(has_site=False, problems="a.md:1: error SG110: bad")
        second = json.loads(socket.recv(timeout=DEADLINE_S))
        live.finished(has_site=True, problems="")
        third = json.loads(socket.recv(timeout=DEADLINE_S))

    assert first["problems"] == third["problems"] == ""
    assert second == {"site": first["site"], "problems": "a.md:1: error SG110: bad", "activity": ""}
    assert third["site"] != first["site"]


def test_other_origins_learn_nothing(port: int) -> None:
    """A web page elsewhere cannot read an author's diagnostics."""
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://127.0.0.1:{port}/-/sitegen/live", origin=Origin("https://example.org"))


def test_first_build_that_fails_is_a_page(site: Path, start_server: Callable[..., int]) -> None:
    """Until there is a site every URL shows the problems, escaped, and waits for better news."""
    live = Live()
    live.finished(has_site=False, problems="sitegen.toml:1: error SG101: <bad>")

    connection = HTTPConnection("127.0.0.1", start_server(site, live), timeout=DEADLINE_S)
    connection.request("GET", "/posts/")
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()

    assert response.status == 503
    assert "error SG101: &lt;bad&gt;" in body
    assert 'data-site=""' in body


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [("/", 307, "/blog/"), ("/blog", 307, "/blog/"), ("/blog/posts/a/", 200, None), ("/posts/a/", 404, None)],
)
def test_site_under_a_path_is_served_there_only(
    path: str, status: int, location: str | None, site: Path, live: Live, start_server: Callable[..., int]
) -> None:
    """A link that forgets the base path fails in the preview as it would at home."""
    connection = HTTPConnection("127.0.0.1", start_server(site, live, "/blog/"), timeout=DEADLINE_S)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()

    assert (response.status, response.getheader("location")) == (status, location)


def test_taken_port_gives_the_next_one() -> None:
    """Two previews run side by side."""
    first = bind("127.0.0.1", 0)
    taken = first.getsockname()[1]
    second = bind("127.0.0.1", taken)

    assert second.getsockname()[1] > taken
    first.close()
    second.close()
