"""A Hugo site, imported and built: content and settings as they were, shortcodes translated or named, nothing lost unsaid."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from click.testing import CliRunner

from sitegen.cli.main import main
from sitegen.errors import SiteError
from sitegen.importing.hugo import read_hugo_site
from sitegen.importing.hugo_layouts import role
from sitegen.importing.values import Imported, Note

Files = Mapping[str, str | bytes]

SITE: dict[str, str | bytes] = {
    "config/_default/hugo.toml": (
        "baseURL = 'https://example.org/'\ntitle = 'Learning machines'\ntheme = 'paper'\nenableInlineShortcodes = false\n"
        "[permalinks]\nposts = '/:year/:slug/'\n[taxonomies]\ntag = 'tags'\n"
    ),
    "config/_default/params.toml": "author = 'Some One'\n",
    "content/_index.md": "---\ntitle: Home\n---\nWelcome.\n",
    "content/about.md": "---\ntitle: About\naliases: [/me/]\n---\nMe. {{< badge >}}\n",
    "content/posts/first.md": (
        "---\ntitle: First\nslug: one\ndate: 2024-03-04\ntags: [ml]\n---\n"
        'Text {{< badge "new" >}} and {{< Badge "old" >}}.\n\n'
        '{{< gallery dir="img" columns=3 />}}\n\n{{% notice warning %}}\nTake *care*.\n{{% /notice %}}\n\n'
        "`{{</* badge */>}}`\n"
    ),
    "content/posts/bundle/index.md": (
        '---\ntitle: Bundle\ndate: 2024-03-05\n---\n{{< figure src="cat.png" caption="A cat" >}}\n\n'
        "{{< elsewhere a=1 >}}inside{{< /elsewhere >}}\n\n{{< gone >}}\n"
    ),
    "content/posts/bundle/cat.png": b"png",
    "content/env/setup.md": "---\ntitle: Setup\n---\n",
    "content/old.adoc": "= Old\n",
    "data/people.yaml": "- Ada\n",
    "static/CNAME": "example.org\n",
    "static/.well-known/x.txt": "x\n",
    "assets/main.scss": "a { b: c }\n",
    "layouts/shortcodes/badge.html": '<span class="badge">{{ .Get 0 | default "none" }}</span>',
    "layouts/shortcodes/gallery.html": '{{ range .Page.Resources.Match (.Get "dir") }}{{ .Name }}{{ end }}{{ .Inner }}',
    "layouts/_shortcodes/unused.html": "never",
    "layouts/_default/single.html": "{{ .Content }}",
    "layouts/_default/_markup/render-link.html": "{{ .Text }}",
    "layouts/posts/list.html": "{{ .Title }}",
    "layouts/partials/head.html": "<meta>",
    "layouts/index.html": "home",
    "themes/paper/layouts/shortcodes/notice.html": (
        '<aside class="notice-{{ .Get 0 }}">{{ .Inner | markdownify }}</aside>\n'
    ),
    "themes/paper/layouts/shortcodes/badge.html": "the theme's",
    "themes/paper/static/logo.svg": "<svg></svg>",
    "i18n/en.toml": "[more]\nother = 'More'\n",
    "archetypes/default.md": "---\ntitle: x\n---\n",
    "netlify.toml": "[build]\ncommand = 'hugo'\n",
    "README.md": "# The site\n",
    "public/index.html": "built",
    "resources/_gen/x": "cache",
}


@pytest.fixture
def read(tmp_path: Path, write_files: Callable[[Path, Files], Path]) -> Callable[..., Imported]:
    """Reads a site of these files."""
    return lambda files: read_hugo_site(write_files(tmp_path / "old", files))


def _topics(imported: Imported, kind: str) -> dict[str, list[Note]]:
    found: dict[str, list[Note]] = {}
    for note in imported.notes:
        if note.kind == kind:
            found.setdefault(note.topic, []).append(note)
    return found


def test_a_site_is_imported_and_builds(import_and_build: Callable[..., Any]) -> None:
    """Addresses stay; a plain shortcode of the site or its theme works; what does not is one error each."""
    site = import_and_build("hugo", SITE)

    first = site.page("/2024/one/")
    assert [node.text() for node in first.css("span.badge")] == ["new", "old"]
    notice = first.css_first("aside.notice-warning")
    assert notice is not None
    assert notice.css_first("em").text() == "care"
    assert first.css_first("main code").text() == "{{< badge >}}"
    assert site.page("/about/").css_first("span.badge").text() == "none"
    assert "/about/" in site.html("me/index.html")
    assert site.html("CNAME") == "example.org\n"
    assert site.html(".well-known/x.txt") == "x\n"
    assert site.page("/env/setup/").css_first("h1").text() == "Setup"
    bundle = site.page("/2024/bundle/")
    assert bundle.css_first("figure img").attributes["src"] == "/2024/bundle/cat.png"
    assert "inside" in bundle.css_first("main").text()
    assert "not translated yet" in bundle.css_first("main").text()
    assert site.exit_code == 1
    assert site.build.count("error SG206") == 3
    assert "error SG2" not in site.build.replace("error SG206", "")


def test_every_shortcode_is_told_with_its_places(read: Callable[..., Imported]) -> None:
    """Translated, to be translated with its Go template, or without one; with the number of calls."""
    imported = read(SITE)

    files = {str(file.path): (file.content or b"").decode() for file in imported.files}
    converted, look = _topics(imported, "converted"), _topics(imported, "look")
    assert set(converted) == {"shortcode badge", "shortcode notice"}
    assert "3 calls in 2 files" in converted["shortcode badge"][0].message
    assert {name for name in look if name.startswith("shortcode")} == {
        "shortcode elsewhere",
        "shortcode gallery",
        "shortcode gone",
    }
    assert str(look["shortcode gallery"][0].location) == "content/posts/first.md:9:1"
    gallery = files["templates/shortcodes/gallery.html"]
    assert "Arguments: dir." in gallery
    assert '{{ range .Page.Resources.Match (.Get "dir") }}' in gallery
    assert "{{ untranslated() }}" in gallery
    assert "inner" in files["templates/shortcodes/elsewhere.html"]
    assert "inner" not in files["templates/shortcodes/gone.html"].replace("{#", "")
    assert "unused shortcode" in _topics(imported, "lost")


def test_what_is_not_imported_is_named(read: Callable[..., Imported]) -> None:
    """Layouts with their role here, the theme, pages in other formats, words, archetypes, deployment."""
    imported = read(SITE)

    lost, look = _topics(imported, "lost"), _topics(imported, "look")
    layouts = {str(note.location): note.hint or "" for note in lost["layout"]}
    assert layouts["layouts/_default/single.html"] == (
        "the theme's `page.html` has its role; replace it as `templates/page.html`"
    )
    assert "`posts/section.html`" in layouts["layouts/posts/list.html"]
    assert "resolved" in layouts["layouts/_default/_markup/render-link.html"]
    assert len(layouts) == 5
    assert {"theme", "i18n", "archetypes", "AsciiDoc page"} <= set(lost)
    assert {"deployment", "assets"} <= set(look)
    paths = {str(file.path) for file in imported.files}
    assert not {
        path for path in paths if path.startswith(("layouts", "themes", "public", "resources", "i18n"))
    }
    assert {"README.md", "data/people.yaml", "config/_default/params.toml", "assets/main.scss"} <= paths


def test_the_source_is_only_read(tmp_path: Path, write_files: Callable[[Path, Files], Path]) -> None:
    """Not a byte of it changes, and a dry run writes nothing at all."""
    source = write_files(tmp_path / "old", SITE)

    def digest() -> str:
        files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()

    before = digest()
    done = CliRunner().invoke(main, ["import", "hugo", str(source), str(tmp_path / "new"), "--dry-run"])

    assert done.exit_code == 0, done.output
    assert "templates/shortcodes/badge.html" in done.output
    assert digest() == before


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    """Neither settings nor content."""
    with pytest.raises(SiteError) as caught:
        read_hugo_site(tmp_path)

    assert caught.value.diagnostic.code == "SG801"


@pytest.mark.parametrize(
    ("files", "topic", "words"),
    [
        ({"content/a.md": "A\n"}, "configuration", "there was none"),
        ({"hugo.toml": "title = \n", "content/a.md": "A\n"}, "configuration", "hugo.toml"),
        ({"hugo.toml": "title = 't'\n", "go.mod": "module x\n"}, "modules", "Go modules"),
        (
            {"hugo.toml": "title = 't'\ncontentDir = '../outside'\n", "../outside/a.md": "A\n"},
            "folder outside the site",
            "is not copied",
        ),
    ],
)
def test_what_is_unusual_is_to_be_looked_at(
    read: Callable[..., Imported], files: Files, topic: str, words: str
) -> None:
    """A site without settings, or whose settings cannot be read; themes and content from elsewhere."""
    imported = read(files)

    found = _topics(imported, "look")[topic]
    assert any(words in f"{note.location} {note.message}" for note in found)


def test_content_of_another_folder_is_copied_to_the_same_place(read: Callable[..., Imported]) -> None:
    """`contentDir` is honoured, so the settings need no change."""
    imported = read(
        {
            "hugo.yaml": "title: t\ncontentDir: site/pages\n",
            "site/pages/a.md": "A {{< ref >}}\n",
            "content/b.md": "B\n",
        }
    )

    assert {str(file.path) for file in imported.files} == {"hugo.yaml", "site/pages/a.md"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("index.html", "`home.html`"),
        ("_default/baseof.html", "`base.html`"),
        ("baseof.html", "`base.html`"),
        ("page.html", "`page.html`"),
        ("docs/single.html", "`docs/page.html`"),
        ("_default/terms.html", "`taxonomy.html`"),
        ("_default/rss.xml", "`feeds/rss.xml`"),
        ("sitemap.xml", "`sitemap.xml`"),
        ("404.html", "`404.html`"),
        ("_partials/a.html", "`templates/partials/`"),
        ("_markup/render-codeblock-mermaid.html", "highlighted"),
        ("robots.txt", "`robots.txt`"),
        ("posts/wide.html", "`templates/posts/wide.html`"),
    ],
)
def test_layouts_have_a_role(path: str, words: str) -> None:
    """Both generations of Hugo's names."""
    assert words in role(PurePosixPath(path))[1]


