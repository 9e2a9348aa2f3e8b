"""Attributes in braces behind a picture or a link."""

from __future__ import annotations

import pytest

from sitegen.config import Config
from sitegen.markdown.holes import fill
from sitegen.markdown.parse import parse_fragment


def _html(markdown: str, config: Config) -> str:
    return fill(
        parse_fragment(markdown, config=config).segments, lambda hole: getattr(hole, "target", "")
    ).strip()


@pytest.fixture
def config(tmp_path: object) -> Config:
    """Of a site without settings."""
    from datetime import UTC, datetime
    from pathlib import Path

    return Config(root=Path(str(tmp_path)), now=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("![a](b.png){width=50%}", '<p><img src="b.png" alt="a" class="w-50"></p>'),
        ("![a](b.png){width=34% .x #y}", '<p><img src="b.png" alt="a" id="y" class="w-33 x"></p>'),
        ("![a](b.png){width=300 height=2in}", '<p><img src="b.png" alt="a" width="300" height="192"></p>'),
        (
            '![a](b.png "t"){alt="Some words" loading=eager}',
            '<p><img src="b.png" alt="Some words" title="t" loading="eager"></p>',
        ),
        (
            "![a](b.png){quality=60 zoom=false}",
            '<p><img src="b.png" alt="a" data-quality="60" data-zoom="false"></p>',
        ),
        ("![a](b.png){onclick=x style=y .z}", '<p><img src="b.png" alt="a" class="z"></p>'),
        ("[a](b){.button target=_blank} c", '<p><a href="b" target="_blank" class="button">a</a> c</p>'),
        ("[![a](b.png){.x}](c){.y}", '<p><a href="c" class="y"><img src="b.png" alt="a" class="x"></a></p>'),
    ],
)
def test_attributes_are_the_element_s(markdown: str, html: str, config: Config) -> None:
    """What has no place there is left out; a share of the column becomes a class."""
    assert _html(markdown, config) == html


@pytest.mark.parametrize("text", ["{x y}", "{}", "{=html}", "{a=}", "{.a", "{ }", " {.a}"])
def test_what_is_no_list_of_attributes_stays_text(text: str, config: Config) -> None:
    """As does what stands apart."""
    assert text.strip() in _html(f"![a](b.png){text}", config)
