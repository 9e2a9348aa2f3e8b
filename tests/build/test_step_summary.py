"""A build as Markdown for GitHub."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sitegen.build.report import BuildReport, CellReport, DriftReport, PageReport
from sitegen.build.step_summary import code, step_summary
from sitegen.errors import Diagnostic, SourceLocation

PAGE = PageReport(
    page="/posts/ppo",
    path="content/posts/ppo.md",
    cells=2,
    state="fresh",
    seconds=3.5,
    device="NVIDIA H200",
    record=None,
    cell_runs=(
        CellReport(label="train", line=10, end_line=14, status="ok", seconds=3.0),
        CellReport(label=None, line=20, end_line=22, status="ok", seconds=0.01),
    ),
    ran=True,
    kernel_seconds=4.25,
    memory_bytes=1 << 30,
    cuda=(0,),
)
NASTY = "bad | `x` ``y`` </code><script>alert(1)</script> @team #1 \x1b[31mred\x00\n# heading"


def raised(message: str = "cell raised ValueError: no", **more: Any) -> Diagnostic:
    """An error of the page."""
    place = SourceLocation(path=PurePosixPath(PAGE.path), line=12)
    return Diagnostic(
        code="SG301", severity=more.pop("severity", "error"), message=message, location=place, **more
    )


def summary(*diagnostics: Diagnostic, pages: tuple[PageReport, ...] = (PAGE,), **more: Any) -> str:
    """Of a build."""
    facts: dict[str, Any] = {
        "published": not diagnostics,
        "pages": 12,
        "seconds": 9.0,
        "kernel_seconds": 4.25,
        "wall_seconds": 4.0,
    }
    return step_summary(BuildReport(**(facts | more), executed=pages, diagnostics=diagnostics))


def rendered(text: str) -> str:
    """As HTML, by CommonMark with tables, as GitHub reads it."""
    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html


def test_good_build_says_what_ran() -> None:
    """Published, pages by state with seconds, memory and device, the slowest cells; nothing of errors."""
    text = summary()

    assert text.startswith(
        "## sitegen: published\n\n"
        "12 pages in 9.0s; 1 of 1 pages with cells ran in this build; 4.2s of kernels in 4.0s.\n"
    )
    assert "| `content/posts/ppo.md` | fresh | yes | 4.2 | 1.0 GiB | `NVIDIA H200 cuda:0` |" in text
    assert "| `content/posts/ppo.md:10` | `train` | 3.0 |" in text
    assert "ppo.md:20" not in text
    assert "Errors" not in text


def test_failure_has_place_message_and_details() -> None:
    """Where it is, in the words of the terminal; the traceback folded."""
    text = summary(raised(details="line 12\n\n    raise"), raised("late", severity="warning"))

    assert "## sitegen: not published" in text
    assert "**1 error**; **1 warning**" in text
    assert "- `content/posts/ppo.md:12` SG301 `cell raised ValueError: no`" in text
    assert "<pre>line 12\n  &nbsp;\n      raise</pre></details>" in text
    assert "<details><summary>Warnings (1)</summary>" in text


def test_drift_shows_both_values() -> None:
    """The accepted one and the new one, with the unit and the tolerance."""
    drift = DriftReport(metric="loss", unit="nats", baseline=1.0, value=2.5, tolerance=0.1)

    text = summary(pages=(replace(PAGE, state="drifted", drifts=(drift,)),))

    assert "| `content/posts/ppo.md` | `loss` | `1 nats → 2.5 nats` | ± 0.1 |" in text


def test_nothing_of_a_page_becomes_markup() -> None:
    """Messages, names and tracebacks come from cells: they stay text, in lists and in tables."""
    page = replace(
        PAGE,
        path=f"content/{NASTY}.md",
        device=NASTY,
        cell_runs=(replace(PAGE.cell_runs[0], label=NASTY),),
        drifts=(DriftReport(metric=NASTY, unit=NASTY, baseline=1.0, value=2.0, tolerance=0.1),),
    )

    html = rendered(summary(raised(NASTY, details=NASTY), pages=(page,), crash=NASTY))

    assert "<script" not in html
    assert "<h1>" not in html
    assert "\x1b" not in html
    rows = [row.count("<td") for row in html.split("<tr>") if "<td" in row]
    assert rows == [4, 3, 6]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a|b", "`a|b`"),
        ("a\nb", "`a b`"),
        ("``", "``` `` ```"),
    ],
)
def test_code_is_fenced_by_more_than_it_holds(text: str, shown: str) -> None:
    """As CommonMark wants it, section 6.1."""
    assert code(text) == shown


def test_pipes_are_escaped_in_tables_alone() -> None:
    """GitHub splits a table at pipes before it looks for code."""
    assert (code("a|b"), code("a|b", in_table=True)) == ("`a|b`", r"`a\|b`")


def test_long_tables_are_folded() -> None:
    """A reader sees what failed without scrolling past hundreds of pages."""
    text = summary(pages=tuple(replace(PAGE, path=f"content/{number}.md") for number in range(21)))

    assert "<details><summary>Pages with cells (21)</summary>\n\n| page |" in text


def test_summary_of_a_huge_build_is_small() -> None:
    """200 kB at most, and it says what is left out; GitHub drops a summary above a MiB."""
    drifts = tuple(
        DriftReport(metric=f"m{number}" + "é" * 300, unit=None, baseline=1.0, value=2.0, tolerance=0.1)
        for number in range(300)
    )
    pages = tuple(
        replace(PAGE, path=f"content/{number}/{'x' * 200}.md", drifts=drifts if number == 0 else ())
        for number in range(2000)
    )
    errors = [raised(f"{number}" + "é" * 2000, details="d" * 10**5) for number in range(500)]
    warnings = [raised(f"{number}" + "w" * 2000, severity="warning") for number in range(500)]

    text = summary(*errors, *warnings, pages=pages, crash="c" * 10**6)

    assert len(text.encode()) < 200_000
    assert text.count(" more\n") == 4
    assert "| page | state |" in text


def test_crash_is_shown() -> None:
    """The end of the traceback."""
    assert "### Ended half-way\n\n<pre>Traceback\n  x &lt; y</pre>" in summary(crash="Traceback\n  x < y\n")
