"""Read `content/` and `notebooks/`: pages, leaf and branch bundles, their resources, each with what its file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Final, Literal, Protocol

from sitegen.config import Config
from sitegen.content.dates import date_in_file_name, time_zone
from sitegen.content.document import Digest
from sitegen.content.fields import as_text
from sitegen.content.folders import (
    CONTENT_SUFFIXES,
    HTML_SUFFIXES,
    NOTEBOOKS,
    ContentFiles,
    FoundFile,
    FoundPage,
    PageFormat,
    walk_content,
)
from sitegen.content.frontmatter import FrontMatter, split
from sitegen.content.git_dates import GitDates, read_git_dates
from sitegen.content.metadata import DateOrigin, PageMeta, read_meta, resolve_dates
from sitegen.content.notebooks import Notebook, in_cell, read_notebook
from sitegen.content.opening import Opening, read_opening
from sitegen.content.percent import read_script
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes, digest_file
from sitegen.frozen import FrozenDict, compact, with_fields
from sitegen.values import dataclass

_DATED_BY_GIT: Final = frozenset({"markdown", "notebook", "percent"})
"""Formats of pages that take the date of their first commit where nothing else gives one."""


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file that belongs to a bundle and is published beside its page."""

    name: PurePosixPath
    """Relative to the bundle's folder."""
    file: Path
    """Absolute."""
    digest: Digest
    size_bytes: int
    mtime_ns: int = field(default=0, compare=False)
    """By which a later build knows that it need not read the file; two with the same bytes are equal."""
    is_content: bool = False
    """A Markdown file inside a leaf bundle: a `page` resource, not published."""
    title: str = ""
    """From the page's `resources` table."""
    label: str = ""
    """The name that the page's `resources` table gives it, for look-ups; its file keeps its own."""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A content file: what it says of itself and where its body starts, never its text."""

    path: PurePosixPath
    """Relative to the site's root."""
    file: Path
    """Absolute."""
    content_path: PurePosixPath
    """Relative to the content folder: `posts/ppo/index.md`."""
    digest: Digest
    """Of the whole file."""
    size_bytes: int
    mtime_ns: int = field(compare=False)
    """Does not count: a fresh checkout is the same site. Where a page takes a date from it, `meta` has that."""
    meta: PageMeta
    body_offset: int
    """Bytes before the body (a BOM counts)."""
    body_line: int
    """The body's first line in the file, from 1; of a notebook or script, whose body is its cells, 1."""
    bundle: Literal["leaf", "branch"] | None = None
    """`index.md`, `_index.md`, or a single file."""
    format: PageFormat = "markdown"
    resources: tuple[Resource, ...] = ()
    git: GitDates | None = None
    """Where the configuration asks for git, or nothing else gives the page a date."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def date_origin(self) -> DateOrigin:
        """What the file itself says of its dates."""
        return DateOrigin(
            name=_dated_name(self.content_path, self.bundle),
            git=self.git.modified if self.git else None,
            modified=datetime.fromtimestamp(self.mtime_ns // 1_000_000_000, tz=timezone.utc),  # noqa: UP017
        )


class KnownSources(Protocol):
    """Sources that an earlier build has read, with the same configuration and the same version of the code.

    Who gives them guarantees that each stands for its files as far as sizes and mtimes can tell: a Source of which one of
    the files was changed within 50 ms before it was read, or after that, is not among them, since file systems take
    an mtime from a clock that ticks every 1 to 10 ms, and two changes within a tick look like one.
    """

    def get(self, path: PurePosixPath, /) -> Source | None:
        """The Source of a content file by its path below the site's root, whether the file is as it was or not."""


def discover(
    config: Config,
    known: KnownSources | None = None,
    *,
    files: ContentFiles | None = None,
    is_same_history: bool = False,
) -> tuple[Source, ...]:
    """Every content file with what it says of itself, in the order of paths.

    A file that cannot be read as front matter is a Source all the same, with the error among its
    `diagnostics`. A Source depends on the bytes of its file and of the content files in its bundle, on their names, on the
    dates that git has for it, on its mtime where `[frontmatter]` names `:fileModTime`, and on the configuration.

    Args:
        config: of the site.
        known: a page whose file and whose bundle's files have the sizes and mtimes of the known Source's
            is that very Source, unread.
        files: what the folders hold, where that is known already.
        is_same_history: `git_state` is what it was when the known Sources were read: git is asked only for the dates
            of files that are new. Else git is asked for all, and a Source whose dates differ is read again.
    """
    pages = (walk_content(config) if files is None else files).pages
    if known is None:
        return dated_by_git(read_sources(pages, config), config)
    kept: list[Source | None] = []
    fresh: list[Source] = []
    for page in pages:
        source = known.get(page_path(page, config))
        is_kept = source is not None and is_unchanged(source, page)
        kept.append(source if is_kept else None)
        if not is_kept:
            fresh.append(_read_source(page, config, source))
    if is_same_history:
        fresh_in_order = iter(_dated_as_before(fresh, known, config))
        return tuple(next(fresh_in_order) if source is None else source for source in kept)
    return _dated_anew(pages, kept, fresh, config)


