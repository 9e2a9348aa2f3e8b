"""A build holds pages to the site's budget."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PAGE = "<!doctype html><html lang=en><head><title>x</title>{head}</head><body>{{{{ page.content }}}}</body></html>"
Write = Callable[[dict[str, str]], Path]


def _noise(size_bytes: int) -> str:
    """Text that gzip cannot make much shorter than three quarters."""
    chosen = random.Random(7)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(chosen.choice(letters) for _ in range(size_bytes))


def _site(write: Write, budget: str, head: str = "", **files: str) -> Path:
    """A home page and two posts whose template has `head`."""
    template = PAGE.format(head=head)
    return write(
        {
            "sitegen.toml": f"disableKinds = ['404', 'taxonomy', 'term']\n{budget}\n",
            "content/_index.md": "Home.\n",
            "content/a.md": "+++\ntitle = 'A'\n+++\n\nText.\n",
            "content/b.md": "+++\ntitle = 'B'\n+++\n\nText.\n",
            "templates/home.html": template,
            "templates/page.html": template,
            **files,
        }
    )


def _build(root: Path, *, keep_going: bool = False) -> BuildResult:
    config = load_config(root, environ={}, now=NOW)
    wanted = BuildOptions(policy=ExecutionPolicy(allowed=False), keep_going=keep_going)
    return build(config, wanted, backend=LocalBackend(config), store=open_store(config))


def _told(result: BuildResult) -> list[str]:
    return [found.message for found in result.diagnostics if found.code == "SG415"]


def test_a_page_over_its_budget_fails_the_build(write_site: Write) -> None:
    """Pages that load the same are told of in one, with the files and where they are used."""
    script = f"say('{_noise(3000)}')"
    root = _site(write_site, "[budget]\njs = '1 kB'", '<script src="/x.js"></script>')
    (root / "static").mkdir()
    (root / "static/x.js").write_text(script)
    size = len(gzip.compress(script.encode(), 9, mtime=0))
    result = _build(root)
    assert result.published is None
    assert _told(result) == [
        f"scripts of {size:,} bytes gzipped, and `budget.js` allows 1,000 (`x.js` {size:,}), on 3 pages"
    ]
    (found,) = [each for each in result.diagnostics if each.code == "SG415"]
    assert str(found.location and found.location.path) == "content/_index.md"
    assert [str(place.path) for place in found.related] == ["content/a.md", "content/b.md"]


@pytest.mark.parametrize(
    ("head", "limit", "words"),
    [
        ("<style>@font-face{font-family:x;src:url(/f.woff2)}</style>", "fonts = 0", "1 web fonts"),
        ("<style>@font-face{font-family:x;src:url(data:font/woff2,x)}</style>", "fonts = 0", ""),
        ('<img src="https://i.example/a.png" alt="">', "thirdParty = 0", "1 elements that load from other"),
        ('<img src="https://i.example/a.png" alt="">', "thirdParty = 1", ""),
        ("<style>" + "a{b:c}" * 9 + "</style>", "css = 10", "style sheets of "),
        ("<script>a()</script>", "js = 5", "scripts of "),
        ("<p>" + "words " * 40, "html = 120", "HTML of "),
        ('<img src="/p.svg" alt=""><img src="/p.svg" alt="">', "images = 100", "pictures of 221 bytes"),
        ('<img src="/p.svg" alt=""><script src="/x.js"></script>', "requests = 2", "3 files"),
    ],
)
def test_each_limit_is_held(write_site: Write, head: str, limit: str, words: str) -> None:
    """What is over it, and nothing else."""
    picture = '<svg xmlns="http://www.w3.org/2000/svg">' + " " * 175 + "</svg>"
    root = _site(write_site, f"[budget]\n{limit}", head, **{"static/p.svg": picture, "static/x.js": "x()"})
    told = _told(_build(root))
    assert len(told) == bool(words)
    assert not words or told[0].startswith(words)


def test_without_a_table_nothing_is_weighed(write_site: Write) -> None:
    """A site that does not ask is published as it is."""
    root = _site(write_site, "", '<script src="https://s.example/x.js"></script>')
    result = _build(root)
    assert result.published is not None
    assert result.heaviest == ()


def test_a_page_may_have_a_budget_of_its_own(write_site: Write) -> None:
    """Its front matter lies over the site's limits; what it writes wrong is told."""
    files = {
        "content/a.md": "+++\ntitle = 'A'\nbudget = false\n+++\n",
        "content/b.md": "+++\ntitle = 'B'\n[budget]\nthirdParty = 1\n+++\n",
        "content/c.md": "+++\ntitle = 'C'\n[budget]\nthirdparties = 1\njs = 'x'\n+++\n",
    }
    root = _site(write_site, "budget = true", '<img src="https://i.example/a.png" alt="">', **files)
    result = _build(root)
    assert _told(result) == [
        "1 elements that load from other sites, and `budget.thirdParty` allows 0, on 2 pages"
    ]
    wrong = [(each.code, each.message) for each in result.diagnostics if each.code == "SG111"]
    assert wrong == [
        ("SG111", "`budget` has no limit `thirdparties`"),
        ("SG111", "`budget.js`: `x` is no size"),
    ]


