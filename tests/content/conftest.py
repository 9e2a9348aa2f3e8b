"""Fixtures for content: files of Markdown test cases, and tiny sites that are indexed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from sitegen.config import Config, load_config
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import Source, discover

NOW = datetime(2025, 6, 1, tzinfo=timezone.utc)  # noqa: UP017

Files = Mapping[str, str]


@pytest.fixture
def load_site(write_site: Callable[[dict[str, str]], Path]) -> Callable[..., Config]:
    """Writes a site and gives its configuration; the time is 1 June 2025. `config` is sitegen.toml."""

    def load(files: Files, config: str = "") -> Config:
        texts = {"sitegen.toml": 'base_url = "https://example.org/"\ntitle = "Site"\n' + config, **files}
        root = write_site(texts)
        (root / "content").mkdir(exist_ok=True)
        return load_config(root, now=NOW, environ={})

    return load


@pytest.fixture
def read_sources(load_site: Callable[..., Config]) -> Callable[..., dict[str, Source]]:
    """Writes a site and gives its sources by their path below `content/`."""

    def read(files: Files, config: str = "") -> dict[str, Source]:
        return {str(source.content_path): source for source in discover(load_site(files, config))}

    return read


@pytest.fixture
def index_site(load_site: Callable[..., Config]) -> Callable[..., SiteIndex]:
    """Writes a site and gives its index."""

    def index(files: Files, config: str = "") -> SiteIndex:
        loaded = load_site(files, config)
        return build_index(discover(loaded), loaded)

    return index
