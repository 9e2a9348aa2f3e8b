"""Citations, notes and numbers of built pages: links, the list of references, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.config.words import theme_table
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.markdown.citations import _LABELS
from sitegen.rendering.literature import csl
from sitegen.rendering.sidenotes import with_sidenotes
from sitegen.results.store import open_store

BOOK = """
@inproceedings{mnih2016, title={Asynchronous Methods}, author={Mnih, V. and Badia, A. and Mirza, M.}, year=2016,
  booktitle={ICML}, eprint={1602.01783}, archiveprefix={arXiv}}
@article{wolf2017, title={Tying \\& more}, author={Press, Ofir and Wolf, Lior}, year=2017, journal={J}, doi={10.1000/1}}
@misc{untitled, author={Press, Ofir}, year=2020}
"""
Built = Callable[..., tuple[LexborHTMLParser, BuildResult]]


@pytest.fixture
def built(tmp_path: Path) -> Built:
    """Builds a site of one page and gives the page."""

    def make(
        body: str, front: str = "", settings: str = 'bibliography = "refs.bib"\n'
    ) -> tuple[LexborHTMLParser, BuildResult]:
        (tmp_path / "content").mkdir(exist_ok=True)
        (tmp_path / "content/a.md").write_text(f"---\ntitle: A\n{front}---\n{body}", "utf-8")
        (tmp_path / "refs.bib").write_text(BOOK, "utf-8")
        (tmp_path / "sitegen.toml").write_text(settings, "utf-8")
        config = load_config(tmp_path, environ={}, now=datetime(2026, 1, 1, tzinfo=UTC))
        options = BuildOptions(keep_going=True, policy=ExecutionPolicy(allowed=False))
        result = build(config, options, backend=LocalBackend(config), store=open_store(config))
        return LexborHTMLParser((tmp_path / "public/a/index.html").read_text("utf-8")), result

    return make


def one(page: LexborHTMLParser, selector: str) -> LexborNode:
    """The one element that a selector finds."""
    (found,) = page.css(selector)
    return found


def test_a_citation_leads_to_its_reference_and_back(built: Built) -> None:
    """Each link has an id that the reference's way back leads to; a key of none is an error with its near match."""
    page, result = built("See [e.g. @mnih2016, p. 3; @wolf2017] and @wolf2017.\n")

    assert page.css(".prose p")[0].text() == (
        "See (e.g. Mnih et al., 2016, p. 3; Press and Wolf, 2017) and Press and Wolf (2017)."
    )
    assert [link.attributes["href"] for link in page.css("a.citation")] == [
        *("#ref-mnih2016", "#ref-wolf2017", "#ref-wolf2017"),
    ]
    backs = [link.attributes["href"] for link in page.css("#ref-wolf2017 .reference-back")]
    assert backs == [f"#{link.attributes['id']}" for link in page.css("a.citation")[1:]]
    assert (
        one(page, "#ref-wolf2017 > a:not(.reference-back)").attributes["href"] == "https://doi.org/10.1000/1"
    )
    assert not result.diagnostics


def test_numbers_are_in_the_order_of_citation(built: Built) -> None:
    """The front matter chooses the style of its page; the list's order is that of the numbers."""
    page, _ = built("[@wolf2017], [-@mnih2016; @wolf2017], @mnih2016\n", "citations: numeric\n")

    assert page.css(".prose p")[0].text() == "[1], [2, 1], Mnih et al. [2]"
    assert [item.attributes["id"] for item in page.css("ol.reference-list > li")] == [
        "ref-wolf2017",
        "ref-mnih2016",
    ]


def test_a_key_that_is_nowhere_is_an_error(built: Built) -> None:
    """In brackets; a bare name is text, which may be anybody's."""
    page, result = built("[@mnih2015] and @nobody.\n")

    (told,) = result.diagnostics
    assert (told.code, told.hint) == ("SG230", "did you mean `mnih2016`?")
    assert "and @nobody." in page.css(".prose p")[0].text()


