"""Links to other sites, asked of a server in this process: manners, answers, and what is told of them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sitegen.checking import external, requests
from sitegen.checking.crawl import Manners, crawl
from sitegen.checking.link_cache import LinkCache
from sitegen.checking.requests import Answer, Asking, ask

if TYPE_CHECKING:
    from tests.checking.conftest import Checked, CheckSite

ASKING = Asking(timeout_s=0.3, private=True)
EAGER = Manners(per_host=2, delay_s=0.0, retries=2, back_off_s=0.0)


@dataclass
class World:
    """What the server has been asked, and how it answers."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    release: threading.Event = field(default_factory=threading.Event)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for _, asked in self.asked if asked == path)


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    world: World
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """An answer without a body."""
        self._answer("HEAD")

    def do_GET(self) -> None:
        """An answer."""
        self._answer("GET")

    def _answer(self, method: str) -> None:
        world, path = self.world, self.path
        with world.lock:
            world.asked.append((method, path))
            world.agents.add(self.headers["User-Agent"])
            world.at_once += 1
            world.most_at_once = max(world.most_at_once, world.at_once)
        try:
            status, headers, body = self._said(method, path, world.times(path))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if method == "GET":
                self.wfile.write(body)
        except OSError:
            pass  # who asked has gone
        finally:
            with world.lock:
                world.at_once -= 1

    def _said(self, method: str, path: str, times: int) -> tuple[int, dict[str, str], bytes]:
        name = path.strip("/").split("?")[0]
        if name == "slow":
            self.world.release.wait(20)
        if name == "busy" and times == 1:
            return 429, {"Retry-After": "0"}, b""
        if name == "flaky" and times < 3:
            return 500, {}, b""
        if name == "no-head" and method == "HEAD":
            return 405, {}, b""
        if name == "lies-to-head" and method == "HEAD":
            return 404, {}, b""
        moved = {
            "moved": (301, "/ok"),
            "moved-twice": (308, "/moved"),
            "elsewhere-now": (302, "/ok"),
            "moved-then-now": (301, "/elsewhere-now"),
            "loop": (302, "/pool"),
            "pool": (302, "/loop"),
            "to-file": (302, "file:///etc/passwd"),
            "slash": (301, "/slash/"),
        }
        if name in moved and path != "/slash/":
            return moved[name][0], {"Location": moved[name][1]}, b""
        if name.isdigit():
            return int(name), {}, b""
        return 200, {"Content-Type": "text/html"}, b"<h2 id=here>x</h2><a name='old'></a>"

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Server(ThreadingHTTPServer):
    """Leaves no thread behind, and says nothing of those who hang up."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Somebody hung up."""


