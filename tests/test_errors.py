"""Diagnostics and the exceptions that carry them."""

from __future__ import annotations

import pickle
import re
from pathlib import Path, PurePosixPath

import pytest

from sitegen.errors import (
    CODES,
    ConfigError,
    ContentError,
    Diagnostic,
    ExecutionError,
    PublishError,
    SiteError,
    SourceLocation,
    TemplateError,
    did_you_mean,
    near_match,
)

LOCATION = SourceLocation(path=PurePosixPath("content/a.md"), line=3, column=7)
DIAGNOSTIC = Diagnostic(
    code="SG210",
    severity="error",
    message="unknown option `ech`",
    location=LOCATION,
    hint="did you mean `echo`?",
)


@pytest.mark.parametrize(
    ("line", "column", "text"), [(3, 7, "a.md:3:7"), (3, None, "a.md:3"), (None, None, "a.md")]
)
def test_location_reads_as_editors_do(line: int | None, column: int | None, text: str) -> None:
    """`path:line:column`, as far as known."""
    assert str(SourceLocation(path=PurePosixPath("a.md"), line=line, column=column)) == text


def test_error_reads_as_one_line() -> None:
    """The exception's text is the diagnostic's first line."""
    assert str(ContentError(DIAGNOSTIC)) == "content/a.md:3:7: error SG210: unknown option `ech`"
    assert str(ConfigError(Diagnostic(code="SG105", severity="error", message="m"))) == "error SG105: m"


@pytest.mark.parametrize("kind", [ConfigError, ContentError, ExecutionError, TemplateError, PublishError])
def test_errors_survive_pickling(kind: type[SiteError]) -> None:
    """They cross process and cluster borders with all that they say."""
    error = pickle.loads(pickle.dumps(kind(DIAGNOSTIC)))

    assert type(error) is kind
    assert error.diagnostic == DIAGNOSTIC


def test_warning_becomes_an_error() -> None:
    """`--strict` changes the severity and nothing else."""
    warning = Diagnostic(code="SG104", severity="warning", message="m", hint="h")

    assert warning.as_error() == Diagnostic(code="SG104", severity="error", message="m", hint="h")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ech", "did you mean `echo`?"), ("qqq", "known: `echo`, `exec`"), ("exce", "did you mean `exec`?")],
)
def test_hint_for_an_unknown_name(name: str, hint: str) -> None:
    """The near match, else all that is known."""
    assert did_you_mean(name, ["exec", "echo"]) == hint


def test_near_match_may_fail() -> None:
    """Nothing near gives nothing."""
    assert near_match("zzz", ["echo"]) is None


def test_near_match_among_many_names() -> None:
    """Of ten thousand names only some are compared; a slip inside a name is found all the same."""
    names = [f"{word}-{number}" for number in range(5000) for word in ("value", "policy")]

    assert near_match("valeu-77", names) == "value-77"
    assert near_match("zzz", names) is None


def test_every_code_in_use_is_in_the_table(repository: Path) -> None:
    """No module makes a diagnostic with a code that nobody documented."""
    used = {
        code
        for module in (repository / "sitegen").rglob("*.py")
        for code in re.findall(r'"(SG\d{3})"', module.read_text(encoding="utf-8"))
    }

    assert used <= CODES.keys()
