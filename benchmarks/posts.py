"""Posts as a programmer's blog has them, as many as are wanted; the same ones for the same seed.

A post has a title, a date, three of 30 tags, one of five categories and a description; about 940 words of prose under four
headings, with formulas in three of five paragraphs and links to other posts; a table of six rows, a list of five items, a
quotation; and three blocks of code of about 21 lines, no two of which are alike in the corpus.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from benchmarks import snippets, vocabulary

Variant = Literal["python", "mixed"]
VARIANTS: Final[tuple[Variant, ...]] = ("python", "mixed")

TAGS: Final = 30
CATEGORIES: Final = 5
_FIRST: Final = datetime.datetime(2010, 1, 1, tzinfo=datetime.UTC)
_APART: Final = datetime.timedelta(hours=1)
_WORDS_OF_A_PARAGRAPH: Final = (46, 72)
_PARAGRAPHS: Final = (3, 3, 3, 2, 2)
"""Before the first heading, and below each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post, whatever the front matter of the tool that reads it looks like."""

    number: int
    """From 1, by date."""
    name: str
    title: str
    description: str
    date: datetime.datetime
    tags: tuple[str, ...]
    category: str
    body: str
    """Markdown."""


def posts(count: int, variant: Variant = "python", *, seed: int = 6) -> Iterator[Post]:
    """The first `count` posts, oldest first; a longer corpus begins with a shorter one's, but for its links."""
    for number in range(1, count + 1):
        yield post(number, count, variant, seed=seed)


def post(number: int, count: int, variant: Variant = "python", *, seed: int = 6) -> Post:
    """One post of a corpus.

    Args:
        number: which, from 1.
        count: how many there are: links lead to any of them.
        variant: whose words, and which languages the code is in.
        seed: another one gives other posts.
    """
    draw = _source(number, variant, seed)
    outlined = _outline(draw, number, variant)
    return replace(outlined, body=_body(draw, number, count, variant, vocabulary.of(variant)))


def outline(number: int, variant: Variant = "python", *, seed: int = 6) -> Post:
    """The post without its body, which takes nearly all of the time."""
    return _outline(_source(number, variant, seed), number, variant)


def post_name(number: int) -> str:
    """Of its file and its address."""
    return f"post-{number:06}"


def _source(number: int, variant: Variant, seed: int) -> random.Random:
    return random.Random(f"{seed} {variant} {number}")


def _outline(draw: random.Random, number: int, variant: Variant) -> Post:
    words = vocabulary.of(variant)
    title = words.title(draw)
    return Post(
        number=number,
        name=post_name(number),
        title=f"{title} {number}",
        description=words.sentence(draw, 14),
        date=_FIRST + number * _APART,
        tags=tuple(draw.sample(words.tags[:TAGS], 3)),
        category=draw.choice(words.categories[:CATEGORIES]),
        body="",
    )


def _body(
    draw: random.Random, number: int, count: int, variant: Variant, words: vocabulary.Vocabulary
) -> str:
    paragraphs = (_paragraph(draw, count, words) for _ in itertools.repeat(None))
    blocks = (_block(draw, number, place, variant) for place in itertools.count())
    parts: list[str] = []
    for place, size in enumerate(_PARAGRAPHS):
        if place:
            parts.append(f"{'###' if place == 3 else '##'} {words.title(draw)}")
        parts += itertools.islice(paragraphs, size)
        match place:
            case 1:
                parts += (next(blocks), _table(draw, words))
            case 2:
                parts += (next(blocks), _items(draw, words))
            case 3:
                parts += (f"> {words.sentence(draw, 24)}", next(blocks))
            case _:
                pass
    return "\n\n".join(parts) + "\n"


def _paragraph(draw: random.Random, count: int, words: vocabulary.Vocabulary) -> str:
    """Sentences of varied length with what stands in such prose."""
    left = draw.randint(*_WORDS_OF_A_PARAGRAPH)
    sentences = []
    while left > 4:
        length = min(left, draw.randint(7, 24))
        sentences.append(words.sentence(draw, length))
        left -= length
    last = len(sentences) - 1
    if draw.random() < 0.6:
        _put(draw, sentences, _formula(draw))
    if draw.random() < 0.35:
        target = post_name(1 + int(draw.random() * count))  # one draw, whatever the count
        _put(draw, sentences, f"[{words.phrase(draw, 2)}](/posts/{target}/)")
    if draw.random() < 0.3:
        _put(draw, sentences, f"`{snippets.identifier(draw)}`")
    if draw.random() < 0.25:
        _put(draw, sentences, f"*{words.phrase(draw, 1)}*")
    if draw.random() < 0.2:
        _put(draw, sentences, f"**{words.phrase(draw, 2)}**")
    if draw.random() < 0.15:
        sentences[last] = f'"{sentences[last]}"'
    return " ".join(sentences)


def _put(draw: random.Random, sentences: list[str], text: str) -> None:
    """Put it between two words of one of the sentences."""
    place = draw.randrange(len(sentences))
    head, _, tail = sentences[place].partition(" ")
    sentences[place] = f"{head} {text} {tail}"


_FORMULAS: Final = (
    r"$\«g»_{«n»} = \sum_{i=1}^{«m»} «a»_i «b»_i$",
    r"$«a»(«b») \le \frac{«n»}{«m»} \lVert «b» \rVert^2$",
    r"$\mathbb{E}[«a»_{t+1} \mid «b»_t] = «x» \, «a»_t$",
    r"$«a» = «n» \times «m»$",
    r"$\nabla_\«g» «a»(\«g») = 0$",
    r"$O(«a» \log «a»)$",
    r"$\«g» \in [0, «n»]$",
    r"$«a»_{«n»} + «b»^{«m»} = «x»$",
)


def _formula(draw: random.Random) -> str:
    values = {
        "g": draw.choice(("alpha", "beta", "gamma", "theta", "lambda", "sigma", "eta", "omega")),
        "a": draw.choice("fghpquvxyz"),
        "b": draw.choice("cdkrstwxyz"),
        "n": str(draw.randint(1, 99)),
        "m": str(draw.randint(2, 999)),
        "x": f"{draw.random():.3f}",
    }
    return re.sub("«(.)»", lambda found: values[found[1]], draw.choice(_FORMULAS))


def _table(draw: random.Random, words: vocabulary.Vocabulary) -> str:
    head = [words.phrase(draw, 1).capitalize() for _ in range(4)]
    rows = [
        (
            words.phrase(draw, 2),
            f"{draw.uniform(0, 100):.2f}",
            str(draw.randint(1, 9999)),
            words.phrase(draw, 1),
        )
        for _ in range(6)
    ]
    lines = (head, ["---", "---:", "---:", "---"], *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _items(draw: random.Random, words: vocabulary.Vocabulary) -> str:
    return "\n".join(f"- {words.sentence(draw, draw.randint(8, 15))}" for _ in range(5))


def _block(draw: random.Random, number: int, place: int, variant: Variant) -> str:
    language = draw.choice(_languages(variant))
    return f"```{language}\n{snippets.snippet(draw, language, number * 10 + place)}```"


@functools.cache
def _languages(variant: Variant) -> Sequence[snippets.Language]:
    return ("python",) if variant == "python" else ("python", "cpp", "yaml", "bash", "javascript")