@pytest.mark.shared
def test_kubeflow_is_imported_and_builds(shared_dir: Path, tmp_path: Path) -> None:
    """A real site without its theme: each missing shortcode is one error, and the pages are published."""
    source = shared_dir / "corpora/kubeflow"
    done = CliRunner().invoke(main, ["import", "hugo", str(source), str(tmp_path / "new")])
    assert done.exit_code == 0, done.output

    built = CliRunner().invoke(main, ["build", "-s", str(tmp_path / "new"), "--keep-going", "--no-execute"])

    assert built.exit_code == 1
    assert built.output.count("error SG206: the shortcode `alert`") == 1
    assert "called 109 times in 75 files" in built.output
    assert (tmp_path / "new/public/docs/about/community/index.html").is_file()


def test_sources_of_knitted_pages_are_no_lost_pages(
    tmp_path: Path, write_files: Callable[[Path, Mapping[str, str | bytes]], Path]
) -> None:
    """R Markdown beside the page that was made of it is kept; alone it is a page less."""
    files = {
        "content/a.Rmd": "x",
        "content/a.html": "x",
        "content/b/index.Rmarkdown": "x",
        "content/b/index.markdown": "x",
    }
    source = write_files(tmp_path / "old", {"config.toml": "", **files, "content/c.Rmd": "x"})

    notes = read_hugo_site(source).notes

    told = {
        str(note.location.path): note.kind for note in notes if note.location and "R Markdown" in note.topic
    }
    assert told == {"content/a.Rmd": "kept", "content/b/index.Rmarkdown": "kept", "content/c.Rmd": "lost"}
