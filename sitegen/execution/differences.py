"""What lies between a record and a run of the page now, in words: items 1 to 6 of the key; and that a record holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

import msgspec

from sitegen.content.document import CodeCell, InlineExpression, source_digest
from sitegen.results.provenance import device_of
from sitegen.results.record import CellInputs, DeviceInputs, Inputs, Record

_OPTIONS: Final = (
    *("exec", "error", "device", "fig_width", "fig_height", "fig_format", "tags"),
    *("output_limit", "display_limit"),
)
"""Of `CellInputs`: those that change what runs, is drawn or is kept."""
_MISSING: Final = object()


def changed_inputs(
    record: Record, inputs: Inputs, cells: Sequence[CodeCell], expressions: Iterable[InlineExpression]
) -> tuple[str, ...]:
    """Each difference as a phrase: `cell "train" (line 41) changed`, `fig-width 6 -> 8`; empty for one key.

    Args:
        record: of an earlier run, of this page or of one with the same code.
        inputs: what a run would have now.
        cells: that run now, as many as `inputs` has.
        expressions: the inline ones, as they are now.
    """
    before = record.inputs
    if before == inputs:
        return ()
    cell_words = list(_cells(record, inputs, cells))
    words = [*cell_words, *_expressions(record, inputs, expressions, cells_changed=bool(cell_words))]
    words += _kernel(before, inputs)
    words += _table(before.parameters, inputs.parameters, "parameter")
    if before.profile != inputs.profile:
        words.append(_step("profile", before.profile, inputs.profile))
    if before.seed != inputs.seed:
        words.append(_step("seed", before.seed, inputs.seed))
    if before.deterministic != inputs.deterministic:
        words.append(_step("deterministic", before.deterministic, inputs.deterministic))
    if before.address_space != inputs.address_space:
        words.append(_step("address-space", before.address_space, inputs.address_space))
    words += _variables(before.env, inputs.env)
    words += _device(before.device, inputs.device)
    words += _depends(before, inputs)
    if before.list_version != inputs.list_version:
        words.append("this release of sitegen counts other things as inputs")
    return tuple(words)


def cell_name(cell: CodeCell, number: int) -> str:
    """`cell "train" (line 41)`, or `cell 3 (line 41)` for one without label.

    Args:
        cell: that is named.
        number: its place among the cells that run, from 1.
    """
    name = f'cell "{cell.options.label}"' if cell.options.label else f"cell {number}"
    place = cell.location
    if place.cell is not None:
        return f"{name} (notebook cell {place.cell})"
    return f"{name} (line {place.line})" if place.line is not None else name


def words_of_age(seconds: float) -> str:
    """A length of time as an author writes it: `30 d`, `12 h`."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def holding(record: Record) -> str:
    """`the record of 2026-11-20 on cpu holds: 3 cells, 12 distributions, 2 files`."""
    seen = record.observed
    parts = [_count(len(record.cells), "cell")]
    if seen.lock is not None:
        parts.append("the lock file")
    parts += [_count(len(seen.distributions), "distribution")] if seen.distributions else []
    files = len(seen.files) + len(record.inputs.depends)
    parts += [_count(files, "file")] if files else []
    device = device_of(record)
    return f"the record of {record.run.started:%Y-%m-%d} on {device} holds: {', '.join(parts)}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def as_run_elsewhere(inputs: Inputs, record: Record, *, with_interpreter: bool = True) -> Inputs:
    """The page's inputs with items 2 and 4 of a record: what may differ from a run on another machine.

    Args:
        inputs: of the page here.
        record: of a run elsewhere.
        with_interpreter: False keeps item 2 as it is here, for it to be told.
    """
    was = record.inputs
    elsewhere = msgspec.structs.replace(inputs, device=was.device)
    if not with_interpreter:
        return elsewhere
    return msgspec.structs.replace(
        elsewhere, kernel=was.kernel, language=was.language, interpreter=was.interpreter
    )


# --- item 1 -----------------------------------------------------------------------------------------


def _cells(record: Record, inputs: Inputs, cells: Sequence[CodeCell]) -> Iterator[str]:
    """Cells go with each other by their code, else by their label, else by their place between two that do."""
    old, new = record.inputs.cells, inputs.cells
    labels = [part.label for part in record.cells][: len(old)] + [None] * (len(old) - len(record.cells))
    pairs, moved = _same_code(old, new)
    changed = _same_label(labels, cells, pairs | moved)
    changed |= _same_place(len(old), len(new), pairs | moved | changed)
    partner = {place: earlier for earlier, place in (pairs | moved | changed).items()}
    moved |= _out_of_order(changed, pairs)
    for place, cell in enumerate(cells):
        name, earlier = cell_name(cell, place + 1), partner.get(place)
        if earlier is None:
            yield f"{name} is new"
            continue
        if earlier in moved:
            yield f"{name} moved"
        if earlier in changed:
            yield f"{name} changed"
        options = [_option(field, old[earlier], new[place]) for field in _OPTIONS]
        if words := ", ".join(option for option in options if option):
            yield f"{name}: {words}"
    for place, label in enumerate(labels):
        if place not in partner.values():
            yield f'cell "{label}" is gone' if label else f"cell {place + 1} of that run is gone"


