"""Included templates that give the same on every page: made once, with what making them read.

A row of a list depends on its page and on nothing else; a post stands in some six lists, and the footer on all pages.
Measured at 1,000 posts: a third of the CPU of rendering.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2.utils import missing
from markupsafe import Markup

from sitegen.rendering.views.page_view import PageView

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.runtime import Context

    from sitegen.rendering.recorder import RawFact, Recorder
    from sitegen.rendering.views.parts import ConfigView
    from sitegen.rendering.views.site_view import SiteView

MOST_KEPT: Final = 16 * 1024 * 1024
"""Characters, in one process: the rows of some 15,000 posts."""
_OVERHEAD: Final = 400
"""Of one of them beside its text, in the same unit."""
_FEW: Final = 8
"""Pages that are looked at in a tuple: what is above a page, not what is in a list."""
_PLAIN: Final = (str, Markup, bool, int, type(None), type(missing))


class _Made(NamedTuple):
    """What an included template gave, and what making it read."""

    html: str
    owner: str
    """Key of a page."""
    fields: frozenset[str]
    """What was read of that page; one object for all that read the same, as `others` is."""
    others: frozenset[RawFact]


class KeptPartials:
    """Those of one site, in one process.

    A template is kept by the values of the names that it looks up outside itself (`bytecode.free_names`), if each is a
    page that is not the one being rendered, or a few of them, the site, the configuration, a global function or a plain value. Where there
    is no more room, no more are kept: lists are read from their beginning, so what is oldest is what the next list asks for.
    """

    def __init__(
        self, site: SiteView, config: ConfigView, recorder: Recorder, *, most: int = MOST_KEPT
    ) -> None:
        """None yet.

        Args:
            site: whose pages may be in them.
            config: what templates have by that name.
            recorder: is told what making one read, on each page that it stands on.
            most: characters to be kept.
        """
        self._site = site
        self._recorder = recorder
        self._left = most
        self._same: Mapping[int, str] = {id(site): "site", id(config): "config"}
        self._alive = (site, config)
        self._made: dict[tuple[object, ...], _Made] = {}
        self._shared: dict[object, Any] = {}

    def html(
        self, template: Template, names: Iterable[str], context: Context, local: Mapping[str, Any]
    ) -> str:
        """What the template gives, made now or before; a read that it takes is noted in either case.

        Args:
            template: included.
            names: that it looks up.
            context: of the template that includes it.
            local: names of that template's own, which go before the context's.
        """
        key = self._key(template, names, context, local)
        if key is None:
            return rendered(template, context, local)
        made = self._made.get(key)
        if made is None:
            passing = self._passing()
            with self._recorder.collected() as reads:
                html = rendered(template, context, local)
            made = self._packed(html, reads, key)
            if self._left > 0 and self._passing() == passing:
                self._made[key] = made
                self._left -= len(html) + _OVERHEAD
        owner = made.owner
        self._recorder.repeat(made.others)
        self._recorder.repeat([("page", owner, field) for field in made.fields])
        return made.html

    def _key(
        self, template: Template, names: Iterable[str], context: Context, local: Mapping[str, Any]
    ) -> tuple[object, ...] | None:
        """What the template's text depends on; None where that cannot be told."""
        site, globals_ = self._site, context.environment.globals
        if site.recorder is not self._recorder:
            return None
        parts: list[object] = [template.name]
        for name in names:
            value = local.get(name, missing)
            if value is missing:
                value = context.resolve_or_missing(name)
            kind = type(value)
            if kind is PageView:
                if not value.is_of(site):
                    return None
                parts += (kind, value.key)
            elif kind is tuple and len(value) <= _FEW and all(type(each) is PageView for each in value):
                if not all(each.is_of(site) for each in value):
                    return None
                parts += (kind, tuple(each.key for each in value))
            elif kind in _PLAIN:
                parts += (kind, value)
            elif id(value) in self._same:
                parts.append(self._same[id(value)])
            elif value is not globals_.get(name, missing) or hasattr(value, "jinja_pass_arg"):
                return None
        return tuple(parts)

    def _passing(self) -> int:
        """How much pictures have given to the page being rendered alone: what is made with that is made for each page."""
        pictures = self._site.used_pictures
        return 0 if pictures is None else pictures.passing

    def _packed(self, html: str, reads: Iterable[RawFact], key: tuple[object, ...]) -> _Made:
        """The facts of one page by their fields, which most rows have in common."""
        owner = next((str(part) for kind, part in pairwise(key) if kind is PageView), "")
        fields: set[str] = set()
        others: set[RawFact] = set()
        for fact in reads:
            if fact[0] == "page" and fact[1] == owner:
                fields.add(fact[2])
            else:
                others.add(fact)
        return _Made(html, owner, self._one(frozenset(fields)), self._one(frozenset(others)))

    def _one(self, facts: frozenset[Any]) -> frozenset[Any]:
        same: frozenset[Any] = self._shared.setdefault(facts, facts)
        return same


def rendered(template: Template, context: Context, local: Mapping[str, Any]) -> str:
    """An included template's text."""
    inner = template.new_context(context.get_all(), True, dict(local))
    return "".join(template.root_render_func(inner))
