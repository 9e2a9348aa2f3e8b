"""Sources of a Content-Security-Policy as an author writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.config import load_config
from sitegen.errors import ConfigError

Write = Callable[[dict[str, str]], Path]


def _settings(line: str) -> dict[str, str]:
    return {"sitegen.toml": f"[contentSecuritySources]\n{line}\n", "content/_index.md": ""}


@pytest.mark.parametrize(
    ("line", "sources"),
    [
        ("connect-src = 'https://api.example.org'", ("https://api.example.org",)),
        ("connect-src = 'https://a.org, wss://b.org:8080'", ("https://a.org", "wss://b.org:8080")),
        ("img-src = ['*.example.org', 'data:', '*']", ("*.example.org", "data:", "*")),
        ("script-src = [\"'sha256-AbC+/1=='\", \"'wasm-unsafe-eval'\"]", ("'sha256-AbC+/1=='", "'wasm-unsafe-eval'")),
        ("img-src = ['https://example.org/A/B/']", ("https://example.org/A/B/",)),
        ("frame-src = []", ()),
    ],
)  # fmt: skip
def test_sources_are_kept_as_they_are_written(write_site: Write, line: str, sources: tuple[str, ...]) -> None:
    """Their case too: that of hashes and paths counts."""
    found = load_config(write_site(_settings(line)), environ={}).content_security_sources

    assert list(found.values()) == [sources]


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("img-srcc = []", "`img-srcc` is no directive", "did you mean `img-src`?"),
        ("img-src = ['htps://example.org']", "`htps://example.org` is no source", "did you mean `https`?"),
        ("script-src = ['unsafe-inline']", "`unsafe-inline` is no source", "in single quotes"),
        ("script-src = [\"'unsafe'\"]", "`'unsafe'` is no source", "write a host"),
        ("img-src = ['https://a.org; script-src *']", "is no source", "write a host"),
        ("img-src = 'a.org data:'", "is no source", 'write a list: `["a.org", "data:"]`'),
        ("img-src = [5]", "must be text", "quotes"),
        ("img-src = true", "must be text", "quotes"),
        ("img-src = { a = 1 }", "must be text", "quotes"),
    ],
)
def test_what_is_no_source_is_told_with_its_place(write_site: Write, line: str, said: str, hint: str) -> None:
    """Whatever it is: a policy with one would leave out the rest of its directive, or allow too much."""
    with pytest.raises(ConfigError) as told:
        load_config(write_site(_settings(line)), environ={})

    found = told.value.diagnostic
    assert (found.code, found.location and found.location.line) == ("SG103", 2)
    assert said in found.message
    assert hint in (found.hint or "")
