"""What PaperMod has in the settings of a Hugo site, and its shortcodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.importing.hugo import read_hugo_site
from sitegen.importing.papermod import accounts, home_fields

CONFIG = """\
title: Log
baseURL: https://example.org/
params:
  homeInfoParams:
    Title: Hi there
    Content: |
      Notes on **machines**.
  socialIcons:
    - {name: github, url: "https://github.com/ada"}
    - {name: email, url: "mailto:ada@example.org"}
    - {name: rss, url: index.xml}
"""
POST = '---\ntitle: A\n---\n{{< collapse summary="More *here*" >}}\nHidden **text**\n{{< /collapse >}}\n'


def test_greeting_accounts_and_folds_are_shown(import_and_build: Callable[..., Any]) -> None:
    """The site builds without a mistake, and shows what the theme's settings say."""
    site = import_and_build("hugo", {"hugo.yaml": CONFIG, "content/posts/a.md": POST})

    home, post = (
        (site.root / "public" / name).read_text("utf-8") for name in ("index.html", "posts/a/index.html")
    )
    assert site.exit_code == 0
    assert ">Hi there</h1>" in home
    assert "Notes on <strong>machines</strong>" in home
    assert '<a href="https://github.com/ada">GitHub</a>' in home
    assert "<summary>More <em>here</em></summary>" in post
    assert "Hidden <strong>text</strong>" in post


@pytest.mark.parametrize(
    ("more", "absent"),
    [
        ({"content/_index.md": "Mine.\n"}, "content/_index.md"),
        ({"sitegen.toml": 'title = "Log"\n'}, "sitegen.toml"),
    ],
)
def test_a_file_of_the_site_counts_first(
    tmp_path: Path, write_files: Callable[..., Path], more: dict[str, str], absent: str
) -> None:
    """Its own home page and its own `sitegen.toml` are copied as they are."""
    made = read_hugo_site(write_files(tmp_path, {"hugo.yaml": CONFIG, **more}))

    (file,) = [file for file in made.files if str(file.path) == absent]
    assert file.content is None


def test_a_profile_is_a_home_page_where_it_is_enabled() -> None:
    """Its buttons are links under the introduction."""
    profile = {
        "title": "Ada",
        "subtitle": "Machines",
        "imageUrl": "me.png",
        "buttons": ({"name": "CV", "url": "/cv/"},),
    }

    assert home_fields({"profilemode": {"enabled": True, **profile}}) == (
        {
            "headline": "Ada",
            "description": "Machines",
            "image": "/me.png",
            "links": [{"name": "CV", "url": "/cv/"}],
        },
        "",
    )
    assert home_fields({"profilemode": {"enabled": False, **profile}}) == ({}, "")
    assert home_fields({"profilemode": "yes", "homeinfoparams": None}) == ({}, "")


def test_only_addresses_are_accounts() -> None:
    """A service whose name nobody knows has its word with a capital; feeds and halves are left out."""
    icons = (
        {"name": "x", "url": "https://x.com/ada"},
        {"name": "bluesky", "url": "https://example.org/ada", "title": "Blue"},
        {"name": "kofi", "url": "https://example.org/coffee"},
        {"name": "rss", "url": "https://example.org/index.xml"},
        {"name": "github"},
        "github",
    )

    assert [entry["name"] for entry in accounts({"socialicons": icons})] == ["X", "Blue", "Kofi"]
    assert accounts({"socialicons": True}) == []
    assert (
        accounts({"socialicons": [{"name": "x", "url": "gopher://[::"}, {"name": "a", "url": "//["}]}) == []
    )
