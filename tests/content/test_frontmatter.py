"""Front matter: the bytes decide what it is, and each mistake has its line."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest
from markdown_it.utils import read_fixture_file

from sitegen.content.frontmatter import FrontMatter, split
from sitegen.frozen import thaw

CASES = read_fixture_file(Path(__file__).parent.parent / "cases" / "frontmatter.md")
PAGE = PurePosixPath("page.md")


def _shown(front: FrontMatter, text: str) -> str:
    lines = [
        f"{front.format or 'none'} {json.dumps(thaw(front.fields), default=str, ensure_ascii=False)}",
        f"lines {json.dumps(dict(front.lines))}",
        f"body at line {front.body_line}: {text.encode()[front.body_offset :].decode()!r}",
    ]
    for problem in front.diagnostics:
        lines.append(f"{problem.location}: {problem.severity} {problem.code}: {problem.message}")
        lines += [f"  hint: {problem.hint}"] if problem.hint else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "expected"), [case[2:] for case in CASES], ids=[str(case[1]) for case in CASES]
)
def test_split(text: str, expected: str) -> None:
    """Each case's fields, lines, body and messages are as written in `cases/frontmatter.md`."""
    assert _shown(split(text.encode(), PAGE), text) == expected


def test_byte_order_mark_comes_before_front_matter() -> None:
    """A BOM is not content: the front matter behind it is found, and it counts as bytes."""
    data = b"\xef\xbb\xbf---\ntitle: x\n---\nBody"
    front = split(data, PAGE)
    assert (front.fields["title"], data[front.body_offset :]) == ("x", b"Body")


def test_byte_order_mark_is_no_part_of_a_body() -> None:
    """Without front matter the body starts behind the BOM."""
    assert split(b"\xef\xbb\xbf# Title\n", PAGE).body_offset == 3


@pytest.mark.parametrize("delimiter", ["---", "+++"])
def test_windows_line_ends(delimiter: str) -> None:
    """CRLF front matter reads as LF does, and lines count the same."""
    value = "title: x" if delimiter == "---" else 'title = "x"'
    data = f"{delimiter}\r\n\r\n{value}\r\n{delimiter}\r\nBody\r\n".encode()
    front = split(data, PAGE)
    assert (dict(front.fields), dict(front.lines)) == ({"title": "x"}, {"title": 3})
    assert (front.body_line, data[front.body_offset :]) == (5, b"Body\r\n")


def test_alias_bomb_is_an_error() -> None:
    """Aliases of aliases are not expanded without end."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefg", "bcdefgh", strict=True)
    ]
    front = split(("---\n" + "\n".join(lines) + "\n---\n").encode(), PAGE)
    assert [problem.code for problem in front.diagnostics] == ["SG110"]


def test_alias_bomb_below_parameters_is_an_error() -> None:
    """Names that keep their case are counted too."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcde", "bcdef", strict=True)
    ]
    text = "---\nexecute:\n  parameters:\n    " + "\n    ".join(lines) + "\n---\n"
    assert [problem.code for problem in split(text.encode(), PAGE).diagnostics] == ["SG110"]


def test_merge_keys_of_yaml() -> None:
    """`<<` takes an anchor's keys, as in YAML 1.1 and Hugo."""
    front = split(b"---\nbase: &base {x: 1}\nparams:\n  <<: *base\n  y: 2\n---\n", PAGE)
    assert thaw(front.fields["params"]) == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "text",
    ['+++\ntitle = "x\n+++\n', "---\ntitle: [x\n---\n", '{"title": x}\n', "---\n- x\n---\n", "---\na: 1\n"],
)
def test_unreadable_front_matter_has_a_hint(text: str) -> None:
    """Whatever a format's reader says, the author is told what to do."""
    (problem,) = split(text.encode(), PAGE).diagnostics

    assert problem.code == "SG110"
    assert problem.hint


@pytest.mark.parametrize(
    "text",
    [
        "+++\na = " + "9" * 5000 + "\n+++\n",
        '{"a": ' + "9" * 5000 + "}\n",
        "---\na: " + "9" * 5000 + "\n---\n",
        "+++\na = " + "[" * 3000 + "]" * 3000 + "\n+++\n",
    ],
)
def test_what_python_cannot_read_is_an_error(text: str) -> None:
    """Numbers of thousands of digits and values nested thousands deep are the author's error, no crash."""
    assert [problem.code for problem in split(text.encode(), PurePosixPath("p.md")).diagnostics] == ["SG110"]


def test_an_unclosed_string_of_quotes_is_read_once() -> None:
    """A body that begins with a brace and has many escaped quotes: looked at once, not at each quote."""
    data = b'{"a' + b'\\"' * 200_000

    assert [problem.code for problem in split(data, PurePosixPath("p.md")).diagnostics] == ["SG110"]


@pytest.mark.parametrize("ending", [b"", b"\\"])
def test_a_json_string_that_nothing_closes(ending: bytes) -> None:
    """It goes to the end of the file, whatever the last character is: braces in it close nothing."""
    front = split(b'{"a": "}' + ending, PurePosixPath("p.md"))

    assert front.diagnostics[0].message == "the front matter has no closing `}`"


def test_many_keys_given_twice_are_an_error() -> None:
    """Each is another reading of the whole text, so that only a few are passed over."""
    text = "+++\n" + "".join(f"a{number // 2} = 1\n" for number in range(4000)) + "+++\n"

    assert [problem.message for problem in split(text.encode(), PurePosixPath("p.md")).diagnostics] == [
        "the front matter cannot be read as TOML: `a50` is given twice"
    ]
