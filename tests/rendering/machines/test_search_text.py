"""What search reads of a finished page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from sitegen.content.index import IndexedPage
from sitegen.content.metadata import BuildOptions
from sitegen.frozen import FrozenDict
from sitegen.rendering.machines.search_text import is_searchable, searched_text


def _text(body: str) -> str:
    """What is kept of a body, without tags."""
    html = searched_text(
        f'<!doctype html>\n<html lang="de"><head><title>T</title></head><body><p>out</p><main id="m" data-pagefind-body>{body}</main></body></html>'
    )
    return re.sub(r"<[^>]*>", "", html).strip()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("<h1>A</h1> text", "A text"),
        ("a <nav>b <nav>c</nav> d</nav> e", "a  e"),
        ("a <navigation>b</navigation>", "a b"),
        ("a <p>b <img alt='c'> d</p><br>", "a b  d"),
        ("<svg><title>x</title><svg/><path d=''/></svg>after", "after"),
        ('<p class="meta">1 May</p><p class="metadata">b</p><p class="x meta">c</p>', "b"),
        ('<p data-pagefind-ignore>a <p>b</p> c</p>d <p title="data-pagefind-body">e</p>', "d e"),
        ("a <nav>b <p>c", "a b c"),
        ('<code><span class="ln">12</span>zephyr</code>', "zephyr"),
        ("<main>inner</main> outer", "inner outer"),
        ("a <br data-pagefind-ignore> b", "a  b"),
        ("<!-- no tag --> a", "a"),
    ],
)
def test_text_is_kept_and_what_leads_around_is_not(body: str, kept: str) -> None:
    """Elements that no reader looks for are cut out whole; one that is not closed loses its tag alone."""
    assert _text(body) == kept


def test_a_page_without_the_mark_is_not_searched() -> None:
    """No other page pays more than the look for it."""
    assert searched_text("<html><body><main>text</main></body></html>") == ""


def test_every_marked_element_is_read_in_the_pages_language() -> None:
    """As Pagefind reads them, with the attributes that tell it more."""
    html = '<html lang="fr"><body><p data-pagefind-body>a</p><p>b</p><div class="x" data-pagefind-body data-kind="K">c</div></body></html>'

    assert searched_text(html) == (
        '<html lang="fr"><body><p data-pagefind-body>a</p><div class="x" data-pagefind-body data-kind="K">c</div></body></html>\n'
    )


@pytest.mark.parametrize(
    "unit", ["<nav>", "<button x=1>", "<p class='a", '<p class="a ', "<i data-pagefind-ignore>", "<"]
)
def test_text_of_any_kind_is_read_in_linear_time(unit: str) -> None:
    """Four times as much of what is never closed takes no sixteen times as long; by the counter of CPU, with much room."""

    def cost(count: int) -> float:
        body = unit * count
        start = time.process_time()
        _text(body)
        return time.process_time() - start

    cost(100)
    assert cost(16_000) < 2.0


@pytest.mark.parametrize(
    ("kind", "fields", "found"),
    [
        ("page", {}, True),
        ("page", {"params": FrozenDict({"search": False})}, False),
        ("page", {"build": BuildOptions(list="never")}, False),
        ("page", {"layout": "search"}, False),
        ("page", {"type": "archives"}, False),
        ("section", {}, False),
        ("section", {"type": "publications"}, True),
        ("term", {}, False),
    ],
)
def test_pages_that_are_found(
    make_place: Callable[..., IndexedPage], kind: str, fields: dict[str, Any], found: bool
) -> None:
    """Regular pages, unless they or what they list say no; papers that have no page of their own."""
    place = make_place("/posts/a", kind, meta=fields, type=fields.get("type", "posts"))

    assert is_searchable(place) is found
