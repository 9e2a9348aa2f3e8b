"""The site's own colours: whether the theme's texts can be read in them, on light pages and on dark ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from sitegen.checking.colours import Colour, as_digits, contrast, mix, read_colour
from sitegen.config import Config
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.rendering.assets import theme_folder

GROUNDS: Final = ("--bg", "--soft", "--tint")
TEXTS: Final = ("--fg", "--muted", "--accent", "--info", "--special", "--warn", "--bad")
CODE_GROUNDS: Final = ("--soft", "--mark")
INVERSE: Final = (("--bg", "--fg"), ("--bg", "--accent"))
"""The text of the skip link and of what is selected, and what it stands on."""
TEXT_AA: Final = 4.5
GRAPHICS_AA: Final = 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11, level AA."""

_MODES: Final = ("light", "dark")
_BOTH: Final = frozenset(_MODES)
_STRING: Final = re.compile(r""""[^"\n]*"|'[^'\n]*'""")
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ROOT: Final = re.compile(
    r"""(?::root|html|:where\(:root\))?(?:(:not\()?\[data-mode=["']?(light|dark)["']?\]\)?)?"""
)
_SCHEME: Final = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_MOST_NESTED: Final = 20
_STEPS: Final = 50
"""Shades on the way from a colour to each of these that are tried for the hint."""
_ENDS: Final = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A custom property as a style sheet sets it."""

    name: str
    value: str
    location: SourceLocation | None
    """None where it is the theme's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What must be told apart from what it stands on."""

    text: str
    ground: str
    least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """A pair that cannot be read, and the site's token that is to blame."""

    pair: Pair
    ratio: float
    blamed: Token


def check_contrast(config: Config) -> Iterator[Diagnostic]:
    """SG720 for each colour that the site's own style sheets set and that makes a text of the theme hard to read.

    Looked at are the custom properties of `:root` in `templates/assets/*.css`, over those of the theme; a colour that is written in a way
    that `read_colour` does not know is not judged.

    Args:
        config: of the site.
    """
    own = sorted((config.templates_dir / "assets").glob("*.css"))
    if not own:
        return
    tokens: dict[str, dict[str, Token]] = {mode: {} for mode in _MODES}
    theme = theme_folder() / "assets/site.css"
    files = own if any(file.name == theme.name for file in own) else [theme, *own]
    for file in sorted(files, key=lambda file: file.name != theme.name):
        text = file.read_text(encoding="utf-8", errors="replace")
        for mode, token in _tokens(text, None if file == theme else file, config):
            tokens[mode][token.name] = token
    for mode in _MODES:
        if any(token.location for token in tokens[mode].values()):
            yield from _of_mode(mode, tokens[mode])


def pairs_of(tokens: Mapping[str, object]) -> Iterator[Pair]:
    """Every pair that the theme's style sheets make of these tokens."""
    code = [name for name in tokens if name.startswith("--code-")]
    for text, ground in (*product(TEXTS, GROUNDS), *INVERSE, *product(code, CODE_GROUNDS)):
        yield Pair(text=text, ground=ground, least=TEXT_AA)
    for ground in GROUNDS:
        yield Pair(text="--edge", ground=ground, least=GRAPHICS_AA)


class _Palette:
    """The tokens of one mode as colours.

    Args:
        mode: `light` or `dark`.
        tokens: by name.
        instead: a colour that is tried for one of them.
    """

    def __init__(
        self, mode: str, tokens: Mapping[str, Token], instead: Mapping[str, Colour] | None = None
    ) -> None:
        self._is_dark = mode == "dark"
        self._tokens = tokens
        self._colours: dict[str, Colour | None] = dict(instead or {})
        self._depth = 0

    def colour(self, name: str) -> Colour | None:
        """None where it is not set, or not read."""
        if name not in self._colours:
            token = self._tokens.get(name)
            if token is None or self._depth > _MOST_NESTED:  # of each other
                return None
            self._depth += 1
            self._colours[name] = read_colour(token.value, is_dark=self._is_dark, look_up=self.colour)
            self._depth -= 1
        return self._colours[name]

    def ratio(self, pair: Pair) -> float | None:
        """The contrast of a pair; None where one of the two is not known."""
        text, ground = self.colour(pair.text), self.colour(pair.ground)
        return None if text is None or ground is None else contrast(text, ground)


def _of_mode(mode: str, tokens: Mapping[str, Token]) -> Iterator[Diagnostic]:
    palette = _Palette(mode, tokens)
    failures: dict[str, list[_Failure]] = {}
    for pair in pairs_of(tokens):
        ratio = palette.ratio(pair)
        if ratio is None or ratio >= pair.least:
            continue
        first, second = (
            (pair.ground, pair.text) if (pair.text, pair.ground) in INVERSE else (pair.text, pair.ground)
        )
        blamed = _own(first, tokens) or _own(second, tokens)
        if blamed is not None:
            failures.setdefault(blamed.name, []).append(_Failure(pair=pair, ratio=ratio, blamed=blamed))
    for found in failures.values():
        worst = min(found, key=lambda failure: failure.ratio / failure.pair.least)
        better = _better(mode, tokens, worst.blamed, palette, [failure.pair for failure in found])
        yield _told(mode, worst, len(found) - 1, better)


