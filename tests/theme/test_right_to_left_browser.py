"""A page from right to left in a real browser: what is mirrored, what is not, and which arrow goes on."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/"\ntitle = "Notes"\nlocale = "en"\nrelativeURLs = true\n',
    "content/posts/a.md": '+++\ntitle = "تجربة"\ndate = 2026-01-02\nlang = "ar"\n+++\n\n## التعلم\n\nجملة قصيرة.[^1]\n\n'
    "```python\nx = 1\n```\n\n### نموذج\n\n$$ a = b $$\n\n[^1]: حاشية قصيرة.\n",
    "content/posts/_index.md": '+++\ntitle = "Posts"\n+++\n',
    "content/talks/deck.md": '+++\ntitle = "شرائح"\ndate = 2026-01-03\ntype = "slides"\nlang = "ar"\n+++\n\n## التعلم\n\nنص\n',
}
SIDES = """() => Object.fromEntries(Object.entries(
  {text: '.prose > p', contents: '.toc-margin', note: '.sidenote', code: '.highlight pre', formula: 'math', title: '.site-title', menu: '.mode-switch'}
).map(([name, selector]) => {
  const element = document.querySelector(selector);
  const box = element.getBoundingClientRect();
  return [name, {left: box.left, right: box.right, direction: getComputedStyle(element).direction}];
}))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An English site with a post and a deck in Arabic, published."""
    root = tmp_path_factory.mktemp("right-to-left")
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    config = load_config(root, environ={}, now=datetime(2026, 2, 1, tzinfo=UTC))
    build(
        config,
        BuildOptions(policy=ExecutionPolicy(allowed=False)),
        backend=LocalBackend(config),
        store=open_store(config),
    )
    return root / "public"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A desktop window."""
    context = chromium.new_context(viewport={"width": 1440, "height": 800})
    yield context.new_page()
    context.close()


def test_the_margin_is_on_the_other_side_and_code_is_not_turned(page: Page, site: Path) -> None:
    """Contents and notes stand left of the text; code and formulas run from the left, and the header stays as it is."""
    page.goto((site / "posts/a/index.html").as_uri())

    found = page.evaluate(SIDES)

    assert found["contents"]["right"] <= found["text"]["left"]
    assert found["note"]["right"] <= found["text"]["left"]
    assert [found[name]["direction"] for name in ("text", "code", "formula", "title")] == [
        *("rtl", "ltr", "ltr", "ltr"),
    ]
    assert found["title"]["left"] < found["menu"]["left"]


def test_nothing_is_cut_on_a_phone(page: Page, site: Path) -> None:
    """Neither to the right nor, where a turned page would overflow, to the left."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto((site / "posts/a/index.html").as_uri())

    outside = page.evaluate(
        "() => [...document.querySelectorAll('main :is(h1, h2, p, pre, math)')].map(element => element.getBoundingClientRect())"
        ".filter(box => box.width && (box.left < -1 || box.right > innerWidth + 1)).length"
    )

    assert outside == 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_the_left_arrow_goes_on_in_slides_from_right_to_left(page: Page, site: Path) -> None:
    """As the pages of a book in that script are turned; the buttons point the same way."""
    page.goto((site / "talks/deck/index.html").as_uri())
    count = page.locator(".slide-count")

    page.keyboard.press("ArrowLeft")
    on = count.inner_text()
    page.keyboard.press("ArrowRight")

    assert (on, count.inner_text()) == ("2 / 2", "1 / 2")
    buttons = [button.bounding_box() for button in page.locator(".slide-controls [data-go]").all()]
    back, further = (box["x"] for box in buttons if box is not None)
    assert further < back
