"""Calls are what their author wrote: arguments with their types, nesting, places."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import PurePosixPath
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.content.document import Document, LinkHole, ShortcodeCall, ShortcodeHole
from sitegen.errors import SourceLocation
from sitegen.markdown.shortcodes import DEEPEST_NESTING, parse_shortcodes

Parse = Callable[..., Document]


def _calls(document: Document) -> list[ShortcodeCall]:
    return [segment.call for segment in document.segments if isinstance(segment, ShortcodeHole)]


@pytest.mark.parametrize(
    ("arguments", "positional", "named"),
    [
        ('"a b" c', ("a b", "c"), {}),
        ("true false 12 -3 1.5 1.2.3 a-b_c", (True, False, 12, -3, 1.5, "1.2.3", "a-b_c"), {}),
        ('"true" `3`', ("true", "3"), {}),
        ('a="say \\"hi\\"" b=`raw\n"x"` c= 3', (), {"a": 'say "hi"', "b": 'raw\n"x"', "c": 3}),
        ("src=/a/b.png?x=1 n=true", (), {"src": "/a/b.png?x=1", "n": True}),
        ('\\"escaped\\" b', ("escaped", "b"), {}),
        ('path="C:\\dir\\"', None, None),
        ("\n  a=1\n  b=2\n", (), {"a": 1, "b": 2}),
        ("a=1>}}tail", (), {"a": "1>}}tail"}),
    ],
)
def test_arguments_are_read_as_hugo_reads_them(
    arguments: str, positional: tuple[object, ...] | None, named: dict[str, object] | None, parse_body: Parse
) -> None:
    """Positional or named; quoted, raw or bare with a type; None stands for a tag that is wrong."""
    calls = _calls(parse_body(f"x {{{{< figure {arguments} >}}}}"))

    expected = [] if positional is None else [(positional, named)]
    assert [(call.positional, dict(call.named)) for call in calls] == expected


def test_nested_calls_keep_their_text_order_and_place(parse_body: Parse) -> None:
    """The enclosed text is as written; calls are counted among their siblings."""
    text = "One.\n\n{{< box >}}a\n{{< note x >}}b{{< /note >}}{{% figure %}} c\n{{< /box >}}{{< figure >}}\n"

    outer, last = _calls(parse_body(text))

    assert outer.inner is not None
    first, note, figure, end = outer.inner
    assert isinstance(note, ShortcodeCall)
    assert isinstance(figure, ShortcodeCall)
    assert (first, note.inner, end) == ("a\n", ("b",), " c\n")
    assert (note.ordinal, figure.ordinal, outer.ordinal, last.ordinal) == (0, 1, 0, 1)
    assert (figure.is_markdown, note.is_markdown) == (True, False)
    assert str(note.location) == "content/page.md:8:1"
    assert str(last.location) == "content/page.md:9:13"


def test_a_call_of_the_same_name_may_stand_in_itself(parse_body: Parse) -> None:
    """Closing tags close the innermost."""
    (call,) = _calls(parse_body("{{< box >}}1{{< box >}}2{{< /box >}}3{{< /box >}}"))

    assert call.inner is not None
    assert [part if isinstance(part, str) else part.inner for part in call.inner] == ["1", ("2",), "3"]


def test_a_wrong_call_inside_another_is_shown_in_its_text(parse_body: Parse) -> None:
    """The page goes on, and the message is where the call was."""
    document = parse_body("{{< box >}}a {{< nope >}}{{< /box >}}")

    (call,) = _calls(document)

    assert call.inner is not None
    assert 'class="build-error"' in str(call.inner[1])
    assert [item.code for item in document.diagnostics] == ["SG202"]


def test_nesting_has_an_end(parse_body: Parse) -> None:
    """Values that are nested without end could not be pickled."""
    text = "{{< box >}}" * (DEEPEST_NESTING + 1) + "{{< /box >}}" * (DEEPEST_NESTING + 1)

    document = parse_body(text)

    assert {item.code for item in document.diagnostics} == {"SG201"}


def test_a_divider_inside_a_call_is_none(parse_body: Parse) -> None:
    """As in Hugo, which reads it but shows nothing of it; the page has no divider then."""
    document = parse_body("{{< box >}}a<!--more-->b{{< /box >}}\n\nc\n")

    (call,) = _calls(document)

    assert call.inner == ("ab",)
    assert not document.is_summary_truncated


def test_a_closing_tag_closes_the_innermost_call(parse_body: Parse) -> None:
    """Whatever its name, as in Hugo, while the numbers of tags agree; else names tell which one is open."""
    crossed = parse_body("{{< box >}}{{< note >}}x{{< /box >}}{{< /note >}}")
    unclosed = parse_body("{{< box >}}{{< note >}}x{{< /box >}}")

    (call,) = _calls(crossed)

    assert crossed.diagnostics == ()
    assert call.name == "box"
    assert [found.message for found in unclosed.diagnostics] == ["shortcode `note` is never closed"]


@pytest.mark.parametrize(
    "text",
    [
        "{{< x.inline >}}a {{ .Page }}{{< /x.inline >}}z",
        "{{< x.inline 1 />}}z",
        "{{< x.inline >}}{{< /y.inline >}}z",
    ],
)
def test_inline_shortcodes_are_left_out_with_a_warning(parse_body: Parse, text: str) -> None:
    """They are Go templates, and off by default in Hugo too."""
    document = parse_body(text)

    assert next(found.severity for found in document.diagnostics if "inline" in found.message) == "warning"
    assert "Page" not in str(document.segments)


PIECES = (
    *(
        "{{<",
        "{{%",
        ">}}",
        "%}}",
        " ",
        "\n",
        "box",
        "note",
        "figure",
        "nope",
        "/",
        "/box",
        "/>}}",
        "a=",
        '"',
        "`",
    ),
    *(
        "\\",
        "=",
        "1",
        "{{</*",
        "*/>}}",
        ".inline",
        "{{< box >}}",
        "{{< /box >}}",
        "{{% note %}}",
        "{{% /note %}}",
    ),
    *("```\n", "    ", "- ", "<!--more-->", "<div>", "é", "{", "}", "x.inline ", "{{< /x.inline >}}"),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_text_of_pieces_parses(parse_body: Parse, pieces: list[str]) -> None:
    """Whatever is wrong is a diagnostic with its place."""
    document = parse_body("".join(pieces))

    assert all(found.location is not None and found.location.line for found in document.diagnostics)


@pytest.mark.parametrize(
    "piece",
    [
        "{{<",
        "{{< box >}}",
        "{{< j a=",
        '{{<j"x"a=',
        "{{</*",
        "{{< x.inline >}}",
        "{{< x.inline />}}{{< /y.inline >}}",
        "{{< box >}}{{< /box >}}",
        "{{< box >}}{{< /note >}}",
        '{{< figure a="',
        "{{< figure `",
        '{{< figure \\"',
        "{{< figure a ",
        '{{< figure "a\\"',
        "{{% note %}}x{{% /note %}}",
        "{{< /box >}}",
    ],
)
def test_calls_are_read_in_linear_time(parse_body: Parse, piece: str) -> None:
    """Four times the text is about four times the work: calls of functions of the lexer and the nesting are counted."""
    small, large = (_work(piece * count) for count in (400, 1600))

    assert large < 5 * small


def _work(text: str) -> int:
    """Lines run by the two modules, the characters that their searches go over included as one each."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if "shortcode" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        parse_shortcodes(
            text,
            (),
            lambda name: name in {"box", "note"},
            lambda at: SourceLocation(path=PurePosixPath("a"), line=1, column=at),
        )
    finally:
        sys.settrace(before)
    return count


