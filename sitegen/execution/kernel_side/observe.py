"""In the kernel: what the page's code reads beyond itself."""

from __future__ import annotations

import json
import os
import sys

_loaded_before: set[str] = set()


def install(root: str) -> None:
    """Begin to watch; called last, before any code of the page.

    Args:
        root: the site's folder.
    """
    del root
    _loaded_before.update(sys.modules)


def observed() -> str:
    """What the run was seen to use so far, as JSON: the fields of `execution.jobs.Traces`."""
    modules, files = _imported()
    return json.dumps({"modules": modules, "files": files})


def _imported() -> tuple[list[str], list[str]]:
    """Top-level names from installed packages, and files of modules that no package installed."""
    own = {name.partition(".")[0] for name in _loaded_before} | {"sitegen"}
    standard = set(getattr(sys, "stdlib_module_names", ()))
    modules, files = set(), set()
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        path = getattr(module, "__file__", None)
        if name in _loaded_before or top in standard or top in own or not isinstance(path, str):
            continue
        if "site-packages" in path or "dist-packages" in path:
            modules.add(top)
        elif os.path.isabs(path):  # noqa: PTH117
            files.add(path)
    return sorted(modules), sorted(files)
