"""What runs inside the kernel beside the author's code; the text of these modules is sent there.

They live in the kernel as attributes of one module, `_sitegen_kernel`, and are never imported by a build. Each needs only
the standard library and Python 3.9, since a kernel may belong to another environment, and none imports another.

A kernel that we start ourselves has them before it begins (`boot_source`); any other is sent them with its first request.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sitegen.frozen import FrozenDict

_MODULES: Final = (
    "session",
    "allowance",
    "streams",
    "devices",
    "arrivals",
    "grounds",
    "dark",
    "heavy",
    "figures",
    "animations",
    "charts",
    "paths",
    "seen",
    "imports",
    "readers",
    "observe",
)
_LOAD: Final = """
def _sitegen_load(texts, compiled):
    import sys, types
    side = sys.modules["_sitegen_kernel"] = types.ModuleType("_sitegen_kernel")
    for name, text in texts.items():
        full = "_sitegen_kernel_" + name
        module = sys.modules[full] = types.ModuleType(full)
        module.__text__ = text
        exec(compiled(text, full), module.__dict__)
        setattr(side, name, module)
    return side
"""


@functools.cache
def texts() -> Mapping[str, str]:
    """The modules' sources by their names."""
    folder = Path(__file__).parent
    return FrozenDict({name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES})


def boot_source() -> str:
    """Python for an ipykernel's process before `app.initialize()`.

    It is to find `app`, `texts` (what `texts` gives) and `compiled`: the code of a text, by the text and a name.
    """
    return f"{_LOAD}\nside = _sitegen_load(texts, compiled)\nside.streams.prepare(app, side.allowance)"


def start_source(root: Path, lab: Path, seed: int | None) -> str:
    """An expression that installs our modules in a kernel that has them.

    Args:
        root: the site's folder; goes to the end of `sys.path`.
        lab: a folder with a copy of `sitegen/lab.py` and nothing else of ours.
        seed: of the page.
    """
    return f"__import__('_sitegen_kernel').session.start({str(root)!r}, {str(lab)!r}, {seed!r})"


def load_source() -> str:
    """Python that brings our modules into a kernel that has not got them."""
    return (
        f"{_LOAD}\n_sitegen_load({dict(texts())!r}, lambda text, name: compile(text, name, 'exec'))\n"
        "del _sitegen_load\n"
    )
