"""What a cell may call: the device it has, its seed, and the numbers it reports.

Needs only the standard library; torch and numpy are used where they are there. In a Jupyter kernel the
calls emit display data with a text fallback, so cells run in any notebook front end too; elsewhere they print.
A build reads these MIME types, each with JSON: `application/vnd.sitegen.metric+json` (the arguments of `metric`),
`...seed+json` (`{"seed": n}`), `...curve+json`, `...artifact+json`, and `...progress+json`, which it shows and never keeps.
It says through environment variables what holds for the page: `SITEGEN_PROFILE`, `SITEGEN_DEVICE`, and for artifacts
`SITEGEN_ARTIFACTS` (the folder to copy them to), `SITEGEN_ARTIFACT_LIMIT` (bytes) and `SITEGEN_ROOT` (the site's folder).

One file, whatever its length: it is copied into kernels of other environments and published with the site. Python 3.10 or newer.
"""

from __future__ import annotations

import array
import atexit
import functools
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import math
import operator
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time
import types
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, ParamSpec, SupportsFloat, TypeVar

__all__ = [
    "ArtifactError",
    "Benchmark",
    "artifact",
    "benchmark",
    "curve",
    "device",
    "metric",
    "progress",
    "seed",
    "smoke",
]

T = TypeVar("T")
P = ParamSpec("P")

smoke: Final[bool] = os.environ.get("SITEGEN_PROFILE") == "smoke"
"""True in the smoke profile: cells then shorten themselves to seconds; never a result to publish."""

_METRIC_TYPE: Final = "application/vnd.sitegen.metric+json"
_SEED_TYPE: Final = "application/vnd.sitegen.seed+json"
_CURVE_TYPE: Final = "application/vnd.sitegen.curve+json"
_ARTIFACT_TYPE: Final = "application/vnd.sitegen.artifact+json"
_PROGRESS_TYPE: Final = "application/vnd.sitegen.progress+json"
_SECONDS_IN: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}

_CURVE_POINTS: Final = 2000
"""What is sent and recorded of a curve: more than a page's plot has pixels across."""
_CURVE_HELD: Final = 2**20
"""Points that are held in memory (16 bytes each); a longer curve is thinned to an eighth."""
_CURVE_EVERY_S: Final = 0.5
_PROGRESS_EVERY_S: Final = 0.2

Reference = SupportsFloat | tuple[SupportsFloat, str] | tuple[SupportsFloat, SupportsFloat, str]
Numbers = SupportsFloat | Iterable[SupportsFloat]


def _checked(fn: Callable[P, T]) -> Callable[P, T]:
    """`fn`, with an error that names the near match for an argument that it does not have."""
    known = frozenset(inspect.signature(fn).parameters)

    @functools.wraps(fn)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if not known.issuperset(kwargs):
            name = next(name for name in kwargs if name not in known)
            raise TypeError(f"`lab.{fn.__name__}` has no argument `{name}`{_did_you_mean(name, known)}")
        return fn(*args, **kwargs)

    return call


def __getattr__(name: str) -> Any:
    hint = "" if name.startswith("_") else _did_you_mean(name, __all__)
    raise AttributeError(f"`sitegen.lab` has no `{name}`{hint}")


def device() -> Any:
    """The `torch.device` of this run: CUDA where the build has one for the page and torch sees it, else CPU.

    The build says through the environment variable `SITEGEN_DEVICE` (`cpu` or `cuda`) what the page may
    use; without it (a notebook front end) CUDA is used where torch sees it.

    Raises:
        RuntimeError: the build asks for CUDA and torch sees none: never a CPU number in its place.
        ModuleNotFoundError: torch is not installed.
    """
    torch = importlib.import_module("torch")
    wanted = os.environ.get("SITEGEN_DEVICE", "")
    if wanted == "cpu":
        return torch.device("cpu")
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise RuntimeError("the page has a CUDA device, but this torch does not see it")
    return torch.device("cuda" if available else "cpu")  # never run on a GPU


