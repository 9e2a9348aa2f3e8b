"""A notebook of a Quarto site: still a notebook, its Markdown, options and front matter as ours."""

from __future__ import annotations

from typing import Any

from sitegen.importing.cell_options import convert_cell
from sitegen.importing.notebook_files import NotebookFile, file_bytes, set_source, source_of
from sitegen.importing.pages import yaml_text
from sitegen.importing.quarto_blocks import read_blocks
from sitegen.importing.quarto_labels import scan_labels
from sitegen.importing.quarto_text import QuartoPage, QuartoSite, convert_blocks, note_cell, note_citations


def convert_notebook(
    notebook: NotebookFile, fields: dict[str, Any], page: QuartoPage, site: QuartoSite
) -> bytes:
    """The notebook's file with its Markdown cells and options as ours, and its front matter in a first raw cell.

    Args:
        notebook: is changed.
        fields: front matter, ours.
        page: gathers notes.
        site: what links and shortcodes refer to.
    """
    blocks_of_cells = [
        read_blocks(
            source_of(cell)
            if cell.get("cell_type") == "markdown"
            else f"```{{python}}\n{source_of(cell)}\n```"
        )
        for cell in notebook.cells
    ]
    labels = scan_labels(blocks_of_cells, page.languages)
    for number, cell in enumerate(notebook.cells):
        page.cell = number + 1
        if cell.get("cell_type") == "markdown":
            blocks = read_blocks(source_of(cell))
            set_source(cell, convert_blocks(blocks, page, site, labels, 1))
        elif cell.get("cell_type") == "code":
            source = source_of(cell)
            header = convert_cell(source.split("\n"))
            made = "\n".join((*header.lines, *header.code))
            if made != source:
                set_source(cell, made)
            note_cell(header.converted, header.lost, page, 1)
    page.cell = None
    note_citations(page)
    if fields:
        front = {
            "cell_type": "raw",
            "metadata": {},
            "source": f"---\n{yaml_text(fields)}---".splitlines(keepends=True),
        }
        place = notebook.front_cell if notebook.front_cell is not None else 0
        if notebook.front_cell is not None and not source_of(notebook.cells[place]).strip():
            notebook.cells[place] = {
                **({"id": notebook.cells[place]["id"]} if "id" in notebook.cells[place] else {}),
                **front,
            }
        else:
            if notebook.content.get("nbformat_minor", 0) >= 5:
                front["id"] = "front-matter"
            notebook.cells.insert(place, front)
    return file_bytes(notebook.content)
