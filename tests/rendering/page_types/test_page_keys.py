"""Front matter that names blocks and numbers which are not there is told at its own line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import load_config
from sitegen.errors import Diagnostic
from sitegen.execution.backends import LocalBackend
from sitegen.results.store import open_store

PAGES = {"content/posts/one.md": '+++\ntitle = "One"\n+++\n\nText.\n'}
Write = Callable[[dict[str, str]], Path]


def _diagnostics(root: Path) -> tuple[Diagnostic, ...]:
    config = load_config(root)
    return build(config, BuildOptions(), backend=LocalBackend(config), store=open_store(config)).diagnostics


def _told(root: Path) -> Diagnostic:
    found = [each for each in _diagnostics(root) if each.code == "SG417"]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ('"takls"', "partials/blocks/takls.html", "did you mean `talks`?"),
        ('{ count = 2 }', "names no block", 'block = "posts"'),
        ('{ block = "posts", count = "five" }', "`count` of the block `posts`", "`count = 5`"),
        ('{ block = "posts", count = 0 }', "`count` of the block `posts`", "`count = 5`"),
        ('{ block = "posts", titel = "Writing" }', "no setting `titel`", "did you mean `title`?"),
    ],
)  # fmt: skip
def test_wrong_block_is_told_at_the_line_of_blocks(
    write_site: Write, entry: str, message: str, hint: str
) -> None:
    """With what is wrong and what was meant, and not with a line of the theme's template."""
    home = f'+++\ntitle = "Home"\nblocks = ["hero", {entry}]\n+++\n'
    told = _told(write_site({**PAGES, "content/_index.md": home}))
    assert told.location is not None
    assert (str(told.location.path), told.location.line) == ("content/_index.md", 3)
    assert message in told.message
    assert hint in (told.hint or "")


def test_block_of_the_site_reads_keys_of_its_own(write_site: Write) -> None:
    """Only what is nearly a setting of the theme is taken for a slip."""
    root = write_site(
        {
            **PAGES,
            "content/_index.md": '+++\nblocks = [{ block = "quote", who = "me" }, { block = "quote", who = "you" }]\n+++\n',
            "templates/partials/blocks/quote.html": "<p id={{ block_id }}>{{ block.who }}</p>",
        }
    )
    assert not _diagnostics(root)
    html = (root / "public/index.html").read_text("utf-8")
    assert "<p id=home-quote>me</p>" in html
    assert "<p id=home-quote-2>you</p>" in html


def test_headline_number_of_no_page_is_told_with_the_nearest(write_site: Write) -> None:
    """At the line of `headline_metrics`."""
    project = '+++\ntitle = "P"\nheadline_metrics = ["posts/on/score"]\n+++\n'
    told = _told(write_site({**PAGES, "content/projects/p.md": project}))
    assert told.location is not None
    assert (str(told.location.path), told.location.line) == ("content/projects/p.md", 3)
    assert told.hint == "did you mean `/posts/one`?"


@pytest.mark.kernel
def test_headline_number_that_no_cell_reports_is_told_with_the_nearest(write_site: Write) -> None:
    """And a single name may stand without a list."""
    cell = "```{python}\nfrom sitegen import lab\nlab.metric('score', 2.0)\n```\n"
    files = {"content/posts/one.md": f'+++\ntitle = "One"\n+++\n\n{cell}'}
    project = '+++\ntitle = "P"\nheadline_metrics = "posts/one/{name}"\n+++\n'
    root = write_site({**files, "content/projects/p.md": project.replace("{name}", "scor")})
    told = _told(root)
    assert told.message == "`headline_metrics` names `scor`, and no cell of `/posts/one` reports it"
    assert told.hint == "did you mean `score`?"

    (root / "content/projects/p.md").write_text(project.replace("{name}", "score"), encoding="utf-8")
    assert not _diagnostics(root)
    assert "<dt>score</dt>" in (root / "public/projects/p/index.html").read_text("utf-8")
    card = (root / "public/projects/index.html").read_text("utf-8")
    assert '<p class="card-number"><strong>2</strong> score</p>' in card
