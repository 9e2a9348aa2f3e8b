"""Figures in a real browser: which of a pair is shown and loaded, whether it can be read, and how wide it may be."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from sitegen.config import load_config
from sitegen.content.document import Digest
from sitegen.content.executed import CellRun, DisplayOutput, ExecutedDocument
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.execution.kernel_side import dark, grounds
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.composing.page import compose
from sitegen.rendering.page_files import render
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.results.ledger import Ledger

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Draw = Callable[[Any], None]
DARK = {"svg": "application/vnd.sitegen.dark.svg+xml", "png": "application/vnd.sitegen.dark.png"}
MIME = {"svg": "image/svg+xml", "png": "image/png"}
SHOWN = "() => [...document.querySelectorAll('main img')].map(image => image.checkVisibility())"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
POST = '+++\ntitle = "Figures"\ndate = 2026-01-01\n[execute]\nenabled = true\n+++\n' + "".join(
    f"Text before a figure.\n\n```{{python}}\n#| echo: false\n#| label: fig-{name}\n#| fig-cap: Of {name}\n{option}{name}\n```\n\n"
    for name, option in (
        ("svg", ""),
        ("png", ""),
        ("page", "#| column: page\n"),
        ("screen", "#| column: screen\n"),
        ("margin", "#| column: margin\n"),
    )
)


def drawn(form: str, draw: Draw) -> DisplayOutput:
    """A figure as a kernel displays it."""
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(4, 3))
    pytest.importorskip("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    draw(figure)

    def saved() -> object:
        whole = io.BytesIO()
        figure.savefig(whole, format=form, facecolor="none", bbox_inches="tight")
        return whole.getvalue().decode() if form == "svg" else base64.b64encode(whole.getvalue()).decode()

    dark.install(grounds)
    assert dark.is_plain(figure)
    with dark.without_paper(figure):
        light = saved()
    with dark.for_dark(figure):
        return DisplayOutput(data=FrozenDict({MIME[form]: light, DARK[form]: saved()}))


def curve(figure: Any) -> None:
    """Axes whose every label is black by default."""
    axes = figure.subplots()
    axes.plot([0, 1, 2], [0, 1, 0], "k")
    axes.set_xlabel("step")


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published page; its cells have one figure each."""
    root = tmp_path_factory.mktemp("figures")
    (root / "content").mkdir()
    (root / "content/post.md").write_text(POST, encoding="utf-8")
    (root / "sitegen.toml").write_text('title = "S"\nbaseURL = "https://example.org/"\n', encoding="utf-8")
    config = load_config(root, now=datetime(2026, 11, 20, tzinfo=UTC), overrides={"relative_urls": True})
    index = build_index(discover(config), config)
    templates, ledger = Templates(config), Ledger(entries=FrozenDict())
    shortcodes = TemplateShortcodes(templates, index, config)
    pages = {}
    for key, place in index.pages.items():
        document = parse(place.source, index, shortcodes, config) if place.source else empty_document(place)
        runs = {
            cell.id: CellRun(
                cell=cell.id,
                status="ok",
                outputs=(drawn("png" if cell.options.label == "fig-png" else "svg", curve),),
                source_digest=Digest("7" * 64),
            )
            for cell in document.cells
        }
        executed = ExecutedDocument(document=document, runs=FrozenDict(runs))
        pages[key] = compose(executed, index, ledger, shortcodes, config)
    site = gather(index, ledger, {key: page.summary for key, page in pages.items()})
    for page in pages.values():
        for file in render(page, site, templates, lambda key: pages[key].content, config):
            target = root / "public" / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content if file.content is not None else file.file.read_bytes())  # type: ignore[union-attr]
    return root / "public/post/index.html"


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens windows: `window(color_scheme="dark")`."""
    contexts = []

    def make(**settings: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("system", "chosen", "shown"),
    [
        ("light", None, "light"),
        ("dark", None, "dark"),
        ("light", "dark", "dark"),
        ("dark", "light", "light"),
    ],
)
def test_the_mode_decides_which_of_a_pair_is_shown_and_loaded(
    window: Callable[..., Page],
    post: Path,
    system: Literal["light", "dark"],
    chosen: str | None,
    shown: str,
) -> None:
    """By the system or by the switch; the other picture is never asked for, and axis text can be read."""
    page = window(color_scheme=system)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    if chosen is not None:
        page.add_init_script(f"localStorage.setItem('mode', '{chosen}')")

    page.goto(post.as_uri())
    page.locator("#fig-png img").locator("visible=true").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")

    assert page.evaluate(SHOWN)[:4] == [shown == "light", shown == "dark"] * 2
    figures = [url for url in asked if "figure-fig-" in url]
    assert figures
    assert {"-dark." in url for url in figures} == {shown == "dark"}
    for name in ("svg", "png"):
        assert _contrast(page, f"#fig-{name}") >= 4.5


def test_a_pair_works_without_javascript(window: Callable[..., Page], post: Path) -> None:
    """The system's mode decides."""
    page = window(color_scheme="dark", java_script_enabled=False)

    page.goto(post.as_uri())

    assert page.locator("#fig-svg .only-dark").is_visible()
    assert page.locator("#fig-svg .only-light").is_hidden()


