"""What composing and rendering read, told to whoever wants to know: the seam for incremental builds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from sitegen.rendering.views.site_view import SiteView

RawFact = tuple[str, str, str]
"""A `Fact` as it is noted: a plain tuple, which is quicker to make."""

Subject = Literal[
    "page", "pager", "site", "setting", "data", "template", "asset", "static", "link", "file", "citation"
]
"""What kind of thing was read."""

RECORDED_SETTINGS: Final = frozenset({"title", "description", "author", "copyright", "params"})
"""Keys of the configuration that are facts: a change of any other makes the whole site again."""
ANY_CASE: Final = "any case"
"""Field of a template that is found whatever the case of its name, as shortcodes are; of the folder `shortcodes/`, which
there are."""


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

    def repeat(self, facts: Iterable[RawFact]) -> None:
        """Note reads again: of what was made before, and is shown once more."""
        ...

    def collected(self) -> AbstractContextManager[set[RawFact]]:
        """What is read inside the block alone; nothing of it goes to the block around it."""
        ...


class NoRecorder:
    """Forgets what it is told."""

    def read(self, subject: Subject, owner: str, field: str = "") -> None:
        """Nothing."""

    def repeat(self, facts: Iterable[RawFact]) -> None:
        """Nothing."""

    def collected(self) -> AbstractContextManager[set[RawFact]]:
        """An empty set, which stays empty."""
        return nullcontext(set())


NO_RECORDER: Final = NoRecorder()


class Reads:
    """Keeps what it is told, for one file or one page after the other."""

    def __init__(self) -> None:
        self._facts: set[RawFact] = set()

    def read(self, subject: Subject, owner: str, field: str = "") -> None:
        """Note one read."""
        self._facts.add((subject, owner, field))

    def repeat(self, facts: Iterable[RawFact]) -> None:
        """Note reads again: of what was made before, and is shown once more."""
        self._facts.update(facts)

    @contextmanager
    def collected(self) -> Iterator[set[RawFact]]:
        """What is read inside the block alone; nothing of it goes to the block around it."""
        outer, self._facts = self._facts, set()
        try:
            yield self._facts
        finally:
            self._facts = outer


class Recorded(Protocol):
    """A view: it knows how to note the read of one of its fields, and the site that it is of."""

    _site: SiteView

    def _note(self, field: str) -> None: ...


if TYPE_CHECKING:
    recorded = property
    recorded_of_page = property
    derived = property
else:

    def recorded(read: Callable[[Recorded], Any]) -> property:
        """A read-only property of a view whose reads are recorded."""
        field = read.__name__

        def get(view: Recorded) -> Any:
            view._note(field)
            return read(view)

        return property(get, doc=read.__doc__)

    def recorded_of_page(read: Callable[[Recorded], Any]) -> property:
        """The same of a page's view, with what its `_note` does in place of the call: a post has 150 such reads."""
        field = read.__name__

        def get(view: Any) -> Any:
            if field not in view._own:
                view._site.recorder.read("page", view._key, field)
            return read(view)

        return property(get, doc=read.__doc__)

    def derived(read: Callable[[Recorded], Any]) -> property:
        """The same of a property that asks for others: its own fact stands for all that it reads on the way.

        So what it keeps for the next page to ask may come from where nothing is noted any more.
        """
        field = read.__name__

        def get(view: Recorded) -> Any:
            view._note(field)
            with unrecorded(view._site):
                return read(view)

        return property(get, doc=read.__doc__)


class unrecorded:  # noqa: N801 -- used as a block, like `suppress`
    """A block in which the views of a site note nothing: what it makes is noted at its door, by one fact."""

    __slots__ = ("_outer", "_site")

    def __init__(self, site: SiteView) -> None:
        self._site = site

    def __enter__(self) -> None:
        self._outer = self._site.recorder
        self._site.recorder = NO_RECORDER

    def __exit__(self, *_: object) -> None:
        self._site.recorder = self._outer