def read_sources(pages: Iterable[FoundPage], config: Config) -> tuple[Source, ...]:
    """What these pages' files say, without the dates of git: a pure function of the files, for any chunk of the pages."""
    return tuple(_read_source(page, config, None) for page in pages)


def page_path(page: FoundPage, config: Config) -> PurePosixPath:
    """The path of a page's file below the site's root: `Source.path`."""
    return config.relative_to_root(page.file.file)


def is_unchanged(source: Source, page: FoundPage) -> bool:
    """Whether a Source still stands for the page, as far as names, sizes and mtimes tell."""
    return (
        source.mtime_ns == page.file.mtime_ns
        and source.size_bytes == page.file.size_bytes
        and source.format == page.format
        and source.bundle == page.bundle
        and len(source.resources) == len(page.resources)
        and all(map(_is_same_file, source.resources, page.resources))
    )


def same_but_for_bodies(old: Source, new: Source) -> bool:
    """Whether the two differ in bodies alone, so that an index of one is, but for its Source, an index of the other.

    The digest, the size and the mtime of the file do not count: where a page takes a date from its mtime,
    `meta` has it.
    """
    return old == with_fields(new, digest=old.digest, size_bytes=old.size_bytes, mtime_ns=old.mtime_ns)


def _is_same_file(resource: Resource, found: FoundFile) -> bool:
    return (
        resource.mtime_ns == found.mtime_ns
        and resource.size_bytes == found.size_bytes
        and resource.file == found.file
    )


def _read_source(page: FoundPage, config: Config, stale: Source | None) -> Source:
    """The page as its file is now; of a bundle, resources that are as they were are taken from its `stale` Source."""
    found = page.file
    path = page_path(page, config)
    data = found.file.read_bytes()
    if page.format in ("notebook", "percent"):
        read = read_notebook if page.format == "notebook" else read_script
        meta, diagnostics = _notebook_meta(read(data, path), page, config)
        front = FrontMatter()
    else:
        front = split(data, path)
        meta, diagnostics = read_meta(
            front.fields, path=path, lines=front.lines, nested=front.nested, config=config
        )
        not_text = _not_utf_8(data, path)
        if front.format is None and page.format == "markdown" and not not_text:
            opening = read_opening(data[front.body_offset :].decode("utf-8"), time_zone(config.time_zone))
            meta = _with_opening(meta, opening, front.body_line, page, config)
        diagnostics = (*not_text, *front.diagnostics, *diagnostics)
    source = Source(
        path=path,
        file=found.file,
        content_path=found.content_path,
        digest=Digest(digest_bytes(data)),
        size_bytes=len(data),
        mtime_ns=found.mtime_ns,
        meta=meta,
        body_offset=front.body_offset,
        body_line=front.body_line,
        bundle=page.bundle,
        format=page.format,
        resources=_read_resources(page, stale),
        diagnostics=diagnostics,
    )
    return with_fields(source, meta=resolve_dates(meta, source.date_origin, config))


def _notebook_meta(
    notebook: Notebook, page: FoundPage, config: Config
) -> tuple[PageMeta, tuple[Diagnostic, ...]]:
    """What a notebook or script says of its page; the title, where nothing gives one, is the file's name, as in Jupyter."""
    path = config.relative_to_root(page.file.file)
    front = notebook.front
    meta, problems = read_meta(front.fields, path=path, lines=front.lines, config=config)
    meta = replace(meta, cell=notebook.front_cell)
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.kind == "markdown")
    opening = read_opening(prose, time_zone(config.time_zone))
    opening = replace(opening, posted_line=None)  # its line is one of a cell, and stays
    if front.format is None:
        meta = _with_opening(meta, opening, 1, page, config)
    elif not meta.title and opening.title:
        meta = replace(
            meta,
            title=opening.title,
            link_title=meta.link_title or opening.title,
            title_is_heading=True,
            given=meta.given | {"title"},
        )
    if not meta.title:
        name = _dated_name(page.file.content_path, page.bundle)
        meta = replace(meta, title=name, link_title=meta.link_title or name, given=meta.given | {"title"})
    return meta, (*notebook.diagnostics, *(in_cell(problem, notebook.front_cell) for problem in problems))


def _with_opening(
    meta: PageMeta, opening: Opening, body_line: int, page: FoundPage, config: Config
) -> PageMeta:
    """A page without front matter: its first heading is its title, its `Posted:` line or name its date."""
    zone = time_zone(config.time_zone)
    in_name = date_in_file_name(_dated_name(page.file.content_path, page.bundle), zone)
    date = opening.date or (in_name.date if in_name else None)
    posted_line = opening.posted_line
    given = {"title"} if opening.title else set()
    return replace(
        meta,
        title=opening.title,
        link_title=opening.title,
        title_is_heading=bool(opening.title),
        dates=FrozenDict({"date": date} if date else {}),
        posted_line=posted_line + body_line - 1 if posted_line else None,
        given=frozenset(given | ({"date"} if date else set())),
    )


