"""The theme's pages as a browser without JavaScript, a screen reader and a search engine meet them."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Config, load_config

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NAMES = (
    "index.html",
    "about/index.html",
    "posts/index.html",
    "posts/page/2/index.html",
    "posts/all/index.html",
    "posts/old/index.html",
    "projects/index.html",
    "projects/one/index.html",
    "tags/index.html",
    "tags/a-tag/index.html",
    "notes/index.html",
    "notes/deeper/index.html",
    "episode/index.html",
    "link/index.html",
    "archive/index.html",
    "states/index.html",
    "states/stale/index.html",
    "states/drifted/index.html",
    "states/other-device/index.html",
    "states/pinned/index.html",
    "states/smoke/index.html",
    "states/not-run/index.html",
    "states/reader/index.html",
    "benchmarks/index.html",
    "404.html",
)
CSS_BUDGET, JS_BUDGET = 12_000, 6_000  # bytes gzipped, a page: design of the theme


@pytest.fixture(params=NAMES)
def page(request: pytest.FixtureRequest, pages: Path) -> LexborHTMLParser:
    """Each kind of page."""
    return LexborHTMLParser((pages / str(request.param)).read_text(encoding="utf-8"))


@pytest.fixture
def post(pages: Path) -> LexborHTMLParser:
    """The executed post."""
    return LexborHTMLParser((pages / "posts/all/index.html").read_text(encoding="utf-8"))


def test_page_has_one_heading_of_the_first_level(page: LexborHTMLParser) -> None:
    """The page's title, and no other."""
    assert len(page.css("h1")) == 1


def test_page_has_its_landmarks(page: LexborHTMLParser) -> None:
    """A header, a named navigation, one main part and a footer, in a document with a language."""
    root = page.css_first("html")
    assert root is not None
    assert root.attributes["lang"] == "en"
    assert [len(page.css(selector)) for selector in ("body > header", "main", "body > footer")] == [1, 1, 1]
    assert all(
        nav.attributes.get("aria-label") or nav.attributes.get("aria-labelledby") for nav in page.css("nav")
    )


def test_first_link_skips_to_the_content(page: LexborHTMLParser) -> None:
    """The first thing that the keyboard reaches leads past the header."""
    link, main = page.css_first("a"), page.css_first("main")
    assert link is not None
    assert main is not None
    assert link.attributes["href"] == f"#{main.attributes['id']}"


def test_ids_are_unique_and_what_refers_to_them_finds_them(page: LexborHTMLParser) -> None:
    """`aria-labelledby` and links within the page have a target."""
    ids = Counter(node.attributes["id"] for node in page.css("[id]"))
    named = {node.attributes["aria-labelledby"] for node in page.css("[aria-labelledby]")}
    linked = {(node.attributes["href"] or "")[1:] for node in page.css('a[href^="#"]')}
    assert [name for name, count in ids.items() if count > 1] == []
    assert {*named, *linked} - set(ids) == set()


