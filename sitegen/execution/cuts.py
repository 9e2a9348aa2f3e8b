"""What was left out of a cell's outputs because there was too much of it, in words for the page and for the author."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from sitegen.content.document import CodeCell
from sitegen.content.executed import StreamOutput
from sitegen.errors import Diagnostic
from sitegen.execution.failures import size_words
from sitegen.results.media_types import CUT_TYPE
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a limit has left out."""

    kind: Literal["text", "displays", "data"]
    """`text`: printed characters; `displays`: displays and updates of displays; `data`: bytes of displays that are too large."""
    count: int
    """Characters, displays, bytes."""
    limit: int
    """In the same unit, of the cell."""
    stream: Literal["stdout", "stderr"] = "stdout"
    """Where the text was printed."""

    @property
    def option(self) -> str | None:
        """By which the author can raise the limit; None where it stands."""
        return {"text": "output-limit", "displays": "display-limit"}.get(self.kind)

    def words(self) -> str:
        """What was left out, and why."""
        if self.kind == "text":
            return (
                f"{size_words(self.count)} more of printed text; `output-limit` is {size_words(self.limit)}"
            )
        if self.kind == "displays":
            outputs = "one more display" if self.count == 1 else f"{self.count:,} more displays"
            return f"{outputs}; `display-limit` is {self.limit:,}"
        return f"{size_words(self.count)} of displayed data; a cell may display {size_words(self.limit)}"

    def notice(self) -> StreamOutput:
        """What stands on the page where it was left out."""
        return StreamOutput(name=self.stream, text=f"\n[left out here: {self.words().replace('`', '')}]\n")


def cut_of(data: Mapping[str, Any]) -> Cut | None:
    """What a display says was left out in its place; None for any other display."""
    if CUT_TYPE not in data:
        return None
    try:
        return msgspec.convert(data[CUT_TYPE], Cut)
    except msgspec.ValidationError:  # somebody else's display of the same MIME type
        return None


def outputs_cut(cell: CodeCell, cuts: list[Cut]) -> Diagnostic:
    """SG326, for all that was left out of a cell."""
    options = [cut.option for cut in cuts if cut.option is not None]
    raised = " and ".join(f"`#| {option}: ...`" for option in options)
    return Diagnostic(
        code="SG326",
        severity="warning",
        message="outputs of the cell were left out: " + ", and ".join(cut.words() for cut in cuts),
        location=cell.location,
        hint=f"print and display less, or raise the limit with {raised}"
        if raised
        else "display less at once",
    )
