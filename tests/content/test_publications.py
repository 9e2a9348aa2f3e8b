"""Sections of papers: where their bibliography is, which pages are made for them, what stands in one row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.bibliographies import bibliographies_of, cited_entry
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.publications import Publications, bare, slug_of

Index = Callable[..., SiteIndex]

PAPERS = """\
@inproceedings{ada, author={Lovelace, Ada}, title={On Engines}, year={1843}, booktitle={Notes},
  abstract={What engines do.}, keywords={engines, logic}}
@article{bob, author={Boole, Bob}, title={On Laws}, year={1854}, journal={Thought}, keywords={logic}}
"""
SECTION = "+++\ntitle='Papers'\n+++\n"


def _papers(index: SiteIndex) -> Publications:
    assert index.publications is not None
    return index.publications


def _codes(index: SiteIndex) -> list[str]:
    return [each.code for each in index.diagnostics]


def test_a_section_lists_the_bibliography_of_its_folder(index_site: Index) -> None:
    """Newest first; a paper with an abstract has a page of the site, and so have types and topics."""
    index = index_site({"content/publications/_index.md": SECTION, "content/publications/own.bib": PAPERS})

    papers = _papers(index)
    assert [paper.key for paper in papers.of_section[PageKey("/publications")]] == ["bob", "ada"]
    assert dict(papers.papers) == {PageKey("/publications/ada"): (PageKey("/publications"), "ada")}
    assert {key: index.pages[key].url for key in papers.filters} == {
        PageKey("/publications/type/conference"): "/publications/type/conference/",
        PageKey("/publications/type/article"): "/publications/type/article/",
        PageKey("/publications/topic/engines"): "/publications/topic/engines/",
        PageKey("/publications/topic/logic"): "/publications/topic/logic/",
    }
    page = index.pages[PageKey("/publications/ada")]
    assert (page.title, page.type, page.date.year if page.date else 0) == ("On Engines", "publications", 1843)
    assert index.diagnostics == ()


def test_pages_of_papers_are_in_their_section_alone(index_site: Index) -> None:
    """The site's own lists, such as the newest posts, have none of them; narrowed lists are in no list at all."""
    index = index_site({"content/publications/_index.md": SECTION, "content/publications/own.bib": PAPERS})

    assert index.regular == ()
    assert index.children[PageKey("/publications")] == (PageKey("/publications/ada"),)


def test_a_file_gives_a_paper_its_text(index_site: Index) -> None:
    """Its front matter lies over the fields of the entry, and the entry gives what it leaves out."""
    index = index_site(
        {
            "content/publications/_index.md": SECTION,
            "content/publications/own.bib": PAPERS,
            "content/publications/bob.md": "+++\naward='Best paper'\n+++\nMore.",
        }
    )

    page = index.pages[PageKey("/publications/bob")]
    first = _papers(index).of_section[PageKey("/publications")][0]
    assert (page.title, page.source is not None) == ("On Laws", True)
    assert (first.page, first.text("award"), first.text("journal")) == (page.key, "Best paper", "Thought")
    assert page.key not in _papers(index).generated


def test_a_preprint_stands_in_the_row_of_its_paper(index_site: Index) -> None:
    """The same title and first author, one of them on arXiv alone; with another author, or both published, they are two."""
    text = """
    @misc{pre, author={Lovelace, A. and Else, B.}, title={On {E}ngines!}, year={1842}, eprint={1234.56789}, abstract={A.}}
    @inproceedings{conf, author={Lovelace, Ada}, title={On engines}, year={1843}, booktitle={Notes}}
    @misc{other, author={Babbage, C.}, title={On Engines}, year={1842}, eprint={1234.00000}}
    @article{journal, author={Lovelace, Ada}, title={On Engines}, year={1850}, journal={Letters}}
    """
    index = index_site({"content/publications/_index.md": SECTION, "content/publications/own.bib": text})

    papers = _papers(index).of_section[PageKey("/publications")]
    assert [paper.keys for paper in papers] == [("journal",), ("conf", "pre"), ("other",)]
    merged = papers[1]
    assert (merged.arxiv, merged.text("abstract"), merged.type) == ("1234.56789", "A.", "conference")
    assert merged.page == "/publications/conf"


@pytest.mark.parametrize("place", ["refs.bib", "content/refs.bib", "data/refs.bib"])
def test_the_configuration_names_a_bibliography(index_site: Index, place: str) -> None:
    """Below the root, the content or the data folder; every page cites from it."""
    index = index_site({place: PAPERS, "content/a.md": "Text."}, 'bibliography = "refs.bib"')

    entry = cited_entry(index, PageKey("/a"), "bob")
    assert entry is not None
    assert entry.title == "On Laws"
    assert cited_entry(index, PageKey("/a"), "nobody") is None


def test_a_page_goes_before_the_configuration(index_site: Index) -> None:
    """Its own bibliography, in its bundle, is asked first; other pages do not see it."""
    own = "@misc{bob, title={Mine}}"
    index = index_site(
        {
            "refs.bib": PAPERS,
            "content/a/index.md": "+++\nbibliography = 'own.bib'\n+++\nText.",
            "content/a/own.bib": own,
            "content/b.md": "Text.",
        },
        'bibliography = ["refs.bib"]',
    )

    assert [str(each.path) for each in bibliographies_of(index, PageKey("/a"))] == [
        "content/a/own.bib",
        "refs.bib",
    ]
    assert [getattr(cited_entry(index, PageKey(key), "bob"), "title", None) for key in ("/a", "/b")] == [
        "Mine",
        "On Laws",
    ]


