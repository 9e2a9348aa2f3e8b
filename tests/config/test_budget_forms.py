"""Limits of a budget as an author writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.config import Budget, load_config
from sitegen.config.budget_forms import NO_LIMIT, byte_size, item_count
from sitegen.config.forms import FormError
from sitegen.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (0, 0),
        (6000, 6000),
        ("6 kB", 6000),
        ("6kb", 6000),
        ("6 KiB", 6144),
        ("1.5 MB", 1_500_000),
        ("90 B", 90),
    ],
)
def test_sizes_are_bytes_or_texts(written: int | str, size: int) -> None:
    """A kB has 1,000 bytes, a KiB 1,024."""
    assert byte_size(written) == size


@pytest.mark.parametrize("read", [byte_size, item_count])
def test_false_is_no_limit(read: Callable[[bool | int | str], int]) -> None:
    """From a file or from the environment."""
    assert [read(False), read("false")] == [NO_LIMIT, NO_LIMIT]


@pytest.mark.parametrize("written", [True, -1, "much", "6 parsecs", ""])
@pytest.mark.parametrize("read", [byte_size, item_count])
def test_what_is_no_limit_is_refused(
    read: Callable[[bool | int | str], int], written: bool | int | str
) -> None:
    """Nothing is guessed."""
    with pytest.raises(FormError):
        read(written)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("title = 'T'", None),
        ("budget = true", Budget()),
        ("budget = false", None),
        ("[budget]\nenable = false\njs = 1", None),
        ("[budget]\njs = '7 KiB'\nthirdParty = 2\ncss = false", Budget(js=7168, third_party=2, css=NO_LIMIT)),
    ],
)
def test_a_table_turns_the_budget_on(
    write_site: Callable[[dict[str, str]], Path], text: str, budget: Budget | None
) -> None:
    """Without one nothing is weighed."""
    root = write_site({"sitegen.toml": text, "content/_index.md": ""})
    assert load_config(root, environ={}).budget == budget


def test_an_unknown_limit_is_told_with_its_line(write_site: Callable[[dict[str, str]], Path]) -> None:
    """With the near match."""
    root = write_site({"sitegen.toml": "[budget]\njs = 1\nccs = 2\n", "content/_index.md": ""})
    with pytest.raises(ConfigError) as told:
        load_config(root, environ={})
    found = told.value.diagnostic
    assert (found.code, found.location and found.location.line) == ("SG102", 3)
    assert found.hint == "did you mean `css`?"


@pytest.mark.parametrize(
    "text", ["minify = true", "[minify]\nminifyOutput = true\n[minify.tdewolff.html]\na = 1"]
)
def test_hugos_minify_is_read(write_site: Callable[[dict[str, str]], Path], text: str) -> None:
    """As a truth value and as a table; what only its own library reads is let be."""
    root = write_site({"hugo.toml": text, "content/_index.md": ""})
    config = load_config(root, environ={})
    assert (config.minify, config.diagnostics) == (True, ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("js = true", "`budget.js`: `true` is no size"),
        ("js = 1.5", "`budget.js`: `1.5` is no size"),
        ("js = ['6 kB']", "`budget.js`: a list is no size"),
        ("js = { size = 6 }", "`budget.js`: a table is no size"),
        ("requests = '3 kB'", "`budget.requests`: `3 kB` is no count"),
    ],
)
def test_a_limit_of_another_kind_is_told_with_what_it_may_be(
    write_site: Callable[[dict[str, str]], Path], line: str, said: str
) -> None:
    """At the value; the hint says how a size or a count is written."""
    root = write_site({"sitegen.toml": f"[budget]\n{line}\n", "content/_index.md": ""})
    with pytest.raises(ConfigError) as told:
        load_config(root, environ={})
    found = told.value.diagnostic
    assert (found.code, found.message) == ("SG103", said)
    assert found.location is not None
    assert (found.location.line, found.location.column) == (2, line.index("=") + 3)
    assert "`false` is no limit" in (found.hint or "")
