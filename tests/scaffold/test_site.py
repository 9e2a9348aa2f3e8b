"""New sites and workflows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from sitegen.errors import SiteError
from sitegen.scaffold.site import CI_SERVICES, CiService, new_ci, new_site
from sitegen.scaffold.starter import read_tree

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.mark.usefixtures("own_starter")
def test_site_has_the_starters_files_with_its_title(tmp_path: Path) -> None:
    """Placeholders are filled in text, dotted names get their dot, other files are copied."""
    root = tmp_path / "my site"

    created = new_site(root, title='A "quoted" title', now=NOW)

    assert {file.relative_to(root).as_posix() for file in created} == {
        ".gitignore",
        "content/posts/first/index.md",
        "sitegen.toml",
        "static/icon.png",
    }
    assert (root / "sitegen.toml").read_text(encoding="utf-8") == 'title = "A \\"quoted\\" title"\n'
    assert "2026-11-22T10:30:00+00:00" in (root / "content/posts/first/index.md").read_text(encoding="utf-8")
    assert (root / "static/icon.png").read_text(encoding="utf-8") == "not text {{ title }}"


@pytest.mark.usefixtures("own_starter")
def test_folder_with_other_files_is_used(tmp_path: Path) -> None:
    """A fresh clone with a README and a `.git` can become a site."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")

    new_site(tmp_path, title="T", now=NOW)

    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("own_starter")
def test_existing_file_stops_everything(tmp_path: Path) -> None:
    """Nothing is overwritten, and nothing is written by halves."""
    (tmp_path / "sitegen.toml").write_text("mine", encoding="utf-8")

    with pytest.raises(SiteError) as caught:
        new_site(tmp_path, title="T", now=NOW)

    assert caught.value.diagnostic.code == "SG601"
    assert [file.name for file in tmp_path.iterdir()] == ["sitegen.toml"]


@pytest.mark.usefixtures("own_starter")
def test_workflow_goes_where_its_service_looks(tmp_path: Path) -> None:
    """GitHub reads a hidden folder, GitLab a hidden file."""
    new_ci(tmp_path, "github")
    new_ci(tmp_path, "gitlab")

    assert (tmp_path / ".github/workflows/site.yml").is_file()
    assert (tmp_path / ".gitlab-ci.yml").is_file()


@pytest.mark.parametrize("service", ["github", "netlify", "cloudflare"])
def test_workflow_keeps_results_and_caches(service: CiService, tmp_path: Path) -> None:
    """Without the first every page runs at each push, without the second all code is highlighted again."""
    new_ci(tmp_path, service)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/site.yml").read_text())
    (job,) = workflow["jobs"].values()

    kept = [step["with"] for step in job["steps"] if "actions/cache/" in step.get("uses", "")]

    assert [options["path"].split() for options in kept] == [["results", ".sitegen/cache"]] * 2
    assert kept[0]["key"] == kept[1]["key"]
    assert kept[0]["key"].startswith(kept[0]["restore-keys"])


def test_pipeline_of_gitlab_keeps_results_and_caches(tmp_path: Path) -> None:
    """As the other workflows."""
    new_ci(tmp_path, "gitlab")

    pages = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["pages"]

    assert pages["cache"][1]["paths"] == ["results", ".sitegen/cache"]


def test_package_has_a_starter_and_every_service() -> None:
    """What the commands offer is in the package."""
    assert any(path.name == "sitegen.toml" for path in read_tree("site"))
    for service in CI_SERVICES:
        assert read_tree(f"ci/{service}")
