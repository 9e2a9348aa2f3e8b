"""The MIME types that outputs carry beside the common ones: those of `sitegen.lab`, of the build, and of front ends."""

from __future__ import annotations

from typing import Final

OURS: Final = "application/vnd.sitegen."
"""What all our types begin with."""

METRIC_TYPE: Final = "application/vnd.sitegen.metric+json"
SEED_TYPE: Final = "application/vnd.sitegen.seed+json"
CURVE_TYPE: Final = "application/vnd.sitegen.curve+json"
ARTIFACT_TYPE: Final = "application/vnd.sitegen.artifact+json"
ARTIFACT_CONTENT: Final = "application/vnd.sitegen.artifact"
"""The bytes of an artifact, beside its description; added by the build, kept as a blob."""
PROGRESS_TYPE: Final = "application/vnd.sitegen.progress+json"
CUT_TYPE: Final = "application/vnd.sitegen.cut+json"
"""What of a cell's outputs was left out (`execution/kernel_side/streams.py`); a notice takes its place before it is stored."""

DARK_TYPES: Final = {
    "image/svg+xml": "application/vnd.sitegen.dark.svg+xml",
    "image/png": "application/vnd.sitegen.dark.png",
}
"""MIME types to those of the same figure drawn for a dark page (`execution/kernel_side/figures.py`)."""

PLOTLY: Final = "application/vnd.plotly.v1+json"
PLOTLY_SCRIPT: Final = "application/vnd.sitegen.plotly-script"
"""The text of plotly.js, beside a figure that it draws: of the version that the figure was made for.

`execution/notebook.py` puts it there.
"""
WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE: Final = "application/vnd.jupyter.widget-state+json"
