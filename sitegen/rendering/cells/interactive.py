"""Plotly and Vega figures, and Jupyter widgets: data on the page, one script each from the site itself."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from sitegen.config import Config
from sitegen.config.words import ENGLISH, Words
from sitegen.content.executed import DisplayOutput
from sitegen.files import digest_bytes
from sitegen.frozen import thaw
from sitegen.rendering.assets import ASSETS_FOLDER, theme_folder
from sitegen.rendering.cells.plotly_scripts import makes_code, strict_licence, strict_script, style_hashes
from sitegen.rendering.urls import url_of_output
from sitegen.results.media_types import PLOTLY, PLOTLY_SCRIPT
from sitegen.values import dataclass

Library = Literal["plotly", "vega"]

_VEGA: Final = re.compile(r"application/vnd\.vega(?:lite)?\.v([56])(?:\.|\+)json")
"""Vega 6 and Vega-Lite 6 also draw what was written for version 5; older charts need other scripts."""
_VEGA_FILES: Final = ("vega", "vega-lite", "vega-embed")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_TAG: Final = re.compile(r"<[^<>]*>")
_DIGITS: Final = 8  # of the digest, in a name
_PLOTLY_HEIGHT_PX: Final = 450
"""What plotly.js takes where the figure does not say."""
_VEGA_HEIGHT_PX: Final = 300
"""Altair's theme, and Vega-Lite's in a frame, for a chart that does not say."""
_VEGA_FRAME_PX: Final = 70
"""Axes, their titles and the chart's own title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A figure that a script draws, as HTML can know it."""

    library: Library
    media_type: str
    data: str
    """JSON that may stand inside a `<script>`."""
    title: str
    """Plain text; empty where the figure has none."""
    height_px: int
    makes_code: bool = False
    """Whether its library makes code of text to draw it, which no page's policy allows."""


class Scripts:
    """The scripts that a page's interactive outputs need, each once, collected while the page is composed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._named: set[str] = set()
        self.files: dict[PurePosixPath, bytes] = {}
        """By their path below the output folder."""
        self.widget_models: dict[str, str] = {}
        """The id of each widget model whose state the page holds, to the JavaScript module that it is of."""

    def plots(self, plot: Plot, output: DisplayOutput) -> str:
        """What a page needs before it can draw a figure; empty where that is there for another one.

        A page with a figure that makes code has the strict bundle of plotly.js, which then draws its other figures too.
        """
        has_policy = self._config.content_security_policy
        name = "plotly-strict" if has_policy and plot.makes_code else plot.library
        if name in self._named or (name == "plotly" and "plotly-strict" in self._named):
            return ""
        self._named.add(name)
        styles = ""
        if name == "vega":
            content = _vega()
        else:
            script = strict_script() if name == "plotly-strict" else str(output.data[PLOTLY_SCRIPT])
            content = _plotly(script, "" if name == "plotly" else strict_licence())
            hashes = style_hashes(script) if has_policy else None
            styles = "" if hashes is None else f' data-styles="{" ".join(hashes)}"'
        url = self._publish(f"{name}-{digest_bytes(content)[:_DIGITS]}.min.js", content)
        loader = f'<template class="plot-library" data-library="{name}"{styles}><script src="{escape(url)}"></script></template>\n'
        return loader + self._drawing()

    def widgets(self) -> str:
        """What a page needs before it can show widgets; empty from the second one on."""
        if "widgets" in self._named:
            return ""
        self._named.add("widgets")
        content = _widgets()
        folder = f"widgets-{digest_bytes(content)[:_DIGITS]}"
        for file in _vendored("widgets").glob("*.woff2"):
            self._publish(f"{folder}/{file.name}", file.read_bytes())
        url = self._publish(f"{folder}/embed.js", content)
        return f'<script defer src="{escape(url)}"></script>\n'

    def _drawing(self) -> str:
        """The script that draws, once for all libraries."""
        if "drawing" in self._named:
            return ""
        self._named.add("drawing")
        content = _drawing()
        url = self._publish(f"interactive.{digest_bytes(content)[:_DIGITS]}.js", content)
        return f'<script defer src="{escape(url)}"></script>\n'

    def _publish(self, name: str, content: bytes) -> str:
        path = ASSETS_FOLDER / name
        self.files[path] = content
        return url_of_output(self._config, path)


def plot_type(output: DisplayOutput) -> str | None:
    """The form of an output that a script of the site can draw; None where there is none."""
    if PLOTLY in output.data and isinstance(output.data.get(PLOTLY_SCRIPT), str):
        return PLOTLY
    return next((media_type for media_type in output.data if _VEGA.fullmatch(media_type)), None)


def is_interactive(media_type: str) -> bool:
    """Whether a form is data that only a script can draw."""
    return media_type == PLOTLY or _VEGA.fullmatch(media_type) is not None


def plot_of(output: DisplayOutput, media_type: str) -> Plot:
    """The figure in an output's form of that type."""
    content = thaw(output.data[media_type])
    figure: Mapping[str, object] = content if isinstance(content, Mapping) else {}
    if media_type == PLOTLY:
        layout = _table(figure.get("layout"))
        height = layout.get("height")
        return Plot(
            library="plotly",
            media_type=media_type,
            data=_json(figure),
            title=_title(layout.get("title")),
            height_px=round(height) if isinstance(height, int | float) else _PLOTLY_HEIGHT_PX,
            makes_code=makes_code(figure),
        )
    said = _table(output.metadata.get(media_type)).get("embed_options")
    options = thaw(said) if isinstance(said, Mapping) else {}
    view = _table(_table(figure.get("config")).get("view"))
    height = figure.get("height", view.get("continuousHeight"))
    inner = round(height) if isinstance(height, int | float) else _VEGA_HEIGHT_PX
    return Plot(
        library="vega",
        media_type=media_type,
        data=_json({"spec": figure, "options": options}),
        title=_title(figure.get("title")),
        height_px=inner + _VEGA_FRAME_PX,
    )


