"""Search in a real browser: the dialog, the page, the keyboard, no JavaScript, no index, under the site's policy."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from sitegen.build.build import build
from sitegen.build.pagefind import find_program
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\ntitle = "A site"\ncontentSecurityPolicy = true\n',
    "content/search.md": '+++\ntitle = "Search"\ndescription = "All there is."\nlayout = "search"\n+++\n',
    "content/about.md": '+++\ntitle = "About"\ndescription = "Who this is."\n+++\n\nA gradient of a person.\n',
    "content/posts/a.md": '+++\ntitle = "Alpha <i> & more"\ndate = 2026-01-02\ntags = ["rl"]\n+++\n\nA gradient in prose.\n\n## Steps\n\n'
    "```python\ndef zephyr_step(size):\n    return size\n```\n\n## Pictures\n\n"
    '![A](a.svg "A quokka in a caption.")\n',
    "content/posts/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
    "content/talks/t.md": '+++\ntitle = "Talk"\ndate = 2026-01-02\n+++\n\nA gradient, spoken.\n',
    **{
        f"content/notes/n{n:02}.md": f"+++\ntitle = 'Note {n}'\n+++\n\nMany walrus notes, number {n}.\n"
        for n in range(14)
    },
}


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is published, below its base path."""
    if find_program() is None:
        pytest.skip("Pagefind is not installed (the extra `search`)")
    root = tmp_path_factory.mktemp("search")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    config = load_config(
        root, environ={}, now=datetime(2026, 5, 1, tzinfo=UTC), overrides={"publish_dir": root / "www/blog"}
    )
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    assert build(config, options, backend=LocalBackend(config), store=open_store(config)).diagnostics == ()
    return root / "www"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Of its home page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/blog/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window in which nothing may go wrong."""
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    window = context.new_page()
    complaints: list[str] = []
    window.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    context.close()
    assert complaints == []


def _titles(page: Page, query: str) -> list[str]:
    """What is found for a query in the open form."""
    page.locator("#search-field").fill(query)
    page.locator(f'.search-status:has-text("Results"), .search-status:has-text("{query}")').wait_for()
    return page.locator(".search-results a").all_inner_texts()


@pytest.mark.parametrize(("query", "part"), [("zephyr_step", "#steps"), ("quokka", "#pictures")])
def test_code_and_captions_are_found(page: Page, address: str, query: str, part: str) -> None:
    """By the word alone, on the page and in its part; the excerpt marks it. Under the policy nothing complains."""
    page.goto(f"{address}about/")
    page.keyboard.press("/")
    assert _titles(page, query) == ["Alpha <i> & more"]
    link = page.locator(".search-results a")
    assert link.get_attribute("href") == f"/blog/posts/a/{part}"
    assert query in page.locator(".search-results mark").first.inner_text()
    link.click()
    page.wait_for_url(f"**/posts/a/{part}")


def test_nothing_of_search_is_loaded_before_it_is_opened(page: Page, address: str) -> None:
    """A page asks for its own files alone; the dialog brings the rest."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}posts/a/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "search" in url or "pagefind" in url]
    page.locator(".search-open").click()
    _titles(page, "gradient")

    assert all(url.startswith((address, "blob:")) for url in asked)
    assert [url for url in asked if "pagefind.js" in url]


