"""The theme in a real browser: both modes, a narrow phone, no JavaScript, the keyboard, paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

KINDS = (
    "index.html",
    "posts/index.html",
    "posts/all/index.html",
    "projects/index.html",
    "tags/index.html",
    "archive/index.html",
    "episode/index.html",
    "about/index.html",
    "notes/index.html",
    "notes/undated/index.html",
    "states/drifted/index.html",
    "states/reader/index.html",
    "benchmarks/index.html",
)
TARGETS_BELOW_24_PX = """() => [...document.querySelectorAll('a, button, summary')]
  .filter(element => element.checkVisibility() && !element.closest('p, .lede, .skip-link, h1, h2, h3, td, .metric'))
  .map(element => [element.textContent.trim(), element.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && (box.height < 24 || box.width < 24))
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
AXE_OPTIONS = {"resultTypes": ["violations"]}
WIDTHS = (320, 768, 1440)
OF_LAYOUT = {
    "runOnly": ["target-size", "scrollable-region-focusable", "css-orientation-lock", "bypass", "region"]
}
"""Rules of axe whose answer can differ with the window's width: contrast is the colours', which no width changes."""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A desktop window."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """The narrowest phone."""
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing(page: Page, pages: Path, name: str, mode: Literal["light", "dark"]) -> None:
    """No rule of axe is broken, contrast of every rendered text included, with all that folds unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=mode, reduced_motion="reduce")
    page.goto((pages / name).as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true })")
    whole = WIDTHS[(KINDS.index(name) + (mode == "dark")) % 3]  # all rules at one width of each page and mode
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options=AXE_OPTIONS if width == whole else AXE_OPTIONS | OF_LAYOUT)
        assert found.violations_count == 0, f"at {width} px: {found.generate_report()}"


@pytest.mark.parametrize("name", KINDS)
def test_phone_never_scrolls_sideways(phone: Page, pages: Path, name: str) -> None:
    """At 320 px what is too wide scrolls inside itself."""
    phone.goto((pages / name).as_uri())
    assert phone.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("name", KINDS)
def test_targets_can_be_hit(phone: Page, pages: Path, name: str) -> None:
    """What is pressed is at least 24 px high and wide, but for links within sentences."""
    phone.goto((pages / name).as_uri())
    assert phone.evaluate(TARGETS_BELOW_24_PX) == []


def test_code_in_a_narrow_table_stays_in_one_piece(phone: Page, pages: Path) -> None:
    """A column is at least as wide as its longest name."""
    phone.goto((pages / "notes/undated/index.html").as_uri())
    lines = phone.evaluate(
        "() => [...document.querySelectorAll('td code')].map(code => code.getClientRects().length)"
    )
    assert lines == [1, 1, 1, 1]


def test_tables_of_pandas_have_rules_between_rows_only(page: Page, pages: Path) -> None:
    """Their `border="1"` draws no box."""
    page.goto((pages / "posts/all/index.html").as_uri())
    table = page.locator("table.dataframe").first
    assert table.evaluate("table => getComputedStyle(table).borderInlineStartStyle") == "none"


def test_mode_goes_round_and_is_remembered(page: Page, pages: Path) -> None:
    """System, light, dark and system again; the button says where it is, a new page keeps it."""
    page.emulate_media(color_scheme="dark")
    page.goto((pages / "index.html").as_uri())
    button = page.locator(".mode-switch")
    assert button.get_attribute("aria-label") == "Colour mode: system. Switch to light."
    button.click()
    for _ in range(10):  # Chromium hands what is stored to a page's new process a moment later
        page.goto((pages / "about/index.html").as_uri())
        if button.get_attribute("aria-label") != "Colour mode: system. Switch to light.":
            break
    assert button.get_attribute("aria-label") == "Colour mode: light. Switch to dark."
    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light"
    button.click()
    button.click()
    assert page.evaluate("() => document.documentElement.dataset.mode") is None
    assert page.evaluate("() => localStorage.getItem('mode')") is None


