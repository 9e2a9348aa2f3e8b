"""Real documents of other people build as they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

JOURNEY_LIKE = """\
# How I came to learn

*Posted: July 1, 2024*

## A first model

```python
import math

print(math.floor(2.5))
```
"""


def _build(root: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "-s", str(root), *flags],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_document_without_front_matter_builds(write_site: Callable[[dict[str, str]], Path]) -> None:
    """The title comes from the H1 and is shown once, the date from the line below it."""
    root = write_site({"content/posts/journey.md": JOURNEY_LIKE})

    done = _build(root)

    html = (root / "public/posts/journey/index.html").read_text("utf-8")
    assert done.returncode == 0, done.stderr
    assert html.count("How I came to learn</h1>") == 1
    assert "2024-07-01" in html
    assert "Posted: July" not in html


@pytest.mark.shared
@pytest.mark.parametrize("name", ["journey", "systems", "projects"])
def test_the_documents_build_untouched(shared_dir: Path, tmp_path: Path, name: str) -> None:
    """Each document builds without an error, with its heading once and its text in the page."""
    folder = tmp_path / "content" / "posts"
    folder.mkdir(parents=True)
    shutil.copy(shared_dir / "inputs" / f"{name}.md", folder / f"{name}.md")

    done = _build(tmp_path)

    html = (tmp_path / f"public/posts/{name}/index.html").read_text("utf-8")
    assert done.returncode == 0, done.stderr
    assert html.count("<h1") == 1
    expected = {
        "journey": ["2024-07-01", "Actor-Critic"],
        "systems": ["AI / ML Systems", "Skill Set"],
        "projects": ['width="800"', 'loading="lazy"', "Neural Network Visualizer"],
    }
    assert [text for text in expected[name] if text not in html] == []


@pytest.mark.shared
@pytest.mark.kernel
@pytest.mark.slow
def test_the_fence_of_a_document_runs_where_the_site_says_so(shared_dir: Path, tmp_path: Path) -> None:
    """With `enabled = true` in the configuration the plain fence of `journey.md` runs (it needs torch)."""
    pytest.importorskip("torch")
    (tmp_path / "content").mkdir()
    (tmp_path / "sitegen.toml").write_text("[execute]\nenabled = true\n", encoding="utf-8")
    shutil.copy(shared_dir / "inputs/journey.md", tmp_path / "content/journey.md")

    done = _build(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "fresh 1" in done.stderr


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["kubeflow", "etcd", "digitalgov"])
def test_a_corpus_builds_with_keep_going(shared_dir: Path, tmp_path: Path, corpus: str) -> None:
    """Thousands of real pages build without a crash; what is wrong is named with file and line, exit 1."""
    source = shared_dir / "corpora" / corpus
    (tmp_path / "content").symlink_to(source / "content", target_is_directory=True)
    shutil.copy(source / "hugo.toml", tmp_path / "hugo.toml")

    done = _build(tmp_path, "--keep-going", "--quiet")

    errors = [line for line in done.stderr.splitlines() if ": error SG" in line]
    unplaced = [
        line
        for line in errors
        if not line.split(": error SG")[0].rstrip("0123456789:").endswith((".md", ".html"))
    ]
    assert done.returncode == 1, done.stderr[-3000:]
    assert errors
    assert unplaced == []
    assert "Traceback" not in done.stderr
    assert (tmp_path / "public/index.html").is_file()