def _same_code(old: Sequence[CellInputs], new: Sequence[CellInputs]) -> tuple[dict[int, int], dict[int, int]]:
    """Old to new places of equal code: those in the same order, and those that have moved."""
    before, after = [cell.source for cell in old], [cell.source for cell in new]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    pairs = {block.a + i: block.b + i for block in blocks for i in range(block.size)}
    left = [place for place in range(len(new)) if place not in pairs.values()]
    moved: dict[int, int] = {}
    for place, source in enumerate(before):
        match = next((other for other in left if after[other] == source), None)
        if place not in pairs and match is not None:
            moved[place] = match
            left.remove(match)
    return pairs, moved


def _same_label(
    labels: Sequence[str | None], cells: Sequence[CodeCell], taken: Mapping[int, int]
) -> dict[int, int]:
    places = {
        cell.options.label: place
        for place, cell in enumerate(cells)
        if cell.options.label and place not in taken.values()
    }
    return {
        place: places[label] for place, label in enumerate(labels) if label in places and place not in taken
    }


def _same_place(count_before: int, count_now: int, taken: Mapping[int, int]) -> dict[int, int]:
    """The cells that are left, one after the other, where nothing known lies between them."""
    found: dict[int, int] = {}
    new = 0
    for old in range(count_before):
        if old in taken:
            new = max(new, taken[old] + 1)
        elif new < count_now and new not in taken.values():
            found[old] = new
            new += 1
    return found


def _out_of_order(changed: Mapping[int, int], pairs: Mapping[int, int]) -> dict[int, int]:
    """Those of the changed that stand elsewhere among the rest than they did."""
    settled = list(pairs.items())
    moved: dict[int, int] = {}
    for old, new in changed.items():
        if all((old < other) == (new < place) for other, place in settled):
            settled.append((old, new))
        else:
            moved[old] = new
    return moved


def _option(field: str, before: CellInputs, now: CellInputs) -> str:
    old, new = getattr(before, field), getattr(now, field)
    return "" if old == new else _step(field.replace("_", "-"), old, new, none="default")


def _expressions(
    record: Record, inputs: Inputs, expressions: Iterable[InlineExpression], *, cells_changed: bool
) -> Iterator[str]:
    if record.inputs.expressions == inputs.expressions:
        return
    left = [part.source for part in record.values]
    is_named = False
    for item in expressions:
        digest = source_digest(item.source)
        if digest in left:
            left.remove(digest)
            continue
        is_named = True
        line = f" (line {item.location.line})" if item.location.line is not None else ""
        yield f"inline expression `{_short(item.source)}`{line} is new or changed"
    if left and not is_named:
        yield "an inline expression is gone" if len(left) == 1 else f"{len(left)} inline expressions are gone"
    elif not is_named and not cells_changed:
        yield "an inline expression moved among the cells"


# --- items 2 to 5 -----------------------------------------------------------------------------------


def _kernel(before: Inputs, now: Inputs) -> Iterator[str]:
    if before.kernel != now.kernel:
        yield _step("kernel", before.kernel, now.kernel)
    if now.language and before.language != now.language:
        yield _step("language", before.language, now.language)
    if now.language and before.interpreter != now.interpreter:
        yield f"{before.interpreter or 'unknown interpreter'} -> {now.interpreter or 'unknown interpreter'}"


def _device(before: DeviceInputs, now: DeviceInputs) -> Iterator[str]:
    if (before.kind, before.name, before.count) != (now.kind, now.name, now.count):
        yield _step("device", device_name(before), device_name(now))
    if before.cpu_model != now.cpu_model:
        yield _step("CPU", before.cpu_model, now.cpu_model)


def device_name(device: DeviceInputs) -> str:
    """`cpu`, `any`, or the CUDA device's name with how many."""
    if device.kind != "cuda":
        return device.kind
    name = device.name or "cuda"
    return f"{device.count} x {name}" if device.count > 1 else name


def _depends(before: Inputs, now: Inputs) -> Iterator[str]:
    old = {file.path: file.digest for file in before.depends}
    new = {file.path: file.digest for file in now.depends}
    for path in sorted(old.keys() | new.keys()):
        if path not in new or (new[path] is None and old.get(path)):
            yield f"{path} is gone, or no longer in `depends`"
        elif path not in old or (old[path] is None and new[path]):
            yield f"{path} is new in `depends`"
        elif old[path] != new[path]:
            yield f"{path} changed"


def _table(before: Mapping[str, Any], now: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name, _MISSING), now.get(name, _MISSING)
        if old != new:
            yield _step(f"{kind} {name}", old, new)


def _variables(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """A variable that `env` names and that is not set is null: another thing than one that it does not name."""
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"variable {name} is let through now"
        elif name not in now:
            yield f"variable {name} is no longer let through"
        elif before[name] != now[name]:
            yield _step(f"variable {name}", before[name], now[name], none="not set")


def _step(what: str, before: object, now: object, *, none: str = "none") -> str:
    return f"{what} {_value(before, none)} -> {_value(now, none)}"


def _value(value: object, none: str) -> str:
    if value is None or value is _MISSING or value == () or value == "":
        return none
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return _short(str(value))


def _short(text: str) -> str:
    """One line, at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