@_checked
def seed(n: int) -> None:
    """Seed `random`, numpy and torch (CPU and CUDA), and record the seed.

    What is not imported yet is seeded right after its import, and never imported for the seed's sake.

    Args:
        n: 0 to 2**32 - 1, the range that numpy takes.
    """
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"a seed is a whole number, not {n!r}") from None
    if not 0 <= n < 2**32:
        raise ValueError(f"a seed is from 0 to 2**32 - 1, not {n}")
    random.seed(n)
    _seeds.update(dict.fromkeys(_SEEDERS, n))
    if not any(isinstance(finder, _SeedAfterImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, _SeedAfterImport())
    for name in _SEEDERS:
        if name in sys.modules:
            _seed_module(name)
    _emit({_SEED_TYPE: {"seed": n}}, text=None)


@_checked
def metric(
    name: str,
    value: SupportsFloat,
    *,
    unit: str | None = None,
    better: Literal["higher", "lower"] | None = None,
    spread: SupportsFloat | None = None,
    n: int | None = None,
    reference: Reference | None = None,
    tolerance: SupportsFloat | None = None,
    spread_kind: str | None = None,
) -> None:
    """Record a number in the page's results; prose shows it with `{{< metric "name" >}}`.

    Args:
        name: unique on the page, without `/`; parts are joined with `.`: `cartpole.mean_return`.
        value: a finite number; scalars of numpy and torch are fine.
        unit: as it is printed after the number: `reward`, `tokens/s`, `nats`.
        better: which direction is an improvement.
        spread: how far runs lie apart, in the unit of `value`.
        n: how many runs, seeds or episodes `value` and `spread` are taken over.
        reference: a published value to show beside this one: the value alone, `(value, source)` or
            `(value, spread, source)`. The source is shown with it: name the paper or page, best with its address.
        tolerance: how far a later run may differ, in the unit of `value`, before the build calls it drift.
        spread_kind: what `spread` is: `sd`, `se`, `IQR`, `95% CI`.

    Raises:
        ValueError: the name has a `/` or is empty, or a number is not finite.
    """
    if not isinstance(name, str):
        raise TypeError(f"a metric's name is text, not {_short(name)}")
    if not name or "/" in name:
        raise ValueError(f"a metric's name has no `/` and is not empty: `{name}`")
    if better not in (None, "higher", "lower"):
        raise ValueError(f"`better` is 'higher' or 'lower', not {better!r}")
    payload = {
        "name": name,
        "value": _number(value, f"metric `{name}`"),
        "unit": unit,
        "better": better,
        "spread": None if spread is None else _number(spread, f"the spread of `{name}`"),
        "spread_kind": spread_kind,
        "n": None if n is None else _count(n, f"`n` of `{name}`"),
        "reference": None if reference is None else _reference(reference, name),
        "tolerance": None if tolerance is None else _number(tolerance, f"the tolerance of `{name}`"),
    }
    _emit({_METRIC_TYPE: payload}, text=_in_words(payload))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What `benchmark` measured; the same numbers as in the metric it recorded."""

    name: str
    median: float
    """In `unit`."""
    iqr: float
    """Interquartile range, in `unit`."""
    n: int
    """Timed calls."""
    unit: str
    samples: tuple[float, ...]
    """One number a timed call, in `unit`, in the order of the calls."""

    def _ipython_display_(self) -> None:
        """Shows nothing as a cell's last value: the metric is shown already."""


@_checked
def benchmark(
    fn: Callable[[], object],
    *,
    name: str,
    unit: str = "s",
    warmup: int = 3,
    repeats: int = 10,
    items: SupportsFloat | None = None,
    better: Literal["higher", "lower"] | None = None,
    reference: Reference | None = None,
    tolerance: SupportsFloat | None = None,
) -> Benchmark:
    """Time calls of `fn` and record the median with the interquartile range as a metric.

    CUDA is synchronised before and after each call where torch uses it, so kernels that were only
    queued are counted. A cell that calls this should have `benchmark: true`, to have the machine to itself.

    Args:
        fn: called without arguments, `warmup + repeats` times.
        name: of the metric.
        unit: of the time, one of s, ms, us, ns; with `items` the rate's, as it is printed: `tokens/s`.
        warmup: calls that are not counted: compilation, caches, allocators.
        repeats: timed calls, at least 2.
        items: what one call handles (tokens, samples, steps); the metric is then `items` per second.
        better: `lower` for times and `higher` for rates, unless given.
        reference: as for `metric`.
        tolerance: as for `metric`.
    """
    if repeats < 2:
        raise ValueError(f"a spread needs at least 2 repeats, not {repeats}")
    if items is None and unit not in _SECONDS_IN:
        raise ValueError(f"`{unit}` is no unit of time ({', '.join(_SECONDS_IN)}); a rate needs `items`")
    for _ in range(warmup):
        fn()
    seconds = [_timed(fn) for _ in range(repeats)]
    if items is None:
        samples = tuple(each / _SECONDS_IN[unit] for each in seconds)
    else:
        count = _number(items, "`items`")
        samples = tuple(count / each for each in seconds)
        unit = "items/s" if unit == "s" else unit
    first, median, third = statistics.quantiles(samples, n=4, method="inclusive")
    metric(
        name,
        median,
        unit=unit,
        better=better or ("lower" if items is None else "higher"),
        spread=third - first,
        spread_kind="IQR",
        n=repeats,
        reference=reference,
        tolerance=tolerance,
    )
    return Benchmark(name=name, median=median, iqr=third - first, n=repeats, unit=unit, samples=samples)


@_checked
def curve(
    name: str,
    x: Numbers,
    y: Numbers,
    *,
    x_label: str = "",
    y_label: str = "",
    y_scale: Literal["linear", "log"] = "linear",
) -> None:
    """Add points to a curve of the cell; the published page has it as a plot.

    Curves of one cell whose labels agree share their axes. Calls are cheap and may be many: what is shown meanwhile is brought
    up to date twice a second, and of very many points those that shape the line are kept.

    Args:
        name: of the curve: its entry in the plot's legend.
        x: a number, or as many numbers as `y` has; scalars and one-dimensional arrays of numpy and torch are fine.
        y: a number or several; what is not finite is a gap in the line.
        x_label: what is counted, with its unit: `step`, `tokens`.
        y_label: what is measured, with its unit: `loss (nats)`.
        y_scale: `log` for positive values.

    Raises:
        ValueError: `x` and `y` have not the same length, or an earlier call of the cell gave the curve other labels.
    """
    curves = _curves_of_cell()
    found = curves.get(name)
    axes = (x_label, y_label, y_scale)
    if found is None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"a curve's name is text, not {_short(name)}")
        if y_scale not in ("linear", "log"):
            raise ValueError(f"`y_scale` is 'linear' or 'log', not {y_scale!r}")
        found = curves[name] = _Curve(name, axes)
    elif found.axes != axes:
        raise ValueError(
            f"the curve `{name}` has the labels and scale {found.axes}, not {axes}: name another curve"
        )
    found.add(x, y)
    if time.monotonic() >= found.due:
        found.show()


