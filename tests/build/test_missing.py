"""A shortcode that is missing is one error, and says where it is called."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from sitegen.build.missing import gather_missing
from sitegen.errors import Diagnostic, SourceLocation


def _unknown(name: str, page: int, line: int) -> Diagnostic:
    return Diagnostic(
        code="SG202",
        severity="error",
        message=f"unknown shortcode `{name}`",
        location=SourceLocation(path=PurePosixPath(f"content/{page}.md"), line=line),
        hint=f"add `templates/shortcodes/{name}.html`",
    )


def test_calls_of_one_name_are_one_error_with_ten_places(tmp_path: Path) -> None:
    """The first place is the error's, nine more are related, the message has the number of all."""
    other = Diagnostic(code="SG201", severity="error", message="x")
    calls = [_unknown("tabs", page, line) for page in range(6) for line in (3, 9)]

    gathered = gather_missing([*calls, other, _unknown("card", 1, 1)], tmp_path)

    assert [item.message for item in gathered] == [
        "unknown shortcode `tabs`, called 12 times in 6 files",
        "x",
        "unknown shortcode `card`",
    ]
    assert str(gathered[0].location) == "content/0.md:3"
    assert [str(place) for place in gathered[0].related][-1] == "content/4.md:9"
    assert len(gathered[0].related) == 9


@pytest.mark.parametrize(
    "template",
    ["layouts/shortcodes/blocks/cover.html", "themes/t/layouts/_shortcodes/blocks/cover.html"],
)
def test_hint_names_the_go_template_of_a_hugo_site(tmp_path: Path, template: str) -> None:
    """Who moves learns that the template is there, does not run, and what translates it."""
    (tmp_path / template).parent.mkdir(parents=True)
    (tmp_path / template).touch()

    cover, card = gather_missing([_unknown("blocks/cover", 1, 1), _unknown("card", 1, 1)], tmp_path)

    assert cover.hint is not None
    assert f"`{template}` is a Go template" in cover.hint
    assert "sitegen import hugo" in cover.hint
    assert card.hint == "add `templates/shortcodes/card.html`"


def test_template_that_fails_is_told_of_the_first_page(tmp_path: Path) -> None:
    """By path, and not by the order in which pages were made, which differs from build to build."""
    line = SourceLocation(path=PurePosixPath("templates/page.html"), line=1)
    pages = [SourceLocation(path=PurePosixPath(f"content/{name}.md")) for name in "cab"]
    failed = [
        Diagnostic(code="SG401", severity="error", message="it failed", location=line, related=(page,))
        for page in pages
    ]

    assert gather_missing(failed, tmp_path) == (failed[1],)
