"""Texts that are made of a paper's fields: badge, venue, BibTeX to copy, `citation_*` elements, JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.bibliography import MONTHS, Entry
from sitegen.content.publications import Publication, bare, is_preprint
from sitegen.rendering.literature.citation_styles import by_line

VENUES: Final[tuple[tuple[str, str], ...]] = (
    ("neural information processing systems", "NeurIPS"),
    ("international conference on machine learning", "ICML"),
    ("international conference on learning representations", "ICLR"),
    ("journal of machine learning research", "JMLR"),
    ("transactions on machine learning research", "TMLR"),
    ("computer vision and pattern recognition", "CVPR"),
    ("european conference on computer vision", "ECCV"),
    ("international conference on computer vision", "ICCV"),
    ("empirical methods in natural language processing", "EMNLP"),
    ("north american chapter of the association for computational linguistics", "NAACL"),
    ("annual meeting of the association for computational linguistics", "ACL"),
    ("aaai conference on artificial intelligence", "AAAI"),
    ("international joint conference on artificial intelligence", "IJCAI"),
    ("artificial intelligence and statistics", "AISTATS"),
    ("uncertainty in artificial intelligence", "UAI"),
    ("conference on learning theory", "COLT"),
    ("conference on robot learning", "CoRL"),
    ("international conference on robotics and automation", "ICRA"),
    ("knowledge discovery and data mining", "KDD"),
)
"""What a venue's name holds, and what the venue calls itself in short."""
_NIPS_UNTIL: Final = 2017
"""The last conference under that name; the proceedings kept theirs."""
_ACRONYM: Final = re.compile(r"\(([A-Z][A-Za-z]*[A-Z][A-Za-z]*)(?:[ ’']*\d{2,4})?\)")
THESES: Final = {"phdthesis": "papers.phd", "mastersthesis": "papers.masters"}
"""To what readers are told, by its key among the words of the site."""
PRIVATE: Final = frozenset(
    {
        "selected",
        "preview",
        "abbr",
        "award",
        "abstract",
        "keywords",
        "file",
        "bibtex_show",
        "arxiv",
        "crossref",
    }
)
"""Fields that are of this site, or of the program that kept the file, and no part of a citation."""
_PAGES: Final = re.compile(r"\s*([\w.:]+)\s*(?:[-–—]+\s*([\w.:]+))?")


def short_of(entry: Entry, words: Words = ENGLISH) -> str:
    """`Schulman et al. 2017`."""
    return f"{by_line(entry, words)} {entry.year or ''}".rstrip()


def badge_of(paper: Publication) -> str:
    """The `abbr` field, else what the venue's own name says; a workshop is not the conference that it is held at."""
    if given := paper.text("abbr"):
        return given
    entry = paper.entry
    if is_preprint(entry):
        return "arXiv"
    if acronym := _ACRONYM.search(entry.venue):
        return acronym[1]
    venue = bare(entry.venue)
    known = "" if "workshop" in venue else next((short for name, short in VENUES if name in venue), "")
    if known == "NeurIPS" and entry.year is not None and entry.year <= _NIPS_UNTIL:
        return "NIPS"
    return known


def venue_of(paper: Publication, words: Words = ENGLISH) -> str:
    """`Journal of Machine Learning Research 23(274), 1–18`."""
    entry = paper.entry
    if is_preprint(entry):
        return f"arXiv:{entry.arxiv}"
    thesis = words(THESES[entry.kind]) if entry.kind in THESES else ""
    volume, number = entry.text("volume"), entry.text("number", "issue")
    issue = f"{volume}({number})" if volume and number else volume or number
    name = " ".join(part for part in (entry.venue, issue) if part)
    return ", ".join(part for part in (thesis, name, entry.text("pages")) if part)


# --- BibTeX -----------------------------------------------------------------------------------


def bibtex_of(paper: Publication, buttons: Iterable[str]) -> str:
    """The entries of a paper as one may copy them: macros and cross-references resolved, nothing that is only of this site."""
    own = PRIVATE | (frozenset(buttons) - {"doi", "url"})
    return "\n\n".join(_entry_bibtex(entry, own) for entry in (paper.entry, *paper.preprints))


