"""Notebooks as files: read with their older formats, and what their first cells say of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.errors import Diagnostic, SourceLocation
from sitegen.importing.pages import read_page

_NEWEST: Final = 4
_TITLE: Final = re.compile(r"#[ \t]+(?P<title>.+?)[ \t]*#*[ \t]*")
_SUMMARY: Final = re.compile(r">[ \t]?(?P<text>.*)")
_PAIR: Final = re.compile(r"[-*][ \t]+(?P<key>[A-Za-z][\w-]*)[ \t]*:[ \t]*(?P<value>.*)")


@dataclass(slots=True)
class NotebookFile:
    """A notebook of format 4 as JSON, and where its page's front matter stands."""

    content: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    front_cell: int | None = None
    """Index of the cell that begins with the front matter."""
    upgraded: bytes | None = None
    """The whole file, its front matter too, as format 4, where it was of an older one."""

    @property
    def cells(self) -> list[dict[str, Any]]:
        """Its cells, to be changed in place."""
        cells: list[dict[str, Any]] = self.content["cells"]
        return cells

    @property
    def language(self) -> str:
        """Lower case."""
        metadata = _table(self.content.get("metadata"))
        info, spec = _table(metadata.get("language_info")), _table(metadata.get("kernelspec"))
        return str(info.get("name") or spec.get("language") or "python").lower()

    @property
    def kernel(self) -> str:
        """Name of the kernelspec; empty where it names none."""
        return str(_table(_table(self.content.get("metadata")).get("kernelspec")).get("name") or "")


def read_file(data: bytes, path: PurePosixPath) -> NotebookFile | Diagnostic:
    """The notebook, of format 3 or 4, its front matter taken out of its cells; SG107 where it is none.

    Front matter stands in a first raw or Markdown cell, between `---` lines, or as nbdev and fastpages have it: a title, a
    quotation, and `- key: value` lines.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _broken(path, "it is not UTF-8 text")
    except json.JSONDecodeError as error:
        return _broken(path, f"it is no JSON: {error.msg}", error.lineno, error.colno)
    except ValueError:
        return _broken(path, "it has a number of too many digits")
    except RecursionError:
        return _broken(path, "its JSON is nested too deep")
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        return _broken(path, "it is no notebook: it has no `nbformat`")
    is_old = content["nbformat"] == 3
    if is_old:
        content = _from_format_3(content)
    if content["nbformat"] != _NEWEST or not isinstance(content.get("cells"), list):
        return _broken(path, f"its format is {content['nbformat']}; 3 and 4 are read")
    content["cells"] = [cell for cell in content["cells"] if isinstance(cell, dict)]
    found = NotebookFile(content=content, upgraded=file_bytes(content) if is_old else None)
    _take_front_matter(found, path)
    return found


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's text, LF line ends; lone surrogates replaced."""
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def file_bytes(content: Mapping[str, Any]) -> bytes:
    """A notebook as Jupyter writes it."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def set_source(cell: dict[str, Any], text: str) -> None:
    """Give a cell another text."""
    cell["source"] = text.splitlines(keepends=True)


def _take_front_matter(notebook: NotebookFile, path: PurePosixPath) -> None:
    place = next((i for i, cell in enumerate(notebook.cells) if source_of(cell).strip()), None)
    if place is None:
        return
    cell = notebook.cells[place]
    text = source_of(cell)
    if cell.get("cell_type") in ("raw", "markdown") and text.lstrip().startswith("---"):
        page = read_page(text.encode(), path)
        if page.has_front_matter and page.is_readable and page.fields:
            notebook.fields, notebook.lines, notebook.front_cell = page.fields, page.lines, place
            set_source(cell, page.body.lstrip("\n"))
            return
    if cell.get("cell_type") == "markdown":
        fields, rest = nbdev_header(text)
        if fields:
            notebook.fields, notebook.front_cell = fields, place
            set_source(cell, rest)


def nbdev_header(text: str) -> tuple[dict[str, Any], str]:
    """What a title with a quotation or `- key: value` lines below it says of the page, and the text without it."""
    lines = text.lstrip("\n").split("\n")
    title = _TITLE.fullmatch(lines[0])
    if title is None:
        return {}, text
    fields: dict[str, Any] = {"title": title["title"].strip('"')}
    number, summary = 1, []
    while number < len(lines):
        line = lines[number].strip()
        quoted, pair = _SUMMARY.fullmatch(line), _PAIR.fullmatch(line)
        if quoted is not None:
            summary.append(quoted["text"])
        elif pair is not None:
            fields[pair["key"].lower()] = _value(pair["value"].strip())
        elif line:
            break
        number += 1
    if summary:
        fields["description"] = " ".join(summary).strip().strip('"')
    if len(fields) == 1:
        return {}, text
    return fields, "\n".join(lines[number:])


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [item.strip().strip("\"'") for item in text[1:-1].split(",") if item.strip()]
    return {"true": True, "false": False}.get(text.lower(), text.strip("\"'"))


def _from_format_3(content: dict[str, Any]) -> dict[str, Any]:
    """A notebook of IPython's days: cells in worksheets, code as `input`, headings as cells of their own."""
    sheets = content.get("worksheets")
    cells = []
    for cell in (
        cell for sheet in sheets or () for cell in _table(sheet).get("cells") or () if isinstance(cell, dict)
    ):
        kind = cell.get("cell_type")
        if kind == "code":
            cells.append({"cell_type": "code", "metadata": cell.get("metadata") or {}, "source": cell.get("input", ""),
                          "outputs": [], "execution_count": None})  # fmt: skip
        elif kind == "heading":
            level = cell.get("level") if isinstance(cell.get("level"), int) else 1
            cells.append(
                {
                    "cell_type": "markdown",
                    "metadata": {},
                    "source": f"{'#' * int(level or 1)} {source_of(cell)}",
                }
            )
        elif kind in ("markdown", "raw"):
            cells.append(
                {"cell_type": kind, "metadata": cell.get("metadata") or {}, "source": cell.get("source", "")}
            )
    metadata = dict(_table(content.get("metadata")))
    metadata.pop("name", None)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _broken(
    path: PurePosixPath, reason: str, line: int | None = None, column: int | None = None
) -> Diagnostic:
    return Diagnostic(
        code="SG107",
        severity="error",
        message=f"the notebook cannot be read: {reason}",
        location=SourceLocation(path=path, line=line, column=column),
        hint="open it in Jupyter and save it, or leave it out",
    )
