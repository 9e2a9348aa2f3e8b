"""Front matter that other themes gave a meaning of their own: no page of ours falls over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitegen.cli.main import main

_NAMES = (
    "image",
    "links",
    "headline",
    "category",
    "group_by",
    "related_shown",
    "toc",
    "order",
    "repo",
    "author",
)
_VALUES: tuple[object, ...] = (
    True,
    5,
    "x",
    [],
    ["a"],
    {"a": "b"},
    [{}],
    [{"name": "n"}],
    [{"name": "n", "url": 5}],
    [1, [2]],
)
"""What themes, and people, write there: wowchemy's `image` is a table, Blowfish's `links` have other keys."""


@pytest.fixture
def built(write_site: Callable[[dict[str, str]], Path]) -> Callable[[dict[str, str]], Path]:
    """Builds a site without execution; gives the published folder, and fails where the build does."""

    def build(files: dict[str, str]) -> Path:
        root = write_site(files)
        result = CliRunner().invoke(main, ["build", "-s", str(root), "--no-execute"])
        assert result.exit_code == 0, result.output
        return root / "public"

    return build


def test_parameters_of_other_themes_break_no_page(built: Callable[[dict[str, str]], Path]) -> None:
    """Each name that the theme reads with values of each kind, in a post, in a card and on a list."""
    pages = {
        f"content/{place}": f"---\n{json.dumps({'title': name, 'date': '2020-01-01', name: value})}\n---\nText.\n"
        for name in _NAMES
        for number, value in enumerate(_VALUES)
        for place in (
            f"posts/{name}-{number}.md",
            f"projects/{name}-{number}.md",
            f"{name}{number}/_index.md",
        )
    }
    home = json.dumps({"title": "Home", "headline": "H", "posts_shown": "2", "projects_shown": {"a": 1}})
    config = "baseURL = 'https://e.example/'\n[params]\nfavicon = { ico = 'a.ico' }\n"

    public = built({"hugo.toml": config, "content/_index.md": f"---\n{home}\n---\n", **pages})

    assert "og:image" not in (public / "posts/image-5/index.html").read_text(encoding="utf-8")
    assert "og:image" in (public / "posts/image-2/index.html").read_text(encoding="utf-8")


def test_links_without_an_address_are_left_out(built: Callable[[dict[str, str]], Path]) -> None:
    """Those with one stay, under their address where they have no name."""
    links = "[{name: A, url: /a/}, {icon: b, email: b@e.example}, https://c.example/, {url: 'https://d.example/'}]"

    public = built({"hugo.toml": "", "content/p.md": f"---\ntitle: P\nlinks: {links}\n---\nText.\n"})

    html = (public / "p/index.html").read_text(encoding="utf-8")
    listed = html.partition('<ul class="links">')[2].partition("</ul>")[0]
    assert listed.count("<li>") == 2
    assert '<a href="/a/">A</a>' in listed
    assert '<a href="https://d.example/">https://d.example/</a>' in listed


def test_words_are_no_links(built: Callable[[dict[str, str]], Path]) -> None:
    """`model: gpt-2` and wowchemy's `slides: example` name something; an address or a file of the bundle is a link."""
    matter = "title: P\nmodel: gpt-2\nslides: example\ndataset: data.csv\nrepo: https://e.example/r\npaper: /p.pdf\n"
    files = {
        "content/p/index.md": f"---\n{matter}---\nText.\n",
        "content/p/data.csv": "a\n",
        "static/p.pdf": "%PDF-",
    }

    public = built({"hugo.toml": "", **files})

    html = (public / "p/index.html").read_text(encoding="utf-8")
    listed = html.partition('<ul class="links">')[2].partition("</ul>")[0]
    assert [part.partition('"')[0] for part in listed.split('href="')[1:]] == [
        "https://e.example/r",
        "/p.pdf",
        "/p/data.csv",
    ]


def test_page_of_the_author_is_the_404_page(built: Callable[[dict[str, str]], Path]) -> None:
    """As most Jekyll sites and many of Hugo have it: `/404.html` is a page with text of its own."""
    public = built(
        {"hugo.toml": "", "content/404.md": "---\ntitle: Lost\nurl: /404.html\n---\nNobody is here.\n"}
    )

    assert "Nobody is here." in (public / "404.html").read_text(encoding="utf-8")


def test_shortcode_of_blogdown_is_there(built: Callable[[dict[str, str]], Path]) -> None:
    """Pages that R made name their figures with it; the R package, not the author, wrote its Go template."""
    files = {
        "content/p/index.markdown": '---\ntitle: P\n---\n<img src="{{< blogdown/postref >}}p_files/a.png" alt="">\n',
        "content/p/p_files/a.png": "",
        "layouts/shortcodes/blogdown/postref.html": "{{ .Page.Permalink }}",
    }

    public = built({"hugo.toml": "", **files})

    assert 'src="/p/p_files/a.png"' in (public / "p/index.html").read_text(encoding="utf-8")


