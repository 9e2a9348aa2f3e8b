"""Blocks of the site's templates that no template shows: a name that the one they extend does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

from sitegen.config import Config
from sitegen.rendering.assets import theme_folder

_OF_THEME: Final = "theme/"
"""How a template names the theme's that it stands in for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownBlock:
    """A block that is shown nowhere."""

    file: Path
    line: int
    """From 1."""
    name: str
    known: frozenset[str]
    """The blocks of the templates that the file extends."""


def unknown_blocks(config: Config) -> Iterator[UnknownBlock]:
    """Every one, file by file. A template that cannot be read, or whose parent is no plain name, has none: the build tells.

    Args:
        config: says where the site's templates are.
    """
    read = _Templates(config)
    for file in sorted(config.templates_dir.rglob("*.html")):
        tree = read.tree(file)
        known = None if tree is None else read.blocks_above(tree)
        if tree is None or known is None:
            continue
        # a block within another one is shown with that one, whatever its name is
        inner = {id(each) for block in tree.find_all(nodes.Block) for each in _within(block)}
        for block in tree.find_all(nodes.Block):
            if block.name not in known and id(block) not in inner:
                yield UnknownBlock(file=file, line=block.lineno, name=block.name, known=known)


class _Templates:
    """The templates of the site and the theme as trees, each read once."""

    def __init__(self, config: Config) -> None:
        self._folders = (config.templates_dir, theme_folder() / "templates")
        self._environment = Environment(
            autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]
        )
        self._trees: dict[Path, nodes.Template | None] = {}

    def tree(self, file: Path) -> nodes.Template | None:
        """None for what is no template."""
        if file not in self._trees:
            try:
                self._trees[file] = self._environment.parse(file.read_text(encoding="utf-8"))
            except (TemplateSyntaxError, UnicodeDecodeError, OSError):
                self._trees[file] = None
        return self._trees[file]

    def blocks_above(self, tree: nodes.Template) -> frozenset[str] | None:
        """The blocks of all templates that this one extends; None where it extends none that is known."""
        names: set[str] = set()
        seen: set[Path] = set()
        while (parent := next(tree.find_all(nodes.Extends), None)) is not None:
            file = self._file(parent.template)
            above = None if file is None or file in seen else self.tree(file)
            if file is None or above is None:
                return None
            seen.add(file)
            names |= {block.name for block in above.find_all(nodes.Block)}
            tree = above
        return frozenset(names) if seen else None

    def _file(self, template: nodes.Expr) -> Path | None:
        if not isinstance(template, nodes.Const) or not isinstance(template.value, str):
            return None
        name = template.value
        folders = self._folders[1:] if name.startswith(_OF_THEME) else self._folders
        files = (folder / name.removeprefix(_OF_THEME) for folder in folders)
        return next((file for file in files if file.is_file()), None)


def _within(block: nodes.Block) -> Iterator[nodes.Block]:
    for node in block.body:
        if isinstance(node, nodes.Block):
            yield node
        yield from node.find_all(nodes.Block)
