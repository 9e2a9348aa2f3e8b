"""Blocks of a template that extends another: each must be one that the other has, or nobody ever sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from jinja2 import Environment, Template, TemplateNotFound, TemplateSyntaxError, nodes

from sitegen.errors import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

OVERRIDES: Final = "overrides"
"""What a compiled template calls its `Overrides`."""
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_LONGEST_QUOTED: Final = 40


class Overrides(NamedTuple):
    """What a template does with the one that it extends; a plain tuple in compiled code."""

    parent: str
    """The name of that one; empty where only a run can tell."""
    blocks: tuple[tuple[str, int], ...]
    """Its blocks that stand in no other, with their lines."""
    lost: tuple[str, int] | None
    """The beginning of a text that stands outside of all blocks, with its line."""


def overrides_of(template: nodes.Template) -> Overrides | None:
    """What a template does with the one that it extends; None where it extends none, or only under a condition.

    A block that the template calls itself (`self.name()`) is seen, whatever its parent has: then none are given.
    """
    extends = next((node for node in template.body if isinstance(node, nodes.Extends)), None)
    if extends is None:
        return None
    name = extends.template.value if isinstance(extends.template, nodes.Const) else ""
    calls_itself = any(each.name == "self" for each in template.find_all(nodes.Name))
    blocks = () if calls_itself else tuple((block.name, block.lineno) for block in _outermost(template))
    return Overrides(str(name), blocks, _lost(template, extends))


def _outermost(node: nodes.Node) -> Iterator[nodes.Block]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outermost(child)


def _lost(template: nodes.Template, extends: nodes.Extends) -> tuple[str, int] | None:
    """Text behind `extends` that is in no block: Jinja drops it."""
    for node in template.body[template.body.index(extends) + 1 :]:
        for data in node.nodes if isinstance(node, nodes.Output) else ():
            text = _COMMENT.sub("", data.data).strip() if isinstance(data, nodes.TemplateData) else ""
            if text and isinstance(data, nodes.TemplateData):
                line = data.lineno + data.data[: data.data.find(text[:1])].count("\n")
                return text.split("\n", 1)[0][:_LONGEST_QUOTED], line
    return None


def check_overrides(template: Template, environment: Environment, theme: Path) -> None:
    """See that what a site's template says outside its parent's blocks is not lost.

    Args:
        template: as it was loaded.
        environment: loads its parent.
        theme: the folder of the theme's templates. These go by the theme's parents: another one of the site's may leave
            out a block.

    Raises:
        TemplateSyntaxError: a block that the parent does not have, or text outside of all blocks.
    """
    found: Overrides | None = vars(template).get(OVERRIDES)
    if found is None or template.filename is None or template.filename.startswith(str(theme)):
        return
    overrides = Overrides(*found)
    if overrides.lost is not None:
        text, line = overrides.lost
        raise TemplateSyntaxError(
            f"text outside of all blocks is not shown: `{text}`", line, template.name, template.filename
        )
    known = _blocks(overrides.parent, template, environment)
    if known is None:
        return
    for name, line in overrides.blocks:
        if name not in known:
            hint = did_you_mean(name, known)
            message = f"`{overrides.parent}` has no block `{name}`; {hint}"
            raise TemplateSyntaxError(message, line, template.name, template.filename)


def _blocks(name: str, template: Template, environment: Environment) -> set[str] | None:
    """The blocks of a parent and of those above it; None where that cannot be told before it is rendered."""
    known: set[str] = set()
    while name:
        try:
            parent = environment.get_template(name, template.name)
        except TemplateNotFound:
            return None  # told where it is rendered
        known |= parent.blocks.keys()
        above: Overrides | None = vars(parent).get(OVERRIDES)
        if above is None:
            return known
        name = Overrides(*above).parent
    return None
