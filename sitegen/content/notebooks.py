"""A notebook as plain data: the cells of an `.ipynb` file, and what they and its metadata say of the page."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from sitegen.content.frontmatter import FrontMatter, lower_keys, split
from sitegen.content.parsers import UnreadableTextError
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict, freeze
from sitegen.values import dataclass

SourceKind = Literal["code", "markdown", "raw"]

DEFAULT_LANGUAGE: Final = "python"
_FORMAT: Final = 4
"""Of nbformat: 4.0 to 4.5 differ only in fields that may be missing."""
_KINDS: Final[Mapping[object, SourceKind]] = {"code": "code", "markdown": "markdown", "raw": "raw"}
_ROOT_FIELDS: Final = ("title", "authors", "date", "description")
"""Of a notebook's metadata: what Jupyter, jupytext and MyST write there of the page."""
_TOOL_KEYS: Final = frozenset({"jupyter", "jupytext", "kernelspec", "language_info"})
"""In front matter: how a notebook is stored and run, nothing of the page."""
_YAML_BLOCK: Final = re.compile(r"---[ \t]*\n(?:[ \t]*(?:#.*)?\n)*[\"']?[\w.-]+[\"']?[ \t]*:")
_CONVERT: Final = "open it in Jupyter and save it, or run `jupyter nbconvert --to notebook --inplace` on it"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCell:
    """One cell as it is written, with the place of its text."""

    kind: SourceKind
    source: str
    """LF line ends."""
    number: int | None = None
    """From 1 among all cells of a notebook; None in a script, whose lines count through."""
    first_line: int = 1
    """Of `source`: in the cell, or in the script."""
    offsets: tuple[int, ...] = ()
    """How many characters stand before each line of `source` in the file; empty where none do."""
    options: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Cell options that do not stand in the source: `tags`, `label`, ..."""
    id: str = ""
    """nbformat's, from 4.5 on."""
    raw_type: str = ""
    """MIME type of a raw cell; empty where it says none."""
    attachments: FrozenDict[str, bytes] = field(default_factory=FrozenDict)
    outputs: tuple[object, ...] = ()
    """As saved: nbformat's output objects, frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook or a percent-format script, read."""

    cells: tuple[SourceCell, ...] = ()
    """Without the front matter's."""
    front: FrontMatter = field(default_factory=FrontMatter)
    """`format` is None where nothing is said of the page."""
    front_cell: int | None = None
    """The cell in which the front matter's lines count."""
    kernel: str = ""
    """Name of the kernelspec it was saved with."""
    language: str = DEFAULT_LANGUAGE
    """Lower case."""
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFrontMatter:
    """What a first cell says of the page."""

    front: FrontMatter = field(default_factory=FrontMatter)
    cell: int | None = None
    """The cell's number; None in a script, and where there is no front matter."""


