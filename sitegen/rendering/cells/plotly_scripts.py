"""Which plotly.js draws a figure, and which style elements it makes.

A figure is drawn by the plotly.js that its kernel has. Some traces draw by regl, which makes code of text (`Function`), and no
page's policy allows that: they are drawn by the strict bundle of plotly.js, which has that code ready.
"""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from sitegen.rendering.assets import theme_folder

_MAKING_CODE: Final = frozenset({"parcoords", "scattergl", "scatterpolargl", "splom"})
"""Traces that regl draws, in plotly.js 2 to 4."""
NO_STYLE: Final = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Of a style element without text: plotly.js puts its rules into one by `insertRule`, of which no policy is asked."""
_MAKING_STYLES: Final = re.compile(r"""createElement\((["'`])style\1\)""")
_RULES_LATER: Final = re.compile(r"""\.appendChild\(document\.createTextNode\((["'`])\1\)\)""")
_WITH_TEXT: Final = re.compile(
    r"""\.textContent=('(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`|"(?:[^"\\]|\\.)*")""", re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_NEAR: Final = 300
"""Characters behind the making of a style element in which its text is given."""


def makes_code(figure: Mapping[str, object]) -> bool:
    """Whether plotly.js, but for its strict bundle, makes code of text to draw a figure, or one of its frames."""
    frames = figure.get("frames")
    parts = [figure, *(frames if isinstance(frames, list | tuple) else ())]
    return any(kind in _MAKING_CODE for part in parts for kind in _kinds(part))


@functools.cache
def strict_script() -> str:
    """The strict bundle of plotly.js, which is kept compressed."""
    import gzip

    return gzip.decompress(_folder().joinpath("plotly-strict.min.js.gz").read_bytes()).decode("utf-8")


def strict_licence() -> str:
    """The terms of the strict bundle."""
    return _folder().joinpath("LICENSE-plotly").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=8)
def style_hashes(script: str) -> tuple[str, ...] | None:
    """The style elements that a plotly.js makes, as a policy's hashes without quotes.

    Of plotly.js 3 and 4 all are known: one without text, and one with the text that stands in the script.

    Returns:
        None where the script makes one in another way, as plotly.js 2 does.
    """
    found = [NO_STYLE]
    for made in _MAKING_STYLES.finditer(script):
        near = script[made.end() : made.end() + _NEAR]
        if _RULES_LATER.search(near):
            continue
        given = _WITH_TEXT.search(script, made.end())
        if given is None or given.start() - made.end() > _NEAR:
            return None
        text = _text_of(given[1])
        if text is None:
            return None
        found.append(f"sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}")
    return tuple(found)


def _kinds(part: object) -> Iterable[str]:
    traces = part.get("data") if isinstance(part, Mapping) else None
    for trace in traces if isinstance(traces, list | tuple) else ():
        if isinstance(trace, Mapping):
            yield str(trace.get("type", "scatter"))


def _text_of(literal: str) -> str | None:
    """The text of a JavaScript string; None where it has an escape that is more than its sign."""
    inner = literal[1:-1]
    if any(sign.isalnum() and sign not in "n" for sign in _ESCAPED.findall(inner)):
        return None
    return _ESCAPED.sub(lambda escape: {"n": "\n", "\n": ""}.get(escape[1], escape[1]), inner)


def _folder() -> Path:
    return theme_folder() / "vendor" / "plotly"
