"""Numbered figures, tables and listings of a page: their captions, and the links that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from html import escape
from typing import Final

from sitegen.config.words import ENGLISH, Words
from sitegen.content.document import CodeCell, NumberHole
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

KINDS: Final = {"fig": "figure", "tbl": "table", "lst": "listing"}
"""What the label's prefix says that it is; `text.figure` is what readers are told."""
_EQUATION: Final = re.compile(r' id="(eq-[^"]+)"><mtext>(\([^<]*\))</mtext>')
"""The number of a labelled equation, as it is typeset."""

Titles = Iterable[tuple[str, str]]
_OPEN: Final = re.compile(r'<a class="reference" href="#([^"]+)">(</a>)?')
_LINK: Final = re.compile(r'<a class="reference" href="#([^"]+)">')
_ID: Final = re.compile(r' id="([^"]*)"')
_PART: Final = re.compile(r"(.+)-([1-9]|1[0-9]|2[0-6])")


def figcaption(caption: str, number: str | None) -> str:
    """A caption with its number before it.

    Args:
        caption: inline HTML; empty for none.
        number: `Figure 1`; None for what no one can refer to.
    """
    if number is None:
        return f"<figcaption>{caption}</figcaption>" if caption else ""
    if not caption:
        return f'<figcaption><span class="caption-number">{number}</span></figcaption>'
    return f'<figcaption><span class="caption-number">{number}:</span> {caption}</figcaption>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the references of a page can name."""

    shown: FrozenDict[str, str] = field(default_factory=FrozenDict)
    """Label to `Figure 1`, in the order of the page."""
    bare: FrozenDict[str, str] = field(default_factory=FrozenDict)
    """Label to `1`."""
    words: Words = ENGLISH
    """Of the site."""
    hidden: frozenset[str] = frozenset()
    """Labels of cells whose figure, table or listing the page does not show."""
    parts: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """Label to how many sub-figures with captions of their own it has."""
    inner: FrozenDict[str, int] = field(default_factory=FrozenDict)
    """Label of a part that has one of its own to its place in the figure, from 1."""

    @classmethod
    def of(
        cls,
        items: Iterable[CodeCell | NumberHole],
        texts: Iterable[str] = (),
        titles: Titles = (),
        words: Words = ENGLISH,
    ) -> Numbers:
        """The numbers of a page; each kind is counted for itself.

        Args:
            items: cells and captions, in the order of the page.
            texts: HTML in which labelled equations have their numbers.
            titles: of the page's sections: label and plain text.
            words: of the site.
        """
        counts = dict.fromkeys(KINDS, 0)
        bare: dict[str, str] = {label: number for text in texts for label, number in _EQUATION.findall(text)}
        shown = {label: words("text.equation", number=number) for label, number in bare.items()}
        for label, title in titles:
            bare[label] = words("text.quoted", title=title)
            shown[label] = words("text.section", title=bare[label])
        hidden: set[str] = set()
        parts: dict[str, int] = {}
        inner: dict[str, int] = {}
        for item in items:
            if isinstance(item, NumberHole):
                _count(item, counts, (shown, bare), parts, inner, words)
                continue
            cell = item
            label = cell.options.label or ""
            kind = label.partition("-")[0]
            if kind not in KINDS or "-" not in label or label in shown:
                continue
            if not _is_shown(cell, kind):
                hidden.add(label)
                continue
            counts[kind] += 1
            bare[label] = str(counts[kind])
            shown[label] = words(f"text.{KINDS[kind]}", number=counts[kind])
            parts[label] = len(cell.options.fig_subcap)
        return cls(
            shown=FrozenDict(shown),
            bare=FrozenDict(bare),
            words=words,
            hidden=frozenset(hidden - shown.keys()),
            parts=FrozenDict(parts),
            inner=FrozenDict(inner),
        )

    def find(self, label: str, prefix: str | None = None) -> tuple[str, str] | None:
        """Where it leads and what the text calls it; `fig-x-2` is the second part of `fig-x`.

        Args:
            label: with its prefix.
            prefix: words in place of `Figure`; empty for the number alone.
        """
        found = self._named(label, self.shown)
        if found is None or prefix is None:
            return found
        number = (self._named(label, self.bare) or found)[1]
        return found[0], f"{prefix}\N{NO-BREAK SPACE}{number}".lstrip("\N{NO-BREAK SPACE}")

    def caption(self, hole: NumberHole) -> str:
        """The number before a caption, as HTML; `(a)` of a part."""
        number = self.shown.get(hole.label, "")
        if hole.part_of:
            number = f"({letter(self.inner.get(hole.label, 1))})"
            return f'<span class="caption-number">{number}</span>{"" if hole.is_alone else " "}'
        return f'<span class="caption-number">{number}{"" if hole.is_alone else ":"}</span>{"" if hole.is_alone else " "}'

    def _named(self, label: str, names: Mapping[str, str]) -> tuple[str, str] | None:
        if label in names:
            return label, names[label]
        part = _PART.fullmatch(label)
        if part is None or int(part[2]) > self.parts.get(part[1], 0):
            return None
        return label, f"{names[part[1]]} ({letter(int(part[2]))})"

    def missing(self, label: str, location: SourceLocation) -> Diagnostic:
        """SG222: a reference to what is not there, or not shown."""
        if label in self.hidden:
            message = f"`@{label}` refers to a cell whose {KINDS[label.partition('-')[0]]} is not shown"
            hint = "show it, or write without the reference"
        elif other := _of_another_kind(label, self.shown):
            kind = KINDS.get(other.partition("-")[0], "label")
            message = f"`@{label}` refers to nothing on this page"
            hint = (
                f"did you mean `@{other}`, which is a {kind}?"
                if kind != "label"
                else f"did you mean `@{other}`?"
            )
        elif self.shown:
            message, hint = f"`@{label}` refers to nothing on this page", did_you_mean(label, self.shown)
        else:
            message = f"`@{label}` refers to nothing on this page"
            kind = label.partition("-")[0]
            makes = {
                "eq": f"give the equation lines of its own and end it with `$$ {{#{label}}}`",
                "sec": f"end the heading with `{{#{label}}}`",
                "fig": f"give the cell that makes it `#| label: {label}`, or write `![caption](file){{#{label}}}`",
            }.get(kind, f"give the cell that makes it `#| label: {label}`")
            hint = f"{makes}; `\\@{label}` is the plain text"
        return Diagnostic(code="SG222", severity="error", message=message, location=location, hint=hint)