def test_the_keyboard_alone_is_enough(page: Page, address: str) -> None:
    """Ctrl-K opens, arrows go through the results and back, Enter follows one, Escape closes and gives the focus back."""
    page.goto(f"{address}about/")
    page.locator(".site-title").focus()
    page.keyboard.press("Control+k")
    page.locator("#search-field").wait_for()
    page.keyboard.type("gradient")
    page.locator(".search-results li").nth(2).wait_for()

    def focused() -> str:
        return str(
            page.evaluate(
                "() => document.activeElement.id || document.activeElement.className || document.activeElement.textContent"
            )
        )

    assert focused() == "search-field"
    page.keyboard.press("ArrowDown")
    first = focused()
    page.keyboard.press("ArrowDown")
    assert focused() != first
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused() == "search-field"
    page.keyboard.press("Escape")
    assert focused() == "site-title"
    assert not page.locator(".search-dialog").is_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    target = page.evaluate("() => document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url(target)


def test_a_slash_is_typed_where_one_types(page: Page, address: str) -> None:
    """It opens the dialog elsewhere."""
    page.goto(f"{address}search/")
    page.locator("#search-field").fill("a")
    page.keyboard.press("/")
    assert page.locator("#search-field").input_value() == "a/"
    page.locator("#search-field").fill("")


def test_kinds_narrow_the_results_and_stand_in_the_address(page: Page, address: str) -> None:
    """Check boxes with their counts; the address gives the same results to somebody else."""
    page.goto(f"{address}search/?q=gradient")
    page.locator(".search-results li").nth(2).wait_for()
    boxes = page.locator(".search-kinds label")
    assert [" ".join(text.split()) for text in boxes.all_inner_texts()] == [
        "Notes 0",
        "Pages 1",
        "Posts 1",
        "Talks 1",
    ]
    boxes.nth(2).locator("input").check()
    boxes.nth(3).locator("input").check()
    page.locator(".search-results li").nth(2).wait_for(state="detached")
    assert sorted(page.locator(".search-results .count").all_inner_texts()) == ["Posts", "Talks"]
    assert page.url == f"{address}search/?q=gradient&kind=Posts&kind=Talks"
    page.reload()
    page.locator(".search-results li").nth(1).wait_for()
    assert page.locator(".search-results li").count() == 2
    assert page.locator(".search-kinds input:checked").count() == 2


def test_more_results_come_when_asked_for(page: Page, address: str) -> None:
    """Ten, then the others; the focus goes to the first new one."""
    page.goto(f"{address}search/?q=walrus")
    page.locator(".search-more").click()
    page.locator(".search-results li").nth(13).wait_for()

    assert page.locator(".search-status").inner_text() == "Results: 14"
    assert not page.locator(".search-more").is_visible()
    page.wait_for_selector(".search-results li:nth-child(11) a:focus")


def test_nothing_found_is_said_in_words(page: Page, address: str) -> None:
    """And the list of all pages is there again when the query is gone."""
    page.goto(f"{address}search/?q=xyzzyplugh")
    page.get_by_text("No page has “xyzzyplugh”.").wait_for()
    assert not page.locator(".search-all").is_visible()
    page.locator("#search-field").fill("")
    page.locator(".search-all").wait_for()
    assert page.locator(".search-status").inner_text() == ""


def test_enter_in_the_dialog_goes_to_the_search_page(page: Page, address: str) -> None:
    """With the query in the address."""
    page.goto(f"{address}posts/a/")
    page.keyboard.press("/")
    _titles(page, "gradient")
    page.keyboard.press("Enter")
    page.wait_for_url("**/blog/search/?q=gradient")
    page.locator(".search-results li").nth(2).wait_for()


@pytest.mark.parametrize(("width", "mode"), [(320, "light"), (1100, "dark")])
@pytest.mark.parametrize("place", ["search/?q=gradient", "about/"])
def test_axe_finds_nothing(
    page: Page, address: str, place: str, width: int, mode: Literal["light", "dark"]
) -> None:
    """On the page and in the dialog, with results; nothing is wider than the window or too small to be hit."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=mode, reduced_motion="reduce")
    page.goto(address + place)
    if place == "about/":
        page.locator(".search-open").click()
        page.locator("#search-field").fill("gradient")
    page.locator(".search-results li").nth(2).wait_for()

    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert (
        page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        == 0
    )
    assert (
        page.evaluate(
            "() => { const box = document.querySelector('.search-form'); return box.scrollWidth - box.clientWidth }"
        )
        <= 0
    )
    small = page.evaluate(
        "() => [...document.querySelectorAll('.search-form :is(a, button, label:has(input)), .search-open, .search-close')]"
        ".filter(each => each.checkVisibility()).map(each => each.getBoundingClientRect()).filter(box => box.height < 24 || box.width < 24).length"
    )
    assert small == 0


def test_without_javascript_there_is_a_list_of_all_pages(chromium: Browser, address: str) -> None:
    """With titles, descriptions and tags; the button of every page leads there, and no form is in the way."""
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}about/")
    plain.locator(".search-open").click()
    plain.wait_for_url("**/search/")
    text = plain.locator("main").inner_text()
    shown = plain.locator(".search-form").is_visible()
    count = plain.locator(".search-list a").count()
    context.close()

    assert all(part in text for part in ("Alpha <i> & more", "Who this is.", "Tags: Rl", "Note 13"))
    assert count == 17
    assert not shown


def test_from_a_file_the_form_says_so_and_the_list_serves(chromium: Browser, folder: Path) -> None:
    """Browsers load no index there."""
    page = chromium.new_page(bypass_csp=True)
    page.goto((folder / "blog/search/index.html").as_uri())
    page.add_script_tag(path=next((folder / "blog/assets").glob("search.*.js")))
    page.locator("#search-field").fill("gradient")
    page.get_by_text("The search index could not be loaded.").wait_for()
    seen = page.locator(".search-all").is_visible()
    page.close()

    assert seen


def test_an_index_that_is_not_there_is_told(chromium: Browser, folder: Path, tmp_path: Path) -> None:
    """As on a site whose author has not installed the extra; also where only a part of it is missing."""
    shutil.copytree(folder, tmp_path / "www")
    (tmp_path / "www/blog/pagefind/pagefind-entry.json").unlink()
    handler = functools.partial(_Handler, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/blog/search/?q=gradient")
        page.get_by_text("The search index could not be loaded.").wait_for()
        seen = page.locator(".search-all").is_visible()
        page.close()
        server.shutdown()
        thread.join()

    assert seen


@pytest.mark.java
def test_pages_are_valid_html(folder: Path, html_errors: object) -> None:
    """The search page, and a page with the dialog."""
    assert callable(html_errors)
    assert html_errors([folder / "blog/search/index.html", folder / "blog/about/index.html"]) == ""


def test_the_page_of_a_wrong_address_searches(page: Page, address: str) -> None:
    """Its form leads to the search page, which shows what was asked for."""
    page.goto(f"{address}404.html")

    page.get_by_role("searchbox").fill("quokka")
    page.keyboard.press("Enter")

    page.locator(".search-results a").first.wait_for()
    assert page.url == f"{address}search/?q=quokka"
