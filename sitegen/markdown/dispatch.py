"""Rules by the character that they begin with: a parser asks only those that can act where it stands.

markdown-it asks each of its rules at each place, and nearly all say no by a look at the first character. Here that
character finds the few that may say yes, in their order. A rule that is not named in a table is asked everywhere, so
a new version of the library changes nothing but the time. Measured on a post of 940 words: 0.4 of 3.0 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from sitegen.values import dataclass

Rule = TypeVar("Rule")

_BLOCKS: Final = {
    "block_attributes": "{",
    "blockquote": ">",
    "description": ":",
    "fence": "`~",
    "fenced_div": ":",
    "footnote_definition": "[",
    "heading": "#",
    "hr": "*-_",
    "html_block": "<",
    "list": "*+-0123456789",
    "math_block": "$\\",
    "myst_colons": ":",
    "myst_line": "+%(",
    "reference": "[",
}
"""What the first line of a block begins with, behind its indent."""
_CHAINS: Final = ("", "paragraph", "reference", "blockquote", "list", "table")
"""All rules of blocks, and those that end what the name says."""
_INLINE: Final = {
    "autolink": "<",
    "backticks": "`",
    "bracketed_citation": "[",
    "bracketed_reference": "[",
    "citation": "@",
    "closing_bracket": "]",
    "emoji": ":",
    "emphasis": "*_",
    "entity": "&",
    "escape": "\\",
    "footnote_reference": "[!",
    "html_inline": "<",
    "image": "!",
    "inline_note": "^",
    "link": "[",
    "math_backslash": "\\",
    "math_dollar": "$",
    "math_doubled": "\\",
    "newline": "\n",
    "open_bracket": "[",
    "pairs": "~+=^",
    "plain_code": "`",
    "plain_link": "[",
    "plain_backslash": "\\",
    "reference": "@",
    "typography": "'\"-.<>",
}


PARAGRAPHS: Final = frozenset({"code", "lheading", "paragraph", "table_below_text", "too_deep"})
"""Rules that make of a line that stands alone, and is not indented as code is, a paragraph and nothing else."""


class Table(dict[str, tuple[Rule, ...]], Generic[Rule]):
    """The rules that may act at a character; the empty text stands for the end."""

    def __init__(
        self, rules: Sequence[tuple[str, Rule]], begins: Mapping[str, str], not_at: Mapping[str, str]
    ):
        super().__init__()
        self._rules = rules
        self._begins = begins
        self._not_at = not_at

    def __missing__(self, character: str) -> tuple[Rule, ...]:
        chosen = tuple(rule for name, rule in self._rules if self._may_act(name, character))
        if len(self) < _MOST_KEPT:
            self[character] = chosen
        return chosen

    def names(self, character: str) -> frozenset[str]:
        """Of the rules that may act at a character."""
        return frozenset(name for name, _ in self._rules if self._may_act(name, character))

    def _may_act(self, name: str, character: str) -> bool:
        # Behind an odd space, which some rules pass over and the parser does not, each is asked.
        if character.isspace() and character not in " \t\n":
            return True
        begins = name not in self._begins or character in self._begins[name]
        return begins and character not in self._not_at.get(name, "")


class PlainStarts(dict[str, bool]):
    """Of a character whether no rule but those of paragraphs may act on a block that begins with it."""

    def __init__(self, rules: Table[RuleFuncBlockType]) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, character: str) -> bool:
        is_plain = character != "" and self._rules.names(character) <= PARAGRAPHS
        if len(self) < _MOST_KEPT:
            self[character] = is_plain
        return is_plain


_MOST_KEPT: Final = 512
"""Characters that a table remembers: a text in Chinese has thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineRules:
    """The rules of a parser for text."""

    table: Table[RuleFuncInlineType]
    ruler: Ruler[RuleFuncInlineType]
    """With one rule, that asks those of the table."""


class _Fixed(Ruler[Rule]):
    """A ruler whose rules are chosen for good."""

    def __init__(self, chains: Mapping[str, list[Rule]], names: Sequence[str]) -> None:
        super().__init__()
        self._chains = chains
        self._names = names

    def getRules(self, chainName: str = "") -> list[Rule]:  # noqa: N802, N803 - the library's names
        """The rule that asks those of the chain."""
        return self._chains.get(chainName, [])

    def get_active_rules(self) -> list[str]:
        """The names of all rules."""
        return list(self._names)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRules:
    """The rules of a parser for blocks."""

    ruler: Ruler[RuleFuncBlockType]
    """With one rule a chain, that asks those of a table."""
    plain_starts: PlainStarts


def block_rules(md: MarkdownIt) -> BlockRules:
    """The parser's rules for blocks by a line's first character; none can be added any more."""
    ruler = md.block.ruler
    names = {id(rule): name for rule, name in zip(ruler.getRules(""), ruler.get_active_rules(), strict=True)}
    tables = {
        chain: Table([(names[id(rule)], rule) for rule in rules], _BLOCKS, {})
        for chain in _CHAINS
        if (rules := ruler.getRules(chain))
    }
    chains = {chain: [_of_line(table)] for chain, table in tables.items()}
    return BlockRules(ruler=_Fixed(chains, ruler.get_active_rules()), plain_starts=PlainStarts(tables[""]))


def inline_rules(md: MarkdownIt, begins: Mapping[str, str], not_at: Mapping[str, str]) -> InlineRules:
    """The parser's rules for text by the character that they begin with; none can be added any more.

    Args:
        md: the parser.
        begins: by name, what rules begin with that a setting decides about.
        not_at: by name, where rules never act that may act everywhere else.
    """
    names, rules = md.inline.ruler.get_active_rules(), md.inline.ruler.getRules("")
    table = Table(list(zip(names, rules, strict=True)), {**_INLINE, **begins}, not_at)
    return InlineRules(table=table, ruler=_Fixed({"": [_of_character(table)]}, names))


def _of_line(rules: Table[RuleFuncBlockType]) -> RuleFuncBlockType:
    def first_that_acts(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = state.bMarks[start] + state.tShift[start]
        for rule in rules[state.src[first : first + 1]]:  # noqa: SIM110 - `any` costs three times as much
            if rule(state, start, end, silent):
                return True
        return False

    return first_that_acts


def _of_character(rules: Table[RuleFuncInlineType]) -> RuleFuncInlineType:
    def first_that_acts(state: StateInline, silent: bool) -> bool:
        for rule in rules[state.src[state.pos]]:  # noqa: SIM110 - as above
            if rule(state, silent):
                return True
        return False

    return first_that_acts
