"""Compares what sitegen makes of notebooks, MyST pages and percent scripts with what Jupyter makes of them.

    python scripts/compare_with_jupyter.py --details NOTEBOOK.ipynb PAGE.md SCRIPT.py ...

Each document is built by sitegen in a site of its own, executed by nbclient with the same kernel, and rendered by
nbconvert. Compared are every cell's outputs and the words of the page. Needs nbconvert; for MyST pages jupytext too.
The files beside a document are linked beside its copy, since it may read them.
"""

from __future__ import annotations

import argparse
import importlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sitegen.build.build import build
from sitegen.build.result import BuildOptions
from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.executed import DisplayOutput, ErrorOutput, Output, StreamOutput
from sitegen.content.folders import page_format
from sitegen.content.notebooks import Notebook
from sitegen.content.percent import read_script
from sitegen.errors import Diagnostic
from sitegen.execution.backends import LocalBackend
from sitegen.execution.notebook import outputs_of
from sitegen.frozen import FrozenDict
from sitegen.results.scrub import scrub, this_machine
from sitegen.results.store import open_store

_IMAGES: Final = frozenset({"image/png", "image/svg+xml", "image/jpeg", "image/gif", "image/webp"})
_FIGURE_REPR: Final = re.compile(r"[(\[{]*\s*(?:<[\w.]*|Text\(|array\(|\(array\()")
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{6,}|at 0x…")
_WORD: Final = re.compile(r"(?<![\d.A-Za-z])[A-Za-z]{2,}")
_MATH: Final = re.compile(
    r"\$\$.*?\$\$|\\\[.*?\\\]|\\\(.*?\\\)|\$[^$\n]+\$|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL
)
_CELL_LINE: Final = re.compile(r"Cell In\[\d+\], line (\d+)")
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
_SKIPPED_TAGS: Final = frozenset(
    {"script", "style", "math", "head", "svg", "summary", "button", "figcaption"}
)
_VOID: Final = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One output, as far as it is compared."""

    kind: str
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What came out for one document."""

    name: str
    cells: int = 0
    same: int = 0
    numbers: int = 0
    """Cells that differ in digits alone: measured times, random numbers without a seed."""
    differences: list[str] = field(default_factory=list)
    missing_words: list[str] = field(default_factory=list)
    extra_words: list[str] = field(default_factory=list)
    words: int = 0
    failure: str = ""

    def row(self) -> str:
        """The document's line of the table."""
        words = f"{self.words} words, {len(self.missing_words)} missing, {len(self.extra_words)} extra"
        result = self.failure or ("same" if not self.differences else f"{len(self.differences)} differ")
        result += f" ({self.numbers} in digits alone: not seeded, or times)" if self.numbers else ""
        return f"| {self.name} | {self.cells} | {self.same} | {words} | {result} |"


def main() -> None:
    """Print the table, and with `--details` every difference."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("documents", nargs="+", type=Path)
    parser.add_argument("--details", action="store_true", help="list every difference")
    parser.add_argument("--timeout", type=int, default=300, help="seconds a cell may take")
    arguments = parser.parse_args()
    print(
        "| document | code cells | same outputs | prose | result |\n| --- | --- | --- | --- | --- |",
        flush=True,
    )
    for document in arguments.documents:
        try:
            found = compare(document.resolve(), arguments.timeout)
        except Exception as error:  # one that cannot be compared must not end the list
            found = Comparison(
                name=document.name, failure=f"not compared: {type(error).__name__}: {error}"[:200]
            )
        print(found.row(), flush=True)
        if arguments.details:
            for line in found.differences:
                print(f"    {line}")
            for title, words in (("missing", found.missing_words), ("extra", found.extra_words)):
                if words:
                    print(f"    {title} words: {' '.join(words)[:600]}")


def compare(document: Path, timeout_s: int) -> Comparison:
    """One document, built both ways."""
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        root = Path(name)
        found = Comparison(name=document.name)
        reference = _reference_notebook(document)
        copy = _site(document, root)
        config = Config(
            root=root,
            now=datetime.now(UTC),
            content_dir=root / "content",
            notebooks_dir=root / "notebooks",
            results_dir=root / "results",
            state_dir=root / ".sitegen",
            publish_dir=root / "public",
            templates_dir=root / "templates",
            data_dir=root / "data",
            execute=FrozenDict({"timeout": timeout_s}),
        )
        backend = LocalBackend(config)
        result = build(config, BuildOptions(keep_going=True), backend=backend, store=open_store(config))
        ours, html = _our_outputs(config, copy), _our_html(config, copy)
        problems = [each for each in result.diagnostics if each.severity == "error"]
        _execute(reference, copy.parent, timeout_s)
        theirs = _their_outputs(reference, root)
        _compare_cells(found, ours, theirs)
        _compare_failure(found, problems, reference)
        _compare_words(found, html, _their_html(reference))
        return found


# --- sitegen ------------------------------------------------------------------------------------------


def _site(document: Path, root: Path) -> Path:
    """A site with the document's copy, and links to the files beside it."""
    folder = root / ("content" if document.suffix == ".md" else "notebooks")
    folder.mkdir(parents=True)
    (root / "content").mkdir(exist_ok=True)
    for beside in document.parent.iterdir():
        if beside != document and not beside.name.startswith(".") and not _holds_pages(beside):
            (folder / beside.name).symlink_to(beside)
    copy = folder / re.sub(r"[^\w.-]+", "-", document.name).lower()
    shutil.copy(document, copy)
    return copy


