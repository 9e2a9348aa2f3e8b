"""Which fields of an entry are links, what their buttons are called, and which of them lead to no file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.content.bibliography import place_of_field
from sitegen.content.document import PageKey
from sitegen.content.front_places import place_in_front
from sitegen.content.publications import Publication, Publications
from sitegen.content.tree import Place
from sitegen.errors import Diagnostic, SourceLocation

BUTTONS: Final[Mapping[str, str]] = {
    "doi": "DOI", "arxiv": "arXiv", "pdf": "PDF", "html": "HTML", "url": "links.paper", "code": "links.repo",
    "dataset": "links.dataset", "model": "links.model", "slides": "links.slides", "poster": "links.poster",
    "video": "links.video", "website": "links.website", "blog": "links.blog", "supp": "links.supplement",
    "project": "links.project",
}  # fmt: skip
"""BibTeX field to the label of its button, in their order: a proper name, or the key of a word of the site's language."""
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)


def button_labels(config: Config) -> dict[str, str]:
    """BibTeX field to label: the usual ones, then those of `params.publications.buttons`.

    That is a table of fields and labels, or a list of tables with `field` and `label`.
    """
    usual = {
        field: config.words(label) if label.startswith("links.") else label
        for field, label in BUTTONS.items()
    }
    params = config.params.get("publications")
    buttons = params.get("buttons") if isinstance(params, Mapping) else None
    if isinstance(buttons, Mapping):
        return {**usual, **{str(field).lower(): str(label) for field, label in buttons.items()}}
    listed = buttons if isinstance(buttons, tuple) else ()
    more = {
        str(each["field"]).lower(): str(each.get("label") or each["field"])
        for each in listed
        if isinstance(each, Mapping) and each.get("field")
    }
    return {**usual, **more}


def missing_files(
    found: Publications, places: Mapping[PageKey, Place], static: Iterable[PurePosixPath], config: Config
) -> Iterator[Diagnostic]:
    """What is told of fields that name a file which is neither in the section's bundle nor in `static/`.

    Args:
        found: the papers.
        places: of their sections.
        static: output paths of the static files.
        config: of the site.
    """
    fields = [name for name in button_labels(config) if name not in ("doi", "arxiv")] + ["preview"]
    published = set(static)
    for section, papers in found.of_section.items():
        source = places[section].source
        inside = {str(resource.name) for resource in source.resources} if source is not None else set()
        for paper in papers:
            for name in fields:
                value = paper.text(name)
                if not value or _ADDRESS.match(value):
                    continue
                file = value.removeprefix("./").lstrip("/")
                if file not in inside and PurePosixPath(file) not in published:
                    yield _missing_file(paper, name, value, _place(paper, name, value, places))


def _place(
    paper: Publication, name: str, value: str, places: Mapping[PageKey, Place]
) -> SourceLocation | None:
    """Where a field is written: in the front matter of the paper's page, else in its entry or its preprint's."""
    page = places.get(paper.page) if paper.page is not None else None
    if page is not None and page.source is not None and name in page.meta.params:
        return place_in_front(page, name, text=value)
    entry = next((each for each in (paper.entry, *paper.preprints) if each.text(name)), paper.entry)
    return place_of_field(entry, name)


def _missing_file(paper: Publication, name: str, value: str, location: SourceLocation | None) -> Diagnostic:
    return Diagnostic(
        code="SG405",
        severity="warning",
        message=f"`{name}` of `{paper.key}` names the file `{value}`, which is not there",
        location=location,
        hint="put it into the section's folder or `static/`, or write an address with `https://`",
    )
