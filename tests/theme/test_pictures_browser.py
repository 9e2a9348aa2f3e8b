"""Pictures in a real browser: the form that is chosen, no layout shift, zoom and comparison by the keyboard."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store
from tests.rendering.pictures.test_variants import drawing, photo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

POST = """+++
title = 'Pictures'
date = 2026-01-01
+++

![A photograph](photo.jpg "What it shows")

A half: ![Half of it](photo.jpg){width=50%} in a sentence.

![Wide](photo.jpg){.column-page}

<div class="compare">

![Before](before.png "Before it")

![After](photo.jpg "After it")

</div>
"""
SHIFT = """() => new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => total += entry.value))
    .observe({type: "layout-shift", buffered: true});
  window.scrollTo(0, document.body.scrollHeight);
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(total), 100)));
})"""
COLUMNS = """+++
title = 'Columns'
date = 2026-01-02
+++

![Body](photo-1.jpg)

![Page](photo-2.jpg){.column-page}

![Screen](photo-3.jpg){.column-screen}

![Margin](photo-4.jpg "In the margin"){.column-margin}

![Half](photo-5.jpg){width=50%}

> ![Quoted](photo-6.jpg)
"""
CHOSEN = """() => [...document.querySelectorAll("main picture img")].map(image => {
  const width = address => Number(address.match(/-(\\d+)\\.(?:avif|webp)$/)[1]);
  const form = image.currentSrc.split(".").pop();
  const source = image.parentElement.querySelector(`source[type="image/${form}"]`);
  const offered = source.srcset.split(", ").map(each => width(each.split(" ")[0]));
  const needed = Math.round(image.getBoundingClientRect().width * devicePixelRatio);
  const best = offered.find(each => each >= needed) ?? offered.at(-1);
  return [image.alt, width(image.currentSrc), best];
})"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOADED = "() => [...document.querySelectorAll('.prose img')].map(i => i.currentSrc).filter(Boolean)"


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of pictures, with relative links."""
    root = tmp_path_factory.mktemp("pictures")
    page = root / "content/posts/a"
    page.mkdir(parents=True)
    (root / "sitegen.toml").write_text(
        'baseURL = "https://example.org/"\ntitle = "T"\nrelativeURLs = true\n[images]\nlqip = true\nformats = ["webp"]\n'
    )
    (page / "index.md").write_text(POST)
    (page / "photo.jpg").write_bytes(photo(2200, 1400))
    (page / "before.png").write_bytes(drawing())
    for name, text in (
        ("posts/b", COLUMNS),
        ("projects/a", "+++\ntitle = 'A'\ndate = 2026-01-01\nimage = 'photo-1.jpg'\n+++\n"),
        ("projects/b", "+++\ntitle = 'B'\ndate = 2026-01-02\nimage = 'photo-2.jpg'\n+++\n"),
    ):
        folder = root / "content" / name
        folder.mkdir(parents=True)
        (folder / "index.md").write_text(text)
        for number in range(1, 7):  # each another: a browser takes a larger one that it has already
            (folder / f"photo-{number}.jpg").write_bytes(photo(1600, 1000) + bytes(number))
    config = load_config(root, environ={}, now=datetime(2026, 11, 20, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    build(config, options, backend=LocalBackend(config), store=open_store(config))
    return root / "public/posts/a/index.html"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A desktop window."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_a_browser_takes_the_form_that_fits(page: Page, chromium: Browser, post: Path) -> None:
    """AVIF or WebP, by the window and by the pixels of the screen; nothing moves and nothing is cut."""
    page.goto(post.as_uri())
    wide = page.evaluate("() => document.querySelector('.prose img').currentSrc")
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    phone = context.new_page()
    phone.goto(post.as_uri())
    narrow = phone.evaluate("() => document.querySelector('.prose img').currentSrc")

    assert wide.rsplit("-", 1)[1].split(".") in (["800", "avif"], ["800", "webp"])
    assert narrow.rsplit("-", 1)[1].split(".")[0] == "480"
    assert (page.evaluate(SHIFT), phone.evaluate(SHIFT)) == (0, 0)
    assert (page.evaluate(OVERFLOW), phone.evaluate(OVERFLOW)) == (0, 0)
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize("ratio", [1, 2])
def test_a_browser_takes_the_smallest_form_that_is_large_enough(
    chromium: Browser, post: Path, width: int, ratio: int
) -> None:
    """In each column and on cards, by the width that the picture has in the end."""
    context = chromium.new_context(viewport={"width": width, "height": 9000}, device_scale_factor=ratio)
    window = context.new_page()
    found: list[list[object]] = []

    for path in ("posts/b/index.html", "projects/index.html"):
        window.goto((post.parents[2] / path).as_uri())
        window.wait_for_function("() => [...document.querySelectorAll('main img')].every(i => i.currentSrc)")
        found += window.evaluate(CHOSEN)
    context.close()

    assert len(found) == 8
    assert [each for each in found if each[1] != each[2]] == []


def test_the_first_picture_of_a_list_of_cards_is_loaded_at_once(post: Path) -> None:
    """It stands in the first view; the others come when they are near."""
    html = (post.parents[2] / "projects/index.html").read_text("utf-8")

    assert [("fetchpriority" in tag, "lazy" in tag) for tag in re.findall("<img[^>]*>", html)] == [
        (True, False),
        (False, True),
    ]


def test_half_a_column_is_half_a_column(page: Page, post: Path) -> None:
    """Without a style attribute."""
    page.goto(post.as_uri())

    half = page.evaluate(
        "() => { const i = document.querySelector('img.w-50'); return i.clientWidth / i.closest('p').clientWidth }"
    )
    assert half == pytest.approx(0.5, abs=0.01)
    assert "style=" not in post.read_text("utf-8")


def test_a_picture_is_enlarged_by_the_keyboard(page: Page, post: Path) -> None:
    """Enter opens it, Escape closes it, and the focus is where it was; without a script the link leads to it."""
    page.goto(post.as_uri())
    page.focus("a.zoom")

    page.keyboard.press("Enter")
    is_open = page.evaluate("() => document.querySelector('dialog.zoomed').open")
    shown = page.evaluate("() => document.querySelector('dialog.zoomed img').src")
    page.keyboard.press("Escape")

    assert is_open
    assert shown.endswith("/photo.jpg")
    assert not page.evaluate("() => document.querySelector('dialog.zoomed').open")
    assert page.evaluate("() => document.activeElement === document.querySelector('a.zoom')")


def test_two_pictures_are_compared_by_the_keyboard(page: Page, chromium: Browser, post: Path) -> None:
    """One above the other, with their captions; without a script side by side."""
    page.goto(post.as_uri())
    page.focus(".compare input")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(post.as_uri())

    assert (
        page.evaluate("() => document.querySelector('.compare-stage').style.getPropertyValue('--at')")
        == "55%"
    )
    assert page.inner_text(".compare-captions").split("\n") == ["Before it", "After it"]
    assert plain.locator(".compare figcaption").all_inner_texts() == ["Before it", "After it"]
    context.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, post: Path, mode: str) -> None:
    """Links have names, the comparison too."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(color_scheme="dark" if mode == "dark" else "light")
    window = context.new_page()
    window.goto(post.as_uri())

    found = Axe().run(window, options={"resultTypes": ["violations"]})

    assert [each["id"] for each in found.response["violations"]] == []
    context.close()


@pytest.mark.java
def test_the_html_is_valid(post: Path, repository: Path) -> None:
    """To the Nu checker."""
    jar = next((repository / ".tools").rglob("vnu*.jar"), None)
    if jar is None:
        pytest.skip("the checker is not installed")
    told = subprocess.run(
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", str(post)],
        capture_output=True,
        check=True,
    )
    problems = [each["message"] for each in json.loads(told.stderr)["messages"] if each["type"] == "error"]

    assert problems == []