def _holds_pages(path: Path) -> bool:
    """Whether a file is a page, or a folder holds one: it would be built and run too."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return any(page_format(file.name, file) is not None for file in files if file.is_file())


def _page_of(copy: Path) -> PageKey:
    prefix = "" if copy.suffix == ".md" else "/notebooks"
    return PageKey(f"{prefix}/{copy.stem}")


def _our_outputs(config: Config, copy: Path) -> list[tuple[Item, ...]]:
    store = open_store(config)
    stored = store.of_page(_page_of(copy))
    whole = store.load(stored[0]) if stored else None
    return [tuple(_items(run.outputs)) for run in whole.cells] if whole is not None else []


def _our_html(config: Config, copy: Path) -> str:
    file = config.publish_dir / _page_of(copy).strip("/") / "index.html"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


# --- Jupyter ------------------------------------------------------------------------------------------


def _reference_notebook(document: Path) -> Any:
    """The document as nbformat's notebook: by nbformat, by jupytext, or for scripts by our own reading."""
    nbformat: Any = importlib.import_module("nbformat")  # these are not typed
    if document.suffix == ".ipynb":
        return nbformat.read(document, as_version=4)
    if document.suffix == ".md":
        jupytext: Any = importlib.import_module("jupytext")
        return jupytext.read(document, fmt="md:myst")
    read = read_script(document.read_bytes(), PurePosixPath(document.name))
    return _as_nbformat(read)


def _as_nbformat(notebook: Notebook) -> Any:
    v4: Any = importlib.import_module("nbformat.v4")
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    cells = [make[cell.kind](cell.source) for cell in notebook.cells]
    return v4.new_notebook(cells=cells)


def _execute(notebook: Any, folder: Path, timeout_s: int) -> None:
    from nbclient import NotebookClient

    client = NotebookClient(notebook, timeout=timeout_s, kernel_name="python3", allow_errors=True)
    client.execute(cwd=str(folder))


def _their_outputs(notebook: Any, root: Path) -> list[tuple[Item, ...]]:
    """The outputs of each code cell that is not empty, scrubbed as ours are."""
    machine = this_machine(root)
    return [
        tuple(_items([scrub(output, machine) for output in outputs_of(cell, None)]))
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip()
    ]


def _their_html(notebook: Any) -> str:
    nbconvert: Any = importlib.import_module("nbconvert")
    html, _ = nbconvert.HTMLExporter(template_name="classic").from_notebook_node(notebook)
    return str(html)


# --- comparing ----------------------------------------------------------------------------------------


def _items(outputs: Iterable[Output]) -> Iterator[Item]:
    for output in outputs:
        if isinstance(output, StreamOutput):
            yield Item(kind=output.name, text=output.text)
        elif isinstance(output, ErrorOutput):
            yield Item(kind="error", text=f"{output.name}: {output.value}")
        elif isinstance(output, DisplayOutput):
            yield _display(output)


def _display(output: DisplayOutput) -> Item:
    data: Mapping[str, object] = output.data
    if any(name in _IMAGES for name in data):
        return Item(kind="image")
    for name in ("text/html", "text/markdown", "text/latex", "application/json", "text/plain"):
        if name in data:
            return Item(kind=name, text=str(data[name]))
    return Item(kind=",".join(sorted(data)))


def _compare_cells(
    found: Comparison, ours: Sequence[tuple[Item, ...]], theirs: Sequence[tuple[Item, ...]]
) -> None:
    found.cells = len(theirs)
    for number, expected in enumerate(theirs):
        got = ours[number] if number < len(ours) else None
        if got is None:
            found.differences.append(f"cell {number + 1}: not run by us")
            continue
        mine, reference = _plain(got), _plain(expected)
        if mine == reference:
            found.same += 1
        elif _letters(mine) == _letters(reference):
            found.numbers += 1
        else:
            found.differences.append(f"cell {number + 1}: {_difference(mine, reference)}")


def _difference(mine: Sequence[Item], reference: Sequence[Item]) -> str:
    """In words."""
    kinds, wanted = [item.kind for item in mine], [item.kind for item in reference]
    if kinds != wanted:
        return f"outputs {kinds} where Jupyter has {wanted}"
    pair = next((a, b) for a, b in zip(mine, reference, strict=True) if a != b)
    return f"{pair[0].kind}: {pair[0].text[:150]!r} where Jupyter has {pair[1].text[:150]!r}"