@_checked
def progress(iterable: Iterable[T], *, total: int | None = None) -> Iterator[T]:
    """The items of `iterable`, with a progress bar while they are gone through; nothing of it stays on the page.

    Args:
        iterable: bars inside bars are fine.
        total: how many items it has, where it cannot say so itself.
    """
    if total is None:
        hint = operator.length_hint(iterable, -1)
        total = hint if hint >= 0 else None
    else:
        total = _count(total, "`total`")
    return _stepped(iter(iterable), total)


class ArtifactError(ValueError):
    """A file cannot be kept as an artifact."""


@_checked
def artifact(path: str | os.PathLike[str]) -> None:
    """Keep a file as it is now with the results: published beside the page, and linked where the cell's outputs are.

    Other files that a run writes are never published. Outside a build this only says what would be kept.

    Args:
        path: below the site's folder or a temporary one.

    Raises:
        ArtifactError: it is no file, lies elsewhere, or is larger than the build allows.
    """
    file = pathlib.Path(path)
    if not file.exists():
        raise ArtifactError(f"there is no file `{path}`")
    if not file.is_file():
        what = (
            "a folder: pack it into one file, or keep its files one by one"
            if file.is_dir()
            else "no regular file"
        )
        raise ArtifactError(f"`{path}` is {what}")
    folder = os.environ.get("SITEGEN_ARTIFACTS")
    size_bytes = file.stat().st_size
    if folder:
        _check_artifact(file, size_bytes)
        digest, size_bytes = _keep(file, pathlib.Path(folder))
    else:
        digest = ""
    payload = {"name": file.name, "size_bytes": size_bytes, "digest": digest}
    _emit({_ARTIFACT_TYPE: payload}, text=f"{file.name} ({size_bytes:,} bytes)")


_SEEDERS: Final[dict[str, Callable[[Any, int], object]]] = {
    "numpy": lambda numpy, n: numpy.random.seed(n),
    "torch": lambda torch, n: torch.manual_seed(n),  # CUDA's generators too, when it starts
}
_seeds: dict[str, int] = {}
"""The last seed, by the name of a module that is still to be seeded."""


def _seed_module(name: str) -> None:
    if name in _seeds:
        _SEEDERS[name](sys.modules[name], _seeds.pop(name))


