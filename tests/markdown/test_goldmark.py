"""Our dialect beside the real Hugo's: written bodies and random ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from sitegen.config import Config
from sitegen.config.values import Markup
from sitegen.frozen import FrozenDict

Body = Callable[..., str]
Canonical = Callable[[str], list[tuple[object, ...]]]
Hugo = Callable[..., list[str]]

CASES: Final = Path(__file__).resolve().parent.parent / "cases/goldmark.md"
UNSAFE: Final = "markup.goldmark.renderer.unsafe = true\n"


def _cases() -> Iterator[tuple[str, str]]:
    """Topic and body of each case."""
    for part in CASES.read_text("utf-8").split("\n=== ")[1:]:
        topic, _, bodies = part.partition("\n")
        for body in bodies.split("\n.\n"):
            yield topic, body


MATH: Final = "math is on by default here"
NAMED: Final[Mapping[str, str]] = {
    '"$5" \'$5\' 5$" #"a" "a"# @\'x\'': MATH,
    "| $x$ | y |\n|---|---|\n| 1 | $5 |": MATH,
    "a^[inline] b[^] c[^ ] d[^^]": "`^[text]` is a note, as in Pandoc",
    "   > a\n    > b": "markdown-it takes `>` for a quotation's also behind four blanks",
    '[r]:\n  https://example.org\n  "T\n  t"\n\n[r]': "goldmark keeps the indent of a title's second line",
}
"""Bodies that differ, each with what makes it differ."""


def test_written_bodies(body_html: Body, canonical: Canonical, hugo_bodies: Hugo) -> None:
    """Every body but the named ones is as Hugo has it."""
    bodies = [body for _, body in _cases()]

    answers = hugo_bodies([(body, UNSAFE) for body in bodies])

    differing = {
        body
        for body, answer in zip(bodies, answers, strict=True)
        if _differ(body, answer, body_html, canonical)
    }
    assert differing == set(NAMED)
    assert len(NAMED) * 50 < len(bodies)


# Pieces of which random bodies are made, by what they try.
PIECES: Final[Mapping[str, Sequence[str]]] = {
    "signs": [
        "'",
        "'",
        '"',
        '"',
        "-",
        "--",
        "---",
        ".",
        "...",
        "<<",
        ">>",
        "a",
        "t",
        "s",
        "d",
        " ",
        " ",
        "9",
        "90s",
        "ve",
        "*",
        "**",
        "`x`",
        "(",
        ")",
        "[",
        "]",
        ",",
        "é",
        "日",
        "\n",
        "em",
        "\\",
        "the",
        "&amp;",
        "21",
        "<b>",
        "!",
    ],
    "addresses": [
        "https://a.org",
        "http://x.org/p",
        "www.b.com",
        "www.b.com/q",
        "ftp://f.net",
        "me@c.de",
        "a_b@c.de",
        "https://a.o.rg/x(y)",
        "https://a.org/é",
        "http://localhost",
        "https://a.org:80/p?q=1&amp;b;",
        "a",
        ".",
        " ",
        " ",
        ", ",
        ") ",
        "(",
        "[",
        "]",
        "](u)",
        "*",
        "**",
        "_",
        "~",
        "`c`",
        ":",
        "!",
        "日",
        "\\",
        '"',
        "<",
        ">",
        "&amp;",
        "...",
        "--",
        "<b>",
        "</b>",
        "-",
        "?",
        "<https://z.org>",
        "1",
    ],
    "pairs": [
        "~",
        "~~",
        "~~~",
        "*",
        "**",
        "_",
        "a",
        "b",
        " ",
        "`x`",
        ".",
        "(",
        ")",
        "é",
        "[",
        "](u)",
        "\\",
        "\n",
    ],
    "inline": [
        "*",
        "**",
        "***",
        "_",
        "__",
        "a",
        "b",
        " ",
        "。",
        "日本",
        "「",
        "」",
        "é",
        "!",
        "[",
        "]",
        "(u)",
        '(u "t")',
        "![",
        "`",
        "``",
        "\\",
        "\\*",
        "&amp;",
        "&copy;",
        "&nope;",
        "<b>",
        "</b>",
        "<br/>",
        "  \n",
        "\\\n",
        "\n",
        "[r]",
        "[x][r]",
        "<a@b.cd>",
        "~",
        "|",
        "#",
        ".",
        '"',
        "\u00a0",
        "^",
    ],
    "lists": [
        "a",
        "b c",
        "\n",
        "\n",
        "\n\n",
        "- ",
        "- ",
        "* ",
        "  ",
        "    ",
        "> ",
        "`c`",
        "**d**",
        "[x] t",
        "[ ] ",
    ],
    "tables": [
        "|",
        "|",
        " | ",
        "a",
        "b `c`",
        "\\|",
        "`x\\|y`",
        "--",
        "\n",
        "\n",
        " ",
        "**b**",
        "[l](u)",
        "![i](s)",
    ],
}
BEGINNINGS: Final[Mapping[str, Sequence[str]]] = {
    "lists": ["- ", "1. ", "* a\n", "x\n\n"],
    "tables": [
        "| a | b |\n|---|---|\n",
        "a | b\n:-|-:\n",
        "x\n| a | b |\n|---|:--|\n",
        "> | a |\n> |---|\n> ",
    ],
}
COUNT: Final = 120
"""Random bodies of each kind."""


def _random_bodies(kind: str) -> Iterator[str]:
    choose = random.Random(f"goldmark {kind}")
    for _ in range(COUNT):
        pieces = choose.choices(PIECES[kind], k=choose.randint(2, 9))
        ending = "\n\n[r]: /url 'T'" if kind == "inline" else ""
        yield choose.choice(BEGINNINGS.get(kind, ["x"])) + "".join(pieces) + ending


def test_random_bodies(body_html: Body, canonical: Canonical, hugo_bodies: Hugo) -> None:
    """At least 99 of 100 are as Hugo has them, also where nobody would write so."""
    bodies = [body for kind in PIECES for body in _random_bodies(kind)]

    answers = hugo_bodies([(body, UNSAFE) for body in bodies])

    differing = [
        body
        for body, answer in zip(bodies, answers, strict=True)
        if _differ(body, answer, body_html, canonical)
    ]
    assert len(differing) * 100 <= len(bodies), differing


EXTENSIONS: Final = f"{UNSAFE}markup.goldmark.extensions."
SIGNS: Final = "\"a\" -- --- ... 'b' << >> it's 'twas '90s doin' ---- .... <<a>>"
JAPANESE: Final = "日本\n語\n\nab\n語\n\n日本。\n語 **太字**\n続き\n\n안녕\n하세요\n\nア\nー ｱ\nｲ Ａ\nＢ\n\n日\n[リンク](u)\n日\n`x`"
HTML: Final = (
    "a <b>x</b> <!-- c -->\n\n<div>\ny\n</div>\n\n<!-- d -->\n\n<script>\n\nz\n</script>\n\n<p>e</p> f"
)
LINES: Final = "a\nb *c\nd* e  \nf\\\ng\n\n- h\n  i"
EMOJI: Final = (
    ":dog: :+1: a:cat:b :zz: 10:30:45 \\:dog: `:dog:` [:dog:](u) :dog::egg: https://a.org:dog:\n\n# a :dog:"
)
ALL: Final = (
    "a  \nb\n\n---\n\n![i](u.png 't')\n\n- [x] t\n\n| a |\n|:-:|\n| b |\n\n~~x~~ x[^1]\n\n[^1]: n\n\nT\n: d\n\n"
    "www.a.org b@c.de it's\n\n<br>"
)


PAIRS: Final = "~~a~~ ~b~ ++c++ +d+ ==e== =f= ^g^ ^^h^^ H~2~O x^2^ ~~~i~~~ ~a b~ ^a b^ ++a *b++ c* ==`x`== \\~a~ ~~a~ ~a~~"


def _sign(name: str, value: str) -> tuple[str, str, Markup]:
    markup = Markup(typographer_signs=FrozenDict({name.lower(): value}))
    return SIGNS, f'{EXTENSIONS}typographer.{name} = "{value}"', markup


def _pairs(*names: str, strikethrough: bool) -> tuple[str, str, Markup]:
    switches = [f"extras.{name}.enable = true" for name in names]
    lines = [f"strikethrough = {str(strikethrough).lower()}", *switches]
    settings = "\n".join(f"markup.goldmark.extensions.{line}" for line in lines)
    return PAIRS, UNSAFE + settings, Markup(strikethrough=strikethrough, extras=frozenset(names))


SETTINGS: Final[Sequence[tuple[str, str, Markup]]] = [
    (ALL, f"{EXTENSIONS}typographer.disable = true", Markup(typographer=False)),
    (ALL, f"{EXTENSIONS}linkify = false", Markup(linkify=False)),
    (ALL, f'{EXTENSIONS}linkifyProtocol = "http"', Markup(linkify_protocol="http")),
    (ALL, f"{EXTENSIONS}table = false", Markup(tables=False)),
    (ALL, f"{EXTENSIONS}strikethrough = false", Markup(strikethrough=False)),
    (ALL, f"{EXTENSIONS}taskList = false", Markup(task_lists=False)),
    (ALL, f"{EXTENSIONS}definitionList = false", Markup(definition_lists=False)),
    (ALL, f"{EXTENSIONS}footnote.enable = false", Markup(footnotes=False)),
    (ALL, f'{EXTENSIONS}footnote.backlinkHTML = "<b>up</b>"', Markup(footnote_backlink="<b>up</b>")),
    (ALL, f"{UNSAFE}markup.goldmark.renderer.hardWraps = true", Markup(hard_wraps=True)),
    (LINES, f"{UNSAFE}markup.goldmark.renderer.hardWraps = true", Markup(hard_wraps=True)),
    (ALL, f"{UNSAFE}markup.goldmark.renderer.xhtml = true", Markup(xhtml=True)),
    (HTML, "", Markup(unsafe=False)),
    (
        JAPANESE,
        f"{EXTENSIONS}cjk.enable = true\nmarkup.goldmark.extensions.cjk.eastAsianLineBreaks = true",
        Markup(east_asian_line_breaks=True),
    ),
    _sign("leftSingleQuote", ""),
    _sign("rightSingleQuote", "&rsaquo;"),
    _sign("leftDoubleQuote", "&laquo;&nbsp;"),
    _sign("rightDoubleQuote", ""),
    _sign("enDash", ""),
    _sign("emDash", "-"),
    _sign("ellipsis", "<b>.</b>"),
    _sign("leftAngleQuote", ""),
    _sign("rightAngleQuote", ""),
    _sign("apostrophe", ""),
    _pairs("insert", "mark", "superscript", strikethrough=True),
    _pairs("subscript", "superscript", strikethrough=False),
    _pairs("delete", "subscript", strikethrough=False),
    _pairs("delete", "subscript", strikethrough=True),
    _pairs("delete", strikethrough=False),
]
"""A body, Hugo's settings, ours."""


def test_settings(config: Config, body_html: Body, canonical: Canonical, hugo_bodies: Hugo) -> None:
    """Each setting of `markup.goldmark` does what it does in Hugo."""
    answers = hugo_bodies([(body, settings) for body, settings, _ in SETTINGS])

    differing = [
        settings
        for (body, settings, markup), answer in zip(SETTINGS, answers, strict=True)
        if canonical(body_html(body, replace(config, markup=markup))) != canonical(answer)
    ]
    assert differing == []


def test_emoji(config: Config, body_html: Body, canonical: Canonical, hugo_bodies: Hugo) -> None:
    """Short codes are GitHub's, in text only, and a heading's id has their names."""
    (answer,) = hugo_bodies([(EMOJI, f"{UNSAFE}enableEmoji = true")])

    assert canonical(body_html(EMOJI, replace(config, enable_emoji=True))) == canonical(answer)


def _differ(body: str, answer: str, body_html: Body, canonical: Canonical) -> bool:
    return canonical(body_html(body)) != canonical(answer)
