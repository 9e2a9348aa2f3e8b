"""The documentation is a site that sitegen builds; `tests/checking/test_check.py` looks at its links."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from sitegen.cli.main import main


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published folder of a copy of `docs/`, built with `--strict` and links that open from a folder."""
    source = tmp_path_factory.mktemp("docs") / "docs"
    shutil.copytree(repository / "docs", source, ignore=shutil.ignore_patterns(".sitegen", "public"))
    (source / "README.md").write_text("# About this folder\n\nSee [the cells](cells.md).\n", encoding="utf-8")
    output = source.parent / "site"
    done = CliRunner().invoke(
        main, ["build", "-s", str(source), "-d", str(output), "--strict", "--relative-urls"]
    )
    assert done.exit_code == 0, done.output
    return output


def test_every_document_is_a_page(repository: Path, site: Path) -> None:
    """Each Markdown file is published, a README beside them too."""
    names = {file.stem for file in (repository / "docs").glob("*.md")} - {"_index"}
    assert {name for name in names if not (site / name / "index.html").is_file()} == set()
    assert (site / "readme/index.html").is_file()


def test_every_document_is_in_the_menu_and_on_the_home_page(repository: Path, site: Path) -> None:
    """Nobody has to guess an address."""
    page = LexborHTMLParser((site / "index.html").read_text("utf-8"))
    names = {file.stem for file in (repository / "docs").glob("*.md")} - {"_index"}
    menu = {link.attributes["href"] for link in page.css(".site-nav a")}
    listed = {link.attributes["href"] for link in page.css(".prose a")}
    expected = {f"{name}/index.html" for name in names}
    assert (expected - menu, expected - listed) == (set(), set())


@pytest.mark.java
def test_pages_are_valid_html(site: Path, html_errors: Callable[[list[Path]], str]) -> None:
    """The HTML checker has nothing to say."""
    assert html_errors(sorted(site.rglob("*.html"))) == ""
