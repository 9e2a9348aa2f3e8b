"""What a page has a browser run and load, told from its tags."""

from __future__ import annotations

import pytest

from sitegen.rendering.loading.budget_pictures import shown_pictures
from sitegen.rendering.loading.loads import loads_of, style_sheets, tags


def test_scripts_and_texts_are_told_apart() -> None:
    """Data is neither; what stands in a `template` is loaded later, if at all."""
    found = loads_of(
        '<script>a()</script><script src="/b.js"></script><script type="application/json">{}</script>'
        '<style>c</style><template><script src="/d.js"></script></template><script type=module src=e.js></script>'
    )
    assert found.inline == (("script", "a()"), ("style", "c"))
    assert found.scripts == ("/b.js", "e.js")
    assert found.deferred == ("/d.js",)


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<a href="https://a.example/">x</a>', 0),
        ('<form action="https://a.example/"></form>', 0),
        ('<img src="https://a.example/1" srcset="https://a.example/1 1x, https://a.example/2 2x">', 1),
        ('<iframe src="https://a.example/"></iframe><script src="//b.example/s.js"></script>', 2),
        ('<link rel="canonical" href="https://a.example/">', 0),
        ('<img alt="a canonical basis" src="https://a.example/1">', 1),
    ],
)
def test_third_parties_are_counted_by_element(html: str, count: int) -> None:
    """A form asks nobody before a reader does."""
    assert loads_of(html).third_parties == count


def test_style_sheets_are_found() -> None:
    """However they are written; not in text, nor in a `template`."""
    html = (
        '<link rel="stylesheet" href="/a.css"><link rel=stylesheet href=b.css><p>stylesheet</p>'
        '<link rel="preload" href="c.css"><link rel="alternate stylesheet" href="d.css">'
        '<template><link rel="stylesheet" href="e.css"></template>'
    )
    assert list(style_sheets(html)) == ["/a.css", "b.css", "d.css"]


def test_tags_that_do_not_end_are_read_once() -> None:
    """Each from its beginning to the next one: to the end of the page would take minutes here."""
    assert list(tags("<a b " * 20_000 + '<i c="<d>">')) == [{"c": "<d>"}]
    assert list(shown_pictures("<img a " * 20_000 + '<img src="b" alt="<c>">')) == [["b"]]
