"""The Markdown dialect: which rules there are, in which order; one parser for all pages with the same settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import mdurl
from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_core import StateCore, normalize, text_join
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.token import Token

from sitegen.config import Config
from sitegen.config.values import Markup
from sitegen.content.permalinks import leaves_site
from sitegen.markdown import citations, emoji, inline_notes, linkify, references, typography
from sitegen.markdown.block_parser import BlockParser
from sitegen.markdown.blocks import blocks_plugin
from sitegen.markdown.breaks import LINE_ENDS, breaks_plugin
from sitegen.markdown.definition_lists import definition_lists_plugin
from sitegen.markdown.dispatch import block_rules, inline_rules
from sitegen.markdown.equations import equations_plugin
from sitegen.markdown.extras import extras_plugin
from sitegen.markdown.footnotes import footnotes_plugin
from sitegen.markdown.html_blocks import html_blocks_plugin
from sitegen.markdown.inline_parser import SPECIALS, InlineParser, emphasis, plain_code, plain_link
from sitegen.markdown.myst import MYST, myst_plugin
from sitegen.markdown.numbered import numbered_plugin
from sitegen.markdown.omitted_html import omitted_html_plugin
from sitegen.markdown.paragraphs import paragraphs_plugin
from sitegen.markdown.tables import tables_plugin
from sitegen.markdown.task_lists import task_lists_plugin

CITATIONS: Final = "citations"
INLINE_NOTES: Final = "inline notes"
"""Rules that only some pages have, so that they cost the others nothing."""
_DEFAULT: Final = Markup()
_DEEPEST: Final = 100
"""Levels of tokens in each other; a list has two. Each takes a few frames of Python's stack, of a thousand."""
_SCRIPT: Final = re.compile(r"\s*(?:javascript|vbscript):", re.IGNORECASE)
"""A target that is no address."""
_PLAIN_URL: Final = re.compile(r"[A-Za-z0-9;/?:@&=+$,\-_.!~*'()#]*")
"""Nothing of it is to be encoded."""
_SIGNS: Final = ("\n", "!", "&", r"\*", "<", r"\[", r"\\", r"\]", "_", "`")
"""Where text stops for a rule of CommonMark."""
_IS_CHARACTER: Final = re.compile(r".|\\[^a-zA-Z0-9]", re.DOTALL)
"""A pattern for one character and nothing else."""


@lru_cache(maxsize=8)
def parser(
    markup: Markup = _DEFAULT, *, has_emoji: bool = False, added: frozenset[str] = frozenset()
) -> MarkdownIt:
    """CommonMark and what the settings add to it.

    It is used for every page of the process with these settings, and never changed.
    """
    md, stops = with_rules(markup, has_emoji=has_emoji, added=added)
    _shorten(md, markup, stops)
    return md


def with_rules(
    markup: Markup, *, has_emoji: bool = False, added: frozenset[str] = frozenset()
) -> tuple[MarkdownIt, Sequence[str]]:
    """The library's parser with all rules of the dialect, and patterns of the places in a text where one may act.

    It makes the same tokens as `parser` in twice the time.

    Args:
        markup: the site's settings.
        has_emoji: `:smile:` is one.
        added: rules that only some pages have: `CITATIONS`, `INLINE_NOTES`.
    """
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST})
    _add_blocks(md, markup)
    stops = _add_inline(md, markup, has_emoji=has_emoji, added=added)
    _text_rule(md, stops, has_addresses=markup.linkify)
    md.inline.ruler.at("link", _closed(link))
    md.inline.ruler.at("image", _closed(image))
    # Targets inside the site stay as written, for the holes that are filled with the page's URL.
    md.normalizeLink = lambda url: percent_encoded(url) if is_external(url) else url  # type: ignore[method-assign]
    md.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    md.validateLink = lambda url: _SCRIPT.match(url) is None  # type: ignore[method-assign]
    return md, stops


def _add_blocks(md: MarkdownIt, markup: Markup) -> None:
    """Rules for blocks; some of them bring rules for the text in them."""
    md.use(paragraphs_plugin)
    md.use(html_blocks_plugin)
    if markup.footnotes:
        md.use(footnotes_plugin)
    if markup.definition_lists:
        md.use(definition_lists_plugin)
    if markup.tables:
        md.use(tables_plugin)
    if markup.math:
        md.use(equations_plugin, markup.math_delimiters)
    md.use(references.references_plugin)
    md.use(numbered_plugin)
    md.use(blocks_plugin, markup)
    md.use(myst_plugin)
    if markup.task_lists:
        md.use(task_lists_plugin)
    breaks_plugin(md, hard_wraps=markup.hard_wraps, east_asian=markup.east_asian_line_breaks)
    if not markup.unsafe:
        md.use(omitted_html_plugin)


