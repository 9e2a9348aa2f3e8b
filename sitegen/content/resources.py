"""What a page says of its resources: names, titles and parameters by file pattern (`resources`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitegen.content.fields import as_text
from sitegen.content.globs import matches
from sitegen.content.metadata import PageMeta
from sitegen.content.sources import Resource
from sitegen.frozen import FrozenDict


def describe_resources(resources: tuple[Resource, ...], meta: PageMeta) -> tuple[Resource, ...]:
    """The resources with what the tables say: the first `name` and `title` that fit, all `params`.

    `:counter` in a name or title counts the files that its table has named, from 1.
    """
    if not meta.resources:
        return resources
    counters: dict[tuple[int, str], int] = {}
    return tuple(
        # a content file speaks for itself, by its own front matter
        resource if resource.is_content else _describe(resource, meta.resources, counters)
        for resource in resources
    )


def _describe(
    resource: Resource, tables: tuple[FrozenDict[str, Any], ...], counters: dict[tuple[int, str], int]
) -> Resource:
    words = {"name": "", "title": ""}
    params: dict[str, object] = {}
    for number, table in enumerate(tables):
        if not matches(str(table.get("src", "")), str(resource.name)):
            continue
        for word, given in words.items():
            written = as_text(table.get(word)) or ""
            if written and not given:
                words[word] = _count(written, (number, word), counters)
        more = table.get("params")
        if isinstance(more, FrozenDict):
            params.update(more)
    return replace(resource, label=words["name"], title=words["title"], params=FrozenDict(params))


def _count(written: str, counter: tuple[int, str], counters: dict[tuple[int, str], int]) -> str:
    if ":counter" not in written:
        return written
    counters[counter] = counters.get(counter, 0) + 1
    return written.replace(":counter", str(counters[counter]))