class _SeedAfterImport(importlib.abc.MetaPathFinder):
    """Seeds numpy and torch when they are imported after `seed` was called."""

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002  (the protocol's)
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _seeds or fullname in _being_found:
            return None
        _being_found.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            _being_found.discard(fullname)
        loader: Any = None if spec is None else spec.loader
        if loader is not None:
            execute = loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                _seed_module(fullname)

            loader.exec_module = exec_module
        return spec


_being_found: set[str] = set()


def _timed(fn: Callable[[], object]) -> float:
    """Seconds of one call, at least one tick of the clock (a rate divides by it)."""
    _synchronize()
    started = time.perf_counter()
    fn()
    _synchronize()
    return max(time.perf_counter() - started, 1e-9)


def _synchronize() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.synchronize()  # never run on a GPU


def _number(value: SupportsFloat, what: str) -> float:
    detached: Any = value.detach() if hasattr(value, "detach") else value  # torch warns of gradients else
    try:
        if isinstance(detached, (str, bytes)):
            raise TypeError
        number = float(detached)
    except (TypeError, ValueError, RuntimeError):  # numpy and torch, of an array with many elements
        raise TypeError(f"{what} is no single number: {_short(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} is {number}: only a finite number can be recorded")
    return number


def _reference(reference: Reference, name: str) -> dict[str, object]:
    what = f"the reference of `{name}`"
    if not isinstance(reference, tuple):
        return {"value": _number(reference, what), "spread": None, "source": ""}
    if len(reference) == 2 and isinstance(reference[1], str):
        return {"value": _number(reference[0], what), "spread": None, "source": reference[1]}
    if len(reference) == 3 and isinstance(reference[2], str):
        value, spread, source = reference
        return {"value": _number(value, what), "spread": _number(spread, what), "source": source}
    raise ValueError(f"{what} is a value, `(value, source)` or `(value, spread, source)`")


def _in_words(payload: dict[str, Any]) -> str:
    """The text fallback: `mean_return = 487.2 ± 6.1 reward (sd, n = 3); reference 490.04 ± 6.12 (source)`."""
    text = f"{payload['name']} = {_with_spread(payload)}"
    if payload["unit"]:
        text += f" {payload['unit']}"
    notes = [payload["spread_kind"], f"n = {payload['n']}" if payload["n"] is not None else None]
    if any(notes):
        text += f" ({', '.join(note for note in notes if note)})"
    reference = payload["reference"]
    if reference is not None:
        text += f"; reference {_with_spread(reference)}"
        text += f" ({reference['source']})" if reference["source"] else ""
    return text


def _with_spread(numbers: dict[str, Any]) -> str:
    spread = numbers["spread"]
    return f"{numbers['value']:.6g}" + (f" ± {spread:.3g}" if spread is not None else "")


# --- curves ----------------------------------------------------------------------------------------


class _Curve:
    """The points of one curve so far, and when they are to be shown again."""

    def __init__(self, name: str, axes: tuple[str, str, str]) -> None:
        self.name = name
        self.axes = axes
        self.due = 0.0
        """By `time.monotonic`."""
        self._x = array.array("d")
        self._y = array.array("d")
        self._count = 0
        self._not_finite = 0
        self._display = f"sitegen-{uuid.uuid4().hex}"
        self._is_displayed = False
        self._is_changed = False

    def add(self, x: Numbers, y: Numbers) -> None:
        """Add one point or several."""
        if (
            type(x) in (int, float) and type(y) is float and math.isfinite(y)
        ):  # the usual call, a million times
            self._x.append(x)  # type: ignore[arg-type]
            self._y.append(y)
            self._count += 1
        else:
            self._add_all(
                _numbers(x, f"`x` of the curve `{self.name}`"), _numbers(y, f"`y` of the curve `{self.name}`")
            )
        self._is_changed = True
        if len(self._x) > _CURVE_HELD:
            self._x, self._y = _thinned(self._x, self._y, _CURVE_HELD // 8)

    def _add_all(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        if len(xs) != len(ys):
            raise ValueError(f"the curve `{self.name}` is given {len(xs)} x and {len(ys)} y")
        if not all(map(math.isfinite, xs)):
            raise ValueError(f"`x` of the curve `{self.name}` is not finite")
        for number in ys:
            is_finite = math.isfinite(number)
            self._y.append(number if is_finite else math.nan)
            self._not_finite += not is_finite
        self._x.extend(xs)
        self._count += len(xs)

    def show(self, *, is_end: bool = False) -> None:
        """Bring what is shown up to date; where nothing can be changed once it is shown, at the end only."""
        if not self._is_changed:
            return
        started = time.monotonic()
        if _has_kernel():
            _publish(self._data(), self._display, is_update=self._is_displayed)
            self._is_displayed, self._is_changed = True, False
        elif is_end:
            _write(sys.stdout, self._text(self._y))
            self._is_changed = False
        now = time.monotonic()
        self.due = now + max(_CURVE_EVERY_S, 10 * (now - started))  # at most a tenth of the time

    def _data(self) -> dict[str, Any]:
        xs, ys = _thinned(self._x, self._y, _CURVE_POINTS)
        x_label, y_label, y_scale = self.axes
        payload = {
            "name": self.name,
            "x_label": x_label,
            "y_label": y_label,
            "y_scale": y_scale,
            "x": [_rounded(number) for number in xs],
            "y": [None if math.isnan(number) else _rounded(number) for number in ys],
            "points": self._count,
            "not_finite": self._not_finite,
        }
        return {_CURVE_TYPE: payload, "text/plain": self._text(ys)}

    def _text(self, ys: Sequence[float]) -> str:
        """`loss ▇▅▃▂▁ 1000 points; last: step = 999, loss = 0.31`."""
        x_label, y_label, _ = self.axes
        if not self._x:
            return f"{self.name}: no points"
        last = f"{x_label or 'x'} = {self._x[-1]:.6g}, {y_label or self.name} = {self._y[-1]:.6g}"
        points = "1 point" if self._count == 1 else f"{self._count} points"
        return f"{self.name} {_sparkline(ys)} {points}; last: {last}"


_curves: dict[str, _Curve] = {}
_curves_cell: list[object] = [None]
"""The running cell's execution count: a cell that is run again starts its curves again."""


def _curves_of_cell() -> dict[str, _Curve]:
    shell = _shell()
    cell = getattr(shell, "execution_count", "no cells")
    if cell != _curves_cell[0]:
        _end_curves()
        _curves.clear()
        if _curves_cell[0] is None:
            events = getattr(shell, "events", None)
            if events is not None:
                events.register("post_run_cell", _end_curves)
            else:
                atexit.register(_end_curves)
        _curves_cell[0] = cell
    return _curves


def _end_curves(*_: object) -> None:
    """Show what has come in since the last time."""
    for each in _curves.values():
        each.show(is_end=True)


def _thinned(
    xs: array.array[float], ys: array.array[float], limit: int
) -> tuple[array.array[float], array.array[float]]:
    """At most about `limit` of the points: the ends, and the lowest and highest of equal runs of points."""
    count = len(xs)
    if count <= limit:
        return xs, ys
    runs = (limit - 2) // 2
    kept = {0, count - 1}
    for number in range(runs):
        places = range(number * count // runs, (number + 1) * count // runs)
        finite = [place for place in places if ys[place] == ys[place]] or places  # NaN differs from itself
        kept.add(min(finite, key=ys.__getitem__))
        kept.add(max(finite, key=ys.__getitem__))
    order = sorted(kept)
    return array.array("d", (xs[place] for place in order)), array.array("d", (ys[place] for place in order))


def _sparkline(ys: Sequence[float], width: int = 24) -> str:
    picked = [ys[place * len(ys) // width] for place in range(width)] if len(ys) > width else list(ys)
    finite = [number for number in picked if math.isfinite(number)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    bars = "▁▂▃▄▅▆▇█"
    return "".join(
        " " if math.isnan(number) else bars[int((number - low) / (high - low) * 7) if high > low else 0]
        for number in picked
    )


# --- progress --------------------------------------------------------------------------------------

_bars: list[str] = []
"""The bars that are going, outermost first."""


def _stepped(items: Iterator[T], total: int | None) -> Iterator[T]:
    """The items; the clock is looked at four times between two reports, as far as steps are equally long."""
    bar = f"sitegen-{uuid.uuid4().hex}"
    level = len(_bars)
    _bars.append(bar)
    started = reported = time.monotonic()
    done, look_at, stride, is_displayed = 0, 1, 1, False
    try:
        for item in items:
            yield item
            done += 1
            if done < look_at:
                continue
            now = time.monotonic()
            if now - reported >= _PROGRESS_EVERY_S:
                _report(bar, done, total, level, now - started, is_update=is_displayed)
                reported, is_displayed = now, True
            stride = max(1, min(2 * stride, int(done / max(now - started, 1e-9) * _PROGRESS_EVERY_S / 4)))
            look_at = done + stride
    finally:
        del _bars[level:]
        _report(bar, done, total, level, time.monotonic() - started, is_update=is_displayed, is_end=True)


def _report(
    bar: str,
    done: int,
    total: int | None,
    level: int,
    seconds: float,
    *,
    is_update: bool,
    is_end: bool = False,
) -> None:
    share = f"{done}/{total} ({done / total:.0%})" if total else f"{done}"
    text = f"{'  ' * level}{share} in {seconds:.1f} s"
    if _has_kernel():
        if is_update or not is_end:  # what ended at once was never shown
            payload = {"bar": bar, "done": done, "total": total, "level": level, "ended": is_end}
            _publish({_PROGRESS_TYPE: payload, "text/plain": text}, bar, is_update=is_update)
    elif sys.stderr is not None and sys.stderr.isatty():
        _write(sys.stderr, f"\r{text}", end="\n" if is_end else "")
    elif is_end and level == 0:
        _write(sys.stderr, text)


# --- artifacts -------------------------------------------------------------------------------------


def _check_artifact(file: pathlib.Path, size_bytes: int) -> None:
    """In a build: where a file that is to be published may lie, and how large it may be."""
    root = os.environ.get("SITEGEN_ROOT", "")
    allowed = [pathlib.Path(folder).resolve() for folder in (root, tempfile.gettempdir()) if folder]
    place = file.resolve()
    if not any(folder in place.parents for folder in allowed):
        raise ArtifactError(
            f"`{file.name}` lies outside the site's folder: what is published comes from there"
        )
    limit = int(os.environ.get("SITEGEN_ARTIFACT_LIMIT", "0"))
    if limit and size_bytes > limit:
        said = f"{size_bytes / 1e6:,.1f} MB, more than the {limit / 1e6:,.1f} MB of `artifact-limit`"
        raise ArtifactError(f"`{file.name}` has {said}")


def _keep(file: pathlib.Path, folder: pathlib.Path) -> tuple[str, int]:
    """Copy the file into the folder, named by its SHA-256; gives that and how many bytes were copied."""
    folder.mkdir(parents=True, exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    partial = folder / uuid.uuid4().hex
    with file.open("rb") as source, partial.open("wb") as target:
        while block := source.read(2**20):
            digest.update(block)
            size_bytes += target.write(block)
    partial.replace(folder / digest.hexdigest())
    return digest.hexdigest(), size_bytes


# --- arguments -------------------------------------------------------------------------------------


def _count(value: object, what: str) -> int:
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{what} is a whole number, not {_short(value)}") from None
    if number < 0:
        raise ValueError(f"{what} is not below 0: {number}")
    return number


def _numbers(value: Any, what: str) -> list[float]:
    """One number or several as floats; arrays give theirs by `tolist`, whatever device they are on."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    try:
        if isinstance(plain, (str, bytes)):
            raise TypeError
        if isinstance(plain, Iterable):
            return [float(each) for each in plain]
        return [float(plain)]
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{what} is a number or a row of numbers, not {_short(value)}") from None


def _rounded(number: float) -> float:
    """Nine significant digits: more than single precision has, and short in JSON."""
    return float(f"{number:.9g}")


def _short(value: object) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"{type(value).__name__} of shape {tuple(shape)}"
    text = repr(value)
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({type(value).__name__})"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


# --- the way out -----------------------------------------------------------------------------------


def _shell() -> Any:
    """IPython's shell; None in a plain interpreter."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _has_kernel() -> bool:
    """Whether what is displayed can be changed later: in a Jupyter kernel, not in a terminal."""
    return getattr(_shell(), "kernel", None) is not None


def _publish(data: dict[str, Any], display: str, *, is_update: bool) -> None:
    """Display data that a later call with the same `display` replaces."""
    _shell().display_pub.publish(data, transient={"display_id": display}, update=is_update)


def _emit(data: dict[str, Any], *, text: str | None) -> None:
    """Display data where a front end listens, a printed line elsewhere; without `text` nothing is shown."""
    shell = _shell()
    if shell is not None:
        shell.display_pub.publish(data if text is None else {**data, "text/plain": text})
    elif text is not None:
        _write(sys.stdout, text)


def _write(stream: Any, text: str, end: str = "\n") -> None:
    if stream is None:  # a program without a console
        return
    try:
        stream.write(text + end)
    except UnicodeEncodeError:  # a console that knows only ASCII
        stream.write((text + end).encode("ascii", "replace").decode())
    stream.flush()