def test_an_unknown_name_has_a_hint(parse_body: Parse) -> None:
    """The near match where there is one, else where its template would be."""
    near, far = parse_body("{{< figur >}} {{< slideshow >}}").diagnostics

    assert near.hint == "did you mean `figure`?"
    assert far.hint == "add `templates/shortcodes/slideshow.html`"


def test_a_text_that_looks_like_a_placeholder_stays(parse_body: Parse) -> None:
    """The stand-ins of shortcodes are chosen so that the text has none of them."""
    document = parse_body("sitegenhole0x {{< figure >}} sitegenholeq0x")

    assert len(_calls(document)) == 1
    assert "sitegenhole0x" in str(document.segments[0])
    assert "sitegenholeq0x" in str(document.segments[2])


@pytest.mark.parametrize(
    "text",
    [
        '{{< figure "a" alt="b" >}}',
        '{{< figure alt="b" "a" >}}',
        "{{< figure a/b >}}",
        "{{< figure $x >}}",
        '{{< figure "a >}}',
        "{{< figure `a >}}",
        "{{< figure a",
        "{{< >}}",
        "{{< a.b >}}",
        "{{< a.inline >}}",
        "{{</* figure",
        "{{< /box a >}}",
        "{{< /box >}}",
        "{{< box >}}",
        "{{< box >}}" * (DEEPEST_NESTING + 1) + "{{< /box >}}" * DEEPEST_NESTING,
    ],
)
def test_what_is_wrong_in_a_tag_has_a_hint(parse_body: Parse, text: str) -> None:
    """Whoever wrote the call is told what to do about it."""
    diagnostics = parse_body(text).diagnostics

    assert diagnostics
    assert all(found.code == "SG201" and found.hint for found in diagnostics)


def test_place_behind_a_shortcode_is_the_place_in_the_file(parse_body: Parse) -> None:
    """A call's length in the file counts, not that of what stands for it while Markdown is read."""
    document = parse_body('text {{< metric "a-long-name-of-a-metric" >}} and [link](other.md)')

    links = [part for part in document.segments if isinstance(part, LinkHole)]

    assert [(link.location.line, link.location.column) for link in links] == [(5, 58)]
