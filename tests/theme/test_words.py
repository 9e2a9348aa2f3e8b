"""No template or script of the theme has words of its own: what readers read comes from the tables of strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from jinja2 import Environment, nodes

from sitegen.config.words import theme_table
from sitegen.rendering.assets import theme_folder

TEMPLATES: Final = theme_folder() / "templates"
READ: Final = frozenset({"aria-label", "alt", "title", "placeholder", "label", "value", "aria-description"})
"""Attributes whose value is read to somebody, beside `data-*` with more than one word."""
FOR_MACHINES: Final = frozenset({"_headers", "robots.txt", "sitemap.xml", "sitemapindex.xml"})
"""Templates that no reader sees."""
NAMES: Final = frozenset(
    [
        "atom",
        "rss",
        "bibtex",
        "cuda",
        "cpu",
        "python",
        "pytorch",
        "utc",
        "gist",
        "sitegen",
        "n",
        "utf",
        "provenance.json",
    ]
)
"""Called so in every language: formats, programs, the sign of a count, an encoding; and a file's name."""
CLASSES: Final = {"slides/page.html": frozenset({"slides"})}
"""Words that stand in a block of their own and yet in an attribute: of `body_class`."""
SCHEMA: Final = frozenset(
    {"BreadcrumbList", "Event", "ListItem", "Person", "Place", "SearchAction", "EntryPoint", "WebSite"}
)
"""Types of schema.org, in JSON-LD."""
_TAG: Final = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?(?:</\1>|\Z)|<[^<>]*>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z.]+|\b[a-zA-Z]\b")
_IN_WORDS: Final = re.compile(r"[A-Z][a-z]+|[A-Za-z]+ [A-Za-z]+")


def _templates() -> list[Path]:
    return [path for path in sorted(TEMPLATES.rglob("*")) if path.is_file() and path.name not in FOR_MACHINES]


def _written(source: str) -> str:
    """A template without comments and what Jinja computes; a character of its own stands where a value is printed."""
    parts: list[str] = []
    for _, kind, value in Environment(autoescape=True).lex(source):
        if kind == "data":
            parts.append(value)
        elif kind == "variable_begin":
            parts.append("\0")
    return "".join(parts)


def _read_by_somebody(html: str) -> Iterator[str]:
    """The text between tags, and the values of attributes that are read."""
    yield re.sub(r"&#?\w+;", " ", _TAG.sub(" ", html))
    for tag in _TAG.finditer(html):
        for name, value in _ATTRIBUTE.findall(tag[0]):
            if name in READ or (name.startswith("data-") and " " in value):
                yield value


def _said_in_expressions(source: str) -> Iterator[str]:
    """Texts within expressions that look like words for readers; what `fail` says is for the author."""
    template = Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(
        source
    )
    for_authors = {
        id(each)
        for call in template.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "fail"
        for each in call.find_all(nodes.Const)
    }
    compared = {id(each) for test in template.find_all(nodes.Compare) for each in test.find_all(nodes.Const)}
    for constant in template.find_all(nodes.Const):
        value = constant.value
        if id(constant) in for_authors | compared or not isinstance(value, str):
            continue
        if _IN_WORDS.match(value) and value not in SCHEMA and "<" not in value and ";" not in value:
            yield value


@pytest.mark.parametrize("path", _templates(), ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_has_no_word_of_its_own(path: Path) -> None:
    """What it says it asks for, so that a site in another language says nothing in English."""
    source = path.read_text(encoding="utf-8")
    allowed = NAMES | CLASSES.get(path.relative_to(TEMPLATES).as_posix(), frozenset())

    words = [
        word
        for text in _read_by_somebody(_written(source))
        for word in _WORD.findall(text)
        if word.lower().strip(".") not in allowed
    ]

    assert [*words, *_said_in_expressions(source)] == []


def test_the_look_at_templates_sees_words() -> None:
    """In text, in attributes that are read, and in expressions; not in comments, names and styles."""
    source = (
        '{# A comment #}<p class="some class" aria-label="Seen">{{ t("page.home") }} seen'
        '<style>.no { color: red }</style>{{ "Also Seen" if x else "" }}</p>'
    )

    found = [word for text in _read_by_somebody(_written(source)) for word in _WORD.findall(text)]

    assert (found, list(_said_in_expressions(source))) == (["seen", "Seen"], ["Also Seen"])


def test_scripts_and_styles_say_what_the_english_table_does() -> None:
    """Where a page gives them no other words, they have those of English."""
    english = theme_table("en")
    script = (theme_folder() / "assets" / "site.js").read_text(encoding="utf-8")
    style = (theme_folder() / "assets" / "site.css").read_text(encoding="utf-8")

    modes = ", ".join(f'"{name}"' for name in str(english["mode.names"]).split())

    assert f'root.dataset.close || "{english["script.close"]}"' in script
    assert f"var modes = [{modes}];" in script
    assert f'.output-error::before {{ content: "{english["cell.error"]}"; }}' in style


def test_every_string_is_said_somewhere() -> None:
    """A key that nothing asks for is work for translators; those that are put together have their group named."""
    package = theme_folder().parent
    folders = [package / name for name in ("rendering", "markdown", "content", "theme/templates")]
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html", ".xml", ".txt"}
    )
    put_together = {
        "cell",
        "curve",
        "cv",
        "explanation",
        "locator",
        "locators",
        "note",
        "numbers",
        "page",
        "papers",
        "provenance",
        "state",
        "text",
    }

    unused = [
        key
        for key in theme_table("en")
        if f'"{key}"' not in text and key.partition(".")[0] not in put_together
    ]

    assert unused == []
