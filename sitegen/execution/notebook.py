"""Code cells to nbformat's nodes, and the outputs that nbclient left in them back to ours."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, Final

from sitegen.content.document import CodeCell
from sitegen.content.executed import DisplayOutput, ErrorOutput, Output, StreamOutput
from sitegen.execution.cuts import Cut, cut_of
from sitegen.frozen import FrozenDict, freeze
from sitegen.results.media_types import ARTIFACT_CONTENT, PLOTLY, PLOTLY_SCRIPT, WIDGET_STATE, WIDGET_VIEW
from sitegen.results.payloads import artifact_of


def to_notebook(cells: Iterable[CodeCell], kernel_name: str) -> Any:
    """A notebook with the cells' code alone: what nbclient keeps its books in."""
    v4: Any = importlib.import_module("nbformat.v4")  # lazily, and it is not typed
    nodes = [v4.new_code_cell(source=cell.source, id=cell.id) for cell in cells]
    metadata = {"kernelspec": {"name": kernel_name, "display_name": kernel_name}}
    return v4.new_notebook(cells=nodes, metadata=metadata)


def outputs_of(node: Mapping[str, Any], error: ErrorOutput | None) -> tuple[Output, ...]:
    """The outputs of an executed cell, neighbours of one stream merged.

    Args:
        node: nbformat's cell.
        error: stands in for the kernel's own traceback, where the cell raised.
    """
    outputs: list[Output] = []
    for item in node.get("outputs", []):
        output = _output(item, error)
        last = outputs[-1] if outputs else None
        if isinstance(output, StreamOutput) and isinstance(last, StreamOutput) and last.name == output.name:
            output = StreamOutput(name=last.name, text=last.text + output.text)
            outputs.pop()
        outputs.append(output)
    return tuple(outputs)


def cuts_of(node: Mapping[str, Any]) -> list[Cut]:
    """What was left out of the outputs of an executed cell."""
    found = (cut_of(item.get("data", {})) for item in node.get("outputs", []))
    return [cut for cut in found if cut is not None]


