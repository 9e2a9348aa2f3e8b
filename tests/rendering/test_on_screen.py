"""What the theme adds to a body's HTML: sizes of images, tables that scroll, names of check boxes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.config import Config
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.sources import Resource
from sitegen.markdown.parse import parse_fragment
from sitegen.rendering.on_screen import on_screen

Show = Callable[[str], str]


@pytest.fixture
def show(
    config: Config,
    make_place: Callable[..., IndexedPage],
    make_index: Callable[..., SiteIndex],
    make_resource: Callable[[str, bytes], Resource],
) -> Show:
    """The HTML of a page that has `plot.svg` beside it, on a screen."""
    svg = make_resource("plot.svg", b'<svg viewBox="0 0 30 20"></svg>')
    place = make_place("/posts/a", resources=(svg,))
    index = make_index(make_place("/", "home"), place)
    return lambda html: on_screen(html, place, index, config)


def test_images_load_late_and_have_their_size(show: Show) -> None:
    """Whoever wrote the tag; what it says itself stays."""
    html = show(
        '<img alt="" src="plot.svg"><img src="plot.svg" width="6"><img src="https://x.y/z.png">'
        '<img src="plot.svg" />'
    )

    late = 'loading="lazy" decoding="async"'
    assert html == (
        f'<img alt="" src="plot.svg" {late} width="30" height="20"><img src="plot.svg" width="6" {late} height="4">'
        f'<img src="https://x.y/z.png" fetchpriority="high" decoding="async">'
        f'<img src="plot.svg" {late} width="30" height="20"/>'
    )


@pytest.mark.parametrize(
    "html",
    [
        '<img src="a.png" loading="eager">',
        '<img src="a.png" decoding="sync">',
        '<!-- <img src="plot.svg"> -->',
        '<table class="dataframe">\n  <thead>\n    <tr>\n</table>',
        '<ul>\n<li><input type="checkbox"> of raw HTML</li>\n</ul>',
    ],
)
def test_what_others_have_decided_stays(show: Show, html: str) -> None:
    """Attributes that are given, comments, tables and boxes that Markdown has not written."""
    assert show(html) == html


def test_tables_scroll_by_themselves(show: Show) -> None:
    """Each table of Markdown's is in a region that the keyboard reaches."""
    table = parse_fragment("| a |\n|---|\n").html.strip()

    html = show(f"<p>x</p>\n{table}\n{table}\n")

    frame = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table">'
    assert html == f"<p>x</p>\n{frame}\n{table}\n</div>\n{frame}\n{table}\n</div>\n"


def test_check_boxes_have_names(show: Show) -> None:
    """Of tight and of loose lists."""
    html = show(
        '<li><input disabled="" type="checkbox"> a</li>\n'
        '<li>\n<p><input checked="" disabled="" type="checkbox"> b</p>\n</li>\n'
    )

    assert html == (
        '<li class="task-list-item"><input disabled="" type="checkbox" aria-label="To do"> a</li>\n'
        '<li class="task-list-item">\n<p><input checked="" disabled="" type="checkbox" aria-label="Done"> b</p>\n</li>\n'
    )
