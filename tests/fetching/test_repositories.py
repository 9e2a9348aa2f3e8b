"""Facts of repositories: which addresses are asked, what is read of answers, what stays where nobody answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sitegen.cli.main import main
from sitegen.content.repositories import repository_of
from sitegen.fetching import repositories
from sitegen.fetching.hosts import Question, question

GITHUB = {
    "full_name": "you/ppo",
    "description": "  PPO ",
    "stargazers_count": 12,
    "language": "Python",
    "license": {"spdx_id": "MIT"},
    "pushed_at": "2026-11-01T10:00:00Z",
    "archived": False,
}
ANSWERS: dict[str, Any] = {
    "https://api.github.com/repos/you/ppo": GITHUB,
    "https://gitlab.com/api/v4/projects/group%2Fsub%2Fppo?license=true": {"star_count": 3, "license": None},
    "https://codeberg.org/api/v1/repos/you/ppo": {"stars_count": 1, "licenses": ["MIT"], "archived": True},
    "https://huggingface.co/api/models/you/gpt": {"likes": 0, "downloads": 7, "tags": ["license:apache-2.0"]},
    "https://huggingface.co/api/datasets/you/text": {"likes": 2, "lastModified": "2026-01-02T03:04:05.000Z"},
}
PROJECT = '+++\ntitle = "PPO"\nrepo = "https://github.com/you/ppo.git"\nmodel = "https://huggingface.co/you/gpt/"\ndemo = "https://example.org/x/y"\n+++\n'


def _answer(asked: Question) -> Any:
    if asked.url not in ANSWERS:
        raise OSError("nobody there")
    return ANSWERS[asked.url]


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Calls the command with hosts that answer as above."""
    monkeypatch.setattr(repositories, "ask", _answer)
    return lambda root, *addresses: CliRunner().invoke(main, ["fetch", "-s", str(root), *addresses])


def _kept(root: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((root / "data/repositories.json").read_bytes())
    return kept


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/you/ppo", "https://github.com/you/ppo"),
        ("http://www.github.com/you/ppo.git/", "https://github.com/you/ppo"),
        ("https://gitlab.com/group/sub/ppo", "https://gitlab.com/group/sub/ppo"),
        ("https://huggingface.co/datasets/you/text", "https://huggingface.co/datasets/you/text"),
        ("https://github.com/you", ""),
        ("https://github.com/you/ppo/tree/main", ""),
        ("https://gitlab.com/group/ppo/-/issues", ""),
        ("https://huggingface.co/you", ""),
        ("https://example.org/you/ppo", ""),
        ("https://[", ""),
        (3, ""),
    ],
)
def test_an_address_names_a_repository_or_none(address: object, repository: str) -> None:
    """Without what may be left out, so that a page and the command call it alike."""
    assert repository_of(address) == repository


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        (
            "https://github.com/you/ppo",
            {
                "name": "you/ppo",
                "description": "PPO",
                "stars": 12,
                "language": "Python",
                "license": "MIT",
                "updated": "2026-11-01",
            },
        ),
        ("https://gitlab.com/group/sub/ppo", {"stars": 3}),
        ("https://codeberg.org/you/ppo", {"stars": 1, "license": "MIT", "archived": True}),
        ("https://huggingface.co/you/gpt", {"likes": 0, "downloads": 7, "license": "apache-2.0"}),
        ("https://huggingface.co/datasets/you/text", {"likes": 2, "updated": "2026-01-02"}),
    ],
)
def test_each_host_is_read_into_one_form(address: str, facts: dict[str, object]) -> None:
    """What a host does not say, or says in another type, is left out."""
    asked = question(address)
    assert asked.read(_answer(asked)) == facts


def test_pages_show_what_was_fetched(write_site: Callable[..., Path], fetch: Callable[..., Result]) -> None:
    """With the day on which it was so; the build asks nobody."""
    root = write_site({"content/projects/ppo.md": PROJECT})
    result = fetch(root)
    assert (result.exit_code, set(_kept(root))) == (
        0,
        {"https://github.com/you/ppo", "https://huggingface.co/you/gpt"},
    )
    seen = _kept(root)["https://github.com/you/ppo"]["seen"]

    CliRunner().invoke(main, ["build", "-s", str(root)], catch_exceptions=False)

    line = f"12 stars · Python · MIT · last change 2026-11-01 (as of {seen})</span>"
    assert line in (root / "public/projects/ppo/index.html").read_text("utf-8")
    assert line in (root / "public/projects/index.html").read_text("utf-8")


def test_what_was_known_stays_where_nobody_answers(
    write_site: Callable[..., Path], fetch: Callable[..., Result]
) -> None:
    """And the exit code says so; what no page names any more goes."""
    old = {"stars": 5, "seen": "2026-01-01"}
    gone = "https://github.com/you/gone"
    page = f'+++\ntitle = "P"\nrepo = "{gone}"\n+++\n'
    root = write_site({"content/p.md": page, "content/q.md": PROJECT})
    (root / "data").mkdir(exist_ok=True)
    kept = {gone: old, "https://github.com/you/unnamed": old}
    (root / "data/repositories.json").write_text(json.dumps(kept), encoding="utf-8")

    result = fetch(root)

    assert result.exit_code == 1
    assert f"{gone}: nobody there, what was known stays" in result.stderr
    assert _kept(root)[gone] == old
    assert set(_kept(root)) == {gone, "https://github.com/you/ppo", "https://huggingface.co/you/gpt"}


def test_an_address_that_is_given_is_asked_alone(
    write_site: Callable[..., Path], fetch: Callable[..., Result]
) -> None:
    """All else stays as it is; what is no repository is a wrong call."""
    root = write_site({"content/q.md": PROJECT})
    fetch(root)
    fetch(root, "https://codeberg.org/you/ppo/")
    assert len(_kept(root)) == 3
    wrong = fetch(root, "github.com/you/ppo")
    assert (wrong.exit_code, "is no repository" in wrong.stderr) == (2, True)


def test_a_file_of_that_name_that_is_not_ours_is_told(
    write_site: Callable[..., Path], fetch: Callable[..., Result]
) -> None:
    """And stays."""
    root = write_site({"content/q.md": PROJECT, "data/repositories.json": "[1]"})
    result = fetch(root)
    assert (result.exit_code, "SG118" in result.stderr) == (1, True)
    assert (root / "data/repositories.json").read_text("utf-8") == "[1]"


class _Host(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """A fact with the header that came, or a refusal."""
        if self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"token": self.headers.get("Authorization")}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """The address of a server on this machine."""
    with HTTPServer(("127.0.0.1", 0), _Host) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_host_is_asked_with_its_token_alone(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a real connection; a refusal is told in its own words."""
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert repositories.ask(Question(f"{host}/x", "GITHUB_TOKEN", dict)) == {"token": "Bearer secret"}
    assert repositories.ask(Question(f"{host}/x", "HF_TOKEN", dict)) == {"token": None}

    with pytest.raises(OSError, match="404") as refused:
        repositories.ask(Question(f"{host}/gone", "HF_TOKEN", dict))
    assert repositories._in_words(refused.value) == "404 Not Found"


@pytest.mark.parametrize("answer", [[], None, {"licenses": 3}, {"licenses": {"MIT": 1}, "full_name": 5}])
def test_an_answer_of_another_form_breaks_nothing(answer: object) -> None:
    """A host may change what it says."""
    (fetched,) = repositories.fetch(["https://codeberg.org/you/ppo"], lambda _: answer)

    assert fetched.facts in (None, {"license": "MIT"})
    assert bool(fetched.problem) == (fetched.facts is None)
