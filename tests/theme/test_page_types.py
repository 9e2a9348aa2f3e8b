"""Home by blocks, projects, talks, news, series, slides and the CV, as a reader and a program meet them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.config import Config, load_config

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FILES = {
    "sitegen.toml": """baseURL = "https://example.org/"
title = "A site"
[author]
name = "Ada & Co"
[taxonomies]
tag = "tags"
series = "series"
[params]
repository = "https://github.com/you/site"
cite = true
""",
    "content/_index.md": """+++
title = "Home"
blocks = ["news", { block = "posts", count = 1, title = "Writing" }, "talks", "posts", "series", "projects", "text"]
+++

Welcome.
""",
    "content/posts/one.md": '+++\ntitle = "One_1"\ndate = 2026-11-01\nproject = "gpt"\nseries = ["Parts"]\n+++\n\nText.\n',
    "content/posts/two.md": '+++\ntitle = "Two"\ndate = 2026-11-02\nseries = ["Parts"]\nlicense = "CC-BY-SA-4.0"\ncode_license = "MIT"\n'
    'authors = ["Eve E.", { name = "Bob B.", affiliation = ["Institute", "Other"], orcid = "https://orcid.org/0000-0001" }]\n+++\n\nText.\n',
    "content/posts/three.md": '+++\ntitle = "Three"\ndate = 2026-11-03\nseries = ["Parts"]\nseries_part = 1\ncite = false\n'
    'translations = { de = "/de/drei/", ar = "https://example.com/ar/" }\n+++\n\nText.\n',
    "content/projects/gpt.md": '+++\ntitle = "GPT"\ncategory = "Language models"\n+++\n\nWhat it is.\n',
    "content/projects/ppo.md": '+++\ntitle = "PPO"\ncategory = "RL"\n+++\n\nWhat it is.\n',
    "content/talks/past.md": '+++\ntitle = "Past"\ndate = 2026-11-19\nevent = "E"\nvenue = "Here"\n+++\n\nText.\n',
    "content/talks/today.md": '+++\ntitle = "Today"\ndate = 2026-11-20\nevent = "E"\n+++\n\nText.\n',
    "content/talks/later.md": '+++\ntitle = "Later"\ndate = 2027-01-01\npublishDate = 2026-01-01\nevent = "E"\n+++\n\nText.\n',
    "content/talks/deck.md": """+++
title = "Deck"
date = 2026-11-10
type = "slides"
event = "E"
+++

## First

::: {.incremental}
- a
- b
:::

::: {.notes}
Say it.
:::

---

Second

## Long {.center}

"""
    + "Line\n\n" * 60,
    "content/news/a.md": "+++\ndate = 2026-11-05\n+++\n\nSomething *short*.\n",
    "content/cv.md": '+++\ntitle = "CV"\ntype = "cv"\n+++\n',
    "data/resume.json": json.dumps(
        {
            "basics": {"name": "Ada", "email": "a@example.org", "profiles": [{"network": "N", "url": "https://e.org/a"}]},
            "education": [{"institution": "I", "studyType": "S", "area": "A", "startDate": "2010", "endDate": "2013-05"}],
            "work": [{"name": "W", "position": "P", "startDate": "2014-03", "highlights": ["H"]}],
            "languages": [{"language": "L", "fluency": "F"}],
        }
    ),
}  # fmt: skip


@pytest.fixture
def published(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> dict[str, str]:
    """The site's pages by their paths."""
    files = render_files(load_config(write_site(FILES), now=NOW))
    pages = {path: content.decode() for path, content in files.items() if path.endswith(".html")}
    return {path: html for path, html in pages.items() if 'http-equiv="refresh"' not in html}


def _texts(html: str, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in LexborHTMLParser(html).css(selector)]