def _dated_name(content_path: PurePosixPath, bundle: Literal["leaf", "branch"] | None) -> str:
    """The name that may begin with a date: the file's, of a leaf bundle its folder's."""
    return content_path.parent.name if bundle == "leaf" else content_path.name.rpartition(".")[0]


def _read_resources(page: FoundPage, stale: Source | None) -> tuple[Resource, ...]:
    if not page.resources:
        return ()
    known = {resource.file: resource for resource in stale.resources} if stale is not None else {}
    return tuple(
        resource
        if (resource := known.get(found.file)) is not None and _is_same_file(resource, found)
        else _read_resource(found, page)
        for found in page.resources
    )


def _read_resource(found: FoundFile, page: FoundPage) -> Resource:
    name = found.content_path.relative_to(page.file.content_path.parent)
    resource = Resource(
        name=name,
        file=found.file,
        digest=Digest(digest_file(found.file)),
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        is_content=name.suffix.lower() in CONTENT_SUFFIXES - HTML_SUFFIXES,
    )
    if not resource.is_content:
        return resource
    fields = split(found.file.read_bytes(), name).fields  # what is wrong in it stands on no page
    return replace(resource, title=as_text(fields.get("title")) or "", params=fields)


def _not_utf_8(data: bytes, path: PurePosixPath) -> tuple[Diagnostic, ...]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        location = SourceLocation(path=path, line=line, column=None)
        message = f"byte {data[error.start]:#04x} is not UTF-8 text"
        hint = "save the file as UTF-8"
        return (Diagnostic(code="SG114", severity="error", message=message, location=location, hint=hint),)
    return ()


# --- dates of git ---------------------------------------------------------------------------------


def depends_on_git(sources: Iterable[Source], config: Config) -> bool:
    """Whether one of the Sources would be another with another history, so that `git_state` counts."""
    return config.enable_git_info or any(_is_dated_by_git(source, config) for source in sources)


def dated_by_git(sources: tuple[Source, ...], config: Config) -> tuple[Source, ...]:
    """Sources as `read_sources` gives them, with git's dates where the configuration asks for them or nothing else dates a page.

    Git is started only where there is such a page.
    """
    if not depends_on_git(sources, config):
        return sources
    dates = _git_dates(config)
    return tuple(_with_git_date(source, dates.get(str(source.content_path)), config) for source in sources)


def _dated_as_before(fresh: Sequence[Source], known: KnownSources, config: Config) -> tuple[Source, ...]:
    """With the dates that git had for these files, and has still; it is asked for files of which that is not known."""
    asked = [source for source in fresh if _is_dated_by_git(source, config)]
    before = {source.path: known.get(source.path) for source in asked}
    told = {path: old for path, old in before.items() if old is not None and _is_dated_by_git(old, config)}
    dates = _git_dates(config) if len(told) < len(asked) else {}
    return tuple(
        _with_git_date(
            source,
            told[source.path].git if source.path in told else dates.get(str(source.content_path)),
            config,
        )
        for source in fresh
    )


def _dated_anew(
    pages: Sequence[FoundPage], kept: Sequence[Source | None], fresh: Sequence[Source], config: Config
) -> tuple[Source, ...]:
    """All of them in order, each with git's dates of now; a kept one that had others is read again."""
    is_asked = depends_on_git((*fresh, *(source for source in kept if source is not None)), config)
    dates = _git_dates(config) if is_asked else {}
    fresh_in_order = iter(fresh)
    found = []
    for page, source in zip(pages, kept, strict=True):
        git = dates.get(str(page.file.content_path))
        if source is None:
            found.append(_with_git_date(next(fresh_in_order), git, config))
        elif _is_dated_by_git(source, config) and source.git != git:
            found.append(_with_git_date(_read_source(page, config, source), git, config))
        else:
            found.append(source)
    return tuple(found)


def _is_dated_by_git(source: Source, config: Config) -> bool:
    return config.enable_git_info or source.git is not None or _needs_git(source)


def _needs_git(source: Source) -> bool:
    """Nothing else gives the page a date, and it has no front matter that could."""
    return not source.meta.lines and not source.meta.dates and source.format in _DATED_BY_GIT


def _git_dates(config: Config) -> dict[str, GitDates]:
    """By `Source.content_path`."""
    dates = dict(read_git_dates(config.content_dir))
    if config.notebooks_dir.is_dir():
        found = read_git_dates(config.notebooks_dir)
        dates |= {str(NOTEBOOKS / name): each for name, each in found.items()}
    return dates


def _with_git_date(source: Source, git: GitDates | None, config: Config) -> Source:
    needs_date = _needs_git(source)
    if git is None or not (needs_date or config.enable_git_info):
        return source
    meta = source.meta
    if needs_date:
        meta = replace(meta, dates=FrozenDict({"date": git.created}), given=meta.given | {"date"})
    with_git = replace(source, git=git)
    return replace(with_git, meta=resolve_dates(meta, with_git.date_origin, config))
