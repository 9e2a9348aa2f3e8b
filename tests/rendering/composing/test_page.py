"""Composing: every hole of a document filled, what is wrong said and never raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from sitegen.content.document import (
    Heading,
    Html,
    LinkHole,
    PageKey,
    ShortcodeCall,
    ShortcodeHole,
    ValueHole,
    ValueId,
)
from sitegen.content.executed import DisplayOutput, ErrorOutput, Metric, Provenance, Reference, RunState
from sitegen.content.index import IndexedPage, SiteIndex, StaticFile
from sitegen.content.sources import Resource
from sitegen.errors import SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.rendering.values import Page
from sitegen.results.ledger import Ledger, LedgerEntry

HERE = SourceLocation(path=PurePosixPath("content/posts/a.md"), line=7, column=3)
Compose = Callable[..., Page]


def call(name: str, *positional: object, **fields: Any) -> ShortcodeHole:
    """The hole of a shortcode call."""
    return ShortcodeHole(
        call=ShortcodeCall(name=name, location=HERE, ordinal=0, positional=positional, **fields)
    )


def value(**data: str) -> FrozenDict[ValueId, DisplayOutput]:
    """The value of the first inline expression."""
    names = {"text": "text/plain", "html": "text/html", "markdown": "text/markdown", "latex": "text/latex"}
    output = DisplayOutput(data=FrozenDict({names[name]: content for name, content in data.items()}))
    return FrozenDict({ValueId("value-1"): output})


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"text": "0.91"}, "0.91"),
        ({"text": "'0.91 < 1'"}, "0.91 &lt; 1"),
        ({"text": '"it\'s"'}, "it's"),
        ({"text": "'a' + 'b'"}, "'a' + 'b'"),
        ({"markdown": "*x*", "text": "x"}, "<em>x</em>"),
        ({"html": "<b>x</b>", "text": "x"}, "<b>x</b>"),
    ],
)
def test_an_inline_value_stands_in_the_prose(compose_body: Compose, data: dict[str, str], shown: str) -> None:
    """Text is escaped and loses a string's quotes; Markdown and HTML objects are taken as such."""
    page = compose_body(
        Html(text="<p>"), ValueHole(value=ValueId("value-1")), Html(text="</p>"), values=value(**data)
    )

    assert page.content == f'<p><span class="value">{shown}</span></p>'


def test_an_inline_value_that_failed_is_visible(compose_body: Compose) -> None:
    """The reader sees the exception where the value would stand."""
    failed = FrozenDict({ValueId("value-1"): ErrorOutput(name="NameError", value="x", traceback="")})

    page = compose_body(ValueHole(value=ValueId("value-1")), values=failed)

    assert page.content == '<span class="build-error" role="alert">NameError: x</span>'


def test_a_title_with_a_value_is_composed(compose_body: Compose) -> None:
    """The page's title is HTML for the heading and plain text for `<title>`."""
    title = (Html(text="Return <code>"), ValueHole(value=ValueId("value-1")), Html(text="</code> &amp; more"))

    page = compose_body(document={"title": title, "description": title}, values=value(text="490"))

    assert page.summary.title_html == 'Return <code><span class="value">490</span></code> &amp; more'
    assert page.summary.title == "Return 490 & more"
    assert page.summary.description == "Return 490 & more"


def test_links_go_to_pages_resources_and_static_files(
    compose_body: Compose,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
    make_resource: Callable[[str, bytes], Resource],
) -> None:
    """A link to a source file becomes the page's URL, with what follows `#` and `?`; all get the base path, a URL no slash."""
    resource = make_resource("data file.csv", b"1")
    index = make_index(
        make_place("/", "home"),
        make_place("/posts/a", resources=(resource,)),
        make_place("/posts/b"),
        static_files=(StaticFile(output_path=PurePosixPath("logo.txt"), file=resource.file),),
    )
    targets = [
        "b.md#part",
        "/posts/b?x=1&y",
        "data%20file.csv",
        "/logo.txt",
        "/other/",
        "#here",
        "https://x.y/",
        "c.txt",
    ]

    page = compose_body(
        *(
            segment
            for target in targets
            for segment in (LinkHole(target=target, location=HERE), Html(text=" "))
        ),
        index=index,
    )

    assert page.content.split() == [
        "/blog/posts/b/#part",
        "/blog/posts/b?x=1&amp;y",
        "data%20file.csv",
        "/blog/logo.txt",
        "/blog/other/",
        "#here",
        "https://x.y/",
        "c.txt",
    ]
    assert page.diagnostics == ()


def test_a_link_to_no_page_is_a_warning(compose_body: Compose) -> None:
    """A `.md` target that is no page of the site is told with its place."""
    page = compose_body(LinkHole(target="gone.md", location=HERE))

    assert [(found.code, found.severity, found.location) for found in page.diagnostics] == [
        ("SG204", "warning", HERE)
    ]
    assert page.content == "gone.md"


def test_a_shortcode_that_fails_is_told_and_visible(compose_body: Compose) -> None:
    """The rest of the page stays; the diagnostic has the call's place."""
    page = compose_body(Html(text="<p>a</p>"), call("nope"), Html(text="<p>b</p>"))

    assert page.content == (
        '<p>a</p><div class="build-error" role="alert">SG202: unknown shortcode `nope`</div><p>b</p>'
    )
    assert [(found.code, found.location) for found in page.diagnostics] == [("SG202", HERE)]


def test_a_shortcode_that_fails_in_an_attribute_leaves_it_whole(compose_body: Compose) -> None:
    """No element is written inside quotes."""
    page = compose_body(Html(text='<p><a href="'), call("nope"), Html(text='">x</a></p>'))

    assert page.content == '<p><a href="">x</a></p>'


