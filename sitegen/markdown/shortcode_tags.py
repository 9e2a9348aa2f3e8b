"""The tags of shortcodes as Hugo lexes them: arguments, closing and self-closing, escapes; what is wrong is said, with its place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from sitegen.errors import Severity
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

_START: Final = re.compile(r"\{\{[<%]")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NAME: Final = re.compile(r"\w[\w/-]*")
_INLINE: Final = re.compile(r"\.inline(?=\s|/?[>%]\}\})")
_INLINE_CLOSING: Final = re.compile(r"\{\{[<%][ \t\r\n]*/[ \t\r\n]*(\w[\w/-]*\.inline)[ \t\r\n]*[>%]\}\}")
_RAW: Final = re.compile(r"`([^`]*)`")
_QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\"|\\(?!"))*)"')
_ESCAPED_QUOTES: Final = re.compile(r'\\"((?:[^"\\\n]|\\(?!"))*)\\?"')
_EQUALS: Final = re.compile(r"[ \t\r\n]*=[ \t\r\n]*")
_BARE: Final = re.compile(r"[\w-][\w.-]*")
_BARE_CELL: Final = re.compile(r"[\w./~-]*[\w.~-](?:#[\w.,:-]+)?")
"""Quarto's `notebooks/ppo.ipynb#train`."""
_VALUE: Final = re.compile(r"(?:[^ \t\r\n{]|\{(?!\{[<%]))*")
"""Up to white space, as Hugo; never into the next tag, so that a page of broken ones is read once."""
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?[0-9]*\.[0-9]+")
_LARGEST_INTEGER: Final = 2**63

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
    severity: Severity = "error"


