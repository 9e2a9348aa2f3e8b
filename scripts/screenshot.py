"""Takes the README's screenshots from the built example site, in light and in dark.

make site && .venv/bin/python scripts/screenshot.py
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "public/posts/ppo/index.html"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Write `docs/images/post-light.png` and `post-dark.png`."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None or not PAGE.is_file():
        sys.exit("needs chromium and a built site: make site")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme=scheme)
            page.goto(PAGE.as_uri())
            shot = Image.open(BytesIO(page.screenshot())).convert("P", palette=Image.Palette.ADAPTIVE)
            shot.save(ROOT / f"docs/images/post-{scheme}.png", optimize=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
