"""Page -> RenderedFile: find the template, render it, and with it all that goes beside the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jinja2 import TemplatesNotFound

from sitegen import __version__
from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, SourceLocation, TemplateError
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.assets import Asset, load_assets
from sitegen.rendering.environment import RecordingEnvironment, make_environment, template_diagnostic
from sitegen.rendering.feed_links import feed_formats, is_html
from sitegen.rendering.feeds import feed_files
from sitegen.rendering.pagination import PagerRun, pager_output_path
from sitegen.rendering.recorder import NoRecorder, Recorder
from sitegen.rendering.redirects import redirect_html
from sitegen.rendering.resources import published_resources, written_files
from sitegen.rendering.site_view import SiteView, config_view
from sitegen.rendering.sitemap import robots_variables, sitemap_files
from sitegen.rendering.static import GIVES_WAY, paths_of, stands_in, static_files
from sitegen.rendering.urls import absolute, make_relative, page_folder, with_base
from sitegen.rendering.values import Page, RenderedFile, Site
from sitegen.rendering.views import PageView

if TYPE_CHECKING:
    from jinja2 import Template

_LISTS = ("section", "taxonomy", "term")
_ARCHIVES = frozenset({"archive", "archives"})
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"""<link\b[^<>]*\brel=["']?(?:prev|next)\b""")


class Templates:
    """The templates and assets of a build: found and compiled once."""

    def __init__(self, config: Config, recorder: Recorder | None = None) -> None:
        self.config = config
        self.recorder: Recorder = recorder or NoRecorder()
        self.assets: Mapping[str, Asset] = load_assets(config)
        self.environment: RecordingEnvironment = make_environment(config, self.assets, self.recorder)
        self._site_view: tuple[Site, SiteView] | None = None
        self._told: dict[tuple[SourceLocation | None, str], Diagnostic] = {}

    def site_view(self, site: Site, contents: Callable[[PageKey], str]) -> SiteView:
        """The site's view, made once for a Site."""
        if self._site_view is None or self._site_view[0] is not site:
            view = SiteView(
                site.index,
                self.config,
                recorder=self.recorder,
                summaries=site.summaries,
                ledger=site.ledger,
                contents=contents,
            )
            self._site_view = (site, view)
        return self._site_view[1]

    def text(self, names: Sequence[str], variables: Mapping[str, object], place: IndexedPage) -> str:
        """What the first template that there is of `names` gives.

        Raises:
            TemplateError: none is there (SG402), or it failed (SG401).
        """
        where = location_of(place)
        try:
            template: Template = self.environment.select_template(names)
        except TemplatesNotFound as error:
            looked = ", ".join(f"`{name}`" for name in names)
            raise TemplateError(
                Diagnostic(
                    code="SG402",
                    severity="error",
                    message=f"no template for the page `{place.key}` of kind `{place.kind}`",
                    location=where,
                    hint=f"add one of {looked} to `{self.config.relative_to_root(self.config.templates_dir)}/`",
                )
            ) from error
        except Exception as error:  # a template's syntax, or what it imports
            raise self._failed(error, where) from error
        try:
            return template.render(variables)
        except TemplateError:
            raise
        except Exception as error:  # templates are a border: they may raise anything
            raise self._failed(error, where) from error

    def _failed(self, error: Exception, page: SourceLocation | None) -> TemplateError:
        """A line that fails on every page is told once, with the first page: equal diagnostics are one."""
        found = template_diagnostic(error, self.config, code="SG401", page=page)
        return TemplateError(self._told.setdefault((found.location, found.message), found))


