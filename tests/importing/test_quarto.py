"""A Quarto blog, imported and built: addresses stay, cells are cells, and what a reader saw is there."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from sitegen.cli.main import main
from sitegen.importing.quarto import read_quarto_site

PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x1b\xb6\xeeV\x00\x00\x00\x00IEND\xaeB`\x82"
)


def _notebook(*cells: tuple[str, str]) -> str:
    return json.dumps(
        {
            "cells": [
                {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
                | ({"outputs": [], "execution_count": None} if kind == "code" else {})
                for kind, source in cells
            ],
            "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    )


SITE: dict[str, str | bytes] = {
    "_quarto.yml": """\
project:
  type: website
  output-dir: docs
website:
  title: Learning notes
  site-url: https://example.org/ml
  description: Notes
  favicon: favicon.png
  repo-url: https://github.com/someone/notes
  cookie-consent: true
  navbar:
    left:
      - href: index.qmd
        text: Home
      - about.qmd
      - text: More
        menu:
          - href: posts/rl/index.qmd
            text: RL
    right:
      - icon: github
        href: https://github.com/someone
author: Some One
format:
  html:
    theme: cosmo
    code-fold: true
execute:
  warning: false
  freeze: auto
""",
    "_variables.yml": "version: 1.2\nteam:\n  name: Ours\n",
    "_freeze/x.json": "{}",
    "docs/index.html": "<p>built</p>",
    "README.md": "# Not a page\n",
    "requirements.txt": "numpy\n",
    "styles.css": "a {}\n",
    "favicon.png": PIXEL,
    "index.qmd": "---\ntitle: Home\nlisting:\n  contents: posts\n  type: grid\n---\nWelcome.\n",
    "about.qmd": "---\ntitle: About\nabout: {template: jolla}\n---\nSee [RL](posts/rl/index.qmd#sec-setup), [old](posts/rl/index.html), and {{< meta title >}}.\n",
    "archive.qmd": "---\ntitle: All posts\nlisting: {contents: posts}\n---\n",
    "posts/_metadata.yml": "execute:\n  echo: true\n  fig-width: 5\nfreeze: true\nauthor: Some One\n",
    "posts/_part.qmd": "An *included* part.\n",
    "posts/rl/data.csv": "a,b\n1,2\n",
    "posts/rl/a.png": PIXEL,
    "posts/rl/refs.bib": "@book{sutton2018, author = {Sutton, Richard S. and Barto, Andrew G.}, title = {Reinforcement Learning},"
    " publisher = {MIT Press}, year = 2018}\n",
    "posts/rl/index.qmd": """\
---
title: "Reinforcement"
subtitle: "From scratch"
author:
  - name: Some One
  - name: Another
date: "01/15/2024"
date-modified: last-modified
categories: [rl, python]
image: a.png
description: A first post
draft: false
aliases: [../old/rl.html]
format:
  html:
    toc: true
    code-fold: show
    css: x.css
jupyter: python3
bibliography: refs.bib
execute:
  echo: true
  keep-ipynb: true
---

::: {.callout-warning collapse="true"}
## Careful
Not *everything* works.
:::

{{< include ../_part.qmd >}}

## Setup {#sec-setup}

```{python}
#| label: fig-curve
#| fig-cap: "A curve"
#| fig-align: center
#| cache: true
#| column: page-right
plot()
```

```python
static = True
```

```{r}
#| echo: false
plot(cars)
```

As @fig-curve and @fig-pixel show, see @sec-setup, @tbl-scores, @eq-bellman, @lst-code, @thm-one and [-@tbl-scores].

