"""Sites of every shape, told by us and by the real Hugo: pages, lists, order, menus, terms, data and files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import load_config
from sitegen.content.site import build_index
from sitegen.content.sources import discover

from .hugo_answers import Answer, Failure, answer_of, ask_hugo, find_hugo

WriteSite = Callable[[dict[str, str]], Path]
Compare = Callable[..., list[str]]

SITE = "baseURL = 'https://example.org/'\ntitle = 'Site'\nbuildDrafts = true\nbuildFuture = true\nbuildExpired = true\n"
_OF_OTHERS = ("robots.txt", "sitemap.xml", "en/sitemap.xml")
"""Written elsewhere than by the index."""
_OF_OUR_PARAMS = ("foo", "bar", "baz", "tag", "output", "rmd")


@pytest.fixture
def differences(write_site: WriteSite) -> Compare:
    """What Hugo and we say differently of a site, one line each; empty where nothing is."""
    hugo = find_hugo() or pytest.skip("hugo is not installed (it is part of the `dev` extra)")

    def compare(files: Mapping[str, str], config: str = "", skip: tuple[str, ...] = ()) -> list[str]:
        root = write_site({"hugo.toml": SITE + config, **files})
        theirs = ask_hugo(root, hugo)
        assert not isinstance(theirs, Failure), theirs.message
        loaded = load_config(root, environ={})
        return list(_told(theirs, answer_of(build_index(discover(loaded), loaded), loaded), skip))

    return compare


def _told(theirs: Answer, ours: Answer, skip: tuple[str, ...]) -> list[str]:
    found = [f"page {path}" for path in set(theirs.pages) ^ set(ours.pages)]
    for path in sorted(set(theirs.pages) & set(ours.pages)):
        for column, value in ours.pages[path].items():
            their_value = theirs.pages[path][column]
            if column == "params":
                their_value, value = _own(their_value), _own(value)
            elif column == "regular" and ours.pages[path]["kind"] == "term":
                continue  # Hugo's has sections and the home page among regular pages
            elif column == "aliases":
                continue  # Hugo's are paths by now; the files of redirects are compared
            elif column == "resources":
                if ours.pages[path]["kind"] != "page":
                    continue  # of a section without `_index.md` lone files are no resources here
                their_value = {name: [row[0], row[1]] for name, row in their_value.items()}
                value = {name: [row[0], row[1]] for name, row in value.items()}
            if column not in skip and value != their_value:
                found.append(f"{path} {column}: {their_value!r} is {value!r}")
    found += [
        f"{column}: {getattr(theirs, column)!r} is {getattr(ours, column)!r}"
        for column in ("regular", "menus", "taxonomies", "data")
        if column not in skip and getattr(theirs, column) != getattr(ours, column)
    ]
    if "files" in skip:
        return found
    return [*found, *(f"file {name}" for name in sorted(theirs.files ^ ours.files) if name not in _OF_OTHERS)]


def _own(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name in _OF_OUR_PARAMS}


def page(title: str, *lines: str) -> str:
    """A page with a title and more lines of YAML."""
    return "\n".join(("---", f"title: {json.dumps(title, ensure_ascii=False)}", *lines, "---", "body", ""))


TREE = {
    "content/_index.md": page("Home", "url: /not/", "tags: [homed]", "date: 2015-01-01"),
    "content/about.md": page("About", "weight: 3", "menu: main"),
    "content/posts/_index.md": page("Posts", "slug: p-slug"),
    "content/posts/a.md": page("A/B C: é", 'tags: [ML, "a/b", C++, Machine Learning]', "date: 2024-03-05"),
    "content/posts/Sub Dir/_index.md": page("Sub"),
    "content/posts/Sub Dir/b.md": page("B", 'slug: "My/Slug X"', "lastmod: 2024-01-01"),
    "content/posts/Sub Dir/Deep/c.md": page("C", "foo: own"),
    "content/posts/Sub Dir/Deep2/_index.md": page("D2", "slug: d-two"),
    "content/posts/Sub Dir/Deep2/d.md": page("D", "url: /u/:year/x y", "date: 2020-02-29T23:00:00-05:00"),
    "content/posts/2024-01-02-x y.md": page("X"),
    "content/posts/2024-01-03-node.js tips.md": page("Dotted"),
    "content/posts/2024-01-04-v1.2 is out/index.md": page("Dotted too"),
    "content/posts/bundle.v1/index.md": page(
        "Bundle",
        'aliases: [/old/, rel, ../up, x.html, "/a b/C", /x.txt, "/a//b/"]',
        "resources: [{src: '*.txt', name: 'n-:counter', title: 'T :counter'}, {src: '**', title: rest}]",
    ),
    "content/posts/bundle.v1/one.txt": "1",
    "content/posts/bundle.v1/two.txt": "2",
    "content/posts/bundle.v1/sub/pic.svg": "<svg/>",
    "content/posts/bundle.v1/note.md": page("A note"),
    "content/auto/x.md": page("X"),
    "content/auto/deep/er/x.md": page("X2", "date: 2021-01-01", "draft: true"),
    "content/docs/file.pdf": "pdf",
    "content/Lone Dir/p.md": page("P", "tags: [spelt]"),
    "content/Lone Dir/In Ner/F f.TXT": "lone",
    "content/posts/a x/deep/_index.md": page("In a folder that is no section"),
    "content/posts/a x/deep/p.md": page("P", "weight: -1"),
    "content/tags/ml/_index.md": page("ML Term", "slug: mlslug"),
    "content/hidden/index.md": page("Hidden", "headless: true"),
    "content/local.md": page("Local", "build: {list: local}"),
    "content/link.md": page("Link", "build: {render: link}", "tags: [linked]"),
    "content/unrendered.md": page("Unrendered", "build: {render: never}", "tags: [gone]"),
    "data/a.toml": "x = 1\n",
    "data/c.yaml": "d: {z: 1}\nq: 2\n",
    "data/c/d.json": '{"A": {"b": [1, 2.5, null]}}',
    "data/e.xml": '<r a="1"><i>x</i><i id="2">y</i><o/></r>',
    "static/CNAME": "example.org",
    "static/docs/file.pdf": "over",
}
PERMALINKS = """
[permalinks.page]
posts = '/:year/:month/:sectionslugs/:slug/'
auto = '/:sections[1:]/:sections[last]/:title'
'/' = '/root/:contentbasename/'
[permalinks.section]
posts = '/b/:sections/:slug/'
[permalinks.term]
tags = '/topics/:slug/'
"""
ORDERED = """
[[permalinks]]
pattern = '/s/:slug/'
[permalinks.target]
path = '/posts/Sub-dir/**'
[[permalinks]]
pattern = '/p/:title/:06-:Jan/'
[permalinks.target]
kind = 'page'
"""
MENUS = """
sectionPagesMenu = 'main'
[[menus.main]]
name = 'Ext'
url = 'https://example.com/'
weight = -1
[[menus.main]]
pageRef = '/posts/Sub Dir'
[[menus.main]]
name = 'b'
url = '/b/'
[[menus.main]]
name = 'A'
identifier = 'about'
url = '/a/'
[[menus.main]]
name = 'Child'
parent = 'about'
url = '/child/'
[[menus.footer]]
name = 'x'
identifier = 'twice'
url = '/1/'
[[menus.footer]]
name = 'y'
identifier = 'twice'
url = '/2/'
"""
CASCADES = """
[[cascade]]
foo = 'config'
[[cascade]]
bar = 'page'
[cascade.target]
kind = 'page'
[[cascade]]
baz = 'deep'
date = 2001-01-01
[cascade.target]
path = '/posts/{sub-dir/**,a}'
environment = 'production'
"""
LANGUAGES = """
defaultContentLanguage = 'en'
defaultContentLanguageInSubdir = true
[languages.en]
weight = 1
"""


@pytest.mark.parametrize(
    ("config", "skip"),
    [
        ("", ()),
        (PERMALINKS, ()),
        (ORDERED, ()),
        (MENUS, ()),
        (CASCADES, ()),
        (LANGUAGES, ()),
        # list pages are linked by their folder here, `hugo list` by the file: `sitegen list` says it as Hugo
        ("uglyURLs = true\n", ("url", "menus", "files")),
        ("[uglyURLs]\nposts = true\n", ("url", "menus", "files")),
        ("disablePathToLower = true\nremovePathAccents = true\n", ()),
        ("titleCaseStyle = 'go'\npluralizeListTitles = false\ndisableKinds = ['taxonomy', 'term']\n", ()),
        (
            "[taxonomies]\ntag = 'tags'\nserie = 'series'\n[frontmatter]\ndate = [':filename', ':default']\n",
            (),
        ),
    ],
)
def test_tree(differences: Compare, config: str, skip: tuple[str, ...]) -> None:
    """Kinds, URLs, dates, lists, order, terms, menus, data and files are Hugo's, whatever is configured."""
    assert differences(TREE, config, skip) == []


