"""The index beside Hugo's own account of the same content: `hugo list all`, column by column."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from sitegen.config import Config, load_config
from sitegen.content.site import IndexedPage, SiteIndex, build_index
from sitegen.content.sources import discover

Row = Mapping[str, object]

DIFFERENCES: Mapping[tuple[str, str], tuple[object, object]] = {
    # Ours on purpose: a page without front matter is named by its first heading.
    ("content/docs/v3.4/triage/PRs.md", "title"): ("", "PR Management"),
}
"""(path, column) to what Hugo says and what we say: every difference in 5,005 pages."""


def _moment(text: str) -> datetime | None:
    """A date of Hugo's; its zero date is none."""
    return None if text.startswith("0001-01-01") else datetime.fromisoformat(text)


def _of_hugo(rows: Iterable[Mapping[str, str]]) -> dict[str, Row]:
    return {
        row["path"]: {
            **row,
            **{name: _moment(row[name]) for name in ("date", "expiryDate", "publishDate")},
            "draft": row["draft"] == "true",
        }
        for row in rows
    }


def _row(path: str, page: IndexedPage, config: Config) -> Row:
    return {
        "path": path,
        "slug": page.meta.slug,
        "title": page.title,
        "date": page.date,
        "expiryDate": page.meta.expiry_date,
        "publishDate": page.meta.publish_date,
        "draft": page.meta.draft,
        "permalink": config.base_url.rstrip("/") + page.url,
        "kind": page.kind,
        "section": page.section,
    }


def _of_ours(index: SiteIndex, config: Config) -> dict[str, Row]:
    """The pages that Hugo lists: all with a file but headless ones."""
    return {
        str(path): _row(str(path), index.pages[key], config)
        for path, key in index.by_source.items()
        if index.pages[key].meta.build.list != "never"
    }


def _differences(
    hugo: Mapping[str, Row], ours: Mapping[str, Row]
) -> dict[tuple[str, str], tuple[object, object]]:
    return {
        (path, column): (row[column], ours[path][column])
        for path, row in hugo.items()
        if path in ours
        for column in row
        if row[column] != ours[path][column]
    }


@pytest.mark.shared
@pytest.mark.parametrize(("name", "pages"), [("kubeflow", 236), ("etcd", 727), ("digitalgov", 4042)])
def test_corpus(shared_dir: Path, name: str, pages: int) -> None:
    """Path, slug, title, dates, draft, permalink, kind and section of every page are Hugo's."""
    root = shared_dir / "corpora" / name
    config = load_config(root, environ={})
    index = build_index(discover(config), config)
    ours = _of_ours(index, config)
    with (root / "expected.csv").open(encoding="utf-8", newline="") as file:
        hugo = _of_hugo(csv.DictReader(file))
    assert len(hugo) == pages
    assert set(ours) == set(hugo)
    expected = {key: value for key, value in DIFFERENCES.items() if key[0] in hugo}
    assert _differences(hugo, ours) == expected


