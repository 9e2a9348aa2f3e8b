"""What runs inside the kernel beside the author's code; the text of these modules is sent there.

They live in the kernel as attributes of one module, `_sitegen_kernel`, and are never imported by a build. Each needs only
the standard library and Python 3.9, since a kernel may belong to another environment, and none imports another.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

_MODULES: Final = (
    "session",
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


@functools.cache
def start_source() -> str:
    """Python that defines `_sitegen_start(root, lab)`, which puts our modules into the kernel and installs them.

    `root` is the site's folder and goes to the end of `sys.path`; `lab` is a folder with a copy of `sitegen/lab.py` and
    nothing else of ours.
    """
    folder = Path(__file__).parent
    texts = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    return f"""
def _sitegen_start(root, lab):
    import sys, types
    side = sys.modules["_sitegen_kernel"] = types.ModuleType("_sitegen_kernel")
    for name, text in {texts!r}.items():
        full = "_sitegen_kernel_" + name
        module = sys.modules[full] = types.ModuleType(full)
        module.__text__ = text
        exec(compile(text, full, "exec"), module.__dict__)
        setattr(side, name, module)
    shell = get_ipython()
    side.session.install(shell, root, lab)
    side.dark.install(side.grounds)
    side.figures.install(shell, side.dark, side.heavy, side.arrivals)
    side.animations.install(shell)
    side.charts.install(side.arrivals)
    side.observe.install(shell, root, side.paths, side.seen, side.imports, side.readers)
"""
