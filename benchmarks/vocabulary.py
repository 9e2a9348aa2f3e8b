"""Words for prose that nobody reads: some thousand distinct ones, the frequent ones frequent as in English."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_COMMON: Final = (
    "the of and to in a is that it for as was with be by on not this are or his from at which but have an had they you "
    "were their one all we can her has there been if more when will would who so no out up into than them only its time "
    "some could these two may then do first any my now such like our over man me even most made after also did many off "
    "before must well back through years where much your way down should because long each just state people those too "
    "don't it's can't we've here's isn't let's doesn't you'd"
)
_STEMS: Final = {
    "python": (
        "model gradient tensor batch layer weight token sample metric kernel vector matrix policy reward agent loss "
        "encode decode train infer learn cluster embed attend predict cache query filter render compose parse "
        "measure compare normal linear random sparse dense robust scale shift noise signal state action value margin "
        "entropy prior poster likeli variant bias regular optim converge diverge propagate activate quant distill prune "
        "sched alloc stream buffer thread process queue stack heap graph node edge path tree leaf branch cycle search "
        "sort hash bucket shard replica quorum latency throughput bound limit budget cost trace profile sampler window "
        "frame epoch step plot figure table record ledger digest schema config deploy publish build test verify assert index"
    ),
    "mixed": (
        "harbour garden winter letter copper timber bridge valley market window lantern meadow kettle saddle ribbon "
        "anchor barrel candle feather hammer island jacket ladder mirror needle orchard pepper quarry river shelter "
        "thunder umbrella village walnut yellow zephyr bake carve drift fold gather hollow iron join knit load mend "
        "paint rest sail thatch unload visit wander weave yield arch bell cliff dune elm fern gate heath inlet jetty "
        "knoll lake moor nook oak pier quay reed shore tide vale wharf yard barley clover daisy flint gravel hazel ivy "
        "juniper kelp linen maple nettle olive plum quartz rye slate thistle velvet willow amber birch cedar dusk"
    ),
}
_PREFIXES: Final = ("", "re", "un", "over", "inter")
_SUFFIXES: Final = ("", "s", "ing", "ed", "er", "able", "ness", "al", "ive", "ly", "ment", "ism")
_COMMONEST, _RARE = 150, 3000
_ZIPF: Final = 1.05
_OFFSET: Final = 2.7
"""Frequency of the word of rank r: (r + 2.7)^-1.05, Mandelbrot's form of Zipf's law; its usual constants for English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words in the order of their frequency, and names made of them."""

    words: Sequence[str]
    sums: Sequence[float]
    """Their frequencies, summed up to each."""
    tags: tuple[str, ...]
    categories: tuple[str, ...]

    def phrase(self, draw: random.Random, length: int) -> str:
        """Some rare words."""
        return " ".join(draw.choices(self.words[_COMMONEST:_RARE], k=length))

    def title(self, draw: random.Random) -> str:
        """Of a post or a section: five words, the first with a capital."""
        first, *rest = draw.choices(self.words[_COMMONEST:_RARE], k=3)
        return f"{first.capitalize()} {rest[0]} {draw.choice(self.words[:40])} {rest[1]}"

    def sentence(self, draw: random.Random, length: int) -> str:
        """So many words as they come, with a capital, commas and an end."""
        words = draw.choices(self.words, cum_weights=self.sums, k=length)
        words[0] = words[0].capitalize()
        if length > 9:
            words[length // 2] += draw.choice((",", ",", ";", " --", ""))
        return " ".join(words) + draw.choice("....?!")


@functools.cache
def of(name: str) -> Vocabulary:
    """The vocabulary of a variant of the corpus."""
    stems = _STEMS[name].split()
    made = ["".join(parts) for parts in itertools.product(_PREFIXES, stems, _SUFFIXES)]
    random.Random(name).shuffle(made)
    made.sort(key=lambda word: len(word) // 3)  # frequent words are short: Zipf's other law
    words = list(dict.fromkeys((*_COMMON.split(), *made)))
    weights = [(rank + _OFFSET) ** -_ZIPF for rank in range(1, len(words) + 1)]
    return Vocabulary(
        words=words,
        sums=list(itertools.accumulate(weights)),
        tags=tuple(stems[5:35]),
        categories=tuple(stems[40:45]),
    )
