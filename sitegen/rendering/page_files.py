"""Page -> RenderedFile: its HTML by a template, and with it all that goes beside the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, TemplateError
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.assets import ON_DEMAND
from sitegen.rendering.finishing import failure_html, html_file, page_file, with_generator, with_neighbours
from sitegen.rendering.lists.pagination import PagerRun, pager_output_path
from sitegen.rendering.machines.feed_links import feed_formats, is_html
from sitegen.rendering.machines.feeds import feed_files
from sitegen.rendering.machines.sitemap import robots_variables, sitemap_files
from sitegen.rendering.machines.social_cards import social_card_files, social_card_problems
from sitegen.rendering.pictures.bundle_files import bare_content, bare_file, bundle_file, place_told
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.redirects import redirect_html
from sitegen.rendering.resources import published_resources, unpublished
from sitegen.rendering.static import GIVES_WAY, paths_of, stands_in, static_files
from sitegen.rendering.templating.templates import Templates, template_names
from sitegen.rendering.urls import absolute, page_folder, with_base
from sitegen.rendering.values import Page, RenderedFile, Site
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.site_view import SiteView

_ASKED: Final = frozenset(("asset", name, "") for name in ON_DEMAND)


def every_part(part: str) -> bool:  # noqa: ARG001 -- the parameter of all such
    """For `render`: the whole page."""
    return True


def render(
    page: Page,
    site: Site,
    templates: Templates,
    contents: Callable[[PageKey], str],
    config: Config,
    wanted: Callable[[str], bool] = every_part,
    known_pagers: int = 1,
) -> Iterator[RenderedFile]:
    """A page's files, each made when it is asked for: its HTML, pagers, feeds, redirects, figures and resources.

    Each has its `part`, what is made together, and with a recorder its `reads`: what making the part read of the
    site. What the page itself is, its place in the index (`facts.place_identity`) and its composed Page, is not among
    them: where that differs all its parts are to be made again.

    Parts are `html`, the pagers `html/2`, `html/3`, ..., `feed`, `redirect`, `beside` (figures, downloads, resources),
    and for pages of these kinds `sitemap`, `robots`, `llms`, `headers`, `opensearch`, `static` and `assets`. A template that fails gives a file that
    says so, with the diagnostic.

    Args:
        page: what is rendered.
        site: what templates may ask of.
        templates: of the build; its recorder is told what is read.
        contents: loads another page's composed content, for feeds.
        config: the site's.
        wanted: whether a part is to be made.
        known_pagers: how many pagers the last build made of the page, the first among them. Where the first is made
            again, so is each that there was not before, whatever `wanted` says.
    """
    place = site.index.pages[page.key]
    view = templates.site_view(site, contents)
    recorder = templates.recorder
    if place.kind == "static":
        yield from _part("static", wanted, recorder, lambda: _static_files(view, templates))
    elif place.kind == "assets":
        yield from _part("assets", wanted, recorder, lambda: _asset_files(templates))
    elif place.output_path is None:
        yield from _part("beside", wanted, recorder, lambda: _bundle_files(page, place, view))
    elif place.kind == "sitemap":
        files = partial(_render_sitemap, page, place, view, templates)
        yield from _part("sitemap", wanted, recorder, lambda: _instead_of_static(files(), place, view))
    elif place.kind in _TEXTS:
        part, _ = _TEXTS[place.kind]
        yield from _part(part, wanted, recorder, lambda: _render_text(page, place, view, templates))
    else:
        yield from _render_html(page, place, view, templates, wanted, known_pagers)
        if place.kind == "404" or view.put_off.jobs:
            return
        feeds = partial(_render_feeds, page, place, view, templates)
        yield from _part("feed", wanted, recorder, lambda: _instead_of_static(feeds(), place, view))
        yield from _part("redirect", wanted, recorder, lambda: _redirects(place, config))
        yield from _part("beside", wanted, recorder, lambda: _beside(page, place, view))


def _part(
    part: str,
    wanted: Callable[[str], bool],
    recorder: Recorder,
    make: Callable[[], Iterable[RenderedFile]],
) -> tuple[RenderedFile, ...]:
    """The files of one part, if it is wanted, with what making them read."""
    if not wanted(part):
        return ()
    with recorder.collected() as noted:
        files = tuple(make())
    if not files:
        return ()
    reads = frozenset(noted)
    return tuple(replace(file, part=part, reads=reads) for file in files)


def _gives_way(place: IndexedPage, site: SiteView) -> bool:
    """Whether the author has written the file, as a static one."""
    return place.kind in GIVES_WAY and site.static_file(str(place.output_path)) is not None


def _instead_of_static(
    files: Iterable[RenderedFile], place: IndexedPage, site: SiteView
) -> Iterator[RenderedFile]:
    """The files, each with what is to be told where a static file of the same path is left out for it."""
    for file in files:
        static = site.left_out_for(file.path)
        if static is not None and file.path in paths_of(place, site.settings):
            told = stands_in(place, file.path, static, site.settings)
            file = replace(file, diagnostics=(*file.diagnostics, told))
        yield file


def _static_files(site: SiteView, templates: Templates) -> Iterator[RenderedFile]:
    """The static files, without those that a page stands in for."""
    recorder = templates.recorder
    for field in ("static_files", "stand_ins", "written_files"):
        recorder.read("site", "", field)
    for file in static_files(site.index, site.stand_ins, site.written):
        recorder.read("static", str(file.path))
        told = place_told(file.path, file.file, site.settings) if file.file is not None else None
        yield file if told is None else replace(file, diagnostics=(told,))


def _asset_files(templates: Templates) -> Iterator[RenderedFile]:
    """Every asset, but for those that go with the pages that name them; without a recorder nobody knows which do."""
    templates.recorder.read("asset", "")
    for name, asset in templates.assets.items():
        if name not in ON_DEMAND or templates.recorder is NO_RECORDER:
            yield RenderedFile(path=asset.path, digest=asset.digest, content=asset.content)


def _render_html(
    page: Page,
    place: IndexedPage,
    site: SiteView,
    templates: Templates,
    wanted: Callable[[str], bool],
    known_pagers: int,
) -> Iterator[RenderedFile]:
    """The page's HTML, and where its template paginates one file a pager and the redirect from the first."""
    if not is_html(place, templates.config):
        return

    def rendered(run: PagerRun[PageView]) -> Iterator[RenderedFile]:
        if _gives_way(place, site):
            return
        file = _render_pager(page, place, site, templates, run)
        has_card = run.number == 1 and bool(site.settings.params.get("social_cards"))
        if has_card and (told := social_card_problems(PageView(place.key, site, composed=page), site)):
            file = replace(file, diagnostics=(*file.diagnostics, *told))
        yield from _instead_of_static((file,), place, site)
        if has_card:  # its address is in the page: what changes one changes both
            yield from _card(page, place, site)
        if run.number == 1 and run.chosen is not None and not templates.config.pagination.disable_aliases:
            path = pager_output_path(place.output_path or PurePosixPath("index.html"), templates.config, 1)
            yield _redirect(place, path, templates.config)

    total = known_pagers
    if wanted("html"):
        first: PagerRun[PageView] = PagerRun()
        files = _part("html", wanted, templates.recorder, lambda: rendered(first))
        yield from _with_pictures(files, site)
        yield from _with_assets(files, templates)
        total = first.chosen.total if first.chosen is not None else 1
    for number in range(2, total + 1):
        part = f"html/{number}"
        is_wanted = wanted if number <= known_pagers else every_part
        run: PagerRun[PageView] = PagerRun(number=number)
        files = _part(part, is_wanted, templates.recorder, partial(rendered, run))
        yield from _with_pictures(files, site)
        yield from _with_assets(files, templates)