def _told(mode: str, worst: _Failure, others: int, better: str) -> Diagnostic:
    pair = worst.pair
    what = "text" if pair.least == TEXT_AA else "what is drawn"
    more = f", and {others} more {'pair' if others == 1 else 'pairs'}" if others else ""
    return Diagnostic(
        code="SG720",
        severity="warning",
        message=f"on {mode} pages `{pair.text}` on `{pair.ground}` has a contrast of {_cut(worst.ratio)}:1, "
        f"and {what} needs {pair.least:g}:1{more}",
        location=worst.blamed.location,
        hint=f"`{better}` is the nearest that can be read on {mode} pages"
        if better
        else f"choose a {'darker' if mode == 'light' else 'lighter'} text or another ground",
    )


def _cut(ratio: float) -> str:
    """To one digit, never rounded up to what is enough."""
    return f"{int(ratio * 10) / 10:.1f}"


def _own(name: str, tokens: Mapping[str, Token], depth: int = 0) -> Token | None:
    """The site's token that a colour is made of: itself, or the first that its value names."""
    token = tokens.get(name)
    if token is None or depth > _MOST_NESTED:
        return None
    if token.location is not None:
        return token
    found = (_own(used, tokens, depth + 1) for used in re.findall(r"var\(\s*(--[\w-]+)", token.value))
    return next((each for each in found if each is not None), None)


def _better(
    mode: str, tokens: Mapping[str, Token], blamed: Token, palette: _Palette, failed: list[Pair]
) -> str:
    """The shade of a token that is nearest to it and makes none of its pairs hard to read; empty where there is none."""
    colour = palette.colour(blamed.name)
    if colour is None:
        return ""
    own = [pair for pair in pairs_of(tokens) if blamed.name in (pair.text, pair.ground)]
    for step, end in product(range(1, _STEPS + 1), _ENDS):
        tried = mix(end, colour, step / _STEPS)
        other = _Palette(mode, tokens, {blamed.name: tried})
        if all((other.ratio(pair) or pair.least) >= pair.least for pair in (*failed, *own)):
            return as_digits(tried)
    return ""


def _tokens(text: str, file: Path | None, config: Config) -> Iterator[tuple[str, Token]]:
    """The custom properties of `:root` in a style sheet, each with the mode that it is for."""
    # of the same length, so that places stay: no brace of a comment or a string is one of the sheet
    plain = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    plain = _STRING.sub(lambda found: re.sub(r"[{};:]", "_", found[0]), plain)
    around: list[str] = []
    start = 0
    for mark in re.finditer(r"[{};]", plain):
        piece = plain[start : mark.start()]
        if mark[0] == "{":
            around.append(" ".join(piece.split()))
        else:
            name, colon, value = piece.partition(":")
            if colon and name.strip().startswith("--"):
                at = start + piece.index(":") + 1
                at += len(value) - len(value.lstrip())
                where = None if file is None else _place(plain, at, file, config)
                token = Token(name=name.strip(), value=value.strip(), location=where)
                yield from ((mode, token) for mode in _MODES if mode in _modes(around))
            if mark[0] == "}" and around:
                around.pop()
        start = mark.end()


def _modes(around: list[str]) -> frozenset[str]:
    """For which modes a declaration in these rules counts: none where it is not the root's, or for paper only."""
    modes = _BOTH
    for prelude in around:
        if prelude.startswith("@"):
            scheme = _SCHEME.fullmatch(prelude)
            if scheme is not None:
                modes &= {scheme[1]}
            elif not prelude.startswith(("@layer", "@supports")) and prelude != "@media screen":
                return frozenset()
            continue
        roots = [_ROOT.fullmatch(selector.strip()) for selector in prelude.split(",")]
        named = [root for root in roots if root is not None and root[0]]
        if not named:
            return frozenset()
        modes &= frozenset().union(*(_of_root(root) for root in named))
    return modes if around else frozenset()


def _of_root(root: re.Match[str]) -> frozenset[str]:
    if root[2] is None:
        return _BOTH
    return _BOTH - {root[2]} if root[1] else frozenset({root[2]})


def _place(text: str, offset: int, file: Path, config: Config) -> SourceLocation:
    line_start = text.rfind("\n", 0, offset) + 1
    return SourceLocation(
        path=config.relative_to_root(file),
        line=text.count("\n", 0, offset) + 1,
        column=offset - line_start + 1,
    )
