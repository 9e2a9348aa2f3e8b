"""The example portfolio as a reader meets it: built, linked, valid, light, readable without scripts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import pytest
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    class BuiltSite(Protocol):
        """See conftest.py."""

        root: Path
        public: Path
        report: dict[str, object]
        stderr: str


pytestmark = [pytest.mark.kernel, pytest.mark.slow]

SHIFT = """() => new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => total += entry.value))
    .observe({type: "layout-shift", buffered: true});
  window.scrollTo({top: document.body.scrollHeight, behavior: "instant"});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(total), 100)));
})"""
POSTS = ("posts/actor-critic", "posts/ppo", "posts/gpt")
# The checker's MathML schema is that of MathML 3 inside HTML5; these attributes are global in MathML Core.
MATHML_CORE = re.compile(
    r"Attribute .(?:scriptlevel|displaystyle|mathvariant|linethickness|fence|form). not allowed"
)


def _pages(public: Path) -> list[Path]:
    return sorted(public.rglob("*.html"))


def _links(html: str) -> list[str]:
    tree = LexborHTMLParser(html)
    found = [node.attributes.get("href") for node in tree.css("a[href], link[href]")]
    found += [node.attributes.get("src") for node in tree.css("img[src], script[src], source[src]")]
    return [link for link in found if link]


def test_every_post_was_executed(example_site: BuiltSite) -> None:
    """Each of the three posts ran, and the report says so."""
    pages = example_site.report["executed"]
    assert isinstance(pages, list)
    states = {page["page"].strip("/"): page["state"] for page in pages}
    assert {post: states[post] for post in POSTS} == dict.fromkeys(POSTS, "fresh")


def test_smoke_results_are_labelled(example_site: BuiltSite) -> None:
    """A page made in the smoke profile says that its numbers are not the full ones."""
    html = (example_site.public / "posts/gpt/index.html").read_text("utf-8")
    assert "smoke run" in html


def test_every_internal_link_leads_to_a_file(example_site: BuiltSite) -> None:
    """No page links to what was not published; the 404 page, shown at any depth, links from the root."""
    broken = []
    for page in _pages(example_site.public):
        for link in _links(page.read_text("utf-8")):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            path = unquote(parts.path)
            target = example_site.public / path[1:] if path.startswith("/") else page.parent / path
            target = target / "index.html" if path.endswith("/") else target
            if not target.is_file():
                broken.append(f"{page.relative_to(example_site.public)} -> {link}")
    assert broken == []


def test_links_are_relative_and_name_files(example_site: BuiltSite) -> None:
    """With relative URLs no page but the 404 page has a root-relative link."""
    rooted = [
        f"{page.relative_to(example_site.public)} -> {link}"
        for page in _pages(example_site.public)
        if page.name != "404.html"
        for link in _links(page.read_text("utf-8"))
        if link.startswith("/")
    ]
    assert rooted == []


@pytest.mark.java
def test_html_is_valid(example_site: BuiltSite, html_errors: Callable[[list[Path]], str]) -> None:
    """The Nu checker finds no error in any page."""
    messages = html_errors(_pages(example_site.public)).splitlines()
    assert [message for message in messages if message and not MATHML_CORE.search(message)] == []


def test_feeds_parse_and_have_absolute_links(example_under_path: BuiltSite) -> None:
    """A feed parser accepts RSS and Atom, and every link of theirs is absolute and below the base."""
    for name in ("index.xml", "feed.xml", "posts/index.xml", "posts/feed.xml"):
        feed = feedparser.parse((example_under_path.public / name).read_bytes())
        assert not feed.bozo, (name, feed.get("bozo_exception"))
        assert feed.entries, name
        assert all(entry.link.startswith("https://example.org/blog/") for entry in feed.entries)


def test_weight_is_within_the_budget(example_site: BuiltSite) -> None:
    """Of each page: 6 kB of scripts, 12 kB of styles, nothing from other sites; the build has held all to it."""
    pages = example_site.report["heaviest"]
    assert isinstance(pages, list)
    assert len(pages) == 10
    assert max(page["js"] for page in pages) <= 6_000
    assert max(page["css"] for page in pages) <= 12_000
    assert {page["third_party"] for page in pages} == {0}
    size = len(gzip.compress(next((example_site.public / "assets").glob("site.*.css")).read_bytes(), mtime=0))
    assert min(page["css"] for page in pages) == size


@pytest.mark.browser
def test_site_opens_from_a_file(example_site: BuiltSite, chromium: Browser) -> None:
    """From `file://` a reader gets from the home page to a post, with styles and without any error."""
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto((example_site.public / "index.html").as_uri())
    page.locator("main a[href*='posts/ppo']").first.click()
    heading = page.locator("h1").inner_text()
    background = page.evaluate("getComputedStyle(document.querySelector('.highlight')).backgroundColor")
    page.close()

    assert "PPO" in heading or "Proximal" in heading
    assert background != "rgba(0, 0, 0, 0)"
    assert complaints == []


@pytest.mark.browser
def test_site_works_under_a_path(
    example_under_path: BuiltSite, chromium: Browser, serve_folder: Callable[[Path], str]
) -> None:
    """Served below `/blog/`, every request of every page stays there and is answered."""
    address = serve_folder(example_under_path.public.parent)
    page = chromium.new_page()
    wrong: list[str] = []
    page.on(
        "response",
        lambda response: (
            wrong.append(f"{response.status} {response.url}")
            if response.status >= 400 or not response.url.startswith(f"{address}/blog/")
            else None
        ),
    )
    html = (example_under_path.public / "index.html").read_text("utf-8")
    for link in {
        "/blog/",
        *(link for link in _links(html) if link.startswith("/blog/") and link.endswith("/")),
    }:
        page.goto(urljoin(address, link))
    page.close()
    assert wrong == []


@pytest.mark.browser
@pytest.mark.parametrize("path", ["index.html", *(f"{post}/index.html" for post in POSTS)])
def test_pages_fit_a_narrow_phone(example_site: BuiltSite, chromium: Browser, path: str) -> None:
    """At 320 px no page scrolls sideways; wide things scroll inside themselves."""
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    page.goto((example_site.public / path).as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 320


@pytest.mark.browser
def test_pages_need_no_script_and_no_other_host(example_site: BuiltSite, chromium: Browser) -> None:
    """With JavaScript off a post shows its prose, figures and math, and asks no other host for anything."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    page.goto((example_site.public / "posts/ppo/index.html").as_uri())
    figure = page.locator("figure img").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    math_width = page.locator("math").first.bounding_box()
    context.close()

    assert box is not None
    assert box["width"] > 100
    assert math_width is not None
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


