"""Drawings in a page: what of an SVG stays, and what it is called there."""

from __future__ import annotations

import pytest

from sitegen.rendering.drawings.drawn_svg import Drawing, DrawingError, drawing_of, read_svg

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def drawn(inner: str, box: str = "0 0 100 50") -> Drawing:
    """The drawing of an SVG's content."""
    return drawing_of(read_svg(f'<svg {NAMES} viewBox="{box}">{inner}</svg>'))


@pytest.mark.parametrize(
    "unsafe",
    [
        "<script>alert(1)</script>",
        "<style>* { fill: red }</style>",
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
        '<image href="https://example.org/x.png"/>',
        '<use href="https://example.org/x.svg#a"/>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        "<svg><script/></svg>",
        "<title>t</title>",
    ],
)
def test_what_is_not_in_the_lists_goes(unsafe: str) -> None:
    """Elements that run, load, style or are of other name spaces."""
    found = drawn(f'{unsafe}<path d="M0 0"/>').svg

    assert found in ('<path d="M0 0"/>', '<use/><path d="M0 0"/>')


@pytest.mark.parametrize(
    "attribute",
    [
        'onclick="x()"',
        'style="fill:red"',
        'class="node"',
        'fill="url(https://example.org/x#a)"',
        "fill=\"url('data:x')\"",
        'filter="url(#f)"',
        'data-id="1"',
        'mask="\\75rl(x)"',
    ],
)
def test_attributes_that_run_load_or_style_go(attribute: str) -> None:
    """Only what says how and where a shape is drawn stays."""
    assert drawn(f'<path d="M0 0" {attribute}/>').svg == '<path d="M0 0"/>'


@pytest.mark.parametrize(
    ("target", "stays"),
    [
        ("https://example.org/", True),
        ("/posts/a/", True),
        ("../a/", True),
        ("#part", True),
        ("a.html?x=1", True),
        ("mailto:a@example.org", True),
        ("javascript:alert(1)", False),
        ("java&#10;script:alert(1)", False),
        ("data:text/html,x", False),
    ],
)
def test_links_to_the_web_stay(target: str, stays: bool) -> None:
    """And what they hold, in any case; a drawing with a link is a group, so that the link can be reached."""
    found = drawn(f'<a xlink:href="{target}"><text>there</text></a>')

    assert ("<a href=" in found.svg, found.has_links) == (stays, stays)
    assert "<text>there</text>" in found.svg
    assert f'role="{"group" if stays else "img"}"' in found.on_page("p", "N")


def test_ids_are_those_of_the_page_and_only_what_is_named_has_one() -> None:
    """Definitions that nothing names go; two drawings of a page do not meet."""
    found = drawn(
        '<defs><marker id="a"><path d="M0 0"/></marker><marker id="b"><path d="M1 1"/></marker></defs>'
        '<g id="x"><path d="M2 2" marker-end="url(#a)"/></g>'
    )

    assert found.on_page("one-", "N").count("one-1") == 2
    assert "M1 1" not in found.svg
    assert '"x"' not in found.svg
    assert "\x01" not in found.on_page("one-", "N")


def test_text_is_text_of_the_pages_font() -> None:
    """Escaped, with the labels told in their order; only a typewriter's font stays."""
    found = drawn(
        '<text font-family="Times">a &lt; b</text><text font-family="Courier New">x</text><text>x</text>'
    )

    assert found.svg == '<text>a &lt; b</text><text font-family="monospace">x</text><text>x</text>'
    assert found.labels == ("a < b", "x")


def test_a_name_is_an_attribute() -> None:
    """Whatever the author writes."""
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in drawn("<path/>").on_page("p", 'a "b" <c>')


def test_numbers_are_short_and_the_size_is_known() -> None:
    """A hundredth of a pixel is not seen."""
    found = drawing_of(
        read_svg(f'<svg {NAMES} viewBox="0 0 200.004 100"><path d="M1.23456,-0.0001L3.5 4"/></svg>'),
        scale=1.5,
    )

    assert found.svg == '<path d="M1.23,0L3.5 4"/>'
    assert (found.view_box, found.width_px, found.height_px) == ("0 0 200 100", 300, 150)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<p/>",
        "<svg",
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>',
        "<svg/>",
        '<svg viewBox="0 0 0 0"/>',
        '<svg viewBox="a b c d"/>',
    ],
)
def test_what_is_no_drawing_is_told(text: str) -> None:
    """And no bug's traceback."""
    with pytest.raises(DrawingError):
        drawing_of(read_svg(text))


def test_a_kept_drawing_is_the_same() -> None:
    """What the cache holds is all of it."""
    found = drawn('<a href="/x"><text>ä</text></a>')

    assert Drawing.unpacked(found.packed()) == found


def test_work_is_linear_in_the_size() -> None:
    """Four times the parts are four times the text, and no part is asked for twice."""
    small, large = (
        len(
            drawn('<defs><marker id="m"><path/></marker></defs>' + '<path marker-end="url(#m)"/>' * count).svg
        )
        for count in (50, 200)
    )

    assert 3.5 < large / small < 4.1


def test_a_link_that_ends_like_an_id_leads_where_it_did() -> None:
    """Only a target within the drawing has another name."""
    found = drawn(
        '<defs><marker id="page"><path d="M0 0"/></marker></defs><a href="apage"><path marker-end="url(#page)"/></a>'
    )

    assert 'href="apage"' in found.on_page("d-", "A")
