"""Reading a configuration costs as much as it is long."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from sitegen.config import Config

SHAPES: dict[str, Callable[[int], dict[str, str]]] = {
    "params": lambda n: {"hugo.yaml": "params:\n" + "".join(f"  key{i}: {{a: [1, {i}]}}\n" for i in range(n))},
    "menus": lambda n: {
        "hugo.toml": "".join(f'[[menus.main]]\nname = "n{i}"\nurl = "/{i}/"\nodd = 1\n' for i in range(n))
    },
    "unknown keys": lambda n: {"config/_default/hugo.json": "{" + ",".join(f'"k{i}": {i}' for i in range(n)) + "}"},
    "layers": lambda n: {
        "hugo.toml": "[params]\n" + "".join(f"a{i} = {i}\n" for i in range(n)),
        "config/_default/params.yaml": "".join(f"a{i}: {i}\n" for i in range(n)),
        "sitegen.toml": "[params]\n" + "".join(f"a{i} = {i}\n" for i in range(n)),
    },
    "permalinks": lambda n: {"hugo.toml": "[permalinks]\n" + "".join(f's{i} = "/{i}/:slug/"\n' for i in range(n))},
    "languages": lambda n: {"hugo.toml": "".join(f'[languages.l{i}]\ntitle = "{i}"\nweight = {n - i}\n' for i in range(n))},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_as_long_is_four_times_the_work(load_site: Callable[..., Config], shape: str) -> None:
    """Calls of functions at n and at 4n."""

    def calls(n: int) -> int:
        counted = 0

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        files = SHAPES[shape](n)
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            load_site(files)
        finally:
            sys.setprofile(before)
        return counted

    calls(1)  # what is made once
    fixed, small, large = calls(1), calls(60), calls(240)

    assert (large - fixed) < 5 * (small - fixed)
