"""Addresses that front matter names."""

from __future__ import annotations

import pytest

from sitegen.frozen import freeze
from sitegen.rendering.page_links import image_written


@pytest.mark.parametrize(
    ("front_matter", "written"),
    [
        ({"image": " a.png "}, "a.png"),
        ({"image": "https://example.org/picture"}, "https://example.org/picture"),
        ({"image": {"caption": "x"}, "cover": "b.JPG"}, "b.JPG"),
        ({"cover": {"image": "c.webp", "alt": "C", "relative": True}}, "c.webp"),
        ({"images": ["d.jpeg", "e.png"], "thumbnail": "f.png"}, "d.jpeg"),
        ({"images": [], "featured_image": "/g.avif"}, "/g.avif"),
        ({"featuredimage": "h.svg"}, "h.svg"),
        ({"cover": "full-bleed", "thumbnail": True, "images": [{"src": "i.png"}]}, ""),
        ({"image": "", "cover": {"hidden": True}}, ""),
        ({}, ""),
    ],
)
def test_the_picture_of_a_page_by_its_names_in_hugos_themes(
    front_matter: dict[str, object], written: str
) -> None:
    """Ours counts first; in the others only what is a file of a picture does."""
    assert image_written(freeze(front_matter)) == written
