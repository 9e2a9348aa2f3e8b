"""What cells call, without a kernel: everything prints, and the payload is what a build reads."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
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


class _Events:
    def __init__(self) -> None:
        self.ended: list[Any] = []

    def register(self, name: str, callback: Any) -> None:
        assert name == "post_run_cell"
        self.ended.append(callback)


class _Kernel:
    """IPython's shell in a kernel: what is displayed, with the displays that an update replaces."""

    def __init__(self) -> None:
        self.kernel = object()
        self.execution_count = 1
        self.events = _Events()
        self.display_pub = self
        self.shown: dict[str, dict[str, Any]] = {}
        self.messages = 0

    def publish(
        self, data: dict[str, Any], *, transient: dict[str, str] | None = None, update: bool = False
    ) -> None:
        name = (transient or {}).get("display_id", f"alone-{len(self.shown)}")
        assert update == (name in self.shown)
        self.shown[name] = json.loads(json.dumps(data, allow_nan=False))
        self.messages += 1

    def end_cell(self) -> None:
        """As IPython does when a cell is over."""
        for callback in self.events.ended:
            callback(None)
        self.execution_count += 1

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of one of our types."""
        found = (data.get(f"application/vnd.sitegen.{kind}+json") for data in self.shown.values())
        return [payload for payload in found if payload is not None]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> _Kernel:
    """A stand-in for a kernel, with no curve of another test."""
    shell = _Kernel()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(lab, "_curves", {})
    monkeypatch.setattr(lab, "_curves_cell", [None])
    monkeypatch.setattr(lab, "_bars", [])
    return shell


class _Array:
    """As numpy's and torch's: its numbers by `tolist`."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = numbers
        self.shape = (len(numbers),)

    def tolist(self) -> list[float]:
        return list(self.numbers)

    def __iter__(self) -> Iterator[float]:
        raise AssertionError("one by one is slow on a GPU")


def test_curve_is_one_display_that_grows(kernel: _Kernel) -> None:
    """Calls append, single numbers or rows of them; what is shown is brought up to date, at the latest at the cell's end."""
    lab.curve("loss", 0, 2.0, x_label="step", y_label="nats")
    lab.curve("loss", [1, 2], _Array(1.5, float("nan")), x_label="step", y_label="nats")
    lab.curve("loss", range(3, 4), (0.25,), x_label="step", y_label="nats")
    kernel.end_cell()

    assert kernel.of("curve") == [
        {
            "name": "loss",
            "x_label": "step",
            "y_label": "nats",
            "y_scale": "linear",
            "x": [0.0, 1.0, 2.0, 3.0],
            "y": [2.0, 1.5, None, 0.25],
            "points": 4,
            "not_finite": 1,
        }
    ]
    (shown,) = kernel.shown.values()
    assert shown["text/plain"].endswith("4 points; last: step = 3, nats = 0.25")


def test_curve_starts_again_with_its_cell(kernel: _Kernel) -> None:
    """A cell that is run a second time has its own points, not those of before."""
    lab.curve("loss", 0, 1.0)
    kernel.end_cell()
    lab.curve("loss", 0, 2.0)
    kernel.end_cell()

    assert [curve["y"] for curve in kernel.of("curve")] == [[1.0], [2.0]]


