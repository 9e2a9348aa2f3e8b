"""Modules that are not to be loaded before a fork, as warm processes of earlier builds found out; kept in `.sitegen/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sitegen.execution.jobs import KernelChoice


def known(state_dir: Path, kernel: KernelChoice) -> dict[str, str]:
    """The modules that this interpreter, with what is installed now, is known not to load safely, with the reason."""
    del state_dir, kernel
    return {}


def keep(state_dir: Path, kernel: KernelChoice, found: Iterable[Mapping[str, str]]) -> None:
    """Remember what a warm process refused.

    Args:
        state_dir: the build's own folder.
        kernel: whose interpreter and packages they are.
        found: `refused` of `warm.load`'s report.
    """
    del state_dir, kernel, found
