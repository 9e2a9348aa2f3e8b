"""`{{< notebook "ppo.ipynb" cells="train,curve" >}}`: cells of another page, run once there and shown here too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Final

from sitegen.config import Config
from sitegen.content.document import CellId, CodeCell, PageKey, ShortcodeCall
from sitegen.content.execute_options import CellOptions
from sitegen.content.executed import CellRun, LabelledCell
from sitegen.content.index import IndexedPage, SiteIndex
from sitegen.content.resolve import resolve_page
from sitegen.errors import ContentError, Diagnostic, did_you_mean
from sitegen.rendering.cells.displays import Shown
from sitegen.rendering.cells.outputs import CellFrame, cell_html
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.results.badges import state_words
from sitegen.rendering.urls import with_base
from sitegen.results.ledger import Ledger
from sitegen.values import dataclass

SHORTCODES: Final = frozenset({"notebook", "embed"})
"""Ours, and Quarto's `{{< embed nb.ipynb#label >}}`, which shows no code unless it is asked to."""

_ARGUMENTS: Final = ("cells", "echo", "output")
_SEPARATOR: Final = re.compile(r"[\s,]+")
_UNSAFE: Final = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a call asks for."""

    target: str
    cells: tuple[str, ...]
    """Labels, tags or ids; empty: all of the page."""
    echo: bool | None
    output: bool | None


def embed_html(
    call: ShortcodeCall,
    page: PageKey,
    frame: CellFrame,
    index: SiteIndex,
    ledger: Ledger,
    config: Config,
    *,
    taken: set[str],
    recorder: Recorder = NO_RECORDER,
) -> Shown:
    """The cells with their outputs, and below them where they come from and what state that is in.

    Args:
        call: the shortcode.
        page: on which it stands.
        frame: of that page's own cells: figures are published beside it.
        index: of the site.
        ledger: has the cells of all pages.
        config: for URLs.
        taken: names of cells that the page embeds already; those of this call are added.
        recorder: is told what is asked of the site.

    Raises:
        ContentError: no such page or cell (SG205), or arguments that make no sense (SG203).
    """
    wish = _wish(call)
    recorder.read("link", page, wish.target)
    owner = _owner(wish.target, page, index, call)
    for field in ("embedded", "ledger"):
        recorder.read("page", owner.key, field)
    cells = _chosen(wish.cells, ledger.page_cells.get(owner.key, ()), owner, call)
    state = ledger.states.get(owner.key)
    is_saved = state is None and any(each.run is not None for each in cells)
    there = replace(frame, state=state, is_trusted=owner.execution.trust, is_saved=is_saved)
    stem = _UNSAFE.sub("-", owner.key.strip("/"))
    shown = [cell_html(*_as_wished(found, wish, _free_name(found, stem, taken)), there) for found in cells]
    source = _source_html(owner, cells, ledger, config)
    html = "".join(piece.html for piece in shown)
    return Shown(
        html=f'<div class="embed">\n{html}{source}</div>\n',
        features=frozenset[str]().union(*(piece.features for piece in shown)),
        diagnostics=tuple(found for piece in shown for found in piece.diagnostics),
    )


def _wish(call: ShortcodeCall) -> _Wish:
    named = dict(call.named)
    positional = [str(value) for value in call.positional]
    target = str(named.pop("name", positional.pop(0) if positional else ""))
    if not target:
        example = f'`{{{{< {call.name} "ppo.ipynb" cells="train" >}}}}`'
        raise _wrong(call, f"`{call.name}` needs a notebook or page", f"write {example}")
    unknown = next((name for name in named if name not in _ARGUMENTS), None)
    if unknown is not None:
        hint = did_you_mean(unknown, _ARGUMENTS)
        raise _wrong(call, f"`{call.name}` has no argument `{unknown}`", hint)
    target, _, fragment = target.partition("#")
    listed = ",".join((fragment, str(named.get("cells", "")), *positional))
    return _Wish(
        target=target,
        cells=tuple(name for name in _SEPARATOR.split(listed) if name),
        echo=_switch(call, "echo", False if call.name == "embed" else None),
        output=_switch(call, "output", None),
    )


def _switch(call: ShortcodeCall, name: str, default: bool | None) -> bool | None:
    value = str(call.named.get(name, "")).lower()
    if value not in ("", "true", "false"):
        raise _wrong(call, f"`{name}` cannot be `{value}`", "it must be `true` or `false`")
    return value == "true" if value else default


def _owner(target: str, page: PageKey, index: SiteIndex, call: ShortcodeCall) -> IndexedPage:
    key = resolve_page(index, target, page)
    if key is not None and index.pages[key].url and key != page:
        return index.pages[key]
    message = f"`{call.name}` names a page that does not exist: `{target}`"
    hint = "name it as `relref` does: from the page's folder, from the content folder, or by its name alone"
    if key == page:
        message = f"`{call.name}` names the page that it stands on"
        hint = "name another page; a cell of this one is shown where it stands"
    elif index.by_source:
        sources = (index.pages[key].source for key in index.by_source.values())
        names = {str(source.content_path) for source in sources if source is not None}
        hint = did_you_mean(target, names) if _is_near(target, names) else hint
    raise ContentError(
        Diagnostic(code="SG205", severity="error", message=message, location=call.location, hint=hint)
    )


def _is_near(target: str, names: set[str]) -> bool:
    return did_you_mean(target, names).startswith("did you mean")


def _chosen(
    names: Sequence[str], cells: Sequence[LabelledCell], owner: IndexedPage, call: ShortcodeCall
) -> tuple[LabelledCell, ...]:
    """The cells of these names: by label, else all with that tag, else by a notebook's cell id."""
    if not names:
        return tuple(cells)
    chosen: list[LabelledCell] = []
    for name in names:
        found = (
            [each for each in cells if each.cell.options.label == name]
            or [each for each in cells if name in each.cell.options.tags]
            or [each for each in cells if each.cell.notebook_id == name]
        )
        if not found:
            raise _no_cell(name, cells, owner, call)
        chosen += found
    return tuple(chosen)


