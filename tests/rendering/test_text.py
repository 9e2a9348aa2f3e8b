"""HTML to plain text."""

from __future__ import annotations

import pytest

from sitegen.rendering.text import first_words, plain_text, prose_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a &amp; b</p>\n<p>c</p>", "a & b c"),
        ("a<script>x < y</script>b<STYLE>p</style >c", "abc"),
        ("a <math><mi>x</mi><annotation>\\x</annotation></math>", "a x"),
        ("a <!-- b <i> --> c", "a c"),
        ("a <!-- never closed <p>b</p>", "a"),
        ("a <script>never closed", "a"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    """What a reader sees, on one line."""
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one two", "one two"),
        ("one two three four", "one two three..."),
        ("机器学习" * 30, "机器学习" * 3 + "..."),
    ],
)
def test_first_words(text: str, words: str) -> None:
    """What a page without a title is called; a language without spaces has letters instead."""
    assert first_words(text, 3) == words


@pytest.mark.parametrize("piece", ["<script>", "<!--", "<", "<a "])
def test_what_is_not_closed_is_looked_at_once(piece: str) -> None:
    """However many there are: not from each of them to the end of the text."""
    assert len(plain_text(piece * 200_000)) <= len(piece) * 200_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p>\n<pre><code>import this</code></pre>\n<p>Two <b>bold</b>.</p>", "One. Two bold."),
        (
            '<figure class="x"><img alt=""><figcaption><p>A caption</p></figcaption></figure><p>Words</p>',
            "Words",
        ),
        ('<p class="alert-title">Note</p><p>Said.</p>', "Said."),
        ("one paragraph <i>alone</i>", "one paragraph alone"),
        ("<pre>code</pre>", "code"),
        ("<figure><p>a", "a"),
    ],
)
def test_prose_is_what_paragraphs_say(html: str, text: str) -> None:
    """No code and no caption, unless there is nothing else."""
    assert prose_text(html) == text
