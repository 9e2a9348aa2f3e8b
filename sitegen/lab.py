"""What a cell may call: the device it has, its seed, and the numbers it reports.

Needs only the standard library; torch and numpy are used where they are there. In a Jupyter kernel the
calls emit display data with a text fallback, so cells run in any notebook front end too; elsewhere they print.
A build reads two MIME types: `application/vnd.sitegen.metric+json` (the arguments of `metric`) and
`application/vnd.sitegen.seed+json` (`{"seed": n}`).
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import random
import statistics
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, SupportsFloat

__all__ = ["Benchmark", "benchmark", "device", "metric", "seed", "smoke"]

smoke: Final[bool] = os.environ.get("SITEGEN_PROFILE") == "smoke"
"""True in the smoke profile: cells then shorten themselves to seconds; never a result to publish."""

_METRIC_TYPE: Final = "application/vnd.sitegen.metric+json"
_SEED_TYPE: Final = "application/vnd.sitegen.seed+json"
_SECONDS_IN: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}

Reference = SupportsFloat | tuple[SupportsFloat, str] | tuple[SupportsFloat, SupportsFloat, str]


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
    return torch.device("cuda" if available else "cpu")


def seed(n: int) -> None:
    """Seed `random`, numpy and torch (CPU and CUDA), and record the seed.

    What is not imported yet is seeded right after its import, and never imported for the seed's sake.

    Args:
        n: 0 to 2**32 - 1, the range that numpy takes.
    """
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
        "n": None if n is None else int(n),
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
        torch.cuda.synchronize()


def _number(value: SupportsFloat, what: str) -> float:
    detached: Any = value.detach() if hasattr(value, "detach") else value  # torch warns of gradients else
    number = float(detached)
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


def _emit(data: dict[str, Any], *, text: str | None) -> None:
    """Display data where a front end listens, a printed line elsewhere; without `text` nothing is shown."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.display_pub.publish(data if text is None else {**data, "text/plain": text})
    elif text is not None:
        sys.stdout.write(text + "\n")
