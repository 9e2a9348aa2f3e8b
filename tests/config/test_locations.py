"""Messages about what settings name lead to the setting's line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.config import Config
from sitegen.content.site import build_index
from sitegen.content.sources import discover

LoadSite = Callable[..., Config]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"hugo.toml": "[permalinks]\ndocs = '/d/'\nposts = '/:wat/'\n"}, "hugo.toml:3:9"),
        ({"config/_default/permalinks.yaml": "page:\n  docs: /d/\n  Posts: /:wat/\n"}, "config/_default/permalinks.yaml:3:10"),
        ({"hugo.yaml": "permalinks:\n- pattern: /x/\n  target: {kind: home}\n- pattern: /:wat/\n  target: {kind: page}\n"}, "hugo.yaml:4:12"),
    ],
)  # fmt: skip
def test_unknown_token_is_at_its_pattern(load_site: LoadSite, files: dict[str, str], place: str) -> None:
    """The line of the rule that fits the page, in the file that has it."""
    config = load_site({**files, "content/posts/one.md": "---\ntitle: One\n---\n"})

    (found,) = build_index(discover(config), config).diagnostics

    assert (found.code, str(found.location)) == ("SG116", place)


def test_menu_entry_to_no_page_is_at_its_entry(load_site: LoadSite) -> None:
    """Each entry has its own place, in whatever file."""
    config = load_site(
        {
            "hugo.toml": "title = 'x'\n",
            "config/_default/menus.en.toml": "[[Main]]\nname = 'a'\nurl = '/'\n\n[[Main]]\nname = 'b'\npageRef = '/no'\n",
        }
    )

    (found,) = build_index(discover(config), config).diagnostics

    assert (found.code, str(found.location)) == ("SG204", "config/_default/menus.en.toml:5:1")