@pytest.mark.parametrize(
    ("files", "config"),
    [
        ({"content/a.md": "Text."}, 'bibliography = "none.bib"'),
        ({"content/a.md": "+++\nbibliography = 'none.bib'\n+++\n"}, ""),
        ({"content/a.md": "+++\nbibliography = '../../etc/none.bib'\n+++\n"}, ""),
        (
            {
                "content/publications/_index.md": SECTION,
                "content/publications/a.bib": PAPERS,
                "content/publications/b.bib": PAPERS,
            },
            "",
        ),
    ],
)
def test_a_bibliography_that_is_not_there_is_told(
    index_site: Index, files: dict[str, str], config: str
) -> None:
    """Nor may one lie outside the site, or be one of several."""
    assert _codes(index_site(files, config)) == ["SG133"]


def test_a_section_without_a_bibliography_is_a_list_like_any_other(index_site: Index) -> None:
    """A folder that happens to be called so is no error, and gets no pages."""
    index = index_site({"content/publications/_index.md": SECTION, "content/publications/a.md": "Text."})

    assert index.publications is None
    assert index.diagnostics == ()


def test_a_draft_section_has_no_pages(index_site: Index) -> None:
    """As long as it is not built, nothing below it is."""
    index = index_site(
        {"content/publications/_index.md": "+++\ndraft=true\n+++\n", "content/publications/own.bib": PAPERS}
    )

    assert not any(key.startswith("/publications") for key in index.pages)


def test_a_cascade_leaves_a_paper_its_date(index_site: Index) -> None:
    """What a section says for the pages below it is not asked for dates."""
    index = index_site(
        {
            "content/publications/_index.md": "+++\n[cascade]\nparams = {colour = 'red'}\n+++\n",
            "content/publications/own.bib": PAPERS,
        }
    )

    page = index.pages[PageKey("/publications/ada")]
    assert page.date is not None
    assert (page.date.year, page.meta.params["colour"]) == (1843, "red")


def test_a_url_of_the_authors_goes_before_a_made_page(index_site: Index) -> None:
    """Two pages at one address are told, as anywhere."""
    index = index_site(
        {
            "content/publications/_index.md": SECTION,
            "content/publications/own.bib": PAPERS,
            "content/x.md": "+++\ntitle='X'\nurl='/publications/ada/'\n+++\n",
        }
    )

    assert _codes(index) == ["SG115"]
    assert index.pages[PageKey("/x")].output_path is not None
    assert index.pages[PageKey("/publications/ada")].output_path is None


def test_keys_are_parts_of_addresses() -> None:
    """Whatever stands in them."""
    assert slug_of("DBLP:conf/nips/Vaswani17") == "dblp-conf-nips-vaswani17"
    assert slug_of("Reinforcement learning") == "reinforcement-learning"
    assert slug_of("../x") == "x"


def test_spellings_have_letters_in_common() -> None:
    """Case, accents and signs do not count."""
    assert bare("On {E}ngines: Über-Łogik!") == "on e ngines uber logik"
    assert bare("On Engines") == bare("ON ENGINES.")


def _told(index: SiteIndex) -> list[tuple[str, str, str]]:
    return [(each.code, str(each.location), each.message) for each in index.diagnostics]


def test_an_empty_place_in_a_row_is_told(index_site: Index) -> None:
    """Of a listed entry without title, people or year; one that says when it is to come has what is shown."""
    bib = "@misc{a,\n note={x}}\n@misc{b, editor={B, C}, title={D}, year={in press}}\n"
    index = index_site({"content/publications/_index.md": SECTION, "content/publications/own.bib": bib})

    lacking = "the entry `a` has no `title` and no `author` and no `year`, and its place on the page is empty"
    assert _told(index) == [("SG134", "content/publications/own.bib:1:1", lacking)]


def test_key_of_two_works_in_two_files_is_told(index_site: Index) -> None:
    """Where a page reads both; the same work in two files is none, nor are files that no page reads together."""
    files = {
        "a.bib": "@misc{x, title={One}}\n@misc{y, title={The Same}}",
        "b.bib": "@misc{z, title={Z}}\n@misc{x, title={Two}}\n@misc{y, title={The {S}ame.}}",
        "c.bib": "@misc{z, title={Another}}",
        "content/page.md": "+++\nbibliography = 'c.bib'\n+++\n",
        "content/other.md": "+++\nbibliography = 'c.bib'\n+++\n",
    }

    apart = index_site(files, "bibliography = ['a.bib']\n")
    both = index_site(files, "bibliography = ['a.bib', 'b.bib']\n")

    assert apart.diagnostics == ()
    assert [(code, place) for code, place, _ in _told(both)] == [
        ("SG132", "b.bib:2:1"),
        ("SG132", "b.bib:1:1"),
    ]


def test_a_missing_file_of_a_paper_is_told_where_it_is_named(index_site: Index) -> None:
    """In the entry, or in the front matter that lies over it."""
    index = index_site(
        {
            "content/publications/_index.md": SECTION,
            "content/publications/own.bib": "@misc{a, title={A}, author={B C}, year=2020,\n  pdf={no.pdf}}",
            "content/publications/a.md": "+++\nslides = 'no.pdf'\n+++\n",
        }
    )

    assert [(code, place) for code, place, _ in _told(index)] == [
        ("SG405", "content/publications/own.bib:2:3"),
        ("SG405", "content/publications/a.md:2:11"),
    ]
