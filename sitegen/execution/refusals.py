"""Modules that are not to be loaded before a fork, as warm processes of earlier builds found out; kept in `.sitegen/`.

The file `preload.json`: for each kernel (its command and interpreter) and module, the distributions that install the module with
their versions, the reason, and in how many builds it was found. Another version is tried anew. What was only printed or
warned of is taken for lasting the second time, since a library may say something the first time that it is imported at all; so is
the end of the process, since the system or a person may have ended it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sitegen.execution.distributions import installed_version, owners
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.files import write_atomic

_FILE: Final = "preload.json"
_VERSION: Final = 1
_ONCE: Final = ("output", "ended")
"""Reasons that may have been there for one time."""
_lock = threading.Lock()
"""Pages run at the same time."""


def known(state_dir: Path, kernel: KernelChoice) -> dict[str, str]:
    """The modules that this interpreter, with what is installed now, is known not to load safely, with the reason."""
    kept = _read(state_dir).get(_key(kernel), {})
    return {
        name: str(entry["reason"])
        for name, entry in kept.items()
        if entry["versions"] == _versions(name, kernel)
        and (entry["kind"] not in _ONCE or entry["builds"] > 1)
    }


def keep(state_dir: Path, kernel: KernelChoice, found: Iterable[Mapping[str, str]]) -> None:
    """Remember what a warm process refused; where that cannot be written it is found again.

    Args:
        state_dir: the build's own folder.
        kernel: whose interpreter and packages they are.
        found: `refused` of `warm.load`'s report.
    """
    with _lock:
        kernels = _read(state_dir)
        kept = kernels.setdefault(_key(kernel), {})
        for each in found:
            versions, before = _versions(each["name"], kernel), kept.get(each["name"], {})
            builds = before.get("builds", 0) if before.get("versions") == versions else 0
            kept[each["name"]] = {
                "versions": versions,
                "kind": each["kind"],
                "reason": each["reason"],
                "builds": builds + 1,
            }
        content = json.dumps({"version": _VERSION, "kernels": kernels}, indent=1, sort_keys=True)
        with contextlib.suppress(OSError):
            write_atomic(state_dir / _FILE, content.encode())


def _read(state_dir: Path) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        content = json.loads((state_dir / _FILE).read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            return {}
        kernels: dict[str, dict[str, dict[str, Any]]] = content["kernels"]
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or not ours
        return {}
    return kernels


def _key(kernel: KernelChoice) -> str:
    return f"{kernel.interpreter} {kernel.argv[0]}" if kernel.argv else kernel.interpreter


def _versions(module: str, kernel: KernelChoice) -> dict[str, str]:
    names = owners(module, kernel.search_path)
    return {name: installed_version(name, kernel.search_path) or "" for name in names}