class _TagSyntaxError(Exception):
    """Inside this module only: what is wrong, at which offset, and what to do."""

    def __init__(self, message: str, at: int, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.read_to = at
        """How far the tag was read."""


def lex(text: str, protected: Sequence[tuple[int, int]]) -> Iterator[Text | Tag | Bad]:
    """Text and tags in order; text is never empty."""
    ends = _Ends(text)
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
        item = _lex_tag(text, start, ends)
        yield item
        position = done = item.end
    if done < len(text):
        yield Text(start=done, end=len(text), text=text[done:])


class _Ends:
    """Where what is open ends, looked up without a search through the rest of the page each time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last_escape = {delimiter: text.rfind("*/" + delimiter) for delimiter in (">}}", "%}}")}
        self._inline: dict[str, list[tuple[int, int]]] | None = None

    def of_escape(self, start: int, delimiter: str) -> int:
        """Where the comment of the escaped tag at `start` ends; -1 where it does not."""
        end = "*/" + delimiter
        return self._text.find(end, start + 5) if self._last_escape[delimiter] > start else -1

    def of_inline(self, name: str, position: int) -> int:
        """The end of the closing tag of an inline shortcode that begins after `position`; else `position`."""
        if self._inline is None:
            self._inline = {}
            for match in _INLINE_CLOSING.finditer(self._text):
                self._inline.setdefault(match[1], []).append(match.span())
        spans = self._inline.get(name, [])
        index = bisect_left(spans, (position, 0))
        return spans[index][1] if index < len(spans) else position


def _lex_tag(text: str, start: int, ends: _Ends) -> Text | Tag | Bad:
    """The tag, or the escaped tag `{{</* x */>}}`, that begins at `start`."""
    delimiter = ">}}" if text[start + 2] == "<" else "%}}"
    try:
        if text.startswith("/*", start + 3):
            end = ends.of_escape(start, delimiter)
            if end < 0:
                hint = f"close it with `*/{delimiter}`"
                raise _TagSyntaxError("the comment of an escaped shortcode is never closed", start, hint)
            literal = text[start : start + 3] + text[start + 5 : end] + delimiter
            return Text(start=start, end=end + 2 + len(delimiter), text=literal)
        return _TagLexer(text, start, delimiter, ends).lex()
    except _TagSyntaxError as problem:
        return Bad(
            start=start,
            end=_end_of_bad(text, start, delimiter, problem.read_to),
            at=problem.at,
            message=problem.message,
            hint=problem.hint,
        )


def _end_of_bad(text: str, start: int, delimiter: str, read_to: int) -> int:
    """Where to go on after a wrong tag: behind its delimiter, else at the end of its line.

    What begins a tag in its strings is not read again: else a page of them would be read as often as it has tags.
    """
    following = _START.search(text, start + 3)
    if following is not None and following.start() < read_to:
        start = read_to
        following = _START.search(text, start)
    limit = following.start() if following else len(text)
    end = text.find(delimiter, start, limit)
    if end >= 0:
        return end + len(delimiter)
    newline = text.find("\n", start, limit)
    return newline if newline >= 0 else limit


class _TagLexer:
    """Reads one tag from its opening delimiter to its closing one."""

    def __init__(self, text: str, start: int, delimiter: str, ends: _Ends) -> None:
        self._text = text
        self._ends = ends
        self._start = start
        self._delimiter = delimiter
        self._position = start + 3
        self._name_of_call = ""
        self._positional: list[object] = []
        self._named: dict[str, object] = {}

    def lex(self) -> Tag | Bad:
        """The tag; `Bad` for an inline shortcode, which is left out.

        Raises:
            _TagSyntaxError: it is not one.
        """
        try:
            return self._tag()
        except _TagSyntaxError as problem:
            problem.read_to = max(problem.at, self._position)
            raise

    def _tag(self) -> Tag | Bad:
        self._skip_space()
        is_closing = self._take("/")
        self._skip_space()
        name = self._name()
        if (inline := _INLINE.match(self._text, self._position)) is not None:
            self._position = inline.end()
            return self._without_inline(f"{name}.inline")
        if self._text.startswith(".", self._position):
            hint = "name it with letters, digits, `-`, `_` and `/`"
            raise _TagSyntaxError("a period in the name of a shortcode", self._position, hint)
        self._name_of_call = name
        is_self_closing = self._rest(is_closing=is_closing)
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

    def _rest(self, *, is_closing: bool) -> bool:
        """Read what follows the name, up to the delimiter; whether the tag closes itself."""
        is_self_closing = False
        while not self._at_end():
            if self._take("/"):
                self._skip_space()
                if not self._text.startswith(("/", self._delimiter), self._position):
                    message = "`/` inside a shortcode must be its last character"
                    raise _TagSyntaxError(message, self._position - 1, "put a value with `/` in quotes")
                is_self_closing = True
            elif is_closing:
                message = f"closing tag of shortcode `{self._name_of_call}` has arguments"
                raise _TagSyntaxError(message, self._position, "move them to the opening tag")
            else:
                self._argument()
        return is_self_closing

    def _name(self) -> str:
        match = _NAME.match(self._text, self._position)
        if match is None:
            raise _TagSyntaxError("a shortcode without a name", self._start, _ESCAPE_HINT)
        self._position = match.end()
        return match[0]

    def _without_inline(self, name: str) -> Bad:
        """An inline shortcode up to its closing tag: as in Hugo, where they are off by default, nothing of it is shown."""
        limit = self._text.find("\n", self._position)
        here = self._text.find(self._delimiter, self._position, limit if limit >= 0 else len(self._text))
        end = here + len(self._delimiter) if here >= 0 else self._position
        if here >= 0 and self._text[here - 1] != "/":
            end = self._ends.of_inline(name, end)
        return Bad(
            start=self._start,
            end=end,
            at=self._start,
            message=f"inline shortcodes are not run: `{name}` is left out",
            hint="put what it holds into `templates/shortcodes/NAME.html`",
            severity="warning",
        )

    def _at_end(self) -> bool:
        self._skip_space()
        if self._position >= len(self._text):
            hint = f"end it with `{self._delimiter}`"
            raise _TagSyntaxError("a shortcode that does not end", self._start, hint)
        return self._text.startswith(self._delimiter, self._position)

    def _argument(self) -> None:
        """An argument: a value, or a key (bare or quoted) with `=` and its value."""
        at = self._position
        if self._text[at] == "=":  # a value without a key, which nobody can read: Hugo drops it too
            self._take_equals()
            self._value()
            return
        if self._text[at] == "\\" and not self._text.startswith('\\"', at):
            self._position += 1
            return
        value: object = self._quoted()
        if value is None:
            value = self._bare()
        if self._take_equals():
            if self._positional and self._name_of_call not in _EMBEDS:
                raise _TagSyntaxError(f"named argument `{value}` after positional ones", at, _MIXED_HINT)
            self._named[str(value)] = self._value()
            return
        if self._named:
            raise _TagSyntaxError("positional argument after named ones", at, _MIXED_HINT)
        self._positional.append(value if self._text[at] in '"`\\' else _typed(str(value)))

    def _bare(self) -> str:
        at = self._position
        pattern = _BARE_CELL if self._name_of_call in _EMBEDS else _BARE
        bare = pattern.match(self._text, at)
        if bare is None:
            message = f"`{self._text[at]}` in a shortcode's arguments must be quoted"
            raise _TagSyntaxError(message, at, "put the argument in quotes")
        self._position = bare.end()
        return bare[0]

    def _value(self) -> object:
        """What follows `name=`: quoted, or bare up to white space."""
        value = self._quoted()
        if value is not None:
            return value
        at = self._position
        match = _VALUE.match(self._text, at)
        self._position = match.end() if match else at
        bare = self._text[at : self._position]
        if self._delimiter in bare and not self._text.startswith(self._delimiter, self._after_space()):
            message = f"`{self._delimiter}` stands in the value of an argument"
            raise _TagSyntaxError(
                message, at, f"put a space before `{self._delimiter}`, or the value in quotes"
            )
        return _typed(bare)

    def _quoted(self) -> str | None:
        at = self._position
        first = self._text[at : at + 1]
        pattern = {'"': _QUOTED, "`": _RAW, "\\": _ESCAPED_QUOTES}.get(first)
        if pattern is None:
            return None
        match = pattern.match(self._text, at)
        if match is None:
            if first == "\\" and not self._text.startswith('\\"', at):
                return None
            kind = "raw string" if first == "`" else "quoted string"
            hint = "close it with a backtick" if first == "`" else "close the quote on its line"
            raise _TagSyntaxError(f"a {kind} in a shortcode's arguments does not end", at, hint)
        self._position = match.end()
        # As Hugo: where a quote is escaped, no backslash of the text is left.
        return match[1].replace("\\", "") if first == '"' and '\\"' in match[1] else match[1]

    def _take(self, character: str) -> bool:
        if self._text.startswith(character, self._position):
            self._position += len(character)
            return True
        return False

    def _take_equals(self) -> bool:
        match = _EQUALS.match(self._text, self._position)
        self._position = match.end() if match else self._position
        return match is not None

    def _after_space(self) -> int:
        match = _SPACE.match(self._text, self._position)
        return match.end() if match else self._position

    def _skip_space(self) -> None:
        self._position = self._after_space()


def _typed(bare: str) -> object:
    """An unquoted argument as Hugo types it."""
    if bare in {"true", "false"}:
        return bare == "true"
    if _INTEGER.fullmatch(bare):
        return int(bare) if len(bare) < 21 and -_LARGEST_INTEGER <= int(bare) < _LARGEST_INTEGER else bare
    return float(bare) if _FLOAT.fullmatch(bare) else bare
