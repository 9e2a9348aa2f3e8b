"""A site of which only the configuration is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sitegen.config import Config, load_config


@pytest.fixture
def load_site(tmp_path: Path) -> Callable[..., Config]:
    """Loads files given by their path in the site."""

    def load(
        files: Mapping[str, str], *, environ: Mapping[str, str] | None = None, environment: str = "production"
    ) -> Config:
        (tmp_path / "content").mkdir(exist_ok=True)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load_config(tmp_path, environment=environment, environ=environ or {})

    return load


@pytest.fixture
def warnings_of(load_site: Callable[..., Config]) -> Callable[[Mapping[str, str]], list[str]]:
    """What is said of a site's files, each in one line."""

    def load(files: Mapping[str, str]) -> list[str]:
        found = load_site(files).diagnostics
        assert {diagnostic.severity for diagnostic in found} <= {"warning"}
        return [f"{diagnostic.location} {diagnostic.code} {diagnostic.message}" for diagnostic in found]

    return load
