"""A Jekyll site, imported and built: addresses stay, and what a reader saw is there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from sitegen.cli.main import main
from sitegen.importing.jekyll import read_jekyll_site

PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x1b\xb6\xeeV\x00\x00\x00\x00IEND\xaeB`\x82"
)

SITE: dict[str, str | bytes] = {
    "_config.yml": """\
title: Notes on learning
description: >
  What I learn about
  learning machines
url: https://example.org
baseurl: /notes
email: me@example.org
github_username: someone
author:
  name: Some One
timezone: America/New_York
permalink: /blog/:year/:title/
paginate: 7
excerpt_separator: <!-- cut -->
include: [_pages]
plugins: [jekyll-feed, jekyll-redirect-from, jekyll-scholar, jekyll-archives]
jekyll-archives:
  enabled: [tags]
  permalinks: {tag: "/blog/tag/:name/"}
collections:
  projects: {output: true}
  news: {output: false}
defaults:
  - scope: {path: "", type: projects}
    values: {layout: page, kind: research}
theme: minima
enable_math: true
""",
    "Gemfile": "gem 'jekyll-sitemap'\n",
    "README.md": "# Not of the site\n",
    "CNAME": "example.org\n",
    "_layouts/bib.html": "{{ content }}",
    "_sass/a.scss": "a { b: c }",
    "_data/navigation.yml": "main:\n  - {title: About, url: /about/}\n  - {title: Blog, url: /blog/}\n",
    "_data/people.csv": "name,year\nAda,1843\n",
    "_bibliography/papers.bib": "@article{a, title={A}}\n",
    "_includes/note.html": '<div class="note {{ include.kind | default: "info" }}">{% if include.title %}<b>{{ include.title }}</b>{% endif %}{{ include.text | markdownify }}</div>\n',
    "_includes/chart.html": "{% for row in site.data.people %}{{ row.name }}{% endfor %}\n",
    "_includes/head.html": "<meta>\n",
    "_includes/figure.liquid": "{% for i in site.widths %}{{ i }}{% endfor %}",
    "assets/img/a.png": PIXEL,
    "assets/main.scss": "---\n---\n@import 'a';\n",
    "feed.xml": "---\n---\n<feed/>\n",
    "index.html": "---\nlayout: home\n---\n{% for post in paginator.posts %}{{ post.title }}{% endfor %}\n",
    "_pages/about.md": """\
---
permalink: /about/
title: About
nav: true
nav_order: 1
---
Write to <me@example.org>, or see {{ site.github_username }}, [the blog]({{ site.baseurl }}/blog/)
and [a post]({% post_url 2024-01-05-first %}). {% bibliography %}
""",
    "_pages/blog.md": "---\npermalink: /blog/\ntitle: The blog\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}\n",
    "docs/guide.md": "---\ntitle: Guide\nlayout: bib\n---\n[About]({% link _pages/about.md %}), [a file]({% link assets/img/a.png %})\n",
    "old.html": "---\ntitle: Old\n---\n<p>{% highlight python linenos %}\nx = 1\n{% endhighlight %}</p>\n",
    "_projects/robot.md": "---\ntitle: Robot\nimportance: 1\n---\nA robot.\n",
    "_projects/img/r.png": PIXEL,
    "_news/one.md": "---\ndate: 2024-02-01 10:00:00\ninline: true\n---\nNews.\n",
    "_drafts/idea.md": "---\ntitle: Idea\n---\nNot yet.\n",
    "_posts/2024-01-05-first.md": """\
---
layout: post
title: "First: steps"
date: 2024-01-05 23:30:00 -0800
tags: rl math
categories: notes
redirect_from: [/old/first.html, /2024/first/]
---
The first part.

<!-- cut -->

* TOC
{:toc}

## Setup {#setup}

Inline $$x^2$$ stays in its line, as does \\\\(y_1\\\\).

$$
\\sum_i x_i
$$

{% highlight python linenos %}
print("{{ not liquid }}")
{% endhighlight %}

{% raw %}`{{ shown }}`{% endraw %} and {{< not-ours >}}

```jinja
{% for x in y %}{{ x }}{% endfor %}
```

