"""Measures pages of a built site with Lighthouse's mobile preset, served with gzip as hosts do, and prints a table.

    npm install --prefix .tools lighthouse@12.8
    make site && .venv/bin/python scripts/lighthouse.py

Exits with 1 where a page has less than 100 in accessibility, best practices or SEO, less than 99 in performance, or moves
while it loads (CLS). A page below 99 is measured up to three times, and the best counts. With `--steady` only what does not depend on
how busy the machine is counts: CI prints performance and movement, and does not judge by them. Other pages: name their
addresses, as in `scripts/lighthouse.py /posts/gpt/`. `--folder` names the site.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PROGRAM: Final = ROOT / ".tools/node_modules/lighthouse/cli/index.js"
PAGES: Final = (
    "/",
    "/posts/ppo/",
    "/projects/ppo-ablation/",
    "/publications/",
    "/notebooks/how-many-seeds/",
    "/talks/how-this-site-runs/",
)
"""Home, a post, a project, the papers, a notebook, slides."""
LEAST: Final[Mapping[str, int]] = {
    "performance": 99,
    "accessibility": 100,
    "best-practices": 100,
    "seo": 100,
}
_COMPRESSED: Final = frozenset({".html", ".css", ".js", ".svg", ".json", ".xml", ".txt"})
_FLAGS: Final = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"


def main() -> int:
    """Measure, print, and say by the exit code whether all is as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", nargs="*", default=PAGES, help="addresses of pages, from the site's root")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "public", help="a built site without relative URLs"
    )
    parser.add_argument(
        "--steady", action="store_true", help="judge by nothing that a busy machine makes worse"
    )
    given = parser.parse_args()
    missing = _missing(given.folder)
    if missing:
        print(f"lighthouse: {missing}", file=sys.stderr)
        return 2
    print(
        f"{'page':32} {'performance':>11} {'accessibility':>13} {'best practices':>14} {'SEO':>4} {'LCP':>7} {'CLS':>6} {'bytes':>8}"
    )
    is_good = True
    with served(given.folder) as address:
        for page in given.pages:
            found = best(address + page, is_steady=given.steady)
            is_good = _print(page, found, is_steady=given.steady) and is_good
    return 0 if is_good else 1


def _missing(folder: Path) -> str:
    if not PROGRAM.is_file():
        return "npm install --prefix .tools lighthouse@12.8"
    if shutil.which("node") is None:
        return "needs Node 20"
    if not (folder / "index.html").is_file():
        return f"no site in `{folder}`: build it first"
    return ""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a free port of this machine; gives the address without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Gzipped, directory=os.fspath(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Gzipped(SimpleHTTPRequestHandler):
    """Sends texts gzipped, and assets to be kept, as static hosts do; writes no log."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One file; a folder is its `index.html`."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.suffix in _COMPRESSED:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        if "/assets/" in self.path:
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        """Nothing."""


def best(url: str, *, is_steady: bool) -> dict[str, Any]:
    """The best report of up to three: other programs make a page slower on a machine, never faster.

    Raises:
        RuntimeError: it could not be measured, three times.
    """
    reports: list[dict[str, Any]] = []
    for attempt in range(_MOST_TRIES):
        try:
            reports.append(measured(url))
        except RuntimeError:
            if attempt == _MOST_TRIES - 1 and not reports:
                raise
            continue
        if is_steady or _performance(reports[-1]) >= LEAST["performance"]:
            break
    return max(reports, key=_performance)


_MOST_TRIES: Final = 3


def _performance(found: Mapping[str, Any]) -> int:
    return round(100 * (found["categories"]["performance"]["score"] or 0))


def measured(url: str) -> dict[str, Any]:
    """What Lighthouse reports of a page.

    Raises:
        RuntimeError: it could not be measured.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
        done = subprocess.run(
            [
                "node",
                str(PROGRAM),
                url,
                "--output=json",
                f"--output-path={report}",
                "--quiet",
                f"--chrome-flags={_FLAGS}",
            ],
            env={**os.environ, "CHROME_PATH": chromium},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not report.is_file():
            raise RuntimeError(f"{url}: {done.stderr.strip() or done.stdout.strip()}")
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def shortfalls(found: Mapping[str, Any], *, is_steady: bool) -> list[str]:
    """What keeps a page from what it should reach: categories with their audits, and movement while it loads."""
    told = []
    for name, least in LEAST.items():
        if is_steady and name == "performance":
            continue
        category = found["categories"][name]
        if round(100 * (category["score"] or 0)) < least:
            audits = [found["audits"][each["id"]] for each in category["auditRefs"] if each["weight"]]
            low = (audit["title"] for audit in audits if audit["score"] is not None and audit["score"] < 0.9)
            told.append(f"{name}: {'; '.join(low)}")
    if not is_steady and found["audits"]["cumulative-layout-shift"]["numericValue"] > 0:
        told.append("something moves while the page loads")
    return told


def _print(page: str, found: Mapping[str, Any], *, is_steady: bool) -> bool:
    audits = found["audits"]
    scores = [round(100 * (found["categories"][name]["score"] or 0)) for name in LEAST]
    largest_s = audits["largest-contentful-paint"]["numericValue"] / 1000
    shift = audits["cumulative-layout-shift"]["numericValue"]
    size = audits["total-byte-weight"]["numericValue"]
    print(
        f"{page:32} {scores[0]:11} {scores[1]:13} {scores[2]:14} {scores[3]:4} {largest_s:6.2f}s {shift:6.3f} {size:8.0f}"
    )
    told = shortfalls(found, is_steady=is_steady)
    for line in told:
        print(f"  {line}")
    return not told


if __name__ == "__main__":
    sys.exit(main())
