"""The nouns of a page that is parsed: Document, its segments, its cells and holes."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Literal, NewType

from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass

PageKey = NewType("PageKey", str)
"""A page's logical path as Hugo's: `/posts/ppo`; the home page is `/`."""
CellId = NewType("CellId", str)
"""`cell-1`, ... in the order of the page."""
ValueId = NewType("ValueId", str)
"""`value-1`, ... of inline expressions in the order of the page (title first)."""
Digest = NewType("Digest", str)
"""Lower-case hexadecimal SHA-256."""


def source_digest(source: str) -> Digest:
    """The digest of a cell's or an expression's code: of the text as the kernel gets it."""
    return Digest(digest_bytes(source.encode("utf-8", "replace")))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCell:
    """A fence that the page's kernel runs, or that is shown like one (`exec: false`)."""

    id: CellId
    language: str
    source: str
    """What the kernel is sent: without option lines."""
    location: SourceLocation
    """The first line of `source` in the file; add `n - 1` for its line `n`."""
    options: CellOptions
    notebook_id: str = ""
    """The id that the cell has in the `.ipynb` file that the page is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineExpression:
    """`` `{python} expr` `` in prose, evaluated when the cells above it have run."""

    id: ValueId
    source: str
    after_cells: int
    """How many of the document's cells come before it; all of them for one in the title."""
    location: SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcodeCall:
    """One `{{< name >}}` or `{{% name %}}` with all that its template may read."""

    name: str
    location: SourceLocation
    ordinal: int
    """From 0, among its siblings, as Hugo counts."""
    positional: tuple[object, ...] = ()
    named: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Values are str, bool, int or float. Never both positional and named."""
    inner: tuple[str | ShortcodeCall, ...] | None = None
    """Text and nested calls between the tags; None without a closing tag."""
    is_markdown: bool = False
    """`{{% %}}`: its output is Markdown of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Html:
    """HTML that is final."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellHole:
    """Where a cell's code and outputs go (a block)."""

    cell: CellId


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueHole:
    """Where an inline expression's value goes."""

    value: ValueId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcodeHole:
    """Where the HTML of a `{{< >}}` call goes; `metric`, `ref` and `relref` are such calls too."""

    call: ShortcodeCall


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHole:
    """The value of a `href` or `src` attribute that names a page, resource or site path.

    It stands inside the quotes of the attribute, so what fills it is attribute-escaped.
    """

    target: str
    """As written: `other.md#part`, `figure.png`, `/posts/`; never with a scheme."""
    location: SourceLocation
    is_image: bool = False
    is_html: bool = False
    """Written in raw HTML: what nothing resolves stays as it is, not percent-encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceHole:
    """`@fig-loss` in prose: where the link to a numbered figure, table or listing of the page goes."""

    label: str
    """With its prefix: `fig-loss`."""
    prefix: str | None = None
    """What stands before the number, as in `[Fig. @fig-loss]`; empty for `[-@fig-loss]`; None: the word of its kind."""
    is_address: bool = False
    """It stands inside the quotes of a `href`, as in `[the loss](@fig-loss)`: only the address goes there."""
    location: SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One work that a citation names, with what is said around it."""

    key: str
    """Of the entry in a bibliography."""
    prefix: str = ""
    """`see`; plain text."""
    label: str = "page"
    """What `locator` counts, by CSL's names: `page`, `chapter`, `figure`, ..."""
    locator: str = ""
    """`33-35`."""
    suffix: str = ""
    is_without_author: bool = False
    """`-@key`: the text has named the author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationHole:
    """`[see @key, p. 3; @other]`, or `@key` in a sentence: where the links to the page's bibliography go."""

    items: tuple[Citation, ...]
    is_in_text: bool = False
    """The author's name is a part of the sentence; what no bibliography has is text, as it is written."""
    written: str
    location: SourceLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHole:
    """Where the caption of a figure, a table or a listing that Markdown wrote has its number."""

    label: str
    """With its prefix: `fig-loss`."""
    part_of: str = ""
    """The label of the figure that this one is a part of."""
    is_alone: bool = False
    """There is no caption but the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramHole:
    """Where the drawing of a diagram that is written as text goes (a block)."""

    language: Literal["mermaid", "graphviz"]
    source: str
    """Without the lines of its options."""
    options: CellOptions
    """`label`, `fig-cap`, `fig-alt`, `fig-width`, `column` and `echo` say something of a diagram."""
    classes: str = ""
    """The author's, with blanks between."""
    code: str
    """HTML of the source as a block of code: what is shown where nothing draws it."""
    location: SourceLocation
    """The first line of `source` in the file; add `n - 1` for its line `n`."""


Segment = (
    Html
    | CellHole
    | ValueHole
    | ShortcodeHole
    | LinkHole
    | ReferenceHole
    | CitationHole
    | NumberHole
    | DiagramHole
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the page's body, for the table of contents."""

    level: int
    id: str
    title: tuple[Segment, ...]
    """The heading's inline HTML without links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookCell:
    """A cell of the notebook that a page can be downloaded as: prose as written, or one of the page's code cells."""

    markdown: str = ""
    """Of a prose cell, as the author wrote it."""
    cell: CellId | None = None
    """The code cell that stands here; None for prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page's body, parsed: everything but what needs a kernel, another page or a template."""

    page: PageKey
    path: PurePosixPath
    """Of the source, relative to the site's root."""
    execution: PageExecution
    segments: tuple[Segment, ...] = ()
    title: tuple[Segment, ...] = ()
    """The front matter's title as inline HTML; with a hole where it has an inline expression."""
    description: tuple[Segment, ...] = ()
    summary: tuple[Segment, ...] = ()
    """Manual (`<!--more-->`), from front matter, or automatic: cut on the token tree, so balanced."""
    is_summary_truncated: bool = False
    headings: tuple[Heading, ...] = ()
    cells: tuple[CodeCell, ...] = ()
    expressions: tuple[InlineExpression, ...] = ()
    notebook: tuple[NotebookCell, ...] = ()
    """The page as the cells of a notebook, for its downloads; empty for a page without code cells."""
    saved: FrozenDict[CellId, tuple[object, ...]] = field(default_factory=FrozenDict)
    """What cells of a notebook that is not run were saved with: nbformat's outputs, never a result of ours."""
    shared: FrozenDict[PurePosixPath, bytes | Path] = field(default_factory=FrozenDict)
    """Files that expanded shortcodes need, by their path below the output folder."""
    attachments: FrozenDict[str, bytes] = field(default_factory=FrozenDict)
    """Pictures inside a notebook's Markdown cells, by the name under which the body links to them."""
    counts_characters: bool = False
    """Words of Chinese, Japanese and Korean count by character, as Hugo's `isCJKLanguage`."""
    features: frozenset[str] = frozenset()
    """What the page's HTML contains that needs a style: `math`, `code`, `alert`, `footnotes`, ..."""
    diagnostics: tuple[Diagnostic, ...] = ()
