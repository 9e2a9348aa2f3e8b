"""Charts of the real libraries, run in a real kernel and drawn in a real browser that reaches no other host."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.run import ExecutionPolicy
from sitegen.results.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.kernel, pytest.mark.browser, pytest.mark.slow]

HOST = "https://site.example"
BODY = """+++
title = "Charts"
+++
As @fig-loss shows.

```{python}
import altair as alt
data = alt.Data(values=[{"x": n, "y": n * n} for n in range(5)])
alt.Chart(data, title="Squares").mark_line().encode(x="x:Q", y="y:Q")
```

```{python}
import ipywidgets as widgets
widgets.VBox([widgets.IntSlider(value=7, description="steps"), widgets.Play()])
```

```{python}
#| label: fig-loss
#| fig-cap: The loss
import plotly.graph_objects as go
go.Figure(go.Scatter(y=[3, 1, 2]), layout={"title": "Loss", "height": 300})
```

```{python}
go.Figure(go.Bar(x=["a", "b"], y=[1, 2])).show()
own = {"template": "plotly_dark", "title": "Own"}
go.Figure(go.Scatter(y=[1, 2]), layout=own)
```

```{python}
from IPython.display import HTML, display
display({"application/x-unknown": {"a": 1}, "text/plain": "told"}, raw=True)
HTML('<p id="said"></p><script>document.getElementById("said").textContent = "by a script"</script>')
```
"""

KINDS = """+++
title = "Kinds"
+++
```{python}
import plotly.graph_objects as go
rows = [[1, 2, 3], [3, 4, 1], [1, 2, 3]]
tree = dict(labels=["a", "b", "c"], parents=["", "a", "a"], values=[3, 1, 2])
two = [dict(label="a", values=[1, 2, 3]), dict(label="b", values=[3, 1, 2])]
steps = [dict(label="Play", method="animate", args=[None])]
go.Figure(
    go.Scatter(y=[1, 2]),
    layout=dict(updatemenus=[dict(type="buttons", buttons=steps)]),
    frames=[go.Frame(name="1", data=[go.Scatter(y=[2, 1])])],
).show()
corners = dict(x=[0, 1, 0, 0], y=[0, 0, 1, 0], z=[0, 0, 0, 1])
go.Figure([go.Surface(z=rows), go.Scatter3d(**corners), go.Mesh3d(**corners, alphahull=0)]).show()
for trace in [
    go.Scattergl(y=[3, 1, 2], mode="lines+markers", fill="tozeroy", error_y={"array": [1, 1, 1]}),
    go.Scatterpolargl(r=[1, 2, 3], theta=[0, 60, 120]),
    go.Splom(dimensions=two),
    go.Parcoords(dimensions=two, line={"color": [0, 1, 2]}),
    go.Parcats(dimensions=two),
    go.Heatmap(z=rows),
    go.Contour(z=rows),
    go.Sankey(node={"label": ["A", "B"]}, link={"source": [0], "target": [1], "value": [1]}),
    go.Treemap(**tree),
    go.Table(header={"values": ["a"]}, cells={"values": [[1]]}),
    go.Violin(y=[1, 2, 2, 3]),
    go.Image(z=[[[255, 0, 0], [0, 255, 0]]]),
    go.Histogram2dContour(x=[1, 2, 2, 3], y=[1, 2, 1, 3]),
]:
    go.Figure(trace).show()
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one page with charts, executed once; its links are relative, so that it opens from `file://`."""
    root = tmp_path_factory.mktemp("charts")
    (root / "content").mkdir()
    (root / "content" / "charts.md").write_text(BODY, encoding="utf-8")
    (root / "content" / "kinds.md").write_text(KINDS, encoding="utf-8")
    (root / "sitegen.toml").write_text(
        f'baseURL = "{HOST}/blog/"\ntitle = "T"\nrelativeURLs = true\ncontentSecurityPolicy = true\n',
        encoding="utf-8",
    )
    result = _build(root)
    assert [found for found in result.diagnostics if found.severity != "info"] == []
    return root


