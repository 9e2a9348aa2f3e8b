"""Fixtures of the checks: a tiny site, checked in this process, and its findings in a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.checking.check import CheckOptions, CheckResult, check
from sitegen.config import Config, load_config
from sitegen.errors import Diagnostic
from sitegen.frozen import FrozenDict

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
SETTINGS = "title = 'T'\nbaseURL = 'https://site.example.org/'\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A checked site."""

    root: Path
    result: CheckResult

    def of(self, *codes: str) -> list[Diagnostic]:
        """The findings with one of these codes."""
        return [each for each in self.result.diagnostics if each.code in codes]

    def places(self, *codes: str) -> list[str]:
        """Where they are."""
        return [str(each.location) for each in self.of(*codes)]

    def said(self, *codes: str) -> list[str]:
        """What they say."""
        return [each.message for each in self.of(*codes)]


CheckSite = Callable[..., Checked]


@pytest.fixture
def site_config(write_site: Callable[[dict[str, str]], Path]) -> Callable[..., Config]:
    """Writes a site and gives its configuration, with a `[check]` table."""

    def make(files: Mapping[str, str], settings: Mapping[str, object] | None = None) -> Config:
        root = write_site({"sitegen.toml": SETTINGS, "content/_index.md": "# Home\n", **files})
        config = load_config(root, environ={}, now=NOW)
        return replace(config, check=FrozenDict(settings or {}))

    return make


@pytest.fixture
def check_site(site_config: Callable[..., Config]) -> CheckSite:
    """Writes a site, checks it, and gives what was found."""

    def run(
        files: Mapping[str, str], settings: Mapping[str, object] | None = None, **options: Any
    ) -> Checked:
        config = site_config(files, settings)
        return Checked(root=config.root, result=check(config, CheckOptions(**options)))

    return run