def read_notebook(data: bytes, path: PurePosixPath, *, with_outputs: bool = False) -> Notebook:
    """The notebook that an `.ipynb` file of format 4 holds; an SG107 error and no cells where it is none.

    Args:
        data: the whole file.
        path: relative to the site's root, for diagnostics.
        with_outputs: keep what the cells were saved with.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _unreadable(path, "it is not UTF-8 text", _CONVERT)
    except json.JSONDecodeError as error:
        return _unreadable(path, f"it is no JSON: {error.msg}", _CONVERT, error.lineno, error.colno)
    except ValueError:
        return _unreadable(path, "it has a number of too many digits", _CONVERT)
    except RecursionError:
        return _unreadable(path, "its JSON is nested too deep", _CONVERT)
    problem = _foreign(content)
    if problem is not None:
        return _unreadable(path, problem, _CONVERT)
    metadata = _table(content.get("metadata"))
    own, cells = first_cell_front_matter(tuple(_cells(content["cells"], with_outputs=with_outputs)), path)
    front_cell = own.cell
    front = _merged(own.front, _metadata_fields(metadata))
    spec, language = _kernel(metadata, own.front)
    return Notebook(
        cells=cells,
        front=without_tool_keys(front),
        front_cell=front_cell,
        kernel=spec,
        language=language,
        diagnostics=tuple(in_cell(problem, front_cell) for problem in own.front.diagnostics),
    )


def first_cell_front_matter(
    cells: tuple[SourceCell, ...], path: PurePosixPath
) -> tuple[CellFrontMatter, tuple[SourceCell, ...]]:
    """The front matter that the first cell with text begins with, and the cells without it."""
    place = next((i for i, cell in enumerate(cells) if cell.source.strip()), None)
    if place is None or cells[place].kind == "code":
        return CellFrontMatter(), cells
    first = cells[place]
    if first.source.startswith("---") and not _YAML_BLOCK.match(first.source):
        return CellFrontMatter(), cells  # a thematic break
    data = first.source.encode()
    front = moved(split(data, path), first.first_line - 1)
    if front.format is None:
        return CellFrontMatter(), cells
    rest = data[front.body_offset :].decode()
    skipped = front.body_line - first.first_line
    below = replace(first, source=rest, first_line=front.body_line, offsets=first.offsets[skipped:])
    kept = (below,) if rest.strip() and first.kind == "markdown" else ()
    return CellFrontMatter(front=front, cell=first.number), (*cells[:place], *kept, *cells[place + 1 :])


def moved(front: FrontMatter, lines: int) -> FrontMatter:
    """Front matter that stands so many lines further down than it was read."""
    if lines == 0:
        return front
    return replace(
        front,
        lines=FrozenDict({key: line + lines for key, line in front.lines.items()}),
        body_line=front.body_line + lines,
        diagnostics=tuple(
            replace(each, location=replace(each.location, line=each.location.line + lines))
            if each.location is not None and each.location.line is not None
            else each
            for each in front.diagnostics
        ),
    )


def kernel_of(fields: Mapping[str, Any]) -> str:
    """The kernelspec's name in front matter: MyST's `kernelspec`, jupytext's and Quarto's `jupyter`."""
    jupyter = fields.get("jupyter")
    if isinstance(jupyter, str):
        return jupyter
    spec = _table(_table(jupyter).get("kernelspec") or fields.get("kernelspec"))
    return str(spec.get("name") or "")


def without_tool_keys(front: FrontMatter) -> FrontMatter:
    """Front matter without what only concerns jupytext, Quarto and Jupyter."""
    if not _TOOL_KEYS.intersection(front.fields):
        return front
    kept = {key: value for key, value in front.fields.items() if key not in _TOOL_KEYS}
    return replace(front, fields=FrozenDict(kept))


def in_cell(diagnostic: Diagnostic, cell: int | None) -> Diagnostic:
    """A diagnostic whose line counts in a notebook's cell, with that cell."""
    if diagnostic.location is None or cell is None:
        return diagnostic
    return replace(diagnostic, location=replace(diagnostic.location, cell=cell))