def _entry_bibtex(entry: Entry, left_out: frozenset[str]) -> str:
    fields = {name: value for name, value in entry.latex.items() if name not in left_out and value}
    arxiv = entry.text("arxiv")
    if arxiv and "eprint" not in fields:  # as arXiv's own BibTeX has it
        fields |= {"eprint": entry.arxiv, "archiveprefix": "arXiv"}
    width = max((len(name) for name in fields), default=0)
    lines = [f"  {name:{width}} = {_value(name, value)}," for name, value in fields.items()]
    return "\n".join((f"@{entry.kind}{{{entry.key},", *lines, "}"))


def _value(name: str, value: str) -> str:
    if name == "month" and value in MONTHS:
        return value[:3].lower()  # the macro, which styles put into words
    return f"{{{' '.join(value.split())}}}"


# --- machines ---------------------------------------------------------------------------------


def citation_meta(paper: Publication, title: str, permalink: str, pdf: str) -> tuple[tuple[str, str], ...]:
    """Highwire Press elements, as Google Scholar asks for them (scholar.google.com/intl/en/scholar/inclusion.html).

    Args:
        paper: what is described.
        title: as its page has it.
        permalink: of the page, absolute.
        pdf: absolute address of a PDF of this site or another; empty: arXiv's, where it is there.
    """
    return tuple((f"citation_{name}", text) for name, text in _meta(paper, title, permalink, pdf) if text)


def _meta(paper: Publication, title: str, permalink: str, pdf: str) -> Iterator[tuple[str, str]]:
    entry = paper.entry
    yield "title", title
    for name in entry.authors:
        yield "author", name.sort_text
    # a day as YYYY/MM/DD, else the year alone, as Google Scholar wants it
    yield (
        "publication_date",
        "/".join(f"{part:02d}" for part in entry.date[: 3 if len(entry.date) == 3 else 1]),
    )
    if not is_preprint(entry):
        yield _venue_name(entry), entry.venue
    yield "volume", entry.text("volume")
    yield "issue", entry.text("number", "issue") if entry.kind == "article" else ""
    yield from zip(("firstpage", "lastpage"), pages_of(entry), strict=True)
    yield "publisher", entry.text("publisher")
    yield "doi", entry.doi
    yield "arxiv_id", paper.arxiv
    yield "isbn", entry.text("isbn")
    yield "pdf_url", pdf or (f"https://arxiv.org/pdf/{paper.arxiv}" if paper.arxiv else "")
    yield "abstract_html_url", permalink


def _venue_name(entry: Entry) -> str:
    if entry.kind in ("phdthesis", "mastersthesis", "thesis"):
        return "dissertation_institution"
    if entry.kind in ("techreport", "report"):
        return "technical_report_institution"
    if entry.kind in ("inproceedings", "conference"):
        return "conference_title"
    return "inbook_title" if entry.kind in ("incollection", "inbook") else "journal_title"


def pages_of(entry: Entry) -> tuple[str, str]:
    """First and last page; empty where there is none."""
    match = _PAGES.match(entry.text("pages"))
    return (match[1], match[2] or "") if match else ("", "")


def json_ld_of(paper: Publication, title: str, permalink: str) -> dict[str, object]:
    """A `ScholarlyArticle` of schema.org, without the text."""
    entry = paper.entry
    same = [entry.doi_url] if entry.doi else []
    if paper.arxiv:
        same.append(f"https://arxiv.org/abs/{paper.arxiv}")
    found: Mapping[str, object] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": title,
        "url": permalink,
        "author": [
            {"@type": "Organization" if name.literal else "Person", "name": name.text}
            for name in entry.authors
        ],
        "datePublished": "-".join(f"{part:02d}" for part in entry.date),
        "isPartOf": {"@type": _container(entry), "name": entry.venue}
        if entry.venue and not is_preprint(entry)
        else None,
        "keywords": list(paper.topics),
        "sameAs": same,
    }
    return {name: value for name, value in found.items() if value}


def _container(entry: Entry) -> str:
    return "Periodical" if entry.kind == "article" else "CreativeWork"
