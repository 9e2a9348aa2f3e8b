"""The diagrams of one page -> HTML: drawn by the tools that the machine has, once for what they are made of, or shown as code.

A drawing is kept in `.sitegen/cache/diagrams/` by its source, the tool and the tool's version. All that Mermaid has to draw on a
page is drawn in one run of a browser. What is missing is told once a site; what is wrong with one diagram names its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.content.document import DiagramHole
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes, digest_file
from sitegen.rendering.assets import ASSETS_FOLDER, theme_folder
from sitegen.rendering.cells.displays import Shown
from sitegen.rendering.drawings.drawn_svg import Drawing
from sitegen.rendering.drawings.graphviz import Drawn
from sitegen.rendering.drawings.programs import Programs
from sitegen.rendering.fragments import caption_html, caption_text
from sitegen.rendering.processed import ProcessedFiles
from sitegen.rendering.recorder import Recorder
from sitegen.rendering.references import figcaption
from sitegen.rendering.urls import url_of_output

_VERSION: Final = "1"
"""Of what is made of a drawing: part of its name in the cache."""
_PX_AN_INCH: Final = 96
_ROOM_PX: Final = {"body": 688, "page": 992}
"""Of columns (`--measure` and `--page` of site.css)."""
_LONGEST_NAME: Final = 300
"""Characters of a text alternative that we make of a diagram's labels."""
_DIGITS: Final = 8
"""Of a digest in a name and in an id."""


