"""Titles that no author wrote: of sections, taxonomies and terms, as Hugo makes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

TitleCaseStyle = Literal["ap", "chicago", "go", "firstupper", "none"]

_AP: Final = "a an and as at but by en for if in nor of on or per the to v v. via vs vs."
_CHICAGO: Final = (
    "about above across after against along among around before between beyond concerning despite down during "
    "following from including into near over since through throughout towards under until upon with within without"
)
_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "ap": frozenset(_AP.split()),
    "chicago": frozenset([*_AP.split(), *_CHICAGO.split()]),
}
"""Words that a style leaves in lower case inside a title."""
_WORD: Final = re.compile(r"[^\W_](?:[^\s/\-()\"“”?!]*)")
_FIRST_LETTER: Final = re.compile(r"(?<!\w)[^\W\d_]")
_BEGINS_ANEW: Final = re.compile(r"(?::\s*|[-–—]\s+|[(\"“‘]|[^\w\s,.;/\-]\s+)$")
"""What stands before a word that is written as the first one is."""

_SAME: Final = (
    "equipment information rice money species series fish sheep moose deer news police media data aircraft swine "
    "dice bison salmon trout shrimp people men women children emphasis chassis"
)
_UNCHANGED: Final = tuple(_SAME.split())
"""Endings of nouns that are their own plural."""
_PAIRS: Final = (
    "human>humans roman>romans german>germans shaman>shamans talisman>talismans man>men person>people "
    "child>children blouse>blouses mouse>mice louse>lice goose>geese foot>feet tooth>teeth quiz>quizzes "
    "penny>pennies die>dice datum>data medium>media bacterium>bacteria curriculum>curricula "
    "spectrum>spectra symposium>symposia minimum>minima memorandum>memoranda addendum>addenda "
    "aquarium>aquaria criterion>criteria phenomenon>phenomena polyhedron>polyhedra alumna>alumnae "
    "vertebra>vertebrae nebula>nebulae larva>larvae alumnus>alumni cactus>cacti focus>foci locus>loci "
    "nucleus>nuclei radius>radii syllabus>syllabi corpus>corpora genus>genera matrix>matrices "
    "vertex>vertices vortex>vortices index>indices codex>codices apex>apices appendix>appendices "
    "helix>helices axis>axes testis>testes sis>ses leaf>leaves loaf>loaves half>halves calf>calves "
    "wolf>wolves thief>thieves elf>elves scarf>scarves knife>knives life>lives wife>wives "
    "bureau>bureaus eau>eaux "
    "cargo>cargoes domino>dominoes hero>heroes zero>zeroes echo>echoes tomato>tomatoes potato>potatoes "
    "torpedo>torpedoes tornado>tornadoes embargo>embargoes buffalo>buffaloes ay>ays ey>eys oy>oys "
    "uy>uys quy>quies y>ies alias>aliases ss>sses us>uses x>xes z>zes ch>ches sh>shes"
)
_ENDINGS: Final = tuple((one, many) for one, _, many in (pair.partition(">") for pair in _PAIRS.split()))
"""Endings of English nouns with those of their plurals, the first that fits counts; Hugo's but for its slips
(`memoes`, `octupuses`, `romen`)."""


def title_case(text: str, style: TitleCaseStyle = "ap") -> str:
    """Each word with a capital, as the style has it; AP style, Hugo's default, leaves small words inside."""
    if style == "none":
        return text
    if style == "firstupper":
        return text[:1].upper() + text[1:]
    if style == "go":
        return _FIRST_LETTER.sub(lambda letter: letter[0].upper(), text)
    small_words = _SMALL_WORDS[style]
    words = list(_WORD.finditer(text))
    parts: list[str] = []
    end = 0
    for place, word in enumerate(words):
        parts.append(text[end : word.start()])
        is_inside = (
            0 < place < len(words) - 1
            and _BEGINS_ANEW.search(text, words[place - 1].start(), word.start()) is None
            and text[word.end() : word.end() + 1] not in ("?", "!")
        )
        small = word[0].lower() in small_words and is_inside
        parts.append(word[0].lower() if small else word[0][0].upper() + word[0][1:])
        end = word.end()
    return "".join([*parts, text[end:]])


def pluralize(name: str) -> str:
    """The plural of an English noun, by its ending; plurals, and names that end in a digit or sign, stay."""
    lower = name.lower()
    if lower == "ox":
        return f"{name}en"
    if not lower or not lower[-1].isalpha() or lower.endswith(_UNCHANGED):
        return name
    for singular, plural in _ENDINGS:
        if lower.endswith(singular):
            # what both have in common stays as it is spelt
            same = next(
                (n for n, (a, b) in enumerate(zip(singular, plural, strict=False)) if a != b), len(singular)
            )
            return name[: len(name) - len(singular) + same] + plural[same:]
    return name if lower.endswith("s") else f"{name}s"
