"""What is told of a site once all of it is known: of front matter, of CVs, of the files that papers name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.theme_keys import wrong_keys
from sitegen.content.theme_names import missing_names
from sitegen.content.tree import Place
from sitegen.errors import Diagnostic
from sitegen.frozen import with_fields


def with_problems(index: SiteIndex, places: Mapping[PageKey, Place], config: Config) -> SiteIndex:
    """The index with these diagnostics beside its own.

    Args:
        index: of the site.
        places: every page that a file or an entry of a bibliography stands for, with its own front matter.
        config: of the site.
    """
    found = tuple(_problems(index, places, config))
    if not found:
        return index
    return with_fields(index, diagnostics=(*_not_told_again(index.diagnostics, found), *found))


def _problems(index: SiteIndex, places: Mapping[PageKey, Place], config: Config) -> Iterator[Diagnostic]:
    yield from wrong_keys(index.pages, places, config)
    yield from missing_names(index, places, config)
    if index.bibliographies is not None:
        from sitegen.content.bibliography_problems import bibliography_problems  # here: few sites have one

        yield from bibliography_problems(index.bibliographies, index.publications)
    if index.publications is not None:
        from sitegen.content.publication_links import missing_files  # here: few sites have papers

        paths = (file.output_path for file in index.static_files)
        yield from missing_files(index.publications, places, paths, config)
    resumes = [page for page in index.pages.values() if page.type == "cv"]
    if resumes:
        from sitegen.content.resumes import resume_problems  # here: a site has one CV, if any

        yield from resume_problems(resumes, config)


def _not_told_again(known: Iterable[Diagnostic], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What is known, but for data files that are told of as CVs."""
    resumes = {each.location.path for each in found if each.code == "SG128" and each.location is not None}
    for each in known:
        if each.code != "SG118" or each.location is None or each.location.path not in resumes:
            yield each