def test_citations_stand_in_headings_tables_notes_and_captions(built: Built) -> None:
    """One work, one reference; the contents and the heading's id are without links."""
    page, _ = built(
        "## On [@mnih2016]\n\n| a |\n|---|\n| [@mnih2016] |\n\nNote.^[With [@mnih2016].]\n\n"
        '![By @mnih2016](x.png){#fig-x}\n\n{{< cite "mnih2016" >}}\n'
    )

    places = ("h2 a.citation", "td a.citation", ".footnotes a.citation", "figcaption a.citation")
    assert [len(page.css(place)) for place in places] == [1, 1, 1, 1]
    assert len(page.css("#ref-mnih2016 .reference-back")) == 5
    assert not page.css(".toc a a")


def test_captions_of_code_and_diagrams_cite(built: Built) -> None:
    """Those of cells, listings and diagrams; on a page without a bibliography they are text."""
    body = (
        "```{python}\n#| label: lst-a\n#| lst-cap: Cell [@wolf2017]\n1\n```\n\n"
        '```{.python #lst-b lst-cap="Listing @wolf2017"}\nx\n```\n\n'
        "```mermaid\n%%| fig-cap: Drawn [-@wolf2017]\ngraph LR; a-->b\n```\n"
    )

    citing, _ = built(body)
    plain, result = built(body, settings="")

    assert [node.text() for node in citing.css("figcaption")] == [
        "Listing 1: Cell (Press and Wolf, 2017)",
        "Listing 2: Listing Press and Wolf (2017)",
        "Drawn (2017)",
    ]
    assert [node.text() for node in plain.css("figcaption")] == [
        "Listing 1: Cell [@wolf2017]",
        "Listing 2: Listing @wolf2017",
        "Drawn [-@wolf2017]",
    ]
    assert not plain.css(".citation")
    assert "SG230" not in [told.code for told in result.diagnostics]


def test_the_list_stands_where_the_author_wants_it(built: Built) -> None:
    """`::: {#refs}` or the shortcode; `nocite` lists what nothing cites."""
    page, _ = built("Text.\n\n::: {#refs}\n:::\n\nEnd.\n", 'nocite: "@wolf2017"\n')
    again, _ = built("{{< bibliography >}}\n\nEnd.\n", 'nocite: ["*"]\n')

    assert [node.tag for node in page.css(".prose > *")] == ["p", "section", "p"]
    assert [len(each.css(".reference-list > li")) for each in (page, again)] == [1, 3]


def test_a_csl_style_writes_the_references(built: Built) -> None:
    """citeproc-py's own style; the links are ours."""
    pytest.importorskip("citeproc")
    page, result = built(
        "[@wolf2017, p. 3] @mnih2016 [@mnih2016; @wolf2017]\n", "csl: harvard-cite-them-right\n"
    )

    assert not result.diagnostics
    assert page.css(".prose p")[0].text() == (
        "(Press and Wolf, 2017, p. 3) Mnih et al. (2016) (Mnih, Badia and Mirza, 2016; Press and Wolf, 2017)"
    )
    assert "Tying & more" in one(page, "#ref-wolf2017").text()


@pytest.mark.parametrize("style", ["", 'csl = "harvard-cite-them-right"\n'])
def test_addresses_of_works_are_addresses(built: Built, tmp_path: Path, style: str) -> None:
    """A DOI keeps its signs, and what no address may hold is encoded."""
    (tmp_path / "odd.bib").write_text(
        '@misc{a, title={A}, doi={10.1000/15::1<2>3}}\n@misc{b, title={B}, url={https://e.org/?a=1&b="2"}}\n'
    )
    page, _ = built("[@a] [@b]\n", settings=f'bibliography = "odd.bib"\n{style}')

    links = {
        item.attributes["id"]: [link.attributes["href"] for link in item.css("a:not(.reference-back)")]
        for item in page.css(".reference-list li")
    }
    assert links["ref-a"] == ["https://doi.org/10.1000/15::1%3C2%3E3"]
    assert links["ref-b"][-1] == "https://e.org/?a=1&b=%222%22"


def test_a_citation_is_in_the_language_of_the_site(built: Built) -> None:
    """Where in a work something stands, who is named and what has no date: by our styles and beside a CSL style."""
    body = "[@mnih2016, p. 3] [@mnih2016, pp. 3-5; @wolf2017, chap. 2] @mnih2016 [sec. 4]\n"
    settings = 'bibliography = "refs.bib"\nlocale = "de-AT"\n'

    plain, _ = built(body, settings=settings)
    styled, _ = built(body, "csl: harvard-cite-them-right\n", settings=settings)

    assert plain.css(".prose p")[0].text() == (
        "(Mnih et al., 2016, S. 3) (Mnih et al., 2016, S. 3–5; Press und Wolf, 2017, Kap. 2) Mnih et al. (2016, Abschn. 4)"
    )
    assert styled.css(".prose p")[0].text().endswith("Mnih et al. (2016, Abschn. 4)")
    assert "S. 3" in styled.css(".prose p")[0].text()


