"""Prose of a page as it stands in a notebook."""

from __future__ import annotations

import pytest

from sitegen.rendering.results.notebook_prose import notebook_prose


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("is `{python} x` and {eval}`x`", "is 1.5 and 1.5"),
        ("unknown `{python} y`, code `x`", "unknown `{python} y`, code `x`"),
        ('{{< metric name="m" fmt=".1f" >}} {{< metric "m" >}}', "[m .1f] [m]"),
        ('{{< figure src="a.png" >}}', '{{< figure src="a.png" >}}'),
        ('{{</* metric "m" */>}}', '{{< metric "m" >}}'),
        ("![a](b.png 'c') [d](<e f.md>)", "![a](URL/b.png 'c') [d](<URL/e f.md>)"),
        ("[a]: b.md", "[a]: URL/b.md"),
        ("## Part {#part}", "## Part"),
        ("a\n<!--more-->\nb", "a\nb"),
        ("```text\n`{python} x` [a](b)\n```\n`{python} x`", "```text\n`{python} x` [a](b)\n```\n1.5"),
    ],
)
def test_values_and_links_stand_for_what_computes_them(markdown: str, expected: str) -> None:
    """Expressions and metrics become text, targets addresses; code blocks and other shortcodes stay."""
    shown = notebook_prose(
        markdown,
        value={"x": "1.5"}.get,
        metric=lambda arguments: f"[{' '.join(text for _, text in arguments)}]",
        link=lambda target: f"URL/{target}",
    )
    assert shown == expected
