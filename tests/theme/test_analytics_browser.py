"""Counting visits in a real browser: asked for by a press, remembered, taken back."""

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
    from playwright.sync_api import Browser, BrowserContext, Route

pytestmark = pytest.mark.browser

HOST, COUNTER = "http://site.example", "https://stats.example.net/count.js"
CONFIG = f"""\
baseURL = "{HOST}/"
title = "T"
contentSecurityPolicy = true
budget = BUDGET
[params]
analytics = VALUE
"""


def _published(root: Path, value: str) -> Path:
    files = {
        "sitegen.toml": CONFIG.replace("VALUE", value).replace(
            "BUDGET", "true" if value == "true" else "false"
        ),
        "content/about.md": '+++\ntitle = "About"\n+++\n\nText.\n',
        "templates/partials/analytics.html": f'<script src="{COUNTER}"></script>\n',
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    config = load_config(root, environ={}, now=datetime(2026, 5, 1, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    assert build(config, options, backend=LocalBackend(config), store=open_store(config)).diagnostics == ()
    return root / "public"


@pytest.fixture
def asked() -> list[str]:
    """Addresses of the counter, as often as they were asked for."""
    return []


@pytest.fixture
def context(chromium: Browser, tmp_path: Path, asked: list[str]) -> Iterator[BrowserContext]:
    """Windows on a site whose visits are counted with consent."""
    public = _published(tmp_path, "true")

    def serve(route: Route) -> None:
        url = route.request.url
        if url == COUNTER:
            asked.append(url)
            route.fulfill(body="window.counted = true;", content_type="text/javascript")
            return
        file = public / url.removeprefix(f"{HOST}/")
        file = file / "index.html" if file.is_dir() else file
        route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)

    opened = chromium.new_context()
    opened.route("**/*", serve)
    yield opened
    opened.close()


def test_nothing_is_counted_before_a_press(context: BrowserContext, asked: list[str]) -> None:
    """The press is remembered on the next page, and another one takes it back."""
    page = context.new_page()
    page.goto(f"{HOST}/about/")
    page.wait_for_load_state("networkidle")
    assert asked == []

    page.get_by_role("button", name="Allow this site to count visits").click()
    page.wait_for_function("() => window.counted")
    page.goto(f"{HOST}/")
    page.wait_for_function("() => window.counted")
    assert asked == [COUNTER] * 2

    with page.expect_navigation():
        page.get_by_role("button", name="Stop counting my visits").click()
    page.get_by_role("button", name="Allow this site to count visits").wait_for()
    page.wait_for_load_state("networkidle")
    assert asked == [COUNTER] * 2


def test_a_counter_that_needs_no_consent_stands_in_the_head(tmp_path: Path) -> None:
    """As it is written, and without a button."""
    html = (_published(tmp_path, '"unasked"') / "about/index.html").read_text("utf-8")
    assert f'<script src="{COUNTER}"></script>' in html.partition("</head>")[0]
    assert "count-visits" not in html