![A pixel](a.png){#fig-pixel width=50% fig-alt="One pixel"}

| algorithm | score |
|-----------|-------|
| ppo       | 1     |

: Scores {#tbl-scores}

$$
V(s) = r
$$ {#eq-bellman}

```{#lst-code .python lst-cap="Some code"}
x = 1
```

::: {#thm-one}
## Contraction
It converges.
:::

::: {.panel-tabset}
## PyTorch
```python
# not a heading
```
## JAX
Text.
:::

::: {.column-margin}
A note in the margin.
:::

Version {{< var version >}} of {{< var team.name >}}, x^2^, H~2~O, a note^[An *inline* note.], [small]{.smallcaps},
[the notebook](../nb/index.ipynb), [data](data.csv), press {{< kbd Ctrl-C >}}, `<b>bold</b>`{=html}, and {{< unknown thing >}}.
See @sutton2018 and `{python} 1 + 1`, `r 1 + 1`.

{{< video https://www.youtube.com/watch?v=abcdefghijk >}}

```{=html}
<div class="raw">

  <b>raw</b>
</div>
```

::: {.content-visible when-format="pdf"}
Only in print.
:::

Write `{{{< video x >}}}` or `{{< video x >}}`.
""",
    "posts/flat.qmd": "---\ntitle: Flat\ndate: 2024-02-01\n---\nText with [a link](rl/), [below](#run-it-now).\n\n## Run & it: now\n",
    "posts/My Post/index.md": "---\ntitle: Mine\ndate: March 5, 2024\ndraft: true\n---\nText.\n",
    "posts/nb/index.ipynb": _notebook(
        ("raw", "---\ntitle: A notebook\ndate: 2024-03-01\ncategories: [nb]\n---"),
        ("markdown", "::: {.callout-tip}\nA tip, see @fig-nb.\n:::"),
        ("code", "#| label: fig-nb\n#| fig-cap: Nb\n#| fig-align: center\nplot()"),
        ("code", "#| hide\nimport os"),
    ),
    "posts/nbdev.ipynb": _notebook(
        ("markdown", "# From nbdev\n> A short text\n\n- date: 2024-04-01\n- categories: [a, b]\n\nBody."),
        ("code", "#| export\ndef f(): ..."),
    ),
}


@pytest.fixture(scope="module")
def site(import_and_build: Callable[..., Any]) -> Any:
    """The site above, imported and built."""
    return import_and_build("quarto", SITE)


def _front(text: str) -> Any:
    return yaml.safe_load(text.split("---\n")[1])


def test_site_builds_without_errors(site: Any) -> None:
    """Nothing that the import wrote is wrong to sitegen; what it warns of are pages that have not run."""
    assert " error " not in site.build
    assert site.exit_code == 0, site.build
    assert {line.split("warning ")[1][:5] for line in site.build.splitlines() if "warning SG" in line} <= {
        "SG307"
    }


@pytest.mark.parametrize(
    "address",
    [
        "index.html",
        "about.html",
        "archive.html",
        "posts/rl/index.html",
        "posts/rl/data.csv",
        "posts/old/rl.html",
        "posts/flat.html",
        "posts/My Post/index.html",
        "posts/nb/index.html",
        "posts/nbdev.html",
    ],
)
def test_old_addresses_answer(site: Any, address: str) -> None:
    """Each address of Quarto's is a page, a file, or a redirect to one."""
    assert (site.root / "public" / address).is_file()


def test_no_link_is_broken(site: Any) -> None:
    """Links between sources, to what Quarto made of them, and to files."""
    base = "/ml/"
    missing = [
        link
        for link in site.broken_links()
        if base not in link
        or not any(
            (site.root / "public" / link.split(base)[1].split("#")[0] / end).is_file()
            for end in ("", "index.html")
        )
    ]
    assert missing == []


def test_links_to_headings_by_pandocs_ids_hold(site: Any) -> None:
    """Where Pandoc's id of a heading is not ours and the page links to it, the heading has it."""
    assert site.page("/posts/flat/").css_first("h2#run-it-now").text() == "Run & it: now"


def test_settings_are_taken_over(site: Any) -> None:
    """Title, address, menu, what cells start from; never a frozen result."""
    settings = tomllib.loads(site.text("sitegen.toml"))

    assert settings["title"] == "Learning notes"
    assert settings["baseURL"] == "https://example.org/ml/"
    assert settings["author"] == {"name": "Some One"}
    assert settings["execute"] == {"code-fold": True, "warning": False}
    assert settings["params"] == {"favicon": "/favicon.png", "repository": "https://github.com/someone/notes"}
    assert [
        (entry["name"], entry.get("pageRef"), entry.get("parent")) for entry in settings["menus"]["main"]
    ] == [
        ("Home", "/", None),
        ("About", "/about", None),
        ("More", None, None),
        ("RL", "/posts/rl", "More"),
        ("Github", None, None),
    ]


def test_front_matter_is_ours(site: Any) -> None:
    """Dates that Hugo reads, categories as tags, several authors, options of cells."""
    fields = _front(site.text("content/posts/rl/index.md"))

    assert fields["date"] == __import__("datetime").date(2024, 1, 15)
    assert fields["tags"] == ["rl", "python"]
    assert fields["authors"] == ["Some One", "Another"]
    assert fields["execute"] == {"code-fold": "show", "echo": True}
    assert fields["aliases"] == ["/posts/old/rl.html"]
    assert fields["image"] == "a.png"
    assert _front(site.text("content/posts/My Post/index.md"))["draft"] is True
    assert _front(site.text("content/posts/_index.md")) == {
        "title": "All posts",
        "aliases": ["/archive.html"],
        "cascade": {"author": "Some One", "execute": {"echo": True, "fig-width": 5}},
    }


def test_cells_are_cells_and_static_code_is_not(site: Any) -> None:
    """Options that are ours stay, others go; a plain fence stays static on a page with `execute`."""
    text = site.text("content/posts/rl/index.md")

    assert '```{python}\n#| label: fig-curve\n#| fig-cap: "A curve"\n#| column: page\nplot()\n```' in text
    assert "```python {exec=false}\nstatic = True\n```" in text
    assert "```r\nplot(cars)\n```" in text


def test_body_is_read_as_before(site: Any) -> None:
    """Callouts, references with numbers, captions, tabs, theorems, shortcodes, sub- and superscripts."""
    body = site.page("/posts/rl/").css_first(".prose")
    text = body.text()
    links = {node.attributes.get("href"): node.text() for node in body.css("a[href^='#']")}

    assert body.css_first("details.markdown-alert-warning > summary").text() == "Careful"
    assert body.css_first(".markdown-alert em").text() == "everything"
    assert "An included part." in text
    assert links["#fig-pixel"] == "Figure 2"
    assert links["#sec-setup"] == "Setup"
    assert links["#lst-code"] == "Listing 1"
    assert links["#thm-one"] == "Theorem 1"
    assert body.css_first("figure#fig-pixel figcaption").text().strip() == "Figure 2: A pixel"
    assert body.css_first("figure#fig-pixel img").attributes["alt"] == "One pixel"
    assert body.css_first("figure#tbl-scores figcaption").text().strip() == "Table 1: Scores"
    assert [node.text() for node in body.css("details > summary") if node.text() in ("PyTorch", "JAX")] == [
        "PyTorch",
        "JAX",
    ]
    assert body.css_first(".column-margin").text().strip() == "A note in the margin."
    assert body.css_first("sup").text() == "2"
    assert body.css_first("sub").text() == "2"
    assert body.css_first("kbd").text() == "Ctrl-C"
    assert body.css_first("div.raw b").text() == "raw"
    assert "Version 1.2 of Ours" in text
    assert "{{< unknown thing >}}" in text
    assert "Only in print" not in text
    assert "/embed/abcdefghijk" in body.css_first("iframe").attributes["src"]
    assert text.count("{{< video x >}}") == 2
    assert "An inline note." in text
    assert "{.callout" not in text


def test_notebooks_stay_notebooks(site: Any) -> None:
    """Their front matter, Markdown and options are ours; nbdev's title and directives too."""
    one = json.loads(site.text("content/posts/nb/index.ipynb"))["cells"]
    other = json.loads(site.text("content/posts/nbdev.ipynb"))["cells"]

    assert "".join(one[0]["source"]) == "---\ntitle: A notebook\ndate: 2024-03-01\ntags: [nb]\n---"
    assert "> [!TIP]\n> A tip, see @fig-nb." in "".join(one[1]["source"])
    assert "".join(one[2]["source"]) == "#| label: fig-nb\n#| fig-cap: Nb\nplot()"
    assert "".join(one[3]["source"]) == "#| include: false\nimport os"
    assert "title: From nbdev" in "".join(other[0]["source"])
    assert "description: A short text" in "".join(other[0]["source"])
    assert "".join(other[2]["source"]) == "def f(): ..."
    assert "From nbdev" in site.page("/posts/nbdev/").css_first("h1").text()


def test_citations_and_their_bibliography_are_the_same(site: Any) -> None:
    """`@key` and the page's `.bib` file are read as Quarto reads them."""
    page = site.page("/posts/rl/")

    assert "See Sutton and Barto (2018)" in page.css_first("main").text()
    assert "citation such as" not in site.report


def test_what_needs_a_person_is_reported_with_its_place(site: Any) -> None:
    """R cells, unknown shortcodes, tabs, options; each with file and line."""
    for words in (
        "### cells in r (1 place)",
        "a `r` cell is shown, not run: `posts/rl/index.qmd:48`",
        "`{{< unknown thing >}}` is shown as it is written: `posts/rl/index.qmd:",
        "### tabsets (1 place)",
        "`fig-align: center` has no effect here",
        "`cache: true` has no effect here",
        "`column: page-right` as `column: page`",
        "`website: cookie-consent` has no effect here: `_quarto.yml:4`",
        "`date-modified: last-modified` is the day of the file",
        "`r 1 + 1` is R: shown, not run",
        "### folder `_freeze` (1 place)",
    ):
        assert words in site.report, words


def test_files_of_the_environment_lie_at_the_root(site: Any) -> None:
    """A lock file is found where sitegen looks for it; what Quarto built is left behind."""
    assert (site.root / "requirements.txt").is_file()
    assert not list(site.root.rglob("built*"))
    assert not (site.root / "content/docs").exists()
    assert not (site.root / "content/README.md").exists()


def test_notebook_of_a_section_is_markdown_with_cells(
    tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    """Nbdev's `index.ipynb`: its title and texts, and its cells."""
    files = {
        "_quarto.yml": "project: {type: website, render: ['*.ipynb', '!drafts/']}\n",
        "index.ipynb": _notebook(("markdown", "# Lib\n> About it\n\nHello."), ("code", "#| hide\n1 + 1")),
        "a.ipynb": _notebook(("code", "2")),
        "b.qmd": "Not rendered.\n",
        "drafts/c.ipynb": _notebook(("code", "3")),
    }
    source = write_files(tmp_path / "old", files)

    done = CliRunner().invoke(main, ["import", "quarto", str(source), str(tmp_path / "new")])

    text = (tmp_path / "new/content/_index.md").read_text("utf-8")
    assert done.exit_code == 0, done.output
    assert _front(text) == {"title": "Lib", "description": "About it"}
    assert "Hello.\n\n```{python}\n#| include: false\n1 + 1\n```" in text
    assert sorted(file.name for file in (tmp_path / "new/content").rglob("*.*")) == ["_index.md", "a.ipynb"]


def test_broken_notebook_hides_no_other_page(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """SG107 with its line, the file kept as it is, the rest imported, exit code 1."""
    source = write_files(
        tmp_path / "old",
        {"_quarto.yml": "project: {type: website}\n", "a.qmd": "A.\n", "b.ipynb": '{"cells": [\n'},
    )

    done = CliRunner().invoke(main, ["import", "quarto", str(source), str(tmp_path / "new")])

    assert done.exit_code == 1
    assert "b.ipynb:2:1: error SG107" in done.stderr
    assert (tmp_path / "new/content/a.md").is_file()
    assert (tmp_path / "new/unread/b.ipynb").is_file()


def test_a_file_that_includes_itself_is_read_once(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """However often it does: the calls stay as they are written."""
    calls = "{{< include a.qmd >}}\n\n" * 20
    source = write_files(
        tmp_path / "old",
        {"_quarto.yml": "project: {type: website}\n", "a.qmd": f"---\ntitle: A\n---\n\n{calls}"},
    )

    done = CliRunner().invoke(main, ["import", "quarto", str(source), str(tmp_path / "new")])

    assert done.exit_code == 0, done.output
    assert (tmp_path / "new/content/a.md").read_text(encoding="utf-8").count("include a.qmd") == 20


def test_a_folder_with_metadata_and_no_page_has_a_title(
    tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    """What it hands down needs an `_index.md`, which is a list that needs a name."""
    files = {"blog-posts/_metadata.yml": "author: Some One\n", "blog-posts/a.qmd": "---\ntitle: A\n---\n"}
    source = write_files(tmp_path / "old", {"_quarto.yml": "project: {type: website}\n", **files})

    done = CliRunner().invoke(main, ["import", "quarto", str(source), str(tmp_path / "new")])

    assert done.exit_code == 0, done.output
    written = (tmp_path / "new/content/blog-posts/_index.md").read_text(encoding="utf-8")
    assert yaml.safe_load(written.split("---")[1])["title"] == "Blog posts"


@pytest.mark.parametrize("name", ["_quarto.yml", "p/_metadata.yml", "_variables.yml"])
def test_aliases_of_themselves_are_an_error_of_their_file(
    tmp_path: Path, write_files: Callable[..., Path], name: str
) -> None:
    """They stand for values without an end, which no copy holds."""
    files = {"_quarto.yml": "project: {type: website}\n", "p/a.qmd": "---\ntitle: A\n---\n"}
    source = write_files(tmp_path / "old", {**files, name: "execute: &a {x: *a}\n"})

    done = CliRunner().invoke(main, ["import", "quarto", str(source), str(tmp_path / "new")])

    assert done.exit_code == 1, done.output
    assert f"{name}:1" in done.stderr
    assert "SG110" in done.stderr


@pytest.mark.parametrize(
    ("footer", "line"),
    [
        ("Copyright 2026, Ada", 'copyright = "Copyright 2026, Ada"'),
        ("{center: Made by Ada, background: light}", 'copyright = "Made by Ada"'),
        ("{background: light}", None),
        ("{left: One, right: Two}", None),
        ("{left: [{icon: github, href: x}]}", None),
        ("'[Ada](https://example.org)'", None),
    ],
)
def test_one_plain_text_in_the_footer_is_ours(
    tmp_path: Path, write_files: Callable[..., Path], footer: str, line: str | None
) -> None:
    """What our line cannot show is told."""
    files = {
        "_quarto.yml": f"website:\n  title: T\n  page-footer: {footer}\n",
        "index.qmd": "---\ntitle: T\n---\n",
    }

    made = read_quarto_site(write_files(tmp_path, files))

    (settings,) = [file.content or b"" for file in made.files if str(file.path) == "sitegen.toml"]
    told = [note.message for note in made.notes if "page-footer" in note.message]
    assert (line is None) == bool(told)
    assert (line or "").encode() in settings


def test_an_about_page_keeps_its_links(tmp_path: Path, write_files: Callable[..., Path]) -> None:
    """With their words, else the icon's; a subtitle describes a page that has no other description."""
    page = (
        "---\ntitle: About\nsubtitle: A line\nabout:\n  template: jolla\n  links:\n"
        "    - {icon: github, text: Code, href: 'https://github.com/ada'}\n    - {icon: rss, href: /index.xml}\n    - {text: none}\n---\n"
    )

    made = read_quarto_site(
        write_files(tmp_path, {"_quarto.yml": "website: {title: T}\n", "about.qmd": page})
    )

    (text,) = [(file.content or b"").decode() for file in made.files if file.path.name == "about.md"]
    assert "- {name: Code, url: 'https://github.com/ada'}\n- {name: rss, url: /index.xml}\n" in text
    assert "description: A line" in text
    assert not [note for note in made.notes if "about" in note.message]
