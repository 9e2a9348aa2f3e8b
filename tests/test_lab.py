"""What cells call, without a kernel: everything prints, and the payload is what a build reads."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from typing import Any

import pytest

from sitegen import lab


class _Publisher:
    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, data: dict[str, Any]) -> None:
        self.published.append(json.loads(json.dumps(data)))


@pytest.fixture
def front_end(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A stand-in for IPython that keeps what is displayed."""
    publisher = _Publisher()
    shell = types.SimpleNamespace(display_pub=publisher)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    return publisher.published


class _Tensor:
    """As torch's: a gradient makes `float()` warn, so it is detached first."""

    def detach(self) -> float:
        return 2.5

    def __float__(self) -> float:
        raise AssertionError("not detached")


def test_metric_is_displayed_with_a_fallback(front_end: list[dict[str, Any]]) -> None:
    """A metric is one display of our MIME type, and readable text for other front ends."""
    lab.metric(
        "ppo.return", _Tensor(), unit="reward", better="higher", spread=1, spread_kind="sd", n=3,
        reference=(490.04, 6.12, "CleanRL, docs/rl-algorithms/ppo.md"), tolerance=5,
    )  # fmt: skip
    assert front_end == [
        {
            "application/vnd.sitegen.metric+json": {
                "name": "ppo.return",
                "value": 2.5,
                "unit": "reward",
                "better": "higher",
                "spread": 1.0,
                "spread_kind": "sd",
                "n": 3,
                "reference": {
                    "value": 490.04,
                    "spread": 6.12,
                    "source": "CleanRL, docs/rl-algorithms/ppo.md",
                },
                "tolerance": 5.0,
            },
            "text/plain": "ppo.return = 2.5 ± 1 reward (sd, n = 3); "
            "reference 490.04 ± 6.12 (CleanRL, docs/rl-algorithms/ppo.md)",
        }
    ]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (2, {"value": 2.0, "spread": None, "source": ""}),
        ((2, "paper"), {"value": 2.0, "spread": None, "source": "paper"}),
    ],
)
def test_reference_forms(front_end: list[dict[str, Any]], reference: Any, expected: dict[str, Any]) -> None:
    """A reference is a value, alone or with its source."""
    lab.metric("m", 1, reference=reference)
    assert front_end[0]["application/vnd.sitegen.metric+json"]["reference"] == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "a/b", "value": 1}, "no `/`"),
        ({"name": "", "value": 1}, "not empty"),
        ({"name": "m", "value": float("nan")}, "metric `m` is nan"),
        ({"name": "m", "value": 1, "better": "more"}, "'higher' or 'lower'"),
        ({"name": "m", "value": 1, "reference": (1, 2)}, "the reference of `m`"),
    ],
)
def test_bad_metrics_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A number that cannot be published is an error in the cell."""
    with pytest.raises(ValueError, match=message):
        lab.metric(**arguments)


def test_without_a_front_end_a_metric_is_printed() -> None:
    """In a plain interpreter, with nothing but the standard library, calls print or do nothing."""
    code = (
        "from sitegen import lab; lab.metric('m', 1.5); import sys; print('numpy' in sys.modules, lab.smoke)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"SITEGEN_PROFILE": "smoke"},
    )
    assert answer.stdout == "m = 1.5\nFalse True\n"


def test_benchmark_of_a_time(front_end: list[dict[str, Any]]) -> None:
    """A time is the median of the timed calls, with the interquartile range; fewer is better."""
    calls: list[int] = []
    result = lab.benchmark(lambda: calls.append(1), name="step", unit="us", warmup=2, repeats=4)
    payload = front_end[0]["application/vnd.sitegen.metric+json"]
    assert (len(calls), result.n, len(result.samples)) == (6, 4, 4)
    assert payload["value"] == result.median
    assert payload["spread"] == result.iqr
    assert (payload["unit"], payload["better"], payload["spread_kind"]) == ("us", "lower", "IQR")


def test_benchmark_of_a_rate(front_end: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """With `items` the metric is a rate: more is better."""
    monkeypatch.setattr(lab, "_timed", lambda _: 0.5)
    result = lab.benchmark(lambda: None, name="speed", unit="tokens/s", items=100, repeats=2)
    assert (result.median, result.iqr, result.unit) == (200.0, 0.0, "tokens/s")
    assert front_end[0]["application/vnd.sitegen.metric+json"]["better"] == "higher"


@pytest.mark.parametrize("arguments", [{"unit": "parsec"}, {"repeats": 1}])
def test_benchmark_needs_a_unit_and_repeats(arguments: dict[str, Any]) -> None:
    """A unit that is no time needs `items`; one call has no spread."""
    with pytest.raises(ValueError, match=r"unit of time|at least 2"):
        lab.benchmark(lambda: None, name="b", **arguments)


def test_seed_is_recorded_and_repeats(front_end: list[dict[str, Any]]) -> None:
    """The seed reaches `random` and the record, and shows nothing."""
    import random

    lab.seed(3)
    first = random.random()
    lab.seed(3)
    assert random.random() == first
    assert front_end[0] == {"application/vnd.sitegen.seed+json": {"seed": 3}}
    with pytest.raises(ValueError, match="from 0 to"):
        lab.seed(-1)


def test_seed_reaches_later_imports() -> None:
    """Modules that come in below the call are seeded then, and are not imported for it."""
    code = (
        "import sys; from sitegen import lab; lab.seed(5); before = 'numpy' in sys.modules; "
        "import numpy; import numpy.random; first = numpy.random.rand(); numpy.random.seed(5); "
        "print(before, first == numpy.random.rand())"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False True\n"


def test_device_follows_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build's word counts; CUDA that is promised and not there is an error, never the CPU."""
    torch = types.SimpleNamespace(
        device=lambda name: f"device({name})", cuda=types.SimpleNamespace(is_available=lambda: False)
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setenv("SITEGEN_DEVICE", "cpu")
    assert lab.device() == "device(cpu)"
    monkeypatch.delenv("SITEGEN_DEVICE")
    assert lab.device() == "device(cpu)"
    torch.cuda.is_available = lambda: True
    assert lab.device() == "device(cuda)"
    torch.cuda.is_available = lambda: False
    monkeypatch.setenv("SITEGEN_DEVICE", "cuda")
    with pytest.raises(RuntimeError, match="does not see it"):
        lab.device()
