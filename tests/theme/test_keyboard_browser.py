"""The whole page by keyboard alone, with and without JavaScript: what is a stop, that it is seen, and where the focus goes back to."""

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

LONG = "x = " + "1 + " * 60 + "1"
POST = f"""+++
title = "All"
date = 2026-01-01
+++
See [@a] and $L(\\theta) = \\mathbb{{E}}_t[\\min(r_t(\\theta) A_t, c_t(\\theta) A_t)] + c_1 L^{{VF}} + c_2 S(\\theta)$. A note.^[A [link](/a/).]

## Code

```python
short = 1
```

```python
{LONG}
```

```python {{linenos=table hl_lines="1"}}
short = 1
```

```
no language
```

## Tables

| a | b |
| --- | --- |
| 1 | 2 |

| {" | ".join(f"column {n}" for n in range(12))} |
| {" | ".join("---" for _ in range(12))} |
| {" | ".join("[cell](/a/)" for _ in range(12))} |

## Pictures

![A picture](a.png "Enlarged")

::: {{.compare}}
![One](a.png "One")
![Two](a.png "Two")
:::

::: {{.callout-tip collapse="true" title="Folded"}}
Inside. A [link](/a/).
:::
"""
SLIDES = """+++
title = "Deck"
date = 2026-01-01
type = "slides"
event = "E"
+++
## First {#first}

Text.

## Second {#second}

A [link](/a/).

## Third {#third}

### Part {#part}

End.
"""
STOP = """() => {
  const stop = document.activeElement;
  if (stop === document.body) return null;
  const shown = stop.matches('.zoom') ? stop.querySelector('img') : stop;
  const [line] = shown.getClientRects(), ring = getComputedStyle(shown);
  const top = document.elementFromPoint(line.x + Math.min(line.width / 2, 20), line.y + Math.min(line.height / 2, 8));
  window.reached = (window.reached || new Set()).add(stop);
  return {
    name: `${stop.localName}.${stop.className} ${stop.textContent.trim().slice(0, 30)}`,
    isSeen: stop.checkVisibility({opacityProperty: true, visibilityProperty: true}) && line.width > 0,
    isCovered: !(stop.contains(top) || top.contains(stop)),
    hasRing: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
  };
}"""
MISSED = """() => [...document.querySelectorAll('a[href], button, input:not([disabled]), summary, [tabindex="0"]')]
  .filter(element => element.checkVisibility({visibilityProperty: true}) && !window.reached.has(element))
  .map(element => element.outerHTML.slice(0, 80))"""