def _with_assets(files: tuple[RenderedFile, ...], templates: Templates) -> Iterator[RenderedFile]:
    """The assets that only some pages need, where the page of these files has named one."""
    if not files or _ASKED.isdisjoint(files[0].reads):
        return
    for name in sorted(ON_DEMAND & templates.assets.keys()):
        if ("asset", name, "") in files[0].reads:
            asset = templates.assets[name]
            yield RenderedFile(
                path=asset.path, digest=asset.digest, content=asset.content, part=files[0].part
            )


def _with_pictures(files: tuple[RenderedFile, ...], site: SiteView) -> Iterator[RenderedFile]:
    """The files of a part, and behind them, one after the other, the forms of pictures that its HTML names.

    What was wrong with pictures is told with this part, be it a pager or one that failed: the next can be another page's.
    None where pictures are put off: the page is rendered again.
    """
    pictures = site.used_pictures
    problems = pictures.problems() if pictures is not None else ()
    if files and problems:
        files = (replace(files[0], diagnostics=(*files[0].diagnostics, *problems)), *files[1:])
    if pictures is not None and site.put_off.jobs:
        if files and files[0].content is not None:
            pictures.forget(files[0].content.decode("utf-8", "replace"))
        return
    yield from files
    if pictures is not None and files and files[0].content is not None:
        for form in pictures.files_of(files[0].content.decode("utf-8", "replace")):
            yield replace(form, part=files[0].part)


