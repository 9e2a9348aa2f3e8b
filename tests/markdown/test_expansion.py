"""Lines of the text that Markdown reads lead back to the lines of the file."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.content.document import PageKey, ShortcodeCall
from sitegen.content.shortcodes import Expansion
from sitegen.markdown.expansion import expand, printable
from sitegen.markdown.lines import LineMap

CALLS = (
    "{{< lone >}}",
    "{{% lone %}}",
    "{{% box %}}",
    "{{% /box %}}",
    "{{< box >}}",
    "{{< /box >}}",
    "{{< unknown >}}",
    "{{</* lone\n*/>}}",
    "{{< lone",
)


class Doubling:
    """`box` puts a line before and after what it encloses; `lone` gives three lines."""

    def uses_inner(self, name: str) -> bool | None:
        """Only `box` encloses."""
        return {"box": True, "lone": False}.get(name)

    def __call__(self, call: ShortcodeCall, page: PageKey) -> Expansion:
        """Markdown with the inner text in it as it is."""
        return Expansion(text=self._text(call))

    def _text(self, call: ShortcodeCall) -> str:
        if call.name == "lone":
            return "one\ntwo\nthree"
        inner = "".join(part if isinstance(part, str) else self._text(part) for part in call.inner or ())
        return f"before\n{inner}\nafter"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["\n", "\n\n", " ", "word", *CALLS]), max_size=25))
def test_a_word_that_begins_a_line_keeps_its_line(parts: list[str]) -> None:
    """Whatever shortcodes stand around it or enclose it."""
    text, line = "", 0
    for part in parts:
        text += f"w{line}." if part == "word" else part
        line += part.count("\n")

    expanded = expand(
        text,
        page=PageKey("/a"),
        lines=LineMap(path=PurePosixPath("a.md"), first_line=1),
        protected=(),
        shortcodes=Doubling(),
    )

    seen = [
        (int(word), expanded.lines.line(index) - 1)
        for index, content in enumerate(expanded.text.split("\n"))
        for word in re.findall(r"^\s*w(\d+)\.", content)
    ]
    assert [found for _, found in seen] == [written for written, _ in seen]


def test_lines_below_a_tag_of_several_lines_keep_their_numbers() -> None:
    """The call stands on its first line."""
    text = 'a\n{{< lone\n  a="1"\n>}}\nb\n'

    expanded = expand(
        text,
        page=PageKey("/a"),
        lines=LineMap(path=PurePosixPath("a.md"), first_line=11),
        protected=(),
        shortcodes=Doubling(),
    )

    assert [expanded.lines.line(index) for index in range(3)] == [11, 12, 15]


def test_protected_lines_are_left_alone() -> None:
    """A cell's code is the kernel's."""
    text = "{{< lone >}}\n```\n{{< lone >}}\n```\n{{< lone >}}\n"

    expanded = expand(
        text,
        page=PageKey("/a"),
        lines=LineMap(path=PurePosixPath("a.md")),
        protected=((1, 4),),
        shortcodes=Doubling(),
    )

    assert expanded.text.count("{{< lone >}}") == 1
    assert len(expanded.placeholders.contents) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\nc\u00e9\u65e5", "a\tb\nc\u00e9\u65e5"),
        ("a\x00b\x1f", "a\ufffdb\ufffd"),
        ("\ud800a", "\ud800a"),
        ("\ud800\x02", "\ud800\ufffd"),
        ("a\r\nb", "a\nb"),
        ("a\rb\nc", "a\fb\nc"),
    ],
)
def test_control_characters_are_replaced(text: str, expected: str) -> None:
    """What HTML does not allow, also beside half a pair of surrogates, which a cell may print."""
    assert printable(text) == expected
