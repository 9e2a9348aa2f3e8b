"""Takes the README's screenshots from the built example site, in light and in dark.

    make site && .venv/bin/python scripts/screenshot.py

Each shows two pieces of one page: its head, with the badge, and what a cell drew and the prose made of it.
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "public/posts/ppo/index.html"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTH_PX: Final = 1280
HEAD_PX: Final = 450
FIGURE_PX: Final = 760
GAP_PX: Final = 12


def main() -> None:
    """Write `docs/images/post-light.png` and `post-dark.png`."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None or not PAGE.is_file():
        sys.exit("needs chromium and a built site: make site")
    folder = ROOT / "docs/images"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": WIDTH_PX, "height": 1000}, color_scheme=scheme)
            page.goto(PAGE.as_uri())
            shot = _both_pieces(page).convert("P", palette=Image.Palette.ADAPTIVE)
            shot.save(folder / f"post-{scheme}.png", optimize=True)
            page.close()
        browser.close()


def _both_pieces(page: Page) -> Image.Image:
    figure = page.locator("main figure").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.images].filter(image => image.checkVisibility()).slice(0, 1).every(image => image.complete)"
    )
    top = figure.evaluate("element => element.getBoundingClientRect().top + scrollY")
    pieces = (_clip(page, 0, HEAD_PX), _clip(page, top - 60, FIGURE_PX))
    whole = Image.new("RGB", (WIDTH_PX, HEAD_PX + GAP_PX + FIGURE_PX), "grey")
    whole.paste(pieces[0], (0, 0))
    whole.paste(pieces[1], (0, HEAD_PX + GAP_PX))
    return whole


def _clip(page: Page, top: float, height: float) -> Image.Image:
    area = {"x": 0.0, "y": float(top), "width": float(WIDTH_PX), "height": float(height)}
    data = page.screenshot(full_page=True, clip=area)  # type: ignore[arg-type]  # a TypedDict of these
    return Image.open(BytesIO(data)).convert("RGB")


if __name__ == "__main__":
    main()