def as_nbformat(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a display message holds, in the types that nbformat takes: it ends the run at any other.

    JSON may stand under `.../json` and `...+json` alone. Altair 6 calls its charts `application/vnd.vegalite.v6.json`.
    """
    return dict(_as_nbformat(mime, value) for mime, value in data.items())


def display_output(content: Mapping[str, Any], *, is_result: bool) -> DisplayOutput:
    """What a display message or a user expression's reply holds."""
    data = {
        str(mime): freeze(_text(value) if isinstance(value, (str, list)) and _is_text(mime) else value)
        for mime, value in content.get("data", {}).items()
    }
    return DisplayOutput(
        data=FrozenDict(data), metadata=freeze(dict(content.get("metadata", {}))), is_result=is_result
    )


def with_text_bars(
    cells: Sequence[tuple[Output, ...]], state: object
) -> tuple[list[tuple[Output, ...]], object]:
    """The outputs with progress bars of ipywidgets (tqdm's in notebooks) as the lines that they would be on a terminal.

    A bar that was closed, as tqdm does under `leave=False`, is gone.

    Args:
        cells: outputs, cell by cell.
        state: of all widgets of the page; None where there are none.

    Returns:
        The outputs, and the state of the widgets that are left; None where no view of one is left.
    """
    content = state.get(WIDGET_STATE, {}) if isinstance(state, Mapping) else {}
    models = content.get("state", {}) if isinstance(content, Mapping) else {}
    changed = [tuple(_without_bar(output, models) for output in outputs) for outputs in cells]
    kept = [tuple(output for output in outputs if output is not None) for outputs in changed]
    has_view = any(
        isinstance(each, DisplayOutput) and WIDGET_VIEW in each.data for row in kept for each in row
    )
    return kept, state if has_view else None


def with_widget_state(cells: Sequence[tuple[Output, ...]], state: object) -> list[tuple[Output, ...]]:
    """The outputs of a page's cells, with the page's widget state beside the first widget view.

    Args:
        cells: outputs, cell by cell.
        state: of all widgets of the page; None where there are none. A view alone shows nothing.
    """
    changed = list(cells)
    for number, outputs in enumerate(cells):
        for place, output in enumerate(outputs):
            if state is not None and isinstance(output, DisplayOutput) and WIDGET_VIEW in output.data:
                data = FrozenDict({**output.data, WIDGET_STATE: freeze(state)})
                changed[number] = (*outputs[:place], replace(output, data=data), *outputs[place + 1 :])
                return changed
    return changed


def with_plotly_script(
    cells: Sequence[tuple[Output, ...]], search_path: Iterable[str]
) -> list[tuple[Output, ...]]:
    """The outputs of a page's cells, with the kernel's plotly.js beside each Plotly figure.

    Beside each, since another page may embed just that one; the store keeps the text once a version.

    Args:
        cells: outputs, cell by cell.
        search_path: folders in which the kernel's packages are installed.
    """
    if not any(_is_plotly(output) for outputs in cells for output in outputs):
        return list(cells)
    script = _plotly_script(search_path)
    return [
        tuple(
            replace(output, data=FrozenDict({**output.data, PLOTLY_SCRIPT: script}))
            if script and isinstance(output, DisplayOutput) and PLOTLY in output.data
            else output
            for output in outputs
        )
        for outputs in cells
    ]


def with_artifacts(outputs: Sequence[Output], contents: Mapping[str, bytes]) -> tuple[Output, ...]:
    """The outputs with the content of each artifact beside its description.

    Args:
        outputs: of one cell.
        contents: by digest; an artifact that is not among them keeps its description alone.
    """
    changed: list[Output] = []
    for output in outputs:
        kept = artifact_of(output) if isinstance(output, DisplayOutput) else None
        if kept is not None and isinstance(output, DisplayOutput) and kept.digest in contents:
            data = FrozenDict({**output.data, ARTIFACT_CONTENT: contents[kept.digest]})
            output = replace(output, data=data)
        changed.append(output)
    return tuple(changed)


_BAR_MODELS: Final = ("FloatProgressModel", "IntProgressModel")
_LABEL_MODELS: Final = ("HTMLModel", "LabelModel", "HTMLMathModel")
_BAR_WIDTH: Final = 10
_REFERENCE: Final = "IPY_MODEL_"


def _without_bar(output: Output, models: Mapping[str, Any]) -> Output | None:
    """A widget that is a progress bar as text; None for one that is closed; anything else as it is."""
    if not isinstance(output, DisplayOutput) or WIDGET_VIEW not in output.data:
        return output
    view = output.data[WIDGET_VIEW]
    model = models.get(str(view.get("model_id", ""))) if isinstance(view, Mapping) else None
    if model is None:
        return None
    if model.get("model_name") in _BAR_MODELS:
        parts = [model]
    elif model.get("model_name") == "HBoxModel":
        names = [str(child).removeprefix(_REFERENCE) for child in model.get("state", {}).get("children", ())]
        parts = [models.get(name, {}) for name in names]
    else:
        return output
    kinds = [part.get("model_name") for part in parts]
    if sum(kind in _BAR_MODELS for kind in kinds) != 1 or not set(kinds) <= {*_BAR_MODELS, *_LABEL_MODELS}:
        return output
    text = "".join(
        _bar_text(part.get("state", {}), is_bar=kind in _BAR_MODELS)
        for part, kind in zip(parts, kinds, strict=True)
    )
    return StreamOutput(name="stderr", text=text.strip() + "\n")


def _bar_text(state: Mapping[str, Any], *, is_bar: bool) -> str:
    if not is_bar:
        return unescape(str(state.get("value", "")))
    low, high, value = (
        float(state.get(name, default)) for name, default in (("min", 0), ("max", 100), ("value", 0))
    )
    full = round(_BAR_WIDTH * min(1.0, max(0.0, (value - low) / (high - low)))) if high > low else _BAR_WIDTH
    return f"|{'█' * full}{' ' * (_BAR_WIDTH - full)}|"


def _is_plotly(output: Output) -> bool:
    return isinstance(output, DisplayOutput) and PLOTLY in output.data


def _plotly_script(search_path: Iterable[str]) -> str:
    """plotly.js as the first plotly package of the folders has it; empty where there is none."""
    for folder in search_path:
        file = Path(folder) / "plotly" / "package_data" / "plotly.min.js"
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="replace")
    return ""


def _output(item: Mapping[str, Any], error: ErrorOutput | None) -> Output:
    kind = item["output_type"]
    if kind == "stream":
        text = _text(item["text"])
        return StreamOutput(name="stderr" if item["name"] == "stderr" else "stdout", text=text)
    if kind == "error":
        if error is not None:
            return error
        lines = "\n".join(str(line) for line in item.get("traceback", []))
        return ErrorOutput(name=str(item["ename"]), value=_text(item["evalue"]), traceback=_text(lines))
    cut = cut_of(item["data"])
    return display_output(item, is_result=kind == "execute_result") if cut is None else cut.notice()


def _text(value: object) -> str:
    """Text that can be stored as UTF-8: parts joined, lone surrogates replaced."""
    text = "".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _is_text(mime: str) -> bool:
    return not (mime == "application/json" or mime.endswith("+json"))


def _as_nbformat(mime: str, value: Any) -> tuple[str, Any]:
    is_lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    if not _is_text(mime) or isinstance(value, str) or is_lines:
        return mime, value
    if mime.endswith(".json"):
        return mime.removesuffix(".json") + "+json", value
    return mime, json.dumps(value)
