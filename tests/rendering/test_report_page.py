"""The build's report as a page: topics, doubles, limits."""

from __future__ import annotations

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Budget
from sitegen.rendering.report_page import report_page


def _diagnostic(code: str, message: str, severity: str = "warning", **place: Any) -> dict[str, Any]:
    none = {"path": None, "line": None, "column": None, "cell": None, "hint": None}
    return {**none, "code": code, "message": message, "severity": severity, **place}


@pytest.fixture
def report() -> dict[str, Any]:
    """Of a site with one page that runs, and one that weighs too much."""
    return {
        "published": True,
        "pages": 2,
        "seconds": 0.5,
        "kernel_seconds": 0.0,
        "wall_seconds": 0.0,
        "skipped": {"drafts": 0, "future": 1, "expired": 0},
        "crash": None,
        "executed": [
            {
                "path": "content/a.md",
                "state": "stale",
                "cells": 3,
                "seconds": 12.0,
                "started": "2026-01-02T03:04:05Z",
                "device": "cpu",
                "why": ["code changed"],
                "drifts": [],
            }
        ],
        "heaviest": [
            {
                "path": "a/index.html",
                "html": 9000,
                "js": 7000,
                "css": 10,
                "figures": 0,
                "images": 0,
                "fonts": 0,
                "requests": 0,
                "third_party": 0,
            }
        ],
        "diagnostics": [_diagnostic("SG204", "`x` <leads> nowhere", path="content/a.md", line=3, column=5)],
    }


def _text(page: LexborHTMLParser, selector: str) -> str:
    return "".join(element.text() for element in page.css(selector))


def _page(report: dict[str, Any], **more: Any) -> LexborHTMLParser:
    return LexborHTMLParser(report_page(report, title="A site", budget=Budget(), **more))


def test_findings_stand_once_by_topic_with_errors_first(report: dict[str, Any]) -> None:
    """What build and check both say is one line; each topic counts its own; texts are no HTML."""
    checked = [
        report["diagnostics"][0],
        _diagnostic("SG709", "no alternative text", path="content/a.md", line=9),
        _diagnostic("SG701", "leads nowhere", "error", path="content/b.md", line=1),
    ]

    page = _page(report, checked=checked)

    lines = [item.text(strip=False) for item in page.css("li")]
    assert [line.split()[:2] for line in lines] == [
        ["error", "SG701"],
        ["warning", "SG204"],
        ["warning", "SG709"],
    ]
    assert "`x` <leads> nowhere" in lines[1]
    assert "content/a.md:3:5" in lines[1]
    counts = {
        "".join(th.text() for th in row.css("th")): [td.text() for td in row.css("td")]
        for row in page.css("tbody")[0].css("tr")
    }
    assert counts["Links"] == ["1", "1", "0"]
    assert counts["Pictures and their texts"] == ["0", "1", "0"]


def test_what_is_stale_or_over_its_limit_is_marked(report: dict[str, Any]) -> None:
    """By the state in words, and by the limit above the column."""
    page = _page(report)

    assert [marked.text() for marked in page.css(".over")] == ["stale", "7.0"]
    assert "js6.0" in [head.text() for head in page.css("th")]


def test_a_page_says_that_nobody_checked(report: dict[str, Any]) -> None:
    """A report of `build` has no links looked at, and does not look as if it had."""
    assert "were not looked at" in _text(_page(report), "main")
    assert "were not looked at" not in (_text(_page(report, checked=[]), "main"))
