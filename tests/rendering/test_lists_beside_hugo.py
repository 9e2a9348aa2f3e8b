"""Lists, feeds, the sitemap and related pages beside those of the real Hugo, on one site that both build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sitegen.config import Config, load_config
from sitegen.rendering.values import RenderedFile

Build = Callable[[Config], dict[str, RenderedFile]]
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"
TAGS = ("ML", "go", "R stats", "viz")
CONFIG = """
baseURL = "https://example.org/blog/"
title = "Show & tell"
copyright = "Somebody"
locale = "en-GB"
summaryLength = 10
enableRobotsTXT = true
[params.author]
name = "Your Name"
email = "you@example.org"
[pagination]
pagerSize = 3
[sitemap]
changefreq = "monthly"
priority = 0.5
[related]
threshold = 40
[[related.indices]]
name = "tags"
weight = 80
cardinalityThreshold = 60
[[related.indices]]
name = "date"
weight = 10
pattern = "200601"
[[related.indices]]
name = "flavour"
weight = 30
toLower = true
[[related.indices]]
name = "fragments"
type = "fragments"
weight = 50
"""
GO_LIST = (
    "{{ range .Paginator.Pages }}{{ .RelPermalink }} {{ end }}{{ .Paginator.PageNumber }}/{{ .Paginator.TotalPages }} "
    "{{ len .Pages }} {{ len .RegularPages }} {{ len .RegularPagesRecursive }} {{ .CurrentSection.RelPermalink }} "
    "{{ .FirstSection.RelPermalink }}"
)
OUR_LIST = (
    "{% for item in page.paginator().pages %}{{ item.url }} {% endfor %}{{ page.paginator().number }}/"
    "{{ page.paginator().total }} {{ page.count }} {{ page.regular_pages | length }} "
    "{{ page.regular_pages_recursive | length }} {{ page.current_section.url }} {{ page.first_section.url }}"
)
GO_PAGE = (
    "{{ with .Prev }}{{ .RelPermalink }}{{ end }} {{ with .Next }}{{ .RelPermalink }}{{ end }} "
    "{{ with .PrevInSection }}{{ .RelPermalink }}{{ end }} {{ with .NextInSection }}{{ .RelPermalink }}{{ end }} "
    "{{ .CurrentSection.RelPermalink }} {{ .FirstSection.RelPermalink }}: "
    "{{ range site.RegularPages.Related . }}{{ .RelPermalink }} {{ end }}"
)
OUR_PAGE = (
    "{% if page.prev %}{{ page.prev.url }}{% endif %} {% if page.next %}{{ page.next.url }}{% endif %} "
    "{% if page.prev_in_section %}{{ page.prev_in_section.url }}{% endif %} "
    "{% if page.next_in_section %}{{ page.next_in_section.url }}{% endif %} "
    "{{ page.current_section.url }} {{ page.first_section.url }}: "
    "{% for item in page.related() %}{{ item.url }} {% endfor %}"
)


def _post(number: int) -> tuple[str, str]:
    """The path and text of a post: no two alike, some without date, weight, tags or a title for menus."""
    fields = [f'title: "Post {number} & <co>"']
    if number % 9 != 8:
        fields.append(f"date: {2019 + number % 5}-{1 + number % 3:02}-{1 + number % 4:02}T10:00:00+01:00")
    fields += [f"lastmod: 2025-01-{1 + number:02}"] * (number % 5 == 0)
    fields += ["sitemap: {priority: 0.9, changefreq: daily}"] * (number % 7 == 0)
    fields += ["sitemap: {disable: true}"] * (number == 11)
    fields += ["aliases: [/old/4, rel-4, /x.html]"] * (number == 4)
    fields += ["weight: 5"] * (number == 3)
    fields += ["linkTitle: a link"] * (number % 8 == 6)
    fields += ["publishDate: 2018-05-05"] * (number == 13)
    fields += [f"flavour: {('Sweet', 'sweet', 'SOUR')[number % 3]}"] * (number % 2)
    fields.append(f"tags: [{', '.join(TAGS[: number % 4] if number % 3 else TAGS[number % 4 :])}]")
    section = ("posts", "notes", "notes/sub")[number % 3]
    text = f"Some *text* number {number} with enough words to be cut into a summary here.\n\n## Part {number % 4}\n"
    return f"content/{section}/p{number:02}.md", "---\n" + "\n".join(fields) + f"\n---\n{text}"


FILES = {
    **dict(_post(number) for number in range(28)),
    "hugo.toml": CONFIG,
    "content/_index.md": "---\ntitle: Welcome\n---\n",
    "content/notes/_index.md": "---\ntitle: Notes\n---\n",
    "content/notes/sub/_index.md": "---\ntitle: Sub\ndate: 2018-01-01\n---\n",
    "content/about.md": "---\ntitle: About\n---\nText.\n",
    "content/empty/_index.md": "---\ntitle: Empty\n---\n",
    "content/quiet/_index.md": "---\ntitle: Quiet\noutputs: [html]\n---\n",
    "content/store/index.md": "---\ntitle: Store\nheadless: true\n---\n",
    "content/store/kept.txt": "a file that other pages use",
    "content/notes/linked/index.md": "---\ntitle: Linked\nbuild: {render: link}\n---\n",
    "content/notes/linked/linked.txt": "published without its page",
    "content/notes/bare/index.md": "---\ntitle: Bare\nbuild: {publishResources: false}\n---\n",
    "content/notes/bare/source.txt": "not published",
    "content/drafted/index.md": "---\ntitle: Drafted\ndraft: true\n---\n",
    "content/drafted/drafted.txt": "not published",
    "layouts/_default/list.html": GO_LIST,
    "layouts/_default/single.html": GO_PAGE,
    **{f"templates/{name}.html": OUR_LIST for name in ("home", "list", "taxonomy", "term")},
    "templates/page.html": OUR_PAGE,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, with what Hugo makes of it in `out/`."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    folder = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run([hugo, "--quiet", "-d", "out"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def ours(root: Path, render_content: Build) -> dict[str, str]:
    """What we make of it, by path."""
    config = load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={})
    files = render_content(config)
    return {path: (file.content or b"").decode("utf-8", "replace") for path, file in files.items()}


def _theirs(root: Path) -> dict[str, str]:
    out = root / "out"
    return {
        file.relative_to(out).as_posix(): file.read_text("utf-8") for file in out.rglob("*") if file.is_file()
    }


def test_the_same_files(root: Path, ours: dict[str, str]) -> None:
    """Pages, pagers, redirects and RSS feeds are at the same paths; ours has two more kinds of feed, a 404 page and an `llms.txt`."""
    more = {
        path
        for path in ours
        if path.startswith("assets/")
        or path in ("404.html", "llms.txt")
        or path.endswith(("feed.xml", "feed.json"))
    }
    # an output without text is no file with Hugo
    assert set(ours) - more == set(_theirs(root))


def test_lists_pagers_neighbours_and_related_pages(root: Path, ours: dict[str, str]) -> None:
    """What pagers list and how many there are, counts, sections, neighbours, and related pages in their order."""
    pages = {path: text for path, text in _theirs(root).items() if path.endswith("index.html")}
    redirects = {path for path, text in pages.items() if "http-equiv" in text}
    lists = {path: re.sub(r"<meta[^>]*>", "", text) for path, text in pages.items() if path not in redirects}

    assert len(lists) > 60
    assert {path: ours[path] for path in lists} == lists
    assert {path: ours[path] for path in redirects} == {path: pages[path] for path in redirects}


def test_rss_channels_and_items(root: Path, ours: dict[str, str]) -> None:
    """The same channel and items in the same order; a page without a date has none with us, not the year 1."""
    feeds = {path: text for path, text in _theirs(root).items() if path.endswith("index.xml")}

    assert len(feeds) > 8
    assert {path: _channel(ours[path]) for path in feeds} == {
        path: _channel(text) for path, text in feeds.items()
    }


def test_sitemap(root: Path, ours: dict[str, str]) -> None:
    """The same addresses, dates, frequencies and priorities in the same order."""
    theirs = _entries(_theirs(root)["sitemap.xml"])

    assert len(theirs) > 30
    assert _entries(ours["sitemap.xml"]) == theirs


def _channel(text: str) -> list[tuple[str, str]]:
    """Every element of a feed with its text: without the generator, our categories, and dates of the year 1."""
    channel = ElementTree.fromstring(text)[0]
    return [
        (element.tag, (element.get("href") or element.text or "").strip())
        for element in channel.iter()
        if element.tag not in ("channel", "item", "generator", "category")
        and "0001" not in (element.text or "")
    ]


def _entries(text: str) -> list[dict[str, str]]:
    return [
        {part.tag.removeprefix(SITEMAP): part.text or "" for part in entry}
        for entry in ElementTree.fromstring(text)
    ]