def test_pages_are_whole(published: dict[str, str]) -> None:
    """One heading of the first level, no level left out, ids once each, a name for each navigation, no style attribute."""
    for path, html in published.items():
        page = LexborHTMLParser(html)
        levels = [int((node.tag or "")[1:]) for node in page.css("h1, h2, h3, h4")]
        assert levels.count(1) == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        ids = Counter(node.attributes["id"] for node in page.css("[id]"))
        assert max(ids.values()) == 1, path
        named = page.css("nav")
        assert all({"aria-label", "aria-labelledby"} & node.attributes.keys() for node in named), path
        assert " style=" not in html, path


def test_home_shows_its_blocks_in_order(published: dict[str, str]) -> None:
    """Each with its title; a block may come twice, with other settings."""
    html = published["index.html"]
    heads = ["News", "Writing", "Talks", "Recent posts", "Series", "Selected projects"]
    assert _texts(html, ".group-head h2") == heads
    assert _texts(html, "[aria-labelledby=home-posts] h3") == ["Three"]
    assert _texts(html, "[aria-labelledby=home-posts-4] h3") == ["Three", "Two", "One_1"]
    assert _texts(html, ".prose") == ["Welcome."]


def test_unknown_block_is_an_error_that_names_it(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """A template that does not exist is told of, not passed over."""
    root = write_site({**FILES, "content/_index.md": '+++\nblocks = ["heroo"]\n+++\n'})
    with pytest.raises(AssertionError, match=re.escape("`blocks` names `heroo`")):
        render_files(load_config(root, now=NOW))


def test_filters_of_projects_are_links(published: dict[str, str]) -> None:
    """To a page a category, "All" first; which one is shown is said in words and to assistive technology."""
    page = LexborHTMLParser(published["projects/category/rl/index.html"])
    links = [
        (node.attributes["href"], node.attributes.get("aria-current")) for node in page.css(".filters a")
    ]
    assert links == [
        ("/projects/", None),
        ("/projects/category/language-models/", None),
        ("/projects/category/rl/", "page"),
    ]
    assert _texts(published["projects/category/rl/index.html"], ".filters-state") == ["1 of 2 projects: RL"]
    assert _texts(published["projects/category/rl/index.html"], ".card h3") == ["PPO"]


def test_project_lists_the_pages_about_it(published: dict[str, str]) -> None:
    """Those whose `project` names it."""
    assert _texts(published["projects/gpt/index.html"], ".project-posts h3") == ["One_1"]
    assert _texts(published["projects/ppo/index.html"], ".project-posts") == []


def test_talks_are_upcoming_until_their_day_is_over(published: dict[str, str]) -> None:
    """The next one first, then the past ones, the newest first."""
    html = published["talks/index.html"]
    assert _texts(html, "[aria-labelledby=list-upcoming] h3") == ["Today", "Later"]
    assert _texts(html, "[aria-labelledby=list-past] h3") == ["Past", "Deck"]


def test_talk_is_an_event(published: dict[str, str]) -> None:
    """For programs, with its place."""
    scripts = _scripts(published["talks/past/index.html"])
    event = next(script for script in scripts if script["@type"] == "Event")
    assert (event["name"], event["startDate"][:10]) == ("Past", "2026-11-19")
    assert event["location"] == {"@type": "Place", "name": "Here", "address": "Here"}


def test_breadcrumbs_are_told_to_programs(published: dict[str, str]) -> None:
    """From home to the page, which is named and not linked."""
    crumbs = next(
        each for each in _scripts(published["posts/one/index.html"]) if each["@type"] == "BreadcrumbList"
    )
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Home", "Posts", "One_1"]
    assert _texts(published["posts/one/index.html"], ".breadcrumbs li") == ["Home", "Posts"]


def test_series_is_in_the_order_of_its_parts(published: dict[str, str]) -> None:
    """A numbered part, then the others by date; each says which it is and leads to those beside it."""
    parts = ["Three", "One_1", "Two"]
    assert _texts(published["series/parts/index.html"], ".parts h3") == parts
    assert _texts(published["posts/one/index.html"], ".series > p") == ["Part 2 of 3 of Parts"]
    assert _texts(published["posts/one/index.html"], ".series li a") == ["Three", "Two", "Three", "Two"]
    assert _texts(published["posts/one/index.html"], ".tags") == []


def test_post_says_how_it_is_cited(published: dict[str, str]) -> None:
    """In words and as BibTeX, in which TeX's signs are escaped; not where the page says no."""
    (code,) = LexborHTMLParser(published["posts/one/index.html"]).css(".cite code")
    assert code.text().split("\n") == [
        "@misc{co2026one,",
        "  author       = {{Ada \\& Co}},",
        "  title        = {{One\\_1}},",
        "  year         = {2026},",
        "  month        = nov,",
        "  howpublished = {A site},",
        "  url          = {https://example.org/posts/one/},",
        "}",
    ]
    assert _texts(published["posts/three/index.html"], ".cite") == []


def test_authors_and_licence_of_a_page_stand_wherever_they_are_asked_for(published: dict[str, str]) -> None:
    """Below the title, in the citation, in BibTeX, for search engines; a page without them has those of the site."""
    html = published["posts/two/index.html"]
    assert _texts(html, ".byline li") == ["Eve E.", "Bob B. (Institute, Other)"]
    assert "author = {{Eve E.} and {Bob B.}}," in "".join(_texts(html, ".cite code"))
    assert _texts(html, ".cite p")[0].startswith("Eve E., Bob B. (2026).")
    assert re.findall(r'<meta name="citation_(author[a-z_]*)" content="([^"]*)">', html) == [
        ("author", "Eve E."),
        ("author", "Bob B."),
        ("author_institution", "Institute, Other"),
        ("author_orcid", "0000-0001"),
    ]
    ((data,),) = [re.findall(r'<script type="application/ld\+json">(.*"BlogPosting".*)</script>', html)]
    said = json.loads(data)
    assert [each.get("affiliation", {}).get("name") for each in said["author"]] == [None, "Institute, Other"]
    assert said["license"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert _texts(html, ".licence") == ["Licence: CC-BY-SA-4.0 · code: MIT"]

    other = published["posts/one/index.html"]
    assert (_texts(other, ".byline"), _texts(other, ".licence")) == ([], [])
    assert '<meta name="citation_author" content="Ada &amp; Co">' in other
    assert "citation_" not in published["posts/three/index.html"]


def test_page_links_to_its_file_in_the_repository(published: dict[str, str]) -> None:
    """History, edit, and a report with the page's title."""
    page = LexborHTMLParser(published["posts/two/index.html"])
    assert [node.attributes["href"] for node in page.css(".source-links a")] == [
        "https://github.com/you/site/commits/main/content/posts/two.md",
        "https://github.com/you/site/edit/main/content/posts/two.md",
        "https://github.com/you/site/issues/new?title=Two",
    ]


def test_translations_are_links_for_readers_and_programs(published: dict[str, str]) -> None:
    """Each with its language; the page itself is among the alternates, and as the English one it is for all other readers."""
    page = LexborHTMLParser(published["posts/three/index.html"])
    alternates = {node.attributes["hreflang"]: node.attributes["href"] for node in page.css("link[hreflang]")}
    assert alternates == {
        "en": "https://example.org/posts/three/",
        "de": "https://example.org/de/drei/",
        "ar": "https://example.com/ar/",
        "x-default": "https://example.org/posts/three/",
    }
    assert _texts(published["posts/three/index.html"], ".translations a") == ["Deutsch", "العربية"]
    assert page.css_first('.translations [lang="ar"][dir="rtl"]') is not None


def test_cv_has_every_part_of_its_file(published: dict[str, str]) -> None:
    """In the order of the file; dates as exact as they are written."""
    html = published["cv/index.html"]
    assert _texts(html, "h2") == ["Education", "Work", "Languages"]
    assert _texts(html, "h3") == ["S, A", "P", "L"]
    assert _texts(html, ".cv-where") == ["I", "W", "F"]
    assert _texts(html, ".cv-period") == ["2010 – May 2013", "Mar 2014 – now"]


def test_wrong_cv_is_an_error_of_its_file(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """With the line and the column of the value."""
    root = write_site({**FILES, "data/resume.json": '{"work": [\n  {"startDate": "soon"}]}'})
    with pytest.raises(AssertionError, match=r"SG128[\s\S]*resume\.json'\), line=2, column=17"):
        render_files(load_config(root, now=NOW))


def test_deck_is_a_page_without_a_script(published: dict[str, str]) -> None:
    """A slide for each part, each with an address."""
    page = LexborHTMLParser(published["talks/deck/index.html"])
    assert [node.attributes["id"] for node in page.css(".slide")] == [
        "title-slide",
        "first",
        "slide-2",
        "long",
    ]
    assert "center" in (page.css(".slide")[3].attributes["class"] or "").split()


def test_script_of_slides_is_small_and_on_decks_alone(published: dict[str, str], repository: Path) -> None:
    """Less than 2 kB gzipped."""
    import gzip

    from rjsmin import jsmin

    script = (repository / "sitegen/theme/assets/slides.js").read_text("utf-8")
    assert len(gzip.compress(jsmin(script).encode(), 9)) < 2000
    assert [path for path, html in published.items() if "/slides." in html] == ["talks/deck/index.html"]


@pytest.mark.browser
def test_deck_is_presented_by_keys(
    write_site: Callable[[dict[str, str]], Path],
    render_files: Callable[[Config], dict[str, bytes]],
    chromium: Browser,
    tmp_path: Path,
) -> None:
    """Steps come one by one, notes by a key, a long slide scrolls before the next one comes; axe finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    config = load_config(write_site(FILES), now=NOW, overrides={"relative_urls": True})
    for path, content in render_files(config).items():
        (tmp_path / "out" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / path).write_bytes(content)
    page = chromium.new_page(viewport={"width": 1024, "height": 640})
    page.goto((tmp_path / "out/talks/deck/index.html").as_uri())
    at = "() => [location.hash, document.querySelectorAll('.is-to-come').length]"

    assert page.evaluate(at) == ["#title-slide", 2]
    seen = []
    for key in (
        "ArrowRight",
        "ArrowRight",
        " ",
        "PageDown",
        "PageDown",
        "PageDown",
        "ArrowLeft",
        "End",
        "Home",
    ):
        page.keyboard.press(key)
        seen.append(page.evaluate(at))
    assert seen[:6] == [
        ["#first", 2],
        ["#first", 1],
        ["#first", 0],
        ["#slide-2", 0],
        ["#long", 0],
        ["#long", 0],
    ]
    assert seen[7:] == [["#long", 0], ["#title-slide", 0]]
    assert not page.locator(".notes").is_visible()
    page.keyboard.press("s")
    assert page.locator(".notes").is_visible()
    page.emulate_media(reduced_motion="reduce")
    assert Axe().run(page).response["violations"] == []
    page.goto((tmp_path / "out/cv/index.html").as_uri())
    assert Axe().run(page).response["violations"] == []
    page.close()


def _scripts(html: str) -> list[dict[str, Any]]:
    nodes = LexborHTMLParser(html).css('script[type="application/ld+json"]')
    return [json.loads(node.text()) for node in nodes]


def test_news_with_articles_is_a_list_like_any_other(
    write_site: Callable[[dict[str, str]], Path], render_files: Callable[[Config], dict[str, bytes]]
) -> None:
    """Sites that keep articles in `news/` have their titles as headings; short items stay lines."""
    article = '+++\ntitle = "Long"\ndate = 2026-11-01\n+++\n\n' + "word " * 200
    item = '+++\ntitle = "Short"\ndate = 2026-11-02\n+++\n\nOne sentence.\n'
    long_site = write_site({"content/news/a.md": article, "content/news/b.md": item})
    html = render_files(load_config(long_site, now=NOW))["news/index.html"].decode()
    assert _texts(html, ".row h3") == ["Short", "Long"]
    assert _texts(html, "ul.news") == []

    (long_site / "content/news/a.md").unlink()
    html = render_files(load_config(long_site, now=NOW))["news/index.html"].decode()
    assert _texts(html, ".row h3") == []
    assert len(_texts(html, "ul.news li")) == 1