class Diagrams:
    """Those of one page, while it is composed."""

    def __init__(
        self, holes: Iterable[DiagramHole], place: IndexedPage, config: Config, recorder: Recorder
    ) -> None:
        """Know what is to be drawn; nothing is, before it is asked for.

        Args:
            holes: of the page: those of Mermaid are drawn together.
            place: the page's.
            config: of the site.
            recorder: is told where tools were looked for.
        """
        self._holes = tuple(holes)
        self._place = place
        self._config = config
        self._programs = Programs(config, recorder)
        self._kept = ProcessedFiles(config.state_dir / "cache" / "diagrams")
        self._made: dict[tuple[str, str, float | None], Drawn] = {}
        self._count = 0
        self._is_library_named = False
        self._browser_problem = ""
        self.shared: dict[PurePosixPath, bytes | Path] = {}
        """What the page's diagrams need, by path below the output folder."""

    def shown(self, hole: DiagramHole, number: str | None) -> Shown:
        """A diagram in the page.

        Args:
            hole: says which.
            number: `Figure 1`, where others may refer to it.
        """
        settings = self._config.diagrams
        if hole.language == "graphviz":
            return (
                self._by_graphviz(hole, number) if settings.graphviz == "auto" else self._code(hole, number)
            )
        if settings.mermaid == "code":
            return self._code(hole, number)
        return self._by_mermaid(hole, number)

    # --- by each tool

    def _by_graphviz(self, hole: DiagramHole, number: str | None) -> Shown:
        from sitegen.rendering.drawings import graphviz

        program = self._graphviz
        if program is None:
            return self._code(hole, number, _missing("Graphviz", _NO_GRAPHVIZ, hole))
        recipe = f"diagram {_VERSION} {graphviz.version_of(program, program.stat().st_mtime_ns)}"
        made = self._find(hole, recipe)
        if made is None:
            timeout_s = self._config.diagrams.timeout_s
            made = graphviz.draw(hole.source, program, timeout_s=timeout_s, width_px=_width_px(hole))
            self._keep(hole, recipe, made)
        return self._figure(hole, number, made)

    def _by_mermaid(self, hole: DiagramHole, number: str | None) -> Shown:
        library = self._mermaid
        if library is None:
            return self._code(hole, number, _missing("Mermaid", _NO_MERMAID, hole))
        if self._config.diagrams.mermaid == "browser":
            return self._waiting(hole, number, library)
        made = self._find(hole, self._mermaid_recipe)
        if made is None:
            self._draw_by_mermaid(library, hole)
            made = self._find(hole, self._mermaid_recipe)
        if made is not None:
            return self._figure(hole, number, made)
        shown = self._waiting(hole, number, library)
        return Shown(html=shown.html, features=shown.features, diagnostics=self._undrawn(hole))

    def _draw_by_mermaid(self, library: Path, asked: DiagramHole) -> None:
        """All diagrams of the page that are not there, in one run of the browser.

        Args:
            library: Mermaid.
            asked: is among them, though it comes from an output.
        """
        from sitegen.rendering.drawings.mermaid import BrowserError, draw_all

        browser = self._browser
        if browser is None or self._browser_problem:
            return
        wanted = {
            _key(hole): hole
            for hole in (*self._holes, asked)
            if hole.language == "mermaid" and self._find(hole, self._mermaid_recipe) is None
        }
        try:
            made = draw_all(
                [(hole.source, _width_px(hole)) for hole in wanted.values()],
                library,
                browser,
                timeout_s=self._config.diagrams.timeout_s,
            )
        except BrowserError as error:
            self._browser_problem = str(error)
            return
        for hole, drawn in zip(wanted.values(), made, strict=True):
            self._keep(hole, self._mermaid_recipe, drawn)

    @cached_property
    def _graphviz(self) -> Path | None:
        return self._programs.graphviz()

    @cached_property
    def _mermaid(self) -> Path | None:
        return self._programs.mermaid()

    @cached_property
    def _browser(self) -> Path | None:
        return self._programs.browser()

    @cached_property
    def _mermaid_recipe(self) -> str:
        """The library and our script by their contents: the browser is any."""
        from sitegen.rendering.drawings.mermaid import drawing_script

        if self._mermaid is None:
            return ""
        return f"diagram {_VERSION} mermaid {_digest(self._mermaid)} {_digest(drawing_script())}"

    # --- what was made before

    def _find(self, hole: DiagramHole, recipe: str) -> Drawn | None:
        known = self._made.get(_key(hole))
        if known is not None:
            return known
        kept = self._kept.find(_digest_of(hole), recipe)
        if kept is None:
            return None
        drawn = self._made[_key(hole)] = Drawn(drawing=Drawing.unpacked(kept))
        return drawn

    def _keep(self, hole: DiagramHole, recipe: str, made: Drawn) -> None:
        """For this page, and for later builds what nothing is to be told of."""
        self._made[_key(hole)] = made
        if made.drawing is not None and not made.problem:
            self._kept.put(_digest_of(hole), recipe, made.drawing.packed())
            self._kept.prune_now_and_then()

    # --- HTML

    def _figure(self, hole: DiagramHole, number: str | None, made: Drawn) -> Shown:
        wrong = _wrong(hole, made)
        if made.drawing is None:
            message = escape(f"{wrong.code}: {wrong.message}", quote=False)
            code = self._code(hole, number)
            return Shown(
                html=f'<div class="build-error" role="alert">{message}</div>\n{code.html}',
                features=code.features,
                diagnostics=(wrong,),
            )
        self._count += 1
        identity = digest_bytes(f"{self._place.key}\n{self._count}".encode())[:_DIGITS]
        svg = made.drawing.on_page(
            f"diagram-{identity}-",
            _name(hole, made.drawing, self._config.words),
            _ROOM_PX.get(hole.options.column),
        )
        frame = f'<div class="diagram-drawing" tabindex="0" role="group" aria-label="{self._word("name")}">{svg}</div>'
        return Shown(
            html=_framed(hole, number, frame, self._config.words),
            features=frozenset({"figure", "diagram"}),
            diagnostics=(wrong,) if made.problem else (),
        )

    def _waiting(self, hole: DiagramHole, number: str | None, library: Path) -> Shown:
        """A diagram that the reader's browser draws: until then, and without JavaScript, its source."""
        name = escape(_name(hole, None, self._config.words))
        data = json.dumps(hole.source, ensure_ascii=False).replace("<", "\\u003c")
        frame = (
            f'<div class="diagram-drawing" tabindex="0" role="group" aria-label="{self._word("name")}" data-name="{name}" hidden></div>\n'
            f'<script type="application/json">{data}</script>'
        )
        return Shown(
            html=self._library(library) + _framed(hole, number, frame, self._config.words, is_waiting=True),
            features=frozenset({"figure", "diagram"}),
        )

    def _word(self, key: str) -> str:
        return escape(self._config.words(f"diagram.{key}"))

    def _library(self, library: Path) -> str:
        """What a page needs before it can draw; empty from the second diagram on."""
        if self._is_library_named:
            return ""
        self._is_library_named = True
        content = _scripts()
        script = ASSETS_FOLDER / f"diagrams-{digest_bytes(content)[:_DIGITS]}.js"
        vendored = ASSETS_FOLDER / f"mermaid-{_digest(library)[:_DIGITS]}.min.js"
        self.shared |= {script: content, vendored: library}
        return (
            f'<template class="diagram-library"><script src="{escape(url_of_output(self._config, vendored))}"></script></template>\n'
            f'<script defer src="{escape(url_of_output(self._config, script))}"></script>\n'
        )

    def _code(self, hole: DiagramHole, number: str | None, *told: Diagnostic) -> Shown:
        """The source as a block of code; with a caption where it has one."""
        caption = figcaption(caption_html(hole.options.fig_cap), number)
        html = hole.code
        if caption or hole.options.label:
            html = f"<figure{_identified(hole)}>{html}{caption}</figure>\n"
        return Shown(html=html, features=frozenset({"code"}), diagnostics=told)

    def _undrawn(self, hole: DiagramHole) -> tuple[Diagnostic, ...]:
        """SG414: the build's own browser has failed; where there is none at all, a reader's is as good."""
        if not self._browser_problem:
            return ()
        return (
            Diagnostic(
                code="SG414",
                severity="warning",
                message=f"diagrams are not drawn by the build: {self._browser_problem}",
                location=SourceLocation(path=hole.location.path),
                hint='readers\' browsers draw them; `diagrams.mermaid = "browser"` says that this is wanted',
            ),
        )


