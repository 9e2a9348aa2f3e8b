"""Cards of citations, notes and references in a real browser: pointer, keyboard, touch, and notes in the margin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
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

BODY = """---
title: A
---
See [@a]. A note.^[First note, which is long enough for two lines of the margin at the side of the text.] Another.^[Second.]

## Part {#sec-part}

First words. As in @sec-part.
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with a citation, two notes and a reference."""
    root = tmp_path_factory.mktemp("cards")
    (root / "content").mkdir()
    (root / "content/a.md").write_text(BODY, "utf-8")
    (root / "refs.bib").write_text("@misc{a, title={Title}, author={Last, First}, year=2020}", "utf-8")
    (root / "sitegen.toml").write_text('bibliography = "refs.bib"\nrelativeURLs = true\n', "utf-8")
    config = load_config(root, environ={}, now=datetime(2026, 1, 1, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    build(config, options, backend=LocalBackend(config), store=open_store(config))
    return (root / "public/a/index.html").as_uri()


@pytest.fixture
def wide(chromium: Browser, address: str) -> Iterator[Page]:
    """The page on a desktop."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """The page on a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def test_a_card_opens_under_the_pointer_and_closes_by_escape(wide: Page) -> None:
    """The pointer may go into it; Escape closes it where it is."""
    wide.hover("a.citation")
    wide.wait_for_selector(".peek")
    wide.hover(".peek")

    assert "First Last (2020). Title." in wide.inner_text(".peek")
    assert wide.locator(".peek [id], .peek [role=doc-backlink]").count() == 0
    wide.keyboard.press("Escape")
    wide.wait_for_selector(".peek", state="detached", timeout=2000)


def test_a_card_opens_by_the_keyboard(wide: Page) -> None:
    """A heading comes with its first paragraph; focus elsewhere closes it."""
    wide.keyboard.press("Tab")
    wide.focus("a.reference")

    assert " ".join(wide.inner_text(".peek").split()) == "Part First words. As in Section “Part”."
    wide.focus("a.citation")
    assert wide.inner_text(".peek").startswith("First Last")


def test_a_tap_opens_a_note_with_a_way_to_its_place(phone: Page) -> None:
    """The first tap stays, the link in the card goes."""
    phone.tap("a.footnote-ref >> nth=1")

    assert phone.inner_text(".peek").startswith("Second.")
    assert not phone.url.endswith("#fn:2")
    phone.tap(".peek-go a")
    assert phone.url.endswith("#fn:2")
    assert not phone.is_visible(".sidenote >> nth=0")


def test_notes_in_the_margin_do_not_meet(wide: Page) -> None:
    """One below the other beside the text, the list hidden until a link leads into it."""
    first, second = (wide.locator(".sidenote").nth(place).bounding_box() for place in (0, 1))
    text = wide.locator(".prose > p").first.bounding_box()
    contents = wide.locator(".toc-margin").bounding_box()

    assert first is not None
    assert second is not None
    assert text is not None
    assert contents is not None
    assert first["y"] + first["height"] <= second["y"]
    assert text["x"] + text["width"] < first["x"]
    assert contents["y"] + contents["height"] <= first["y"]
    assert not wide.is_visible(".footnotes")
    wide.click("a.footnote-ref >> nth=0")
    assert wide.is_visible(".footnotes")