def test_every_label_of_a_locator_has_its_words() -> None:
    """A label that Markdown knows and a table lacks would fail the build of whoever cites so."""
    table = theme_table("en")

    assert {key.partition(".")[2] for key in table if key.startswith("locator.")} == set(_LABELS)
    assert {key.partition(".")[2] for key in table if key.startswith("locators.")} == set(_LABELS)


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("de-AT", "de-AT"),
        ("de-BE", "de-DE"),
        ("ar", "ar"),
        ("zh-Hans", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("xx", "en-US"),
    ],
)
def test_a_csl_style_has_the_words_of_the_nearest_language(language: str, locale: str) -> None:
    """A tag that citeproc-py has no locale of takes its language's main one."""
    assert csl._locale(language) == locale


def test_a_style_that_is_not_there_is_an_error(built: Built) -> None:
    """The page has the plain style then."""
    pytest.importorskip("citeproc")
    page, result = built("[@wolf2017]\n", "csl: nothing.csl\n")

    assert [(told.code, told.severity) for told in result.diagnostics] == [("SG231", "error")]
    assert "(Press and Wolf, 2017)" in page.css(".prose p")[0].text()


@pytest.mark.parametrize(
    ("front", "hint"),
    [
        ("csl: harvard-cite-them-rihgt\n", "did you mean `harvard-cite-them-right`?"),
        ("csl: zzz\n", "name a `.csl` file"),
    ],
)
def test_a_style_that_is_not_there_is_told_where_it_is_named(built: Built, front: str, hint: str) -> None:
    """At the name in the front matter, with the near one of those that there are."""
    pytest.importorskip("citeproc")
    _, result = built("[@wolf2017]\n", front)

    (told,) = result.diagnostics
    assert told.location is not None
    assert (told.code, told.location.column) == ("SG231", 6)
    assert hint in (told.hint or "")


def test_a_style_of_the_settings_is_told_there(built: Built) -> None:
    """Once for all pages; so is a language that no style speaks."""
    pytest.importorskip("citeproc")
    settings = 'bibliography = "refs.bib"\nlocale = "tlh"\ncsl = "{}"\n'
    _, missing = built("[@wolf2017]\n", settings=settings.format("zzz"))
    _, found = built("[@wolf2017]\n", settings=settings.format("harvard-cite-them-right"))

    told = [(each.code, each.severity, str(each.location)) for each in missing.diagnostics]
    assert ("SG231", "error", "sitegen.toml:3:8") in told
    of_styles = [
        each for each in found.diagnostics if each.code != "SG106"
    ]  # the theme has none of it either
    assert [(each.severity, "no words in `tlh`" in each.message) for each in of_styles] == [("warning", True)]


def test_an_entry_without_a_title_is_told(built: Built) -> None:
    """At the entry, once for all pages that cite it: its place in the list is empty."""
    _, result = built("[@untitled] and [@untitled].\n")

    assert [(told.code, str(told.location)) for told in result.diagnostics] == [("SG134", "refs.bib:5:1")]


def test_numbered_things_of_markdown(built: Built) -> None:
    """Figures with parts, tables, listings, equations and sections; numbers alone, words before them, capitals."""
    page, result = built(
        "@Fig-b, [-@fig-b], [Fig. @fig-a; @tbl-t], @lst-l, @eq-e, @sec-s, [-@sec-s]\n\n"
        "::: {#fig-p layout-ncol=2}\n![A](a.png){#fig-a}\n\n![B](b.png){#fig-b}\n\nBoth\n:::\n\n"
        "| x |\n|---|\n| 1 |\n\n: Scores {#tbl-t}\n\n"
        '```{.python #lst-l lst-cap="Code"}\nx\n```\n\n$$\na\n$$ {#eq-e}\n\n## The end {#sec-s}\n'
    )

    assert page.css(".prose p")[0].text() == (
        "Figure 1 (b), 1 (b), Fig.\N{NO-BREAK SPACE}1 (a), Table 1, Listing 1, Equation (1), "
        "Section “The end”, “The end”"
    )
    targets = [str(link.attributes["href"])[1:] for link in page.css("a.reference")]
    ids = {node.attributes.get("id") for node in page.css("[id]")}
    assert set(targets) <= ids
    assert [node.text() for node in page.css(".caption-number")] == [
        "(a)",
        "(b)",
        "Figure 1:",
        "Table 1:",
        "Listing 1:",
    ]
    assert "SG222" not in [told.code for told in result.diagnostics]