_NO_GRAPHVIZ: Final = 'install Graphviz, so that `dot` is found, or set `diagrams.graphviz = "code"`'
_NO_MERMAID: Final = 'run `npm install mermaid@11` in the site\'s folder (and `diagrams.mermaid = "code"` says that code is wanted)'


def _missing(tool: str, hint: str, hole: DiagramHole) -> Diagnostic:
    return Diagnostic(
        code="SG416",
        severity="warning",
        message=f"a diagram is shown as code: {tool} is not there to draw it",
        location=hole.location,
        hint=hint,
    )


def _wrong(hole: DiagramHole, made: Drawn) -> Diagnostic:
    """SG413: what a tool says of a diagram, at the line of the page's file."""
    place, line = hole.location, made.line
    if line is not None and place.line is not None:
        last = hole.source.count("\n") + 1
        place = SourceLocation(path=place.path, line=place.line + min(max(line, 1), last) - 1)
    is_drawn = made.drawing is not None
    return Diagnostic(
        code="SG413",
        severity="warning" if is_drawn else "error",
        message=f"{'Mermaid' if hole.language == 'mermaid' else 'Graphviz'}: {made.problem}",
        location=place,
        hint="the line is where the tool noticed it: look at it and at the one above",
    )


def _framed(
    hole: DiagramHole, number: str | None, frame: str, words: Words, *, is_waiting: bool = False
) -> str:
    """A drawing with its caption, and its source below."""
    source_word = escape(words("diagram.source"))
    options = hole.options
    names = ["diagram", *(["is-waiting"] if is_waiting else []), *hole.classes.split()]
    if options.column != "body":
        names.append(f"column-{options.column}")
    caption = figcaption(caption_html(options.fig_cap), number)
    figure = f"<figure{_identified(hole)}>{frame}{caption}</figure>\n"
    source = ""
    if options.echo or is_waiting:
        code = hole.code.replace(f'class="highlight {hole.classes}"', 'class="highlight"', 1)
        is_open = " open" if is_waiting else ""
        source = (
            f'<details class="diagram-source"{is_open}><summary>{source_word}</summary>\n{code}</details>\n'
        )
    return f'<div class="{escape(" ".join(names))}">\n{figure}{source}</div>\n'


def _identified(hole: DiagramHole) -> str:
    label = hole.options.label
    return f' id="{escape(label)}"' if label else ""


def _name(hole: DiagramHole, drawing: Drawing | None, words: Words) -> str:
    """What a diagram shows, for those who do not see it: as its author says it, or else its own words."""
    if hole.options.fig_alt:
        return hole.options.fig_alt
    told = (
        ". ".join(part.rstrip(".") for part in (drawing.title, drawing.description) if part)
        if drawing
        else ""
    )
    if told:
        return told
    labels = _listed(drawing.labels) if drawing is not None else ""
    own = words("diagram.labels", labels=labels) if labels else ""
    caption = caption_text(caption_html(hole.options.fig_cap))
    if caption:
        return f"{caption.rstrip('.')}. {own}" if own else caption
    return own or words("diagram.name")


def _listed(labels: Sequence[str]) -> str:
    """As many of the labels as a name can have."""
    text = ""
    for label in labels:
        longer = f"{text}, {label}" if text else label
        if len(longer) > _LONGEST_NAME:
            return (
                f"{text}, \N{HORIZONTAL ELLIPSIS}"
                if text
                else f"{label[:_LONGEST_NAME]}\N{HORIZONTAL ELLIPSIS}"
            )
        text = longer
    return text


def _key(hole: DiagramHole) -> tuple[str, str, float | None]:
    return hole.language, hole.source, _width_px(hole)


def _digest_of(hole: DiagramHole) -> str:
    """Of all that a drawing is made of."""
    return digest_bytes("\n".join(map(str, _key(hole))).encode("utf-8", "replace"))


def _width_px(hole: DiagramHole) -> float | None:
    inches = hole.options.fig_width
    return inches * _PX_AN_INCH if inches is not None and inches > 0 else None


def _digest(file: Path) -> str:
    status = file.stat()
    return _digest_once(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)
def _digest_once(file: Path, mtime_ns: int, size_bytes: int) -> str:  # noqa: ARG001 -- the key
    return digest_file(file)


@lru_cache(maxsize=1)
def _scripts() -> bytes:
    """What draws in a reader's browser."""
    from rjsmin import jsmin

    folder = theme_folder() / "scripts"
    texts = ((folder / name).read_text("utf-8") for name in ("mermaid.js", "diagrams.js"))
    return "\n".join(str(jsmin(text)) for text in texts).encode()
