"""The sitemap, its index and `robots.txt`."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from sitegen.config import Sitemap
from sitegen.rendering.machines import sitemap

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "http://www.w3.org/1999/xhtml"
FILES = {
    "sitegen.toml": 'baseURL = "https://example.org/blog/"\n',
    "content/a.md": "+++\ndate = 2026-01-02\n[sitemap]\npriority = 1\n+++\n",
    "content/b.md": '+++\ntitle = "B"\n[sitemap]\nchangefreq = "daily"\npriority = -1\n+++\n',
    "content/hidden.md": '+++\ntitle = "Hidden"\n[sitemap]\ndisable = true\n+++\n',
    "content/copy.md": '+++\ntitle = "Copy"\ncanonicalURL = "https://elsewhere.example/x"\n+++\n',
    "content/own.md": '+++\ntitle = "Own"\ncanonical = "https://example.org/other"\n+++\n',
    "content/unlisted.md": '+++\ntitle = "Unlisted"\n[build]\nlist = "never"\n+++\n',
}
Render = Callable[..., dict[str, str]]


@pytest.fixture
def render(render_texts: Callable[..., dict[str, str]]) -> Render:
    """Renders the site with other files and settings: path to text."""
    return lambda files=None, **settings: render_texts({**FILES, **(files or {})}, **settings)


def _entries(text: str) -> list[tuple[str, ...]]:
    """Address, date, frequency and priority of each entry; address and date of an index's."""
    names = ("loc", "lastmod", "changefreq", "priority")
    return [
        tuple(entry.findtext(f"{SPACE}{name}") or "" for name in names)
        for entry in ElementTree.fromstring(text)
    ]


def test_a_page_stands_there_with_its_translations(render: Render) -> None:
    """Itself among them, with the base path; a sitemap without any says nothing of XHTML."""
    translated = (
        '+++\ntitle = "T"\n[translations]\nde = "/de/t/"\n"x-default" = "https://example.com/"\n+++\n'
    )

    plain, with_languages = render()["sitemap.xml"], render({"content/t.md": translated})["sitemap.xml"]

    links = ElementTree.fromstring(with_languages).findall(f".//{{{XHTML}}}link")
    assert [(link.attrib["hreflang"], link.attrib["href"]) for link in links] == [
        ("en", "https://example.org/blog/t/"),
        ("de", "https://example.org/blog/de/t/"),
        ("x-default", "https://example.com/"),
    ]
    assert XHTML not in plain


def test_entries_and_who_is_left_out(render: Render) -> None:
    """Pages that ask for it and copies of other sites' texts are not in it; a page's own settings come first."""
    nothing = "---\ntitle: N\nsitemap:\n  changefreq:\n  priority: .nan\n---\n"
    files = render({"content/n.md": nothing}, sitemap=Sitemap(change_frequency="weekly", priority=0.5))
    entries = [
        (url.removeprefix("https://example.org/blog/"), *rest)
        for url, *rest in _entries(files["sitemap.xml"])
    ]

    assert ("a/", "2026-01-02T00:00:00+00:00", "weekly", "1") in entries
    assert ("b/", "", "daily", "") in entries
    assert ("own/", "", "weekly", "0.5") in entries
    assert ("n/", "", "weekly", "") in entries
    assert {url for url, *_ in entries} == {"", "a/", "b/", "n/", "own/", "categories/", "tags/"}


def test_another_name(render: Render) -> None:
    """`sitemap.filename` names the file, also in `robots.txt`."""
    files = render(sitemap=Sitemap(filename="map.xml"))

    assert "sitemap.xml" not in files
    assert _entries(files["map.xml"])
    assert files["robots.txt"] == "User-agent: *\nSitemap: https://example.org/blog/map.xml\n"


def test_an_index_where_one_sitemap_cannot_hold_all(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit of addresses it lists several sitemaps, which together hold what one would have."""
    whole = _entries(render()["sitemap.xml"])
    monkeypatch.setattr(sitemap, "MAX_URLS", 4)

    files = render()

    assert _entries(files["sitemap.xml"]) == [
        ("https://example.org/blog/sitemap-1.xml", "2026-01-02T00:00:00+00:00", "", ""),
        ("https://example.org/blog/sitemap-2.xml", "", "", ""),
    ]
    parts = [_entries(files[f"sitemap-{number}.xml"]) for number in (1, 2)]
    assert [entry for part in parts for entry in part] == whole
    assert [len(part) for part in parts] == [4, 2]


def test_an_index_where_a_sitemap_is_too_long(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit of bytes too; every part is below it."""
    whole = _entries(render()["sitemap.xml"])
    monkeypatch.setattr(sitemap, "MAX_BYTES", 400)

    files = render()

    parts = [text for path, text in files.items() if path.startswith("sitemap-")]
    assert max(len(text.encode()) for text in parts) <= 400
    assert [entry for part in parts for entry in _entries(part)] == whole


def test_robots_names_the_sitemap_only_by_a_whole_address(render: Render) -> None:
    """Without a host there is none; without a sitemap neither; the site's own template may say anything."""
    assert render(base_url="/")["robots.txt"] == "User-agent: *\n"
    assert render(disable_kinds=("sitemap",))["robots.txt"] == "User-agent: *\n"
    own = render({"templates/robots.txt": "{{ sitemap_url }} {{ site.pages | length }}"})
    assert own["robots.txt"] == "https://example.org/blog/sitemap.xml 8"
    assert "robots.txt" not in render(enable_robots_txt=False)


def test_robots_of_the_author_stands_in_for_ours(render: Render) -> None:
    """What lies in `static/` under the names of `robots.txt` and `404.html` is published instead."""
    files = render({"static/robots.txt": "mine", "static/404.html": "mine"})

    assert (files["robots.txt"], files["404.html"]) == ("", "")  # a static file has no content here
