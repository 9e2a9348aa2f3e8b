"""`sitegen build`: exit codes, summary, report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitegen.cli.main import main

WriteSite = Callable[[dict[str, str]], Path]
CONFIG = 'baseURL = "https://example.org/"\ntitle = "Site"\n'
GOOD = {"sitegen.toml": CONFIG, "content/posts/a.md": "+++\ntitle = 'A'\ndate = 2024-01-01\n+++\nhello\n"}
BAD = {**GOOD, "content/posts/b.md": "+++\ntitle = \n+++\nbad\n"}


def test_good_site_is_published_and_summed_up(write_site: WriteSite, runner: CliRunner) -> None:
    """Exit code 0; the summary says how many pages, and where; a draft is counted."""
    root = write_site({**GOOD, "content/posts/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n"})

    result = runner.invoke(main, ["build", "-s", str(root)])

    assert result.exit_code == 0, result.output
    assert re.match(r"built \d+ pages in [\d.]+ s\nleft out: 1 draft \(-D\)\nsite: ", result.stderr)
    assert "hello" in (root / "public/posts/a/index.html").read_text(encoding="utf-8")


def test_quiet_prints_nothing_when_all_is_well(write_site: WriteSite, runner: CliRunner) -> None:
    """`--quiet` leaves errors and warnings only."""
    result = runner.invoke(main, ["build", "-s", str(write_site(GOOD)), "--quiet"])

    assert (result.exit_code, result.output) == (0, "")


def test_error_keeps_the_old_site(write_site: WriteSite, runner: CliRunner) -> None:
    """Exit code 1, file and line, and what was published stays byte for byte."""
    root = write_site(GOOD)
    runner.invoke(main, ["build", "-s", str(root)])
    before = {file: file.read_bytes() for file in root.glob("public/**/*") if file.is_file()}

    result = runner.invoke(main, ["build", "-s", str(write_site(BAD))])

    assert result.exit_code == 1
    assert "content/posts/b.md:2" in result.stderr
    assert "not published: the last site stays" in result.stderr
    assert {file: file.read_bytes() for file in root.glob("public/**/*") if file.is_file()} == before


def test_keep_going_publishes_the_rest(write_site: WriteSite, runner: CliRunner) -> None:
    """The good page is there, and the exit code is still 1."""
    root = write_site(BAD)

    result = runner.invoke(main, ["build", "-s", str(root), "--keep-going"])

    assert result.exit_code == 1
    assert (root / "public/posts/a/index.html").exists()


def test_json_diagnostics_are_one_document_on_stdout(write_site: WriteSite, runner: CliRunner) -> None:
    """A program reads stdout, a person reads stderr; an empty array where all is well."""
    good = runner.invoke(main, ["build", "-s", str(write_site(GOOD)), "--diagnostics", "json"])
    bad = runner.invoke(main, ["build", "-s", str(write_site(BAD)), "--diagnostics", "json"])

    assert json.loads(good.stdout) == []
    assert [diagnostic["path"] for diagnostic in json.loads(bad.stdout)] == ["content/posts/b.md"]


def test_broken_configuration_is_a_diagnostic_in_the_form_asked_for(
    write_site: WriteSite, runner: CliRunner
) -> None:
    """No build can start, and still the form holds."""
    root = write_site({"sitegen.toml": "title = \n"})

    result = runner.invoke(main, ["build", "-s", str(root), "--diagnostics", "json"])

    assert result.exit_code == 1
    assert [diagnostic["code"] for diagnostic in json.loads(result.stdout)] == ["SG101"]


def test_destination_is_below_the_site_as_hugos_is(write_site: WriteSite, runner: CliRunner) -> None:
    """`-d` is relative to the site's folder, wherever the command is called."""
    root = write_site(GOOD)

    result = runner.invoke(main, ["build", "-s", str(root), "-d", "out"])

    assert result.exit_code == 0, result.output
    assert (root / "out/index.html").exists()


def test_no_cache_forgets_caches_alone(write_site: WriteSite, runner: CliRunner) -> None:
    """What was published is still known as ours, so the next build can remove it; results stay."""
    root = write_site({**GOOD, ".sitegen/devices.json": "{}", "results/runs/r.json": "{}"})
    runner.invoke(main, ["build", "-s", str(root)])
    (root / "content/posts/a.md").unlink()

    result = runner.invoke(main, ["build", "-s", str(root), "--no-cache"])

    assert result.exit_code == 0, result.output
    assert not (root / ".sitegen/devices.json").exists()
    assert not (root / "public/posts/a").exists()
    assert (root / "results/runs/r.json").exists()


def test_report_lists_what_was_wrong(write_site: WriteSite, runner: CliRunner) -> None:
    """`.sitegen/report.json` holds the diagnostics of a failed build as well."""
    root = write_site(BAD)

    runner.invoke(main, ["build", "-s", str(root)])

    report = json.loads((root / ".sitegen/report.json").read_text(encoding="utf-8"))
    assert report["published"] is False
    assert report["diagnostics"][0]["path"] == "content/posts/b.md"


@pytest.mark.kernel
def test_report_lists_executed_pages(write_site: WriteSite, runner: CliRunner) -> None:
    """Each page with cells, how many there are, and the record that is shown."""
    root = write_site(
        {**GOOD, "content/posts/c.md": "+++\ntitle = 'C'\n+++\n```{python}\nprint(6 * 7)\n```\n"}
    )

    result = runner.invoke(main, ["build", "-s", str(root)])

    report = json.loads((root / ".sitegen/report.json").read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    assert "executing posts/c: cell 1/1" in result.stderr
    assert "pages with cells: fresh 1" in result.stderr
    (page,) = report["executed"]
    assert (page["page"], page["cells"], page["state"]) == ("/posts/c", 1, "fresh")
    assert re.fullmatch("[0-9a-f]{64}", page["record"])


def test_missing_extra_is_a_hint_once(
    write_site: WriteSite, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the `execute` extra nothing is run, and the hint names our distribution."""
    monkeypatch.setattr("sitegen.execution.kernelspecs.can_execute", lambda: False)
    root = write_site(
        {**GOOD, "content/posts/c.md": "+++\ntitle = 'C'\n+++\n```{python}\nprint(6 * 7)\n```\n"}
    )

    result = runner.invoke(main, ["build", "-s", str(root)])

    assert result.stderr.count("SG308") == 1
    assert 'pip install "sitegen-ml[execute]"' in result.stderr
