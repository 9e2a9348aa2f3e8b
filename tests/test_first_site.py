"""The ten minutes of `docs/first-site.md` do what the page says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

_STEP = re.compile(
    r"^(?:`(?P<file>\S+)`:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.mark.kernel
def test_commands_and_files_of_the_page_make_the_site(repository: Path, tmp_path: Path) -> None:
    """Every command ends well, tells of nothing but a draft and a search without index, and the pages show what was written."""
    folder = tmp_path
    files = 0
    for step in _STEP.finditer((repository / "docs/first-site.md").read_text("utf-8")):
        if step["file"]:
            (folder / step["file"]).parent.mkdir(parents=True, exist_ok=True)
            (folder / step["file"]).write_text(step["text"], encoding="utf-8")
            files += 1
            continue
        assert step["language"] == "sh"
        for line in step["text"].splitlines():
            command, *rest = shlex.split(line)
            if command == "cd":
                folder /= rest[0]
                continue
            assert command == "sitegen"
            done = subprocess.run(
                [sys.executable, "-m", "sitegen", *rest],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert set(re.findall(r"\bSG\d+", done.stdout + done.stderr)) <= {"SG410", "SG713"}

    assert files == 10
    shown = {
        "index.html": ("Writing", "How Noisy Is a Mean?", "This site is new."),
        "projects/noise/index.html": (
            "test accuracy",
            "/posts/hello/#metric-test_accuracy",
            "How noisy is a mean?",
        ),
        "publications/name2026noise/index.html": ("<strong>Your Name</strong>", "/posts/noise/"),
        "posts/noise/index.html": ("Name and Name, 2026", "Figure 1", "sidenote", "Careful", "assets/mine."),
        "cv/index.html": ("A university",),
    }
    for path, texts in shown.items():
        html = (folder / "public" / path).read_text("utf-8")
        assert [text for text in texts if text not in html] == [], path
    assert not (folder / "public/talks/what-was-measured").exists()  # a draft