@pytest.fixture
def hugo_list() -> Callable[[Path], dict[str, Row]]:
    """What the pinned Hugo of the `dev` extra lists of a site."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")

    def run(root: Path) -> dict[str, Row]:
        done = subprocess.run([hugo, "list", "all"], cwd=root, check=True, capture_output=True, text=True)
        table = done.stdout[done.stdout.index("path,slug") :]
        return _of_hugo(csv.DictReader(io.StringIO(table)))

    return run


HARD_NAMES = (
    *("C++ & x", "a+b c", "100% sure", "50%25 x", "what's up?", "Ünïcödé – dash", "a - b", " lead", "trail "),
    *(
        "x.y.z",
        "日本語 タイトル",
        "A_B",
        "foo: bar",
        "a#b",
        "a@b~c",
        "((x))",
        "emoji 🚀 x",
        "2024-07-04-Post",
    ),
)


def _hard_site() -> dict[str, str]:
    """A site of the shapes that the corpora have, and of some that they have not."""
    files = {
        "hugo.toml": (
            "baseURL = 'https://example.org/'\ntitle = 't'\nbuildDrafts = true\nbuildFuture = true\n"
            "buildExpired = true\ntimeZone = 'Europe/Berlin'\n"
            "[permalinks.page]\ntitled = '/t/:year/:title/'\nnamed = '/n/:contentbasename/'\n"
            "deep = '/d/:sections[1:]/:sectionslugs/:slug/'\n[permalinks.section]\ndeep = '/dd/:sections/:slug/'\n"
        ),
        "content/_index.md": "---\ntitle: Home\n---\n",
        "content/bom.md": "\ufeff---\r\ntitle: Marked\r\nexpiryDate: 2020-01-01\r\n---\r\nBody\r\n",
        "content/json.md": '{"title": "J", "date": "2024-07-01T10:00:00Z", "draft": true}\nBody\n',
        "content/toml.md": "+++\ntitle = 'T'\ndate = 2024-07-01\nlastmod = 2024-07-02T08:00:00-04:00\n+++\n",
        "content/zone.md": "---\ntitle: Z\ndate: 2024-07-01 9:30:00 -0500\n---\n",
        "content/local.md": "---\ntitle: L\ndate: 2024-07-01 09:30:00\n---\n",
        "content/pub.md": "---\ntitle: P\npubdate: 2023-01-01\nunpublishdate: 2024-01-01\n---\n",
        "content/url.md": "---\ntitle: U\nurl: /custom/Path_X\n---\n",
        "content/slugged.md": "---\ntitle: S\nslug: My Slug\n---\n",
        "content/none.html": "<p>text</p>\n",
        "content/leaf/index.md": "---\ntitle: Leaf\n---\n",
        "content/leaf/resource.md": "---\ntitle: R\n---\n",
        "content/auto/deep/er/x.md": "---\ntitle: X\n---\n",
        "content/v1.2/_index.md": "---\ntitle: v1.2\n---\n",
        "content/v1.2/notes.en.md": "---\ntitle: N\n---\n",
        "content/s/_index.md": "---\nslug: s-slug\ncascade: {date: 2021-01-01, title: given}\n---\n",
        "content/s/a.md": "---\nweight: 1\n---\n",
        "content/s/sub/_index.md": "---\ntitle: Sub\n---\n",
        "content/s/sub/b.md": "---\ntitle: B\ndate: 2022-01-01\n---\n",
        "content/dated/_index.md": "---\ntitle: Dated\n---\n",
        "content/dated/b.md": "---\ntitle: B\ndate: 2022-01-01\ntags: [ML]\n---\n",
        "content/tags/ml/_index.md": "---\ntitle: ML\n---\n",
        "content/deep/_index.md": "---\ntitle: Deep\nslug: d-slug\n---\n",
        "content/deep/e/_index.md": "---\ntitle: E\n---\n",
        "content/deep/e/g.md": "---\ntitle: G/H\n---\n",
    }
    for number, name in enumerate(HARD_NAMES):
        quoted = name.replace("'", "''")
        files[f"content/titled/{number}.md"] = f"---\ntitle: '{quoted}'\ndate: 2024-01-01\n---\n"
        files[f"content/slugs/{number}.md"] = f"---\ntitle: x\nslug: '{quoted}'\n---\n"
        files[f"content/names/{name}.md"] = "---\ntitle: x\n---\n"
        files[f"content/named/{name}.md"] = "---\ntitle: x\n---\n"
    return files


@pytest.mark.skipif(sys.platform == "win32", reason="the file names are not Windows'")
def test_hard_site(
    write_site: Callable[[dict[str, str]], Path], hugo_list: Callable[[Path], dict[str, Row]]
) -> None:
    """A site of our own with every shape: the same answer as Hugo, page by page."""
    files = _hard_site()
    root = write_site({**files, "hugo.toml": files["hugo.toml"] + "[security]\nallowContent = ['.*']\n"})
    hugo = hugo_list(root)
    config = load_config(root, environ={})
    ours = _of_ours(build_index(discover(config), config), config)
    assert set(ours) == set(hugo)
    assert _differences(hugo, ours) == {}
