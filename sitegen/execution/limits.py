"""How much memory the pages that run have in use, and the end of one that uses more than it may."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class MemoryWatch:
    """Looks at the processes of all running pages a few times a second; a context: nothing is watched after it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