def _plain(items: Sequence[Item]) -> list[Item]:
    """Streams joined, addresses and colours taken out, no reprs of what a figure was drawn with."""
    has_image = any(item.kind == "image" for item in items)
    kept: list[Item] = []
    for item in items:
        text = _ADDRESS.sub("", _ANSI.sub("", item.text)).rstrip()
        if has_image and item.kind == "text/plain" and _FIGURE_REPR.match(text):
            continue
        if kept and kept[-1].kind == item.kind and item.kind in ("stdout", "stderr"):
            kept[-1] = Item(kind=item.kind, text=f"{kept[-1].text}{text}")
        elif text or item.kind not in ("stdout", "stderr"):
            kept.append(Item(kind=item.kind, text=text))
    return kept


def _letters(items: Iterable[Item]) -> list[tuple[str, str]]:
    """The outputs' words: without digits, signs, units of time and exponents."""
    return [(item.kind, " ".join(_WORD.findall(item.text))) for item in items]


def _compare_failure(found: Comparison, problems: Sequence[Diagnostic], reference: Any) -> None:
    """Where a cell fails: the same cell and the same exception in both?"""
    failing = next(
        (
            (number, output)
            for number, cell in enumerate(reference.cells, 1)
            for output in (cell.get("outputs", []) if cell.cell_type == "code" else [])
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", [])
        ),
        None,
    )
    raised = next((problem for problem in problems if problem.code == "SG301"), None)
    others = [problem for problem in problems if problem.code != "SG301"]
    said = f"{raised.location} {raised.message}" if raised is not None else ""
    if failing is None and raised is None:
        found.failure = f"error: {others[0].location} {others[0].message}" if others else ""
    elif failing is None or raised is None:
        found.failure = f"only one fails: {said or f'Jupyter: cell {failing[0] if failing else 0}'}"
    else:
        found.differences.clear()
        is_same = failing[1].ename in raised.message
        where = raised.location
        if where is not None and where.cell is not None:
            lines = _CELL_LINE.findall(_ANSI.sub("", "\n".join(failing[1].traceback)))
            is_same = is_same and where.cell == failing[0] and (not lines or str(where.line) == lines[-1])
            said = f"{said} (Jupyter: cell {failing[0]}, line {lines[-1] if lines else '?'})"
        found.failure = (
            f"fails in both, {'at the same place' if is_same else 'elsewhere or otherwise'}: {said}"
        )


def _compare_words(found: Comparison, ours: str, theirs: str) -> None:
    got, wanted = Counter(_words(ours, 'class="prose"')), Counter(_words(theirs, ""))
    found.words = sum(wanted.values())
    found.missing_words = sorted((wanted - got).elements())
    found.extra_words = sorted((got - wanted).elements())


def _words(html: str, start: str) -> list[str]:
    """The words of a page's prose, from `start` on: without code, outputs, equations, marks and numbers."""
    reader = _Prose()
    title = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL) if start else None
    reader.feed(f"{title[0]} " if title is not None else "")
    begin = html.find(start) if start else 0
    end = html.find('class="page-footer"') if start else -1
    reader.feed(html[max(html.rfind("<", 0, begin), 0) : end if end > 0 else len(html)])
    text = _MATH.sub(" ", "".join(reader.texts)).replace("¶", " ")
    text = text.translate(str.maketrans("“”‘’–—…", "\"\"''--.", ""))
    return list(re.findall(r"[A-Za-zÀ-ÿ]{2,}", text))


class _Prose(HTMLParser):
    """Collects text outside code cells, outputs and what is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[str] = []
        self._hidden_from: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag: hidden text may begin."""
        if tag in _VOID:
            return
        self._open.append(tag)
        classes = dict(attrs).get("class") or ""
        is_hidden = tag in _SKIPPED_TAGS or _is_code(classes)
        if is_hidden and self._hidden_from is None:
            self._hidden_from = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        """A tag's end, with those inside it that were never closed."""
        if tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            if self._hidden_from is not None and len(self._open) < self._hidden_from:
                self._hidden_from = None
            if last == tag:
                break
        self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._hidden_from is None:
            self.texts.append(data)


def _is_code(classes: str) -> bool:
    """Whether an element of these classes is a code cell or its output, in our HTML or in nbconvert's."""
    names = set(classes.split())
    ours = {"cell-input", "cell-output", "cell-note", "cell"}
    theirs = {"input", "output_wrapper", "prompt", "code_cell"}
    return bool(names & ours and "text_cell" not in names and "border-box-sizing" not in names) or bool(
        names & theirs
    )


if __name__ == "__main__":
    main()
