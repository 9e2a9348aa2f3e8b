"""URLs below a base path, relative and absolute, in any HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.rendering.urls import (
    absolute,
    attributes,
    joined,
    make_absolute,
    make_relative,
    map_tags,
    url_of_output,
    with_base,
)


@pytest.mark.parametrize(
    ("base", "site_path", "below", "permalink"),
    [
        ("https://example.org/blog/", "/a/", "/blog/a/", "https://example.org/blog/a/"),
        ("https://example.org/", "/a/", "/a/", "https://example.org/a/"),
        ("/", "/a/", "/a/", "/a/"),
        ("/blog/", "/a/", "/blog/a/", "/blog/a/"),
        ("https://example.org/blog/", "mailto:a@b.c", "mailto:a@b.c", "mailto:a@b.c"),
        ("https://example.org/blog/", "//cdn.x/y", "//cdn.x/y", "//cdn.x/y"),
    ],
)
def test_site_paths_below_the_base(
    config: Config, base: str, site_path: str, below: str, permalink: str
) -> None:
    """A site path gets the base's path, and its host where it has one."""
    settings = replace(config, base_url=base)

    assert with_base(settings, site_path) == below
    assert absolute(settings, with_base(settings, site_path)) == permalink


def test_output_paths_are_percent_encoded(config: Config) -> None:
    """A file name may hold anything."""
    assert url_of_output(config, PurePosixPath("a b/ü?#.png")) == "/blog/a%20b/%C3%BC%3F%23.png"


@pytest.mark.parametrize(
    ("path", "html", "relative"),
    [
        ("index.html", '<a href="/">', '<a href="index.html">'),
        ("a/b/index.html", '<a href="/">', '<a href="../../index.html">'),
        ("a/b/index.html", '<a href="/a/c/?q=1#x">', '<a href="../c/index.html?q=1#x">'),
        ("a/b.html", "<a href=/a/c.html>", "<a href=c.html>"),
        ("ü/index.html", '<a href="/%C3%BC/x.png">', '<a href="x.png">'),
        ("index.html", "<a title='>' data-href=\"/a/\" href='/a/?x&amp;y'>", "<a title='>' data-href=\"/a/\" href='a/index.html?x&amp;y'>"),
        ("a/index.html", '<object data="/x.svg"></object><form action="/s/">', '<object data="../x.svg"></object><form action="../s/index.html">'),
        ("a/index.html", '<!-- <a href="/"> --><a href="/">', '<!-- <a href="/"> --><a href="../index.html">'),
        ("a/index.html", '<style>a{}</style><script>"<a href=\'/\'>"</script><video poster="/p.png">', '<style>a{}</style><script>"<a href=\'/\'>"</script><video poster="../p.png">'),
        ("index.html", '<meta property="og:url" content="/a/">', '<meta property="og:url" content="/a/">'),
        ("a/index.html", '<a href="/a/x:y">', '<a href="./x:y">'),
        ("a/index.html", '<a href="//x.y/z"><a href="b/"><a href="">', '<a href="//x.y/z"><a href="b/"><a href="">'),
        ("a/index.html", 'a < b "<a href="/">', 'a < b "<a href="../index.html">'),
    ],
)  # fmt: skip
def test_links_become_relative(path: str, html: str, relative: str) -> None:
    """Only URLs in attributes of tags change."""
    assert make_relative(html, PurePosixPath(path), "/") == relative


def test_links_become_absolute(config: Config) -> None:
    """In a feed every URL has its host."""
    html = '<a href="#x"></a><a href="b/"></a><img src="/blog/c.png" srcset="d.png 2x"><a href="https://x.y/"></a>'

    assert make_absolute(html, config, "/blog/a/") == (
        '<a href="https://example.org/blog/a/#x"></a><a href="https://example.org/blog/a/b/"></a>'
        '<img src="https://example.org/blog/c.png" srcset="https://example.org/blog/a/d.png 2x">'
        '<a href="https://x.y/"></a>'
    )


def test_attributes_of_a_tag() -> None:
    """Names in lower case, references resolved, the first of two wins."""
    assert attributes("<img SRC='a&amp;b' alt=x hidden data-a=\"1\" alt=y />") == {
        "src": "a&b",
        "alt": "x",
        "hidden": "",
        "data-a": "1",
    }


def test_tags_of_one_name() -> None:
    """Longer names and tags inside comments are left alone."""
    html = "<img a><image b><!-- <img c> --><img/>"

    assert map_tags(html, "img", str.upper) == "<IMG A><image b><!-- <img c> --><IMG/>"


@pytest.mark.parametrize("piece", ["<", "<a ", '<a "', "<!--", "<script>", "<a href='", "&lt;a ", "<a \"'"])
def test_what_is_no_tag_is_left_alone(piece: str) -> None:
    """Half tags stay as they are; so many of them end within the suite's timeout only in linear time."""
    html = piece * 200_000

    assert make_relative(html, PurePosixPath("a/index.html"), "/") == html


@pytest.mark.parametrize("url", ["http://[::1", "//[", "https://[x]"])
def test_what_is_no_url_stays_as_it_is(url: str) -> None:
    """A broken address of an author's is left to the browser; it never ends a build."""
    assert joined("https://example.org/a/", url) == url
