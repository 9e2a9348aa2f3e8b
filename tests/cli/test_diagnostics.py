"""Diagnostics as text, JSON and workflow commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path, PurePosixPath

import pytest

from sitegen.cli.diagnostics import format_github, format_json, format_text, tally, use_color
from sitegen.errors import Diagnostic, SourceLocation

PAGE = PurePosixPath("content/posts/ppo/index.md")

ZERO = Diagnostic(
    code="SG301",
    severity="error",
    message="cell raised ZeroDivisionError: division by zero",
    location=SourceLocation(path=PAGE, line=3, column=7),
    hint="mend the cell, or say `#| error: true` where the exception is meant",
    related=(SourceLocation(path=PAGE, line=1),),
    details='Traceback:\n  line 3, in <cell "train">\nZeroDivisionError: division by zero',
)
UNKNOWN_KEY = Diagnostic(
    code="SG102",
    severity="warning",
    message="unknown key `titel`",
    location=SourceLocation(path=PurePosixPath("sitegen.toml"), line=1),
    hint="did you mean `title`?",
)
NOWHERE = Diagnostic(code="SG308", severity="info", message="execution is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site whose page has three lines of code."""
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("```{python}\nimport math\nx = 1 / 0\n\t漢字 = 1 / 0\n", encoding="utf-8")
    (tmp_path / "sitegen.toml").write_text('  titel = "A site"\n', encoding="utf-8")
    return tmp_path


def test_text_has_place_source_caret_details_and_hint(
    root: Path, same_as_snapshot: Callable[[str, str], None]
) -> None:
    """Each diagnostic is one paragraph, readable without colour."""
    text = format_text([ZERO, UNKNOWN_KEY, NOWHERE], root)

    same_as_snapshot("diagnostics", text)


@pytest.mark.parametrize("column", [None, 3, 19])
def test_lines_of_windows_files_are_shown_without_their_ends(root: Path, column: int | None) -> None:
    """A carriage return before a line's end is part of no line."""
    (root / "sitegen.toml").write_bytes(b'\xef\xbb\xbf  titel = "A site"\r\n')
    location = SourceLocation(path=PurePosixPath("sitegen.toml"), line=1, column=column)

    text = format_text([replace(UNKNOWN_KEY, location=location)], root)

    assert text.splitlines()[1] == '    titel = "A site"'


def test_text_in_colour_has_the_same_words(root: Path, same_as_snapshot: Callable[[str, str], None]) -> None:
    """Colour adds escapes only."""
    text = format_text([ZERO, UNKNOWN_KEY], root, color=True)

    same_as_snapshot("diagnostics-colour", text.replace("\x1b", "<ESC>"))


def test_caret_stands_under_wide_characters_and_tabs(root: Path) -> None:
    """The caret's column is counted in terminal columns, not in characters."""
    wide = Diagnostic(
        code="SG301",
        severity="error",
        message="cell raised",
        location=SourceLocation(path=PAGE, line=4, column=5),
    )

    lines = format_text([wide], root).splitlines()

    assert lines[1:] == ["    漢字 = 1 / 0", "         ^"]


def test_long_line_is_cut_around_the_column(tmp_path: Path) -> None:
    """An excerpt fits a terminal and still holds the place."""
    (tmp_path / "a.md").write_text("a" * 300 + "X" + "b" * 300, encoding="utf-8")
    far = Diagnostic(
        code="SG201",
        severity="error",
        message="here",
        location=SourceLocation(path=PurePosixPath("a.md"), line=1, column=301),
    )

    _, source, caret = format_text([far], tmp_path).splitlines()

    assert len(source) == 104
    assert source[caret.index("^")] == "X"


def test_missing_file_gives_no_excerpt(tmp_path: Path) -> None:
    """A file that is gone costs the excerpt, not the message."""
    text = format_text([ZERO], tmp_path)

    assert "x = 1 / 0" not in text
    assert text.startswith("content/posts/ppo/index.md:3:7: error SG301: cell raised")


def test_escapes_in_content_never_reach_the_terminal(tmp_path: Path) -> None:
    """A file cannot clear the screen of whoever builds it."""
    (tmp_path / "a.md").write_text("\x1b[2J bad\n", encoding="utf-8")
    bad = Diagnostic(
        code="SG201",
        severity="error",
        message="found `\x1b[2J`",
        location=SourceLocation(path=PurePosixPath("a.md"), line=1, column=1),
    )

    text = format_text([bad], tmp_path)

    assert "\x1b" not in text


def test_json_is_one_array_with_every_field(root: Path, same_as_snapshot: Callable[[str, str], None]) -> None:
    """A program gets what a person gets, and null where there is nothing."""
    text = format_json([ZERO, NOWHERE], root)

    assert len(json.loads(text)) == 2
    same_as_snapshot("diagnostics-json", text)


def test_github_commands_escape_and_are_relative_to_the_checkout(tmp_path: Path) -> None:
    """A site below the checkout's root is annotated where GitHub looks, in one line each."""
    odd = Diagnostic(
        code="SG301",
        severity="error",
        message="100% wrong\nreally",
        location=SourceLocation(path=PurePosixPath("content/a,b:c.md"), line=2, column=1),
    )

    text = format_github([odd, NOWHERE], tmp_path / "docs", tmp_path)

    place = "file=docs/content/a%2Cb%3Ac.md,line=2,col=1"
    assert text.splitlines() == [
        f"::error {place},title=SG301%3A a cell raised an exception::100%25 wrong%0Areally",
        "::notice title=SG308%3A execution is not installed::execution is not installed",
    ]


def test_tally_counts_in_words() -> None:
    """Infos are not counted; one is singular."""
    assert tally([ZERO, ZERO, UNKNOWN_KEY, NOWHERE]) == "2 errors, 1 warning"


def test_no_color_wins_over_force_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is honoured even where colour is forced."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")

    assert use_color(StringIO()) is False
