"""Citations and references in a CSL style, by citeproc-py, which is imported here alone: the extra `cite` brings it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sitegen.content.bibliography import Entry, Name
from sitegen.files import digest_file
from sitegen.rendering.citation_styles import (
    CLOSE,
    OPEN,
    Cluster,
    Formatted,
    by_line,
    linked,
    tail,
)

if TYPE_CHECKING:
    from citeproc import CitationStylesStyle

_KINDS: Final = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "proceedings": "book",
    "book": "book",
    "booklet": "pamphlet",
    "collection": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "dataset": "dataset",
    "patent": "patent",
    "unpublished": "manuscript",
}
"""BibTeX's and biblatex's types to CSL's."""
_GENRES: Final = {"phdthesis": "PhD thesis", "mastersthesis": "Master's thesis"}
_SIGNS: Final = str.maketrans({"&": "\ue010", "<": "\ue011", ">": "\ue012"})
"""citeproc-py escapes what a style says and not what an entry does, and may change the case of an escaped sign."""
_UNSIGNED: Final = str.maketrans({"\ue010": "&amp;", "\ue011": "&lt;", "\ue012": "&gt;"})
_NUMBER: Final = re.compile(r"^\s*[\[(]?\d+[\]).]?\s*")
_PAIRED_MARKS: Final = re.compile(r"([.,;:])\1+")


class StyleError(Exception):
    """A style that cannot be used."""


def is_installed() -> bool:
    """Whether the extra `cite` is there."""
    from importlib.util import find_spec

    return find_spec("citeproc") is not None


def style_file(name: str, root: Path) -> Path | None:
    """The `.csl` file of the site that a name means; None for a name of a style that citeproc-py brings."""
    return root / name.lstrip("/") if name.endswith(".csl") else None


def in_csl_style(
    clusters: Sequence[Cluster], uncited: Sequence[Entry], name: str, root: Path, language: str
) -> Formatted:
    """The page's citations in a CSL style.

    Args:
        clusters: in the order of the page.
        uncited: what is listed though nothing cites it.
        name: a `.csl` file below `root`, or a style's name.
        root: of the site.
        language: of the page, for the words of the style.

    Raises:
        StyleError: there is no such style, it is damaged, or it cannot write these citations.
    """
    file = style_file(name, root)
    if file is not None and not file.is_file():
        raise StyleError(f"the citation style `{name}` is no file of the site")
    try:
        with _quiet():
            style = _style(name if file is None else str(file), digest_file(file) if file else "", language)
            return _written(style, clusters, uncited)
    except Exception as error:  # citeproc-py raises what it meets: KeyError, AttributeError, lxml's errors
        raise StyleError(
            f"the citation style `{name}` cannot be used: {str(error).strip() or type(error).__name__}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """citeproc-py warns of each field that a style asks for and an entry has not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=4)
def _style(name: str, digest: str, language: str) -> CitationStylesStyle:  # noqa: ARG001 - a part of the key
    from citeproc import CitationStylesStyle

    try:
        return CitationStylesStyle(name, locale=_locale(language), validate=False)
    except ValueError as error:
        if "locale" not in str(error):
            raise
        return CitationStylesStyle(name, locale="en-US", validate=False)


