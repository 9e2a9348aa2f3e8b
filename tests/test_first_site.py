"""The ten minutes of the README, and those of `docs/first-site.md`, do what the pages say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

_STEP = re.compile(
    r"(?:`(?P<file>[^`\s]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NOTES = {"SG410", "SG713"}
"""A search without an index, where the extra is not installed; a draft."""


@pytest.mark.kernel
def test_the_readme_alone_makes_a_portfolio(repository: Path, tmp_path: Path) -> None:
    """Name, colours, a template, a project with its number and a paper with its buttons, by what the README says and no more."""
    readme = (repository / "README.md").read_text("utf-8")
    section = readme.partition("\n## A site of your own, in ten minutes\n")[2].partition("\n## ")[0]
    installed, _, rest = section.partition("\nThen, where the site is to be:\n")

    files = _follow(rest, tmp_path)

    assert 'pip install ".[execute,search]"' in installed
    assert files == 6
    page = (tmp_path / "my-site/public/index.html").read_text("utf-8")
    assert _absent(page, "mine.", "github.com/you", "Noise", "How Noisy Is a Mean?", ">Publications<") == []
    assert "Made with" not in page
    project = (tmp_path / "my-site/public/projects/noise/index.html").read_text("utf-8")
    assert _absent(project, "/posts/hello/#metric-test_accuracy", "github.com/you/noise") == []
    papers = (tmp_path / "my-site/public/publications/index.html").read_text("utf-8")
    assert _absent(papers, "<strong>Your Name</strong>", "https://example.com/paper.pdf", ">Code</a>") == []


@pytest.mark.kernel
def test_commands_and_files_of_the_page_make_the_site(repository: Path, tmp_path: Path) -> None:
    """Every command ends well, tells of nothing but a draft and a search without index, and the pages show what was written."""
    files = _follow((repository / "docs/first-site.md").read_text("utf-8"), tmp_path)

    assert files == 10
    shown = {
        "index.html": ("Writing", "How Noisy Is a Mean?", "This site is new.", "github.com/you"),
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
        html = (tmp_path / "my-site/public" / path).read_text("utf-8")
        assert _absent(html, *texts) == [], path
    assert not (tmp_path / "my-site/public/talks/what-was-measured").exists()  # a draft


def _absent(html: str, *texts: str) -> list[str]:
    return [text for text in texts if text not in html]


def _follow(text: str, folder: Path) -> int:
    """Do what a page says, step by step: write its files, run its commands; how many files there were."""
    files = 0
    for step in _STEP.finditer(text):
        if not step["file"]:
            assert step["language"] == "sh"
            folder = _run(step["text"], folder)
            continue
        file = folder / step["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        # settings come to those that are there; every other file is new, or replaces the starter's
        before = file.read_text("utf-8") + "\n" if file.suffix == ".toml" else ""
        file.write_text(before + step["text"], encoding="utf-8")
        files += 1
        if file.suffix == ".css":
            _uncomment(folder / "sitegen.toml", 'stylesheet = "mine.css"')
    return files


def _run(commands: str, folder: Path) -> Path:
    """Run the lines of a block; the folder that they end in."""
    for line in commands.splitlines():
        command, *rest = shlex.split(line)
        if command == "cd":
            folder /= rest[0]
            continue
        assert command == "sitegen"
        done = subprocess.run(
            [sys.executable, "-m", "sitegen", *rest], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert set(re.findall(r"\bSG\d+", done.stdout + done.stderr)) <= _NOTES, done.stderr
    return folder


def _uncomment(file: Path, setting: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(f"# {setting}") == 1
    file.write_text(text.replace(f"# {setting}", setting), encoding="utf-8")