def test_many_points_are_few_messages_and_keep_their_shape(kernel: _Kernel) -> None:
    """A training loop does not flood the front end; ends, peaks and troughs stay, whatever the clock did."""
    count = 200_000
    for step in range(count):
        lab.curve("loss", step, 50.0 if step == 77_777 else step / count)
    kernel.end_cell()

    (curve,) = kernel.of("curve")
    assert kernel.messages < 100
    assert len(curve["x"]) <= 2000
    assert (curve["points"], curve["x"][0], curve["x"][-1], max(curve["y"])) == (
        count,
        0.0,
        count - 1.0,
        50.0,
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": [1, 2], "y": [1]}, ValueError, "given 2 x and 1 y"),
        ({"x": float("inf"), "y": 1}, ValueError, "`x` of the curve `c` is not finite"),
        ({"x": 1, "y": "0.5"}, TypeError, "not '0.5' \\(str\\)"),
        ({"x": 1, "y": 1, "y_scale": "ln"}, ValueError, "'linear' or 'log'"),
        ({"x": 1, "y": 1, "xlabel": "step"}, TypeError, "no argument `xlabel`; did you mean `x_label`"),
    ],
)
def test_bad_points_are_refused(
    kernel: _Kernel, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """What cannot be drawn is an error in the cell, which names the curve or the near match."""
    del kernel
    with pytest.raises(error, match=message):
        lab.curve("c", **arguments)


def test_curve_keeps_its_labels(kernel: _Kernel) -> None:
    """One curve has one pair of axes."""
    del kernel
    lab.curve("c", 1, 1, x_label="step")
    with pytest.raises(ValueError, match="name another curve"):
        lab.curve("c", 2, 1, x_label="epoch")


def test_progress_reports_nested_loops_now_and_then(kernel: _Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each loop is a display of its own that ends; items pass unchanged, an unknown length is none."""
    clock = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))

    items = [(outer, inner) for outer in lab.progress("ab") for inner in lab.progress(n for n in (1, 2))]

    assert items == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    ends = sorted((bar["level"], bar["done"], bar["total"], bar["ended"]) for bar in kernel.of("progress"))
    assert ends == [(0, 2, 2, True), (1, 2, None, True), (1, 2, None, True)]


def test_short_loop_shows_nothing(kernel: _Kernel) -> None:
    """What ends at once is not worth a message."""
    assert sum(lab.progress(range(1000))) == 499_500
    assert kernel.messages == 0


def test_progress_needs_something_to_go_through(kernel: _Kernel) -> None:
    """The error comes from the call, not from the first step."""
    del kernel
    with pytest.raises(TypeError, match="not iterable"):
        lab.progress(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"`total` is a whole number, not 2\.5"):
        lab.progress([1], total=2.5)  # type: ignore[arg-type]


def test_artifact_is_copied_as_it_is_now(
    kernel: _Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is named by its content; what the cell writes later does not reach it."""
    monkeypatch.setenv("SITEGEN_ARTIFACTS", str(tmp_path / "kept"))
    monkeypatch.setenv("SITEGEN_ROOT", str(tmp_path))
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")

    lab.artifact(file)
    file.write_bytes(b"two")

    (payload,) = kernel.of("artifact")
    assert (payload["name"], payload["size_bytes"]) == ("model.bin", 3)
    assert (tmp_path / "kept" / payload["digest"]).read_bytes() == b"one"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "there is no file"),
        (".", "a folder: pack it"),
        ("large.bin", "more than the 0.0 MB of `artifact-limit`"),
        ("/etc/hostname", "outside the site's folder"),
    ],
)
def test_bad_artifacts_are_refused(
    kernel: _Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """Only files of the site's folder and of temporary ones are published, up to a size."""
    del kernel
    monkeypatch.setenv("SITEGEN_ARTIFACTS", str(tmp_path / "kept"))
    monkeypatch.setenv("SITEGEN_ARTIFACT_LIMIT", "10")
    monkeypatch.setenv("SITEGEN_ROOT", str(tmp_path))
    (tmp_path / "large.bin").write_bytes(b"x" * 11)
    with pytest.raises(lab.ArtifactError, match=message):
        lab.artifact(tmp_path / name)


def test_unknown_names_and_arguments_name_the_near_match() -> None:
    """A slip is told with what was meant."""
    with pytest.raises(AttributeError, match="no `metrc`; did you mean `metric`"):
        lab.metrc("m", 1)
    with pytest.raises(TypeError, match=r"`lab\.metric` has no argument `units`; did you mean `unit`"):
        lab.metric("m", 1, units="s")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"metric `m` is no single number: \[1, 2\] \(list\)"):
        lab.metric("m", [1, 2])  # type: ignore[arg-type]


def test_plain_interpreter_prints_each_call_once(tmp_path: Path) -> None:
    """Without a front end a curve is a line at the end, a file a line, and a loop a line where nobody watches."""
    (tmp_path / "a.csv").write_text("1\n", encoding="utf-8")
    code = (
        "from sitegen import lab\n"
        "for i in lab.progress(range(3)): lab.curve('loss', i, 1 / (i + 1))\n"
        "lab.artifact('a.csv')\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert answer.stdout.startswith("a.csv (2 bytes)\nloss ")
    assert answer.stdout.endswith("3 points; last: x = 2, loss = 0.333333\n")
    assert answer.stderr.startswith("3/3 (100%) in ")
