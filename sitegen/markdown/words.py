"""How many words HTML has and how long they take to read, as Hugo counts."""

from __future__ import annotations

import re
from typing import Final

_MATH: Final = re.compile(r"<math\b[^<>]*>([^<]*+(?:<(?!/?math\b)[^<]*+)*+)</math>")
_SOURCE: Final = re.compile(r"<annotation[^<>]*>(.*?)</annotation>", re.DOTALL)
"""Of a formula, in TeX; MathML that somebody wrote by hand has none."""
_REST: Final = r"""(?:[^'"<>]++|"[^"]*"|'[^']*')*+>"""
"""Of a tag, to its end."""
_NOT_TEXT: Final = re.compile(
    r"<(?:/[a-zA-Z]++>|span class=\"[^\"]*+\">"  # nearly all, in highlighted code
    rf"|/?(?:span|[a-rt-zA-RT-Z]){_REST}"  # most others, told from scripts and styles by their first letter
    rf"|!--.*?(?:-->|$)|((?i:script|style))\b[^<>]*>.*?(?:</(?i:\1)\s*>|$)|/?[a-zA-Z]{_REST})",
    re.DOTALL,
)
_BREAK: Final = re.compile(r"</p>|<br ?/?>")
_EAST_ASIAN: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303b\u3041-\u3096\u309d-\u30fa\u30fd-\u30ff\u3105-\u312f"
    "\u3131-\u318e\u31f0-\u321e\u3260-\u327e\u32d0-\u32fe\u3300-\u3357\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb"
    "\uf900-\ufad9\uff66-\uffdc\U0001b000-\U0001b2fb\U00020000-\U0003fffd]"
)
_TAG_WORD: Final = re.compile(r"""</?[A-Za-z]+>?|[A-Za-z]+=["'].*""", re.DOTALL)
_SIGNS: Final = str.maketrans(dict.fromkeys("‘’“”–—…«»"))
_PER_MINUTE: Final = 212
_CHARACTERS_PER_MINUTE: Final = 500


def word_count(html: str, *, by_character: bool) -> int:
    """The words of HTML; formulas count as their TeX.

    Args:
        html: of a body.
        by_character: a word that is not ASCII counts as many as it has characters (Chinese, Japanese, Korean).
    """
    if "<annotation" in html:
        html = _MATH.sub(_formula, html)
    words = _NOT_TEXT.sub("", _BREAK.sub("\n", html)).split()
    return sum(map(_characters, words)) if by_character else len(words)


def _formula(math: re.Match[str]) -> str:
    source = _SOURCE.search(math[1])
    return math[0] if source is None else source[1]


def words_of_part(html: str, *, by_character: bool) -> int:
    """The words of HTML up to the end of a paragraph, by which Hugo decides where a summary ends.

    Every run of characters without a blank counts that is not plainly a piece of a tag; the last character does not.
    """
    words = html.split()
    if words and not html[-1:].isspace():
        words[-1] = words[-1][:-1]
    counted = [
        word
        for word in words
        if word and word != ">" and not (("<" in word or "=" in word) and _TAG_WORD.fullmatch(word))
    ]
    return sum(_characters(_NOT_TEXT.sub("", word)) for word in counted) if by_character else len(counted)


def _characters(word: str) -> int:
    """Hugo sees typographic signs as references (`&ldquo;`), which are ASCII."""
    return 1 if word.isascii() or word.translate(_SIGNS).isascii() else len(word)


def is_east_asian(text: str) -> bool:
    """Whether there is a Chinese, Japanese or Korean character in the text."""
    return not text.isascii() and _EAST_ASIAN.search(text) is not None


def fuzzy_word_count(words: int) -> int:
    """The number up to the next hundred."""
    return (words + 99) // 100 * 100


def reading_minutes(words: int, *, by_character: bool) -> int:
    """Whole minutes, rounded up."""
    pace = _CHARACTERS_PER_MINUTE if by_character else _PER_MINUTE
    return (words + pace - 1) // pace
