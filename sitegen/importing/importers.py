"""The importers by name, each in a module of its own that is loaded only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from sitegen.frozen import FrozenDict
from sitegen.importing.values import Imported

Reader = Callable[..., Imported]
"""Called with the source's path, and a keyword for each switch that was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """What reads the sites of one generator."""

    name: str
    generator: str
    """As its makers write it."""
    module: str
    """Has a function `read_NAME_site(source: Path) -> Imported`, which reads `source` and nothing else."""
    takes: str = "the site's folder"
    """What SOURCE is."""
    switches: FrozenDict[str, str] = field(default_factory=FrozenDict)
    """Keyword of the function, true where its flag is given, to what the flag's help says."""

    def load(self) -> Reader:
        """The function that reads a site."""
        return cast("Reader", getattr(importlib.import_module(self.module), f"read_{self.name}_site"))


_IMPORTERS: Final = (
    Importer(name="hugo", generator="Hugo", module="sitegen.importing.hugo"),
    Importer(name="jekyll", generator="Jekyll", module="sitegen.importing.jekyll"),
    Importer(name="quarto", generator="Quarto", module="sitegen.importing.quarto"),
    Importer(
        name="ipynb",
        generator="Jupyter",
        module="sitegen.importing.ipynb",
        takes="a notebook, or a folder of them",
        switches=FrozenDict(
            {"keep_notebooks": "Copy the notebooks, which are pages too, and write no Markdown."}
        ),
    ),
)


def importers() -> dict[str, Importer]:
    """Name to importer; none is loaded."""
    return {each.name: each for each in _IMPORTERS}