def test_picture_of_a_page_is_found_as_pictures_of_its_text_are(
    built: Callable[[dict[str, str]], Path],
) -> None:
    """Beside the source file, in the bundle, in `static/`, on another site; in cards and in shared links."""
    pictures = {"a": "a.png", "b": "b.png", "c": "/c.png", "d": "https://e.example/d.png"}
    pages = {
        f"content/projects/{name}.md": f"---\ntitle: {name}\nimage: {at}\n---\n"
        for name, at in pictures.items()
    }
    pages["content/projects/b/index.md"] = pages.pop("content/projects/b.md")
    files = dict.fromkeys(("content/projects/a.png", "content/projects/b/b.png", "static/c.png"), "")

    public = built({"hugo.toml": "baseURL = 'https://x.example/s/'\n", **pages, **files})

    whole = [
        "https://x.example/s/projects/a.png",
        "https://x.example/s/projects/b/b.png",
        "https://x.example/s/c.png",
    ]
    cards = (public / "projects/index.html").read_text(encoding="utf-8")
    for name, address in zip(pictures, [*whole, "https://e.example/d.png"], strict=True):
        html = (public / f"projects/{name}/index.html").read_text(encoding="utf-8")
        assert f'<meta property="og:image" content="{address}">' in html
        assert f'<img src="{address.removeprefix("https://x.example")}"' in cards


def test_nested_entries_of_a_menu_are_there(built: Callable[[dict[str, str]], Path]) -> None:
    """Behind the entry that they are below; one without an address, a mere heading of theirs, is no link."""
    menu = (
        "[[menus.main]]\nidentifier = 'more'\nname = 'More'\nweight = 1\n"
        "[[menus.main]]\nname = 'Talks'\nparent = 'more'\nurl = '/talks/'\n"
        "[[menus.main]]\nidentifier = 'about'\nname = 'About'\nurl = '/about/'\nweight = 2\n"
        "[[menus.main]]\nname = 'Me'\nparent = 'about'\nurl = '/me/'\n"
    )
    html = (built({"hugo.toml": menu}) / "index.html").read_text(encoding="utf-8")

    bar = html.partition('<nav class="site-nav"')[2].partition("</nav>")[0]
    assert [part.partition('"')[0] for part in bar.split('href="')[1:]] == ["/talks/", "/about/", "/me/"]


def test_html_around_the_name_of_a_menus_entry_stays(built: Callable[[dict[str, str]], Path]) -> None:
    """`pre` and `post` are HTML, as in Hugo, for icons; a name is text."""
    menu = (
        "[[menus.main]]\nname = 'A <b>'\npre = '<i class=\"icon\"></i>'\npost = '<sup>1</sup>'\nurl = '/a/'\n"
    )
    html = (built({"hugo.toml": menu}) / "index.html").read_text(encoding="utf-8")

    assert '<i class="icon"></i>A &lt;b&gt;<sup>1</sup>' in html


@pytest.mark.parametrize("section", ["posts", "post", "blog"])
def test_home_leads_to_the_posts_whatever_their_section_is_called(
    built: Callable[[dict[str, str]], Path], section: str
) -> None:
    """`posts`, `post` and `blog` are what blogs call it."""
    public = built({"hugo.toml": "", f"content/{section}/a.md": "---\ntitle: A\ndate: 2020-01-01\n---\n"})

    assert f'<a href="/{section}/">All posts</a>' in (public / "index.html").read_text(encoding="utf-8")


def test_files_of_a_talk_are_found_from_the_list_too(built: Callable[[dict[str, str]], Path]) -> None:
    """The list of talks shows the links of each: a file of the talk's folder lies there, and not beside the list."""
    matter = "title: T\ndate: 2020-01-01\nslides: s.pdf\nposter: p.pdf\npdf: https://e.example/t.pdf\n"
    files = {
        "content/talks/t/index.md": f"---\n{matter}links: [{{name: Data, url: d.csv}}]\n---\nText.\n",
        **{f"content/talks/t/{name}": "x" for name in ("s.pdf", "p.pdf", "d.csv")},
    }

    html = (built({"sitegen.toml": "", **files}) / "talks/index.html").read_text(encoding="utf-8")

    listed = html.partition('<ul class="links">')[2].partition("</ul>")[0]
    assert [part.partition("</a>")[0] for part in listed.split('href="')[1:]] == [
        'https://e.example/t.pdf">PDF',
        '/talks/t/s.pdf">Slides',
        '/talks/t/p.pdf">Poster',
        '/talks/t/d.csv">Data',
    ]
