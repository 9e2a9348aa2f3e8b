"""What a record says of the repository."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitegen.execution.jobs import Job, Run, Traces
from sitegen.execution.kernel_choice import KernelChoice, PageDevice
from sitegen.execution.recording import Commit, commit_of, holds_secret, scrubbed
from sitegen.results.scrub import this_machine


def _git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_commit_is_named_with_what_was_changed_since(tmp_path: Path) -> None:
    """The commit's whole name; a file that is not committed makes it dirty."""
    (tmp_path / "a.md").write_text("a", encoding="utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-q", "-m", "first")

    clean = commit_of(tmp_path)
    (tmp_path / "a.md").write_text("b", encoding="utf-8")

    assert clean == Commit(name=_git(tmp_path, "rev-parse", "HEAD"), is_dirty=False)
    assert commit_of(tmp_path) == Commit(name=clean.name, is_dirty=True)


def test_what_builds_write_is_no_change_of_the_source(tmp_path: Path) -> None:
    """Results and pages that a build has just written leave the next run of the same commit clean; a new post does not."""
    _git(tmp_path, "init", "--quiet")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.md").write_text("a", encoding="utf-8")
    _git(tmp_path, "add", "site")
    _git(tmp_path, "commit", "--quiet", "-m", "a")
    root, made = (
        tmp_path / "site",
        [tmp_path / "site/results", tmp_path / "site/public", tmp_path / "outside"],
    )
    for folder in made:
        folder.mkdir()
        (folder / "file").write_text("b", encoding="utf-8")
    (tmp_path / "outside/file").unlink()

    assert not commit_of(root, made).is_dirty
    (tmp_path / "beside.py").write_text("c", encoding="utf-8")
    assert commit_of(root, made).is_dirty


def test_repository_without_a_commit_names_none(tmp_path: Path) -> None:
    """Nothing is committed yet: no name, and no failure."""
    _git(tmp_path, "init", "-q")

    assert commit_of(tmp_path) == Commit(name=None)


def test_name_of_a_file_that_is_a_credential_is_none_to_record(site: Any) -> None:
    """A record names what the run wrote, read and missed, and a page publishes the record."""
    page = site.page("page", "1")
    job = Job(
        page=page.page,
        path=page.path,
        root=site.root,
        state_dir=site.config.state_dir,
        cells=page.cells,
        execution=page.execution,
        kernel=KernelChoice(
            name="python3", language="python", argv=("python",), interpreter="CPython 3.11.9"
        ),
        device=PageDevice(kind="cpu"),
    )
    token = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"  # made up
    run = Run(page=job.page, started=datetime(2030, 1, 1, tzinfo=UTC), seconds=1.0, cells=())
    machine = this_machine(site.root, {"MY_KEY": str(site.root)})

    told, harmless = (
        scrubbed(replace(run, traces=Traces(written=(f"{site.root}/content/page/{name}.log",))), job, machine)
        for name in (token, "loss")
    )

    assert holds_secret(told)
    assert not any(token in diagnostic.message for diagnostic in told.diagnostics)
    assert not holds_secret(harmless)
