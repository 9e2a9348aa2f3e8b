"""Options of other tools: which are ours under another name, and which are known and have no effect."""

from __future__ import annotations

from typing import Final

from sitegen.content.option_values import is_switch

_ALIASES: Final[dict[str, str]] = {
    "eval": "exec",
    "hl": "hl-lines",
    "linenos": "code-line-numbers",
    "linenostart": "line-number-start",
    "name": "label",
}
"""Other names of options: Quarto's `eval`, Hugo's fence options, MyST's `name`."""

PRESENTATION: Final = frozenset(
    {"anchorlinenos", "class", "codefences", "guesssyntax", "hl-inline", "lineanchors", "linenumbersintable"}
    | {"linkanchors", "noclasses", "style", "tabwidth", "wrapperclass"}
)
"""Hugo's other fence options: about how its highlighter writes HTML, and ours does not."""

LATER: Final = frozenset(
    {"cap-location", "classes", "code-annotations", "code-overflow", "collapse", "comment", "editable"}
    | {"fig-align", "fig-cap-location", "fig-dpi", "fig-env", "fig-link", "fig-pos", "fig-scap", "layout"}
    | {"fig-responsive", "layout-align", "layout-nrow", "layout-valign", "lst-label", "message", "order"}
    | {"panel", "prompt", "render", "renderings", "results", "slideshow", "tbl-cap-location", "tbl-colwidths"}
    | {"jupyter", "mystnb", "tbl-subcap"}
)
"""Options of Quarto, knitr and MyST that are known and have no effect yet."""

_QUARTO: Final = frozenset({"daemon", "daemon-restart", "debug", "engine", "ipynb", "keep-ipynb", "keep-md"})
"""Quarto's keys below `execute` that are about how it starts kernels and what files it keeps."""


def canonical(name: str) -> str:
    """An option's name as ours: lower case, with `-`."""
    plain = name.strip().lower().replace("_", "-")
    return _ALIASES.get(plain, plain)


def from_quarto(name: str, value: object) -> tuple[str, object, str | None]:
    """A Quarto key in our words, an empty name where it asks for nothing; or what to say of it."""
    if name == "freeze":
        if is_switch(value) or value == "auto":
            return "cache" if str(value).lower() == "true" else "", "frozen", None
        return name, value, f"`freeze` cannot be `{value}` here"
    if name == "cache" and is_switch(value):
        return name, "auto" if str(value).lower() == "true" else "never", None
    if name == "cache" and value == "refresh":
        return name, value, "`cache: refresh` has no meaning here; build with `--fresh`"
    if name in _QUARTO:
        return name, value, f"Quarto's `{name}` has no meaning here: every page has a fresh kernel of its own"
    return name, value, None
