"""Cutting a list page into pagers: a template's call of `page.paginator()` decides how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from sitegen.config import Config
from sitegen.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """A link to one of the pagers."""

    number: int
    """From 1."""
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paginator(Generic[T]):
    """One pager of a list, as templates read it."""

    pages: tuple[T, ...]
    """What this pager lists."""
    number: int
    """From 1."""
    total: int
    """How many pagers; 0 for an empty list, as in Hugo."""
    total_items: int
    size: int
    first: str
    last: str
    previous: str | None
    next: str | None
    url: str
    """Of the list."""
    path: str
    """The folder of all pagers but the first."""

    @property
    def pagers(self) -> tuple[Pager, ...]:
        """All of them, for a row of links; made when asked for: a list of a thousand pagers seldom prints them all."""
        return tuple(
            Pager(number=each, url=pager_url(self.url, self.path, each), is_current=each == self.number)
            for each in range(1, self.total + 1)
        )


@dataclass(slots=True)
class PagerRun(Generic[T]):
    """The rendering of one pager: which it is, and how many the template's call makes.

    Deliberately not frozen: a template says only while it runs that it paginates.
    """

    number: int = 1
    chosen: Paginator[T] | None = field(default=None, repr=False)
    """None as long as the template has not asked for a paginator."""


def paginate(items: Sequence[T], *, number: int, size: int, url: str, path: str) -> Paginator[T]:
    """The pager `number` of a list; its cost is that of what it lists.

    Args:
        items: what is cut into pagers.
        number: from 1.
        size: items a pager, at least 1.
        url: of the list, which is that of the first pager.
        path: the folder of the others (`page`).
    """
    total = -(-len(items) // size)
    start = (number - 1) * size
    return Paginator(
        pages=tuple(items[start : start + size]),
        number=number,
        total=total,
        total_items=len(items),
        size=size,
        first=url,
        last=pager_url(url, path, max(total, 1)),
        previous=pager_url(url, path, number - 1) if number > 1 else None,
        next=pager_url(url, path, number + 1) if number < total else None,
        url=url,
        path=path,
    )


def pager_size(params: Mapping[str, object]) -> int | None:
    """The size that a list page asks for itself (`pagerSize`); None where it asks for none that there can be."""
    value = params.get("pagersize", params.get("pager_size"))
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def pager_url(url: str, path: str, number: int) -> str:
    """`/posts/page/2/` for `/posts/`; with ugly URLs `/posts/page/2.html` for `/posts.html`."""
    if number == 1:
        return url
    if url.endswith("/"):
        return f"{url}{path}/{number}/"
    return f"{url.removesuffix('.html')}/{path}/{number}.html"


def pager_output_path(output_path: PurePosixPath, config: Config, number: int) -> PurePosixPath:
    """Where pager `number` goes; for 1 it is the path of the redirect to the list itself."""
    path = config.pagination.path
    if output_path.stem == "index":
        return output_path.parent / path / str(number) / "index.html"
    return output_path.parent / output_path.stem / path / f"{number}.html"