def test_other_languages_are_left_out(differences: Compare) -> None:
    """Of `post.md` and `post.fr.md` only the default language's is a page."""
    files = {
        "content/_index.fr.md": page("Accueil"),
        "content/posts/a.md": page("A"),
        "content/posts/a.fr.md": page("A en français"),
        "content/posts/b.en.md": page("B"),
        "content/posts/v1.2.md": page("Dots"),
        "content/posts/only.fr.md": page("Seulement"),
    }
    config = "defaultContentLanguage = 'en'\n[languages.en]\nweight = 1\n[languages.fr]\nweight = 2\n"
    found = differences(files, config)
    assert [line for line in found if not line.startswith(("file fr/", "file en/"))] == []


def test_dates_and_terms_of_lists(differences: Compare) -> None:
    """A list with any date of its own takes none from below, days to come are not taken over; terms have terms."""
    files = {
        "content/posts/_index.md": page("Posts", "expiryDate: 2030-01-01"),
        "content/posts/a.md": page("A", "date: 2019-12-31", "tags: [x]"),
        "content/docs/b.md": page("B", "date: 2020-01-01", "publishDate: 2999-01-01"),
        "content/docs/c.md": page("C", "date: 2020-02-01", "publishDate: 2020-03-01"),
        "content/tags/x/_index.md": page("X", "tags: [y]", "categories: [c]", "date: 2021-01-01"),
    }
    assert differences(files) == []