def _build(root: Path, *, allowed: bool = True) -> BuildResult:
    config = load_config(root)
    options = BuildOptions(policy=ExecutionPolicy(allowed=allowed))
    return build(config, options, backend=LocalBackend(config), store=open_store(config))


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, chromium: Browser, site: Path
) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """Opens the page in a colour mode, from the disk or from a server; gives it with what it asked for."""
    contexts: list[BrowserContext] = []

    def serve(route: Any) -> None:
        path = route.request.url.removeprefix(f"{HOST}/blog/").partition("?")[0]
        file = site / "public" / path
        file = file / "index.html" if file.is_dir() else file
        route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0] or "text/html")

    def opened(mode: str) -> tuple[Page, list[str]]:
        context = chromium.new_context(color_scheme=mode, viewport={"width": 900, "height": 700})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        problems: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console", lambda said: problems.append(said.text) if "Content Security" in said.text else None
        )
        context.route("http*://**", lambda route: route.abort())
        context.route(f"{HOST}/**", serve)
        start = (site / "public").as_uri() if getattr(request, "param", "file") == "file" else f"{HOST}/blog"
        page.goto(f"{start}/charts/index.html")
        page.wait_for_selector(".plot:not([data-drawn])", state="detached")
        page.wait_for_selector(".widget-slider")
        assert problems == []
        return page, asked

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("open_page", ["file", "http"], indirect=True)
def test_all_charts_draw_with_the_sites_own_scripts(
    open_page: Callable[..., tuple[Page, list[str]]],
) -> None:
    """A chart above a widget draws, and so does the widget; each library is asked for once, nothing elsewhere."""
    page, asked = open_page("light")

    assert page.locator('.plot[data-library="plotly"] .main-svg').count() >= 3
    assert page.locator('.plot[data-library="vega"] svg.marks path').count() > 0
    menus = page.locator('.plot[data-library="vega"] summary')
    assert set(menus.evaluate_all("menus => menus.map(menu => menu.ariaLabel)")) == {"Click to view actions"}
    assert page.locator(".plot-note:visible").count() == 0
    assert page.locator("#said").text_content() == "by a script"
    slider = page.locator(".widget-slider").first
    assert slider.evaluate("each => getComputedStyle(each).display") == "flex"  # the widgets' own style
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content") or ""
    assert "'unsafe-inline'" not in policy.partition("style-src ")[2].partition(";")[0]
    sent = [url for url in asked if not url.startswith(("data:", "blob:"))]
    scripts = sorted(url.rsplit("/", 1)[1].split("-")[0] for url in sent if url.endswith(".js"))
    assert [name for name in scripts if name in ("plotly", "vega", "embed.js")] == [
        "embed.js",
        "plotly",
        "vega",
    ]
    assert {url for url in sent if not url.startswith(("file:///", f"{HOST}/blog/"))} == set()


def test_every_kind_of_plotly_draws_under_the_policy(chromium: Browser, site: Path) -> None:
    """WebGL traces make no code of text, no style element comes without its hash, and one plotly.js draws all."""
    context = chromium.new_context(viewport={"width": 700, "height": 700})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda sent: asked.append(sent.url))
    html = (site / "public/kinds/index.html").read_text("utf-8")

    page.goto((site / "public/kinds/index.html").as_uri())
    page.wait_for_selector(".plot:not([data-drawn])", state="detached", timeout=60_000)

    assert said == []
    assert page.locator(".plot[data-drawn]").count() == 15
    assert page.locator(".no-webgl").count() == 0
    assert page.get_by_text("WebGL is not supported").count() == 0
    assert page.locator(".plot .gl-canvas").count() > 0
    assert [url.rsplit("/", 1)[1][:14] for url in asked if "/plotly" in url] == ["plotly-strict-"]
    policy = html[html.index("style-src ") : html.index("style-src-attr")]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in html[: html.index("</head>")]
    context.close()