def _no_cell(
    name: str, cells: Sequence[LabelledCell], owner: IndexedPage, call: ShortcodeCall
) -> ContentError:
    labels = dict.fromkeys(each.cell.options.label for each in cells if each.cell.options.label)
    tags = dict.fromkeys(tag for each in cells for tag in each.cell.options.tags)
    known = [str(label) for label in (*labels, *tags)]
    place = owner.source.path if owner.source is not None else owner.key
    hint = f"give a cell of `{place}` a label: `#| label: {name}`"
    if known:
        hint = did_you_mean(name, known)
        listed = ", ".join(f"`{label}`" for label in known)
        hint = f"{hint} known: {listed}" if hint.startswith("did you mean") else hint
    message = f"`{place}` has no cell `{name}`"
    return ContentError(
        Diagnostic(code="SG205", severity="error", message=message, location=call.location, hint=hint)
    )


def _free_name(found: LabelledCell, stem: str, taken: set[str]) -> str:
    """A name for the cell that no other on the embedding page has: for ids and for the files of its figures."""
    base = f"{stem}-{found.cell.options.label or found.cell.id}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name


def _as_wished(found: LabelledCell, wish: _Wish, name: str) -> tuple[CodeCell, CellRun | None]:
    """The cell and its run, under ids of their own, shown as the call asks."""
    cell = found.cell
    options: CellOptions = replace(
        cell.options,
        label=name,
        include=True,
        echo=cell.options.echo if wish.echo is None else wish.echo,
        output=cell.options.output
        if wish.output is None
        else (wish.output and (cell.options.output or True)),
    )
    identifier = CellId(name)
    run = None if found.run is None else replace(found.run, cell=identifier)
    return replace(cell, id=identifier, options=options), run


def _source_html(owner: IndexedPage, cells: Sequence[LabelledCell], ledger: Ledger, config: Config) -> str:
    """Where the cells come from, with the state and the date of their run."""
    first = cells[0].cell if cells else None
    anchor = f"#cell-{first.options.label or first.id.removeprefix('cell-')}" if first is not None else ""
    url = escape(with_base(config, owner.url) + anchor)
    title = escape((owner.title or owner.key).replace("`", ""), quote=False)
    state = ledger.states.get(owner.key)
    words = config.words
    if state is not None:
        told = state_words(state, words=words)
    else:
        is_saved = any(each.run is not None for each in cells)
        told = words("cell.from_saved") if is_saved else ""
    run = ledger.shown.get(owner.key)
    if state is not None and run is not None and run.profile == "smoke":
        told = words("cell.smoke", state=told)  # cut short: no result
    date = f", {run.device}, {run.started:%Y-%m-%d}" if run is not None and state is not None else ""
    link = f'<a href="{url}">{title}</a>'
    said = words("cell.from_said", link=link, said=f"{told}{date}") if told else words("cell.from", link=link)
    return f'<p class="cell-note embed-source">{said}</p>\n'


def _wrong(call: ShortcodeCall, message: str, hint: str) -> ContentError:
    return ContentError(
        Diagnostic(code="SG203", severity="error", message=message, location=call.location, hint=hint)
    )
