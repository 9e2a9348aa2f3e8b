"""What a site says to machines: JSON-LD, Open Graph, `llms.txt`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\ntitle = "Notes & <b>"\nlocale = "en-GB"\n[author]\nname = "An Author"\n',
    "content/posts/a.md": '+++\ntitle = "A </script> & B"\ndate = 2026-01-02\nlastmod = 2026-02-03\n'
    'tags = ["RL", "PPO"]\ndescription = "On <b>"\n+++\nA long text.\n',
    "content/posts/b.md": '+++\ntitle = "B"\ndate = 2026-01-01\nauthors = ["One", "Two"]\nimage = "b.png"\nimage_alt = "A b"\n+++\n',
    "content/projects/p.md": '+++\ntitle = "P"\nrepo = "https://code.example/p"\n+++\n',
    "content/about.md": '+++\ntitle = "About [me]"\n+++\n',
}
Render = Callable[..., dict[str, str]]


@pytest.fixture
def render(render_texts: Callable[..., dict[str, str]]) -> Render:
    """Renders the site with other files and settings: path to text."""
    return lambda files=None, **settings: render_texts({**FILES, **(files or {})}, **settings)


def _data(html: str) -> dict[str, Any]:
    """What the page itself is; the trail to it is described apart."""
    every = map(json.loads, re.findall(r'<script type="application/ld\+json">(.*?)</script>', html))
    data: dict[str, Any]
    (data,) = (each for each in every if each["@type"] != "BreadcrumbList")
    return data


def _properties(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<meta property="([\w:]+)" content="([^"]*)">', html)


def test_a_post_is_described(render: Render) -> None:
    """A post is a `BlogPosting` with its dates, tags and author, and without its text; nothing closes the script."""
    data = _data(render()["posts/a/index.html"])

    assert data == {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": "A </script> & B",
        "description": "On <b>",
        "url": "https://example.org/blog/posts/a/",
        "inLanguage": "en-GB",
        "author": {"@type": "Person", "name": "An Author"},
        "datePublished": "2026-01-02T00:00:00+00:00",
        "dateModified": "2026-02-03T00:00:00+00:00",
        "keywords": ["RL", "PPO"],
    }


def test_other_pages_are_described_by_their_kind(render: Render) -> None:
    """Home is a `WebSite`, a project with a repository source code, slides a presentation, a CV a profile; a list is none."""
    slides = '+++\ntitle = "Deck"\ndate = 2026-01-03\ntype = "slides"\n+++\n## One\n'
    cv = {"content/cv.md": '+++\ntitle = "CV"\ntype = "cv"\n+++\n', "data/resume.json": "{}"}
    files = render({"content/talks/deck.md": slides, **cv})

    assert _data(files["index.html"])["@type"] == "WebSite"
    project = _data(files["projects/p/index.html"])
    assert (project["@type"], project["codeRepository"]) == ("SoftwareSourceCode", "https://code.example/p")
    assert _data(files["about/index.html"])["@type"] == "WebPage"
    deck = _data(files["talks/deck/index.html"])
    assert (deck["@type"], deck["name"]) == ("PresentationDigitalDocument", "Deck")
    profile = _data(files["cv/index.html"])
    assert (profile["@type"], profile["mainEntity"]["name"]) == ("ProfilePage", "An Author")
    assert "ld+json" not in files["posts/index.html"]


def test_a_pages_own_authors_and_picture(render: Render) -> None:
    """Who the front matter names wrote it; its picture is named with its address and its words."""
    html = render({"static/posts/b/b.png": "x", "static/b.png": "x"})["posts/b/index.html"]

    assert _data(html)["author"] == [{"@type": "Person", "name": "One"}, {"@type": "Person", "name": "Two"}]
    properties = dict(_properties(html))
    assert properties["og:image"].startswith("https://example.org/blog/")
    assert properties["og:image:alt"] == "A b"
    assert 'name="twitter:card" content="summary_large_image"' in html


def test_open_graph_names_tags_and_language(render: Render) -> None:
    """Each tag is a property of its own; without a picture none is named."""
    properties = _properties(render()["posts/a/index.html"])

    assert [value for name, value in properties if name == "article:tag"] == ["RL", "PPO"]
    assert ("og:locale", "en_GB") in properties
    assert not [name for name, _ in properties if name.startswith("og:image")]


def test_a_site_describes_its_pages_otherwise(render: Render) -> None:
    """A template of the site's stands in for what the theme says, and may begin with it."""
    own = "{% set data = structured_data(page) %}{% if data %}{% do data.update({'license': 'MIT'}) %}{{ data | jsonify }}{% endif %}"
    html = render({"templates/partials/structured-data.html": own})["about/index.html"]

    assert '"license": "MIT"' in html


def test_llms_txt_lists_sections(render: Render) -> None:
    """The site, each section with its pages, then the pages of no section; names cannot end a link."""
    assert render()["llms.txt"] == (
        "# Notes & <b>\n"
        "\n"
        "## Posts\n"
        "\n"
        "- [A </script> & B](https://example.org/blog/posts/a/): On <b>\n"
        "- [B](https://example.org/blog/posts/b/)\n"
        "\n"
        "## Projects\n"
        "\n"
        "- [P](https://example.org/blog/projects/p/)\n"
        "\n"
        "## More\n"
        "\n"
        "- [About \\[me\\]](https://example.org/blog/about/)\n"
    )


def test_llms_txt_names_the_newest_of_many(render: Render) -> None:
    """Fifty pages of a section, and where all of them are: the file does not grow with the site."""
    many = {f"content/many/{number}.md": f'+++\ntitle = "N{number}"\n+++\n' for number in range(60)}

    text = render(many)["llms.txt"]

    assert text.count("](https://example.org/blog/many/") == 51
    assert "- [All 60 pages](https://example.org/blog/many/)" in text


def test_llms_txt_is_asked_for(render: Render) -> None:
    """A static file of the author's is published instead; `enableLlmsTxt = false` makes none."""
    assert "llms.txt" not in render(enable_llms_txt=False)
    assert render({"static/llms.txt": "mine"})["llms.txt"] == ""  # a static file has no content here


def test_search_is_described_where_there_is_a_search_page(render: Render) -> None:
    """By OpenSearch for browsers and a `SearchAction` for search engines; by nothing where there is none."""
    page = {"content/find.md": '+++\ntitle = "Find"\nlayout = "search"\n+++\n'}
    files = render(page, content_security_policy=True)

    description = ElementTree.fromstring(files["opensearch.xml"])
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert description.tag == f"{space}OpenSearchDescription"
    assert description.findtext(f"{space}ShortName") == "Notes & <b>"
    (url,) = description.iter(f"{space}Url")
    assert (url.get("type"), url.get("template")) == (
        "text/html",
        "https://example.org/blog/find/?q={searchTerms}",
    )
    assert 'type="application/opensearchdescription+xml"' in files["posts/a/index.html"]
    assert "/blog/opensearch.xml\n  Content-Type: application/opensearchdescription+xml" in files["_headers"]
    assert _data(files["index.html"])["potentialAction"] == {
        "@type": "SearchAction",
        "target": {
            "@type": "EntryPoint",
            "urlTemplate": "https://example.org/blog/find/?q={search_term_string}",
        },
        "query-input": "required name=search_term_string",
    }


def test_a_site_without_a_search_page_describes_none(render: Render) -> None:
    """Its files are those of a release that knew of no search."""
    files = render()

    assert "opensearch.xml" not in files
    assert not [path for path, text in files.items() if path.endswith(".html") and "search" in text.lower()]
    assert "potentialAction" not in _data(files["index.html"])
