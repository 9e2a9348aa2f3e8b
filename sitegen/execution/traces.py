"""What a kernel tells of its run (`kernel_side/observe.py`), read as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitegen.execution.jobs import Traces
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.results.record import UNWATCHED


def traces_of(heard: Mapping[str, Any] | None, kernel: KernelChoice) -> Traces:
    """What the kernel told, as JSON holds it, as a value; of a kernel that cannot tell, that it cannot."""
    if heard is None:
        words = UNWATCHED if kernel.language == "python" else f"cells of the kernel `{kernel.name}`"
        return Traces(unseen=(words,), unseen_cells=(0,))
    return Traces(
        modules=tuple(heard.get("modules", ())),
        files=tuple(heard.get("files", ())),
        times=tuple(
            (str(path), int(mtime), int(size), int(inode))
            for path, mtime, size, inode in heard.get("times", ())
        ),
        folders=tuple((path, tuple(names)) for path, names in heard.get("folders", ())),
        absent=tuple(heard.get("absent", ())),
        missing=tuple(heard.get("missing", ())),
        written=tuple(heard.get("written", ())),
        unseen=tuple(heard.get("unseen", ())),
        unseen_cells=tuple(int(number) for number in heard.get("unseen_cells", ())),
    )