def cell_text(data: bytes, number: int) -> str | None:
    """The source of a notebook's cell, from 1, for an excerpt; None where there is no such cell."""
    try:
        cells = json.loads(data.decode("utf-8-sig"))["cells"]
        return _text(cells[number - 1].get("source", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None


# --- the file -------------------------------------------------------------------------------------


def _foreign(content: Any) -> str | None:
    """Why JSON is no notebook of format 4."""
    if not isinstance(content, dict):
        return "it is no notebook: its JSON is no object"
    version = content.get("nbformat")
    if not isinstance(version, int):
        return "it is no notebook: it has no `nbformat`"
    if version != _FORMAT:
        return f"its format is {version}; notebooks of format {_FORMAT} are read"
    if not isinstance(content.get("cells"), list):
        return "it is no notebook: it has no `cells`"
    return None


def _unreadable(
    path: PurePosixPath, reason: str, hint: str, line: int | None = None, column: int | None = None
) -> Notebook:
    location = SourceLocation(path=path, line=line, column=column)
    message = f"the notebook cannot be read: {reason}"
    problem = Diagnostic(code="SG107", severity="error", message=message, location=location, hint=hint)
    return Notebook(diagnostics=(problem,))


def _cells(cells: list[Any], *, with_outputs: bool) -> Iterator[SourceCell]:
    for number, cell in enumerate(cells, 1):
        kind = _KINDS.get(_table(cell).get("cell_type"))
        if kind is None:
            continue
        metadata = _table(cell.get("metadata"))
        outputs = cell.get("outputs")
        yield SourceCell(
            kind=kind,
            source=_text(cell.get("source", "")),
            number=number,
            options=_options(metadata) if kind == "code" else FrozenDict(),
            id=str(cell.get("id") or ""),
            raw_type=str(metadata.get("raw_mimetype") or metadata.get("format") or ""),
            attachments=_attachments(cell.get("attachments")),
            outputs=_outputs(outputs) if with_outputs else (),
        )


def _outputs(outputs: Any) -> tuple[object, ...]:
    if not isinstance(outputs, list):
        return ()
    return tuple(freeze(output) for output in outputs if _table(output).get("output_type"))


def _options(metadata: Mapping[str, Any]) -> FrozenDict[str, object]:
    """What a code cell's metadata says in our words; slides, scrolling and the like say nothing."""
    options: dict[str, object] = {}
    hidden = _table(metadata.get("jupyter"))
    if hidden.get("source_hidden") is True:
        options["code-fold"] = True
    if hidden.get("outputs_hidden") is True:
        options["output-fold"] = True
    label = metadata.get("label") or metadata.get("name")
    if isinstance(label, str) and label.strip():
        options["label"] = label.strip()
    tags = metadata.get("tags")
    if isinstance(tags, list) and tags:
        options["tags"] = tuple(str(tag) for tag in tags)
    options |= {str(name): freeze(value) for name, value in _table(metadata.get("sitegen")).items()}
    return FrozenDict(options)


def _attachments(attachments: Any) -> FrozenDict[str, bytes]:
    """Name to content; of several forms of one the first."""
    found: dict[str, bytes] = {}
    for name, bundle in _table(attachments).items():
        for content in _table(bundle).values():
            try:
                found.setdefault(str(name), base64.b64decode(_text(content)))
            except (binascii.Error, ValueError):
                continue
    return FrozenDict(found)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    """Text or its list of lines; lone surrogates, which JSON may hold, replaced."""
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


# --- what is said of the page -----------------------------------------------------------------------


def _metadata_fields(metadata: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """Front matter from a notebook's metadata: a few fields at its root, and the `sitegen` table."""
    fields = {name: metadata[name] for name in _ROOT_FIELDS if metadata.get(name)}
    if "authors" in fields:
        authors = fields["authors"] if isinstance(fields["authors"], list) else [fields["authors"]]
        fields["authors"] = [_table(author).get("name", author) for author in authors]
    fields |= _table(metadata.get("sitegen"))
    try:
        return lower_keys(fields)
    except UnreadableTextError:
        return FrozenDict()


def _merged(own: FrontMatter, fields: FrozenDict[str, Any]) -> FrontMatter:
    """A cell's front matter over the metadata's."""
    if not fields:
        return own
    return replace(own, format=own.format or "json", fields=FrozenDict({**fields, **own.fields}))


def _kernel(metadata: Mapping[str, Any], front: FrontMatter) -> tuple[str, str]:
    """Name of the kernelspec, and the language."""
    spec = _table(metadata.get("kernelspec"))
    language = _table(metadata.get("language_info")).get("name") or spec.get("language") or DEFAULT_LANGUAGE
    return kernel_of(front.fields) or str(spec.get("name") or ""), str(language).lower()
