"""Front-matter values of which the theme shows other things of the site: blocks of the home page, headline numbers.

Templates ask for them here so that a wrong one is told at the author's line, and not at the template's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from jinja2 import Environment, TemplateNotFound

from sitegen.content.front_places import place_of_keys
from sitegen.errors import Diagnostic, TemplateError, did_you_mean, near_match

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_BLOCKS: Final = "partials/blocks/"
_SETTINGS: Final = ("block", "title", "count", "section")
"""What an entry of `blocks` may say to the theme's own blocks; a block of the site may read other keys."""


def home_blocks(environment: Environment, page: PageView) -> list[dict[str, Any]]:
    """What the front matter's `blocks` asks for: a table each, with `block` and `id`, which no other one has.

    Raises:
        TemplateError: SG417; an entry names no block, or one that does not exist.
    """
    entries = page.params["blocks"]
    if not isinstance(entries, list | tuple):
        _wrong(page, "blocks", f"`blocks` is not a list: {entries!r}", 'write `blocks = ["hero", "posts"]`')
    seen: set[str] = set()
    blocks: list[dict[str, Any]] = []
    for number, entry in enumerate(entries, 1):
        block = _block(environment, page, entry)
        name = block["block"]
        blocks.append({**block, "id": f"home-{name}-{number}" if name in seen else f"home-{name}"})
        seen.add(name)
    return blocks


def _block(environment: Environment, page: PageView, entry: object) -> dict[str, Any]:
    block = dict(entry) if isinstance(entry, Mapping) else {"block": entry}
    name = block.get("block")
    if not isinstance(name, str) or not name:
        _wrong(
            page,
            "blocks",
            f"an entry of `blocks` names no block: {_written(entry)}",
            'write a name, or a table such as `{ block = "posts", count = 5 }`',
        )
    template = f"{_BLOCKS}{name}.html"
    try:
        environment.get_template(template)
    except TemplateNotFound as error:
        if error.name != template:
            raise
        known = [path.removeprefix(_BLOCKS).removesuffix(".html") for path in environment.list_templates()
                 if path.startswith(_BLOCKS)]  # fmt: skip
        near = did_you_mean(name, known)
        _wrong(page, "blocks", f"`blocks` names `{name}`, and there is no block `{template}`", near, name)
    count = block.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        _wrong(
            page,
            "blocks",
            f"`count` of the block `{name}` is {count!r}, and no whole number from 1 on",
            "write it as `count = 5`",
            "count",
        )
    for key in block:
        near_key = None if key in _SETTINGS else near_match(key, _SETTINGS)
        if near_key is not None:
            message = f"the block `{name}` has no setting `{key}`"
            _wrong(page, "blocks", message, f"did you mean `{near_key}`?", str(key))
    return block


def headline_numbers(page: PageView) -> list[tuple[PageView, Any]]:
    """The numbers that the front matter's `headline_metrics` names, each with the page that it was measured on.

    A page that has no results yet gives none: what it will report is not known.

    Raises:
        TemplateError: SG417; a name is of no page, or of a page that reported other numbers.
    """
    written = page.params["headline_metrics"]
    names = [written] if isinstance(written, str) else written
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        message = f"`headline_metrics` is not a list of names: {_written(written)}"
        _wrong(page, "headline_metrics", message, 'write `headline_metrics = ["posts/ppo/mean_return"]`')
    found: list[tuple[PageView, Any]] = []
    for name in names:
        owner, _, metric = name.strip("/").rpartition("/")
        source = page._site.get_page(f"/{owner}") if owner else page
        if source is None:
            from sitegen.rendering.templating.shortcode_tools import did_you_mean_page

            message = f"`headline_metrics` names `{name}`, and there is no page `{owner}`"
            _wrong(page, "headline_metrics", message, did_you_mean_page(f"/{owner}", page._site.index), name)
        metrics = source.metrics
        if not metrics:
            continue
        number = next((each for each in metrics if each.name == metric), None)
        if number is None:
            reported = did_you_mean(metric, [each.name for each in metrics])
            message = f"`headline_metrics` names `{metric}`, and no cell of `{source.key}` reports it"
            _wrong(page, "headline_metrics", message, reported, name)
        found.append((source, number))
    return found


def _written(value: object) -> str:
    return repr(dict(value)) if isinstance(value, Mapping) else repr(value)


def _wrong(page: PageView, key: str, message: str, hint: str, text: str = "") -> NoReturn:
    place = page._place
    location = None
    if place.source is not None:
        location = place_of_keys(place.source, (key,), place.meta.lines, place.meta.nested, text)
    raise TemplateError(
        Diagnostic(code="SG417", severity="error", message=message, location=location, hint=hint)
    )
