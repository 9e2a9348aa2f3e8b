"""Compiled templates kept from build to build: used when they hold, never otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from jinja2.compiler import CodeGenerator
from markupsafe import Markup

from sitegen.config import Config
from sitegen.rendering.recorder import NoRecorder
from sitegen.rendering.templating import bytecode
from sitegen.rendering.templating.environment import RecordingEnvironment, make_environment

WriteTemplate = Callable[[str, str], None]


def rendered(config: Config, name: str = "page.html") -> str:
    """What a new environment, as of a new build, makes of a template."""
    return make_environment(config, {}, NoRecorder()).get_template(name).render()


def kept(config: Config) -> set[Path]:
    """The files of compiled templates."""
    return set((config.root / config.state_dir / "cache" / "templates").iterdir())


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The output nodes that are compiled: empty where every template's code was kept."""
    found: list[str] = []
    compile_output = bytecode.PlainCodeGenerator.visit_Output

    def note(generator: bytecode.PlainCodeGenerator, *parts: object) -> None:
        found.append(str(generator.name))
        compile_output(generator, *parts)  # type: ignore[arg-type]

    monkeypatch.setattr(bytecode.PlainCodeGenerator, "visit_Output", note)
    return found


def test_second_build_compiles_nothing(
    config: Config, write_template: WriteTemplate, compiled: list[str]
) -> None:
    """A template that has not changed is taken as it was compiled."""
    write_template("page.html", "<p>{{ 1 + 1 }}</p>")
    first = rendered(config)
    compiled.clear()

    second = rendered(config)

    assert (first, second) == ("<p>2</p>", "<p>2</p>")
    assert compiled == []


def test_edited_template_takes_the_place_of_its_last_version(
    config: Config, write_template: WriteTemplate
) -> None:
    """An edit is seen at once, and leaves no file behind."""
    write_template("page.html", "before")
    rendered(config)
    files = kept(config)

    write_template("page.html", "after")

    assert rendered(config) == "after"
    assert kept(config) == files


def test_constants_follow_the_configuration(config: Config, write_template: WriteTemplate) -> None:
    """What a filter gives for a constant is not compiled in: another base URL gives other links."""
    write_template("page.html", '{{ "/posts/" | absolute }} {{ ("/" | absolute) ~ "!" }}')
    rendered(config)

    moved = rendered(replace(config, base_url="https://example.com/"))

    assert moved == "https://example.com/posts/ https://example.com/!"


def test_another_compiler_compiles_again(
    config: Config, write_template: WriteTemplate, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code of another version of Jinja is not run."""
    write_template("page.html", "text")
    rendered(config)
    compiled.clear()
    monkeypatch.setattr(jinja2, "__version__", "0")

    rendered(config)

    assert compiled == ["page.html"]


def test_damaged_file_is_compiled_again(config: Config, write_template: WriteTemplate) -> None:
    """A file that a full disk cut off costs a compilation, not the build."""
    write_template("page.html", "text")
    rendered(config)
    (file,) = kept(config)
    whole = file.read_bytes()

    for size in {*range(0, len(whole), len(whole) // 20), len(whole) - 1}:
        file.write_bytes(whole[:size])
        assert rendered(config) == "text"


def test_folder_that_cannot_be_written(config: Config, write_template: WriteTemplate) -> None:
    """Then nothing is kept, and the page is there all the same."""
    write_template("page.html", "text")
    state = config.root / config.state_dir
    state.mkdir()
    (state / "cache").write_text("a file is in the way", encoding="utf-8")

    assert rendered(config) == "text"


class _Shown:
    """What an author's template may meet: attributes, items, and HTML of its own."""

    title = "a < b"
    nothing = None
    number = 3
    html = Markup("<b>")

    def __getitem__(self, name: str) -> str:
        return f"item {name}"

    def __html__(self) -> str:
        return "<i>"


@pytest.mark.parametrize("name", ["page.html", "page.txt"])
def test_compiled_code_does_what_jinjas_does(
    config: Config, write_template: WriteTemplate, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Escaped or not: attributes, blocks, includes, macros, loops, captured text and names that are not there."""
    write_template("part.html", "[{{ it.title }}{{ loop.index }}]")
    write_template(
        "base.html",
        "{% block a %}{{ it.title }}{% endblock %}{% for each in it.html, it %}"
        "{% block b scoped %}{{ each }}{% endblock %}{% endfor %}{% if it.number %}{% block c %}{% endblock %}{% endif %}",
    )
    write_template(
        name,
        "{% extends 'base.html' %}{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}"
        "{% block a %}{{ super() }}{% for i in [it.nothing, it.number] %}{{ i }}{% include 'part.html' %}{% endfor %}"
        "{% set text %}{{ it.title }}{% include ['no.html', 'part.html'] %}{% endset %}{{ text }}{{ text|length }}"
        "{% call m(it.title) %}{{ it.elsewhere }}{% endcall %}{{ it.lost is defined }}{% endblock %}"
        "{% block c %}{{ it }}{{ self.b is defined }}{% filter upper %}{{ it.title }}{% endfilter %}"
        "{% include 'no.html' ignore missing %}{% autoescape false %}{{ it.title }}{% endautoescape %}{% endblock %}",
    )
    shown = {"it": _Shown(), "loop": {"index": 0}}

    ours = make_environment(config, {}, NoRecorder()).get_template(name).render(shown)
    monkeypatch.setattr(RecordingEnvironment, "code_generator_class", CodeGenerator)
    others = replace(config, state_dir=config.root / "elsewhere")
    theirs = make_environment(others, {}, NoRecorder()).get_template(name).render(shown)

    assert ours == theirs
    assert "item elsewhere" in ours
