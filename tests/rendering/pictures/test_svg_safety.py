"""Drawings without what runs or loads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.rendering.pictures.svg_safety import UnsafeError, safe_svg

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        (b"<script>alert(1)</script><g/>", b"<g/>"),
        (b"<script href='x.js'/><g/>", b"<g/>"),
        (b"<SCRIPT>1</SCRIPT>", b""),
        (b"<s:script xmlns:s='http://www.w3.org/2000/svg'>1</s:script>", b""),
        (b'<rect onclick="a > b" width="3"/>', b'<rect width="3"/>'),
        (b"<g><foreignObject><p>x</p><foreignObject/></foreignObject></g>", b"<g></g>"),
        (b'<a href="javascript:alert(1)"><text>x</text></a>', b"<a><text>x</text></a>"),
        (b'<a xlink:href=" java&#10;script:x"><text>x</text></a>', b"<a><text>x</text></a>"),
        (b'<image href="https://e.org/a.png" x="1"/>', b'<image x="1"/>'),
        (b'<use href="other.svg#a"/>', b"<use/>"),
        (b"<style>@import url(https://e.org/a.css);</style>", b"<style></style>"),
        (b'<rect style="fill: url(https://e.org/#a)"/>', b"<rect/>"),
        (b"""<rect fill="url( 'a.svg#b')"/>""", b"<rect/>"),
        (b'<a href="#x"><set attributeName="href" to="javascript:x"/></a>', b'<a href="#x"></a>'),
        (b'<animate attributeName="onload" to="x"/>', b""),
    ],
)
def test_what_runs_or_loads_is_taken_out(inside: bytes, left: bytes) -> None:
    """And nothing else: all other bytes stay."""
    assert safe_svg(HEAD + inside + b"</svg>\n") == HEAD + left + b"</svg>\n"


@pytest.mark.parametrize(
    "inside",
    [
        b'<a href="https://e.org/"><text>x</text></a>',
        b'<use xlink:href="#a"/><rect fill="url(#g)"/>',
        b'<image href="data:image/png;base64,AAAA"/>',
        b"<style>rect { fill: red; clip-path: url(#c) }</style>",
        b"""<rect style="fill:url('#g')" fill="url( #g )"/><style>rect { fill: url("#g") } b { src: url('data:image/png;base64,AA') }</style>""",
        b"<!-- a script --><text>on line = 3, javascript: no</text>",
    ],
)
def test_what_is_safe_stays_as_it_is(inside: bytes) -> None:
    """The same object: its file is published."""
    svg = HEAD + inside + b"</svg>"

    assert safe_svg(svg) is svg


@pytest.mark.parametrize(
    "svg",
    [
        HEAD + b"<script>",
        b'<!DOCTYPE svg [<!ENTITY x "<script>1</script>">]>' + HEAD + b"&x;</svg>",
        (HEAD + b"<script/></svg>").decode().encode("utf-16"),
    ],
)
def test_what_cannot_be_read_is_refused(svg: bytes) -> None:
    """Browsers run scripts before they come to what is wrong."""
    with pytest.raises(UnsafeError):
        safe_svg(svg)


@given(st.lists(st.sampled_from([b"<g>", b"</g>", b"<script>", b"</script>", b" on=", b"x", b"'", b"/>"])))
def test_no_script_is_left(pieces: list[bytes]) -> None:
    """Whatever is written, what is well formed has none, and what is not is refused."""
    try:
        safe = safe_svg(HEAD + b"".join(pieces) + b"</svg>")
    except UnsafeError:
        return
    assert b"<script" not in safe
