"""Processes of kernels: each under a keeper that ends all of it, forked from a warm process where that is safe."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Processes:
    """Starts the kernels of one `Backend.run`; a context: no process is left after it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
