"""What a kernel says of a cell, gathered in nbformat's cells by nbclient's rules; bounded here too, whoever the kernel is.

Imported only when a cell must run, since it imports Jupyter.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat.notebooknode import from_dict

from sitegen.execution.line import Line
from sitegen.execution.notebook import as_nbformat
from sitegen.results.media_types import CUT_TYPE, METRIC_TYPE, PROGRESS_TYPE
from sitegen.results.terminal import last_states
from sitegen.values import dataclass

_DISPLAYS: Final = ("display_data", "update_display_data", "execute_result")
_OUTPUTS: Final = frozenset((*_DISPLAYS, "stream", "error", "clear_output"))
_SLACK: Final = 65_536
"""Characters and displays beyond the limits that are taken from kernels that cut by themselves: notices, and what races."""
_DATA_BYTES: Final = 96 * 2**20
"""Of the displays of a cell together, as in `kernel_side/streams.py`."""
_SETTLE: Final = 4096
"""Characters of a stream after which what was overwritten in it is taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Who is told of a cell's outputs as they come."""

    heard: Callable[[str, int], None] = lambda kind, size: None  # noqa: ARG005
    """The kind of each output message and the length of its text."""
    progressed: Callable[[Any], None] = lambda payload: None  # noqa: ARG005
    """What `lab.progress` says, which is no output."""
    measured: Callable[[Any], None] = lambda payload: None  # noqa: ARG005
    """What `lab.metric` says; it is an output, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputLimits:
    """How much of a cell's outputs is kept."""

    text_characters: int
    displays: int

    def beyond(self) -> OutputLimits:
        """For a kernel that cuts by itself: what it and the processes that it has forked may send together."""
        return OutputLimits(
            text_characters=2 * self.text_characters + _SLACK, displays=self.displays + _SLACK
        )


class Collector(NotebookClient):
    """nbclient's books of a page's cells. It never sends a cell and never waits: messages are handed to it."""

    def __init__(self, notebook: Any, line: Line) -> None:
        super().__init__(notebook, record_timing=False, log=logging.getLogger("sitegen.execution"))
        self.kc: Any = line  # for widgets that answer
        self.closed: set[str] = set()
        """Widgets that the page's code has closed, by their id."""
        self._node: Any = None
        self._index = 0
        self._ears = Ears()
        self._limits = OutputLimits(text_characters=0, displays=0)
        self._text_left = 0
        self._displays_left = 0
        self._data_left = 0
        self._settle_at = _SETTLE
        self._cuts: dict[str, Any] = {}

    def begin(self, node: Any, index: int, limits: OutputLimits, ears: Ears) -> None:
        """A cell is sent: what comes now belongs to it.

        Args:
            node: the cell, of the notebook.
            index: its place in the notebook, from 0.
            limits: how much is kept.
            ears: who is told.
        """
        node.outputs = []
        self.clear_before_next_output = False
        self._node, self._index, self._limits, self._ears = node, index, limits, ears
        self._refill()

    def receive(self, message: dict[str, Any]) -> None:
        """A message about the cell."""
        kind = message["msg_type"]
        if kind == "comm_close":
            self.closed.add(message["content"]["comm_id"])
        if kind in _OUTPUTS and not self._is_output(kind, message["content"]):
            return
        with contextlib.suppress(CellExecutionComplete):
            self.process_message(message, self._node, self._index)

    def widgets(self) -> object:
        """The state of all ipywidgets of the page so far; None where there are none."""
        if not self.widget_state:
            return None
        for model in self.closed:  # nbclient keeps them
            self.widget_state.pop(model, None)
        self.set_widgets_metadata()
        return self.nb.metadata.widgets

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: Any, cell_index: int) -> Any:
        """nbclient's, but that the pieces of a stream come together, without what was overwritten."""
        last: Any = outs[-1] if outs else None
        content = msg["content"]
        is_more = (
            msg["msg_type"] == "stream"
            and not self.clear_before_next_output
            and not self.output_hook_stack[msg["parent_header"].get("msg_id")]
            and last is not None
            and last["output_type"] == "stream"
            and last["name"] == content["name"]
        )
        if not is_more:
            return super().output(outs, msg, display_id, cell_index)
        text = last["text"] + content["text"]
        if "\r" in content["text"] or "\x1b[" in content["text"]:
            text = self._settled(text)
        last["text"] = text
        return last

    def _is_output(self, kind: str, content: dict[str, Any]) -> bool:
        """Take note of an output; whether it is to be kept."""
        data = content.get("data", {}) if kind in _DISPLAYS else {}
        if PROGRESS_TYPE in data:
            self._ears.progressed(data[PROGRESS_TYPE])
            return False
        text = content.get("text", "") if kind == "stream" else ""
        self._ears.heard(kind, len(text))
        if kind == "stream":
            kept = text[: max(0, self._text_left)]
            self._text_left -= len(text)
            if len(kept) < len(text):
                self._cut("text", len(text) - len(kept), content["name"], kept)
                return False
        elif kind == "clear_output":
            self._refill()
        elif data:
            if METRIC_TYPE in data:
                self._ears.measured(data[METRIC_TYPE])
            if not self._has_room(data):
                return False
            content["data"] = as_nbformat(data)
        return True

    def _has_room(self, data: Mapping[str, Any]) -> bool:
        size = sum(len(value) for value in data.values() if isinstance(value, str))
        if self._displays_left <= 0:
            self._cut("displays", 1)
        elif size > self._data_left:
            self._cut("data", size)
        else:
            self._displays_left -= 1
            self._data_left -= size
            return True
        return False

    def _cut(self, kind: str, count: int, stream: str = "stdout", kept: str = "") -> None:
        """Leave something out, and say so at its place."""
        outputs = self._node.outputs
        if kept:
            outputs.append(_node(output_type="stream", name=stream, text=kept))
        if kind not in self._cuts:
            limit = {"text": self._limits.text_characters, "displays": self._limits.displays}.get(
                kind, _DATA_BYTES
            )
            found = _node(kind=kind, count=0, limit=limit, stream=stream)
            outputs.append(_node(output_type="display_data", data={CUT_TYPE: found}, metadata={}))
            self._cuts[kind] = outputs[-1]["data"][CUT_TYPE]
        self._cuts[kind]["count"] += count

    def _refill(self) -> None:
        self._text_left = self._limits.text_characters
        self._displays_left = self._limits.displays
        self._data_left = _DATA_BYTES
        self._settle_at = _SETTLE
        self._cuts = {}

    def _settled(self, text: str) -> str:
        """The text without what was overwritten in it, when it has become twice as long as it was without."""
        if len(text) < self._settle_at:
            return text
        settled = last_states(text)
        self._text_left += len(text) - len(settled)
        self._settle_at = max(_SETTLE, 2 * len(settled))
        return settled


def _node(**fields: object) -> Any:
    """Fields as a value of nbformat."""
    make: Any = from_dict
    return make(fields)
