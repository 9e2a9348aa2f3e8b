"""Find a kernel by name without importing Jupyter: a build that executes nothing stays quick."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitegen.errors import Diagnostic, SourceLocation
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.frozen import FrozenDict

if TYPE_CHECKING:
    from sitegen.content.execute_options import PageExecution

_NATIVE: Final = "python3"
_PYTHON_COMMANDS: Final = {"python", "python3", f"python3.{sys.version_info.minor}"}
_ASK: Final = (
    "import json, platform, sys; "
    "print(json.dumps([platform.python_implementation() + ' ' + platform.python_version(), sys.path]))"
)


def can_execute() -> bool:
    """Whether the `execute` extra is installed here; nothing of it is imported."""
    return _has_jupyter()


def forget() -> None:
    """Look everything up anew: for a process that outlives an installation."""
    _has_jupyter.cache_clear()
    find_kernel.cache_clear()


@functools.cache
def _has_jupyter() -> bool:
    return all(
        importlib.util.find_spec(name) for name in ("nbclient", "nbformat", "jupyter_client", "ipykernel")
    )


@functools.cache
def find_kernel(name: str) -> KernelChoice | None:
    """The kernel of that name, as Jupyter would choose it; None where there is none.

    `python3` without a spec of its own is this interpreter's ipykernel, named even where it is not
    installed: records of the same interpreter are then still found.
    """
    for folder in _kernel_folders():
        spec_file = folder / name / "kernel.json"
        if os.path.isfile(spec_file):  # noqa: PTH113  (pathlib's raises where a folder may not be looked into: another user's HOME)
            return _from_spec(name, spec_file)
    if name == _NATIVE:
        argv = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
        return KernelChoice(
            name=name,
            language="python",
            argv=argv,
            interpreter=_own_interpreter(),
            search_path=tuple(path for path in sys.path if path),
        )
    return None


def kernel_for(name: str, language: str) -> KernelChoice | None:
    """The kernel of that name; where that is not here, the usual one of the language, where one is given.

    Args:
        name: as the page has it.
        language: `PageExecution.kernel_language`.
    """
    named = find_kernel(name)
    if named is not None or not language:
        return named
    if language == "python":
        return find_kernel(_NATIVE)
    names = {spec.parent.name for folder in _kernel_folders() for spec in folder.glob("*/kernel.json")}
    kernels = (find_kernel(name) for name in sorted(names, reverse=True))  # of two versions the newer
    return next((kernel for kernel in kernels if kernel and kernel.language == language), None)


def other_kernel(wanted: PageExecution, kernel: KernelChoice, where: SourceLocation) -> Diagnostic:
    """SG216: a notebook's kernel is not here, and this one stands in for it."""
    return Diagnostic(
        code="SG216",
        severity="info",
        message=f"the notebook's kernel `{wanted.kernel}` is not installed: `{kernel.name}` runs it",
        location=where,
        hint="name the kernel under `[execute] kernel` in its front matter",
    )


def _from_spec(name: str, spec_file: Path) -> KernelChoice | None:
    try:
        spec = json.loads(spec_file.read_text(encoding="utf-8"))
        argv = tuple(str(part) for part in spec["argv"])
        language = str(spec.get("language", "")).lower()
        env = {str(key): str(value) for key, value in spec.get("env", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if argv and argv[0] in _PYTHON_COMMANDS:  # as Jupyter: a bare `python` is the one that runs us
        argv = (sys.executable, *argv[1:])
    argv = tuple(part.replace("{resource_dir}", str(spec_file.parent)) for part in argv)
    interpreter, search_path = _ask_interpreter(argv[0]) if language == "python" else ("", ())
    return KernelChoice(
        name=name,
        language=language,
        argv=argv,
        env=FrozenDict(env),
        interpreter=interpreter,
        search_path=search_path,
    )


def _kernel_folders() -> list[Path]:
    """Jupyter's data folders in its order: JUPYTER_PATH, the environment, the user, the system."""
    from_environment = [Path(part) for part in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if part]
    home = Path.home()
    user = Path(os.environ["JUPYTER_DATA_DIR"]) if "JUPYTER_DATA_DIR" in os.environ else None
    if user is None and sys.platform == "darwin":
        user = home / "Library" / "Jupyter"
    elif user is None and sys.platform == "win32":
        user = Path(os.environ.get("APPDATA", home)) / "jupyter"
    elif user is None:
        user = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share")) / "jupyter"
    prefix = Path(sys.prefix) / "share" / "jupyter"
    system = [Path("/usr/local/share/jupyter"), Path("/usr/share/jupyter")]
    return [folder / "kernels" for folder in (*from_environment, prefix, user, *system)]


def _ask_interpreter(executable: str) -> tuple[str, tuple[str, ...]]:
    if Path(executable) == Path(sys.executable):
        return _own_interpreter(), tuple(path for path in sys.path if path)
    import subprocess  # here: 4 ms that few builds need

    try:
        answer = subprocess.run(
            [executable, "-c", _ASK], capture_output=True, text=True, timeout=60, check=True, cwd="/"
        )
        interpreter, search_path = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", ()
    return str(interpreter), tuple(str(path) for path in search_path if path)


def _own_interpreter() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"
