"""Read `content/` and `notebooks/`: pages, leaf and branch bundles, their resources, each with what its file says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from sitegen.config import Config
from sitegen.content.dates import date_in_file_name, time_zone
from sitegen.content.document import Digest
from sitegen.content.fields import as_text
from sitegen.content.folders import (
    CONTENT_SUFFIXES,
    HTML_SUFFIXES,
    NOTEBOOKS,
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
from sitegen.frozen import FrozenDict, compact

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
    mtime_ns: int
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


def discover(config: Config) -> tuple[Source, ...]:
    """Every content file with what it says of itself, in the order of paths.

    A file that cannot be read as front matter is a Source all the same, with the error among its
    `diagnostics`.
    """
    sources = tuple(_read_source(page, config) for page in walk_content(config).pages)
    if config.enable_git_info or any(_needs_git(source) for source in sources):
        return _with_git_dates(sources, config)
    return sources


def _read_source(page: FoundPage, config: Config) -> Source:
    found = page.file
    path = config.relative_to_root(found.file)
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
        resources=tuple(_read_resource(resource, page) for resource in page.resources),
        diagnostics=diagnostics,
    )
    return replace(source, meta=resolve_dates(meta, source.date_origin, config))


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


def _read_resource(found: FoundFile, page: FoundPage) -> Resource:
    name = found.content_path.relative_to(page.file.content_path.parent)
    resource = Resource(
        name=name,
        file=found.file,
        digest=Digest(digest_file(found.file)),
        size_bytes=found.size_bytes,
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


def _needs_git(source: Source) -> bool:
    """Nothing else gives the page a date, and it has no front matter that could."""
    return not source.meta.lines and not source.meta.dates and source.format in _DATED_BY_GIT


def _with_git_dates(sources: tuple[Source, ...], config: Config) -> tuple[Source, ...]:
    dates = dict(read_git_dates(config.content_dir))
    if config.notebooks_dir.is_dir():
        found = read_git_dates(config.notebooks_dir)
        dates |= {str(NOTEBOOKS / name): each for name, each in found.items()}
    return tuple(_with_git_date(source, dates.get(str(source.content_path)), config) for source in sources)


def _with_git_date(source: Source, git: GitDates | None, config: Config) -> Source:
    needs_date = _needs_git(source)
    if git is None or not (needs_date or config.enable_git_info):
        return source
    meta = source.meta
    if needs_date:
        meta = replace(meta, dates=FrozenDict({"date": git.created}), given=meta.given | {"date"})
    with_git = replace(source, git=git)
    return replace(with_git, meta=resolve_dates(meta, with_git.date_origin, config))
