"""A starter of the tests' own, so that they hold whatever the package's says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.scaffold import starter

FILES = {
    "site/sitegen.toml": 'title = "{{ title }}"\n',
    "site/gitignore": "/public/\n",
    "site/content/posts/first/index.md": '+++\ndate = "{{ date }}"\n+++\n',
    "site/static/icon.png": "not text {{ title }}",
    "post.md": '+++\ntitle = "{{ title }}"\ndate = {{ date }}\ndraft = true\n+++\n',
    "page.md": '+++\ntitle = "{{ title }}"\n+++\n',
    "ci/github/github/workflows/site.yml": "on: push\n",
    "ci/gitlab/gitlab-ci.yml": "build:\n",
}


@pytest.fixture
def own_starter(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small starter in place of the package's."""
    folder = tmp_path_factory.mktemp("starter")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(starter, "_starter", lambda: folder)
    return folder
