"""Included templates that are made once: the same text, and the same reads on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jinja2 import UndefinedError

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.frozen import FrozenDict
from sitegen.rendering.lists.pagination import PagerRun
from sitegen.rendering.recorder import RawFact, Reads
from sitegen.rendering.templating.kept_partials import KeptPartials
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.values import Site
from sitegen.rendering.views.page_view import PageView
from sitegen.rendering.views.site_view import SiteView
from sitegen.results.ledger import Ledger

WriteTemplate = Callable[[str, str], None]
LIST = '{% for item in site.home.pages %}{% set n = loop.index %}{% include "row.html" %}{% endfor %}'


class Pages:
    """A site of two posts whose templates are rendered by name."""

    def __init__(self, config: Config, index: SiteIndex) -> None:
        self.reads = Reads()
        self.templates = Templates(config, self.reads)
        site = Site(index=index, ledger=Ledger(entries=FrozenDict()), summaries=FrozenDict())
        self.site: SiteView = self.templates.site_view(site, lambda _: "")

    def keep(self, most: int | None) -> None:
        """Keep so many characters; None: as without."""
        made = (
            None if most is None else KeptPartials(self.site, self.templates.settings, self.reads, most=most)
        )
        self.templates.environment.kept = made

    def show(self, page: str = "/posts/a", name: str = "list.html") -> tuple[str, set[RawFact]]:
        """What a template gives on a page, and what it reads."""
        view = PageView(PageKey(page), self.site, pager=PagerRun())
        variables = {"page": view, "site": self.site, "config": self.templates.settings}
        with self.reads.collected() as noted:
            html = self.templates.environment.get_template(name).render(variables)
        return html, set(noted)


@pytest.fixture
def pages(
    config: Config, make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex]
) -> Pages:
    """Two posts that home lists."""
    return Pages(config, make_index(make_place("/", "home"), make_place("/posts/a"), make_place("/posts/b")))


def test_a_row_is_made_once_and_read_by_every_page(
    pages: Pages, write_template: WriteTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second page takes it as it is, and has read what making it read."""
    write_template("list.html", LIST)
    write_template(
        "row.html", '{% from "words.html" import word %}{{ word }}{{ item.title }}{{ site.title }}'
    )
    write_template("words.html", "{% set word = asset_text is defined %}")
    first = pages.show("/posts/a")
    monkeypatch.setattr(PageView, "title", property(lambda _: "another"))

    second = pages.show("/posts/b")

    assert first == second
    assert first[0] == "TrueAA siteTrueBA site"
    read = {("page", "/posts/a", "title"), ("page", "/posts/b", "title"), ("site", "", "title")}
    assert first[1] >= read | {("template", "row.html", ""), ("template", "words.html", "")}


@pytest.mark.parametrize(
    "row",
    [
        "{{ item.title }}",
        "{{ page.title }}{{ item.url }}",
        "{{ page.is_home }}{{ n }}{{ item.title }}",
        "{{ loop is defined }}{{ given | default('none') }}",
        "{{ url(item.url) }}{{ config.title }}{{ site.home.title }}",
        "{% set x = item.url %}{{ x }}{{ config.params.hero is defined }}",
        '{% include "inner.html" %}',
        '{% import "inner.html" as inner with context %}{{ inner.shown }}',
        '{% from "words.html" import word %}{{ word }}{{ item.url }}',
        "{% block all %}{{ page.title }}{% endblock %}",
        "{% macro m(x) %}{{ x }}{{ page.key }}{% endmacro %}{{ m(item.title) }}",
        "{% set seen.last = item.title %}{{ seen.last }}",
        "{{ site.pages }}{{ item.date | date }}",
        "{% for each in [item, page] %}{{ each.title }}{% endfor %}",
    ],
)
def test_what_is_kept_is_what_is_made(pages: Pages, write_template: WriteTemplate, row: str) -> None:
    """Whatever a partial takes from the page that it stands on, the same text and reads as without."""
    write_template("list.html", "{% set seen = namespace(last=page.key) %}" + LIST + "{{ seen.last }}")
    write_template("row.html", row)
    write_template("words.html", "{% set word = 'w' %}")
    write_template(
        "inner.html", "{% set shown = page.title | default('') %}{{ item.title | default(page.key) }}"
    )
    shows = [("/posts/a", "list.html"), ("/posts/b", "list.html"), ("/posts/b", "list.html")]
    pages.keep(None)
    plain = [pages.show(*each) for each in shows]

    for most in (0, 1, 1_000_000):
        pages.keep(most)
        assert [pages.show(*each) for each in shows] == plain


def test_a_name_that_is_shadowed_is_another_value(pages: Pages, write_template: WriteTemplate) -> None:
    """A function of all templates is no more what it was where a template sets a variable of its name."""
    write_template("list.html", LIST)
    write_template("other.html", "{% set absolute = 'x' %}" + LIST)
    write_template("row.html", "{{ absolute is string }}{{ item.title }}")

    assert pages.show(name="list.html")[0] == "FalseAFalseB"
    assert pages.show(name="other.html")[0] == "TrueATrueB"


def test_a_row_that_fails_is_not_kept(pages: Pages, write_template: WriteTemplate) -> None:
    """It fails on every page, and names its own line."""
    write_template("list.html", LIST)
    write_template("row.html", "{{ item.title }}\n{{ item.nothing }}")

    for page in ("/posts/a", "/posts/b"):
        with pytest.raises(UndefinedError, match="nothing"):
            pages.show(page)


def test_rows_beyond_the_room_are_made_each_time(
    pages: Pages, write_template: WriteTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is thrown away for them."""
    write_template("list.html", LIST)
    write_template("row.html", "{{ item.title }}")
    pages.keep(1)
    pages.show()
    monkeypatch.setattr(PageView, "title", property(lambda _: "another"))

    assert pages.show()[0] == "Aanother"
