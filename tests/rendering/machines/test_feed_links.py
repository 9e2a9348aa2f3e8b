"""Which feeds a page has, and what their files are called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sitegen.config import Config, load_config
from sitegen.rendering.values import RenderedFile

CONFIGURATION = """
baseURL = "https://example.org/"
[outputs]
home = ["HTML", "RSS"]
[outputFormats.RSS]
baseName = "feed"
"""


def test_feed_has_the_name_that_hugo_gives_it(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> None:
    """`outputFormats.RSS.baseName` names the file, the feed's own link and the link in the page's head."""
    root = write_site({"hugo.toml": CONFIGURATION, "content/posts/one.md": "---\ntitle: One\n---\n"})

    files = render_content(load_config(root, environ={}))

    assert "index.xml" not in files
    feed, page = (files[name].content or b"" for name in ("feed.xml", "index.html"))
    assert b'href="https://example.org/feed.xml"' in feed
    assert b"<rss" in feed
    assert b"/feed.xml" in page


def test_first_of_two_feeds_with_one_name_stays(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> None:
    """RSS as `feed.xml`, which is Atom's name here, leaves no place for Atom."""
    configuration = CONFIGURATION.replace('[outputs]\nhome = ["HTML", "RSS"]\n', "")
    root = write_site({"hugo.toml": configuration, "content/posts/one.md": "---\ntitle: One\n---\n"})

    files = render_content(load_config(root, environ={}))

    assert b"<rss" in (files["feed.xml"].content or b"")
    assert "feed.json" in files
