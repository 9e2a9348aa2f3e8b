"""Damaged characters in the files of a site: told with line and column, repaired in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from sitegen.cli.main import main

if TYPE_CHECKING:
    from tests.checking.conftest import CheckSite

TEXT = "+++\ntitle = 'CafÃ©'\n+++\nDon‚Äôt.\n\n```text\nÃ©\n```\n\nInline `Ã¼` stays.\n"


def test_each_place_is_told_with_its_repair(check_site: CheckSite) -> None:
    """Front matter and prose are warnings; code is a note."""
    found = check_site({"content/a.md": TEXT, "data/x.toml": "a = 'naÃ¯ve'\n"})
    assert found.places("SG712") == [
        *("content/a.md:2:13", "content/a.md:4:4", "content/a.md:7:1", "content/a.md:10:9"),
        "data/x.toml:1:8",
    ]
    assert [each.severity for each in found.of("SG712")] == ["warning", "warning", "info", "info", "warning"]
    assert found.said("SG712")[1] == "`‚Äô` was `’`, UTF-8 that was read as Mac Roman"


def test_whole_text_is_not_told(check_site: CheckSite) -> None:
    """Accents, quotes and other scripts are no damage."""
    assert check_site({"content/a.md": "# Naïve „Ä“ — 中文 🧠\n"}).of("SG712") == []


def test_fix_repairs_prose_and_leaves_every_other_byte(check_site: CheckSite) -> None:
    """Line ends, the byte order mark and code stay; a second repair changes nothing; `--fix-code` repairs code."""
    root = check_site({"content/a.md": ""}).root
    file = root / "content/a.md"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode() + b"no end")
    file.chmod(0o640)
    run = CliRunner()

    first = run.invoke(main, ["check", "-s", str(root), "--fix"])
    after = file.read_bytes()
    second = run.invoke(main, ["check", "-s", str(root), "--fix"])

    whole = TEXT.replace("CafÃ©", "Café").replace("‚Äô", "’").replace("\n", "\r\n")
    assert after == b"\xef\xbb\xbf" + whole.encode() + b"no end"
    assert first.stderr.count("repaired content/a.md:") == 2
    assert "repaired content/a.md:2:13: `Ã©` was `é`" in first.stderr
    assert (file.read_bytes(), "repaired" in second.stderr) == (after, False)
    assert file.stat().st_mode & 0o777 == 0o640
    run.invoke(main, ["check", "-s", str(root), "--fix", "--fix-code"])
    assert "Ã" not in file.read_text("utf-8")


def test_notebooks_and_scripts_are_code(check_site: CheckSite) -> None:
    """What a cell prints may be meant: it is told, and repaired only with the code."""
    script = "# %% [markdown]\n# # Title\n# CafÃ©\n# %%\nprint('x')\n"
    found = check_site({"content/a.py": script, "notebooks/b.py": script})
    assert [each.severity for each in found.of("SG712")] == ["info"] * len(found.of("SG712"))
    assert found.of("SG712") != []


def test_fix_code_alone_is_wrong_usage() -> None:
    """The flag says what `--fix` does."""
    assert CliRunner().invoke(main, ["check", "--fix-code"]).exit_code == 2