def _render_pager(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates, run: PagerRun[PageView]
) -> RenderedFile:
    config = templates.config
    path = place.output_path or PurePosixPath("index.html")
    if run.number > 1:
        path = pager_output_path(path, config, run.number)
    view = PageView(place.key, site, composed=page, pager=run)
    variables = {"page": view, "site": site, "config": templates.settings}
    try:
        html = templates.text(template_names(place), variables, place)
    except TemplateError as error:
        return html_file(path, failure_html(error), place, config, (error.diagnostic,))
    if place.kind == "home" and not config.disable_generator_meta:
        html = with_generator(html)
    if run.chosen is not None:
        html = with_neighbours(html, run.chosen.previous, run.chosen.next)
    told = _told(page, place, view, site) if run.number == 1 else ()
    scales = templates.scales
    weigh = partial(scales.weigh, page=page, place=place, site=site) if scales is not None else None
    return html_file(path, html, place, config, told, weigh)


def _told(page: Page, place: IndexedPage, view: PageView, site: SiteView) -> tuple[Diagnostic, ...]:
    """What is wrong with the files that go with a page."""
    left_out: tuple[Diagnostic, ...] = ()
    if place.resources and page.summary.state is None:
        site.recorder.read("page", place.key, "written")
        left_out = unpublished(place, site.written)
    return (*view.enclosure_problems, *left_out)


def _render_feeds(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    formats = feed_formats(place, templates.config)
    if not formats:
        return
    folder = page_folder(place)
    text = _text_renderer(None, place, site, templates)
    try:
        feeds = feed_files(PageView(place.key, site, composed=page), site, templates.config, text)
    except TemplateError as error:
        yield page_file(folder / formats[0].file, failure_html(error).encode(), place, (error.diagnostic,))
        return
    for name, content in feeds:
        yield page_file(folder / name, content.encode(), place)


def _render_sitemap(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    path = place.output_path or PurePosixPath("sitemap.xml")
    try:
        for part, content in sitemap_files(path, site, _text_renderer(page, place, site, templates)):
            yield page_file(part, content, place)
    except TemplateError as error:
        yield page_file(path, b"", place, (error.diagnostic,))


_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "robotstxt": ("robots", "robots.txt"),
    "llmstxt": ("llms", "llms.txt"),
    "hostheaders": ("headers", "_headers"),
    "opensearch": ("opensearch", "opensearch.xml"),
}
"""Kinds of pages that are one file of text for machines, to the part's name and the template's."""


def _render_text(
    page: Page, place: IndexedPage, site: SiteView, templates: Templates
) -> Iterator[RenderedFile]:
    if _gives_way(place, site):
        return
    _, template = _TEXTS[place.kind]
    path = place.output_path or PurePosixPath(template)
    text = _text_renderer(page, place, site, templates)
    variables = robots_variables(site) if place.kind == "robotstxt" else {}
    try:
        yield page_file(path, text(template, variables).encode(), place)
    except TemplateError as error:
        yield page_file(path, b"", place, (error.diagnostic,))


def _text_renderer(
    page: Page | None, place: IndexedPage, site: SiteView, templates: Templates
) -> Callable[[str, Mapping[str, object]], str]:
    """Renders a template by name, with the variables that every page's template has."""
    shared = {
        "page": PageView(place.key, site, composed=page),
        "site": site,
        "config": templates.settings,
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
    return html_file(path, redirect_html(target, permalink, config.language), place, config)


def _beside(page: Page, place: IndexedPage, site: SiteView) -> Iterator[RenderedFile]:
    """What is published beside a page: its figures, its downloads and its bundle's files, but for what runs wrote."""
    folder = page_folder(place)
    for name, content in page.files.items():
        yield page_file(folder / name, bare_content(name, content, site.settings), place)
    for path, shared in page.shared.items():
        if isinstance(shared, bytes):
            yield RenderedFile(path=path, digest=Digest(digest_bytes(shared)), content=shared)
        else:
            site.recorder.read("file", str(site.settings.relative_to_root(shared)))
            bare = bare_file(shared, site.settings)
            if bare is None:
                yield RenderedFile(path=path, digest=Digest(digest_file(shared)), file=shared)
            else:
                yield RenderedFile(path=path, digest=Digest(digest_bytes(bare)), content=bare)
    yield from _bundle_files(page, place, site)


def _card(page: Page, place: IndexedPage, site: SiteView) -> Iterator[RenderedFile]:
    """The picture for shared links, where there is one."""
    folder = page_folder(place)
    for name, content in social_card_files(PageView(place.key, site, composed=page), site):
        yield page_file(folder / name, content, place)


def _bundle_files(page: Page, place: IndexedPage, site: SiteView) -> Iterator[RenderedFile]:
    resources = published_resources(place)
    if not resources:
        return
    site.recorder.read("page", place.key, "written")
    for resource in resources:
        if resource.file not in site.written:
            yield bundle_file(resource, place, page.content, site.settings, site.recorder)
