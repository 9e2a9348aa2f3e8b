"""LaTeX of BibTeX fields as plain text, and names of people in their parts; bibtexparser and pylatexenc are imported inside."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from sitegen.frozen import compact
from sitegen.values import dataclass

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.macrospec import LatexContextDb

_LATEX: Final = re.compile(r"[\\{}$~%&]|--|``|''")
"""What makes of a text more than its letters."""
_BARE: Final = re.compile(r"(?<!\\)([%&#])")
"""Signs that BibTeX files hold as they are, and that LaTeX takes for a comment, a table's column, a parameter."""
_ESCAPED: Final = re.compile(r"\\([_%&#~$])(?:\{\})?")
_MARKUP: Final = re.compile(r"\\[A-Za-z]+|[\\{}$]")
_SPACES: Final = re.compile(r"\s+")
_OTHERS: Final = "others"


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person in BibTeX's four parts, or a group as it is written."""

    given: str = ""
    """First and middle names or initials: `Diederik P.`."""
    particle: str = ""
    """What stands before the family name and is not sorted by: `van den`."""
    family: str = ""
    suffix: str = ""
    """`Jr.`, `III`."""
    literal: str = ""
    """A group or a name in braces, which has no parts: `OpenAI`."""

    @property
    def text(self) -> str:
        """As one reads it: `Aaron van den Oord`."""
        if self.literal:
            return self.literal
        name = " ".join(part for part in (self.given, self.particle, self.family) if part)
        return f"{name}, {self.suffix}" if self.suffix else name

    @property
    def sort_text(self) -> str:
        """As lists order it, and as Google Scholar reads it: `Oord, Aaron van den`."""
        if self.literal:
            return self.literal
        given = " ".join(part for part in (self.given, self.particle) if part)
        return ", ".join(part for part in (self.family, self.suffix, given) if part)


def plain_text(latex: str) -> str:
    """What a reader sees of a field: accents as letters, no braces, one space between words.

    Mathematics becomes what Unicode has for it; the text inside an unknown macro stays.
    """
    text = _SPACES.sub(" ", latex).strip()
    if not _LATEX.search(text):
        return text
    return _SPACES.sub(" ", _decoded(text)).strip()


def verbatim_text(latex: str) -> str:
    r"""A URL, DOI or number: only `\_` and its like are undone, and braces around the whole of it."""
    text = _SPACES.sub(" ", latex).strip()
    if text.startswith(r"\url{") and text.endswith("}"):
        text = text[len(r"\url") :]
    while text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def names_of(latex: str) -> tuple[tuple[Name, ...], bool]:
    """The people of an `author` or `editor` field, and whether it ends in `and others`."""
    from bibtexparser.middlewares.names import split_multiple_persons_names

    written = [each.strip() for each in split_multiple_persons_names(_SPACES.sub(" ", latex).strip())]
    found = tuple(_name(each) for each in written if each and each != _OTHERS)
    return found, _OTHERS in written


def _name(latex: str) -> Name:
    from bibtexparser.middlewares.names import parse_single_name_into_parts

    if latex.startswith("{") and _closing(latex) == len(latex) - 1:
        return Name(literal=plain_text(latex))
    parts = parse_single_name_into_parts(latex, strict=False)
    if not parts.last:  # nothing but `von` words: a group that writes itself small
        return Name(literal=plain_text(latex))
    return Name(
        given=plain_text(" ".join(parts.first)),
        particle=plain_text(" ".join(parts.von)),
        family=plain_text(" ".join(parts.last)),
        suffix=plain_text(" ".join(parts.jr)),
    )


def _closing(text: str) -> int:
    """The place of the brace that closes the one which the text begins with; -1: there is none."""
    depth = 0
    for place, sign in enumerate(text):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                return place
    return -1


def _decoded(latex: str) -> str:
    decoder, macros = _decoder()
    try:
        text: str = decoder.latex_to_text(_BARE.sub(r"\\\1", latex), latex_context=macros)
    except (AttributeError, LookupError, ValueError):  # the library's, of a macro without its arguments
        return _MARKUP.sub("", latex)
    return text


@cache
def _decoder() -> tuple[LatexNodes2Text, LatexContextDb]:
    """What writes LaTeX as text, and the macros with their arguments; made once, since the tables take 20 ms to build."""
    from pylatexenc import latexwalker
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
    from pylatexenc.macrospec import MacroSpec

    macros = latexwalker.get_default_latex_context_db()
    macros.add_context_category("hyperref", macros=[MacroSpec("href", "{{")])
    known = get_default_latex_context_db()
    names = [MacroTextSpec(name, name) for name in ("TeX", "LaTeX", "BibTeX")]
    known.add_context_category("names of programs", prepend=True, macros=names)
    return LatexNodes2Text(latex_context=known, math_mode="text", strict_latex_spaces=False), macros
