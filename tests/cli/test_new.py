"""`sitegen new`: the commands over the package's own starter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitegen.cli.main import main

WriteSite = Callable[[dict[str, str]], Path]
CONFIG = {"sitegen.toml": 'title = "Site"\n', "content/a.md": "text\n"}


def test_new_site_says_what_to_do_next(tmp_path: Path, runner: CliRunner) -> None:
    """The site's configuration reads, has the title, and the next command is named."""
    root = tmp_path / "my site"

    result = runner.invoke(main, ["new", "site", str(root), "--title", 'The "lab"'])

    assert result.exit_code == 0, result.output
    assert f"next: sitegen serve -s '{root}'" in result.stdout
    assert tomllib.loads((root / "sitegen.toml").read_text(encoding="utf-8"))["title"] == 'The "lab"'
    assert "{{ " not in (root / "sitegen.toml").read_text(encoding="utf-8")
    assert (root / ".gitignore").exists()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("post", "content/posts/soft-actor-critic/index.md"),
        ("page", "content/soft-actor-critic.md"),
        ("project", "content/projects/soft-actor-critic/index.md"),
    ],
)
def test_new_content_prints_its_path(kind: str, file: str, write_site: WriteSite, runner: CliRunner) -> None:
    """The file's name comes from the title; its front matter reads."""
    root = write_site(CONFIG)

    result = runner.invoke(main, ["new", kind, "Soft Actor-Critic", "-s", str(root)])

    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert ("a draft:" in result.stderr) == ("draft = true" in (root / file).read_text("utf-8"))
    front_matter = (root / file).read_text(encoding="utf-8").split("+++")[1]
    assert tomllib.loads(front_matter)["title"] == "Soft Actor-Critic"


def test_existing_page_is_refused(write_site: WriteSite, runner: CliRunner) -> None:
    """Exit code 1 with the code, and the file untouched."""
    root = write_site(CONFIG)

    result = runner.invoke(main, ["new", "page", "a.md", "-s", str(root)])

    assert result.exit_code == 1
    assert "error SG601: `content/a.md` exists, and nothing is overwritten" in result.stderr
    assert (root / "content/a.md").read_text(encoding="utf-8") == "text\n"


@pytest.mark.parametrize(
    ("service", "file"),
    [
        ("github", ".github/workflows/site.yml"),
        ("gitlab", ".gitlab-ci.yml"),
        ("netlify", "netlify.toml"),
        ("cloudflare", ".github/workflows/site.yml"),
    ],
)
def test_workflow_is_written(service: str, file: str, tmp_path: Path, runner: CliRunner) -> None:
    """Each service's file is where the service looks for it; a second call is refused."""
    first = runner.invoke(main, ["new", "ci", service, "-s", str(tmp_path)])
    second = runner.invoke(main, ["new", "ci", service, "-s", str(tmp_path)])

    assert file in first.stdout.splitlines()
    assert (tmp_path / file).is_file()
    assert (first.exit_code, second.exit_code) == (0, 1)
