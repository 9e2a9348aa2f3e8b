"""Which plotly.js draws a figure, and the hashes of the style elements that it makes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from sitegen.config import Config
from sitegen.content.executed import DisplayOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.cells.interactive import Scripts, plot_of
from sitegen.rendering.cells.plotly_scripts import NO_STYLE, makes_code, strict_script, style_hashes
from sitegen.rendering.loading.csp import policy
from sitegen.results.media_types import PLOTLY, PLOTLY_SCRIPT

EMPTY = 'n=document.createElement("style"),n.setAttribute("id",i),n.appendChild(document.createTextNode("")),d.head.appendChild(n)'


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ({"data": [{"type": "scattergl"}]}, True),
        ({"data": [{"type": "bar"}, {"type": "splom"}]}, True),
        ({"data": [], "frames": [{"data": [{"type": "parcoords"}]}]}, True),
        ({"data": [{"y": [1]}, {"type": "surface"}], "frames": None}, False),
        ({"data": "text"}, False),
        ({}, False),
    ],
)
def test_traces_that_make_code(figure: dict[str, Any], expected: bool) -> None:
    """Those of regl, also where only a frame has one; what is no figure is none."""
    assert makes_code(figure) is expected


@pytest.mark.parametrize(
    ("script", "hashes"),
    [
        ("draw()", (NO_STYLE,)),
        (EMPTY, (NO_STYLE,)),
        (
            EMPTY + r"""var e=document.createElement("style");e.id="a",e.textContent='a{b:url("x")}\'\n';""",
            (NO_STYLE, _hash('a{b:url("x")}\'\n')),
        ),
        (r"e=document.createElement(`style`);e.textContent=`a\``", (NO_STYLE, _hash("a`"))),
        (r"e=document.createElement('style');e.textContent='\u0061'", None),
        ("e=document.createElement('style');e.textContent=`${a}`", None),
        ('e=document.createElement("style");return t.insert(e)', None),
    ],
)
def test_style_elements_of_a_script(script: str, hashes: tuple[str, ...] | None) -> None:
    """By the text that stands in the script; one that is made in another way leaves them unknown."""
    assert style_hashes(script) == hashes


def test_the_strict_bundle_has_known_styles() -> None:
    """The policy of a page with it names them all."""
    hashes = style_hashes(strict_script())

    assert hashes is not None
    assert len(hashes) == 2


def test_a_loader_with_hashes_allows_these_styles_alone() -> None:
    """A loader without, as of plotly.js 2, leaves style elements open, and the hosts of style sheets stay."""
    known = f'<head></head><template class="plot-library" data-library="plotly" data-styles="{NO_STYLE}"></template>'
    unknown = (
        '<link rel="stylesheet" href="https://c.example/x.css"><style>a</style>'
        '<template class="plot-library" data-library="plotly"></template>'
    )

    assert f"style-src 'self' '{NO_STYLE}';" in policy(known, {})
    assert "style-src 'self' https://c.example 'unsafe-inline';" in policy(unknown, {})
    assert "'unsafe-inline'" not in policy('<p>data-library="plotly" /embed.js</p>', {})


@pytest.mark.parametrize(
    ("has_policy", "kinds", "loaded"),
    [
        (True, ["bar", "bar"], ["plotly"]),
        (True, ["splom", "bar"], ["plotly-strict"]),
        (True, ["bar", "splom", "splom"], ["plotly", "plotly-strict"]),
        (False, ["splom", "bar"], ["plotly"]),
    ],
)
def test_only_a_figure_that_needs_it_has_the_strict_bundle(
    config: Config, *, has_policy: bool, kinds: list[str], loaded: list[str]
) -> None:
    """Each once a page; where no policy forbids code of text, the kernel's own version draws."""
    scripts = Scripts(replace(config, content_security_policy=has_policy))

    for kind in kinds:
        figure = freeze({"data": [{"type": kind}], "layout": {}})
        output = DisplayOutput(data=FrozenDict({PLOTLY: figure, PLOTLY_SCRIPT: "window.Plotly = 1"}))
        scripts.plots(plot_of(output, PLOTLY), output)

    assert [path.name.rpartition("-")[0] for path in scripts.files if "plotly" in path.name] == loaded