KINDS = (
    "",
    "posts/",
    "posts/ppo/",
    "posts/gpt/",
    "projects/",
    "projects/ppo-ablation/",
    "publications/",
    "publications/vaswani2017attention/",
    "talks/",
    "talks/how-this-site-runs/",
    "notebooks/how-many-seeds/",
    "benchmarks/",
    "news/",
    "series/",
    "tags/",
    "cv/",
    "about/",
)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", KINDS)
def test_pages_are_accessible(example_site: BuiltSite, chromium: Browser, path: str, scheme: str) -> None:
    """Axe finds nothing, in light and in dark, on a phone, a tablet and a desk, with all that folds unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto((example_site.public / path / "index.html").as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true })")
    found = {}
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        if results.violations_count:
            found[width] = results.generate_report()
    context.close()
    assert found == {}


@pytest.mark.browser
@pytest.mark.parametrize("path", KINDS)
def test_nothing_moves_while_a_page_loads(example_site: BuiltSite, chromium: Browser, path: str) -> None:
    """No layout shift, from the first paint to the foot of the page."""
    page = chromium.new_page(viewport={"width": 412, "height": 823})
    page.goto((example_site.public / path / "index.html").as_uri(), wait_until="load")
    shift = page.evaluate(SHIFT)
    page.close()
    assert shift == 0


def test_numbers_in_prose_come_from_the_run(example_site: BuiltSite) -> None:
    """Inline values and metrics of the posts are filled; no hole or marker is left."""
    for post in POSTS:
        html = (example_site.public / post / "index.html").read_text("utf-8")
        assert 'class="value"' in html or 'class="metric"' in html
        assert "{python}" not in html
        assert "{{" not in re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL)