@contextmanager
def serving(world: World, tls: ssl.SSLContext | None = None) -> Iterator[World]:
    """A server that is there for the length of the block."""
    server = Server(("127.0.0.1", 0), type("OneHandler", (Handler,), {"world": world}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    world.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    try:
        yield world
    finally:
        world.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def world() -> Iterator[World]:
    """A server that answers in many ways."""
    with serving(World()) as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "untrusted.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(pem, *form) + made.public_bytes(pem))
    return file


@pytest.mark.parametrize(
    ("path", "outcome", "status"),
    [
        ("/ok", "ok", 200),
        ("/no-head", "ok", 200),
        ("/lies-to-head", "ok", 200),
        ("/404", "gone", 404),
        ("/410", "gone", 410),
        ("/403", "refused", 403),
        ("/451", "refused", 451),
        ("/503", "flaky", 503),
        ("/elsewhere-now", "ok", 200),
        ("/loop", "loop", 302),
        ("/to-file", "gone", 0),
        ("/sp%20ace?q=a b&c=é", "ok", 200),
    ],
)
def test_answers(world: World, path: str, outcome: str, status: int) -> None:
    """HEAD, then GET where HEAD is refused; redirects are followed, never out of the web."""
    answer = ask(world.url + path, ASKING)
    assert (answer.outcome, answer.status) == (outcome, status)


def test_a_request_says_who_asks_and_reads_no_body(world: World) -> None:
    """One HEAD, with a name of our own."""
    ask(f"{world.url}/ok", ASKING)
    assert world.asked == [("HEAD", "/ok")]
    assert all(agent.startswith("sitegen-check/") for agent in world.agents)


@pytest.mark.parametrize(
    ("path", "moved_to"),
    [
        ("/moved", "/ok"),
        ("/moved-twice", "/ok"),
        ("/elsewhere-now", ""),
        ("/moved-then-now", "/elsewhere-now"),
    ],
)
def test_what_has_moved_for_good(world: World, path: str, moved_to: str) -> None:
    """As far as every step is permanent."""
    answer = ask(world.url + path, ASKING)
    assert answer.moved_to == (world.url + moved_to if moved_to else "")


def test_a_slow_server_is_not_waited_for(world: World) -> None:
    """The time limit holds, and says nothing of the link."""
    answer = ask(f"{world.url}/slow", ASKING)
    assert (answer.outcome, answer.said) == ("flaky", "no answer in 0.3 s")


def test_what_never_answers(world: World) -> None:
    """A port that is closed, a name that does not exist, an address that is none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert ask(f"http://127.0.0.1:{port}/", ASKING).outcome == "flaky"
    assert ask("http://[/", ASKING).outcome in ("gone", "flaky")
    assert ask("ftp://127.0.0.1/x", ASKING).outcome == "gone"


def test_a_name_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server says so; one that does not answer says nothing."""

    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def silent(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert ask("http://nowhere.sitegen/", ASKING).outcome == "no host"
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    assert ask("http://nowhere.sitegen/", ASKING).outcome == "flaky"


def test_a_certificate_that_nobody_trusts(certificate: Path) -> None:
    """It is what a reader's browser warns of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(World(), context) as world:
        answer = ask(f"{world.url}/ok", ASKING)
    assert answer.outcome == "unsafe"
    assert "certificate is not valid" in answer.said


def test_private_addresses_are_asked_only_when_wanted(world: World) -> None:
    """Nothing is sent to machines of the own network, also not by a redirect."""
    answer = ask(f"{world.url}/ok", replace(ASKING, private=False))
    assert (answer.outcome, world.asked) == ("private", [])


def test_parts_are_looked_for_on_request(world: World) -> None:
    """Ids, names of old anchors; only where a part is asked for is a page read."""
    found = [ask(f"{world.url}/ok", ASKING, part=part).outcome for part in ("here", "old", "there")]
    assert found == ["ok", "ok", "no part"]
    assert Counter(method for method, _ in world.asked) == {"GET": 3}


def test_retry_after_is_seconds_or_a_date() -> None:
    """RFC 9110, 10.2.3; nonsense is nothing."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    asking = Asking(timeout_s=1, now=now)
    values = ("120", "Tue, 01 Jan 2030 00:00:30 GMT", "Tue, 01 Jan 2020 00:00:00 GMT", "soon", None)
    assert [requests._retry_after(value, asking) for value in values] == [120.0, 30.0, 0.0, None, None]


def test_what_passes_is_tried_again(world: World) -> None:
    """An error of the server, and one that asks to wait; a page that is gone is asked once (HEAD, GET)."""
    urls = [f"{world.url}/{name}" for name in ("flaky", "busy", "404")]
    answers = crawl(urls, lambda url: ask(url, ASKING), EAGER)
    assert [answers[url].outcome for url in urls] == ["ok", "ok", "gone"]
    assert world.times("/404") == 2


def test_who_listens_hears_each_answer() -> None:
    """The number of answers grows by one up to all; tries again are no answers."""
    answers = iter([Answer(outcome="flaky"), *[Answer(outcome="ok")] * 3])
    heard: list[tuple[int, int]] = []
    one = replace(EAGER, at_a_time=1)
    crawl(
        ["http://a/1", "http://a/2", "http://a/3"],
        lambda _: next(answers),
        one,
        lambda *told: heard.append(told),
    )
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_tries_end() -> None:
    """After them the answer is what it is."""
    asked: list[str] = []

    def never(url: str) -> Answer:
        asked.append(url)
        return Answer(outcome="flaky", said="500")

    answers = crawl(["http://a/"], never, EAGER)
    assert (answers["http://a/"].outcome, len(asked)) == ("flaky", 3)


def test_who_asks_for_a_long_pause_is_left_alone() -> None:
    """An hour is not waited for."""
    asked: list[str] = []

    def later(url: str) -> Answer:
        asked.append(url)
        return Answer(outcome="flaky", wait_s=3600.0)

    crawl(["http://a/1"], later, EAGER)
    assert asked == ["http://a/1"]


def test_a_host_is_asked_by_few_at_a_time() -> None:
    """Two at a time of one host, though sixteen may be under way; the others' turn is not held up."""
    lock, now, most = threading.Lock(), Counter[str](), Counter[str]()
    both = threading.Barrier(4, timeout=10)

    def slow(url: str) -> Answer:
        host = url.split("/")[2]
        with lock:
            now[host] += 1
            most[host] = max(most[host], now[host])
        if url.endswith(("/0", "/1")):
            both.wait()  # two of each of the two hosts are under way at once
        with lock:
            now[host] -= 1
        return Answer(outcome="ok")

    urls = [f"http://{host}/{number}" for number in range(10) for host in ("a", "b")]
    answers = crawl(urls, slow, EAGER)
    assert (len(answers), most) == (20, {"a": 2, "b": 2})


def test_a_bug_while_asking_ends_the_crawl() -> None:
    """It is raised, not swallowed, and nothing hangs."""

    def broken(url: str) -> Answer:
        raise KeyError(url)

    with pytest.raises(KeyError):
        crawl([f"http://a/{number}" for number in range(50)], broken, EAGER)


def test_answers_are_kept_for_as_long_as_they_are_believed(tmp_path: Path) -> None:
    """Good ones for days, bad ones for hours; a broken cache is an empty one."""
    now = datetime(2030, 1, 1, tzinfo=UTC)
    answers = {
        "u": Answer(outcome="ok", status=200),
        "v": Answer(outcome="gone"),
        "w": Answer(outcome="flaky"),
    }
    LinkCache(tmp_path, now, max_age_s=7 * 86_400).save(answers)

    def known(after: timedelta) -> str:
        cache = LinkCache(tmp_path, now + after, max_age_s=7 * 86_400)
        return "".join(url for url in "uvw" if cache.get(url) is not None)

    ages = (
        timedelta(minutes=5),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=8),
        timedelta(days=-1),
    )
    assert [known(age) for age in ages] == ["uvw", "uv", "u", "", ""]
    (tmp_path / "cache/links.json").write_text("{", encoding="utf-8")
    assert known(timedelta()) == ""


@pytest.fixture
def check_links(
    check_site: CheckSite, world: World, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Checked]:
    """Checks a page with links to the server, without waiting between tries."""
    monkeypatch.setattr(external, "Manners", lambda **_: EAGER)

    def run(*paths: str, settings: dict[str, object] | None = None, **options: bool) -> Checked:
        links = "\n".join(f"[x]({world.url}{path})" for path in paths)
        wanted: dict[str, object] = {"external": True, "private": True, **options}
        return check_site({"content/a.md": f"# A\n\n{links}\n"}, settings, **wanted)

    return run


def test_what_is_told(check_links: Callable[..., Checked]) -> None:
    """Errors for what is gone, warnings for what may pass, notes for what has moved or lets nobody in."""
    paths = ("/ok", "/404", "/moved", "/403", "/503", "/flaky", "/loop", "/slash", "/ok#there")
    found = check_links(*paths, settings={"timeout-s": 5})
    assert [
        (each.code, each.severity, str(each.location)) for each in found.of("SG705", "SG706", "SG707")
    ] == [
        ("SG705", "error", "content/a.md:4:5"),
        ("SG707", "info", "content/a.md:5:5"),
        ("SG706", "info", "content/a.md:6:5"),
        ("SG706", "warning", "content/a.md:7:5"),
        ("SG705", "error", "content/a.md:9:5"),
    ]
    assert (found.result.external, found.result.asked) == (9, 8)


def test_a_second_check_asks_nothing_again(check_links: Callable[..., Checked], world: World) -> None:
    """What is known is told from the cache; `--fresh` asks."""
    first = check_links("/ok", "/404")
    asked = len(world.asked)
    second = check_links("/ok", "/404")
    assert (len(world.asked), second.result.asked) == (asked, 0)
    assert second.said("SG705") == first.said("SG705") != []
    assert check_links("/ok", "/404", fresh=True).result.asked == 2


def test_settings_hold(check_links: Callable[..., Checked], world: World) -> None:
    """`accept`, `ignore-urls` and `fragments`."""
    settings: dict[str, object] = {"accept": (403,), "ignore-urls": ("/404$",), "fragments": True}
    found = check_links("/403", "/404", "/ok#here", "/ok#there", settings=settings)
    assert [text.rpartition(": ")[2] for text in found.said("SG705")] == ["its page has no `#there`"]
    assert world.times("/404") == 0


def test_nothing_is_asked_without_the_flag(check_links: Callable[..., Checked], world: World) -> None:
    """A check, like a build, asks nobody."""
    found = check_links("/404", external=False)
    assert (world.asked, found.of("SG705")) == ([], [])
    assert not (found.root / ".sitegen/cache/links.json").exists()


def test_a_machine_without_a_network_says_so(check_site: CheckSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no name is known it is not the links; one unknown name among sites that answer is a broken link."""

    def unknown(url: str, *_: object, **__: object) -> Answer:
        is_known = "known.sitegen" in url
        return (
            Answer(outcome="ok", status=200) if is_known else Answer(outcome="no host", said="no such host")
        )

    monkeypatch.setattr(external, "ask", unknown)
    text = "# A\n\n[x](https://a.sitegen/) [y](https://b.sitegen/)"
    offline = check_site({"content/a.md": text}, external=True)
    online = check_site({"content/a.md": f"{text} [z](https://known.sitegen/)"}, external=True, fresh=True)
    assert [each.code for each in offline.of("SG705", "SG718")] == ["SG718"]
    assert [each.code for each in online.of("SG705", "SG718")] == ["SG705", "SG705"]


def test_private_and_example_addresses_are_left_alone(check_site: CheckSite, world: World) -> None:
    """The first with a note; the second are nobody's."""
    text = f"# A\n\n[x]({world.url}/404) [y](https://example.org/x) <http://localhost:8888/lab>\n"
    found = check_site({"content/a.md": text}, external=True)
    assert [each.severity for each in found.of("SG705", "SG706")] == ["info"]
    assert world.asked == []