def plot_html(plot: Plot, *, alt: str, picture: str = "", words: Words = ENGLISH) -> str:
    """The box of a figure: its data, and until it is drawn (or where it never is) a note in its place.

    Args:
        plot: the figure.
        alt: what it shows, for those who do not see it; its title where this is empty.
        picture: HTML of a picture of it, shown with the note.
        words: of the site.
    """
    said = alt or plot.title
    name = words("cell.interactive_of", name=said) if said else words("cell.interactive")
    end = (
        "" if name.endswith((".", "?", "!", "\N{IDEOGRAPHIC FULL STOP}", "\N{ARABIC QUESTION MARK}")) else "."
    )
    note = f"{name}{end} {words('cell.by_script')}"
    return (
        f'<div class="plot" data-library="{plot.library}" role="group" aria-label="{escape(name)}" '
        f'style="min-height:{plot.height_px}px">\n'
        f'<div class="plot-note">{picture}<p>{escape(note)}</p></div>\n'
        f'<script type="application/json">{plot.data}</script>\n</div>\n'
    )


def withheld_html(output: DisplayOutput, media_type: str, words: Words = ENGLISH) -> str:
    """What stands in place of a figure on a page whose outputs are not trusted."""
    title = (
        ""
        if media_type not in output.data or not is_interactive(media_type)
        else plot_of(output, media_type).title
    )
    said = words("cell.withheld_figure", name=escape(title)) if title else words("cell.withheld")
    return f'<p class="cell-note">{said}</p>\n'


# --- scripts --------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def _plotly(text: str, licence: str = "") -> bytes:
    """plotly.js of one version: one object for all pages that have it."""
    return _alone(text, licence)


@functools.cache
def _vega() -> bytes:
    folder = _vendored("vega")
    parts = []
    for name in _VEGA_FILES:
        licence = (folder / f"LICENSE-{name}").read_text(encoding="utf-8")
        parts.append(_alone((folder / f"{name}.min.js").read_text(encoding="utf-8"), f"{name}\n\n{licence}"))
    return b"".join(parts)


@functools.cache
def _widgets() -> bytes:
    folder = _vendored("widgets")
    licence = (folder / "LICENSE").read_text(encoding="utf-8")
    parts = (folder / "embed.js.LICENSE.txt").read_text(encoding="utf-8")
    text = (folder / "embed.js").read_text(encoding="utf-8").replace(_STYLE_TEXT, _ADOPTED + _STYLE_TEXT)
    return parts.encode() + _alone(_NO_CODE_OF_TEXT + text, f"@jupyter-widgets/html-manager\n\n{licence}")


_NO_CODE_OF_TEXT: Final = """\
var Function=(function(real){function made(){var text=arguments[arguments.length-1];
return String(text).trim()==="return this"?function(){return window}:function(){return function(){return true}}}
made.prototype=real.prototype;return made})(window.Function);
"""
"""Ajv, in the bundle, makes functions of text to see that a page's widget state has the right form, which a page's policy
forbids. We wrote that state: here every form is right."""
_STYLE_TEXT: Final = "if(t.styleSheet)t.styleSheet.cssText=e;else{"
_ADOPTED: Final = """\
if("adoptedStyleSheets"in document){var s=new CSSStyleSheet;s.replaceSync(e);\
document.adoptedStyleSheets=[].concat(Array.from(document.adoptedStyleSheets),s);return}"""
"""The bundle writes its rules into style elements, with addresses of fonts that depend on the page: no hash is known. As a sheet
that a script made they need none (CSS Object Model, "constructed style sheets")."""


@functools.cache
def _drawing() -> bytes:
    from rjsmin import jsmin

    text = (theme_folder() / "scripts" / "interactive.js").read_text(encoding="utf-8")
    return str(jsmin(text)).encode("utf-8")


def _vendored(name: str) -> Path:
    return theme_folder() / "vendor" / name


def _alone(text: str, licence: str = "") -> bytes:
    """A script that sets its name on `window` whatever loader of modules the page has."""
    head = f"/*!\n{licence.strip()}\n*/\n" if licence else ""
    body = _SOURCE_MAP.sub("", text).strip()
    return f"{head}(function(define,module,exports){{\n{body}\n}}).call(window);\n".encode()


# --- small things ---------------------------------------------------------------------------------


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _title(value: object) -> str:
    """Plotly's and Vega's titles: a text, or a table or list of it; Plotly's may have tags."""
    if isinstance(value, Mapping):
        value = value.get("text")
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    return " ".join(unescape(_TAG.sub(" ", value)).split()) if isinstance(value, str) else ""
