"""Stepping over plain markup changes no pass over HTML, and leaves it little to look at."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.rendering import urls
from sitegen.rendering.machines import feed_text
from sitegen.rendering.urls import make_relative, map_tags, opening_tags

PIECES = (
    "<p>",
    "</p>",
    '<span class="k">',
    '<SPAN class="nf only-dark" id="a">',
    "</span>",
    '<div class="plot">',
    '<div class="plot-note" style="height:1px">',
    "</div>",
    '<a href="/blog/x/?a=1#b">',
    '<a title="a>b" href="/blog/x/">',
    "<a href=/blog/y/ tabindex=0>",
    "</a>",
    '<img src="/blog/a.png" alt="turn on this">',
    '<img class="only-dark"/>',
    '<table scope="col" data-x="y">',
    "<script>",
    '"<a href="/blog/in-script/">"',
    "</script>",
    "<title>",
    "</title >",
    "<!-- ",
    " -->",
    "<",
    ">",
    '"',
    "'",
    "a < b &amp; c",
    "<details>",
    '<input type="checkbox" disabled>',
    '<iframe srcdoc="<p>">',
    "</iframe>",
    '<math display="block" xmlns="m"><mi>',
    "</nav>",
    "<br />",
    "<x-y>",
    "\n",
)
NOTHING = re.compile("")


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_a_pass_that_steps_gives_what_one_gives_that_looks_at_every_tag(html: str) -> None:
    """For addresses, for the tags of one name, and for feeds; whatever is quoted, unclosed or hidden."""

    def passes() -> tuple[str, ...]:
        return (
            make_relative(html, PurePosixPath("posts/a/index.html"), "/blog/"),
            map_tags(html, "img", str.upper),
            feed_text._static(html, "https://example.org/"),
        )

    stepping = passes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "stepper", lambda **_: NOTHING)
        patch.setattr(feed_text, "_UNCHANGED", NOTHING)
        looking = passes()

    assert stepping == looking


def test_highlighted_code_is_stepped_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand spans cost a pass over the addresses of a text no look at any of them."""
    looked_at = []

    def looking(html: str, step: re.Pattern[str] | None = None) -> object:
        for found in opening_tags(html, step):
            looked_at.append(found)
            yield found

    monkeypatch.setattr(urls, "opening_tags", looking)
    html = (
        '<pre><code class="language-python">'
        + '<span class="k">def</span> ' * 1000
        + '</code></pre><a href="/blog/x/">x</a>'
    )

    relative = make_relative(html, PurePosixPath("index.html"), "/blog/")

    assert relative == html.replace("/blog/x/", "x/index.html")
    assert len(looked_at) == 1
