"""Static files that come and go in place of pages that Hugo makes only when asked: 404.html, robots.txt; and ours, llms.txt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitegen.cli.main import main


@pytest.mark.parametrize("name", ["404.html", "robots.txt", "llms.txt"])
def test_a_page_comes_back_where_a_static_file_goes(
    write_site: Callable[[dict[str, str]], Path], name: str
) -> None:
    """The author's file is published as long as it is there; then ours again, although the last build made none."""
    root = write_site({"sitegen.toml": 'title = "A site"\n', "content/a.md": "# A page\n"})
    own, published = root / "static" / name, root / "public" / name
    own.parent.mkdir()
    found: list[str] = []

    for text in ("", "mine", ""):
        if text:
            own.write_text(text, encoding="utf-8")
        else:
            own.unlink(missing_ok=True)
        done = CliRunner().invoke(main, ["build", "-s", str(root), "--no-execute"])
        assert done.exit_code == 0, done.output
        found.append(published.read_text("utf-8"))

    assert found[1] == "mine"
    assert found[0] == found[2] != "mine"
