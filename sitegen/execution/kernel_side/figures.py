"""In the kernel: how matplotlib draws, cell by cell, on a transparent ground and once more for dark pages."""

from __future__ import annotations

import contextlib
import functools
import sys
import weakref
from collections.abc import Iterator
from typing import Any

DARK_TYPES = {
    "svg": "application/vnd.sitegen.dark.svg+xml",
    "png": "application/vnd.sitegen.dark.png",
}
"""What a figure's drawing for a dark page is in its display, beside the one for a light page."""

_shell: Any = None
_dark: Any = None
_heavy: Any = None
_drawn: Any = weakref.WeakKeyDictionary()
"""Figures that were just drawn for a light page, with how: format to arguments."""


def install(shell: Any, dark: Any, heavy: Any, arrivals: Any) -> None:
    """Prepare the kernel, before any code of the page.

    Args:
        shell: IPython's.
        dark: our module of that name.
        heavy: ours too.
        arrivals: ours too.
    """
    global _shell, _dark, _heavy
    _shell, _dark, _heavy = shell, dark, heavy
    shell.config.InlineBackend.figure_formats = {"svg"}
    from IPython.core import pylabtools

    # every formatter of figures goes through this function, whatever `%config InlineBackend` says
    pylabtools.print_figure = _printing(pylabtools.print_figure)
    for form in DARK_TYPES:
        shell.display_formatter.formatters[DARK_TYPES[form]] = _dark_formatter(form, shell.display_formatter)
    # right after the import, before the page's code can draw
    arrivals.when_imported("matplotlib", lambda _: _apply_size())


def before_cell(form: str, width: float | None, height: float | None) -> None:
    """How the next cell's figures are drawn.

    Args:
        form: `svg`, `png` or `retina`.
        width: inches; None is what matplotlib or the page's code has set.
        height: inches.
    """
    _set_format(form)
    _set_size((width, height))


# --- drawing ------------------------------------------------------------------------------------------------


def _printing(original: Any) -> Any:
    """IPython's `print_figure` with a transparent ground and the same bytes in every run."""

    @functools.wraps(original)
    def print_figure(
        fig: Any, fmt: str = "png", bbox_inches: Any = "tight", base64: bool = False, **options: Any
    ) -> Any:
        def draw(**more: Any) -> Any:
            chosen = {**_reproducible(fmt, options), **more}
            return _drawing(fig, fmt, chosen, lambda how: original(fig, fmt, bbox_inches, base64, **how))

        form = "png" if fmt == "retina" else fmt
        if form not in DARK_TYPES or "facecolor" in options or not _is_plain(fig):
            return draw()
        with _dark.without_paper(fig), _box_noted(fig) as noted:
            drawing = draw(facecolor="none")
        if drawing is not None:
            box = _padded(noted, options) if bbox_inches == "tight" else bbox_inches
            _drawn.setdefault(fig, {})[form] = (original, fmt, box, options)
        return drawing

    return print_figure


@contextlib.contextmanager
def _box_noted(figure: Any) -> Iterator[list[Any]]:
    """The box around all that was drawn in the block, once it was asked for: the dark drawing has the same."""
    noted: list[Any] = []

    def get_tightbbox(*arguments: Any, **options: Any) -> Any:
        noted[:] = [type(figure).get_tightbbox(figure, *arguments, **options)]
        return noted[0]

    vars(figure)["get_tightbbox"] = get_tightbbox
    try:
        yield noted
    finally:
        vars(figure).pop("get_tightbbox", None)


def _padded(noted: list[Any], options: dict[str, Any]) -> Any:
    """The box with the margin that matplotlib puts around it; "tight", to have it found again, where that is not sure.

    To find it takes a drawing of its own: half of the time.
    """
    if not noted or "pad_inches" in options:
        return "tight"
    return noted[0].padded(sys.modules["matplotlib"].rcParams["savefig.pad_inches"])


def _is_plain(figure: Any) -> bool:
    """Whether it may be drawn on a transparent ground; false for artists of any library that do not answer."""
    try:
        return bool(_dark.is_plain(figure))
    except Exception:
        return False


