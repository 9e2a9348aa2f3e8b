"""Papers as a reader and a program meet them: rows, filters, pages of their own, and what names them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.config import Config, load_config
from sitegen.config.words import Words
from sitegen.content.bibliography_text import names_of
from sitegen.rendering.literature.own_names import OwnNames
from sitegen.rendering.values import RenderedFile

Render = Callable[..., dict[str, RenderedFile]]

BIB = r"""
@inproceedings{engines2020,
  author = {Lovelace, Ada and Babbage, Charles}, title = {On <Engines> & {Looms}}, year = {2020}, month = mar,
  booktitle = {Advances in Neural Information Processing Systems}, volume = {33}, pages = {10--19},
  doi = {10.1000/engines}, url = {https://doi.org/10.1000/engines}, pdf = {engines.pdf}, code = {https://example.com/code},
  website = {javascript:alert(1)}, demo = {https://example.com/demo},
  keywords = {engines, looms}, award = {Best paper}, selected = {true}, abbr = {NeurIPS}, abstract = {What engines do.}
}
@misc{enginesPre, author = {Lovelace, Ada and Babbage, Charles}, title = {On <Engines> {\&} Looms}, year = {2019}, eprint = {1912.00001}}
@article{many2018,
  author = {One, A. and Two, B. and Three, C. and Four, D. and Five, E. and Six, F. and Seven, G. and Eight, H. and Nine, I. and Ten, J. and Lovelace, A. K. and Twelve, L.},
  title = {Many Hands}, year = {2018}, journal = {Workshop on the International Conference on Machine Learning}, keywords = {looms}
}
@phdthesis{thesis, author = {Else, Bob}, title = {Later}, school = {A University}, year = {in press}}
"""
FILES = {
    "content/publications/_index.md": "+++\ntitle='Papers'\n+++\n",
    "content/publications/own.bib": BIB,
    "content/publications/engines.pdf": "%PDF",
    "content/posts/about.md": "+++\ntitle='About engines'\ndate=2021-01-01\npaper='enginesPre'\n+++\nText.",
}


@pytest.fixture
def render(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Render:
    """Renders the papers with other files and settings."""

    def make(
        files: dict[str, str] | None = None, config: str = "", **settings: Any
    ) -> dict[str, RenderedFile]:
        top = 'title = "T"\nbaseURL = "https://example.org/lab/"\n[author]\nname = "Ada Lovelace"\n'
        root = write_site({"sitegen.toml": top + config, **FILES, **(files or {})})
        found = replace(load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={}), **settings)
        return render_content(found)

    return make


def _page(files: dict[str, RenderedFile], path: str) -> LexborHTMLParser:
    return LexborHTMLParser((files[path].content or b"").decode())


def _one(node: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = node.css_first(selector)
    assert found is not None, selector
    return found


def _texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def _links(page: LexborHTMLParser, selector: str) -> dict[str, str | None]:
    return {" ".join(node.text().split()): node.attributes.get("href") for node in page.css(selector)}


def test_the_list_is_by_year_newest_first(render: Render) -> None:
    """What is to appear comes first; a preprint has no row of its own."""
    page = _page(render(), "publications/index.html")

    assert _texts(page, ".group h2") == ["in press", "2020", "2018"]
    assert _texts(page, ".publication h3") == ["Later", "On <Engines> & Looms", "Many Hands"]


def test_a_row_says_where_and_who(render: Render) -> None:
    """The own name is marked, the venue has its badge, the award is there."""
    page = _page(render(), "publications/index.html")
    row = page.css("#engines2020")[0]

    assert " ".join(_one(row, ".publication-authors").text().split()) == "Ada Lovelace, Charles Babbage"
    assert [node.text() for node in row.css(".publication-authors strong")] == ["Ada Lovelace"]
    assert _one(row, ".venue-badge").text() == "NeurIPS"
    assert _one(row, ".award").text() == "Best paper"
    assert "33, 10–19" in _one(row, ".publication-venue").text()


def test_a_workshop_is_not_its_conference(render: Render) -> None:
    """No badge says more than the venue does."""
    assert not _page(render(), "publications/index.html").css("#many2018 .venue-badge")


def test_authors_after_the_tenth_unfold(render: Render) -> None:
    """The summary says how many they are, and that the own name is among them."""
    page = _page(render(), "publications/index.html")

    assert _texts(page, ".publication-authors summary") == ["+ 2 more authors, A. K. Lovelace among them"]
    assert _texts(page, ".publication-authors details strong") == ["A. K. Lovelace"]


def test_a_list_is_in_the_language_of_the_site(render: Render) -> None:
    """Buttons, kinds of theses and by-lines; proper names and the author's own labels stay as they are."""
    files = render(
        language="de", words=Words(language="de"), config="[params.publications.buttons]\ndemo = 'Try it'\n"
    )
    page = _page(files, "publications/index.html")
    cited = _page(files, "posts/about/index.html")

    assert [link.text() for link in page.css("#engines2020 .links a")] == [
        "DOI",
        "arXiv",
        "PDF",
        "Code",
        "Try it",
    ]
    assert "Dissertation" in page.css("#thesis .publication-venue")[0].text()
    assert "Lovelace und Babbage 2020" in (cited.html or "")


def test_buttons_are_the_fields_that_are_links(render: Render) -> None:
    """In their order, each address once, a file of the bundle by its URL, a preprint's arXiv too; no script is a link."""
    page = _page(render(config="[params.publications.buttons]\ndemo = 'Try it'\n"), "publications/index.html")

    assert _links(page, "#engines2020 .links a") == {
        "DOI": "https://doi.org/10.1000/engines",
        "arXiv": "https://arxiv.org/abs/1912.00001",
        "PDF": "/lab/publications/engines.pdf",
        "Code": "https://example.com/code",
        "Try it": "https://example.com/demo",
    }


def test_a_file_that_is_not_there_is_told(index_papers: Callable[[dict[str, str]], list[str]]) -> None:
    """With the field's place; what is no address cannot be another thing than a file."""
    assert index_papers({}) == [
        "content/publications/own.bib:6:3 `website` of `engines2020` names the file `javascript:alert(1)`, which is not there"
    ]


@pytest.fixture
def index_papers(write_site: Callable[[dict[str, str]], Path]) -> Callable[[dict[str, str]], list[str]]:
    """Gives what is told of the papers."""
    from sitegen.content.site import build_index
    from sitegen.content.sources import discover

    def told(files: dict[str, str]) -> list[str]:
        config = load_config(write_site({"sitegen.toml": "", **FILES, **files}), environ={})
        return [
            f"{each.location} {each.message}" for each in build_index(discover(config), config).diagnostics
        ]

    return told


def test_bibtex_has_nothing_of_ours(render: Render) -> None:
    """A reader gets what a citation needs: of the paper and of its preprint."""
    text = _one(_page(render(), "publications/index.html"), "#engines2020 pre").text()

    assert text.count("@") == 2
    assert "booktitle = {Advances in Neural Information Processing Systems}" in text
    assert "month     = mar," in text
    for field in ("selected", "abbr", "award", "abstract", "keywords", "pdf", "code", "website"):
        assert f" {field} " not in text


def test_filters_are_links_to_pages(render: Render) -> None:
    """Each says in words what is shown, and leads back to all."""
    files = render()
    page = _page(files, "publications/topic/looms/index.html")
    filters = _links(page, ".filters a")

    assert _texts(page, ".publication h3") == ["On <Engines> & Looms", "Many Hands"]
    assert _texts(page, ".filters-state") == ["2 of 3 papers: those on “looms”."]
    assert [node.text() for node in page.css(".filters [aria-current]")] == ["looms 2"]
    assert filters["All 3"] == "/lab/publications/"
    assert filters["Theses 1"] == "/lab/publications/type/thesis/"
    assert {"publications/type/thesis/index.html", "publications/topic/engines/index.html"} <= files.keys()


def test_the_list_of_all_says_so(render: Render) -> None:
    """`All` is marked there, and the years are places of the page."""
    page = _page(render(), "publications/index.html")

    assert _texts(page, ".filters-state") == ["All 3 papers, newest first."]
    assert _texts(page, ".filters-label") == ["Papers by type", "Papers by topic", "Papers by year"]
    assert _links(page, ".filters a")["2020"] == "#y-2020"
    assert page.css("#y-2020")


def test_a_paper_has_a_page_for_scholars_and_machines(render: Render) -> None:
    """Google Scholar's elements, one for each author, and a `ScholarlyArticle` without the text."""
    page = _page(render(), "publications/engines2020/index.html")
    meta = [
        (node.attributes["name"], node.attributes["content"]) for node in page.css("meta[name^=citation_]")
    ]
    data = [json.loads(node.text()) for node in page.css('script[type="application/ld+json"]')]
    article = next(each for each in data if each["@type"] == "ScholarlyArticle")

    assert meta == [
        ("citation_title", "On <Engines> & Looms"),
        ("citation_author", "Lovelace, Ada"),
        ("citation_author", "Babbage, Charles"),
        ("citation_publication_date", "2020"),
        ("citation_conference_title", "Advances in Neural Information Processing Systems"),
        ("citation_volume", "33"),
        ("citation_firstpage", "10"),
        ("citation_lastpage", "19"),
        ("citation_doi", "10.1000/engines"),
        ("citation_arxiv_id", "1912.00001"),
        ("citation_pdf_url", "https://example.org/lab/publications/engines.pdf"),
        ("citation_abstract_html_url", "https://example.org/lab/publications/engines2020/"),
    ]
    assert article["datePublished"] == "2020-03"
    assert [each["name"] for each in article["author"]] == ["Ada Lovelace", "Charles Babbage"]
    assert "articleBody" not in article
    assert len([each for each in data if each["@type"] in ("BlogPosting", "ScholarlyArticle")]) == 1


def test_a_paper_is_cited_as_itself(render: Render) -> None:
    """Where posts say how they are cited, a paper's page says so of the paper alone: its authors are not the site's."""
    page = _page(render(config="[params]\ncite = true\n"), "publications/engines2020/index.html")

    titles = [node.attributes["content"] for node in page.css("meta[name=citation_title]")]

    assert titles == ["On <Engines> & Looms"]
    assert page.css(".cite") == []


def test_a_paper_without_a_description_has_its_abstract_s(render: Render) -> None:
    """Its first words, for search engines and for feeds; of an abstract without spaces too."""
    files = render({"content/publications/own.bib": BIB.replace("What engines do.", "机器学习" * 100)})

    said = (
        _page(files, "publications/engines2020/index.html")
        .css("meta[name=description]")[0]
        .attributes["content"]
    )
    feed = (files["publications/feed.json"].content or b"").decode()

    assert said is not None
    assert said.startswith("机器学习")
    assert said.endswith("…")
    assert said in feed


def test_pages_that_name_a_paper_and_the_paper_link_to_each_other(render: Render) -> None:
    """By any of its keys."""
    files = render()

    assert _links(_page(files, "publications/engines2020/index.html"), ".related a") == {
        "About engines": "/lab/posts/about/"
    }
    assert _links(_page(files, "posts/about/index.html"), ".links a") == {
        "Paper: Lovelace and Babbage 2020": "/lab/publications/engines2020/"
    }


def test_a_paper_without_abstract_is_a_place_in_the_list(render: Render) -> None:
    """A page that names it links there."""
    files = render({"content/posts/about.md": "+++\ntitle='A'\npaper='many2018'\n+++\n"})

    assert list(_links(_page(files, "posts/about/index.html"), ".links a").values()) == [
        "/lab/publications/#many2018"
    ]
    assert "publications/many2018/index.html" not in files


def test_two_keys_that_differ_in_case_are_two_rows(render: Render) -> None:
    """Each has an id of its own, and a page that names the second leads to it."""
    bib = "@misc{a1, title={A}, year=2020}\n@misc{A1, title={B}, year=2019}\n"
    files = render(
        {
            "content/publications/own.bib": bib,
            "content/posts/about.md": "+++\ntitle='A'\npaper='A1'\n+++\n",
        }
    )

    rows = _page(files, "publications/index.html").css(".publication")
    assert [row.attributes["id"] for row in rows] == ["a1", "a1-2"]
    assert list(_links(_page(files, "posts/about/index.html"), ".links a").values()) == [
        "/lab/publications/#a1-2"
    ]


def test_home_shows_the_selected_papers(render: Render) -> None:
    """Where there are any."""
    papers = _page(render(), "index.html")
    none = _page(
        render({"content/publications/own.bib": BIB.replace("selected = {true},", "")}), "index.html"
    )

    assert _texts(papers, "#home-papers") == ["Selected papers"]
    assert _texts(papers, ".publication h3") == ["On <Engines> & Looms"]
    assert not none.css("#home-papers")


def test_the_sitemap_has_the_pages_that_no_file_stands_for(render: Render) -> None:
    """Papers and narrowed lists are pages of the site."""
    sitemap = (render()["sitemap.xml"].content or b"").decode()

    for path in ("publications/", "publications/engines2020/", "publications/type/thesis/"):
        assert f"<loc>https://example.org/lab/{path}</loc>" in sitemap


def test_a_page_beside_the_papers_is_a_page_like_any_other(render: Render) -> None:
    """One that no entry is meant by keeps the theme's page, and stands below the list."""
    files = render(
        {"content/publications/notes.md": "+++\ntitle='Notes'\ndate=2020-01-01\ndescription='D'\n+++\nText."}
    )

    assert _texts(_page(files, "publications/notes/index.html"), ".lede") == ["D"]
    assert _texts(_page(files, "publications/index.html"), ".row:not(.publication) h3") == ["Notes"]


def test_a_picture_has_its_size(render: Render) -> None:
    """So that the row does not jump when it comes."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"></svg>'
    files = render(
        {
            "static/img/one.svg": svg,
            "content/publications/own.bib": "@misc{a, title={A}, author={B, C}, preview={/img/one.svg}, year=2020}",
        }
    )
    image = _one(_page(files, "publications/index.html"), ".publication > img").attributes

    assert (image["src"], image["width"], image["height"]) == ("/lab/img/one.svg", "40", "30")


@pytest.mark.parametrize(
    ("written", "is_own"),
    [
        ("Lovelace, Ada", True),
        ("A. Lovelace", True),
        ("Ada K. Lovelace", True),
        ("A. B. Lovelace", False),
        ("Lovelace, Anne", False),
        ("Lovelace", False),
        ("Lovelace, Jr., Ada", True),
        ("Ada Love", False),
        ("Adá Lovelace", True),
        ("{Ada King}", True),
        ("King, Ada", True),
        ("Byron, Ada", False),
    ],
)
def test_the_own_name_is_known_by_what_it_has_in_common(written: str, is_own: bool) -> None:
    """Initials and accents may differ; a name that contradicts is another person's."""
    own = OwnNames("Ada K. Lovelace", ["Ada King"])
    (name,) = names_of(written)[0]

    assert own.is_one(name) is is_own


def test_nobody_is_own_without_a_name() -> None:
    """A site that names no author marks none."""
    (name,) = names_of("Ada Lovelace")[0]

    assert not OwnNames("").is_one(name)


@pytest.mark.parametrize("count", [5, 20])
def test_a_row_is_made_once_however_many_lists_show_it(
    render: Render, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Filters, pages and the home page share it: work grows with the papers, not with papers times pages."""
    from sitegen.rendering.literature.publications import Shelf

    made: list[str] = []
    view = Shelf._view

    def counted(shelf: Shelf, paper: Any, anchor: str, section: Any) -> Any:
        made.append(paper.key)
        return view(shelf, paper, anchor, section)

    monkeypatch.setattr(Shelf, "_view", counted)
    text = "\n".join(
        f"@misc{{k{n}, title={{T{n}}}, author={{A, B}}, keywords={{t{n}}}, abstract={{x}}}}"
        for n in range(count)
    )
    render({"content/publications/own.bib": text})

    assert len(made) == count