A paragraph.
{: .lead #start}

![A pixel]({{ '/assets/img/a.png' | relative_url }}){: .center width="50%"}
[out](https://example.com){:target="_blank"}

{% include note.html title="Careful" text="It is **hot**" %}

{% include figure.liquid path="assets/img/a.png" class="img-fluid" alt="A" caption="A pixel" %}

{% include chart.html %}

{% gist someone/1234abcd a.py %}

{% for x in page.tags %}left{% endfor %}

The HTML spec.[^1]

{% comment %}nobody sees this{% endcomment %}

*[HTML]: HyperText Markup Language

[^1]: A note.

<div class="box" markdown="1">
*Inside* it.
</div>
""",
    "_posts/2023-12-31-Second_Post.markdown": "---\npublished: false\n---\nSee [first]({% post_url 2024-01-05-first %}) and {% post_url 2024-01-05-first %}.\n",
    "rl/_posts/2022-03-04-third.md": "---\ntitle: Third\npermalink: /third.html\nsitemap: false\nlayout: post\n---\nText.\n",
}


@pytest.fixture(scope="module")
def site(import_and_build: Callable[..., Any]) -> Any:
    """The site above, imported and built."""
    return import_and_build("jekyll", SITE)


def _front(text: str) -> Any:
    return yaml.safe_load(text.split("---\n")[1])


def test_site_builds_without_errors(site: Any) -> None:
    """Nothing that the import wrote is wrong to sitegen."""
    assert " error " not in site.build
    assert site.exit_code == 0, site.build


@pytest.mark.parametrize(
    "address",
    [
        "blog/2024/first/index.html",
        "blog/2023/Second_Post/index.html",
        "third.html",
        "about/index.html",
        "blog/index.html",
        "docs/guide/index.html",
        "projects/robot/index.html",
        "projects/img/r.png",
        "assets/img/a.png",
        "blog/tag/rl/index.html",
        "old/first.html",
        "2024/first/index.html",
        "feed.xml",
        "CNAME",
        "index.html",
    ],
)
def test_old_addresses_answer(site: Any, address: str) -> None:
    """Each file that Jekyll published, but templates' own, is published."""
    assert (site.root / "public" / address).is_file()


def test_no_link_is_broken(site: Any) -> None:
    """Links between posts, to pages, to files, with and without the base path."""
    broken = [link for link in site.broken_links() if "/notes/" not in link]
    missing = [
        link
        for link in site.broken_links()
        if not (site.root / "public" / link.split("/notes/")[-1]).is_file()
        and not (site.root / "public" / link.split("/notes/")[-1] / "index.html").is_file()
    ]
    assert (broken, missing) == ([], [])


def test_settings_are_taken_over(site: Any) -> None:
    """Title, address, zone, author, permalinks, pages of tags, the menu, and what pages show."""
    settings = tomllib.loads(site.text("sitegen.toml"))

    assert settings["title"] == "Notes on learning"
    assert settings["description"] == "What I learn about learning machines"
    assert settings["baseURL"] == "https://example.org/notes/"
    assert settings["timeZone"] == "America/New_York"
    assert settings["author"] == {"name": "Some One", "email": "me@example.org"}
    assert settings["pagination"] == {"pagerSize": 7}
    assert settings["permalinks"] == {
        "page": {"blog": "/blog/:year/:slugorcontentbasename/"},
        "term": {"tags": "/blog/tag/:slug/"},
    }
    assert [entry["name"] for entry in settings["menus"]["main"]] == ["About", "Blog"]
    assert settings["params"] == {"email": "me@example.org", "github_username": "someone"}
    assert settings["cascade"] == [{"target": {"path": "/projects/**"}, "kind": "research"}]


def test_front_matter_is_ours(site: Any) -> None:
    """Dates keep their moment, strings of tags are lists, the file's name gives the slug."""
    first = _front(site.text("content/blog/2024-01-05-first.md"))
    second = _front(site.text("content/blog/2023-12-31-Second_Post.md"))

    assert first["title"] == "First: steps"
    assert first["slug"] == "first"
    assert first["tags"] == ["rl", "math"]
    assert first["categories"] == ["notes"]
    assert first["aliases"] == ["/old/first.html", "/2024/first/"]
    assert "url" not in first
    assert second["draft"] is True
    assert second["title"] == "Second Post"
    assert second["url"] == "/blog/2023/Second_Post/"
    assert _front(site.text("content/blog/2022-03-04-third.md"))["categories"] == ["rl"]
    assert _front(site.text("content/news/one.md"))["build"] == {"render": "never"}


def test_body_is_read_as_before(site: Any) -> None:
    """Highlighting, math, attributes, includes, notes and raw text: what Jekyll's readers saw."""
    body = site.page("/blog/2024/first/").css_first(".prose")
    text = body.text()

    assert "{{ not liquid }}" in text
    assert "{{ shown }}" in text
    assert "{{< not-ours >}}" in text
    assert "{% for x in y %}{{ x }}{% endfor %}" in text
    assert "nobody sees this" not in text
    assert [node.attributes.get("display", "inline") for node in body.css("math")] == [
        "inline",
        "inline",
        "block",
    ]
    assert body.css_first("img.center").attributes["width"] == "50%"
    assert body.css_first('a[target="_blank"]').attributes["href"] == "https://example.com"
    assert body.css_first(".note.info b").text() == "Careful"
    assert body.css_first(".note strong").text() == "hot"
    assert body.css_first("figure.img-fluid figcaption").text().strip() == "A pixel"
    assert body.css_first("abbr").attributes["title"] == "HyperText Markup Language"
    assert body.css_first("div.box em").text() == "Inside"
    assert body.css_first("h2").attributes["id"] == "setup"
    assert body.css_first(".embed-gist") is not None


def test_highlighted_code_in_a_list_stays_in_it(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """The fence has the indentation of the tags."""
    post = "---\ntitle: x\n---\n1. One\n\n   {% highlight py %}\n   x = 1\n   {% endhighlight %}\n\n2. Two\n"
    source = write_files(tmp_path / "old", {"_config.yml": "title: x\n", "_posts/2024-01-02-a.md": post})

    made = {str(file.path): (file.content or b"").decode() for file in read_jekyll_site(source).files}

    assert "1. One\n\n   ```py\n   x = 1\n   ```\n\n2. Two" in made["content/posts/2024-01-02-a.md"]


def test_code_in_html_pages_is_highlighted(site: Any) -> None:
    """A page that is HTML has no fences: the shortcode does it."""
    assert "{{< highlight" in site.text("content/old.html")
    assert "x = 1" in site.page("/old/").css_first(".prose").text().replace("\xa0", " ")


def test_what_needs_a_person_is_reported_with_its_place(site: Any) -> None:
    """Loops, plugins, layouts, includes that cannot be translated; each with file and line."""
    for words in (
        "`{% for x in page.tags %}` stays as it is written: `_posts/2024-01-05-first.md:48`",
        "`{% bibliography %}` stays as it is written: `_pages/about.md:8`",
        "`chart.html` does more than can be translated",
        "`jekyll-scholar`: lists of papers and citations are built in: `_config.yml:16`",
        "the theme `minima` is not taken along",
        "### layout `bib` (1 place)",
        "`_layouts/bib.html`, a layout, is not taken along",
        "`_sass/a.scss`, a style sheet, is not taken along",
        "the text was left out: `index.html:4`, `_pages/blog.md:5`",
        "`_bibliography/papers.bib` is `data/papers.bib`",
        "`head.html` is called by no page",
    ):
        assert words in site.report, words


def test_data_is_taken_along(site: Any) -> None:
    """CSV, which data files cannot be, is JSON."""
    assert site.text("data/people.json") == '[\n  {\n    "name": "Ada",\n    "year": "1843"\n  }\n]\n'
    assert (site.root / "data/papers.bib").is_file()
    assert not (site.root / "static/README.md").exists()


@pytest.mark.parametrize("name", ["{outside}", "../outside.md", "link.md"])
def test_nothing_outside_the_source_is_included(
    tmp_path: Path, write_files: Callable[..., Path], name: str
) -> None:
    """Neither by an absolute path nor by dots nor through a link: the tag stays as it is written."""
    outside = tmp_path / "outside.md"
    outside.write_text("hidden", encoding="utf-8")
    tag = f"{{% include_relative {name.format(outside=outside)} %}}"
    source = write_files(tmp_path / "old", {"_config.yml": "title: T\n", "a.md": f"---\n---\n{tag}\n"})
    (source / "link.md").symlink_to(outside)

    done = CliRunner().invoke(main, ["import", "jekyll", str(source), str(tmp_path / "new")])

    assert done.exit_code == 0, done.output
    assert "hidden" not in (tmp_path / "new/content/a.md").read_text(encoding="utf-8")


def test_a_file_that_includes_itself_is_read_once(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """However often it does: the tags stay as they are written."""
    tags = "{% include_relative a.md %}\n" * 20
    source = write_files(tmp_path / "old", {"_config.yml": "title: T\n", "a.md": f"---\n---\nx\n{tags}"})

    done = CliRunner().invoke(main, ["import", "jekyll", str(source), str(tmp_path / "new")])

    assert done.exit_code == 0, done.output
    assert (tmp_path / "new/content/a.md").read_text(encoding="utf-8").count("include_relative") == 20


def test_import_reads_only(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """`--dry-run` lists files, and neither the source nor the target is touched."""
    source = write_files(tmp_path / "old", SITE)
    before = sorted(file.stat().st_mtime_ns for file in source.rglob("*"))

    done = CliRunner().invoke(main, ["import", "jekyll", str(source), str(tmp_path / "new"), "--dry-run"])

    assert done.exit_code == 0, done.output
    assert "content/blog/2024-01-05-first.md" in done.stdout.splitlines()
    assert "to look at:" in done.stdout
    assert sorted(file.stat().st_mtime_ns for file in source.rglob("*")) == before
    assert not (tmp_path / "new").exists()


def test_folder_that_is_no_jekyll_site_is_refused(tmp_path: Path) -> None:
    """SG801 names what was looked for."""
    done = CliRunner().invoke(main, ["import", "jekyll", str(tmp_path), str(tmp_path.parent / "new")])

    assert done.exit_code == 1
    assert "error SG801" in done.stderr


def test_broken_front_matter_hides_no_other_page(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """An error with its line, the file kept as it is, the rest imported, exit code 1."""
    files = {
        "_config.yml": "title: x\n",
        "_posts/2024-01-01-a.md": "---\ntitle: a: b\n---\nx\n",
        "_posts/2024-01-02-b.md": "---\ntitle: b\n---\nx\n",
    }
    source = write_files(tmp_path / "old", files)

    done = CliRunner().invoke(main, ["import", "jekyll", str(source), str(tmp_path / "new")])

    assert done.exit_code == 1
    assert "_posts/2024-01-01-a.md:2" in done.stderr
    assert (tmp_path / "new/content/posts/2024-01-02-b.md").is_file()
    assert (tmp_path / "new/unread/_posts/2024-01-01-a.md").is_file()


def test_sites_like_al_folio_are_read(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """Its order of projects, its pictures, its entries that lie elsewhere, its blocks and its title."""
    files = {
        "_config.yml": "title: blank\nfirst_name: Ada\nlast_name: L\npermalink: /blog/:year/:month/:day/:title/\n"
        "timezone: America/New_York\ncollections: {projects: {output: true}}\ninclude: [_pages]\n",
        "_projects/1.md": "---\ntitle: One\nimg: assets/img/1.jpg\nimportance: 2\nredirect: https://example.org/\n---\n",
        "_posts/2023-05-12-a.md": "---\ndate: 2023-05-11 23:53:00-0700\n---\n> ##### TIP\n>\n> Text\n{: .block-tip }\n",
        "_posts/no-date.md": "---\ntitle: x\n---\n",
        "_pages/cv.md": "---\ntitle: CV\npermalink: /cv/\nnav: true\nnav_order: 3\n---\nText.\n",
    }
    source = write_files(tmp_path / "old", files)

    made = {str(file.path): (file.content or b"").decode() for file in read_jekyll_site(source).files}

    assert 'title = "Ada L"' in made["sitegen.toml"]
    assert _front(made["content/projects/1.md"]) == {
        "title": "One",
        "link": "https://example.org/",
        "image": "/assets/img/1.jpg",
        "weight": 2,
    }
    post = made["content/blog/2023-05-12-a.md"]
    assert "date: 2023-05-12T02:53:00-04:00" in post
    assert "url:" not in post
    assert "> Text\n{.block-tip}\n" in post
    assert "draft: true" in made["content/blog/no-date.md"]
    assert _front(made["content/cv.md"]) == {"title": "CV", "menus": {"main": {"weight": 3}}}


def test_default_permalinks_keep_html_names(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """Without `permalink` a post is `/cats/2024/01/02/name.html`: its `url` says so."""
    files = {
        "_config.yml": "title: x\n",
        "_posts/2024-01-02-a.md": "---\ncategories: [A, b]\n---\nx\n",
        "about.md": "---\ntitle: About\n---\nx\n",
    }
    source = write_files(tmp_path / "old", files)

    made = {str(file.path): file.content or b"" for file in read_jekyll_site(source).files}

    assert b"url: /a/b/2024/01/02/a.html" in made["content/posts/2024-01-02-a.md"]
    assert b"url: /about.html" in made["content/about.md"]


def test_plugins_that_are_settings_here(
    tmp_path: Path, write_files: Callable[[Path, Mapping[str, str | bytes]], Path]
) -> None:
    """Emoji and dates of the last change go on without a word from the author."""
    files = {"_config.yml": "title: T\nplugins: [jemoji]\n", "Gemfile": "gem 'jekyll-last-modified-at'\n"}
    source = write_files(tmp_path / "old", {**files, "a.md": "---\n---\n:smile:\n"})

    read = {str(file.path): file.content for file in read_jekyll_site(source).files}

    settings = tomllib.loads((read["sitegen.toml"] or b"").decode())
    assert settings["enableEmoji"] is True
    assert settings["enableGitInfo"] is True