def test_colours_follow_the_mode(open_page: Callable[..., tuple[Page, list[str]]]) -> None:
    """Text in charts reads on both grounds, also when the switch is pressed; colours that the author chose stay."""
    from playwright.sync_api import expect

    page, _ = open_page("dark")

    def colours() -> list[str]:
        found: list[str] = page.evaluate(
            """() => [".plot .gtitle", ".plot .xtick text"].map(name => getComputedStyle(document.querySelector(name)).fill)
            .concat(getComputedStyle(document.querySelector(".plot .role-axis-label text")).fill)"""
        )
        return found

    def own() -> str:
        return str(page.evaluate("[...document.querySelectorAll('.plot .gtitle')].at(-1).style.fill"))

    dark, author = colours(), own()
    page.locator(".mode-switch").click()  # system -> light
    # a function that the page itself asks again and again is code of text, which its policy forbids
    expect(page.locator(".plot .gtitle").first).not_to_have_css("fill", dark[0])
    expect(page.locator(".plot .role-axis-label text").first).not_to_have_css("fill", dark[2])
    light = colours()

    assert all(_luminance(colour) > 0.6 for colour in dark), dark
    assert all(_luminance(colour) < 0.4 for colour in light), light
    assert own() == author
    paper = page.evaluate("getComputedStyle(document.querySelector('.plot .main-svg')).backgroundColor")
    assert paper == "rgba(0, 0, 0, 0)"


def test_paper_is_light(open_page: Callable[..., tuple[Page, list[str]]]) -> None:
    """A page that is read in the dark is printed in dark ink."""
    from playwright.sync_api import expect

    page, _ = open_page("dark")

    before = page.evaluate("getComputedStyle(document.querySelector('.plot .gtitle')).fill")
    assert _luminance(before) > 0.6
    page.emulate_media(media="print")
    expect(page.locator(".plot .gtitle").first).not_to_have_css("fill", before)

    assert _luminance(page.evaluate("document.querySelector('.plot .gtitle').style.fill")) < 0.4


def test_nothing_jumps_when_a_chart_is_drawn(chromium: Browser, site: Path) -> None:
    """Without scripts the page has the notes, and about the height that it has with them."""
    heights = []
    for has_scripts in (False, True):
        context = chromium.new_context(
            java_script_enabled=has_scripts, viewport={"width": 900, "height": 700}
        )
        page = context.new_page()
        page.goto((site / "public/charts/index.html").as_uri())
        if has_scripts:
            page.wait_for_selector(".plot:not([data-drawn])", state="detached")
        else:
            assert page.locator(".plot-note:visible").count() == 4
        boxes = page.locator(".plot").all()
        heights.append([box.bounding_box() for box in boxes])
        context.close()

    before, after = ([round(box["height"]) for box in each if box] for each in heights)
    assert [abs(one - other) <= 40 for one, other in zip(before, after, strict=True)] == [True] * 4, (
        before,
        after,
    )


def test_a_machine_without_plotly_publishes_the_same(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script lies in the results, once: a build from records alone needs no library."""
    folder = site / "public"
    before = {file.relative_to(folder): file.stat().st_size for file in folder.rglob("*") if file.is_file()}
    monkeypatch.setattr("sitegen.execution.notebook._plotly_script", lambda _: pytest.fail("looked up"))

    result = _build(site, allowed=False)

    assert [found.code for found in result.diagnostics] == []
    assert {
        file.relative_to(folder): file.stat().st_size for file in folder.rglob("*") if file.is_file()
    } == before
    assert (
        sum(file.stat().st_size > 4_000_000 for file in (site / "results").rglob("*") if file.is_file()) == 1
    )
    assert (folder / "charts/index.html").stat().st_size < 80_000


def _luminance(colour: str) -> float:
    """Of `rgb(1, 2, 3)`, from 0 to 1."""
    red, green, blue = (int(part) for part in colour[colour.index("(") + 1 :].rstrip(")").split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