def test_paper_gets_the_light_picture(window: Callable[..., Page], post: Path) -> None:
    """Whatever the mode on the screen."""
    page = window(color_scheme="dark")
    page.add_init_script("localStorage.setItem('mode', 'dark')")
    page.goto(post.as_uri())

    page.emulate_media(media="print")

    light = page.locator("#fig-svg .only-light")
    assert light.is_visible()
    assert page.locator("#fig-svg .only-dark").is_hidden()
    light.evaluate("image => image.decode()")
    assert light.evaluate("image => image.naturalWidth") > 0


def test_pictures_take_their_place_before_they_come(window: Callable[..., Page], post: Path) -> None:
    """The page is as high without its pictures as with them."""
    page = window()
    page.route("**/figure-*", lambda route: route.abort())
    page.goto(post.as_uri())
    empty = page.evaluate("() => document.documentElement.scrollHeight")
    page.unroute("**/figure-*")

    page.reload(wait_until="networkidle")

    assert page.evaluate("() => document.documentElement.scrollHeight") == empty


def test_a_column_says_how_wide_an_output_is(window: Callable[..., Page], post: Path) -> None:
    """`page` reaches into the margin, `screen` to the window's edges, `margin` stands beside the text."""
    page = window()
    page.goto(post.as_uri())

    text, wide, full, beside = (
        page.locator(selector).first.bounding_box()
        for selector in (".prose > p", ".column-page", ".column-screen", ".column-margin")
    )
    assert text is not None and wide is not None and full is not None and beside is not None  # noqa: PT018
    right = text["x"] + text["width"]
    assert wide["x"] + wide["width"] > right + 200
    assert full["x"] <= 25
    assert full["x"] + full["width"] >= 1280 - 45
    assert beside["x"] >= right
    assert beside["x"] + beside["width"] <= 1280


@pytest.mark.parametrize("width", [320, 800, 1100, 1280])
def test_wide_outputs_never_make_the_page_scroll(window: Callable[..., Page], post: Path, width: int) -> None:
    """At every width."""
    page = window(viewport={"width": width, "height": 800})
    page.goto(post.as_uri())

    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing(window: Callable[..., Page], post: Path, mode: Literal["light", "dark"]) -> None:
    """Of a pair one picture is told of, with a text."""
    from axe_playwright_python.sync_playwright import Axe

    page = window(color_scheme=mode)
    page.goto(post.as_uri())

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.locator("#fig-svg").get_by_role("img", name="Of svg").count() == 1


def _contrast(page: Page, selector: str) -> float:
    """Of the ink of a figure's labels, which stand below its axes, to what is behind them."""
    from PIL import Image

    image = page.locator(f"{selector} img").locator("visible=true")
    image.evaluate("image => image.decode()")
    whole = Image.open(io.BytesIO(image.screenshot())).convert("RGB")
    labels = whole.crop((0, int(whole.height * 0.93), whole.width, whole.height))
    colours = Counter(labels.get_flattened_data())
    (ground, _), *_ = colours.most_common(1)
    return max(grounds.contrast(_unit(colour), _unit(ground)) for colour in colours)


def _unit(colour: Any) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in colour)
