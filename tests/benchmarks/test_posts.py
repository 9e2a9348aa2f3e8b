"""The corpora of the benchmarks: the same for everybody, and of the shape that is promised."""

from __future__ import annotations

import ast
import re
import statistics
from typing import Final

import pytest

from benchmarks import posts, vocabulary
from benchmarks.posts import VARIANTS, Post, Variant

_COUNT: Final = 120
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> Variant:
    """Each variant of the corpus."""
    found: Variant = request.param
    return found


@pytest.fixture(scope="module")
def corpus(variant: Variant) -> list[Post]:
    """Some posts of it."""
    return list(posts.posts(_COUNT, variant))


def _blocks(corpus: list[Post]) -> list[tuple[str, str]]:
    return [found for post in corpus for found in _BLOCK.findall(post.body)]


def _paragraphs(post: Post) -> list[str]:
    """Prose: what is no code, table, list, quotation or heading."""
    parts = _BLOCK.sub("", post.body).split("\n\n")
    return [part for part in parts if part.strip() and not part.startswith(("|", "- ", "> ", "#"))]


def test_one_seed_gives_one_corpus(variant: Variant, corpus: list[Post]) -> None:
    """The posts are the same each time, and others for another seed."""
    assert posts.post(7, _COUNT, variant) == corpus[6]
    assert posts.post(7, _COUNT, variant, seed=5).body != corpus[6].body


def test_a_longer_corpus_begins_like_a_shorter_one(variant: Variant, corpus: list[Post]) -> None:
    """Only where links lead depends on how many posts there are."""
    longer = posts.post(7, 10 * _COUNT, variant)

    def without_links(text: str) -> str:
        return re.sub(r"post-\d+", "", text)

    assert without_links(longer.body) == without_links(corpus[6].body)


def test_an_outline_is_the_post_without_its_body(variant: Variant, corpus: list[Post]) -> None:
    """What a list shows is known without the text."""
    outlined = posts.outline(7, variant)
    assert (outlined.title, outlined.tags, outlined.category) == (
        corpus[6].title,
        corpus[6].tags,
        corpus[6].category,
    )
    assert outlined.body == ""


def test_posts_have_the_promised_shape(corpus: list[Post]) -> None:
    """Four headings, a table of six rows, five items, a quotation, three blocks, formulas and links in each corpus."""
    for post in corpus:
        assert len(re.findall(r"^##+ ", _BLOCK.sub("", post.body), re.MULTILINE)) == 4
        assert len(re.findall(r"^\| ", _BLOCK.sub("", post.body), re.MULTILINE)) == 8
        assert len(re.findall(r"^- ", _BLOCK.sub("", post.body), re.MULTILINE)) == 5
        assert len(re.findall(r"^> ", post.body, re.MULTILINE)) == 1
        assert len(_BLOCK.findall(post.body)) == 3
    paragraphs = [part for post in corpus for part in _paragraphs(post)]
    assert statistics.fmean("$" in part for part in paragraphs) == pytest.approx(0.6, abs=0.05)
    assert sum(part.count("](/posts/post-") for part in paragraphs) > 3 * _COUNT


def test_posts_have_the_promised_length(corpus: list[Post]) -> None:
    """About 940 words of prose and 9 kB a post, made of some thousand words."""
    prose = [re.sub(r"^\|.*", "", _BLOCK.sub("", post.body), flags=re.MULTILINE) for post in corpus]
    assert statistics.fmean(len(text.split()) for text in prose) == pytest.approx(940, rel=0.03)
    assert statistics.fmean(len(post.body.encode()) for post in corpus) == pytest.approx(9000, rel=0.05)
    assert len({word for text in prose for word in re.findall(r"[a-z']+", text)}) > 4000


def test_front_matter_is_as_promised(variant: Variant, corpus: list[Post]) -> None:
    """Three of 30 tags and one of five categories, dates in the order of numbers, titles that differ."""
    words = vocabulary.of(variant)
    assert len(words.tags) == posts.TAGS
    assert len(words.categories) == posts.CATEGORIES
    assert {tag for post in corpus for tag in post.tags} == set(words.tags)
    assert {post.category for post in corpus} == set(words.categories)
    assert {len(set(post.tags)) for post in corpus} == {3}
    assert [post.date for post in corpus] == sorted({post.date for post in corpus})
    assert len({post.title for post in corpus}) == _COUNT


def test_no_two_blocks_are_alike(corpus: list[Post]) -> None:
    """A cache of highlighted code helps no generator within one build; blocks are as long as promised."""
    texts = [text for _, text in _blocks(corpus)]
    assert len(set(texts)) == len(texts) == 3 * _COUNT
    assert statistics.fmean(text.count("\n") for text in texts) == pytest.approx(21.7, rel=0.1)
    assert statistics.fmean(map(len, texts)) == pytest.approx(711, rel=0.1)


def test_languages_are_those_of_the_variant(variant: Variant, corpus: list[Post]) -> None:
    """One language, or five; Python's blocks are programs."""
    languages = {language for language, _ in _blocks(corpus)}
    assert languages == (
        {"python"} if variant == "python" else {"python", "cpp", "yaml", "bash", "javascript"}
    )
    for language, text in _blocks(corpus):
        if language == "python":
            ast.parse(text)


def test_nothing_looks_like_a_template(corpus: list[Post]) -> None:
    """Every generator reads the posts as Markdown: no braces of Jinja, Liquid or Go, no place left unfilled."""
    for post in corpus:
        assert not re.search(r"\{\{|\{%|«|»", post.body)


def test_variants_differ_in_their_words() -> None:
    """What is made for one vocabulary meets another."""
    first, second = (set(vocabulary.of(name).words) for name in VARIANTS)
    assert len(first & second) < 0.1 * len(first)