def _dark_formatter(form: str, parent: Any) -> Any:
    """The formatter of the dark drawing; it comes after IPython's own, so the light one has been made."""
    from IPython.core.formatters import BaseFormatter

    class DarkFormatter(BaseFormatter):
        def __call__(self, obj: Any) -> Any:
            try:
                how = _drawn.get(obj, {}).pop(form, None)
            except TypeError:  # cannot be hashed, or not be referred to weakly: no figure
                return None
            return None if how is None else _dark_drawing(obj, *how)

    return DarkFormatter(parent=parent, format_type=DARK_TYPES[form])


def _dark_drawing(figure: Any, original: Any, fmt: str, bbox_inches: Any, options: dict[str, Any]) -> Any:
    """The figure as the light one was drawn, in colours for a dark page; None where an artist does not let us."""
    chosen = {**_reproducible(fmt, options), "facecolor": "none"}
    is_base64 = fmt != "svg"
    try:
        with _dark.for_dark(figure):
            return _drawing(
                figure, fmt, chosen, lambda how: original(figure, fmt, bbox_inches, is_base64, **how)
            )
    except Exception:  # artists of any library: the light drawing on a light card is still right
        return None


def _drawing(figure: Any, fmt: str, options: dict[str, Any], draw: Any) -> Any:
    """What `draw` gives for the options; in an SVG without thousands of elements."""
    if fmt != "svg":
        return _with_fixed_ids(lambda: draw(options))
    with _heavy.as_pictures(figure, options) as chosen:
        return _with_fixed_ids(lambda: draw(chosen))


def _reproducible(fmt: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options with no date in the file's metadata, unless they say one."""
    date = {"svg": "Date", "pdf": "CreationDate"}.get(fmt)
    if date is None:
        return options
    return {**options, "metadata": {date: None, **(options.get("metadata") or {})}}


def _with_fixed_ids(draw: Any) -> Any:
    """What `draw` gives; ids in an SVG are random without a salt."""
    parameters = sys.modules["matplotlib"].rcParams
    salt = parameters["svg.hashsalt"]
    if salt is not None:
        return draw()
    parameters["svg.hashsalt"] = "sitegen"
    try:
        return draw()
    finally:
        parameters["svg.hashsalt"] = salt


# --- format: the cell's option, or what the page's code has told the inline backend -------------------------

_format_set: set[str] = {"svg"}
_format_chosen: set[str] | None = None
"""What the page's code has chosen; it holds for cells that ask for nothing else."""


def _set_format(form: str) -> None:
    global _format_set, _format_chosen
    inline = sys.modules.get("matplotlib_inline.config")
    if inline is None or not inline.InlineBackend.initialized():
        _shell.config.InlineBackend.figure_formats = _format_set = {form}
        return
    backend = inline.InlineBackend.instance()
    now = set(backend.figure_formats)
    if now != _format_set:
        _format_chosen = now
    _format_set = {form} if form != "svg" or _format_chosen is None else _format_chosen
    if _format_set != now:
        backend.figure_formats = _format_set


# --- size: a setting that can only be made once matplotlib is imported --------------------------------------

_size_asked: tuple[float | None, float | None] = (None, None)
_size_before: Any = None
_size_set: Any = None
_is_size_chosen = False
"""Whether the page's code has set another size while the same options held."""


def _set_size(asked: tuple[float | None, float | None]) -> None:
    global _size_asked, _is_size_chosen
    was_chosen = _restore_size()
    _is_size_chosen = asked == _size_asked and (was_chosen or _is_size_chosen)
    _size_asked = asked
    if "matplotlib" in sys.modules and not _is_size_chosen:
        _apply_size()


def _apply_size() -> None:
    global _size_before, _size_set
    width, height = _size_asked
    if width is None and height is None:
        return
    parameters = sys.modules["matplotlib"].rcParams
    _size_before = list(parameters["figure.figsize"])
    _size_set = [width or _size_before[0], height or _size_before[1]]
    parameters["figure.figsize"] = _size_set


def _restore_size() -> bool:
    """Take our size back; whether the page's code has set its own meanwhile, which stays."""
    global _size_before
    if _size_before is None:
        return False
    parameters = sys.modules["matplotlib"].rcParams
    is_ours = list(parameters["figure.figsize"]) == _size_set
    if is_ours:
        parameters["figure.figsize"] = _size_before
    _size_before = None
    return not is_ours
