"""An executed page as files that a reader can run: `index.ipynb` with its outputs, and `index.py` in percent format.

Both begin with a cell that makes `sitegen.lab` importable: the installed one, else the copy of `lab.py` that the site publishes
once. The notebook is nbformat 4.5, written as plain JSON.
"""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.document import CodeCell
from sitegen.content.executed import (
    CellRun,
    DisplayOutput,
    ErrorOutput,
    ExecutedDocument,
    Output,
    StreamOutput,
)
from sitegen.content.index import IndexedPage
from sitegen.content.parameters import parameters_source
from sitegen.files import digest_bytes
from sitegen.frozen import thaw
from sitegen.markdown.cells import kernel_languages
from sitegen.rendering.cells.ansi import without_ansi
from sitegen.rendering.urls import absolute, page_folder, url_of_output, with_base
from sitegen.results.media_types import CURVE_TYPE, METRIC_TYPE, OURS, SEED_TYPE, WIDGET_STATE
from sitegen.values import dataclass

NOTEBOOK: Final = PurePosixPath("index.ipynb")
SCRIPT: Final = PurePosixPath("index.py")
_LAB_FOLDER: Final = PurePosixPath("sitegen")
_ID: Final = re.compile(r"[^A-Za-z0-9_-]+")
_MAGIC: Final = re.compile(r"^\s*(?:[%!?]|[\w, ]+=\s*[%!]|[\w.]+\?\??\s*$)")
"""A line that IPython understands and Python does not."""
_KEPT_IN_NOTEBOOK: Final = frozenset({METRIC_TYPE, SEED_TYPE, CURVE_TYPE})
"""Of our own types: the numbers. The rest is about how the site shows an output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """What a page offers to be run elsewhere."""

    files: Mapping[PurePosixPath, bytes]
    """Beside the page."""
    shared: Mapping[PurePosixPath, bytes]
    """Of the whole site: the copy of `lab.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One cell of what is downloaded."""

    id: str
    text: str
    cell: CodeCell | None = None
    """None for prose and for our own code."""
    is_code: bool = True
    tags: tuple[str, ...] = ()


def downloads_of(
    executed: ExecutedDocument,
    place: IndexedPage,
    config: Config,
    *,
    title: str,
    in_words: Callable[[str, int], str],
) -> Downloads | None:
    """The page's downloads; None for a page that no kernel runs.

    Args:
        executed: the page with the results that it shows.
        place: the page in the site.
        config: the site's.
        title: plain text.
        in_words: gives prose as it is to stand in a notebook: values in place of inline expressions and metrics, links
            that lead somewhere; the number is how many of the page's cells come before it.
    """
    document = executed.document
    if executed.state is None or not document.notebook:
        return None
    language = kernel_languages(document.execution.kernel)[0]
    is_python = language == "python"
    lab = _lab_path()
    parts = list(
        _parts(executed, place, config, title=title, in_words=in_words, lab=lab if is_python else None)
    )
    files = {NOTEBOOK: _notebook(parts, executed, place, config, language)}
    if is_python:
        files[SCRIPT] = _script(parts)
    return Downloads(files=files, shared={lab: _lab_source()} if is_python else {})


def _parts(
    executed: ExecutedDocument,
    place: IndexedPage,
    config: Config,
    *,
    title: str,
    in_words: Callable[[str, int], str],
    lab: PurePosixPath | None,
) -> Iterator[_Part]:
    document = executed.document
    cells = {cell.id: cell for cell in document.cells}
    taken: set[str] = set()
    address = absolute(config, with_base(config, place.url))
    has_title = document.notebook[0].markdown.lstrip().startswith("# ")
    heading = [] if has_title else [f"# {title}"]
    source = [f"From [{address}]({address})."] if "://" in address else []
    if heading or source:
        yield _Part(id=_free("title", taken), text="\n\n".join((*heading, *source)), is_code=False)
    if lab is not None:
        yield _Part(
            id=_free("sitegen-lab", taken), text=_opening(executed, place, config, lab), tags=("sitegen-lab",)
        )
    before = 0
    needs_parameters = bool(document.execution.parameters)
    for each in document.notebook:
        if each.cell is None:
            yield _Part(id=_free("prose", taken), text=in_words(each.markdown, before), is_code=False)
            continue
        cell = cells[each.cell]
        before += 1
        name = cell.notebook_id or cell.options.label or cell.id
        if not cell.options.runs or not _is_of(cell, document.execution.kernel):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", cell.source)), default=0))
            text = f"{fence}{cell.language}\n{cell.source}\n{fence}"
            yield _Part(id=_free(name, taken), text=text, is_code=False)
            continue
        yield _Part(id=_free(name, taken), text=cell.source, cell=cell, tags=cell.options.tags)
        if needs_parameters and "parameters" in cell.options.tags and lab is not None:
            needs_parameters = False
            yield _injected(executed, taken)


def _injected(executed: ExecutedDocument, taken: set[str]) -> _Part:
    """The page's parameters where the build injects them, named as papermill does."""
    provenance = executed.provenance  # its parameters are without paths of the machine
    parameters = executed.document.execution.parameters if provenance is None else provenance.parameters
    text = f"# Parameters\n{parameters_source(parameters)}"
    return _Part(id=_free("injected-parameters", taken), text=text, tags=("injected-parameters",))


def _is_of(cell: CodeCell, kernel: str) -> bool:
    return cell.language.lower() in kernel_languages(kernel)


def _free(name: str, taken: set[str]) -> str:
    """A cell's id as nbformat wants it: at most 64 letters, digits, `-` and `_`, once in the notebook."""
    stem = _ID.sub("-", name).strip("-")[:56] or "cell"
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    taken.add(found)
    return found


# --- the first cell --------------------------------------------------------------------------------


@functools.cache
def _lab_source() -> bytes:
    return (Path(__file__).parents[2] / "lab.py").read_bytes()


def _lab_path() -> PurePosixPath:
    return _LAB_FOLDER / f"lab.{digest_bytes(_lab_source())[:12]}.py"


def _opening(executed: ExecutedDocument, place: IndexedPage, config: Config, lab: PurePosixPath) -> str:
    """Code that makes `from sitegen import lab` work anywhere, and sets what the page's own build sets."""
    execution = executed.document.execution
    url = absolute(config, url_of_output(config, lab))
    beside = "../" * len(page_folder(place).parts) + lab.as_posix()
    lines = [
        "# `lab` is a small module that this page's cells may call. Where it is not installed, the site's copy is taken."
    ]
    if executed.provenance is not None and executed.provenance.profile == "smoke":
        lines += ["import os", 'os.environ.setdefault("SITEGEN_PROFILE", "smoke")  # as the page was run', ""]
    lines += [
        "try:",
        "    from sitegen import lab",
        "except ImportError:",
        "    import hashlib, pathlib, sys, types, urllib.request",
        "",
        '    _here = pathlib.Path(globals().get("__file__", "")).parent  # of a script, whatever folder it is run in',
        f"    _copy = _here / {beside!r}  # of a site that was downloaded whole",
        "    if _copy.is_file():",
        "        _source = _copy.read_bytes()",
        "    else:",
    ]
    if "://" in url:
        lines += [
            f"        with urllib.request.urlopen({url!r}) as _answer:",
            "            _source = _answer.read()",
        ]
    else:
        lines.append('        raise  # install it: pip install "sitegen-ml"')
    digest = digest_bytes(_lab_source())
    lines += [
        f'    if hashlib.sha256(_source).hexdigest() != "{digest}":',
        '        raise ImportError("the copy of lab.py is not the one that this page was made with")',
        '    sys.modules["sitegen"] = types.ModuleType("sitegen")',
        '    lab = sys.modules["sitegen"].lab = sys.modules["sitegen.lab"] = types.ModuleType("sitegen.lab")',
        '    exec(compile(_source, "lab.py", "exec"), lab.__dict__)',
    ]
    if execution.seed is not None:
        lines += ["", f"lab.seed({execution.seed})"]
    if any("display(" in cell.source for cell in executed.document.cells):
        lines += ["", "try:", "    display", "except NameError:  # outside Jupyter", "    display = print"]
    return "\n".join(lines)


# --- the notebook ----------------------------------------------------------------------------------


def _notebook(
    parts: Sequence[_Part], executed: ExecutedDocument, place: IndexedPage, config: Config, language: str
) -> bytes:
    count = 0
    cells: list[dict[str, Any]] = []
    widgets: object = None
    for part in parts:
        metadata: dict[str, Any] = {"tags": list(part.tags)} if part.tags else {}
        node: dict[str, Any] = {"cell_type": "code" if part.is_code else "markdown", "id": part.id}
        if part.is_code:
            run = executed.runs.get(part.cell.id) if part.cell is not None else None
            has_run = run is not None and run.status != "skipped"
            count += has_run
            node |= {
                "execution_count": count if has_run else None,
                "outputs": list(_outputs(run, count)) if run is not None else [],
            }
            for output in run.outputs if run is not None else ():
                if isinstance(output, DisplayOutput):
                    widgets = output.data.get(WIDGET_STATE, widgets)
        cells.append({**node, "metadata": metadata, "source": _lines(part.text)})
    notebook = {
        "cells": cells,
        "metadata": _metadata(executed, place, config, language, widgets),
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _metadata(
    executed: ExecutedDocument, place: IndexedPage, config: Config, language: str, widgets: object
) -> dict[str, Any]:
    kernel = executed.document.execution.kernel
    name = "Python 3" if kernel == "python3" else kernel
    about: dict[str, Any] = {
        "page": executed.document.page,
        "url": absolute(config, with_base(config, place.url)),
    }
    language_info: dict[str, Any] = {"name": language}
    provenance = executed.provenance
    if provenance is not None:
        about |= {"record": provenance.record, "key": provenance.key, "commit": provenance.commit}
        about |= {"started": provenance.started.strftime("%Y-%m-%dT%H:%M:%SZ"), "device": provenance.device}
        version = provenance.environment.get("python")
        if language == "python":
            language_info |= {
                "file_extension": ".py",
                "mimetype": "text/x-python",
                "pygments_lexer": "ipython3",
            }
            language_info |= {"version": version} if isinstance(version, str) and version else {}
    found: dict[str, Any] = {
        "kernelspec": {"name": kernel, "display_name": name, "language": language},
        "language_info": language_info,
        "sitegen": about,
    }
    if widgets is not None:
        found["widgets"] = thaw(widgets)
    return found


def _outputs(run: CellRun, count: int) -> Iterator[dict[str, Any]]:
    for output in run.outputs:
        node = _output(output, count)
        if node is not None:
            yield node


def _output(output: Output, count: int) -> dict[str, Any] | None:
    """The output as nbformat has it; None for what only the site has a use for."""
    if isinstance(output, StreamOutput):
        return {"output_type": "stream", "name": output.name, "text": _lines(output.text)}
    if isinstance(output, ErrorOutput):
        return {
            "output_type": "error",
            "ename": output.name,
            "evalue": output.value,
            "traceback": output.traceback.split("\n"),
        }
    data = {
        media_type: _content(media_type, content)
        for media_type, content in output.data.items()
        if not isinstance(content, bytes)
        and media_type != WIDGET_STATE
        and (not media_type.startswith(OURS) or media_type in _KEPT_IN_NOTEBOOK)
    }
    if not data:
        return None
    metadata = {name: thaw(item) for name, item in output.metadata.items()}
    if output.is_result:
        return {"output_type": "execute_result", "execution_count": count, "data": data, "metadata": metadata}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def _content(media_type: str, content: object) -> Any:
    """Text as lines, JSON as it is, base64 in one piece."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return thaw(content)
    text = "".join(map(str, content)) if isinstance(content, tuple) else str(content)
    is_binary = media_type.startswith("image/") and media_type != "image/svg+xml"
    return text if is_binary or media_type == "application/pdf" else _lines(text)


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=\n)", text) if line]


# --- the script ------------------------------------------------------------------------------------


def _script(parts: Sequence[_Part]) -> bytes:
    """The same cells for any Python: lines that only IPython knows are comments."""
    texts = []
    for part in parts:
        if part.is_code:
            label = part.cell.options.label if part.cell is not None else None
            texts.append(f"# %%{f' {label}' if label else ''}\n{_plain_python(part.text)}\n")
        else:
            lines = (f"# {line}".rstrip() for line in without_ansi(part.text).split("\n"))
            texts.append("# %% [markdown]\n" + "\n".join(lines) + "\n")
    return "\n".join(texts).encode("utf-8", "replace")


def _plain_python(source: str) -> str:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    else:
        return source
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(("%%time", "%%timeit", "%%capture", "%%prun")):
        return "\n".join(f"# {line}".rstrip() for line in lines)  # of another language
    return "\n".join(_without_magic(line) for line in lines)


def _without_magic(line: str) -> str:
    if not _MAGIC.match(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    comment = f"{indent}# {line.lstrip()}"
    return f"{indent}pass  {comment.lstrip()}" if indent else comment
