"""Cutting a list page into pagers: a template's call of `page.paginator()` decides how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from sitegen.config import Config

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
    pagers: tuple[Pager, ...]


@dataclass(slots=True)
class PagerRun(Generic[T]):
    """The rendering of one pager: which it is, and how many the template's call makes.

    Deliberately not frozen: a template says only while it runs that it paginates.
    """

    number: int = 1
    chosen: Paginator[T] | None = field(default=None, repr=False)
    """None as long as the template has not asked for a paginator."""


def paginate(items: Sequence[T], *, number: int, size: int, url: str, path: str) -> Paginator[T]:
    """The pager `number` of a list.

    Args:
        size: items a pager, at least 1.
        url: of the list, which is that of the first pager.
        path: the folder of the others (`page`).
    """
    total = -(-len(items) // size)
    urls = [pager_url(url, path, each) for each in range(1, max(total, 1) + 1)]
    start = (number - 1) * size
    return Paginator(
        pages=tuple(items[start : start + size]),
        number=number,
        total=total,
        total_items=len(items),
        size=size,
        first=urls[0],
        last=urls[-1],
        previous=urls[number - 2] if number > 1 else None,
        next=urls[number] if number < total else None,
        pagers=tuple(
            Pager(number=each, url=urls[each - 1], is_current=each == number) for each in range(1, total + 1)
        ),
    )


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
