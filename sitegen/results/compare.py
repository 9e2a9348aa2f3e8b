"""Two records side by side: metrics, environment, inputs, what was observed, and which cells gave other outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from sitegen.files import digest_bytes
from sitegen.results.record import CellPart, DeviceInputs, MetricPart, Observed, Record, canonical
from sitegen.values import dataclass

_NOT_COMPARED: Final = frozenset(("packages",))
"""Of the environment: told with what was observed."""

Subject = Literal["inputs", "environment", "observed", "metrics", "outputs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between an earlier and a later record."""

    subject: Subject
    name: str
    """As a person calls it: `numpy`, `data/returns.csv`, `cell "train"`."""
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is gone."""
    is_content: bool = False
    """What differs is a content, of which the two values only say which: it is told as `changed`."""

    def words(self) -> str:
        """The change as a phrase: `numpy 2.4.5 -> 2.4.6`, `data/returns.csv changed`."""
        if self.before is None:
            return f"{self.name} added" if self.is_content else f"{self.name} added: {self.after}"
        if self.after is None:
            return f"{self.name} gone" if self.is_content else f"{self.name} gone: {self.before}"
        return f"{self.name} changed" if self.is_content else f"{self.name} {self.before} -> {self.after}"


def compare(before: Record, after: Record) -> tuple[Change, ...]:
    """All that differs, by subject in the order of `Subject`; empty where only the moment of the run does."""
    return (
        *_inputs(before, after),
        *_environment(before, after),
        *_observed(before.observed, after.observed),
        *_metrics(before, after),
        *_outputs(before, after),
    )


def metric_words(metric: MetricPart) -> str:
    """A metric's value with its spread, number of samples and unit: `478.2 ± 3.1 (n = 5) points`."""
    spread = f" ± {metric.spread:g}" if metric.spread is not None else ""
    samples = f" (n = {metric.n})" if metric.n is not None else ""
    unit = f" {metric.unit}" if metric.unit else ""
    return f"{metric.value:.6g}{spread}{samples}{unit}"


# --- items 1 to 6 -----------------------------------------------------------------------------------


def _inputs(before: Record, after: Record) -> Iterator[Change]:
    old, new = before.inputs, after.inputs
    yield from _cells(before, after)
    if old.expressions != new.expressions:
        yield _change("inputs", "the inline expressions", old.expressions, new.expressions, is_content=True)
    for name in ("kernel", "language", "interpreter", "profile", "seed", "deterministic", "address_space"):
        yield from _value("inputs", name.replace("_", "-"), getattr(old, name), getattr(new, name))
    yield from _value("inputs", "device", _device(old.device), _device(new.device))
    yield from _table("inputs", old.parameters, new.parameters, "parameter ")
    yield from _table("inputs", old.env, new.env, "variable ")
    yield from _table(
        "inputs",
        {file.path: file.digest for file in old.depends},
        {file.path: file.digest for file in new.depends},
        is_content=True,
    )
    if old.list_version != new.list_version:
        yield from _value("inputs", "list of inputs: version", old.list_version, new.list_version)


def _cells(before: Record, after: Record) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    yield from _table(
        "inputs",
        {name: cell.source for name, cell in old.items()},
        {name: cell.source for name, cell in new.items()},
        is_content=True,
    )
    options_before = {cell.id: cell for cell in before.inputs.cells}
    for number, cell in enumerate(after.inputs.cells, 1):
        known = options_before.get(cell.id)
        if known is None:
            continue
        for field in cell.__struct_fields__:
            was, now = getattr(known, field), getattr(cell, field)
            if field not in ("id", "source") and was != now:
                yield _change("inputs", f"cell {number}: {field.replace('_', '-')}", _text(was), _text(now))


def _by_name(record: Record) -> dict[str, CellPart]:
    """The cells that ran, by their labels where they have one, else by their numbers."""
    return {
        f'cell "{cell.label}"' if cell.label else f"cell {number}": cell
        for number, cell in enumerate(record.cells, 1)
    }


