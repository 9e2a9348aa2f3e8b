"""Paper in a real browser: pages made by Chromium's own printing, and boxes laid out under the styles for print."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.policy import ExecutionPolicy
from sitegen.results.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

A4_PX = {"width": 658, "height": 986}
"""210 x 297 mm less margins of 18 and 20 mm."""
GAP_PX = 14
"""One `rem`: 10.5 points."""
POST = f"""+++
title = "All"
date = 2026-01-01
repo = "https://example.org/repository"
+++
See [@a], <https://example.org/own> and [words](https://example.org/words).

$$L = {" + ".join("abcdefghijklmnopqrstuvwxyz" * 2)}$$ {{#eq-long}}

$$a = b$$

```python {{linenos=table}}
{"x = 1  # " + "long " * 60}
y = 2
```

::: {{.compare}}
![One](a.png "One")
![Two](a.png "Two")
:::

::: {{.callout-tip collapse="true" title="Folded"}}
Inside.
:::
"""
SLIDES = f"""+++
title = "Deck"
date = 2026-01-01
type = "slides"
event = "E"
+++
## Long code

```python
{chr(10).join(f"line_{number} = {number}" for number in range(45))}
```

## Columns

:::: {{.columns}}
::: {{.column}}
One
:::
::: {{.column}}
Two
:::
::::

## Steps

::: {{.incremental}}
- one
- two
:::
"""
WIDTHS = "all => all.map(box => Math.round(box.getBoundingClientRect().width))"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that it has there
        """Nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A post and a deck on a server: from `file://` a script cannot read the rules for print."""
    from PIL import Image

    root = tmp_path_factory.mktemp("paper")
    (root / "content/all").mkdir(parents=True)
    (root / "content/all/index.md").write_text(POST, "utf-8")
    Image.new("RGB", (900, 300), "#336699").save(root / "content/all/a.png")
    (root / "content/deck.md").write_text(SLIDES, "utf-8")
    (root / "refs.bib").write_text(
        "@misc{a, title={Title}, author={Last, First}, year=2020, doi={10.1000/1}}", "utf-8"
    )
    (root / "sitegen.toml").write_text(
        'bibliography = "refs.bib"\ncontentSecurityPolicy = true\n[images]\nformats = []\n', "utf-8"
    )
    config = load_config(root, environ={}, now=datetime(2026, 5, 1, tzinfo=UTC))
    options = BuildOptions(policy=ExecutionPolicy(allowed=False))
    result = build(config, options, backend=LocalBackend(config), store=open_store(config))
    assert [each for each in result.diagnostics if each.severity != "info"] == []
    handler = partial(_Quiet, directory=str(root / "public"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window as wide as the text on A4."""
    context = chromium.new_context(viewport=A4_PX)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def post(page: Page, address: str) -> Page:
    """The post as it is when the browser lays out paper: events first, then the styles."""
    page.goto(f"{address}/all/")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    return page


def _sheets(page: Page) -> int:
    """How many sheets the page takes, printed on A4."""
    session = page.context.new_cdp_session(page)
    data = session.send(
        "Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
    )["data"]
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(data)))


def test_a_slide_takes_one_sheet(page: Page, address: str) -> None:
    """However long its code is; afterwards the deck is as it was, and steps to come are still to come."""
    page.goto(f"{address}/deck/")

    assert _sheets(page) == 4
    body = page.locator("#long-code .slide-body")
    assert body.evaluate("body => [body.style.zoom, body.style.width]") == ["", ""]
    assert page.locator(".is-to-come").count() == 2


def test_columns_of_a_slide_are_columns_on_paper(page: Page, address: str) -> None:
    """Though the paper that a browser asks about may be narrower than a slide."""
    page.goto(f"{address}/deck/")
    page.emulate_media(media="print")
    one, two = (page.locator(".column").nth(place).bounding_box() for place in (0, 1))

    assert one is not None
    assert two is not None
    assert one["y"] == two["y"]
    assert one["x"] < two["x"]


def test_a_formula_is_as_wide_as_the_paper(post: Page) -> None:
    """A wide one is made smaller with its number; one that fits keeps its size, and so does the page on screen."""
    long, short = post.locator(".math.display").all()
    right = long.locator("math").evaluate(
        "math => Math.max(...[...math.querySelectorAll('mtd, mi')].map(part => part.getBoundingClientRect().right))"
    )

    assert right <= A4_PX["width"]
    assert short.evaluate("formula => formula.style.fontSize") == ""
    post.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert long.evaluate("formula => formula.style.fontSize") == ""


def test_numbers_do_not_stand_beside_other_lines(post: Page) -> None:
    """Code wraps on paper, so a column of line numbers of its own would be wrong."""
    assert post.locator(".lntd").first.is_hidden()
    code = post.locator(".lntd pre").last
    assert code.evaluate("code => code.scrollWidth <= code.clientWidth")


def test_what_stands_beside_the_text_is_smaller_on_paper_too(post: Page) -> None:
    """Sizes in `rem` follow the text's, which paper has in points."""
    size_px = "element => parseFloat(getComputedStyle(element).fontSize)"

    assert post.locator(".prose p").first.evaluate(size_px) == 14
    assert post.locator(".site-footer").evaluate(size_px) < 14


def test_both_pictures_of_a_comparison_are_printed(post: Page) -> None:
    """Side by side and whole, each above its caption, without the slider."""
    first, second = post.locator(".compare img").evaluate_all(WIDTHS)
    assert first == second == round((A4_PX["width"] - GAP_PX) / 2)
    clips = "all => all.map(box => getComputedStyle(box).clipPath)"
    assert post.locator(".compare-stage > *").evaluate_all(clips) == ["none", "none"]
    assert post.locator(".compare input").is_hidden()


def test_folds_are_open_and_links_have_their_addresses(post: Page) -> None:
    """Once, where the text is the address; a callout keeps its sign; arrows that lead back are not printed."""
    assert post.get_by_text("Inside.").is_visible()
    sign = "title => getComputedStyle(title, '::before').display"
    assert post.locator(".markdown-alert-title").evaluate(sign) != "none"
    assert post.locator(".reference-back").is_hidden()
    address = "all => all.map(link => getComputedStyle(link, '::after').content)"
    (repository,) = post.locator(".links a").evaluate_all(address)
    own, words = post.locator('.prose > p a[href^="http"]').evaluate_all(address)
    assert "https://example.org/repository" in repository
    assert own == "none"
    assert "https://example.org/words" in words
