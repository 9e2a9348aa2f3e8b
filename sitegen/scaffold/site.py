"""`new site` and `new ci`: a whole site, and the workflow that builds and publishes it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, Literal, get_args

from sitegen.scaffold.starter import fill, read_tree, write_new

CiService = Literal["github", "gitlab", "netlify", "cloudflare"]
CI_SERVICES: Final[tuple[CiService, ...]] = get_args(CiService)

_TEXT_SUFFIXES: Final = frozenset({".md", ".toml"})
"""Files of the starter whose placeholders are filled."""


def new_site(root: Path, *, title: str, now: datetime) -> tuple[Path, ...]:
    """Make the starter site in a folder that may hold other things.

    Args:
        root: the folder; made where it is missing.
        title: the site's.
        now: what its posts are dated.

    Raises:
        SiteError: SG601; one of its files exists.
    """
    values = {"title": title, "date": now.isoformat(timespec="seconds")}
    contents = {
        path: fill(content.decode(), values).encode() if path.suffix in _TEXT_SUFFIXES else content
        for path, content in read_tree("site").items()
    }
    return write_new(root, contents)


def new_ci(root: Path, service: CiService) -> tuple[Path, ...]:
    """Write the workflow of a service, and what it needs beside it.

    Raises:
        SiteError: SG601; one of its files exists.
    """
    return write_new(root, read_tree(f"ci/{service}"))
