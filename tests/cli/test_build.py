"""`sitegen build`: exit codes, summary, report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

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


def test_a_build_that_changes_nothing_says_so(write_site: WriteSite, runner: CliRunner) -> None:
    """In its first line; one that changes a file does not say it."""
    root = write_site(GOOD)

    outputs = []
    for text in ("hello", "hello", "other"):
        (root / "content/posts/a.md").write_text(f"+++\ntitle = 'A'\ndate = 2024-01-01\n+++\n{text}\n")
        outputs.append(runner.invoke(main, ["build", "-s", str(root)]).stderr.splitlines()[0])

    assert re.fullmatch(r"built \d+ pages in [\d.]+ s", outputs[0])
    assert re.fullmatch(r"\d+ pages in [\d.]+ s: no file of the site has changed", outputs[1])
    assert re.fullmatch(r"built \d+ pages in [\d.]+ s", outputs[2])


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
def test_build_that_executes_says_and_writes_what_it_took(
    write_site: WriteSite, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its end, in the report, as JUnit and in the step summary; annotations of the same run go to stdout."""
    summary = tmp_path / "summary.md"
    summary.write_text("of an earlier command\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    cells = (
        "```{python}\n#| label: six\nprint(6 * 7)\n```\n\n```{python}\n1 / 0\n```\n\n```{python}\n2\n```\n"
    )
    root = write_site({**GOOD, "content/posts/c.md": f"+++\ntitle = 'C'\n+++\n{cells}"})
    flags = [
        "--diagnostics",
        "github",
        "--report",
        str(tmp_path / "new/r.xml"),
        "--report",
        str(tmp_path / "r.json"),
    ]

    result = runner.invoke(main, ["build", "-s", str(root), *flags])

    report = json.loads((root / ".sitegen/report.json").read_text(encoding="utf-8"))
    assert result.exit_code == 1, result.output
    assert "executing posts/c: cell 1/3 `six`, line 6" in result.stderr
    assert re.search(
        r"executed 1 page with 2 cells: [\d.]+ s of kernels in [\d.]+ s\n  failed  1  ", result.stderr
    )
    assert "pages with cells: failed 1" in result.stderr
    assert result.stdout.startswith("::error file=site/content/posts/c.md,line=10,col=1,title=SG301")
    (page,) = report["executed"]
    assert (page["page"], page["cells"], page["state"], page["ran"]) == ("/posts/c", 3, "failed", True)
    assert re.fullmatch("[0-9a-f]{64}", page["record"])
    assert page["kernel_seconds"] > page["seconds"] > 0
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == report
    tests = list(ET.parse(tmp_path / "new/r.xml").getroot().iter("testcase"))
    assert tests[0].get("file") == "site/content/posts/c.md"
    assert [(test.get("name"), [child.tag for child in test]) for test in tests] == [
        ("six", []),
        ("line 10", ["failure"]),
        ("line 14", ["skipped"]),
        ("everything but cells", []),
    ]
    written = summary.read_text(encoding="utf-8")
    assert written.startswith("of an earlier command\n## sitegen: not published\n")
    assert "`cell raised ZeroDivisionError: division by zero`" in written
    assert not any(
        b"kernel_seconds" in file.read_bytes() for file in root.glob("public/**/*") if file.is_file()
    )


def test_report_to_be_read_has_what_was_wrong(
    write_site: WriteSite, runner: CliRunner, tmp_path: Path
) -> None:
    """`.html` is a page with the place of each message, of a build that failed as well."""
    root = write_site({"content/posts/b.md": "+++\ntitle = 1 2\n+++\n"})

    runner.invoke(main, ["build", "-s", str(root), "--report", str(tmp_path / "r.html")])

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Not published" in page
    assert "<code>content/posts/b.md:2:" in page


def test_report_of_another_ending_is_a_wrong_call(write_site: WriteSite, runner: CliRunner) -> None:
    """Exit code 2 with the endings that are known, before anything is built."""
    root = write_site(GOOD)

    result = runner.invoke(main, ["build", "-s", str(root), "--report", "junit.txt"])

    assert result.exit_code == 2
    assert "known: `.xml` (JUnit), `.json` (the build's report)" in result.stderr
    assert not (root / "public").exists()