def render(
    page: Page,
    site: Site,
    templates: Templates,
    contents: Callable[[PageKey], str],
    config: Config,
) -> tuple[RenderedFile, ...]:
    """A page's files: its HTML, pagers, feeds, redirects, figures and resources.

    A template that fails gives a file that says so, with the diagnostic.

    Args:
        contents: loads another page's composed content, for feeds.
    """
    place = site.index.pages[page.key]
    if place.kind == "static":
        return tuple(static_files(site.index, config, written_files(site.index, site.ledger, config)))
    if place.kind == "assets":
        return tuple(
            RenderedFile(path=asset.path, digest=asset.digest, content=asset.content)
            for asset in templates.assets.values()
        )
    if place.output_path is None:
        return tuple(_bundle_files(place, written_files(site.index, site.ledger, config)))
    view = templates.site_view(site, contents)
    if place.kind in GIVES_WAY and view.static_file(str(place.output_path)) is not None:
        return ()  # the author has written it
    if place.kind == "sitemap":
        return tuple(_instead_of_static(_render_sitemap(page, place, view, templates), place, view))
    if place.kind == "robotstxt":
        return (_render_robots(page, place, view, templates),)
    return (
        *_instead_of_static(_render_html(page, place, view, templates), place, view),
        *_instead_of_static(_render_feeds(page, place, view, templates), place, view),
        *_redirects(place, config),
        *_beside(page, place, written_files(site.index, site.ledger, config)),
    )


def template_names(place: IndexedPage) -> tuple[str, ...]:
    """Where a page's template is looked for, in order; each in the site's folder before the theme's."""
    names: list[str] = []
    if place.meta.layout:
        layout = place.meta.layout.removesuffix(".html") + ".html"
        names += [f"{place.type}/{layout}", layout] if place.type else [layout]
    if place.type:
        names.append(f"{place.type}/{place.kind}.html")
    names.append(f"{place.kind}.html")
    if place.kind in _LISTS:
        names.append("list.html")
    if {place.meta.type.lower(), place.meta.layout.removesuffix(".html")} & _ARCHIVES:
        # a type that the front matter names: a folder `archive/` of posts is none
        names[-1:-1] = ["archives.html"]
    return tuple(dict.fromkeys(names))


def location_of(place: IndexedPage) -> SourceLocation | None:
    """The file that a page comes from; None where there is none."""
    return SourceLocation(path=place.source.path) if place.source else None


def _instead_of_static(
    files: Iterable[RenderedFile], place: IndexedPage, site: SiteView
) -> Iterator[RenderedFile]:
    """The files, each with what is to be told where a static file of the same path is left out for it."""
    own = paths_of(place, site.settings)
    for file in files:
        static = site.static_file(str(file.path)) if file.path in own else None
        if static is not None:
            told = stands_in(place, file.path, static, site.settings)
            file = replace(file, diagnostics=(*file.diagnostics, told))
        yield file


