"""The tags of shortcodes as Hugo lexes them: arguments, closing and self-closing, escapes; what is wrong is said, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sitegen.frozen import FrozenDict

_START: Final = re.compile(r"\{\{[<%]")
_SPACE: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"\w[\w/-]*")
_RAW: Final = re.compile(r"`([^`]*)`")
_QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\"|\\(?!"))*)"')
_ESCAPED_QUOTES: Final = re.compile(r'\\"((?:[^"\\\n]|\\(?!"))*)\\?"')
_KEY: Final = re.compile(r"([\w-]+)=\s*")
_BARE: Final = re.compile(r"[\w.-]+")
_BARE_CELL: Final = re.compile(r"[\w./~-]*[\w.~-](?:#[\w.,:-]+)?")
"""Quarto's `notebooks/ppo.ipynb#train`."""
_WORD: Final = re.compile(r"\S+")
_INTEGER: Final = re.compile(r"[-+]?\d+")
_FLOAT: Final = re.compile(r"[-+]?\d*\.\d+")

_EMBEDS: Final = frozenset({"embed", "notebook"})
"""Ours and Quarto's: the notebook stands first, options have names."""
_MIXED_HINT: Final = "name all arguments or none: `name=value`"
_ESCAPE_HINT: Final = "write a name, or to show it as it is, `{{</* ... */>}}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One `{{< ... >}}`."""

    start: int
    end: int
    name: str
    is_closing: bool
    is_self_closing: bool
    is_markdown: bool
    positional: tuple[object, ...]
    named: FrozenDict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is between tags, and escaped tags without their comment marks."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """What begins like a tag and is none."""

    start: int
    end: int
    at: int
    """Where it is wrong."""
    message: str
    hint: str


class _TagSyntaxError(Exception):
    """Inside this module only: what is wrong, at which offset, and what to do."""

    def __init__(self, message: str, at: int, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


def lex(text: str, protected: Sequence[tuple[int, int]]) -> Iterator[Text | Tag | Bad]:
    """Text and tags in order; text is never empty."""
    # An escape that never ends is then known as one without a search through the rest of the page.
    last_escape = {delimiter: text.rfind("*/" + delimiter) for delimiter in (">}}", "%}}")}
    position = done = 0
    ranges = iter(protected)
    current = next(ranges, None)
    while (match := _START.search(text, position)) is not None:
        start = match.start()
        while current is not None and current[1] <= start:
            current = next(ranges, None)
        if current is not None and current[0] <= start:
            position = current[1]
            continue
        if start > done:
            yield Text(start=done, end=start, text=text[done:start])
        item = _lex_tag(text, start, last_escape)
        yield item
        position = done = item.end
    if done < len(text):
        yield Text(start=done, end=len(text), text=text[done:])


def _lex_tag(text: str, start: int, last_escape: Mapping[str, int]) -> Text | Tag | Bad:
    """The tag, or the escaped tag `{{</* x */>}}`, that begins at `start`."""
    delimiter = ">}}" if text[start + 2] == "<" else "%}}"
    try:
        if text.startswith("/*", start + 3):
            end = text.find("*/" + delimiter, start + 5) if last_escape[delimiter] > start else -1
            if end < 0:
                hint = f"close it with `*/{delimiter}`"
                raise _TagSyntaxError("the comment of an escaped shortcode is never closed", start, hint)
            literal = text[start : start + 3] + text[start + 5 : end] + delimiter
            return Text(start=start, end=end + 2 + len(delimiter), text=literal)
        return _TagLexer(text, start, delimiter).lex()
    except _TagSyntaxError as problem:
        return Bad(
            start=start,
            end=_end_of_bad(text, start, delimiter),
            at=problem.at,
            message=problem.message,
            hint=problem.hint,
        )


def _end_of_bad(text: str, start: int, delimiter: str) -> int:
    """Where to go on after a wrong tag: behind its delimiter, else at the end of its line."""
    following = _START.search(text, start + 3)
    limit = following.start() if following else len(text)
    end = text.find(delimiter, start, limit)
    if end >= 0:
        return end + len(delimiter)
    newline = text.find("\n", start, limit)
    return newline if newline >= 0 else limit


class _TagLexer:
    """Reads one tag from its opening delimiter to its closing one."""

    def __init__(self, text: str, start: int, delimiter: str) -> None:
        self._text = text
        self._start = start
        self._delimiter = delimiter
        self._position = start + 3
        self._name_of_call = ""
        self._positional: list[object] = []
        self._named: dict[str, object] = {}

    def lex(self) -> Tag:
        """The tag.

        Raises:
            _TagSyntaxError: it is not one.
        """
        self._skip_space()
        is_closing = self._take("/")
        self._skip_space()
        name = self._name()
        is_self_closing = False
        if name.endswith("/"):
            name, is_self_closing = name.rstrip("/"), True
        self._name_of_call = name
        while not self._at_end():
            if self._take("/"):
                self._skip_space()
                if not self._text.startswith(self._delimiter, self._position):
                    message = "`/` inside a shortcode must be its last character"
                    raise _TagSyntaxError(message, self._position - 1, "put a value with `/` in quotes")
                is_self_closing = True
            elif is_closing:
                message = f"closing tag of shortcode `{name}` has arguments"
                raise _TagSyntaxError(message, self._position, "move them to the opening tag")
            else:
                self._argument()
        return Tag(
            start=self._start,
            end=self._position + len(self._delimiter),
            name=name,
            is_closing=is_closing,
            is_self_closing=is_self_closing,
            is_markdown=self._delimiter[0] == "%",
            positional=tuple(self._positional),
            named=FrozenDict(self._named),
        )

    def _name(self) -> str:
        match = _NAME.match(self._text, self._position)
        if match is None:
            raise _TagSyntaxError("a shortcode without a name", self._start, _ESCAPE_HINT)
        self._position = match.end()
        if self._text.startswith(".", self._position):
            if self._text.startswith(".inline", self._position):
                hint = "put what it holds into `templates/shortcodes/NAME.html`"
                raise _TagSyntaxError("inline shortcodes are not supported", self._start, hint)
            hint = "name it with letters, digits, `-`, `_` and `/`"
            raise _TagSyntaxError("a period in the name of a shortcode", self._position, hint)
        return match[0]

    def _at_end(self) -> bool:
        self._skip_space()
        if self._position >= len(self._text):
            hint = f"end it with `{self._delimiter}`"
            raise _TagSyntaxError("a shortcode that does not end", self._start, hint)
        return self._text.startswith(self._delimiter, self._position)

    def _argument(self) -> None:
        at = self._position
        key = _KEY.match(self._text, at)
        if key is not None:
            if self._positional and self._name_of_call not in _EMBEDS:
                raise _TagSyntaxError(f"named argument `{key[1]}` after positional ones", at, _MIXED_HINT)
            self._position = key.end()
            self._named[key[1]] = self._value()
            return
        value: object = self._quoted()
        if value is None:
            pattern = _BARE_CELL if self._name_of_call in _EMBEDS else _BARE
            bare = pattern.match(self._text, at)
            if bare is None:
                shown = self._text[at]
                message = f"`{shown}` in a shortcode's arguments must be quoted"
                raise _TagSyntaxError(message, at, "put the argument in quotes")
            self._position = bare.end()
            value = _typed(bare[0])
        if self._named:
            raise _TagSyntaxError("positional argument after named ones", at, _MIXED_HINT)
        self._positional.append(value)

    def _value(self) -> object:
        """What follows `name=`: quoted, or bare up to white space or the end of the tag."""
        value = self._quoted()
        if value is not None:
            return value
        word = _WORD.match(self._text, self._position)
        end = word.end() if word else self._position
        closing = self._text.find(self._delimiter, self._position, end)
        end = closing if closing >= 0 else end
        bare = self._text[self._position : end]
        self._position = end
        return _typed(bare)

    def _quoted(self) -> str | None:
        at = self._position
        first = self._text[at : at + 1]
        pattern = {'"': _QUOTED, "`": _RAW, "\\": _ESCAPED_QUOTES}.get(first)
        if pattern is None:
            return None
        match = pattern.match(self._text, at)
        if match is None:
            kind = "raw string" if first == "`" else "quoted string"
            hint = "close it with a backtick" if first == "`" else "close the quote on its line"
            raise _TagSyntaxError(f"a {kind} in a shortcode's arguments does not end", at, hint)
        self._position = match.end()
        return match[1].replace('\\"', '"') if first == '"' else match[1]

    def _take(self, character: str) -> bool:
        if self._text.startswith(character, self._position):
            self._position += len(character)
            return True
        return False

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position


def _typed(bare: str) -> object:
    """An unquoted argument as Hugo types it."""
    if bare in {"true", "false"}:
        return bare == "true"
    if _INTEGER.fullmatch(bare):
        return int(bare) if len(bare) < 20 else bare
    return float(bare) if _FLOAT.fullmatch(bare) else bare