def test_report_that_cannot_be_written_fails_the_build(
    write_site: WriteSite, runner: CliRunner, tmp_path: Path
) -> None:
    """It was asked for; the site is published all the same."""
    root = write_site(GOOD)
    (tmp_path / "file").write_text("", encoding="utf-8")

    result = runner.invoke(main, ["build", "-s", str(root), "--report", str(tmp_path / "file/r.xml")])

    assert result.exit_code == 1
    assert re.search(r"Error: the report `.*r\.xml` cannot be written: ", result.stderr)
    assert (root / "public/index.html").exists()


def test_summary_that_cannot_be_written_is_a_warning(
    write_site: WriteSite, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No flag asked for it."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no/such/folder"))

    result = runner.invoke(main, ["build", "-s", str(write_site(GOOD)), "--quiet"])

    assert result.exit_code == 0
    assert result.stderr.startswith("warning: GITHUB_STEP_SUMMARY cannot be written: ")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RuntimeError("a bug"), 70, "RuntimeError: a bug"),
        (KeyboardInterrupt(), 1, "the build was interrupted"),
    ],
)
def test_build_that_is_ended_leaves_its_reports(
    write_site: WriteSite,
    runner: CliRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
) -> None:
    """By a bug or by Ctrl-C: a system for continuous integration shows that, and not the report of last time."""

    def end(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sitegen.build.build.build", end)
    root = write_site(GOOD)

    result = runner.invoke(main, ["build", "-s", str(root), "--report", str(tmp_path / "r.xml")])

    (test,) = ET.parse(tmp_path / "r.xml").getroot().iter("testcase")
    report = json.loads((root / ".sitegen/report.json").read_text(encoding="utf-8"))
    assert result.exit_code == code
    assert [child.get("message") for child in test] == [words]
    assert (report["published"], report["crash"].strip().splitlines()[-1]) == (False, words)


def test_interrupted_while_it_imports_is_no_bug(write_site: WriteSite) -> None:
    """Ctrl-C in the first tenths of a second leaves packages half imported, which report nothing of it."""
    program = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "jinja2.environment":
            sys.meta_path.remove(self)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from sitegen.cli.main import main
main()
"""

    done = subprocess.run(
        [sys.executable, "-c", program, "build", "-s", str(write_site(GOOD))],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.strip()) == (1, "Aborted!")


def test_broken_configuration_leaves_its_reports(
    write_site: WriteSite, runner: CliRunner, tmp_path: Path
) -> None:
    """No build can start: the file that is wrong is the failed test."""
    root = write_site({"sitegen.toml": "title = \n"})

    runner.invoke(main, ["build", "-s", str(root), "--report", str(tmp_path / "r.xml")])

    (test,) = ET.parse(tmp_path / "r.xml").getroot().iter("testcase")
    assert (test.get("name"), [child.get("type") for child in test]) == ("sitegen.toml", ["SG101"])


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


def test_settings_of_markdown_reach_the_pages(write_site: WriteSite, runner: CliRunner) -> None:
    """Hugo's keys in `hugo.toml` decide what a body becomes, and what is left out is said."""
    markup = "enableEmoji = true\n[markup.goldmark.renderer]\nunsafe = false\nhardWraps = true\n"
    extras = "[markup.goldmark.extensions.extras.superscript]\nenable = true\n"
    body = "+++\ntitle = 'A'\n+++\nx^2^ :dog: <b>y</b>\nit's\n"
    root = write_site({"hugo.toml": f"{CONFIG}{markup}{extras}", "content/posts/a.md": body})

    result = runner.invoke(main, ["build", "-s", str(root)])

    omitted = "<!-- raw HTML omitted -->"
    page = (root / "public/posts/a/index.html").read_text(encoding="utf-8")
    assert f"<p>x<sup>2</sup> 🐶 {omitted}y{omitted}<br>\nit’s</p>" in page
    assert "content/posts/a.md:4: warning SG223" in result.stderr