def _render_html(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    """The page's HTML, and where its template paginates one file a pager and the redirect from the first."""
    config = templates.config
    if not is_html(place, config):
        return
    run: PagerRun[PageView] = PagerRun()
    yield _render_pager(page, place, site, templates, run)
    if run.chosen is None or place.output_path is None:
        return
    for number in range(2, run.chosen.total + 1):
        yield _render_pager(page, place, site, templates, PagerRun(number=number))
    if not config.pagination.disable_aliases:
        yield _redirect(place, pager_output_path(place.output_path, config, 1), config)


def _render_pager(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates, run: PagerRun[PageView]
) -> RenderedFile:
    config = templates.config
    path = place.output_path or PurePosixPath("index.html")
    if run.number > 1:
        path = pager_output_path(path, config, run.number)
    view = PageView(place, site, composed=page, pager=run)
    variables = {"page": view, "site": site, "config": config_view(config, templates.recorder)}
    try:
        html = templates.text(template_names(place), variables, place)
    except TemplateError as error:
        return _html_file(path, _failure(error), place, config, (error.diagnostic,))
    if place.kind == "home" and not config.disable_generator_meta:
        html = _with_generator(html)
    if run.chosen is not None:
        html = _with_neighbours(html, run.chosen.previous, run.chosen.next)
    return _html_file(path, html, place, config, view.enclosure_problems if run.number == 1 else ())


def _render_feeds(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    formats = feed_formats(place, templates.config)
    if not formats:
        return
    folder = page_folder(place)
    text = _text_renderer(None, place, site, templates)
    try:
        feeds = feed_files(PageView(place, site, composed=page), site, templates.config, text)
    except TemplateError as error:
        yield _file(folder / formats[0].file, _failure(error).encode(), place, (error.diagnostic,))
        return
    for name, content in feeds:
        yield _file(folder / name, content.encode(), place)


def _render_sitemap(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    path = place.output_path or PurePosixPath("sitemap.xml")
    try:
        for part, content in sitemap_files(path, site, _text_renderer(page, place, site, templates)):
            yield _file(part, content, place)
    except TemplateError as error:
        yield _file(path, b"", place, (error.diagnostic,))


def _render_robots(page: Page, place: IndexedPage, site: SiteView, templates: Templates) -> RenderedFile:
    path = place.output_path or PurePosixPath("robots.txt")
    text = _text_renderer(page, place, site, templates)
    try:
        return _file(path, text("robots.txt", robots_variables(site)).encode(), place)
    except TemplateError as error:
        return _file(path, b"", place, (error.diagnostic,))


def _text_renderer(
    page: Page | None, place: IndexedPage, site: SiteView, templates: Templates
) -> Callable[[str, Mapping[str, object]], str]:
    """Renders a template by name, with the variables that every page's template has."""
    shared = {
        "page": PageView(place, site, composed=page),
        "site": site,
        "config": config_view(templates.config, templates.recorder),
    }
    return lambda name, variables: templates.text((name,), {**shared, **variables}, place)


def _redirects(place: IndexedPage, config: Config) -> Iterator[RenderedFile]:
    if not config.disable_aliases:
        for alias in place.aliases:
            yield _redirect(place, alias, config)


def _redirect(place: IndexedPage, path: PurePosixPath, config: Config) -> RenderedFile:
    url = with_base(config, place.url)
    permalink = absolute(config, url)
    target = url if config.relative_urls else permalink
    return _html_file(path, redirect_html(target, permalink, config.language), place, config)


def _beside(page: Page, place: IndexedPage, written: Container[Path]) -> Iterator[RenderedFile]:
    """What is published beside a page: its figures, its downloads and its bundle's files, but for what runs wrote."""
    folder = page_folder(place)
    for name, content in page.files.items():
        yield _file(folder / name, content, place)
    for path, shared in page.shared.items():
        if isinstance(shared, bytes):
            yield RenderedFile(path=path, digest=Digest(digest_bytes(shared)), content=shared)
        else:
            yield RenderedFile(path=path, digest=Digest(digest_file(shared)), file=shared)
    yield from _bundle_files(place, written)


def _bundle_files(place: IndexedPage, written: Container[Path]) -> Iterator[RenderedFile]:
    folder = page_folder(place)
    for resource in published_resources(place):
        if resource.file not in written:
            yield RenderedFile(
                path=folder / resource.name, digest=resource.digest, file=resource.file, owner=place.key
            )


def _html_file(
    path: PurePosixPath,
    html: str,
    place: IndexedPage,
    config: Config,
    diagnostics: tuple[Diagnostic, ...] = (),
) -> RenderedFile:
    # 404.html is served at any depth: its links stay site-absolute
    if config.relative_urls and place.kind != "404":
        html = make_relative(html, path, config.base_path)
    return _file(path, html.encode("utf-8", "replace"), place, diagnostics)


def _file(
    path: PurePosixPath, content: bytes, place: IndexedPage, diagnostics: tuple[Diagnostic, ...] = ()
) -> RenderedFile:
    return RenderedFile(
        path=path,
        digest=Digest(digest_bytes(content)),
        content=content,
        owner=place.key,
        diagnostics=diagnostics,
    )


def _with_generator(html: str) -> str:
    """The home page names its generator, as Hugo's does, unless its template has seen to it."""
    if 'name="generator"' in html:
        return html
    head = _HEAD.search(html)
    if head is None:
        return html
    meta = f'\n<meta name="generator" content="sitegen {escape(__version__)}">'
    return html[: head.end()] + meta + html[head.end() :]


def _with_neighbours(html: str, previous: str | None, following: str | None) -> str:
    """A pager's head names the pagers beside it, which only a rendered page knows, unless its template has seen to it."""
    head = _HEAD.search(html)
    end = html.find("</head>")
    if head is None or end < 0 or _NEIGHBOUR.search(html, head.end(), end):
        return html
    links = "".join(
        f'<link rel="{name}" href="{escape(url)}">\n'
        for name, url in (("prev", previous), ("next", following))
        if url
    )
    return html[:end] + links + html[end:]


def _failure(error: TemplateError) -> str:
    """What is published, under `--keep-going`, where a template failed."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Template error</title></head>'
        f'<body><div class="build-error" role="alert"><pre>{escape(str(error))}</pre></div></body></html>\n'
    )