def test_headings_leave_no_level_out(page: LexborHTMLParser) -> None:
    """A heading is at most one level below the one before it."""
    levels = [int((node.tag or "")[1:]) for node in page.css("h1, h2, h3, h4, h5, h6")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_page_loads_nothing_from_elsewhere(page: LexborHTMLParser) -> None:
    """No script, style, font or image of a third party; one style sheet and one deferred classic script."""
    loaded = [
        node.attributes.get("src") or node.attributes.get("href")
        for node in page.css("script[src], link[rel=stylesheet], link[rel=icon], img, iframe")
    ]
    scripts = page.css("script[src]")
    assert [url for url in loaded if url and re.match(r"(https?:)?//", url)] == []
    assert len(page.css("link[rel=stylesheet]")) == 1
    assert [("defer" in script.attributes, script.attributes.get("type")) for script in scripts] == [
        (True, None)
    ]


def test_page_says_what_it_is(page: LexborHTMLParser) -> None:
    """A title, a canonical address, the basics of Open Graph."""
    head = page.css_first("head")
    assert head is not None
    assert all(
        len(head.css(selector)) == 1
        for selector in (
            "title",
            "link[rel=canonical]",
            'meta[name="viewport"]',
            'meta[property="og:title"]',
            'meta[property="og:url"]',
            'meta[property="og:type"]',
        )
    )


def test_inline_script_is_short(page: LexborHTMLParser) -> None:
    """What runs before the first paint has at most 300 bytes."""
    inline = [script.text() for script in page.css("script:not([src]):not([type])")]
    assert [len(text) <= 300 for text in inline] == [True]


def test_times_are_as_html_has_them(page: LexborHTMLParser) -> None:
    """A `datetime` attribute has at most three digits of a second: a run's start has six."""
    times = [node.attributes["datetime"] or "" for node in page.css("time")]
    assert [time for time in times if re.search(r"\.\d{4,}", time)] == []


def test_lists_link_their_feeds(pages: Path) -> None:
    """Each of a list's three feeds is announced in its head."""
    page = LexborHTMLParser((pages / "posts/index.html").read_text(encoding="utf-8"))
    types = [link.attributes["type"] for link in page.css("link[rel=alternate]")]
    assert types == ["application/rss+xml", "application/atom+xml", "application/feed+json"]


def test_post_shows_where_its_results_come_from(post: LexborHTMLParser) -> None:
    """The badge says state, date, device, duration and commit; the panel holds the rest."""
    badge, panel = post.css_first(".page-header .badge"), post.css_first("details.provenance")
    assert badge is not None
    assert panel is not None
    said = " ".join(badge.text().split())
    assert re.search(r"reproduced 2026-11-20 .* 16 cores .*4m12s .*a1b2c3d", said)
    assert "torch 2.13.0" in panel.text()


def test_post_without_code_has_no_badge(pages: Path) -> None:
    """What was not executed does not say that it was."""
    text = (pages / "posts/old/index.html").read_text(encoding="utf-8")
    assert "provenance" not in text
    assert "reproduced" not in text


def test_metric_links_to_its_row(post: LexborHTMLParser) -> None:
    """A number in the prose leads to its row, with the published value beside it."""
    link = post.css_first(".metric a")
    assert link is not None
    row = post.css_first(link.attributes["href"] or "")
    assert row is not None
    source = row.css_first(".metric-source")
    assert source is not None
    assert "488.0 ± 6.1 a paper, table 1" in row.text()


def test_contents_are_there_for_margin_and_flow(post: LexborHTMLParser) -> None:
    """Both forms list the same headings."""
    margin, flow = post.css(".toc-margin a"), post.css(".toc-inline a")
    assert [link.attributes["href"] for link in margin] == ["#cells", "#static-code", "#math", "#text"]
    assert [link.attributes["href"] for link in flow] == [link.attributes["href"] for link in margin]


def test_lists_are_grouped_by_year(pages: Path) -> None:
    """A section's posts stand under their years, newest first, over all pagers."""
    years = [
        heading.text()
        for name in ("posts/index.html", "posts/page/2/index.html")
        for heading in LexborHTMLParser((pages / name).read_text(encoding="utf-8")).css(".group h2")
    ]
    assert years == ["2026", "2024", "2023"]


def test_a_list_leads_to_the_sections_below_it(pages: Path) -> None:
    """A section inside a section can be reached, and a list without dates has no years."""
    page = LexborHTMLParser((pages / "notes/index.html").read_text(encoding="utf-8"))
    links = [link.attributes["href"] for link in page.css(".term-list a")]
    assert links == ["deeper/index.html"]
    assert [heading.text() for heading in page.css("main h2")] == ["Sections", "Pages"]


def test_an_empty_list_says_so(pages: Path) -> None:
    """Instead of a white page."""
    assert "Nothing is published here yet." in (pages / "notes/deeper/index.html").read_text("utf-8")


def test_only_the_404_page_is_kept_from_search_engines(pages: Path) -> None:
    """Hosts that serve it with a 200 would have it listed."""
    texts = {name: (pages / name).read_text("utf-8") for name in NAMES}
    assert [name for name, text in texts.items() if 'content="noindex"' in text] == ["404.html"]


def test_projects_are_cards_by_category(pages: Path) -> None:
    """A category is a heading over its cards."""
    page = LexborHTMLParser((pages / "projects/index.html").read_text(encoding="utf-8"))
    assert [heading.text() for heading in page.css(".group h2")] == ["Tools"]
    assert [card.text() for card in page.css(".card h3")] == ["One"]


def test_home_shows_projects_posts_and_the_oldest_run(pages: Path) -> None:
    """The front page is made from content alone."""
    page = LexborHTMLParser((pages / "index.html").read_text(encoding="utf-8"))
    line = page.css_first(".ledger-line")
    assert [heading.text() for heading in page.css("main h2")] == ["Selected projects", "Recent posts"]
    assert line is not None
    assert "20 November 2026" in line.text()


def test_home_shows_dated_pages_of_a_site_without_posts(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """A site whose section is called otherwise, or that has none, has no empty front page."""
    head = '+++\ntitle = "{}"\ndate = 2026-11-0{}\n+++\n'
    root = write_site(
        {
            "sitegen.toml": 'title = "A site"\n',
            "content/one.md": head.format("One", 1),
            "content/writing/two.md": head.format("Two", 2),
            "content/about.md": '+++\ntitle = "About"\n+++\n',
        }
    )
    page = LexborHTMLParser(render_files(load_config(root, now=NOW))["index.html"].decode())
    assert [heading.text() for heading in page.css(".row h3")] == ["Two", "One"]


def test_a_draft_says_so(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """In a build with drafts nobody takes one for published, on its page and in its list."""
    root = write_site(
        {
            "sitegen.toml": 'title = "A site"\n',
            "content/posts/one.md": '+++\ntitle = "One"\ndraft = true\n+++\n',
            "content/posts/two.md": '+++\ntitle = "Two"\n+++\n',
        }
    )
    files = render_files(load_config(root, now=NOW, overrides={"build_drafts": True}))
    marks = {
        name: [mark.text() for mark in LexborHTMLParser(files[name].decode()).css(".draft")]
        for name in ("posts/index.html", "posts/one/index.html", "posts/two/index.html")
    }
    assert marks == {
        "posts/index.html": ["Draft"],
        "posts/one/index.html": ["Draft"],
        "posts/two/index.html": [],
    }


def test_a_shared_link_has_the_picture_beside_the_page(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """`image` is relative to the page, as on its card."""
    root = write_site(
        {
            "sitegen.toml": 'title = "A site"\nbaseURL = "https://example.org/blog/"\n',
            "content/one/index.md": '+++\ntitle = "One"\nimage = "plot.svg"\n+++\n',
            "content/one/plot.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
        }
    )
    page = LexborHTMLParser(render_files(load_config(root, now=NOW))["one/index.html"].decode())
    image = page.css_first('meta[property="og:image"]')
    assert image is not None
    assert image.attributes["content"] == "https://example.org/blog/one/plot.svg"


def _said(pages: Path, name: str, selector: str) -> list[str]:
    """The text of each element that the selector finds, spaces collapsed."""
    page = LexborHTMLParser((pages / name / "index.html").read_text(encoding="utf-8"))
    return [" ".join(node.text().split()) for node in page.css(selector)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("posts/all", "reproduced 2026-11-20"),
        ("states/stale", "of older code, data or packages 2026-11-20"),
        ("states/drifted", "drifted 2026-11-20"),
        ("states/other-device", "run on another device 2026-11-20 NVIDIA H100 80GB HBM3"),
        ("states/pinned", "pinned by the author 2026-11-20"),
        ("states/smoke", "reproduced, smoke run 2026-11-20"),
        ("states/not-run", "not run the code is shown without results"),
    ],
)
def test_each_state_has_its_words_under_the_title(pages: Path, name: str, words: str) -> None:
    """In text: neither the colour nor the sign before it is needed."""
    assert words in _said(pages, name, ".page-header .badge")[0]


def test_a_number_away_from_its_page_says_what_it_is(pages: Path) -> None:
    """Where a number is not reproduced, the words stand beside it; a smoke run's number is not shown at all."""
    assert _said(pages, "states/reader", "td:last-child") == [
        "490.0 ± 6.1 (n=3) (stale, 2026-11-20)",
        "490.0 ± 6.1 (n=3) (drifted, 470.2 on 2026-09-21)",
        "41200 steps/s",
        "490.0 ± 6.1 (n=3) (NVIDIA H100 80GB HBM3, 2026-11-20)",
        "490.0 ± 6.1 (n=3) (pinned, 2026-11-20)",
        "\N{EM DASH} (smoke run only)",
        "\N{EM DASH} (not run)",
        "490.0 ± 6.1 (n=3)",
    ]


def test_a_smoke_run_shows_its_own_numbers_labelled(pages: Path) -> None:
    """On the page itself the author sees what the short run gave."""
    assert _said(pages, "states/smoke", ".metric") == ["490.0 ± 6.1 (n=3) (smoke run)"]


def test_a_drifted_page_shows_old_and_new(pages: Path) -> None:
    """Outside the folded panel."""
    assert _said(pages, "states/drifted", ".provenance-drift") == [
        "mean_return has drifted: it was 470.2 on 2026-09-21 and is 490.0 now; its tolerance is ± 5."
    ]


def test_the_panel_tells_the_runs_apart(pages: Path) -> None:
    """What changed since the run before, and every run with its device, in words and in one picture a number."""
    panel = _said(pages, "posts/all", ".provenance-panel")[0]
    cells = _said(pages, "posts/all", ".provenance-panel tbody tr :is(th, td)")
    rows = [cells[3 + 7 * number : 10 + 7 * number] for number in range(3)]  # after the row of pictures
    device, commit = "A processor with a long name, 16 cores", "a1b2c3d+ with changes"
    assert "torch 2.12.0 -> 2.13.0" in panel
    assert f"device NVIDIA H100 80GB HBM3 -> {device}" in panel
    assert "git checkout a1b2c3d4e5f6a7b8" in panel
    assert rows == [
        ["2026-11-20 (shown)", f"● {device}", "4m12s", commit, "the same", "490.0 ± 6.1 (n=3)", "41200"],
        ["2026-10-21", "■ NVIDIA H100 80GB HBM3", "4m12s", commit, "the same", "441.0 ± 6.1 (n=3)", "37080"],
        ["2026-09-21", f"● {device}", "4m12s", "–", "the same", "499.8 ± 6.1 (n=3)", "42024"],
    ]


def test_no_line_joins_two_devices(post: LexborHTMLParser) -> None:
    """Of three runs the two on one device are joined past the third, which has a mark of another shape."""
    picture = post.css_first(".metrics-table svg.sparkline")
    assert picture is not None
    lines = [node.attributes["d"] or "" for node in picture.css(".spark-line")]
    assert [line.count("L") for line in lines] == [1]
    assert (len(picture.css("circle")), len(picture.css("path:not(.spark-line)"))) == (2, 1)
    assert picture.attributes["aria-label"] == (
        "mean_return: 3 runs, 2026-09-21 to 2026-11-20, on cpu and NVIDIA H100 80GB HBM3; "
        "lowest 441.0, highest 499.8, newest 490.0"
    )


def test_benchmarks_has_every_number_by_device(pages: Path) -> None:
    """Each device has an address; smoke runs and pages that were not run are not there."""
    page = LexborHTMLParser((pages / "benchmarks/index.html").read_text(encoding="utf-8"))
    parts = [node.text() for node in page.css(".benchmark-device h2")]
    links = [node.attributes["href"] for node in page.css(".benchmark-devices a")]
    ids = {node.attributes["id"] for node in page.css(".metrics-table > .table-scroll tbody tr")}
    assert parts == ["On cpu", "On NVIDIA H100 80GB HBM3"]
    assert links == ["#device-cpu", "#device-nvidia-h100-80gb-hbm3"]
    assert {"posts-all--mean_return", "states-other-device--steps_per_second"} <= ids
    assert not any("smoke" in str(name) or "not-run" in str(name) for name in ids)


def test_a_row_of_benchmarks_stands_for_itself(pages: Path) -> None:
    """Value, spread, reference with source and difference, device, date, commit and state; the name leads to the page."""
    page = LexborHTMLParser((pages / "benchmarks/index.html").read_text(encoding="utf-8"))
    row = page.css_first("#posts-all--mean_return")
    assert row is not None
    link = row.css_first("a")
    assert link is not None
    assert [" ".join(cell.text().split()) for cell in row.css("th, td")] == [
        *(
            "mean_return",
            "490.0 ± 6.1",
            "✓ reproduced",
            "sd",
            "3",
            "–",
            "higher",
            "488.0 ± 6.1 a paper, table 1",
            "+2.0",
            "± 5",
            "",
        ),
        *("A processor with a long name, 16 cores", "2026-11-20", "a1b2c3d+ with changes"),
    ]
    assert link.attributes["href"] == "../posts/all/index.html#metric-mean_return"


def test_every_executed_page_announces_its_provenance(pages: Path) -> None:
    """The file that programs read lies beside the page, which links to it from its head and its panel."""
    page = LexborHTMLParser((pages / "posts/all/index.html").read_text(encoding="utf-8"))
    link = page.css_first('link[rel="alternate"][type="application/json"]')
    assert link is not None
    assert (link.attributes["title"], link.attributes["href"]) == ("Provenance", "provenance.json")
    assert page.css_first('.provenance-panel a[href="provenance.json"]') is not None
    assert (pages / "posts/all/provenance.json").is_file()
    assert not (pages / "posts/old/provenance.json").exists()


def test_a_site_without_numbers_has_an_empty_ledger(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """The page says so, as a page and as a section."""
    head = '+++\ntitle = "Benchmarks"\ntype = "benchmarks"\n+++\n'
    root = write_site(
        {
            "sitegen.toml": 'title = "A site"\n',
            "content/numbers.md": head,
            "content/benchmarks/_index.md": head,
        }
    )
    files = render_files(load_config(root, now=NOW))
    words = b"No full run of a page has reported a number yet."
    assert [words in files[name] for name in ("numbers/index.html", "benchmarks/index.html")] == [True, True]


def test_assets_are_within_the_budget(pages: Path) -> None:
    """A post carries at most 12 kB of CSS and 6 kB of JavaScript, compressed."""
    post = (pages / "posts" / "all" / "index.html").read_text(encoding="utf-8")
    sizes = {
        suffix: sum(
            len(gzip.compress(file.read_bytes(), 9, mtime=0))
            for file in (pages / "assets").glob(f"*.{suffix}")
            if file.name in post
        )
        for suffix in ("css", "js")
    }
    assert sizes["css"] <= CSS_BUDGET
    assert sizes["js"] <= JS_BUDGET


@pytest.mark.java
def test_pages_are_valid_html(pages: Path, html_errors: Callable[[list[Path]], str]) -> None:
    """The HTML checker has nothing to say."""
    assert html_errors([pages / name for name in NAMES]) == ""