def test_terms_below_params(differences: Compare) -> None:
    """Taxonomies may be named below `params`, which goes before the top of the front matter."""
    files = {
        "content/r.md": page("R", "params: {tags: [below], Categories: C}"),
        "content/s.md": page("S", "tags: [top]", "params: {tags: [under]}"),
        "content/t.md": page("T", "tags: [top]", "params: {tags: []}"),
        "content/u.md": page("U", "params: {tags: one}"),
    }
    assert differences(files) == []


def test_letters_in_lower_case(differences: Compare) -> None:
    """Names, titles and terms are lowered letter by letter: no final sigma, no dot above the i of `İstanbul`."""
    names = ("ΛΟΓΟΣ", "ΟΔΟΣ Α", "İstanbul", "IĞDIR", "Straße", "Å")
    files = {
        f"content/{folder} {name}/{name}.md": page(name, f'tags: ["{name}", "..."]', f"slug: {slug}")
        for name in names
        for folder, slug in (("s", name), ("t", ""))
    }
    assert differences(files, "[permalinks]\n't-straße' = '/t/:title/'\n") == []


def test_taxonomies_of_several_words_and_folders(differences: Compare) -> None:
    """`Book Authors` is `/book-authors/`, `docs/topics` lies in a section: their `_index.md` files are found there."""
    files = {
        "content/posts/p.md": page("P", "book authors: [One Author, other]", "docs/topics: [x, y/z]"),
        "content/book-authors/one-author/_index.md": page("The first author"),
        "content/docs/topics/x/_index.md": page("Topic X"),
        "content/docs/d.md": page("D", "docs/topics: x"),
    }
    config = "[taxonomies]\n'Book Author' = 'Book Authors'\n'topic' = 'docs/topics'\n"
    assert differences(files, config, ("taxonomies",)) == []


@pytest.mark.parametrize("config", ["", "disableKinds = ['section']\n"])
def test_pages_of_sections_that_are_not_built(differences: Compare, config: str) -> None:
    """Pages below a drafted section are built, and in no list of the sections above it; their URLs have it still."""
    permalinks = "[permalinks]\ne = '/:sections/:sectionslugs/:slug/'\n"
    files = {
        "hugo.toml": SITE.replace("buildDrafts = true\n", config) + permalinks,
        "content/d/_index.md": page("Drafted", "draft: true", "slug: d-slug"),
        "content/d/a.md": page("A", "date: 2020-01-01", "tags: [x]"),
        "content/d/b.md": page("B", "date: 2020-01-02"),
        "content/d/sub/_index.md": page("Sub"),
        "content/d/sub/c.md": page("C"),
        "content/e/f/_index.md": page("F", "draft: true"),
        "content/e/f/g.md": page("G"),
        "content/e/h.md": page("H"),
    }
    assert differences(files, skip=("parent",)) == []


