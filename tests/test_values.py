"""Values are dataclasses: what the quick way of making them gives is what the standard library gives."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from sitegen import values


def _classes(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes, made by one of the two."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Point:
        """A place."""

        x: int
        y: float = 0.5
        tags: tuple[str, ...] = ()
        more: dict[str, int] = dataclasses.field(default_factory=dict)
        count: ClassVar[int] = 3

        @property
        def doubled(self) -> int:
            """Twice `x`."""
            return self.x * 2

    @dataclass(frozen=True, slots=True, kw_only=True)
    class One:
        """A single field."""

        only: Any

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Nothing:
        """No field."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Partly:
        """A field that does not count."""

        counts: int
        free: int = dataclasses.field(default=0, compare=False)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Own:
        """Methods of its own."""

        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.name.lower() == other.name.lower()

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Below(Point):
        """A class below another."""

        z: int = 1

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Placed:
        """A field that may be given by its place."""

        x: int = dataclasses.field(kw_only=False)
        y: int = 2

    @dataclass(slots=True)
    class Mutable:
        """No value."""

        x: int

    found = [Point, One, Nothing, Partly, Own, Below, Placed, Mutable]
    return {cls.__name__: cls for cls in found}


def _matched(value: Any, cls: Any) -> int | None:
    match value:
        case cls(x=found):
            return int(found)
    return None


OURS, THEIRS = _classes(values.dataclass), _classes(dataclasses.dataclass)
CASES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "repr": lambda of: repr(of["Point"](x=1, more={"a": 1})),
    "repr of one": lambda of: repr(of["One"](only=of["Nothing"]())),
    "equal": lambda of: of["Point"](x=1) == of["Point"](x=1, y=0.5),
    "not equal": lambda of: of["Point"](x=1) == of["Point"](x=2),
    "of another class": lambda of: of["Point"](x=1) == of["Below"](x=1),
    "nothing is nothing": lambda of: (of["Nothing"]() == of["Nothing"](), hash(of["Nothing"]())),
    "hash": lambda of: len({of["Partly"](counts=1, free=2), of["Partly"](counts=1)}),
    "hash of one": lambda of: len({of["One"](only=(1,)), of["One"](only=1), of["One"](only=1)}),
    "field that does not count": lambda of: of["Partly"](counts=1, free=2) == of["Partly"](counts=1),
    "methods of its own": lambda of: (of["Own"](name="A") == of["Own"](name="a"), repr(of["Own"](name="a"))),
    "own hash": lambda of: hash(of["Own"](name="A")),
    "replace": lambda of: repr(dataclasses.replace(of["Point"](x=1), x=2)),
    "asdict": lambda of: dataclasses.asdict(of["One"](only=of["Point"](x=1))),
    "fields": lambda of: [(each.name, each.kw_only) for each in dataclasses.fields(of["Point"])],
    "slots": lambda of: (of["Point"].__slots__, hasattr(of["Point"](x=1), "__dict__")),
    "match": lambda of: (of["Point"].__match_args__, _matched(of["Point"](x=3), of["Point"])),
    "by place": lambda of: repr(of["Placed"](1, y=3)),
    "of its class": lambda of: of["Point"].__eq__(of["Point"](x=1), 1),
    "class below": lambda of: (repr(of["Below"](x=1)), of["Below"](x=1) == of["Below"](x=1, z=1)),
    "doc and names": lambda of: (of["Point"].__doc__, of["Point"].__qualname__, of["Point"].count),
    "own default each time": lambda of: of["Point"](x=1).more is of["Point"](x=1).more,
    "copy": lambda of: repr(copy.deepcopy(of["Point"](x=1, more={"a": 2}))),
    "property": lambda of: of["Point"](x=4).doubled,
    "mutable": lambda of: of["Mutable"](1).x,
    "parameters": lambda of: of["Point"].__dataclass_params__.frozen,
}
WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "set": lambda of: setattr(of["Point"](x=1), "x", 2),
    "delete": lambda of: delattr(of["Point"](x=1), "x"),
    "missing": lambda of: of["Point"](),
    "unknown": lambda of: of["Point"](x=1, no=2),
    "by place": lambda of: of["Point"](1),
    "no hash": lambda of: hash(of["Point"](x=1)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_values_are_what_dataclasses_are(case: Callable[[dict[str, Any]], Any]) -> None:
    """Each way in which a value is used gives the same for both."""
    assert case(OURS) == case(THEIRS)


@pytest.mark.parametrize("case", WRONG.values(), ids=list(WRONG))
def test_values_refuse_what_dataclasses_refuse(case: Callable[[dict[str, Any]], Any]) -> None:
    """The same error with the same words."""
    with pytest.raises((TypeError, AttributeError)) as theirs:
        case(THEIRS)
    with pytest.raises((TypeError, AttributeError)) as ours:
        case(OURS)
    assert (ours.type, str(ours.value)) == (theirs.type, str(theirs.value))


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value that a pickle can name."""

    name: str
    parts: tuple[int, ...] = ()


@values.dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlone:
    """With one field only."""

    name: str


@pytest.mark.parametrize("value", [Kept(name="a", parts=(1, 2)), KeptAlone(name="b")])
def test_value_outlives_a_pickle(value: object) -> None:
    """It goes to worker processes and into the state."""
    assert pickle.loads(pickle.dumps(value)) == value


def test_values_are_compared_as_tuples_on_every_python() -> None:
    """What is held by both is equal to itself; Python 3.13's own classes ask `==` of each field, and a NaN says no."""
    held = float("nan")
    assert OURS["One"](only=held) == OURS["One"](only=held)
    assert OURS["Point"](x=held) == OURS["Point"](x=held)


def test_value_that_holds_itself_can_be_shown() -> None:
    """As the standard library shows it."""
    inner: list[object] = []
    value = Kept(name="a", parts=inner)  # type: ignore[arg-type]
    inner.append(value)
    assert repr(value) == "Kept(name='a', parts=[...])"
