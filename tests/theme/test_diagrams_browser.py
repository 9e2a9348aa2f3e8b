"""Diagrams in a real browser: light and dark, narrow windows, paper, the page's policy, and the script that draws where the build cannot."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.rendering.drawings.mermaid import draw_all
from sitegen.results.store import open_store
from tests.rendering.drawings.test_graphviz import PROGRAM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LIBRARY = """
window.mermaid = {
  initialize: settings => { window.settings = settings },
  render: async (id, source) => {
    if (source.includes("wrong")) throw Object.assign(new Error("Parse error on line 2:\\nx"), {hash: {line: 1}});
    const colours = window.settings.themeVariables;
    return {svg: `<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 60" style="max-width: 900px">
      <style>#${id} .node { fill: ${colours.primaryColor}; stroke: ${colours.primaryBorderColor} } #${id} text { fill: ${colours.primaryTextColor} }
      #${id} .own { fill: #003 }</style>
      <title>A way</title><defs><marker id="${id}-end"><path d="M0 0L5 5" /></marker><marker id="unused"><path d="M9 9"/></marker></defs>
      <rect class="node" x="1" y="1" width="80" height="40"/><text x="10" y="25">first</text>
      <rect class="own" x="800" y="1" width="90" height="40" style="stroke: none"/><text x="810" y="25">last</text>
      <path d="M81 20L800 20" style="fill: none; stroke: ${colours.lineColor}" marker-end="url(#${id}-end)"/>
      <switch><foreignObject width="10" height="10"><div xmlns="http://www.w3.org/1999/xhtml">html</div></foreignObject><text x="400" y="20">instead</text></switch>
      <line class="today" x1="0" x2="1"/></svg>`};
  },
};
"""
"""Stands for Mermaid: the same drawing for any text, styled as Mermaid styles its own."""
POST = """+++
title = 'Diagrams'
date = 2026-01-01
+++

```{language}
{options}
a
```
"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FILL = "name => getComputedStyle([...document.querySelectorAll('.diagram text')].find(t => t.textContent == name)).fill"


