"""Comments and integrity in a real browser: nothing is asked of others before a press, and a changed file is not run."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = pytest.mark.browser

HOST = "http://site.example"
GISCUS = "https://giscus.app"
CONFIG = f"""\
baseURL = "{HOST}/"
title = "T"
contentSecurityPolicy = true
sri = true
budget = true
minify = true
[params.comments]
repo = "someone/somewhere"
repo_id = "R_1"
category = "Announcements"
category_id = "DIC_2"
dark = "dark_dimmed"
"""
CLIENT = """\
var script = document.currentScript;
var sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = "https://giscus.app/default.css";
document.head.append(sheet);
var frame = document.createElement("iframe");
frame.className = "giscus-frame";
frame.title = "Comments";
frame.src = "https://giscus.app/widget?" + new URLSearchParams(script.dataset);
document.querySelector(".giscus").append(frame);
"""
"""What giscus's own script does, as far as a page's policy and our script can tell."""
WIDGET = """<!doctype html><title>w</title><script>
addEventListener("message", event => { document.title = event.data.giscus.setConfig.theme; });
parent.postMessage({giscus: {resizeHeight: 200}}, "*");
</script>"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a post and a page."""
    root = tmp_path_factory.mktemp("comments")
    (root / "content").mkdir()
    (root / "content/post.md").write_text("+++\ntitle = 'P'\ndate = 2026-01-01\n+++\n\nText.\n")
    (root / "content/about.md").write_text("+++\ntitle = 'A'\n+++\n\nText.\n")
    (root / "content/quiet.md").write_text(
        "+++\ntitle = 'Q'\ndate = 2026-01-02\ncomments = false\n+++\n\nText.\n"
    )
    (root / "sitegen.toml").write_text(CONFIG)
    config = load_config(root, environ={}, now=datetime(2026, 11, 20, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    assert result.diagnostics == ()
    return root / "public"


Opened = tuple["Page", list[str], list[str]]
"""A page, what it asked others for, what it said in the console."""


@pytest.fixture
def opened(chromium: Browser, published: Path) -> Iterator[Callable[..., Opened]]:
    """Opens a page as a server would send it: `opened("/post/", mode="dark", changed="site.")`."""
    contexts: list[BrowserContext] = []

    def own(route: Route, changed: str) -> None:
        path = published / route.request.url.removeprefix(f"{HOST}/").partition("?")[0].partition("#")[0]
        path = path / "index.html" if path.is_dir() else path
        body = path.read_bytes() + (b" " if changed and changed in path.name else b"")
        route.fulfill(body=body, content_type=mimetypes.guess_type(path.name)[0] or "text/plain")

    def giscus(route: Route) -> None:
        kind = "text/html" if "/widget" in route.request.url else "text/css"
        is_script = route.request.url.endswith("/client.js")
        route.fulfill(
            body=CLIENT if is_script else WIDGET if kind == "text/html" else "",
            content_type="text/javascript" if is_script else kind,
            headers={"Access-Control-Allow-Origin": "*"},
        )

    def open_page(address: str, *, mode: Any = "light", script: bool = True, changed: str = "") -> Opened:
        context = chromium.new_context(color_scheme=mode, java_script_enabled=script)
        contexts.append(context)
        context.route("**/*", lambda route: route.abort())
        context.route(f"{GISCUS}/**", giscus)
        context.route(f"{HOST}/**", lambda route: own(route, changed))
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda sent: None if sent.url.startswith(HOST) else asked.append(sent.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{HOST}{address}", wait_until="load")
        return page, asked, said

    yield open_page
    for context in contexts:
        context.close()


def test_nothing_is_asked_of_others_before_the_press(opened: Callable[..., Opened]) -> None:
    """The button says in words what it does; pressed, it loads the comments in the page's mode, within the page's policy."""
    page, asked, said = opened("/post/", mode="dark")
    assert asked == []
    page.get_by_role("button", name="Show comments").press("Enter")
    frame = page.locator("iframe.giscus-frame")
    frame.wait_for()
    page.wait_for_selector(".load-comments", state="hidden")
    assert [url.partition("?")[0] for url in asked] == [
        f"{GISCUS}/client.js",
        f"{GISCUS}/default.css",
        f"{GISCUS}/widget",
    ]
    source = str(frame.get_attribute("src"))
    for part in ("repo=someone", "repoId=R_1", "categoryId=DIC_2", "theme=dark_dimmed", "mapping=pathname"):
        assert part in source
    assert said == []


def test_comments_follow_the_pages_mode(opened: Callable[..., Opened]) -> None:
    """A press of the mode's button tells the frame."""
    page, _, _ = opened("/post/", mode="light")
    page.get_by_role("button", name="Show comments").click()
    page.wait_for_selector(".load-comments", state="hidden")
    page.locator(".mode-switch").click()  # from the system's to light
    page.locator(".mode-switch").click()
    inner = page.frame(url=lambda url: "/widget" in url)
    assert inner is not None
    inner.wait_for_function("() => document.title === 'dark_dimmed'")


def test_comments_stand_apart_from_what_is_above(opened: Callable[..., Opened]) -> None:
    """The heading has room above it, whatever the page's foot ends with."""
    page, _, _ = opened("/post/", script=False)
    assert (
        page.locator("section.comments").evaluate("part => parseFloat(getComputedStyle(part).marginTop)")
        >= 24
    )


def test_without_javascript_there_is_a_link(opened: Callable[..., Opened]) -> None:
    """And no button that does nothing."""
    page, asked, _ = opened("/post/", script=False)
    assert page.locator(".load-comments").is_hidden()
    link = page.get_by_role("link", name="Discussions on GitHub")
    assert link.get_attribute("href") == "https://github.com/someone/somewhere/discussions"
    assert asked == []


@pytest.mark.parametrize("address", ["about", "quiet", "index"])
def test_other_pages_may_load_nothing_of_it(published: Path, address: str) -> None:
    """Neither a section nor a source in the policy, nor the script."""
    file = published / ("index.html" if address == "index" else f"{address}/index.html")
    text = file.read_text()
    assert "giscus" not in text
    assert "comments." not in text


def test_files_are_held_to_their_digests(opened: Callable[..., Opened]) -> None:
    """The theme's files pass, and one that was changed on its way is neither run nor applied."""
    page, _, said = opened("/post/")
    assert page.locator(".mode-switch").get_attribute("title") is not None
    assert page.evaluate("() => document.styleSheets.length") == 1
    assert said == []
    page, _, said = opened("/post/", changed="site.")
    assert page.locator(".mode-switch").get_attribute("title") is None
    assert sum("integrity" in text for text in said) == 2