def _add_inline(md: MarkdownIt, markup: Markup, *, has_emoji: bool, added: frozenset[str]) -> list[str]:
    """Rules for text; gives patterns of the places where one may act."""
    stops = [*_SIGNS, *references.STOPS]
    if CITATIONS in added:
        stops += citations.STOPS
        md.use(citations.citations_plugin)
    if INLINE_NOTES in added and markup.footnotes:
        stops += inline_notes.STOPS
        md.use(inline_notes.inline_notes_plugin)
    stops += (re.escape(opening) for opening, _, _ in markup.math_delimiters if opening)
    stops += extras_plugin(md, markup.extras, strikethrough=markup.strikethrough)
    if markup.math:
        stops.append(r"\$")
    if has_emoji:
        stops += emoji.STOPS
        emoji.emoji_plugin(md)
    if markup.linkify:
        linkify.linkify_plugin(md, markup.linkify_protocol)
    if markup.typographer:
        stops += typography.STOPS
        typography.typography_plugin(md, markup.typographer_signs)
    return stops


def _shorten(md: MarkdownIt, markup: Markup, stops: Sequence[str]) -> None:
    """The parser made faster: rules are asked by first characters, by loops of ours."""
    search = re.compile("|".join(stops)).search
    md.core.ruler.at("normalize", _normalize)
    md.core.ruler.at("text_join", _join)
    md.inline.ruler.before("link", "plain_link", plain_link(search))
    md.inline.ruler.before("backticks", "plain_code", plain_code)
    md.inline.ruler.at("emphasis", emphasis(search))
    md.block = BlockParser(block_rules(md))
    rules = inline_rules(
        md,
        begins={
            "address": linkify.BEGINS,
            "math_delimited": "".join(opening[:1] for opening, _, _ in markup.math_delimiters),
        },
        not_at={"text": "".join(stop[-1] for stop in stops if _IS_CHARACTER.fullmatch(stop))},
    )
    md.inline = parser = InlineParser(md.inline, rules, search, has_addresses=markup.linkify)
    md.core.ruler.at("inline", parser.read)


def _text_rule(md: MarkdownIt, stops: Sequence[str], *, has_addresses: bool) -> None:
    """Text up to the next place where a rule may act; fewer places than the library's own rule stops at.

    Args:
        md: the parser.
        stops: patterns that begin with a plain character each, which makes the search three times as fast.
        has_addresses: text stops where an address may begin, too.
    """
    search = re.compile("|".join(stops)).search
    search_addresses = re.compile("|".join([*stops, *linkify.STOPS])).search if has_addresses else search

    def text(state: StateInline, silent: bool) -> bool:
        position = state.pos
        may_hold_addresses = has_addresses and linkify.may_hold_addresses(state)
        match = (search_addresses if may_hold_addresses else search)(state.src, position, state.posMax)
        end = match.start() if match is not None else state.posMax
        if end > position and may_hold_addresses:
            end = min(end, linkify.next_mail_address(state))
        if end == position:
            return False
        if not silent:
            state.append_pending(state.src[position:end])
        state.pos = end
        return True

    md.inline.ruler.at("text", text)
    md.inline.ruler.before("escape", "plain_backslash", _plain_backslash)


def _normalize(state: StateCore) -> None:
    """The library's rule, where it has anything to do: a body has been made `printable` before."""
    if "\r" in state.src or "\0" in state.src:
        normalize(state)


def _join(state: StateCore) -> None:
    """The library's rule, where the parser has not joined all texts: behind signs with a backslash, and rules of ours."""
    if SPECIALS in state.env or LINE_ENDS in state.env or MYST in state.env:
        text_join(state)


def _closed(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """The rule of links or of images, asked only where a `]` follows: without one it reads to the block's end."""

    def closed(state: StateInline, silent: bool) -> bool:
        last: int | None = vars(state).get("last_closing_bracket")
        if last is None:
            last = vars(state)["last_closing_bracket"] = state.src.rfind("]")
        return state.pos < last and rule(state, silent)

    return closed


def _plain_backslash(state: StateInline, silent: bool) -> bool:
    """A backslash before a blank, which the library takes together, so that two blanks made no hard break."""
    if not state.src.startswith(("\\ ", "\\\t"), state.pos):
        return False
    if not silent:
        state.append_pending("\\")
    state.pos += 1
    return True


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """A parser of its own that finds blocks only; the shared one is never changed."""
    md, stops = with_rules(_DEFAULT)
    _shorten(md, _DEFAULT, stops)
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


def tokenize(text: str, *switches: str, config: Config | None = None, cites: bool = False) -> list[Token]:
    """All tokens of a text, with their inline children.

    Args:
        text: Markdown.
        switches: `myst.MYST` and `equations.LENIENT`, where they hold for the text.
        config: whose settings hold; the defaults without.
        cites: the page has a bibliography.
    """
    added = frozenset(name for name, is_on in ((CITATIONS, cites), (INLINE_NOTES, "^[" in text)) if is_on)
    markup = _DEFAULT if config is None else config.markup
    has_emoji = config is not None and config.enable_emoji
    return parser(markup, has_emoji=has_emoji, added=added).parse(text, dict.fromkeys(switches, True))


def fences(text: str) -> list[Token]:
    """Only the fences of a text: what the block rules find, inline content left alone."""
    return [token for token in _block_parser().parse(text, {}) if token.type == "fence"]


def percent_encoded(url: str) -> str:
    """A target as it may stand in HTML: as written, names of hosts too, but for characters that no URL has."""
    return url if _PLAIN_URL.fullmatch(url) else mdurl.encode(url)


def is_external(url: str) -> bool:
    """Whether a link's target has a scheme, a host, or is a place on the same page."""
    return not url or url[0] in "#?" or leaves_site(url)
