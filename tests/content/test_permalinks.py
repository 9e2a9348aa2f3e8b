"""URLs: which characters stay, and what a permalink pattern gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.permalinks import (
    Facts,
    UnknownTokenError,
    UnusableUrlError,
    alias_path,
    clean,
    default_path,
    escape,
    expand,
    output_path,
    own_url,
    sanitize,
)

FACTS = Facts(
    title="Q: What? (a) – b_c d.e-f 100% @x ~y #z",
    slug="",
    base_name="2024-07-04-some-post",
    date=datetime(2024, 7, 4, tzinfo=timezone.utc),  # noqa: UP017
    sections=("blog", "deep", "er"),
    section_slugs=("b", "deep", "er"),
)


@pytest.fixture
def config(load_site: Callable[..., Config]) -> Config:
    """The defaults."""
    return load_site({})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello World", "Hello-World"),
        (" a  b ", "a-b"),
        ("a - b", "a-b"),
        ("a--b", "a--b"),
        ("C++ & x", "C++-x"),
        ("what's up?", "whats-up"),
        ("½ & ²", ""),
        ("日本語 タイトル", "日本語-タイトル"),
        ("x@y~z#1_2", "x@y~z#1_2"),
        ("100% sure", "100-sure"),
        ("50%25 x", "50%25-x"),
        ("emoji 🚀 x", "emoji-x"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_sanitize(text: str, expected: str) -> None:
    """Letters, digits, marks and a few signs stay; white space becomes one hyphen."""
    assert sanitize(text) == expected


def test_accents_may_be_removed() -> None:
    """Hugo's `removePathAccents`."""
    assert sanitize("Ünïcödé", remove_accents=True) == "Unicode"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/:year/:month/:day/:slugorcontentbasename/", "/2024/07/04/2024-07-04-some-post/"),
        ("/:title", "/q-what-a-b_c-d.e-f-100-@x-~y-#z/"),
        ("/:monthname/:weekday/:weekdayname/:yearday", "/july/4/thursday/186/"),
        ("/:section/:sections/", "/blog/blog/deep/er/"),
        ("/:sections[1:]/:sections[last]/:sections[0]/", "/deep/er/er/blog/"),
        ("/:sections[:last]/x", "/blog/deep/x/"),
        ("/:sections[7]/:sections[5:]/x", "/x/"),
        ("/:sectionslug/:sectionslugs/", "/b/b/deep/er/"),
        ("/a\\:b/:06-01/", "/ab/24-01/"),
        ("/:2006/:1/:2/:15h/", "/2024/7/4/00h/"),
        ("/../:year", "/2024/"),
    ],
)
def test_pattern(config: Config, pattern: str, expected: str) -> None:
    """Each token's value, sanitised and lower-case, with one slash at each end."""
    assert expand(pattern, FACTS, config) == expected


def test_slug_token_prefers_the_slug(config: Config) -> None:
    """Its slashes make folders."""
    assert expand("/:slug", replace(FACTS, slug="a/b c"), config) == "/a/b-c/"


def test_page_without_date_has_gos_zero_year(config: Config) -> None:
    """As in Hugo, `:year` of no date is 1."""
    assert expand("/:year/:month/", replace(FACTS, date=None), config) == "/1/01/"


@pytest.mark.parametrize("pattern", ["/:foo/", "/:Month/", "/:sections[x]/", "/:title[1]/"])
def test_unknown_token(config: Config, pattern: str) -> None:
    """A misspelt token is an error, not text."""
    with pytest.raises(UnknownTokenError):
        expand(pattern, FACTS, config)


@pytest.mark.parametrize(
    ("url", "path", "file"),
    [
        ("/custom/Path_X", "/custom/Path_X/", "custom/Path_X/index.html"),
        ("a b/c!", "/a b/c!/", "a b/c!/index.html"),
        ("x.html", "/x.html", "x.html"),
        ("/v1.0/install", "/v1.0/install", "v1.0/install"),
        ("/y/../z/", "/z/", "z/index.html"),
        ("/../../etc/x", "/etc/x/", "etc/x/index.html"),
        ("foo.bar/", "/foo.bar/", "foo.bar/index.html"),
        ("/:year/x", "/2024/x/", "2024/x/index.html"),
        ("/", "/", "index.html"),
    ],
)
def test_own_url(config: Config, url: str, path: str, file: str) -> None:
    """A front-matter `url` keeps its case and cannot leave the site."""
    assert own_url(url, FACTS, config) == path
    assert output_path(path) == PurePosixPath(file)


@pytest.mark.parametrize("url", ["https://example.org/x", "HTTP://x", "//example.org/x"])
def test_own_url_with_a_scheme(config: Config, url: str) -> None:
    """An address elsewhere is no page of this site."""
    with pytest.raises(UnusableUrlError):
        own_url(url, FACTS, config)


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        ("/old/", "old/index.html"),
        ("/old", "old/index.html"),
        ("/old/x.html", "old/x.html"),
        ("/old/x.html/", "old/x.html"),
        ("/old/x.txt", "old/x.txt/index.html"),
        ("rel", "posts/rel/index.html"),
        ("./rel/", "posts/rel/index.html"),
        ("../up/x.html", "up/x.html"),
        ("../../../up", "up/index.html"),
    ],
)
def test_alias(alias: str, expected: str) -> None:
    """From the root with a slash, else beside the page; never above the root."""
    assert alias_path(alias, "/posts/x/", is_ugly=False) == PurePosixPath(expected)


@pytest.mark.parametrize("alias", ["/", "https://example.org/", "..", "//x"])
def test_unusable_alias(alias: str) -> None:
    """The home page and other sites are none."""
    with pytest.raises(UnusableUrlError):
        alias_path(alias, "/posts/x/", is_ugly=False)


def test_links_are_encoded_as_go_does() -> None:
    """Letters beyond ASCII and `#` are encoded, what is encoded already stays."""
    assert escape("/ü/a#b/c+d@e~f/50%25/100%/!") == "/%C3%BC/a%23b/c+d@e~f/50%25/100%25/%21"


def test_encoded_dots_do_not_leave_the_site() -> None:
    """A file's place is decided after decoding."""
    assert output_path("/a/%2e%2e/%2e%2e/b/") == PurePosixPath("b/index.html")


def test_file_names_keep_what_spaces_left(config: Config) -> None:
    """In file names each space is a hyphen before other characters go, so two may stand together."""
    assert (
        default_path("posts", "Hello-World!-C++-&-Ünïcödé_x", config) == "/posts/hello-world-c++--ünïcödé_x/"
    )


@given(st.text())
def test_clean_paths_stay_inside(text: str) -> None:
    """Whatever is written, no path leads out of the site."""
    path = clean(text)
    assert path.startswith("/")
    assert not {"..", "."} & set(path.split("/"))
    assert "//" not in path
