"""The post in the README does what the README says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser


@pytest.mark.kernel
def test_the_post_in_the_readme_gives_the_sentence_in_the_readme(
    repository: Path, write_site: Callable[[dict[str, str]], Path]
) -> None:
    """The ten lines are ten, they build, and the number that the README prints comes out."""
    readme = (repository / "README.md").read_text("utf-8")
    post = re.search(r"^````markdown\n(.*?)^````$", readme, re.MULTILINE | re.DOTALL)
    promise = re.search(r"^What comes out.*?\"(.+)\"$", readme, re.MULTILINE)
    assert post is not None
    assert promise is not None
    root = write_site({"content/posts/noise.md": post[1]})

    done = subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "-s", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    page = LexborHTMLParser((root / "public/posts/noise/index.html").read_text("utf-8"))
    sentences = [" ".join(node.text().split()) for node in page.css("main p")]
    assert promise[1] in sentences
    assert len(post[1].splitlines()) == 10
