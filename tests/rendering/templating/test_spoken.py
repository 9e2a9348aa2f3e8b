"""Texts of the site's language in templates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError
from markupsafe import Markup

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.frozen import FrozenDict
from sitegen.rendering.recorder import NO_RECORDER
from sitegen.rendering.templating.bytecode import KeptBytecode
from sitegen.rendering.templating.environment import RecordingEnvironment, make_environment


def _environment(root: Path, words: Words) -> RecordingEnvironment:
    config = Config(root=root, now=datetime(2026, 1, 1, tzinfo=UTC), words=words)
    return make_environment(config, {}, NO_RECORDER)


@pytest.fixture
def english(tmp_path: Path) -> RecordingEnvironment:
    """The environment of a site in English."""
    return _environment(tmp_path, Words())


@pytest.fixture
def russian(tmp_path: Path) -> RecordingEnvironment:
    """The environment of a site in Russian."""
    return _environment(tmp_path, Words(language="ru"))


def test_a_text_costs_what_its_letters_cost(english: RecordingEnvironment) -> None:
    """What is compiled is the same as of a template in which the text is written."""
    asked = english.compile(
        '<a>{{ t("page.skip") }}</a> {{ t("page.minutes", count=n) }}', "a.html", raw=True
    )
    written = english.compile("<a>Skip to content</a> {{ n }} min read", "a.html", raw=True)

    assert asked == written


def test_values_are_escaped_once(english: RecordingEnvironment) -> None:
    """What is HTML already stays, the rest is escaped; so it is where the text has plural forms."""
    template = english.from_string(
        '{{ t("page.more_in", title=a) }}|{{ t("home.ledger", count=2, numbers=b, date=a) }}'
    )

    html = template.render(a="<x>", b=Markup("<b>3</b>"))

    assert html == (
        "More in &lt;x&gt;|2 pages of this site run their own code and report <b>3</b>."
        " The oldest run is of &lt;x&gt;."
    )


def test_a_count_chooses_the_form(russian: RecordingEnvironment) -> None:
    """While the page is rendered: only then the count is known."""
    template = russian.from_string('{% for n in (1, 2, 5) %}{{ t("page.cells", count=n) }};{% endfor %}')

    assert template.render() == "1 ячейка;2 ячейки;5 ячеек;"


def test_a_text_may_be_part_of_an_expression(russian: RecordingEnvironment) -> None:
    """As an argument, as a default, and by a name that a variable has."""
    template = russian.from_string(
        '{{ none or t("page.home") }}, {{ t("state." ~ state) }}, {{ {"a": t("list.all")}["a"] }}'
    )

    assert template.render(state="failed") == "Главная, сбой, Все"


def test_an_unknown_text_is_an_error_with_its_line(english: RecordingEnvironment) -> None:
    """Before a page is rendered; the message names the near match."""
    with pytest.raises(TemplateSyntaxError) as caught:
        english.compile('<p>\n{{ t("page.hom") }}', "a.html", "a.html")

    assert caught.value.lineno == 2
    assert str(caught.value.message) == "unknown string `page.hom`; did you mean `page.home`?"


def test_an_unknown_name_of_a_variable_is_told_too(english: RecordingEnvironment) -> None:
    """While the page is rendered."""
    template = english.from_string('{{ t("state." ~ state) }}')

    with pytest.raises(LookupError, match=r"unknown string `state\.fresh`"):
        template.render(state="fresh")


@pytest.mark.parametrize(
    "template",
    [
        '{% macro t(x) %}[{{ x }}]{% endmacro %}{{ t("page.home") }}',
        '{% for t in (f,) %}{{ t("page.home") }}{% endfor %}',
        '{% set t = f %}{{ t("page.home") }}',
    ],
)
def test_a_template_may_have_a_t_of_its_own(english: RecordingEnvironment, template: str) -> None:
    """The name is the template's, where it gives it to something else."""
    html = english.from_string(template).render(f=lambda text: f"[{text}]")

    assert html == "[page.home]"


def test_kept_bytecode_holds_for_its_words(tmp_path: Path) -> None:
    """Another language has files of its own; other words of a language take the place of the last ones."""
    own = Words(language="de", own=FrozenDict({"page.home": "Zuhause"}))
    german, changed, russian = (
        KeptBytecode(tmp_path, words) for words in (Words(language="de"), own, Words(language="ru"))
    )

    keys = {each.get_cache_key("a.html") for each in (german, changed, russian)}
    checksums = {each.get_source_checksum("x") for each in (german, changed, russian)}

    assert (len(keys), len(checksums)) == (2, 3)
    assert german.get_cache_key("a.html") == changed.get_cache_key("a.html")
