"""Pages that are not published, files that nothing names, numbers that a metric has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sitegen.build.rendered import RenderedSite, rendered_site

if TYPE_CHECKING:
    import pytest

    from tests.checking.conftest import CheckSite


def test_unpublished_pages_say_when_that_changes(check_site: CheckSite) -> None:
    """Drafts, pages of the future and expired ones, at the line of the key that says so; not those that are built."""
    files = {
        "content/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n",
        "content/f.md": "+++\ntitle = 'F'\ndate = 2030-06-03T18:00:00Z\n+++\n",
        "content/e.md": "---\ntitle: E\nexpiryDate: 2030-06-01T06:00:00Z\n---\n",
        "content/ok.md": "+++\ntitle = 'O'\ndate = 2030-05-31\nexpiryDate = 2031-01-01\ndraft = false\n+++\n",
    }
    found = check_site(files)
    assert found.places("SG713") == ["content/d.md:3:1", "content/e.md:3:1", "content/f.md:3:1"]
    assert found.said("SG713") == [
        "the page is not published: a draft",
        "the page is not published: expired on 2030-06-01 06:00, less than a day ago",
        "the page is not published: of the future until 2030-06-03 18:00, 2 days from now",
    ]
    assert {each.severity for each in found.of("SG713")} == {"info"}


def test_unpublished_pages_that_are_asked_for_are_published(
    check_site: CheckSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `buildDrafts` a draft is a page like any."""
    monkeypatch.delenv("SITEGEN_ENVIRONMENT", raising=False)
    settings = "title = 'T'\nbuildDrafts = true\n"
    found = check_site({"sitegen.toml": settings, "content/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n"})
    assert found.of("SG713") == []


def test_files_that_nothing_names(check_site: CheckSite) -> None:
    """Of bundles, `static/`, the assets and the data; a name in text, a template, a style or a setting is a use."""
    files = {
        "content/posts/a/index.md": "+++\ntitle = 'A'\nimage = 'cover.png'\n+++\n![x](used.png)\n\n`plot.csv`\n",
        **dict.fromkeys(
            (f"content/posts/a/{name}" for name in ("used.png", "cover.png", "plot.csv", "left.png")), "x"
        ),
        "static/used.pdf": "x",
        "static/left.pdf": "x",
        "static/in-style.woff2": "x",
        "templates/assets/own.css": "@font-face { src: url(/in-style.woff2) }",
        "content/publications/_index.md": "+++\ntitle = 'Papers'\n+++\n",
        "content/publications/papers.bib": "@misc{a, title = {A}, author = {B, C}, year = {2026}}\n",
        "templates/assets/left.js": "1",
        "templates/assets/set.css": "a {}",
        "sitegen.toml": "title = 'T'\n[params]\nstylesheet = 'set.css'\n",
        "templates/page.html": "<link rel=stylesheet href='{{ asset(\"own.css\") }}'>{{ page.content }}"
        "<a href=/used.pdf>x</a>{{ site.data.people }}",
        "data/people.toml": "a = 1\n",
        "data/left.toml": "a = 1\n",
        **dict.fromkeys(
            (f"static/{name}" for name in ("favicon.ico", "robots.txt", "CNAME", "_headers", "old.html")), "x"
        ),
        "static/.well-known/security.txt": "x",
        "static/meant.bin": "x",
    }
    found = check_site(files, {"ignore-files": ("static/meant.*",)})
    assert found.places("SG714") == [
        "content/posts/a/left.png",
        "data/left.toml",
        "static/left.pdf",
        "templates/assets/left.js",
    ]


def test_templates_that_nobody_reads(check_site: CheckSite) -> None:
    """One that stands in for the theme's, that a page looks for or that another names is read; a misspelt one has the near name."""
    page = "<!doctype html>{{ page.content }}"
    files = {
        "content/_index.md": "+++\nblocks = ['text', {block = 'faces'}]\n+++\n",
        "content/a.md": "+++\ntitle = 'A'\nlayout = 'wide'\n+++\n",
        "templates/partials/blocks/faces.html": page,
        "templates/partials/blocks/unread.html": page,
        "templates/strings/en.toml": "[page]\nolder = 'Before'\n",
        "templates/strings/fr.toml": "[page]\nolder = 'Avant'\n",
        "templates/wide.html": '{% include "mine.html" %}',
        "templates/mine.html": page,
        "templates/home.html": page,
        "templates/pgae.html": page,
        "templates/partials/foter.html": page,
        "templates/shortcodes/own.html": page,
        "templates/README.md": page,
    }
    found = check_site(files)
    assert found.places("SG714") == [
        "templates/partials/blocks/unread.html",
        "templates/partials/foter.html",
        "templates/pgae.html",
        "templates/strings/fr.toml",
    ]
    hints = [each.hint or "" for each in found.of("SG714")]
    assert [hint.split("?")[0] for hint in hints[1:3]] == [
        "did you mean `partials/footer.html`",
        "did you mean `page.html`",
    ]


def test_numbers_that_a_metric_has(check_site: CheckSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the digits that are written, from three significant ones on; code, links, equations, years and the rest stay."""
    from sitegen.content.document import CellId, PageKey
    from sitegen.content.executed import Metric
    from sitegen.frozen import FrozenDict

    metrics = tuple(
        Metric(name=name, value=value, cell=CellId("cell-1"))
        for name, value in (("accuracy", 0.91237), ("steps", 12345.0), ("year", 2024.0), ("seeds", 5.0))
    )

    @contextmanager
    def with_metrics(*arguments: Any, **named: Any) -> Iterator[RenderedSite]:
        with rendered_site(*arguments, **named) as site:
            key = PageKey("/a")
            page = site.pages[key]
            page = replace(page, summary=replace(page.summary, metrics=metrics))
            yield replace(site, pages=FrozenDict({**site.pages, key: page}))

    monkeypatch.setattr("sitegen.checking.check.rendered_site", with_metrics)
    body = (
        "It reached 0.912 in 12,345 steps (91.2 %), not 0.9 or 0.913.\n\n"
        "In 2024, 5 seeds: `0.912`, $0.912$, [x](https://example.org/0.912), v0.912, 0.9125.1, 10.912.\n\n"
        "```text\n0.912\n```\n"
    )
    found = check_site({"content/a.md": f"# A\n\n{body}", "content/b.md": "# B\n\n0.912\n"})
    assert found.places("SG716") == ["content/a.md:3:12", "content/a.md:3:21", "content/a.md:3:35"]
    assert found.said("SG716")[0] == "`0.912` is typed by hand: the page's metric `accuracy` is 0.9124"


def test_a_page_without_results_is_no_fault(check_site: CheckSite) -> None:
    """Nothing is run, and what the build says of runs is not told."""
    files = {"content/a.md": "+++\ntitle = 'A'\nexecute = true\n+++\n```python\nprint(1)\n```\n"}
    found = check_site(files)
    assert [each.code for each in found.result.diagnostics if each.code.startswith("SG3")] == []
    assert not (found.root / "public").exists()
    assert not (found.root / "results").exists()


def test_a_notebook_is_checked_too(check_site: CheckSite) -> None:
    """A broken link of a notebook's cell is told by cell and line."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["# N\n", "\n", "[x](/gone/)\n"]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    cell["id"] = "a"
    found = check_site({"content/n.ipynb": json.dumps(notebook)})
    assert found.places("SG701") == ["content/n.ipynb:cell 1:line 3"]