def test_a_reference_to_nothing_names_what_is_near(built: Built) -> None:
    """Equations and sections too."""
    _, result = built("@eq-losss @sec-bb\n\n$$\na\n$$ {#eq-loss}\n\n## B {#sec-b}\n")

    assert [(told.code, told.hint) for told in result.diagnostics] == [
        ("SG222", "did you mean `eq-loss`?"),
        ("SG222", "did you mean `sec-b`?"),
    ]


def test_notes_stand_beside_the_text(built: Built) -> None:
    """Each short note once, behind its first mark, without ids; `footnotes: end` leaves the list alone."""
    text = "One[^1] and again[^1] and ^[*Two* [@mnih2016]].\n\n[^1]: First.\n"
    page, _ = built(text)
    at_end, _ = built(text, "footnotes: end\n")

    assert [note.text().strip() for note in page.css(".sidenote")] == [
        "1 First.",
        "2 Two (Mnih et al., 2016)",
    ]
    assert not page.css(".sidenote [id]")
    assert page.css(".footnotes-aside")
    assert not at_end.css(".sidenote")


def test_long_notes_and_notes_of_tables_stay_in_the_list() -> None:
    """A list of notes of which only some are in the margin keeps its numbers."""

    def mark(number: int) -> str:
        return f'<sup id="fnref:{number}"><a href="#fn:{number}" class="footnote-ref" role="doc-noteref">{number}</a></sup>'

    html = (
        f"<p>a{mark(1)}</p>\n<table><tr><td>b{mark(2)}</td></tr></table>\n<p>c{mark(3)}</p>\n"
        '<div class="footnotes" role="doc-endnotes">\n<hr>\n<ol>\n<li id="fn:1">\n<p>one</p>\n</li>\n'
        '<li id="fn:2">\n<p>two</p>\n</li>\n<li id="fn:3">\n<p>three</p>\n<pre>x</pre>\n</li>\n</ol>\n</div>\n'
    )

    page = LexborHTMLParser(with_sidenotes(html))

    assert [note.text() for note in page.css(".sidenote")] == ["1 one"]
    assert [(li.attributes.get("class"), li.attributes["value"]) for li in page.css("li")] == [
        *(("noted", "1"), (None, "2"), (None, "3")),
    ]
    assert not page.css(".footnotes-aside")


def test_an_edited_entry_makes_the_pages_that_cite_it_again_and_no_others(tmp_path: Path) -> None:
    """Each citation is a fact of its own."""
    (tmp_path / "content").mkdir()
    for name, text in (("a", "[@mnih2016]"), ("b", "[@wolf2017]"), ("c", "Nothing.")):
        (tmp_path / f"content/{name}.md").write_text(f"---\ntitle: {name}\n---\n{text}\n", "utf-8")
    (tmp_path / "refs.bib").write_text(BOOK, "utf-8")
    (tmp_path / "sitegen.toml").write_text('bibliography = "refs.bib"\n', "utf-8")
    config = load_config(tmp_path, environ={}, now=datetime(2026, 1, 1, tzinfo=UTC))
    options = BuildOptions(explain=True, policy=ExecutionPolicy(allowed=False))
    build(config, options, backend=LocalBackend(config), store=open_store(config))

    (tmp_path / "refs.bib").write_text(BOOK.replace("Asynchronous Methods", "Other Methods"), "utf-8")
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))

    pages = {reason.path for reason in result.reasons if reason.path.endswith(".html")}
    assert "a/index.html" in pages
    assert pages.isdisjoint({"b/index.html", "c/index.html"})
    assert "Other Methods" in (tmp_path / "public/a/index.html").read_text("utf-8")
