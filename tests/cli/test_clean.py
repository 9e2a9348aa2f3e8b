"""`sitegen clean`: what goes and what stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from click.testing import CliRunner

from sitegen.build.publish import PublishTarget, publish
from sitegen.cli.main import main
from sitegen.config import load_config
from sitegen.content.document import Digest
from sitegen.files import digest_bytes
from sitegen.rendering.values import RenderedFile

WriteSite = Callable[[dict[str, str]], Path]
FILES = {
    "sitegen.toml": 'title = "Site"\n',
    "content/a.md": "text\n",
    "results/runs/r.json": "{}",
    ".sitegen/cache/x": "x",
}


def _publish(root: Path) -> None:
    """Publish two files, as a build does."""
    files = [
        RenderedFile(path=PurePosixPath(name), digest=Digest(digest_bytes(b"x")), content=b"x")
        for name in ("index.html", "a/index.html")
    ]
    publish(files, PublishTarget.of(load_config(root)))


def test_site_and_caches_go_and_results_stay(write_site: WriteSite, runner: CliRunner) -> None:
    """What a build makes is gone; what runs have found out, and the content, is there."""
    root = write_site(FILES)
    _publish(root)

    result = runner.invoke(main, ["clean", "-s", str(root)])

    assert result.exit_code == 0, result.output
    assert result.stderr == "removed 2 files of the site, and the caches\n"
    assert sorted(entry.name for entry in root.iterdir()) == ["content", "results", "sitegen.toml"]
    assert (root / "results/runs/r.json").exists()


def test_files_of_others_stay_and_are_named(write_site: WriteSite, runner: CliRunner) -> None:
    """A CNAME, a repository and a file in a page's folder are not ours to remove."""
    root = write_site(FILES)
    _publish(root)
    (root / "public/CNAME").write_text("example.org", encoding="utf-8")
    (root / "public/.git").mkdir()
    (root / "public/a/paper.pdf").write_text("pdf", encoding="utf-8")

    result = runner.invoke(main, ["clean", "-s", str(root)])

    assert {entry.name for entry in (root / "public").iterdir()} == {".git", "CNAME", "a"}
    assert [entry.name for entry in (root / "public/a").iterdir()] == ["paper.pdf"]
    assert "kept, since sitegen did not write it: public/CNAME" in result.stderr


def test_nothing_to_clean_is_no_error(write_site: WriteSite, runner: CliRunner) -> None:
    """A second `clean` does nothing."""
    root = write_site({"sitegen.toml": 'title = "Site"\n', "content/a.md": "text\n"})

    assert runner.invoke(main, ["clean", "-s", str(root)]).exit_code == 0


def test_one_destination_leaves_the_site_of_another(write_site: WriteSite, runner: CliRunner) -> None:
    """With `-d`, the record of what was published to `public/` stays, so the next build can change it."""
    root = write_site(FILES)
    build = ["build", "-s", str(root), "--no-execute"]
    runner.invoke(main, build)
    runner.invoke(main, [*build, "-d", str(root / "out")])

    cleaned = runner.invoke(main, ["clean", "-s", str(root), "-d", str(root / "out")])
    (root / "content/a.md").write_text("another text\n", encoding="utf-8")
    built = runner.invoke(main, build)

    assert cleaned.exit_code == 0, cleaned.output
    assert not (root / "out").exists()
    assert built.exit_code == 0, built.output
    assert "another text" in (root / "public/a/index.html").read_text(encoding="utf-8")
