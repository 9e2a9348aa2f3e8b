"""What jekyll-scholar and al-folio add to a Jekyll site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.importing.al_folio import (
    accounts,
    bibliography_text,
    citation,
    home_fields,
    papers_file,
    without_distill,
    without_list,
)
from sitegen.importing.jekyll import read_jekyll_site

WriteFiles = Callable[..., Path]

PAPERS = """\
---
---
@article{ada2026,
  title={A Title}, author={Example, Ada}, year={2026},
  pdf={paper.pdf},
  preview={there.png},
  poster={https://example.org/poster.pdf},
  slides={missing.pdf}
}
"""
SITE: dict[str, str | bytes] = {
    "_config.yml": """\
title: blank
first_name: Ada
last_name: Example
include: [_pages]
permalink: /blog/:year/:title/
github_username: ada
scholar: {bibliography: papers.bib}
collections:
  news: {output: true, permalink: "/news/:path/"}
""",
    "_bibliography/papers.bib": PAPERS,
    "assets/pdf/paper.pdf": b"%PDF-1.4",
    "assets/img/publication_preview/there.png": b"",
    "assets/json/resume.json": '{"basics": {"name": "Ada Example"}}',
    "_pages/about.md": "---\nlayout: about\ntitle: about\npermalink: /\nsubtitle: <a href='#'>A lab</a>.\nnews: true\nselected_papers: true\n---\nHello.\n",
    "_pages/papers.md": '---\nlayout: page\ntitle: papers\npermalink: /papers/\n---\nMine:\n\n<div class="publications">\n\n{% bibliography %}\n\n</div>\n',
    "_pages/cv.md": "---\nlayout: cv\npermalink: /cv/\ntitle: cv\n---\n",
    "_news/first.md": "---\ndate: 2024-01-01\n---\nNew.\n",
    "_posts/2024-01-02-cites.md": '---\nlayout: distill\ntitle: Cites\n---\nSee {% cite ada2026 %} and <d-cite key="ada2026"></d-cite>.<d-footnote>A\nnote.</d-footnote>\n',
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, write_files: WriteFiles) -> dict[str, str]:
    """The imported site as path to text."""
    source = write_files(tmp_path_factory.mktemp("al-folio"), SITE)
    made = read_jekyll_site(source)
    assert [note.message for note in made.notes if note.kind in ("look", "lost")] == []
    return {str(file.path): (file.content or b"").decode() for file in made.files}


def test_a_page_of_papers_is_a_section_with_its_bibliography(files: dict[str, str]) -> None:
    """The prose stays, the list is the theme's; what the entries name has its whole address where it is there."""
    page, papers = files["content/papers/_index.md"], files["data/papers.bib"]

    assert "type: publications" in page
    assert "bibliography: papers.bib" in page
    assert page.endswith("---\n\nMine:\n")
    assert papers.startswith("@article{ada2026")
    assert "pdf={/assets/pdf/paper.pdf}" in papers
    assert "preview={/assets/img/publication_preview/there.png}" in papers
    assert "poster={https://example.org/poster.pdf}" in papers
    assert "slides={missing.pdf}" in papers


def test_citations_and_notes_are_ours(files: dict[str, str]) -> None:
    """In Liquid and in Distill's elements, with the bibliography that they are from."""
    post = files["content/blog/2024-01-02-cites.md"]

    assert "See [@ada2026] and [@ada2026].^[A note.]" in post
    assert "bibliography: papers.bib" in post


def test_home_cv_and_accounts_are_taken_along(files: dict[str, str]) -> None:
    """The name as the headline, news and papers as blocks; JSON Resume where our CV reads it."""
    home = files["content/_index.md"]

    assert "headline: Ada Example" in home
    assert "description: A lab." in home
    assert "blocks: [hero, news, papers, ledger]" in home
    assert "selected_papers" not in home
    assert "type: cv" in files["content/cv.md"]
    assert "data/resume.json" in files
    assert 'name = "GitHub"\nurl = "https://github.com/ada"' in files["sitegen.toml"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("{% bibliography %}\n", "papers.bib"),
        ("  {%- bibliography --file mine -q @*[year={{y}}]* -%}\n", "mine.bib"),
        ("In a line {% bibliography %}\n", None),
        ("", None),
    ],
)
def test_which_bibliography_a_page_lists(body: str, name: str | None) -> None:
    """The tag's own, else that of the settings; a tag within a sentence lists none."""
    assert papers_file(body, {"scholar": {"bibliography": "papers"}}) == name


def test_only_the_box_of_the_list_goes() -> None:
    """What closes another one stays, also around the list's, and one that is never closed takes nothing along."""
    box = '<div class="publications">\n\n{% bibliography %}\n\n</div>\n'

    assert without_list(f"<div>\na\n</div>\n{box}b\n") == "<div>\na\n</div>\n\n\nb\n"
    assert without_list(f"<div>\n{box}</div>\n") == "<div>\n\n\n</div>\n"
    assert without_list("</div>\n<div class='publications'>\na\n") == "</div>\na\n"


def test_accounts_by_address_and_by_number_are_entries() -> None:
    """Whatever YAML makes of them; what is switched off is none."""
    found = accounts(
        {"github_username": "https://github.com/ada/", "twitter_username": 42, "x_username": False}
    )

    assert [entry["url"] for entry in found] == ["https://github.com/ada", "https://twitter.com/42"]


def test_tags_that_say_more_stay() -> None:
    """A locator, or no key at all, is not guessed at."""
    assert citation("a b:c") == "[@a; @b:c]"
    assert citation("a --locator 12") is None
    assert citation("") is None
    assert without_distill('<d-cite key="a --b"></d-cite>') == '<d-cite key="a --b"></d-cite>'
    assert without_distill("<d-math>x</d-math> <d-math block>y</d-math>") == "$x$ \n\n$$\ny\n$$\n\n"


def test_nothing_is_made_of_nothing() -> None:
    """A home page without lists keeps ours; no account, no entry; no file, no address."""
    assert home_fields({"news": False}, "T") == {"headline": "T"}
    assert accounts({"github_username": "", "orcid_id": None}) == []
    assert bibliography_text(" pdf = {a.pdf}", lambda _path: False) == " pdf = {a.pdf}"


def test_a_site_without_a_bibliography_keeps_its_tags(tmp_path: Path, write_files: WriteFiles) -> None:
    """They would cite from nothing."""
    files = {"_config.yml": "title: x\n", "_posts/2024-01-02-a.md": "---\ntitle: A\n---\n{% cite a %}\n"}

    made = read_jekyll_site(write_files(tmp_path, files))

    assert any("{% cite a %}" in (file.content or b"").decode() for file in made.files)


def test_distill_without_a_bibliography_names_none(tmp_path: Path, write_files: WriteFiles) -> None:
    """An empty name would be that of a file that is not there."""
    files = {
        "_config.yml": "title: x\n",
        "_posts/2024-01-02-a.md": '---\ntitle: A\n---\n<d-cite key="a"></d-cite>\n',
    }

    made = read_jekyll_site(write_files(tmp_path, files))

    assert not any("bibliography" in (file.content or b"").decode() for file in made.files)