def test_copied_code_has_no_line_numbers(page: Page, pages: Path) -> None:
    """The button, in the tab order and seen without hovering, copies the code alone and says so."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto((pages / "posts/all/index.html").as_uri())
    button = page.locator("#cell-fig-curve .copy")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".copy-done").wait_for()
    assert button.get_by_role("status").text_content() == "Copied"
    assert str(page.evaluate("() => navigator.clipboard.readText()")).startswith("def train(steps: int = 100")


def test_contents_show_the_section_that_is_read(page: Page, pages: Path) -> None:
    """The margin's entry of the section in view is the current one."""
    page.emulate_media(reduced_motion="reduce")
    page.goto((pages / "posts/all/index.html").as_uri())
    page.locator("#math").evaluate("heading => heading.scrollIntoView()")
    current = page.locator('.toc-margin a[aria-current="true"]')
    current.get_by_text("Math").wait_for()
    assert current.count() == 1


def test_long_contents_follow_the_section_that_is_read(page: Page, pages: Path) -> None:
    """Where the list is longer than the window, the current entry is in its middle, not out of sight."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 180})
    page.goto((pages / "posts/all/index.html").as_uri())
    page.locator(".sidenote").evaluate_all(
        "notes => notes.forEach(note => note.remove())"
    )  # the list stays in sight
    page.locator("#text").evaluate("heading => heading.scrollIntoView()")
    page.locator('.toc-margin a[aria-current="true"]').get_by_text("Text").wait_for()
    entry = page.locator('.toc-margin a[aria-current="true"]').bounding_box()
    box = page.locator(".toc-margin > div").bounding_box()
    assert entry is not None
    assert box is not None
    assert box["y"] <= entry["y"] < entry["y"] + entry["height"] <= box["y"] + box["height"]
    assert page.locator(".toc-margin > div").evaluate("box => box.scrollTop") > 0


def test_page_is_whole_without_javascript(plain: Page, pages: Path) -> None:
    """Nothing that needs a script is shown; the rest is there and unfolds."""
    plain.goto((pages / "posts/all/index.html").as_uri())
    assert plain.locator(".mode-switch").is_hidden()
    assert plain.locator(".copy").count() == 0
    plain.locator(".provenance > summary").click()
    assert plain.get_by_text("torch 2.13.0").is_visible()


def test_skip_link_is_the_first_stop_and_is_seen(page: Page, pages: Path) -> None:
    """Tab shows it, Enter moves the focus to the content."""
    page.emulate_media(reduced_motion="reduce")
    page.goto((pages / "posts/all/index.html").as_uri())
    page.keyboard.press("Tab")
    box = page.locator(".skip-link").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.localName") == "main"


@pytest.mark.parametrize("name", KINDS)
def test_paper_holds_the_whole_width(page: Page, pages: Path, name: str) -> None:
    """Printed on A4 no table is cut, though all that folds is unfolded: cells of tables of numbers wrap."""
    page.set_viewport_size({"width": 658, "height": 970})  # 210 mm less two margins of 18 mm
    page.emulate_media(media="print")
    page.goto((pages / name).as_uri())
    widths = page.locator("table").evaluate_all(
        "all => all.map(table => table.getBoundingClientRect().right)"
    )
    assert [width for width in widths if width > 659] == []


def test_paper_shows_what_is_folded_and_no_chrome(page: Page, pages: Path) -> None:
    """Print styles unfold, and leave out navigation and buttons."""
    page.goto((pages / "posts/all/index.html").as_uri())
    page.emulate_media(media="print")
    assert page.get_by_text("torch 2.13.0").is_visible()
    assert page.locator(".site-nav").is_hidden()
    assert page.locator(".copy").first.is_hidden()
    assert page.locator(".toc-margin").is_hidden()


def test_plot_keeps_a_light_ground_in_dark_mode(page: Page, pages: Path) -> None:
    """A plot with dark text on a transparent ground stays readable."""
    page.emulate_media(color_scheme="dark")
    page.goto((pages / "posts/all/index.html").as_uri())
    ground = page.locator(".output-figure img").first.evaluate(
        "image => getComputedStyle(image).backgroundColor"
    )
    assert ground == "rgb(236, 238, 238)"


def test_page_says_nothing_in_the_console(page: Page, pages: Path) -> None:
    """No error, no missing file, opened from `file://`."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((pages / "posts/all/index.html").as_uri(), wait_until="networkidle")
    assert said == []
