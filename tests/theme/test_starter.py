"""What `new site` and `new ci` write is right as it stands."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from sitegen.config import load_config

STARTER = Path(str(files("sitegen.theme"))) / "starter"
WORKFLOWS = {
    "github": "github/workflows/site.yml",
    "gitlab": "gitlab-ci.yml",
    "netlify": "github/workflows/site.yml",
    "cloudflare": "github/workflows/site.yml",
}


@pytest.mark.parametrize("name", ["post.md", "page.md", "project.md", "talk.md", "slides.md", "news.md"])
def test_archetype_is_toml_with_its_placeholders_filled(name: str) -> None:
    """Front matter that a new page starts from can be read, and has the title that was asked for."""
    text = (STARTER / name).read_text(encoding="utf-8")
    filled = text.replace("{{ title }}", "A title").replace("{{ date }}", "2026-11-22T10:00:00Z")
    assert tomllib.loads(filled.split("+++")[1])["title"] == "A title"


def test_settings_load_without_a_word(tmp_path: Path) -> None:
    """Every key is known, and the base URL is a real one."""
    text = (STARTER / "site/sitegen.toml").read_text(encoding="utf-8")
    (tmp_path / "sitegen.toml").write_text(text.replace("{{ title }}", "A title"), encoding="utf-8")
    config = load_config(tmp_path)
    assert config.diagnostics == ()
    assert config.title == "A title"
    assert config.base_url == "https://example.org/"


def test_example_cell_needs_only_the_standard_library() -> None:
    """A new site builds with nothing but the `execute` extra."""
    text = (STARTER / "site/content/posts/hello/index.md").read_text(encoding="utf-8")
    modules = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
    assert modules == ["math", "random", "statistics", "sitegen"]


def test_ignored_files_do_not_include_the_results() -> None:
    """A new site's results are kept: what is ignored can be made again at no cost."""
    lines = (STARTER / "site/gitignore").read_text(encoding="utf-8").splitlines()
    assert "/public/" in lines
    assert "/results/" not in lines


def test_line_ends_of_results_are_left_alone() -> None:
    """A blob is named by the digest of its bytes, which no version-control system may change."""
    lines = (STARTER / "site/gitattributes").read_text(encoding="utf-8").splitlines()
    assert "/results/** -text" in lines


@pytest.mark.parametrize("service", sorted(WORKFLOWS))
def test_workflow_builds_strictly_and_freshly_from_the_lock(service: str) -> None:
    """Each service installs from the lock, keeps results, builds `--strict`, and `--fresh` on its timetable."""
    text = (STARTER / "ci" / service / WORKFLOWS[service]).read_text(encoding="utf-8")
    loaded: Any = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    assert '"sitegen-ml[execute,search]" -r requirements.lock' in text
    assert all(word in text for word in ("--strict", "--fresh", "results", "schedule"))


@pytest.mark.parametrize("service", sorted(set(WORKFLOWS) - {"gitlab"}))
def test_workflow_runs_on_push_weekly_and_by_hand(service: str) -> None:
    """The three reasons to build; YAML reads the key `on` as true."""
    loaded: Any = yaml.safe_load((STARTER / "ci" / service / WORKFLOWS[service]).read_text(encoding="utf-8"))
    assert set(loaded[True]) == {"push", "schedule", "workflow_dispatch"}
