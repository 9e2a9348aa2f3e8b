"""In the kernel: how Altair hands over its charts."""

from __future__ import annotations

from typing import Any


def install(arrivals: Any) -> None:
    """Prepare the kernel, before any code of the page.

    Args:
        arrivals: our module of that name.
    """
    arrivals.when_imported("altair", _choose_renderer)


def _choose_renderer(altair: Any) -> None:
    """Choose the renderer right after Altair's import: the page's code may still choose another.

    By itself Altair sends HTML that loads Vega from elsewhere; as a MIME type of its own the chart is data, which
    the site draws.
    """
    renderers = getattr(altair, "renderers", None)
    if renderers is not None and "mimetype" in renderers.names():
        renderers.enable("mimetype")