STOPS_THAT_SCROLL_NOT = """() => [...document.querySelectorAll('[tabindex="0"]')]
  .filter(element => element.checkVisibility() && element.scrollWidth <= element.clientWidth)
  .map(element => element.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post with what can be focused, and a deck."""
    from PIL import Image

    root = tmp_path_factory.mktemp("keys")
    (root / "content/posts/all").mkdir(parents=True)
    (root / "content/posts/all/index.md").write_text(POST, "utf-8")
    Image.new("RGB", (1600, 400), "#336699").save(root / "content/posts/all/a.png")
    (root / "content/a.md").write_text("+++\ntitle = 'A'\n+++\n", "utf-8")
    (root / "content/deck.md").write_text(SLIDES, "utf-8")
    (root / "refs.bib").write_text(
        "@misc{a, title={Title}, author={Last, First}, year=2020, doi={10.1000/1}}", "utf-8"
    )
    (root / "sitegen.toml").write_text(
        'bibliography = "refs.bib"\nrelativeURLs = true\n[images]\nformats = []\n', "utf-8"
    )
    config = load_config(root, environ={}, now=datetime(2026, 5, 1, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    assert [each for each in result.diagnostics if each.severity != "info"] == []
    return root / "public"


def _page(chromium: Browser, address: str, width_px: int = 1280, *, scripts: bool = True) -> Page:
    context = chromium.new_context(
        viewport={"width": width_px, "height": 800}, reduced_motion="reduce", java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(address)
    return page


@pytest.fixture
def wide(chromium: Browser, folder: Path) -> Iterator[Page]:
    """The post on a desktop."""
    page = _page(chromium, (folder / "posts/all/index.html").as_uri())
    yield page
    page.context.close()


@pytest.fixture
def deck(chromium: Browser, folder: Path) -> Iterator[Page]:
    """The deck at its second slide."""
    page = _page(chromium, (folder / "deck/index.html").as_uri() + "#first")
    yield page
    page.context.close()


@pytest.mark.parametrize(("width_px", "scripts"), [(320, True), (1280, True), (320, False)])
def test_every_stop_is_seen_and_none_is_missed(
    chromium: Browser, folder: Path, width_px: int, scripts: bool
) -> None:
    """From the skip link to the end of the page: nothing hidden, nothing covered, a ring around each."""
    page = _page(chromium, (folder / "posts/all/index.html").as_uri(), width_px, scripts=scripts)
    wrong = []
    count = 0
    page.keyboard.press("Tab")
    while (stop := page.evaluate(STOP)) is not None and count < 200:
        count += 1
        if not stop["isSeen"] or stop["isCovered"] or not stop["hasRing"]:
            wrong.append(stop)
        page.keyboard.press("Tab")

    assert wrong == []
    assert 25 < count < 200
    assert page.evaluate(MISSED) == []
    page.context.close()


def test_only_what_scrolls_is_a_stop(wide: Page) -> None:
    """Short code and narrow tables are none; a formula in a line is one where it does not fit."""
    wide.wait_for_selector(".prose pre:not([tabindex])")
    assert wide.evaluate(STOPS_THAT_SCROLL_NOT) == []
    assert wide.locator("pre[tabindex], .table-scroll[tabindex]").count() == 2
    assert wide.locator(".math.inline[tabindex]").count() == 0

    wide.set_viewport_size({"width": 320, "height": 800})
    wide.wait_for_selector(".math.inline[tabindex='0']")
    assert wide.evaluate(STOPS_THAT_SCROLL_NOT) == []


def test_escape_in_a_card_leads_back_to_its_link(wide: Page) -> None:
    """The links of a card are behind the one that opened it."""
    wide.keyboard.press("Tab")
    wide.focus("a.citation")
    wide.keyboard.press("Tab")
    assert wide.evaluate("() => document.activeElement.closest('.peek') !== null")

    wide.keyboard.press("Escape")
    wide.wait_for_selector(".peek", state="detached")
    assert wide.evaluate("() => document.activeElement.className") == "citation"


def test_escape_in_an_enlarged_picture_leads_back_to_it(wide: Page) -> None:
    """The dialog has one stop, to close it; the ring is around the picture."""
    wide.keyboard.press("Tab")
    wide.locator("a.zoom").first.focus()
    ring = wide.locator("a.zoom img").first.evaluate("image => getComputedStyle(image).outlineStyle")
    wide.keyboard.press("Enter")
    assert wide.evaluate("() => document.activeElement.localName") == "button"

    wide.keyboard.press("Escape")
    assert ring == "solid"
    assert wide.evaluate("() => document.activeElement.className") == "zoom"


def test_the_slider_moves_by_arrows_and_the_callout_unfolds(wide: Page) -> None:
    """Native controls with a mark of their own."""
    wide.locator(".compare input").focus()
    wide.keyboard.press("ArrowLeft")
    wide.locator("summary.markdown-alert-title").focus()
    wide.keyboard.press("Enter")

    assert wide.locator(".compare input").input_value() == "49"
    assert wide.get_by_text("Inside. A").is_visible()
    mark = "summary => getComputedStyle(summary, '::after').borderRightStyle"
    assert wide.locator("summary.markdown-alert-title").evaluate(mark) == "solid"


def test_code_without_a_language_is_copied_too(wide: Page) -> None:
    """Each block has one button, a column of numbers none."""
    blocks = wide.locator(".prose pre > code").filter(has_not=wide.locator(".lnt"))
    assert wide.locator(".prose .copy").count() == blocks.count()
    assert wide.locator('.highlight:has-text("no language") .copy').count() == 1


def test_no_dead_control_without_javascript(chromium: Browser, folder: Path) -> None:
    """Buttons that only a script could move are not there."""
    for name in ("posts/all/index.html", "deck/index.html"):
        page = _page(chromium, (folder / name).as_uri(), scripts=False)
        assert [button for button in page.locator("button").all() if button.is_visible()] == []
        page.context.close()


def test_tab_goes_on_in_the_slide_that_is_shown(deck: Page) -> None:
    """Arrows put no ring around a slide; the next stop is in it."""
    assert deck.evaluate("() => document.activeElement.localName") == "body"
    deck.keyboard.press("ArrowRight")
    assert deck.evaluate("() => document.querySelector('.slide:focus-visible')") is None

    deck.keyboard.press("Tab")
    assert deck.evaluate("() => document.activeElement.getAttribute('href')") == "../a/index.html"


@pytest.mark.parametrize(("part", "shown"), [("#part", "4 / 4"), ("#third", "4 / 4"), ("#50%", "1 / 4")])
def test_deck_opens_at_what_its_address_names(chromium: Browser, folder: Path, part: str, shown: str) -> None:
    """A slide, or what stands in one; where it names nothing, the first."""
    page = _page(chromium, (folder / "deck/index.html").as_uri() + part)

    assert page.locator(".slide-count").text_content() == shown
    page.context.close()
