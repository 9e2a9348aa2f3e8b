"""What composing and rendering read, told to whoever wants to know: the seam for incremental builds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar, overload

Subject = Literal["page", "site", "setting", "data", "template", "asset", "static", "link", "file"]
"""What kind of thing was read."""


class Fact(NamedTuple):
    """One thing that a page's composing or rendering read, and would have to be done again for if its value changed."""

    subject: Subject
    owner: str
    """A page's key, a template's, asset's, data or file's name; empty for the site and the settings."""
    field: str = ""
    """Which field of it: `title`, `params.hero`, `related(5)`."""


class Recorder(Protocol):
    """Is told of every read of a view, a template, an asset or a file."""

    def read(self, subject: Subject, owner: str, field: str = "") -> None:
        """Note one read; what the parts are is said by `Fact`."""
        ...


class NoRecorder:
    """Forgets what it is told."""

    def read(self, subject: Subject, owner: str, field: str = "") -> None:
        """Nothing."""


class Reads:
    """Keeps what it is told, for one file or one page after the other."""

    def __init__(self) -> None:
        self._facts: set[tuple[str, str, str]] = set()

    def read(self, subject: Subject, owner: str, field: str = "") -> None:
        """Note one read."""
        self._facts.add((subject, owner, field))

    @contextmanager
    def collected(self) -> Iterator[set[tuple[str, str, str]]]:
        """What is read inside the block alone; nothing of it goes to the block around it."""
        outer, self._facts = self._facts, set()
        try:
            yield self._facts
        finally:
            self._facts = outer


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
