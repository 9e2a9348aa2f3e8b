"""What came into the key later is in it only where it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.content.document import Digest, Document
from sitegen.execution import fingerprint, kernelspecs
from sitegen.execution.kernel_choice import PageDevice
from sitegen.results.record import CellInputs, DeviceInputs, Inputs, canonical

A_KEY = "02e0ea0a6cbdf643e95fbc2c9b0d1ab472b889f44b3df9ddf0103e304c8f3f24"
"""Of the inputs below, before `deterministic`, `address-space`, `output-limit` and `display-limit` were known."""


def test_older_keys_are_still_right() -> None:
    """A page that asks for none of the newer options has the key that it always had, so its results are found."""
    cell = CellInputs(
        id="1",
        source=Digest("a" * 64),
        exec=True,
        error=False,
        device="auto",
        fig_width=None,
        fig_height=6.0,
        fig_format="svg",
        tags=(),
    )
    inputs = Inputs(
        list_version=1,
        cells=(cell,),
        expressions=Digest("b" * 64),
        kernel="python3",
        language="python",
        interpreter="CPython 3.11.9",
        parameters={"n": 1},
        profile="full",
        seed=None,
        env={},
        device=DeviceInputs(kind="cpu"),
        depends=(),
    )
    assert inputs.key() == A_KEY


def _inputs(site: Any, page: Document) -> Inputs:
    inputs, _ = fingerprint.inputs_of(
        page,
        kernel=kernelspecs.find_kernel("python3"),
        asked="auto",
        device=PageDevice(kind="cpu"),
        cpu_model="cpu9",
        environ={},
        config=site.config,
    )
    return inputs


@pytest.mark.parametrize(
    ("options", "execution"),
    [
        ({}, {"deterministic": True}),
        ({}, {"address_space_bytes": 2**30}),
        ({"output_limit_bytes": 5}, {}),
        ({"display_limit": 2}, {}),
    ],
)
def test_what_may_change_a_result_is_in_the_key_where_it_is_asked_for(
    site: Any, options: dict[str, Any], execution: dict[str, Any]
) -> None:
    """Each makes another key."""
    asking = site.page("a", ("1", options), **execution)
    assert _inputs(site, asking).key() != _inputs(site, site.page("a", "1")).key()


def test_limits_that_only_end_a_run_are_not_in_the_key(site: Any) -> None:
    """A run that meets one has failed and is never a result; defaults that are written out change nothing."""
    plain = site.page("a", "1")
    limited = site.page(
        "a",
        ("1", {"timeout_s": 5.0, "output_limit_bytes": 10**6, "display_limit": 1000}),
        memory_bytes=2**30,
        cpus=2,
        page_timeout_s=60.0,
        warm=False,
        deterministic=False,
    )
    assert canonical(_inputs(site, limited)) == canonical(_inputs(site, plain))
