"""Settings that decide over addresses: the real Hugo gives every page the same one."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sitegen.config import load_config
from sitegen.content.site import build_index
from sitegen.content.sources import discover

PAGES = {
    "content/_index.md": "",
    "content/about.md": "---\ntitle: About me\n---\n",
    "content/posts/2020-a.md": "---\ntitle: A a\ndate: 2020-02-03\n---\n",
    "content/posts/sub/b.md": "---\ntitle: B\n---\n",
    "content/docs/_index.md": "---\ntitle: D\n---\n",
    "content/docs/x.md": "---\ntitle: X x\n---\n",
    "content/docs/deep/_index.md": "---\ntitle: DD\n---\n",
    "content/docs/deep/y.md": "---\ntitle: Y\n---\n",
}
SITES = {
    "rules with targets": """
[[permalinks]]
pattern = "/s/:slug/"
target = {environment = "staging"}
[[permalinks]]
pattern = "/y/:year/:slug/"
target = {path = "/posts/2020-*"}
[[permalinks]]
pattern = "/k/:title/"
target = {kind = "section", path = "/docs/**"}
[[permalinks]]
pattern = "/d/:slug/"
target = {kind = "{page,term}", path = "{/docs/**,/about}"}
""",
    "a rule for all": '[[permalinks]]\npattern = "/all/:sections/:slug/"\n',
    "rules by section and kind": """
[permalinks]
"docs/deep" = "/deep/:contentbasename/"
"/" = "/root/:slug/"
[permalinks.page]
posts = "/p/:contentbasename/"
[permalinks.section]
Docs = "/sec/:sections/"
""",
    "ugly sections": "[uglyURLs]\nposts = true\ndocs = false\n",
    "a mounted folder": '[[module.mounts]]\nsource = "content/docs"\ntarget = "content"\n',
    "languages with hosts of their own": (
        'defaultContentLanguageInSubdir = true\n[languages.en]\nbaseURL = "https://example.org/"\n'
        '[languages.fr]\nbaseURL = "https://example.com/"\n'
    ),
    "a language below its key": 'defaultContentLanguage = "de"\ndefaultContentLanguageInSubdir = true\n',
}


@pytest.mark.parametrize("site", SITES)
def test_addresses(tmp_path: Path, site: str) -> None:
    """`hugo list all` and our index agree on each file's address."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    for name, text in {**PAGES, "hugo.toml": f'baseURL = "https://example.org/"\n{SITES[site]}'}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}

    done = subprocess.run(
        [hugo, "list", "all"], cwd=tmp_path, check=True, capture_output=True, text=True, env=kept
    )
    config = load_config(tmp_path, environ={})
    index = build_index(discover(config), config)

    rows = csv.DictReader(io.StringIO(done.stdout[done.stdout.index("path,slug") :]))
    assert {
        page.source.path.as_posix(): f"https://example.org{page.url}"
        for page in index.pages.values()
        if page.source is not None
    } == {row["path"]: row["permalink"] for row in rows}
