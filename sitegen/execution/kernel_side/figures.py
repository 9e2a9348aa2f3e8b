"""In the kernel: how matplotlib draws, cell by cell."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any

_shell: Any = None
_figure_size: tuple[float | None, float | None] = (None, None)


def install(shell: Any) -> None:
    """Prepare the kernel, before any code of the page."""
    global _shell
    _shell = shell
    shell.config.InlineBackend.figure_formats = {"svg"}
    shell.config.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    sys.meta_path.insert(0, _AfterMatplotlib())


def before_cell(form: str, width: float | None, height: float | None) -> None:
    """How the next cell's figures are drawn.

    Args:
        form: `svg`, `png` or `retina`.
        width: inches; None is what matplotlib or the page's code has set.
        height: inches.
    """
    global _figure_size
    _shell.config.InlineBackend.figure_formats = {form}
    inline = sys.modules.get("matplotlib_inline.config")
    if inline is not None and inline.InlineBackend.initialized():
        inline.InlineBackend.instance().figure_formats = {form}
    _restore_figure_size()
    _figure_size = (width, height)
    if "matplotlib" in sys.modules:
        _apply_figure_size()


# --- matplotlib: settings that can only be made once it is imported ---------------------------------------

_size_before: Any = None
_size_set: Any = None


def _apply_figure_size() -> None:
    global _size_before, _size_set
    width, height = _figure_size
    parameters = sys.modules["matplotlib"].rcParams
    parameters["svg.hashsalt"] = "sitegen"  # ids in an SVG are random else
    if width is None and height is None:
        return
    _size_before = list(parameters["figure.figsize"])
    _size_set = [width or _size_before[0], height or _size_before[1]]
    parameters["figure.figsize"] = _size_set


def _restore_figure_size() -> None:
    global _size_before
    if _size_before is not None:
        parameters = sys.modules["matplotlib"].rcParams
        if list(parameters["figure.figsize"]) == _size_set:  # else the page's code has set it since
            parameters["figure.figsize"] = _size_before
        _size_before = None


class _AfterMatplotlib(importlib.abc.MetaPathFinder):
    """Applies the settings right after matplotlib's import, before the page's code can draw."""

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002  (the protocol's)
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "matplotlib":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            run = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                run(module)
                _apply_figure_size()

            loader.exec_module = exec_module
        return spec
