"""The templates of a build: which one a page has, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jinja2 import TemplatesNotFound

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, SourceLocation, TemplateError
from sitegen.rendering.assets import Asset, load_assets
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.templating.environment import RecordingEnvironment, make_environment
from sitegen.rendering.templating.kept_partials import KeptPartials
from sitegen.rendering.templating.template_errors import template_diagnostic
from sitegen.rendering.values import Site
from sitegen.rendering.views.site_view import SiteView, config_view

if TYPE_CHECKING:
    from jinja2 import Template

    from sitegen.rendering.loading.budget import Scales

_LISTS = ("section", "taxonomy", "term")
_ARCHIVES = frozenset({"archive", "archives"})


class Templates:
    """The templates and assets of a build: found and compiled once."""

    def __init__(self, config: Config, recorder: Recorder | None = None) -> None:
        """Find them.

        Args:
            config: the site's.
            recorder: is told what is read.
        """
        self.config = config
        self.recorder: Recorder = recorder or NO_RECORDER
        self.assets: Mapping[str, Asset] = load_assets(config)
        self.environment: RecordingEnvironment = make_environment(config, self.assets, self.recorder)
        self.settings = config_view(config, self.recorder)
        """What templates have as `config`."""
        self.scales: Scales | None = None
        """Where the site has a budget."""
        if config.budget is not None:
            from sitegen.rendering.loading.budget import Scales

            self.scales = Scales(config.budget, config, self.assets)
        self._site_view: tuple[Site, SiteView] | None = None

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
                related=site.related,
            )
            self._site_view = (site, view)
            self.environment.kept = KeptPartials(view, self.settings, self.recorder)
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
        """What the page says of it; the build tells a line that fails on every page once (`build/missing.py`)."""
        return TemplateError(template_diagnostic(error, self.config, code="SG401", page=page))


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
    if place.meta.type.lower() == "search":
        names[-1:-1] = ["search.html"]
    return tuple(dict.fromkeys(names))


def location_of(place: IndexedPage) -> SourceLocation | None:
    """The file that a page comes from; None where there is none."""
    return SourceLocation(path=place.source.path) if place.source else None
