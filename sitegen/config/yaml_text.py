"""A YAML file of settings as plain data, with the place of every key and value; apart, since PyYAML takes 9 ms to import."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import PurePosixPath
from typing import Final

import yaml

from sitegen.config.text import KeyPath, Marks, Place, plain_key, sentence, unreadable
from sitegen.config.yaml_loader import YamlLoader

_MOST_NODES: Final = 1_000_000
"""Of a YAML text with its aliases expanded; a text that a person wrote has a few thousand."""


def parse_yaml(text: str, path: PurePosixPath) -> tuple[object, Marks]:
    """The first document, as Hugo reads it."""
    marks = Marks()
    loader = None
    try:
        loader = YamlLoader(text)
        node = loader.get_node() if loader.check_node() else None
        if node is not None and _expanded(node, {}, set()) > _MOST_NODES:
            raise unreadable(path, "its aliases stand for too much", (1, 1), "write what they stand for")
        tree = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise unreadable(
            path, problem, _yaml_place(error, text), "mend the YAML there; indent with spaces"
        ) from error
    except ValueError as error:
        raise unreadable(path, sentence(error), (1, 1), "mend the number, or put it in quotes") from error
    finally:
        if loader is not None:
            loader.dispose()
    if node is not None:
        _mark_yaml(node, (), marks)
    return {} if tree is None else tree, marks


def _yaml_place(error: yaml.YAMLError, text: str) -> Place:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return mark.line + 1, mark.column + 1
    before = text[: getattr(error, "position", 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _expanded(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """How many nodes a node is with its aliases expanded.

    Raises:
        RecursionError: it holds itself.
    """
    if id(node) in above:
        raise RecursionError
    if id(node) not in sizes:
        above.add(id(node))
        size = 1
        if isinstance(node, yaml.SequenceNode):
            size += sum(_expanded(item, sizes, above) for item in node.value)
        elif isinstance(node, yaml.MappingNode):
            size += sum(1 + _expanded(value, sizes, above) for _, value in node.value)
        above.discard(id(node))
        sizes[id(node)] = size
    return sizes[id(node)]


def _mark_yaml(node: yaml.Node, path: KeyPath, marks: Marks) -> None:
    marks.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _mark_yaml(item, (*path, position), marks)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[Hashable] = set()
    for key, value in node.value:
        place = (key.start_mark.line + 1, key.start_mark.column + 1)
        if str(key.value) in seen:
            marks.repeated.append((str(key.value), place))
        seen.add(str(key.value))
        inner = (*path, plain_key(key.value))
        marks.keys[inner] = place
        _mark_yaml(value, inner, marks)
