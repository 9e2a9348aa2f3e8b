"""What templates may call: filters, and functions that they find as global names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from jinja2 import pass_context
from markupsafe import Markup

from sitegen.config import Config
from sitegen.rendering.assets import Asset, find_asset
from sitegen.rendering.dates import date_in
from sitegen.rendering.fragments import inline_markdown
from sitegen.rendering.lists import groups
from sitegen.rendering.machines.social_cards import social_card_url
from sitegen.rendering.machines.structured_data import structured_data
from sitegen.rendering.pictures.covers import cover
from sitegen.rendering.recorder import Recorder
from sitegen.rendering.templating import filters
from sitegen.rendering.templating.page_filters import PAGE_FILTERS, partial_date
from sitegen.rendering.templating.spoken import told_in
from sitegen.rendering.urls import absolute, with_base
from sitegen.rendering.views.page_view import PageView

if TYPE_CHECKING:
    from jinja2.runtime import Context

_NO_MARKUP: Final = Markup()


def template_filters(config: Config) -> dict[str, Any]:
    """The filters of a build, by name."""
    date = date_in(config.words)
    return {
        "date": date,
        "isodate": filters.isodate,
        "rfc822": filters.rfc822,
        "plain": filters.plain,
        "prose": filters.prose,
        "jsonify": filters.jsonify,
        "number": filters.number,
        "xml_escape": filters.xml_escape,
        **PAGE_FILTERS,
        "partial_date": partial(partial_date, write=date),
        "by_date": partial(groups.by_date, write=date),
        "by_count": groups.by_count,
        "alphabetical": groups.alphabetical,
        "markdownify": lambda text: Markup(inline_markdown(str(text), config)),  # noqa: S704 -- the author's Markdown
        **_addresses(config),
    }


def template_functions(
    config: Config, assets: Mapping[str, Asset], recorder: Recorder
) -> dict[str, Callable[..., Any]]:
    """The functions of a build, by name; `recorder` is told which assets are asked for."""

    def asset(name: str) -> str:
        recorder.read("asset", name)
        return find_asset(assets, name).url

    def asset_text(name: str) -> Markup:
        recorder.read("asset", name, "text")
        return Markup(find_asset(assets, name).content.decode("utf-8").strip())  # noqa: S704 -- the theme's

    digests: dict[str, Markup] = {}

    def asset_integrity(name: str) -> Markup:
        if not config.sri or config.relative_urls:  # from `file://` nothing could be loaded
            return _NO_MARKUP
        recorder.read("asset", name, "text")
        if name not in digests:
            digests[name] = Markup(f' integrity="{find_asset(assets, name).integrity}"')  # noqa: S704 -- base64
        return digests[name]

    return {
        "asset": asset,
        "asset_text": asset_text,
        **_addresses(config),
        "structured_data": _structured_data,
        "social_card": _social_card,
        "cover": _cover,
        "t": told_in(config.words),
        "asset_integrity": asset_integrity,
    }


def _addresses(config: Config) -> dict[str, Callable[..., str]]:
    """What is a filter and a function."""
    return {"url": partial(with_base, config), "absolute": partial(absolute, config)}


@pass_context
def _structured_data(context: Context, page: PageView, picture: str = "") -> dict[str, object] | None:
    return structured_data(page, context["site"], picture)


@pass_context
def _cover(context: Context, page: PageView, alt: str = "", *, is_first: bool = False) -> Markup:
    return cover(page, context["site"], alt, is_first=is_first)


@pass_context
def _social_card(context: Context, page: PageView) -> str:
    return social_card_url(page, context["site"])
