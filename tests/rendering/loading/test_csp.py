"""Each page's Content-Security-Policy: what stands in it may run and load, nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitegen.config import Config, load_config
from sitegen.errors import ConfigError
from sitegen.rendering.loading.csp import BASE, VEGA_STYLES, policy, with_policy
from sitegen.rendering.values import RenderedFile


def _directives(text: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in text.split(";")}


def _of(body: str, head: str = "") -> dict[str, list[str]]:
    """Directives that are not those of every page, with what is added to them."""
    html = f'<!doctype html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    found = _directives(policy(html, {}))
    added = {
        name: [each for each in sources if each not in BASE.get(name, ())] for name, sources in found.items()
    }
    return {name: sources for name, sources in added.items() if sources}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    ("body", "added"),
    [
        ("<p>on the // way, style= and src=//x in text, onclick=1</p>", {}),
        ('<a href="https://a.example/x" title="y">z</a>', {}),
        ("<script>go()</script>", {"script-src": [_hash("go()")]}),
        ("<script type=module>go(1 > 2)</script>", {"script-src": [_hash("go(1 > 2)")]}),
        ("<script>a()\r\nb()</script>", {"script-src": [_hash("a()\nb()")]}),
        ('<script data-x="a>b">go()</script>', {"script-src": [_hash("go()")]}),
        ('<script type="application/ld+json">{"a": 1}</script>', {}),
        ('<script src="/own.js"></script>', {}),
        ('<script src="https://s.example/a.js"></script>', {"script-src": ["https://s.example"]}),
        ("<style>b { color: red }</style>", {"style-src": [_hash("b { color: red }")]}),
        ('<p style="color: red">x</p>', {"style-src-attr": ["'unsafe-inline'"]}),
        (
            '<p onclick="go(&quot;x&quot;)">x</p>',
            {"script-src": ["'unsafe-hashes'", _hash('go("x")')]},
        ),
        ('<img src="https://i.example:8443/a.png">', {"img-src": ["https://i.example:8443"]}),
        ("<img src='//i.example/a.png'>", {"img-src": ["i.example"]}),
        ("<img alt='>' src=http://i.example/a.png>", {"img-src": ["http://i.example"]}),
        ('<img src="/a" srcset="/a 1x, https://i.example/b 2x">', {"img-src": ["https://i.example"]}),
        ('<picture><source srcset="https://i.example/b"></picture>', {"img-src": ["https://i.example"]}),
        (
            '<video src="https://v.example/a.mp4" poster="https://p.example/a.png"></video>',
            {"media-src": ["https://v.example"], "img-src": ["https://p.example"]},
        ),
        ('<iframe src="https://f.example/x"></iframe>', {"frame-src": ["https://f.example"]}),
        ('<form action="https://f.example/x"></form>', {"form-action": ["https://f.example"]}),
        ('<object data="https://o.example/x"></object>', {"object-src": ["https://o.example"]}),
        ('<link rel="stylesheet" href="https://c.example/x.css">', {"style-src": ["https://c.example"]}),
        ('<link rel="canonical" href="https://c.example/x">', {}),
        ('<img src="https://[broken/a.png">', {}),
        ("""<img src="https://a.example; script-src-elem * 'unsafe-inline' /a">""", {}),
        ("""<img src="https://a.example,b 'unsafe-inline'/a" srcset="https://q;frame-src/b 1x">""", {}),
        ('<img src="//*/a.png"><img src="https://*.example/a">', {}),
        ('<img src="https://m\u00fcnchen.example/a">', {"img-src": ["https://xn--mnchen-3ya.example"]}),
        ("<SCRIPT>go()</SCRIPT>", {"script-src": [_hash("go()")]}),
        ('<script type="importmap">{}</script>', {"script-src": [_hash("{}")]}),
        ('<p\nonclick="go()">x</p>', {"script-src": ["'unsafe-hashes'", _hash("go()")]}),
        ('<template><form class="search-form"></form></template>', {"script-src": ["'wasm-unsafe-eval'"]}),
        ("<code>class=&quot;search-form&quot;</code>", {}),
        ('<pre>&lt;form class="search-form" data-comments="giscus" data-library="vega"></pre>', {}),
        ('<pre>&lt;template class="plot-library" data-library="plotly"></pre>', {}),
        ('<template class="plot-library" data-library="vega"></template>', {"style-src": [*VEGA_STYLES]}),
    ],
)  # fmt: skip
def test_what_stands_in_a_page_is_allowed(body: str, added: dict[str, list[str]]) -> None:
    """Scripts and styles by their hash, handlers too, other sites by their host; links and text ask for nothing."""
    assert _of(body) == added


def test_scripts_have_no_way_round() -> None:
    """Whatever a page has in it, scripts are never allowed wholesale."""
    found = _of('<p style="x" onclick="a()">x</p><script>b()</script><style>c</style>')

    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(found["script-src"])
    assert "'unsafe-inline'" not in found["style-src"]


def test_the_policy_stands_before_the_first_script() -> None:
    """At the top of the head, after the charset; the hash is of the script that follows."""
    html = '<html><head>\n<meta charset="utf-8">\n<script>go()</script></head></html>'

    found = with_policy(html, {})

    assert found.index("Content-Security-Policy") < found.index("<script>")
    assert found.index("charset") < found.index("Content-Security-Policy")


def test_a_pages_own_policy_stays() -> None:
    """A template that has one is left alone; so is what has no head."""
    own = '<html><head><meta http-equiv="content-security-policy" content="default-src *"></head></html>'

    assert with_policy(own, {}) == own
    assert with_policy("<p>no page</p>", {}) == "<p>no page</p>"


@pytest.mark.parametrize(
    "head",
    [
        "<title>Content-Security-Policy for beginners</title>",
        '<meta name="description" content="http-equiv=&quot;content-security-policy&quot;">',
        """<meta name="description" content="its http-equiv='content-security-policy' ">""",
    ],
)
def test_a_page_about_policies_has_one(head: str) -> None:
    """A title or a description with the words is no policy."""
    html = f"<html><head>{head}</head></html>"

    assert with_policy(html, {}) != html


def test_the_author_adds_sources() -> None:
    """`contentSecuritySources` is added to every page; a new directive begins with the site itself."""
    found = _directives(policy("<html>", {"connect-src": ("https://a.example",), "worker-src": ("blob:",)}))

    assert found["connect-src"] == ["'self'", "https://a.example"]
    assert found["worker-src"] == ["'self'", "blob:"]


def test_a_site_with_policies(
    write_site: Callable[[dict[str, str]], Path], render_content: Callable[[Config], dict[str, RenderedFile]]
) -> None:
    """Off where nobody asks; on, every page has one and the host is told the rest."""
    root = write_site({"sitegen.toml": 'baseURL = "https://example.org/blog/"\n', "content/a.md": "# A\n"})
    config = load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), environ={})

    without, files = render_content(config), render_content(replace(config, content_security_policy=True))

    pages = [path for path in files if path.endswith(".html")]
    assert all(b"Content-Security-Policy" in (files[path].content or b"") for path in pages)
    assert not any(b"Content-Security-Policy" in (without[path].content or b"") for path in pages)
    assert "_headers" not in without
    headers = (files["_headers"].content or b"").decode()
    assert headers.startswith("/blog/*\n  X-Content-Type-Options: nosniff\n")
    assert "\n/blog/assets/*\n" in headers


@pytest.mark.parametrize(
    "line", ['scripts = ["x"]', 'connect-src = ["https://a.example; script-src *"]', 'img-src = [""]']
)
def test_sources_that_would_change_the_policy_are_refused(
    write_site: Callable[[dict[str, str]], Path], line: str
) -> None:
    """A directive that there is not, or a source that would end its directive, is an error of the configuration."""
    root = write_site({"sitegen.toml": f"[contentSecuritySources]\n{line}\n"})

    with pytest.raises(ConfigError):
        load_config(root, environ={})