def test_a_shortcode_that_fails_in_a_paragraph_is_inline(compose_body: Compose) -> None:
    """A block may not stand inside a paragraph."""
    page = compose_body(Html(text="<p>see "), call("nope"), Html(text="</p>"))

    assert '<p>see <span class="build-error" role="alert">' in page.content


def test_headings_make_the_contents(compose_body: Compose) -> None:
    """Headings of the configured levels nest as they stand."""
    headings = tuple(
        Heading(level=level, id=name, title=(Html(text=name.title()),))
        for level, name in ((1, "top"), (2, "one"), (3, "below"), (2, "two"))
    )

    page = compose_body(Html(text='<h2 id="one">One</h2>'), document={"headings": headings})

    assert [(entry.id, [child.id for child in entry.children]) for entry in page.toc] == [
        ("one", ["below"]),
        ("two", []),
    ]


@pytest.fixture
def ledger(make_metric: Callable[..., Metric], provenance: Provenance) -> Ledger:
    """Metrics of `/posts/a` and `/posts/b`."""
    metrics = {
        ("/posts/a", "mean_return"): make_metric(
            spread=6.12, n=3, unit="steps", reference=Reference(value=490.0, source="a paper")
        ),
        ("/posts/b", "val.loss"): make_metric("val.loss", 1.88312),
    }
    return Ledger(
        entries=FrozenDict(
            {
                (PageKey(page), name): LedgerEntry(
                    page=PageKey(page), metric=metric, state="cached", provenance=provenance
                )
                for (page, name), metric in metrics.items()
            }
        )
    )


def test_a_metric_has_spread_unit_and_source(compose_body: Compose, ledger: Ledger) -> None:
    """The number is printed to its spread's digits and links to where it comes from."""
    page = compose_body(call("metric", "mean_return"), ledger=ledger)

    assert page.content == (
        '<span class="metric" title="mean_return: cpu (Some Model), 2026-11-19, reproduced" data-state="reproduced">'
        '<a class="metric-value" href="#metric-mean_return">490.0</a> '
        '<span class="metric-spread">± 6.1</span> <span class="metric-unit">steps</span> '
        '<span class="metric-n">(n=3)</span></span>'
    )


def test_a_metric_of_another_page_in_a_format(
    compose_body: Compose,
    ledger: Ledger,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
) -> None:
    """The part before the last slash names the page as `relref` does."""
    index = make_index(make_place("/", "home"), make_place("/posts/a"), make_place("/posts/b"))

    page = compose_body(
        call("metric", named=FrozenDict({"name": "b/val.loss", "fmt": ".1f"})), ledger=ledger, index=index
    )

    assert 'href="/blog/posts/b/#metric-val.loss"' in page.content
    assert ">1.9</a>" in page.content


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("mean_retrun", "SG312", "did you mean `mean_return`? known: `mean_return`"),
        ("val.loss", "SG312", 'it is a metric of `/posts/b`: write `{{< metric "/posts/b/val.loss" >}}`'),
        ("nowhere/val.loss", "SG204", "the part before the last `/` names the page as `relref` does"),
    ],
)
def test_an_unknown_metric_names_the_known_ones(
    compose_body: Compose, ledger: Ledger, name: str, code: str, hint: str
) -> None:
    """A misspelt name is an error with what to write instead."""
    page = compose_body(call("metric", name), ledger=ledger)

    assert [(found.code, found.hint) for found in page.diagnostics] == [(code, hint)]


def test_a_metric_inside_a_shortcode_is_filled(compose_body: Compose, ledger: Ledger) -> None:
    """A shortcode's inner text may hold metrics, though its template knows no results."""
    inner = ("got ", call("metric", "mean_return").call)

    page = compose_body(call("shout", inner=inner), ledger=ledger)

    assert page.content.startswith('<p>got <span class="metric"')


def test_a_metric_of_a_page_that_was_not_run_is_a_dash(compose_body: Compose, ledger: Ledger) -> None:
    """With `--no-execute` nobody knows whether the name is right: no error."""
    states: dict[PageKey, RunState] = {PageKey("/posts/a"): "not run"}

    page = compose_body(call("metric", "later"), ledger=replace(ledger, states=FrozenDict(states)))

    assert page.content == (
        '<span class="metric value-missing">\N{EM DASH} <span class="metric-note">(not run)</span></span>'
    )
    assert page.diagnostics == ()


def test_a_metric_of_another_page_s_smoke_run_is_a_dash(
    compose_body: Compose,
    ledger: Ledger,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
) -> None:
    """Its name is known, its number is no result; a misspelt name is an error there too."""
    index = make_index(make_place("/", "home"), make_place("/posts/a"), make_place("/posts/c"))
    smoke = replace(ledger, unlisted=FrozenDict({PageKey("/posts/c"): ("loss",)}))

    page = compose_body(call("metric", "c/loss"), call("metric", "c/lose"), ledger=smoke, index=index)

    assert '>\N{EM DASH} <span class="metric-note">(smoke run only)</span></span>' in page.content
    assert [(found.code, found.hint) for found in page.diagnostics] == [
        ("SG312", "did you mean `loss`? known: `loss`")
    ]


def test_a_smoke_run_s_own_page_shows_its_number(
    compose_body: Compose, provenance: Provenance, make_metric: Callable[..., Metric]
) -> None:
    """Labelled, and only there."""
    page = compose_body(
        call("metric", "loss"),
        metrics=(make_metric("loss", 1.5),),
        state="fresh",
        provenance=replace(provenance, profile="smoke"),
    )

    assert '>1.5</a> <span class="metric-note">(smoke run)</span>' in page.content
    assert page.diagnostics == ()
