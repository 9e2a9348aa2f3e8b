"""Small read-only views: parameters, configuration, menu entries, resources and feed links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from jinja2 import ChainableUndefined
from markupsafe import Markup

from sitegen.config import Author, Config
from sitegen.frozen import FrozenDict
from sitegen.rendering.recorder import Recorder, recorded
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_MISSING = object()


class ParamsView(Mapping[str, object]):
    """Free parameters: `params.hero`, `params["hero"]`; names ignore case.

    A missing one is undefined but not an error: false, empty when printed, and `default` fills it.
    """

    __slots__ = ("_items", "_name", "_note")

    def __init__(
        self, items: Mapping[str, object], note: Callable[[str], None], name: str = "params"
    ) -> None:
        self._items = items
        self._note = note
        self._name = name

    def __getitem__(self, key: str) -> object:
        lowered = str(key).lower()
        self._note(f"{self._name}.{lowered}")
        value = self._items.get(lowered, self._items.get(key, _MISSING))
        if value is _MISSING:
            return ChainableUndefined(name=f"{self._name}.{lowered}")
        if isinstance(value, Mapping):
            return ParamsView(value, _noted_above, f"{self._name}.{lowered}")
        return value

    def get(self, key: str, default: object = None) -> object:
        """The parameter, or `default` where it is missing."""
        found = self[key]
        return default if isinstance(found, ChainableUndefined) else found

    def __contains__(self, key: object) -> bool:
        self._note(f"{self._name}.{str(key).lower()}")
        return str(key).lower() in self._items or key in self._items

    def __iter__(self) -> Iterator[str]:
        self._note(self._name)
        return iter(self._items)

    def __len__(self) -> int:
        self._note(self._name)
        return len(self._items)

    def __repr__(self) -> str:
        return f"ParamsView({dict(self._items)!r})"


def _noted_above(field: str) -> None:
    """A table among the parameters is noted whole, when it is asked for."""


class DataView(Mapping[str, object]):
    """The data files by name: `site.data.talks`. The read of one notes no other."""

    __slots__ = ("_items", "_note")

    def __init__(self, items: Mapping[str, object], note: Callable[[str], None]) -> None:
        self._items = items
        self._note = note

    def __getitem__(self, name: str) -> object:
        self._note(name)
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        self._note(str(name))
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        self._note("")
        return iter(self._items)

    def __len__(self) -> int:
        self._note("")
        return len(self._items)

    def __repr__(self) -> str:
        return repr(FrozenDict(self))


class ConfigView:
    """What templates may read of the configuration."""

    __slots__ = ("_config", "_recorder")

    def __init__(self, config: Config, recorder: Recorder) -> None:
        self._config = config
        self._recorder = recorder

    def _note(self, field: str) -> None:
        self._recorder.read("setting", "", field)

    @recorded
    def base_url(self) -> str:
        """With a trailing slash."""
        return self._config.base_url

    @recorded
    def title(self) -> str:
        """The site's."""
        return self._config.title

    @recorded
    def description(self) -> str:
        """The site's."""
        return self._config.description

    @recorded
    def language(self) -> str:
        """BCP 47."""
        return self._config.language

    @recorded
    def author(self) -> Author:
        """With `name`, `email` and `url`."""
        return self._config.author

    @recorded
    def copyright(self) -> str:
        """The line in the footer."""
        return self._config.copyright

    @recorded
    def environment(self) -> str:
        """`production`, `development`, ..."""
        return self._config.environment

    @recorded
    def relative_urls(self) -> bool:
        """Whether the site is to open from `file://`."""
        return self._config.relative_urls

    @recorded
    def youtube_privacy_enhanced(self) -> bool:
        """Whether videos come from YouTube's host that sets no cookie before one is played."""
        return self._config.youtube_privacy_enhanced

    @property
    def params(self) -> ParamsView:
        """Free for templates."""
        return ParamsView(self._config.params, self._note)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntryView:
    """A menu entry, as templates read it."""

    identifier: str
    name: str
    title: str
    url: str
    """With the base path, or with a scheme."""
    page: PageView | None
    weight: int
    pre: Markup
    """HTML of the author's before the name, such as an icon."""
    post: Markup
    params: ParamsView
    children: tuple[MenuEntryView, ...]

    def is_active(self, page: PageView) -> bool:
        """Whether `page` is what the entry links to, or lies below it; home is only itself."""
        if self.page is None:
            return False
        if self.page == page:
            return True
        return not self.page.is_home and self.page in page.ancestors

    def is_current(self, page: PageView) -> bool:
        """Whether `page` is exactly what the entry links to (`aria-current="page"`)."""
        return self.page is not None and self.page == page


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView:
    """A file of a page's bundle, as templates read it."""

    name: str
    """Relative to the bundle's folder, or as the front matter's `resources` renames it."""
    title: str
    url: str
    """With the base path."""
    permalink: str
    media_type: str
    size_bytes: int
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed of a list page, for `<link rel="alternate">`."""

    title: str
    type: str
    """The media type."""
    url: str
    """With the base path."""