def _device(device: DeviceInputs) -> str:
    count = f"{device.count} x " if device.count > 1 else ""
    model = f" ({device.cpu_model})" if device.cpu_model else ""
    return f"{count}{device.name or device.kind}{model}"


# --- environment, items 7 and 8 ---------------------------------------------------------------------


def _environment(before: Record, after: Record) -> Iterator[Change]:
    old, new = before.environment, after.environment
    for name in old.__struct_fields__:
        if name not in _NOT_COMPARED:
            words = name.replace("_", " ").replace("cpu", "CPU").replace("cuda", "CUDA")
            yield from _value("environment", words, getattr(old, name), getattr(new, name))


def _observed(old: Observed, new: Observed) -> Iterator[Change]:
    yield from _table("observed", old.distributions, new.distributions)
    lock_before = old.lock.digest if old.lock is not None else None
    lock_after = new.lock.digest if new.lock is not None else None
    if lock_before != lock_after:
        yield _change("observed", "the lock file", lock_before, lock_after, is_content=True)
    yield from _table(
        "observed",
        {file.path: file.digest for file in old.files},
        {file.path: file.digest for file in new.files},
        is_content=True,
    )
    for folder, names_before, names_after in _pairs(
        {folder.path: folder.names for folder in old.folders},
        {folder.path: folder.names for folder in new.folders},
    ):
        listed = f"the names in {folder or '.'}/"
        yield _change("observed", listed, _text(names_before), _text(names_after), is_content=True)
    absent_before, absent_after = ({path.path for path in seen.absent} for seen in (old, new))
    for path in sorted(absent_before ^ absent_after):
        was, now = ("absent", None) if path in absent_before else (None, "absent")
        yield _change("observed", f"{path} (looked for in vain)", was, now, is_content=True)


# --- what came out ----------------------------------------------------------------------------------


def _metrics(before: Record, after: Record) -> Iterator[Change]:
    old = {metric.name: metric_words(metric) for metric in before.metrics}
    new = {metric.name: metric_words(metric) for metric in after.metrics}
    yield from _table("metrics", old, new)


def _outputs(before: Record, after: Record) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            continue  # told among the inputs
        if was.status != now.status:
            yield _change("outputs", f"{name}: status", was.status, now.status)
        if canonical(was.outputs) != canonical(now.outputs):
            yield _contents("outputs", f"{name}: outputs", was.outputs, now.outputs)
    if canonical(before.values) != canonical(after.values):
        yield _contents("outputs", "inline values", before.values, after.values)


# --- changes ----------------------------------------------------------------------------------------


def _table(
    subject: Subject,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    prefix: str = "",
    *,
    is_content: bool = False,
) -> Iterator[Change]:
    for name, was, now in _pairs(before, after):
        yield _change(subject, f"{prefix}{name}", _text(was), _text(now), is_content=is_content)


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What differs between two tables, those of the later one first; None where a name is missing."""
    for name in [*after, *(name for name in before if name not in after)]:
        was, now = before.get(name), after.get(name)
        if was != now or (name in before) != (name in after):
            yield name, was if name in before else None, now if name in after else None


def _value(subject: Subject, name: str, before: object, after: object) -> Iterator[Change]:
    if before != after:
        yield _change(subject, name, _text(before) or "none", _text(after) or "none")


def _change(
    subject: Subject, name: str, before: str | None, after: str | None, *, is_content: bool = False
) -> Change:
    return Change(subject=subject, name=name, before=before, after=after, is_content=is_content)


def _contents(subject: Subject, name: str, before: object, after: object) -> Change:
    """Two contents that differ, each by its digest."""
    was, now = (digest_bytes(canonical(value)) for value in (before, after))
    return _change(subject, name, was, now, is_content=True)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return canonical(value).decode()
