"""In the kernel: what is to be done right after the import of a module, before the code that imports it goes on."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any


def when_imported(name: str, act: Any) -> None:
    """Call `act` with the module, once, when it is imported, or now if it has been; nothing where it never is."""
    if name in sys.modules:  # in a warm kernel
        act(sys.modules[name])
        return
    sys.meta_path.insert(0, _Arrival(name, act))


class _Arrival(importlib.abc.MetaPathFinder):
    """Finds one module as the other finders do, and lets its loader say when it has run."""

    def __init__(self, name: str, act: Any) -> None:
        self._name = name
        self._act = act

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002  (the protocol's)
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            run = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                run(module)
                self._act(module)

            loader.exec_module = exec_module
        return spec
