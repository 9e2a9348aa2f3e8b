"""Jupyter widgets in a page: their state as JSON, drawn by Jupyter's own html-manager, published with the site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Final

from sitegen.content.document import CodeCell
from sitegen.content.executed import DisplayOutput
from sitegen.errors import Diagnostic
from sitegen.frozen import thaw
from sitegen.rendering.cells.displays import Shown
from sitegen.rendering.cells.interactive import Scripts
from sitegen.results.media_types import WIDGET_STATE, WIDGET_VIEW

_KNOWN: Final = ("@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output")
"""The modules that html-manager holds; widgets of other packages have scripts of their own."""


def widget_html(output: DisplayOutput, cell: CodeCell, scripts: Scripts) -> Shown:
    """A widget's view, with the state of the page's widgets where this output carries it.

    The scheme of embedding is ipywidgets' (docs, "Embedding Widgets in HTML"). Without scripts, and where a widget
    cannot be drawn, its text stands there.
    """
    parts = []
    state = output.data.get(WIDGET_STATE)
    if isinstance(state, Mapping):
        inner = state.get(WIDGET_STATE, state)  # as a notebook's metadata has it, or bare
        scripts.widget_models.update(_modules(inner))
        parts.append(f"{scripts.widgets()}{_json_script(WIDGET_STATE, inner)}\n")
    module = scripts.widget_models.get(_model(output.data[WIDGET_VIEW]))
    text = output.data.get("text/plain")
    said = f"<pre>{escape(text)}</pre>" if isinstance(text, str) else ""
    if module not in _KNOWN:
        problem = _foreign(module, cell)
        note = f'<p class="cell-note">{escape(problem.message[:1].upper() + problem.message[1:])}.</p>\n'
        parts.append(f"{note}{said}")
        return Shown(
            html=f'<div class="output output-html output-widget">{"".join(parts)}</div>\n',
            diagnostics=(problem,),
        )
    parts.append(_json_script(WIDGET_VIEW, output.data[WIDGET_VIEW]))
    parts.append(f"<noscript>{said}</noscript>" if said else "")
    return Shown(
        html=f'<div class="output output-html output-widget">{"".join(parts)}</div>\n',
        features=frozenset({"widgets"}),
    )


def _modules(state: object) -> dict[str, str]:
    """The module of each model that a state holds, by the model's id."""
    models = state.get("state") if isinstance(state, Mapping) else None
    return {
        str(identifier): str(model.get("model_module", ""))
        for identifier, model in (models.items() if isinstance(models, Mapping) else ())
        if isinstance(model, Mapping)
    }


def _model(view: object) -> str:
    return str(view.get("model_id", "")) if isinstance(view, Mapping) else ""


def _foreign(module: str | None, cell: CodeCell) -> Diagnostic:
    message = (
        "a widget has no state to be drawn from"
        if module is None
        else f"a widget of `{module}` is not shown: its script is not part of the site"
    )
    return Diagnostic(
        code="SG404",
        severity="warning",
        message=message,
        location=cell.location,
        hint="display a picture or HTML in its place; `#| output: false` hides it",
    )


def _json_script(media_type: str, value: object) -> str:
    text = json.dumps(thaw(value), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="{media_type}">{text}</script>'
