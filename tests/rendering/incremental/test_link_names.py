"""A link that leads elsewhere, however it is written, is among those that may."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config import Config, load_config
from sitegen.content.index import SiteIndex
from sitegen.content.site import build_index
from sitegen.content.sources import discover
from sitegen.rendering.incremental.facts import World, place_identity
from sitegen.rendering.incremental.link_names import ChangedNames, changed_names
from sitegen.rendering.links import published_files

FILES = (
    "content/_index.md",
    "content/about.md",
    "content/About Us.md",
    "content/blog.md",
    "content/blog/_index.md",
    "content/blog/alpha.md",
    "content/blog/index.md",
    "content/posts/_index.md",
    "content/posts/alpha.md",
    "content/posts/alpha.en.md",
    "content/posts/Alpha.markdown",
    "content/posts/alpha/index.md",
    "content/posts/alpha/figure.png",
    "content/posts/alpha/_index.md",
    "content/posts/alpha/beta.md",
    "content/posts/beta.md",
    "content/posts/b?c.md",
    "content/posts/naïve.md",
    "content/posts/100%.md",
    "content/docs/alpha.md",
    "content/docs/index.md",
    "content/docs/figure.png",
    "content/alpha/index.md",
    "static/figure.png",
    "static/posts/figure.png",
    "static/docs/alpha",
    "static/blog/alpha",
    "static/posts/alpha.md",
    "static/a file.txt",
)
"""Those that are there, or are not; two may have one key or one URL."""
TARGETS = (
    *(
        "alpha",
        "alpha.md",
        "alpha/",
        "./alpha",
        "../alpha",
        "/alpha",
        "/posts/alpha",
        "/posts/alpha/",
        "Alpha.md",
    ),
    *(
        "alpha/index.md",
        "alpha/_index.md",
        "../alpha/index.md",
        "/docs/",
        "docs",
        "/docs/index.md",
        "alpha.en.md",
    ),
    *(".", "..", "./", "../", "/", "", "_index.md", "index.md", "/_index.md", "../_index.md", ".md", "a/.md"),
    *("alpha#part", "alpha.md#part", "alpha?x=1#y", "#part", "?x", "beta.md", "posts/beta", "/posts/beta.md"),
    *("figure.png", "../figure.png", "/figure.png", "/posts/figure.png", "posts/../figure.png", "docs/alpha"),
    *(
        "/blog/",
        "/blog",
        "/blog/alpha",
        "/blog/posts/alpha/",
        "/blog/figure.png",
        "/blog/blog/",
        "blog",
        "/blog#x",
    ),
    *("about us", "about-us", "About%20Us.md", "/about%20us/", "a%20file.txt", "/a%20file.txt", "a file.txt"),
    *(
        "b%3Fc.md",
        "b?c.md",
        "b%253Fc.md",
        "b%3Fc.md?x",
        "naïve.md",
        quote("naïve.md"),
        "100%25.md",
        "100%.md",
    ),
    *(
        "alpha.ipynb",
        "alpha.md/",
        " alpha.md ",
        "alpha/..",
        "alpha/../beta.md",
        "posts//alpha",
        "alpha/./",
        "x/y/alpha",
    ),
)
POSTS = (
    "content/posts/from.md",
    "content/posts/within/index.md",
    "content/_index.md",
    "content/docs/_index.md",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where sites are written, one after the other."""
    return tmp_path_factory.mktemp("names")


def _site(root: Path, files: dict[str, str], error_level: str) -> tuple[SiteIndex, Config]:
    shutil.rmtree(root, ignore_errors=True)
    base = {
        "sitegen.toml": f"baseURL = 'https://example.org/blog/'\nrefLinksErrorLevel = '{error_level}'\n",
        "content/posts/from.md": "from",
        "content/posts/within/index.md": "within",
    }
    for path, text in (base | files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    config = load_config(root, environ={})
    return build_index(discover(config), config), config


_FRONT = st.sampled_from(
    ("", "", "", "+++\nslug = 'other'\n+++\n", "+++\nurl = '/at/'\n+++\n", "+++\ndraft = true\n+++\n",
     "+++\naliases = ['/alpha/']\n+++\n", "+++\n[build]\nrender = 'never'\n+++\n", "+++\nbuild = {list = 'never'}\n+++\n")
)  # fmt: skip
_FILES = st.dictionaries(st.sampled_from(FILES), _FRONT, max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=_FILES, edits=st.lists(st.tuples(st.sampled_from(FILES), _FRONT | st.none()), min_size=1, max_size=3),
       level=st.sampled_from(("ERROR", "ERROR", "WARNING")))  # fmt: skip
def test_no_link_that_leads_elsewhere_is_left_out(
    folder: Path, old: dict[str, str], edits: list[tuple[str, str | None]], level: str
) -> None:
    """Whatever files come, go and move: each link whose fact differs, of a page that is as it was, is among them."""
    new = dict(old)
    for path, text in edits:
        if text is None:
            new.pop(path, None)
        else:
            new[path] = text
    (before, config), (now, _) = (_site(folder, files, level) for files in (old, new))
    places = {
        key
        for key in before.pages.keys() | now.pages.keys()
        if key not in before.pages
        or key not in now.pages
        or place_identity(before.pages[key]) != place_identity(now.pages[key])
    }
    found = changed_names(
        before,
        now,
        config,
        places=places,
        files=(published_files(before), published_files(now)),
        unlisted=tuple(  # type: ignore[arg-type]
            [source for source in index.all_sources if source.path not in index.by_source]
            for index in (before, now)
        ),
    )
    worlds = (World(before, config), World(now, config))

    assert (found is None) == (level == "WARNING")
    for key in before.pages.keys() & now.pages.keys() - places if found is not None else ():
        for target in TARGETS:
            values = [world.value(("link", key, target)) for world in worlds]
            assert values[0] == values[1] or found is None or found.may_lead_elsewhere(target), (
                key,
                target,
                values,
            )


@pytest.mark.parametrize("target", ["/posts/gamma/", "../figure.png", "#alpha", "gamma.md#alpha", "alphabet"])
def test_most_links_are_left_alone(target: str) -> None:
    """A new page `alpha` is no matter to links that end otherwise."""
    assert not ChangedNames(names=frozenset({"alpha"}), base_path="/").may_lead_elsewhere(target)
