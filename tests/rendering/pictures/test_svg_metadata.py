"""What editors write of their users into drawings."""

from __future__ import annotations

import base64

import pytest

from sitegen.rendering.pictures.photo_metadata import without_metadata
from sitegen.rendering.pictures.svg_metadata import without_editor
from tests.rendering.pictures.test_photo_metadata import _photo

_HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/namespaces/inkscape" xmlns:sodipodi="s"'


def test_metadata_and_paths_go() -> None:
    """Each element and attribute whole; comments, where licences stand, stay."""
    drawing = (
        _HEAD.replace(b"xmlns:i=", b"xmlns:inkscape=")
        + b' sodipodi:docname="jane.svg"\n inkscape:export-filename="/Users/jane/a>b.png" width="9">'
        + b"<!-- <metadata> by Jane, CC BY --><metadata id='m'><a><metadata/>Jane</a></metadata><g/><metadata/></svg>"
    )

    bare = without_editor(drawing)

    assert bare == (
        _HEAD.replace(b"xmlns:i=", b"xmlns:inkscape=")
        + b' width="9"><!-- <metadata> by Jane, CC BY --><g/></svg>'
    )
    assert without_editor(bare) is bare


@pytest.mark.parametrize("line_end", [b"\n  ", b"&#10;", b"&#xA;"])
def test_a_photograph_inside_loses_its_place(line_end: bytes) -> None:
    """Also where the editor has broken its lines."""
    inside = base64.encodebytes(_photo("JPEG")).replace(b"\n", line_end)
    drawing = _HEAD + b'><image href="data:image/jpeg;base64,' + inside + b'"/></svg>'

    bare = without_editor(drawing)

    photo = base64.b64decode(bare.partition(b"base64,")[2].partition(b'"')[0])
    assert b"Exif" not in photo
    assert photo == without_metadata(_photo("JPEG"))
    assert without_editor(bare) is bare


def test_a_photograph_that_is_not_read_whole_stays() -> None:
    """What is cut in a part of it would break it."""
    inside = base64.b64encode(_photo("JPEG"))
    drawing = (
        _HEAD + b'><image href="data:image/jpeg;base64,' + inside[:76] + b"%0A" + inside[76:] + b'"/></svg>'
    )

    assert without_editor(drawing) is drawing


def test_what_is_no_xml_is_left() -> None:
    """`svg_safety` says what is to be done with it."""
    for drawing in (b"<svg><metadata></svg>", b"<metadata", b""):
        assert without_editor(drawing) is drawing