def _built(root: Path, language: str, options: str, settings: str) -> Path:
    (root / "content/posts").mkdir(parents=True)
    (root / "sitegen.toml").write_text(
        'baseURL = "https://example.org/"\ntitle = "T"\nrelativeURLs = true\ncontentSecurityPolicy = true\n'
        + settings
    )
    (root / "content/posts/a.md").write_text(POST.format(language=language, options=options))
    config = load_config(root, environ={}, now=datetime(2026, 11, 20, tzinfo=UTC))
    result = build(
        config,
        BuildOptions(policy=ExecutionPolicy(allowed=False)),
        backend=LocalBackend(config),
        store=open_store(config),
    )
    assert result.diagnostics == ()
    return root / "public/posts/a/index.html"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page whose diagram the build has drawn, by a stand-in for Graphviz."""
    root = tmp_path_factory.mktemp("drawn")
    program = root / "bin/dot"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(program.parent))
        return _built(root, "dot", "//| fig-cap: A net\ndigraph {}", "")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page whose diagram the reader's browser draws, on a server: a policy's `'self'` means more there."""
    root = tmp_path_factory.mktemp("waiting")
    library = root / "node_modules/mermaid/dist/mermaid.min.js"
    library.parent.mkdir(parents=True)
    library.write_text(LIBRARY)
    _built(root, "mermaid", "%%| label: fig-a", '[diagrams]\nmermaid = "browser"\n')
    handler = partial(_Quiet, directory=str(root / "public"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/posts/a/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that it has there
        """Nothing."""


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a window of its own; what the console says fails the test."""
    contexts = []
    said: list[str] = []

    def open_(url: str, width: int = 1280, **options: object) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if "Security" in message.text else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []


def test_a_drawing_follows_light_and_dark(open_page: Callable[..., Page], drawn: Path) -> None:
    """Its letters have the colour of the page's text, but where they stand on a fill."""
    light, dark = (open_page(drawn.as_uri(), color_scheme=mode) for mode in ("light", "dark"))

    assert light.evaluate(FILL, "a") == "rgb(28, 30, 33)"
    assert dark.evaluate(FILL, "a") == "rgb(220, 222, 225)"
    assert dark.evaluate(FILL, "b") == "rgb(0, 0, 0)"
    assert dark.evaluate(FILL, "to") != light.evaluate(FILL, "to") == "rgb(0, 0, 128)"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing(open_page: Callable[..., Page], drawn: Path, waiting: str, mode: str) -> None:
    """On a page that was drawn, and on one whose reader draws."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    late = open_page(waiting, color_scheme=mode)
    late.wait_for_selector(".diagram-drawing svg")

    for page in (open_page(drawn.as_uri(), color_scheme=mode), late):
        assert [found["id"] for found in axe.run(page).response["violations"]] == []


def test_a_wide_drawing_scrolls_inside_itself(open_page: Callable[..., Page], waiting: str) -> None:
    """At 320 pixels the page does not; on paper all of it is there."""
    page = open_page(waiting, width=320)
    page.wait_for_selector(".diagram-drawing svg")
    scrolled = page.evaluate(
        "() => { const b = document.querySelector('.diagram-drawing'); return b.scrollWidth > b.clientWidth }"
    )
    overflow = page.evaluate(OVERFLOW)
    page.emulate_media(media="print")

    assert (scrolled, overflow) == (True, 0)
    assert (
        page.evaluate("() => document.querySelector('.diagram-drawing svg').getBoundingClientRect().width")
        <= 320
    )


def test_the_readers_browser_draws_as_the_build_does(open_page: Callable[..., Page], waiting: str) -> None:
    """Without a style left, in both modes' colours, under the page's policy, and nothing from elsewhere."""
    page = open_page(waiting, color_scheme="dark")
    page.wait_for_selector(".diagram-drawing svg")
    html = page.inner_html(".diagram-drawing")

    assert "style" not in html
    assert "var(--tint,light-dark(#e5eeeb,#1e2a2b))" in html
    assert page.evaluate(FILL, "first") == "rgb(220, 222, 225)"
    assert page.get_attribute(".diagram-drawing svg", "aria-label") == "A way"
    assert page.evaluate("() => document.querySelector('.diagram details').open") is False


def test_nothing_moves_when_a_diagram_is_drawn(open_page: Callable[..., Page], waiting: str) -> None:
    """It gets the place that was kept for it, also where it is much taller: what is around it stays where it was."""
    page = open_page("about:blank")
    page.route("**/mermaid-*.js", lambda route: route.fulfill(body=LIBRARY.replace("900 60", "900 1200")))
    page.add_init_script(
        "new PerformanceObserver(list => { window.moved = (window.moved || 0) + "
        "list.getEntries().reduce((sum, entry) => sum + entry.value, 0) }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(waiting)
    page.wait_for_selector(".diagram-drawing svg")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert page.evaluate("() => window.moved || 0") == 0
    assert page.locator(".diagram-drawing svg").bounding_box()["height"] == 600  # type: ignore[index]
    assert page.get_attribute(".diagram-drawing", "tabindex") == "0"


def test_without_javascript_the_source_is_there(open_page: Callable[..., Page], waiting: str) -> None:
    """Open, and nothing empty beside it."""
    page = open_page(waiting, java_script_enabled=False)

    assert page.is_visible(".diagram-source pre")
    assert not page.is_visible(".diagram-drawing")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium that a build could start")
def test_the_builds_browser_draws(tmp_path: Path) -> None:
    """All texts in one run: with a drawing each, or with what is wrong in it."""
    library = tmp_path / "mermaid.min.js"
    library.write_text(LIBRARY)

    fine, wrong = draw_all(
        [("flowchart </script>", None), ("a\nwrong", None)],
        library,
        Path(shutil.which("chromium") or ""),
        timeout_s=60,
    )

    assert fine.drawing is not None
    assert fine.drawing.title == "A way"
    assert fine.drawing.labels == ("first", "last", "instead")
    assert (
        'fill="var(--tint,light-dark(#e5eeeb,#1e2a2b))" stroke="var(--accent,light-dark(#08665a,#65cdb6))"'
        in fine.drawing.svg
    )
    assert '<text x="810" y="25" fill="light-dark(#fdfdfb' not in fine.drawing.svg
    assert "M9 9" not in fine.drawing.svg
    assert "style" not in fine.drawing.svg
    assert wrong.problem == "Parse error on line 2: x"
    assert wrong.line == 2
