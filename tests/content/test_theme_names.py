"""Front matter that names files, projects, papers and translations which are not there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from sitegen.config import Config
from sitegen.content.index import SiteIndex
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.content.theme_names import missing_names
from sitegen.content.tree import place_pages

Index = Callable[..., SiteIndex]
PAPERS = {
    "content/publications/_index.md": "+++\ntitle='Papers'\n+++\n",
    "content/publications/own.bib": "@misc{engines2020, title={E}, author={A B}, year=2020}\n",
}


def _told(index: SiteIndex) -> list[tuple[str, str]]:
    return [(each.code, str(each.location)) for each in index.diagnostics]


def _hints(index: SiteIndex) -> list[str]:
    return [each.hint or "" for each in index.diagnostics]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("slides = 'slides.pdf'", "3:11"),
        ("poster = 'files/poster.pdf'", "3:11"),
        ("pdf = '/talk.pdf'", "3:8"),
        ("paper = 'paper.pdf'", "3:10"),
        ("repo = '/no/page/'", "3:9"),
        ("video = 'talk.html'", "3:10"),
        ("image = 'picture.png'", "3:10"),
        (
            "links = [\n  { name = 'A', url = 'https://example.org' },\n  { name = 'B', url = 'b.pdf' },\n]",
            "5:24",
        ),
    ],
)
def test_a_file_that_is_not_there_is_told_where_it_is_named(
    index_site: Index, lines: str, place: str
) -> None:
    """At its name, on the line of the list that it stands on."""
    index = index_site({"content/talks/a/index.md": f"+++\ntitle = 'A'\n{lines}\n+++\n"})

    assert _told(index) == [("SG405", f"content/talks/a/index.md:{place}")]


@pytest.mark.parametrize(
    "lines",
    [
        "slides = 'slides.pdf'",
        "slides = 'sub/more.pdf'",
        "slides = 'some%20words.pdf'",
        "slides = '/files/static.pdf'",
        "slides = '/talks/a/slides.pdf#page=2'",
        "slides = '/talks/b/'",
        "slides = '/talks/b'",
        "slides = '/old/'",
        "slides = '/talks/b/index.xml'",
        "slides = 'https://example.org/slides.pdf'",
        "slides = '//example.org/slides.pdf'",
        "slides = 'mailto:a@example.org'",
        "slides = 'example'",
        "model = 'gpt-2'\ndataset = 'Llama-3.1-8B'\ndemo = 'a demo, v1.2'",
        "slides = ''",
        "image = 'slides.pdf'",
        "image = '../beside.png'",
        "image = '/files/static.pdf'",
        "image = 'https://example.org/a.png'",
        "links = [{ name = 'A', url = '#here' }, { name = 'B', url = 'slides.pdf' }, { name = 'C', url = '../b/' }]",
        "video = 'film.mp4'",  # enclosures tell of these
    ],
)
def test_what_is_there_or_elsewhere_is_not_told(index_site: Index, lines: str) -> None:
    """Files of the folder and of `static/`, pages, aliases, what a build makes; other sites are not looked at."""
    files = {
        "content/talks/a/index.md": f"+++\ntitle = 'A'\n{lines}\n+++\n",
        "content/talks/a/slides.pdf": "x",
        "content/talks/a/some words.pdf": "x",
        "content/talks/a/sub/more.pdf": "x",
        "content/talks/b.md": "+++\naliases = ['/old/']\n+++\n",
        "content/talks/beside.png": "x",
        "static/files/static.pdf": "x",
    }

    assert _told(index_site(files)) == []


def test_a_project_that_is_not_there_is_told(index_site: Index) -> None:
    """With the near one; a draft is named as such, and a site without projects means something else by the key."""
    page = {"content/posts/a.md": "+++\nproject = ['tiny-gpt', 'tiny-gtp', 'half']\n+++\n"}
    projects = {
        "content/projects/tiny-gpt/index.md": "+++\ntitle = 'G'\n+++\n",
        "content/projects/half/index.md": "+++\ndraft = true\n+++\n",
    }

    index = index_site({**page, **projects})

    assert _told(index) == [("SG417", "content/posts/a.md:2:25"), ("SG417", "content/posts/a.md:2:37")]
    near, draft = _hints(index)
    assert near == "did you mean `tiny-gpt`?"
    assert "left out: a draft" in draft


def test_a_project_is_the_authors_own_word_without_projects(index_site: Index) -> None:
    """Other themes have a key of that name."""
    assert _told(index_site({"content/posts/a.md": "+++\nproject = 'x'\n+++\n"})) == []


def test_a_paper_that_is_not_there_is_told(index_site: Index) -> None:
    """Under each of its keys; an address and a file are buttons and no papers."""
    page = "+++\npapers = ['engines2020', 'engine2020']\npaper = 'https://example.org/p.pdf'\npublication = 'In a journal'\n+++\n"

    index = index_site({"content/a.md": page, **PAPERS})

    assert _told(index) == [("SG417", "content/a.md:2:27"), ("SG417", "content/a.md:4:16")]
    assert _hints(index)[0] == "did you mean `engines2020`?"


def test_a_site_without_papers_is_told_where_they_go(index_site: Index) -> None:
    """Of what can only be a key; words of other themes are not told."""
    index = index_site({"content/a.md": "+++\npaper = 'engines2020'\npublication = 'In *A Journal*'\n+++\n"})

    assert _told(index) == [("SG417", "content/a.md:2:10")]
    assert "content/publications/" in _hints(index)[0]


@pytest.mark.parametrize(
    ("target", "is_told"),
    [
        ("/de/a/", False),
        ("/de/b/", True),
        ("/fr/b/", False),  # another build's: this site has no page below /fr/
        ("/nothing/", True),
        ("https://example.org/de/b/", False),
    ],
)
def test_a_translation_that_is_not_there_is_told(index_site: Index, target: str, is_told: bool) -> None:
    """At its address, where this site has pages of the language, or the address is of no language at all."""
    language = target.split("/")[1] if target.startswith("/fr") else "de"
    page = f"+++\n[translations]\n{language} = '{target}'\n+++\n"

    index = index_site({"content/a.md": page, "content/de/a.md": "+++\ntitle = 'A'\n+++\n"})

    assert _told(index) == ([("SG417", "content/a.md:3:7")] if is_told else [])


def test_looking_for_translations_is_linear(load_site: Callable[..., Config]) -> None:
    """Each page of a site of two builds names one of the other: calls of functions at n and at 4n."""

    def calls(n: int) -> int:
        counted = 0

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        page = "+++\n[translations]\nde = '/de/a{}/'\n+++\n"
        config = load_site({f"content/a{number}.md": page.format(number) for number in range(n)})
        sources = discover(config)
        index, places = build_index(sources, config), place_pages(sources, config)[0]
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            told = list(missing_names(index, places, config))
        finally:
            sys.setprofile(before)
        assert told == []
        return counted

    small, large = calls(15), calls(60)

    assert large < 5 * small