def test_an_edited_script_is_weighed_again(write_site: Write) -> None:
    """And nothing else makes a page heavier: the next build tells what a clean one tells."""
    root = _site(write_site, "[budget]\njs = 200", '<script src="x.js"></script>', **{"static/x.js": "x()"})
    first = _build(root)
    (root / "static/x.js").write_text(f"x('{_noise(900)}')")
    second = _build(root, keep_going=True)
    third = _build(root, keep_going=True)
    assert (_told(first), first.published is not None) == ([], True)
    assert [text.rpartition(" (")[2] for text in _told(second)] == [f"`x.js` {_size(root):,})"]
    assert _told(third) == _told(second)


def _size(root: Path) -> int:
    return len(gzip.compress((root / "static/x.js").read_bytes(), 9, mtime=0))


def test_the_heaviest_pages_are_kept_by_builds_that_make_none(write_site: Write) -> None:
    """By what a browser loads; from the last build where a page is as it was."""
    root = _site(write_site, "budget = true", "<script>x()</script>")
    (root / "content/b.md").write_text("+++\ntitle = 'B'\n+++\n\n" + "words " * 500)
    first = _build(root)
    (root / "content/a.md").write_text("+++\ntitle = 'A'\n+++\n\nOther text.\n")
    second = _build(root)
    third = _build(root)
    assert [page.path for page in first.heaviest] == ["b/index.html", "index.html", "a/index.html"]
    assert first.heaviest[0].js == len(gzip.compress(b"x()", 9, mtime=0))
    assert first.heaviest[0].html == (root / "public/b/index.html").stat().st_size
    assert second.heaviest[0] == first.heaviest[0]
    assert third.heaviest == second.heaviest


def test_a_site_without_slides_has_no_file_for_them(write_site: Write) -> None:
    """What few pages need comes and goes with them."""
    root = write_site({"content/_index.md": "Home.\n"})
    _build(root)
    assets = {path.name.partition(".")[0] for path in (root / "public/assets").iterdir()}
    (root / "content/deck.md").write_text("+++\ntitle = 'D'\ntype = 'slides'\n+++\n\n## One\n")
    _build(root)
    with_deck = [path.name for path in (root / "public/assets").iterdir()]
    (root / "content/deck.md").unlink()
    _build(root)
    assert assets == {"site", "favicon"}
    assert [name.partition(".")[0] for name in sorted(with_deck)] == ["favicon", "site", "site", "slides"]
    assert {path.name.partition(".")[0] for path in (root / "public/assets").iterdir()} == assets