def test_shapes_of_r_blogs(differences: Compare) -> None:
    """What blogdown writes: lists for everything, quoted dates, `.Rmd` beside what it was knitted to."""
    files = {
        "content/post/2015-07-23-r-rmarkdown.Rmd": "---\ntitle: raw\n---\n",
        "content/post/2015-07-23-r-rmarkdown.md": (
            '---\ntitle: "Hello R Markdown"\nauthor: "A"\ndate: 2015-07-23T21:13:14-05:00\nslug: []\n'
            'categories: ["R"]\ntags: ["R Markdown", "plot", "regression"]\noutput:\n  blogdown::html_page:\n'
            "    toc: true\n---\n"
        ),
        "content/post/2016-old.md": '---\ntitle: Old\ndate: "2016-02-14 17:24"\nslug: old-one\ntags: []\n---\n'.replace(
            " 17:24", ""
        ),
        "content/post/bundle/index.en.md": "---\ntitle: Bundle\ndate: '2017-01-01'\nimage: {caption: ''}\n---\n",
        "content/post/bundle/index.Rmarkdown": "---\ntitle: raw\n---\n",
        "content/post/bundle/index_files/figure-html/plot-1.png": "png",
        "content/post/empty.md": "---\ntitle:\nslug:\ndate: ~\ntags:\ncategories: ''\n---\n",
        "content/publication/x.md": "+++\ntitle = \"P\"\ndate = 2018-05-01T00:00:00\n[header]\nimage = ''\n+++\n",
    }
    config = "ignoreFiles = ['\\.Rmd$', '\\.Rmarkdown$', '_cache$']\n[permalinks]\npost = '/:year/:month/:day/:slug/'\n"
    assert differences(files, config.replace("\\", "\\\\").replace("'", '"')) == []


TITLES = (
    *(
        "a tale of two cities",
        "what's new",
        "x: the y",
        "x - the y",
        "(parens the) here",
        "end with the",
        "to be?",
    ),
    *(
        "iPhone",
        "node.js",
        "e.g. this",
        "up-and-running",
        "the 2 x",
        "über das",
        '"the b" c',
        "an",
        "of",
        "x the y!",
    ),
)


@pytest.mark.parametrize("style", ["ap", "chicago", "go", "firstupper", "none"])
def test_titles_of_terms(differences: Compare, style: str) -> None:
    """Each style of titles writes a term as Hugo does."""
    tags = ", ".join(json.dumps(title, ensure_ascii=False) for title in TITLES)
    found = differences({"content/a.md": page("x", f"tags: [{tags}]")}, f"titleCaseStyle = '{style}'\n")
    assert [line for line in found if "title:" in line.lower()] == []


def test_order_of_titles(differences: Compare) -> None:
    """Titles are sorted by the root collation: signs, digits, letters; accents and case count last."""
    titles = (
        *(
            " x",
            "_x",
            "-x",
            "–",
            ";x",
            "!x",
            "¿x",
            "…",
            "'x",
            "“q”",
            "(x)",
            "[x",
            "@x",
            "*x",
            "/x",
            "&x",
            "#x",
            "%",
        ),
        *(
            "`x`",
            "^x",
            "+x",
            "~",
            "🚀",
            "$",
            "€",
            "1",
            "10",
            "2",
            "a",
            "A",
            "á",
            "Á",
            "a b",
            "a-b",
            "a.b",
            "ab",
            "æ",
        ),
        *(
            "af",
            "co-op",
            "coop",
            "ñ",
            "n",
            "ø",
            "oe",
            "R10",
            "r2",
            "resume",
            "Resume",
            "résumé",
            "Straße",
            "Strasse",
        ),
        *("v1.10", "v1.2", "z", "Z", "α", "Ω", "Б", "ж", "א", "ا", "한", "あ", "中", "日本"),
    )
    files = {f"content/t/{number:03}.md": page(title) for number, title in enumerate(titles)}
    assert differences(files) == []


def test_formats_of_one_page(differences: Compare) -> None:
    """Of `post.md` and the `post.html` made of it Hugo takes one; so do we."""
    names = ("md html", "markdown html", "markdown md", "org md", "mdown md", "htm html")
    files = {
        f"content/p{number}/{stem}.{suffix}": "#+title: org\n" if suffix == "org" else page(suffix)
        for number, name in enumerate(names)
        for suffix in name.split()
        for stem in ("a", "b/index", "_index")
    }
    assert differences(files, "[security]\nallowContent = ['.*']\n", skip=("resources",)) == []
