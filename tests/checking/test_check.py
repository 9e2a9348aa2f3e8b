"""The whole check: its command, its forms of output, its cost, and the sites that come with sitegen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from sitegen.checking import addresses, elements
from sitegen.checking.check import CheckOptions, check
from sitegen.cli.main import main
from sitegen.config import Config, load_config

if TYPE_CHECKING:
    from tests.checking.conftest import CheckSite

FAULTY = {"content/a.md": "# A\n\n[x](/gone/)\n\n<img src=/favicon.svg>\n", "static/favicon.svg": "<svg/>"}


def run(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `sitegen check`."""
    done = CliRunner().invoke(main, ["check", "-s", str(root), *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_errors_are_told_and_fail(check_site: CheckSite) -> None:
    """Findings by file and line with the source, then one line of counts; exit code 1."""
    code, out, err = run(check_site(FAULTY).root)
    assert (code, out) == (1, "")
    assert (
        "content/a.md:3:5: error SG701: the link `/gone/` leads nowhere\n    [x](/gone/)\n        ^\n" in err
    )
    assert err.index("SG701") < err.index("SG709")
    assert err.endswith(": 1 error, 1 warning, 0 notes\n")
    assert "checked " in err.splitlines()[-1]


def test_a_clean_site_is_a_success(check_site: CheckSite) -> None:
    """Exit code 0; nothing is written to the site's folder."""
    root = check_site({"content/a.md": "# A\n\n[home](/)\n"}).root
    before = sorted(root.rglob("*"))
    code, out, err = run(root)
    assert (code, out, err.count("\n")) == (0, "", 1)
    assert [
        path for path in sorted(root.rglob("*")) if path not in before and ".sitegen" not in path.parts
    ] == []


def test_warnings_fail_when_strict(check_site: CheckSite) -> None:
    """`--strict` makes them errors; notes stay notes."""
    root = check_site(
        {"content/a.md": "# A\n\n<img src=/favicon.svg>\n\n#### Deep\n", "static/favicon.svg": ""}
    ).root
    assert run(root)[0] == 0
    code, _, err = run(root, "--strict")
    assert (code, "error SG709" in err, "info SG710" in err) == (1, True, True)


def test_findings_as_data(check_site: CheckSite) -> None:
    """JSON on stdout, GitHub's commands on stdout; `--quiet` leaves notes and the count out."""
    root = check_site({**FAULTY, "content/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n"}).root
    found = json.loads(run(root, "--format", "json")[1])
    assert [(each["code"], each["path"], each["line"]) for each in found] == [
        ("SG701", "content/a.md", 3),
        ("SG709", "content/a.md", 5),
        ("SG713", "content/d.md", 3),
    ]
    assert run(root, "--format", "github")[1].startswith("::error file=")
    code, _, err = run(root, "--quiet")
    assert (code, "SG713" in err, "checked" in err) == (1, False, False)


def test_the_configuration_is_heeded(check_site: CheckSite) -> None:
    """`[check]` and `frontMatterSchema` as a file has them."""
    settings = (
        "title = 'T'\nfrontMatterSchema = 's.json'\n"
        "[check]\nignore = ['SG709']\nignore-urls = ['^/gone/']\nper_host = 0\n[check.schemas]\nPosts = 'p.json'\n"
    )
    files = {
        **FAULTY,
        "sitegen.toml": settings,
        "content/posts/p.md": "# P\n",
        "s.json": '{"required": ["date"]}',
        "p.json": '{"required": ["tags"]}',
    }
    code, _, err = run(check_site(files).root)
    assert [line for line in err.splitlines() if ": error" in line] == [
        "content/a.md:1:1: error SG715: `date` is missing",
        "content/posts/p.md:1:1: error SG715: `tags` is missing",
        "sitegen.toml:6:1: error SG717: `per-host` in `[check]` is not a whole number from 1 on",
    ]
    assert code == 1


def test_pages_can_be_named(check_site: CheckSite) -> None:
    """By file, key or URL; one that does not exist is wrong usage."""
    root = check_site({**FAULTY, "content/b.md": "# B\n\n[x](/gone/)\n"}).root
    for name in (str(root / "content/b.md"), "/b", "/b/"):
        assert "content/b.md:3:5" in run(root, name)[2]
        assert "content/a.md" not in run(root, name)[2]
    assert run(root, "nothing")[0] == 2


def test_a_draft_that_is_named_is_checked(check_site: CheckSite) -> None:
    """Before it is published is when its author wants to know."""
    draft = "+++\ntitle = 'D'\ndraft = true\n+++\n[x](/gone/)\n"
    root = check_site({"content/d.md": draft, "content/a.md": "# A\n\n[d](/d/)\n"}).root
    assert "content/d.md:5:5: error SG701" in run(root, "/d")[2]
    assert "a draft" in run(root, "/a")[2]
    assert "content/d.md:5:5" not in run(root)[2]


def test_flags_of_other_sites_go_with_asking_them(check_site: CheckSite) -> None:
    """`--fresh` alone would promise what is not done."""
    assert [run(Path(), flag)[0] for flag in ("--fresh", "--fragments", "--private")] == [2, 2, 2]


def test_what_the_build_says_is_told_once(check_site: CheckSite) -> None:
    """A link that the build warns of too has one finding, with the build's hint."""
    files = {
        "content/a.md": "# A\n\n[x](gone.md) {{< nothing >}}\n",
        "content/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n",
    }
    found = check_site(files)
    assert [each.code for each in found.result.diagnostics] == ["SG701", "SG202", "SG713"]


@pytest.mark.parametrize("factor", [1, 4])
def test_the_work_grows_with_the_links(
    site_config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch, factor: int
) -> None:
    """Links to many pages: each path is looked up once, each page is read once, whatever links to it."""
    pages, links = 20 * factor, 10
    looked_up, scanned = [], []
    find, scan = addresses.Published._find, elements.scan_html

    def count_find(self: addresses.Published, path: str) -> addresses.Found:
        looked_up.append(path)
        return find(self, path)

    def count_scan(html: str) -> elements.Scanned:
        scanned.append(html)
        return scan(html)

    monkeypatch.setattr(addresses.Published, "_find", count_find)
    monkeypatch.setattr("sitegen.checking.links.scan_html", count_scan)
    files = {
        f"content/p{number}.md": f"# P{number}\n\n"
        + " ".join(f"[x](/p{(number + step) % pages}/#part)" for step in range(links))
        + f" [gone](/gone{number}/)\n\n## Part\n"
        for number in range(pages)
    }
    result = check(site_config(files), CheckOptions())
    assert sum(each.code == "SG701" for each in result.diagnostics) == pages
    assert len(looked_up) == len(set(looked_up))
    assert len(looked_up) <= 2 * pages + 30
    assert len(scanned) <= pages + 10


def test_the_documentation_has_no_faults(repository: Path, tmp_path: Path) -> None:
    """Every link of it goes somewhere, every part is there, every picture has words."""
    source = tmp_path / "docs"
    shutil.copytree(repository / "docs", source, ignore=shutil.ignore_patterns(".sitegen", "public"))
    result = check(load_config(source, environ={}), CheckOptions(strict=True))
    told = [f"{each.location}: {each.message}" for each in result.diagnostics]
    assert told == []
    assert result.links > 500


def test_the_example_site_has_no_faults(repository: Path, tmp_path: Path) -> None:
    """With or without the results of its runs."""
    config = replace(load_config(repository, environ={}), state_dir=tmp_path)
    result = check(config, CheckOptions(strict=True))
    assert [f"{each.location}: {each.message}" for each in result.diagnostics] == []
