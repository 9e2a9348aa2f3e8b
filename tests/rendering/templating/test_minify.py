"""White space of templates: what browsers drop goes, all else stays."""

from __future__ import annotations

import pytest
from jinja2 import Environment
from jinja2.nodes import TemplateData

from sitegen.rendering.templating.minify import minified

ENVIRONMENT = Environment(autoescape=True)
GROWING = "\u0130" * 20
"""Each is two letters in lower case."""
KEPT = "<pre>12 <b>a</b>\n\n <i>b</i></pre>"


def _short(text: str, name: str = "page.html") -> str:
    """The template's texts with `|` for each value and statement between them."""
    template = minified(ENVIRONMENT.parse(text), name)
    return "|".join(node.data for node in template.find_all(TemplateData))


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("<ul>\n\n  <li>a</li>\n\n  <li>b</li>\n</ul>\n", "<ul><li>a</li>\n<li>b</li></ul>"),
        ("<p>a</p>\n\n<p>b</p>", "<p>a</p><p>b</p>"),
        ("<div>\n  <a>x</a>\n  <a>y</a>\n</div>", "<div><a>x</a>\n<a>y</a></div>"),
        ("<p>one  two\n\nthree</p>", "<p>one  two\n\nthree</p>"),
        ("<b>a</b> <i>b</i>", "<b>a</b> <i>b</i>"),
        ("<b>a</b>   <i>b</i>", "<b>a</b> <i>b</i>"),
        ("<head>\n<meta a>\n<link b>\n</head>", "<head><meta a><link b></head>"),
        ('<a   class="x  y"\n   href=z >w</a>', '<a class="x  y" href=z >w</a>'),
        ("<pre>\n\n <b>a</b>  \n <i>b</i> </pre>", "<pre>\n\n <b>a</b>  \n <i>b</i> </pre>"),
        ("<script>\n a = 1\n\n</script>\n\n<p>b</p>", "<script>\n a = 1\n\n</script><p>b</p>"),
        ("<textarea>\n\n <b>  </b> </textarea>", "<textarea>\n\n <b>  </b> </textarea>"),
        ("<!--  a\n\n<p>  </p> -->\n\n<p>b</p>", "<!--  a\n\n<p>  </p> -->\n<p>b</p>"),
        (f"<script>{GROWING}</SCRIPT>{KEPT}", f"<script>{GROWING}</SCRIPT>{KEPT}"),
        ("a < b  <  c <d>\n\n<e>", "a < b  <  c <d>\n<e>"),
        ("<ul>\n{{ x }}\n</ul>", "<ul>|</ul>"),
        ("<li>{{ x }}</li>\n\n{{ y }}", "<li>|</li>\n"),
        ("{{ x }}\n\n{{ y }}", "\n"),
        ('<a class="b{% if c %}  d{% endif %}  e">\n\n<b>', '<a class="b|  d|  e">\n<b>'),
        ("<pre>{{ x }}\n\n<b>\n\n</b>{{ y }}</pre>", "<pre>|\n\n<b>\n\n</b>|</pre>"),
    ],
)
def test_white_space_between_tags_goes_where_nobody_sees_it(written: str, left: str) -> None:
    """At the edges of blocks and between them; else one sign of it stays, and words, `pre` and quotes as they are."""
    assert _short(written) == left


@pytest.mark.parametrize(
    "name", ["feeds/rss.xml", "shortcodes/note.html", "theme/shortcodes/note.html", "a.txt"]
)
def test_only_pages_are_changed(name: str) -> None:
    """Feeds and texts are not HTML, and a shortcode is a part of Markdown."""
    assert _short("<p>\n\n</p>\n\n<p>", name) == "<p>\n\n</p>\n\n<p>"


@pytest.mark.parametrize(
    "text", ["<div\n\na", "<p>\n\n</p><pre>\n\na", "<p>\n\n</p><!--", "<p>\n\n</p><a title='"]
)
def test_a_template_whose_tags_stay_open_is_left(text: str) -> None:
    """Who closes them may stand in another file."""
    assert _short(text) == text


def test_a_second_look_changes_nothing() -> None:
    """What is short stays."""
    once = _short("<main>\n<ul>\n <li> a <b>c</b>  <i>d</i>\n </li>\n</ul>\n\n</main>\n")
    assert _short(once) == once