def _of_another_kind(label: str, labels: Iterable[str]) -> str | None:
    """`tbl-loss` for `fig-loss`, where the page has that one."""
    name = label.partition("-")[2]
    return next((each for each in labels if each.partition("-")[2] == name), None)


def letter(number: int) -> str:
    """The letter of a part, from 1."""
    return chr(ord("a") + (number - 1) % 26)


def _count(
    hole: NumberHole,
    counts: dict[str, int],
    names: tuple[dict[str, str], dict[str, str]],
    parts: dict[str, int],
    inner: dict[str, int],
    words: Words,
) -> None:
    """Number a caption; the first part of a figure numbers the figure too, whose own caption stands below."""
    shown, bare = names
    whole = hole.part_of or hole.label
    kind = whole.partition("-")[0]
    if kind in KINDS and whole not in shown:
        counts[kind] += 1
        bare[whole] = str(counts[kind])
        shown[whole] = words(f"text.{KINDS[kind]}", number=counts[kind])
        parts[whole] = 0
    if hole.part_of and hole.label not in shown and whole in shown:
        parts[whole] += 1
        inner[hole.label] = parts[whole]
        for each in names:
            each[hole.label] = f"{each[whole]} ({letter(parts[whole])})"


def reference_html(label: str, numbers: Numbers, prefix: str | None = None) -> str | None:
    """The link of a reference; None where it names nothing."""
    found = numbers.find(label, prefix)
    return (
        None if found is None else f'<a class="reference" href="#{escape(found[0])}">{escape(found[1])}</a>'
    )


def with_references(
    html: str, numbers: Numbers, location: SourceLocation
) -> tuple[str, tuple[Diagnostic, ...]]:
    """The HTML of a caption or a shortcode with numbers in its open references, and what was not found."""
    if '<a class="reference"' not in html:
        return html, ()
    problems: list[Diagnostic] = []

    def fill(match: re.Match[str]) -> str:
        found = numbers.find(match[1])
        if found is None:
            problems.append(numbers.missing(match[1], location))
            return missing_html(problems[-1]) if match[2] else match[0]
        text = f"{escape(found[1])}</a>" if match[2] else ""
        return f'<a class="reference" href="#{escape(found[0])}">{text}'

    return _OPEN.sub(fill, html), tuple(problems)


def missing_html(problem: Diagnostic) -> str:
    """What stands in place of a reference to nothing."""
    return f'<span class="build-error" role="alert">{problem.code}: {escape(problem.message, quote=False)}</span>'


def as_text(html: str) -> str:
    """Markdown of no page of ours: what looks like a reference in it stays as it was written."""
    return _OPEN.sub(lambda match: f"@{match[1]}" if match[2] else match[0], html)


def addressed(html: str, content: str, url: str = "") -> str:
    """The HTML with each reference leading to what there is.

    Args:
        html: the page's content, or its summary.
        content: the page's; a figure that is not drawn yet is not in it, its cell is.
        url: of the page, for HTML that other pages show.
    """
    if '<a class="reference"' not in html:
        return html
    ids = frozenset(_ID.findall(content))

    def address(match: re.Match[str]) -> str:
        label = match[1]
        part = _PART.fullmatch(label)
        whole = part[1] if part is not None else label
        places = (label, f"cell-{label}", whole, f"cell-{whole}")
        target = next((place for place in places if place in ids), label)
        return f'<a class="reference" href="{escape(url)}#{target}">'

    return _LINK.sub(address, html)


def _is_shown(cell: CodeCell, kind: str) -> bool:
    options = cell.options
    tags = frozenset(options.tags)
    if not options.include or "remove-cell" in tags:
        return False
    if kind == "lst":
        return options.echo and "remove-input" not in tags
    return options.runs and options.output is not False and "remove-output" not in tags
