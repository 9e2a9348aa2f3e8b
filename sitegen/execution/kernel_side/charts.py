"""In the kernel: how Altair hands over its charts."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any


def install() -> None:
    """Prepare the kernel, before any code of the page."""
    sys.meta_path.insert(0, _AfterAltair())


class _AfterAltair(importlib.abc.MetaPathFinder):
    """Chooses the renderer right after Altair's import: the page's code may still choose another.

    By itself Altair sends HTML that loads Vega from elsewhere; as a MIME type of its own the chart is data, which
    the site draws.
    """

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002  (the protocol's)
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "altair":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            run = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                run(module)
                renderers = getattr(module, "renderers", None)
                if renderers is not None and "mimetype" in renderers.names():
                    renderers.enable("mimetype")

            loader.exec_module = exec_module
        return spec
