"""The documentation says what the program does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.errors import CODES

INTERNAL = {"line_number_start", "cell_defaults"}


def test_every_error_code_has_a_paragraph(repository: Path) -> None:
    """`docs/errors.md` has a heading for each code, with the code's meaning, and no other."""
    text = (repository / "docs/errors.md").read_text("utf-8")
    documented = dict(re.findall(r"^### (SG\d{3}): (.+)$", text, flags=re.MULTILINE))
    assert documented == CODES


def test_every_option_is_documented(repository: Path) -> None:
    """`docs/cells.md` names every option of cells and of pages, as an author writes it."""
    text = (repository / "docs/cells.md").read_text("utf-8")
    names = {field.name for value in (CellOptions, PageExecution) for field in fields(value)} - INTERNAL
    written = {re.sub(r"_(s|bytes)$", "", name).replace("_", "-") for name in names}
    assert {name for name in written if f"`{name}`" not in text} == set()


def test_readme_names_no_other_distribution(repository: Path) -> None:
    """Nothing tells anybody to install the other project's package."""
    folders = ("sitegen", "docs", "README.md", ".github", "content")
    files = [
        file
        for folder in folders
        for file in (
            [repository / folder] if (repository / folder).is_file() else (repository / folder).rglob("*")
        )
        if file.is_file() and file.suffix in {".py", ".md", ".yml", ".yaml", ".toml", ".html"}
    ]
    wrong = [
        str(file)
        for file in files
        if re.search(r"pip install (-U |--upgrade )?[\"']?sitegen(?!-ml)\b", file.read_text("utf-8"))
    ]
    assert wrong == []