def _locale(language: str) -> str:
    known = {"en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "pt": "pt-PT"}
    known |= {"nl": "nl-NL", "ja": "ja-JP", "ko": "ko-KR", "zh": "zh-CN", "ru": "ru-RU", "pl": "pl-PL"}
    return known.get(language.lower(), language)


def _written(style: Any, clusters: Sequence[Cluster], uncited: Sequence[Entry]) -> Formatted:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source import Locator
    from citeproc.source.json import CiteProcJSON

    entries = {entry.key: entry for cluster in clusters for entry in cluster.entries}
    entries |= {entry.key: entry for entry in uncited}
    ids = {key: f"k{number}" for number, key in enumerate(entries)}  # it takes keys for the same in any case
    keys = {identifier: key for key, identifier in ids.items()}
    source = CiteProcJSON([csl_json(entry, ids[key]) for key, entry in entries.items()])
    bibliography = CitationStylesBibliography(style, source, formatter.html)
    made = []
    for cluster in clusters:
        items = []
        for number, (item, entry) in enumerate(zip(cluster.hole.items, cluster.entries, strict=True)):
            around = {
                "prefix": f"{item.prefix} ".lstrip().translate(_SIGNS) + chr(OPEN + number),
                "suffix": CLOSE + _suffix(item.suffix).translate(_SIGNS),
            }
            if item.locator:
                around["locator"] = Locator(item.label, item.locator)
            items.append(CitationItem(ids[entry.key], **around))
        made.append(Citation(items))
    for citation in [*made, *(Citation([CitationItem(ids[entry.key])]) for entry in uncited)]:
        bibliography.register(citation)
    bibliography.sort()
    is_numbered = _is_numbered(style)
    citations = []
    for cluster, citation in zip(clusters, made, strict=True):
        text = _html(bibliography.cite(citation, _unknown))
        citations.append(_in_sentence(cluster, text, is_numbered=is_numbered))
    listed = bibliography.bibliography() if style.has_bibliography() else []
    references = []
    for identifier, reference in zip(bibliography.keys, listed, strict=False):
        html = _html(reference)
        references.append((keys[identifier], _NUMBER.sub("", html) if is_numbered else html))
    return Formatted(citations=tuple(citations), references=tuple(references), is_numbered=is_numbered)


def _unknown(item: Any) -> str:
    return str(item.key)


def _suffix(text: str) -> str:
    return "" if not text else text if text.startswith(",") else f" {text}"


def _html(made: Any) -> str:
    """citeproc-py gives a text or a list of texts."""
    text = made if isinstance(made, str) else "".join(map(str, made))
    return _PAIRED_MARKS.sub(r"\1", text.translate(_UNSIGNED)).strip()


def _in_sentence(cluster: Cluster, text: str, *, is_numbered: bool) -> str:
    """What citeproc-py does not know: a citation whose author the sentence names, or has named."""
    item, entry = cluster.hole.items[0], cluster.entries[0]
    if cluster.hole.is_in_text and is_numbered:
        return f"{escape(by_line(entry), quote=False)} {text}"
    year = str(entry.year or "n.d.")
    if cluster.hole.is_in_text:
        said = f"{escape(by_line(entry), quote=False)} ({year}"
        return linked(0, said) + f"{tail(item)})" if tail(item) else linked(0, f"{said})")
    if not is_numbered and all(each.is_without_author for each in cluster.hole.items):
        years = [
            linked(number, str(each.year or "n.d.")) + tail(said)
            for number, (said, each) in enumerate(zip(cluster.hole.items, cluster.entries, strict=True))
        ]
        return f"({'; '.join(years)})"
    return text


def _is_numbered(style: Any) -> bool:
    return bool(style.root.xpath("//*[local-name()='category'][@citation-format='numeric']"))


# --- an entry as CSL-JSON ---------------------------------------------------------------------------


def csl_json(entry: Entry, identifier: str) -> dict[str, Any]:
    """The entry in CSL's words; those that it has no value for are left out."""
    is_part = entry.kind in ("inbook", "incollection", "inproceedings", "conference", "article")
    texts = {
        "title": entry.title,
        "container-title": entry.text("journal", "journaltitle", "booktitle") if is_part else "",
        "collection-title": entry.text("series"),
        "publisher": entry.text("publisher", "school", "institution", "organization", "howpublished"),
        "publisher-place": entry.text("address", "location"),
        "volume": entry.text("volume"),
        "edition": entry.text("edition"),
        "page": entry.text("pages").replace("\N{EN DASH}", "-").replace("--", "-"),
        "genre": entry.text("type") or _GENRES.get(entry.kind, ""),
        "note": "" if "arxiv" in entry.text("note").lower() else entry.text("note"),
        "DOI": entry.doi,
        "ISBN": entry.text("isbn"),
        "ISSN": entry.text("issn"),
        "URL": entry.url if not entry.doi else "",
    }
    number = "number" if entry.kind in ("techreport", "report", "patent") else "issue"
    texts[number] = entry.text("number", "issue")
    found: dict[str, Any] = {name: text.translate(_SIGNS) for name, text in texts.items() if text}
    people = [_person(name) for name in entry.authors]
    if entry.has_more_authors:
        people.append({"literal": "others"})
    if people:
        found["author"] = people
    if entry.editors:
        found["editor"] = [_person(name) for name in entry.editors]
    if entry.date:
        found["issued"] = {"date-parts": [list(entry.date)]}
    return {"id": identifier, "type": _KINDS.get(entry.kind, "document"), **found}


def _person(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal.translate(_SIGNS)}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: text.translate(_SIGNS) for part, text in parts.items() if text}
