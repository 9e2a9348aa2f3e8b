"""What composing and rendering read, told to whoever wants to know: the seam for incremental builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, Protocol, TypeVar, overload

Subject = Literal["template", "missing template", "page", "list", "data", "asset", "setting"]
"""What kind of thing was read."""


class Recorder(Protocol):
    """Is told of every read of a view, a template or an asset."""

    def read(self, subject: Subject, name: str) -> None:
        """Note one read.

        Args:
            subject: what kind of thing.
            name: which one: a template's name, `<page key>#<field>`, `<page key>#pages`, a path of
                the data, a setting's dotted name.
        """
        ...


class NoRecorder:
    """Forgets what it is told."""

    def read(self, subject: Subject, name: str) -> None:
        """Nothing."""


class Recorded(Protocol):
    """A view: something that knows how to note the read of one of its fields."""

    def _note(self, field: str) -> None: ...


V = TypeVar("V", bound=Recorded)
T = TypeVar("T", covariant=True)


class recorded(Generic[V, T]):  # noqa: N801 -- used as a decorator, like `property`
    """A read-only property of a view whose reads are recorded."""

    def __init__(self, read: Callable[[V], T]) -> None:
        self._read = read
        self._field = ""
        self.__doc__ = read.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._field = name

    @overload
    def __get__(self, view: None, owner: type) -> recorded[V, T]: ...

    @overload
    def __get__(self, view: V, owner: type | None = None) -> T: ...

    def __get__(self, view: V | None, owner: type | None = None) -> recorded[V, T] | T:
        if view is None:
            return self
        view._note(self._field)
        return self._read(view)
