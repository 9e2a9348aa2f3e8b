"""The preview's client in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.serve.live import Live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'"
"""As strict as a site may say it: the client needs no more."""


@pytest.fixture
def live() -> Live:
    """The status."""
    return Live()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site of one page, which forbids inline scripts and styles."""
    _write(tmp_path, "first")
    return tmp_path


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab; an error in its console fails the test."""
    tab = chromium.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    tab.close()
    assert errors == []


def _write(folder: Path, text: str) -> None:
    head = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>T</title>'
    (folder / "index.html").write_text(f"<!doctype html>{head}<body><h1>{text}</h1></body>", encoding="utf-8")


def test_overlay_comes_with_problems_and_goes_with_a_new_site(
    page: Page, live: Live, site: Path, start_server: Callable[..., int]
) -> None:
    """A failed build covers the page with its diagnostics; the next good one reloads it."""
    live.finished(has_site=True, problems="")
    page.goto(f"http://127.0.0.1:{start_server(site, live)}/")

    live.finished(has_site=False, problems="a.md:1:2: error SG110: <b>bad</b>")
    page.get_by_role("alert").get_by_text("error SG110: <b>bad</b>").wait_for()
    _write(site, "second")
    live.finished(has_site=True, problems="")

    page.get_by_role("heading", name="second").wait_for()
    assert page.get_by_role("alert").count() == 0


def test_overlay_can_be_closed(page: Page, live: Live, site: Path, start_server: Callable[..., int]) -> None:
    """The last good site below it can be read meanwhile."""
    live.finished(has_site=True, problems="")
    page.goto(f"http://127.0.0.1:{start_server(site, live)}/")
    live.finished(has_site=False, problems="bad")
    page.get_by_role("alert").wait_for()

    page.keyboard.press("Escape")

    page.get_by_role("alert").wait_for(state="hidden")


def test_first_site_replaces_the_waiting_page(
    page: Page, live: Live, site: Path, start_server: Callable[..., int]
) -> None:
    """A tab that was opened before there is a site ends up on it, problems on the way included."""
    page.goto(f"http://127.0.0.1:{start_server(site, live)}/")
    page.get_by_role("heading", name="Building the site").wait_for()

    live.finished(has_site=False, problems="sitegen.toml:1: error SG101: bad")
    page.get_by_text("error SG101").wait_for()
    live.finished(has_site=True, problems="")

    page.get_by_role("heading", name="first").wait_for()


def test_activity_is_shown(page: Page, live: Live, site: Path, start_server: Callable[..., int]) -> None:
    """While cells run, the page says which."""
    live.finished(has_site=True, problems="")
    page.goto(f"http://127.0.0.1:{start_server(site, live)}/")

    live.busy("executing posts/ppo: cell 3/7")

    page.get_by_role("status").get_by_text("cell 3/7").wait_for()
