"""Jupyter widgets in a page: their state as JSON, drawn by Jupyter's own html-manager."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Final

from sitegen.content.document import DisplayOutput
from sitegen.frozen import thaw

VIEW: Final = "application/vnd.jupyter.widget-view+json"
STATE: Final = "application/vnd.jupyter.widget-state+json"

_LOADER: Final = (
    '<script src="https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.4/require.min.js" crossorigin="anonymous"></script>\n'
    '<script src="https://cdn.jsdelivr.net/npm/@jupyter-widgets/html-manager@^1.0.1/dist/embed-amd.js" '
    'crossorigin="anonymous"></script>\n'
)
"""The one thing that a page takes from elsewhere, and only a page with widgets: the manager is 2 MB
and has no Python package. The scheme of embedding is ipywidgets' (docs, "Embedding Widgets in HTML")."""


def widget_html(output: DisplayOutput) -> str:
    """A widget's view, with the state of the page's widgets where this output carries it; text without scripts."""
    parts = []
    state = output.data.get(STATE)
    if isinstance(state, Mapping):
        inner = state.get(STATE, state)  # as a notebook's metadata has it, or bare
        parts.append(f"{_LOADER}{_json_script(STATE, inner)}\n")
    parts.append(_json_script(VIEW, output.data[VIEW]))
    text = output.data.get("text/plain")
    if isinstance(text, str):
        parts.append(f"<noscript><pre>{escape(text)}</pre></noscript>")
    return f'<div class="output output-html output-widget">{"".join(parts)}</div>\n'


def _json_script(media_type: str, value: object) -> str:
    text = json.dumps(thaw(value), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="{media_type}">{text}</script>'
