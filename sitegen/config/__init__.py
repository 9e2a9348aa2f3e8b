"""The site's configuration: one frozen value, read once from the files, the environment and the flags."""

from __future__ import annotations

from sitegen.config.load import load_config
from sitegen.config.values import (
    Author,
    Budget,
    Config,
    Highlight,
    Markup,
    MenuItem,
    Pagination,
    PermalinkRule,
    Related,
    RelatedIndex,
    Sitemap,
    TableOfContents,
)

__all__ = [
    "Author",
    "Budget",
    "Config",
    "Highlight",
    "Markup",
    "MenuItem",
    "Pagination",
    "PermalinkRule",
    "Related",
    "RelatedIndex",
    "Sitemap",
    "TableOfContents",
    "load_config",
]
