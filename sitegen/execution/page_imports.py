"""Which modules of installed packages a page is certain to import, read from its cells and the modules of the site.

Nothing is imported and no process is asked: all here is read from source texts and folders.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Literal

from sitegen.execution.distributions import canonical, editable_projects, owners
from sitegen.execution.jobs import Job
from sitegen.execution.kernel_choice import KernelChoice
from sitegen.execution.static_imports import Found, Statement, scan_cell, scan_module

ModuleSet = tuple[str, ...]
"""Dotted names in the order in which they are to be imported, each after its packages: `("matplotlib", "matplotlib.pyplot")`;
`()` is ipykernel alone."""

_KERNELS_OWN: Final = frozenset(
    ("IPython", "comm", "ipykernel", "jupyter_client", "jupyter_core", "matplotlib_inline", "psutil")
) | {"sitegen", "tornado", "traitlets", "zmq"}
"""Loaded in every kernel, or ours."""
_SUFFIXES: Final = (".py", ".so", ".abi3.so")


def without(modules: ModuleSet, refused: Collection[str]) -> ModuleSet:
    """The set without these names and the modules below them."""
    return tuple(name for name in modules if not any(part in refused for part in _with_packages(name)))


def imported_by(job: Job) -> ModuleSet:
    """Modules of installed packages that the page is certain to import before anything could change what that does."""
    walk = _Walk(job)
    for number, cell in enumerate(job.cells):
        for before, expression in job.expressions:
            if before == number:
                walk.is_cut = walk.is_cut or scan_cell(expression.source).is_cut
        walk.text(scan_cell(cell.source, may_raise=cell.options.may_raise))
    walk.known(job.known_modules)
    return tuple(walk.modules)


def modules_of(distributions: Collection[str], kernel: KernelChoice) -> tuple[str, ...]:
    """The top-level modules that a run has certainly imported which imported from these distributions.

    Of a distribution that installs several the one of its name, which the others build on (`torch`, not `torchgen`): nobody wrote
    down which it was.

    Args:
        distributions: canonical names, as in a record's `observed`.
        kernel: where they are installed.
    """
    installed: dict[str, list[str]] = {}
    for top in _installed_tops(kernel.search_path):
        for name in owners(top, kernel.search_path):
            installed.setdefault(name, []).append(top)
    found = set()
    for name in distributions:
        tops = installed.get(name, [])
        found.update(tops if len(tops) == 1 else [top for top in tops if canonical(top) == name])
    return tuple(sorted(found))


def _installed_tops(search_path: Sequence[str]) -> set[str]:
    """Public packages and modules right in the folders that packages are installed in."""
    found: set[str] = set()
    for folder in search_path:
        if _is_installed(folder) and os.path.isdir(folder):  # noqa: PTH112
            for entry in Path(folder).iterdir():
                name = entry.name.partition(".")[0]
                is_module = entry.suffix in (".py", ".so") or (entry / "__init__.py").is_file()
                if is_module and name.isidentifier() and not name.startswith("_"):
                    found.add(name)
    return found


# --- a page's imports, one by one ----------------------------------------------------------------------------

_Place = Literal["installed", "standard", "missing"] | Path
"""Where a top-level module is; a path: of the file or folder of one that no package installed."""


class _Walk:
    """What a page imports, in order, with what modules of the site import for it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_cut = False
        self.modules: dict[str, None] = {}
        self._possible: set[str] = set()
        self._visited: set[Path] = set()

    def text(self, found: Found, package: str = "") -> None:
        """Take the imports of a text.

        Args:
            found: them.
            package: what relative ones begin from.
        """
        failed: set[int] = set()
        for statement in found.certain:
            if self.is_cut or statement.guard in failed:
                self._perhaps(statement)
            elif not self._take(statement, package):
                failed.add(statement.guard)
                self.is_cut = self.is_cut or statement.guard == 0  # nothing after it is run
        for statement in found.possible:
            self._perhaps(statement)
        self.is_cut = self.is_cut or found.is_cut

    def known(self, names: Collection[str]) -> None:
        """Take what the same code is known to have imported, where it stands in a function or a branch of it."""
        if self.is_cut:
            return
        for name in sorted(self._possible.intersection(names)):
            if self._place(name) == "installed":
                self.modules.setdefault(name)

    def _perhaps(self, statement: Statement) -> None:
        if statement.level == 0:
            self._possible.add(statement.module.partition(".")[0])

    def _take(self, statement: Statement, package: str) -> bool:
        """Take one import; whether it will be found."""
        name = statement.module
        if statement.level:
            parts = package.split(".") if package else []
            base = parts[: len(parts) - statement.level + 1]
            name = ".".join((*base, *([name] if name else [])))
        top = name.partition(".")[0]
        place = self._place(top)
        if place == "missing":
            # an editable project may be found by a hook that only the interpreter knows
            self.is_cut = self.is_cut or bool(editable_projects(self.job.kernel.search_path))
            return False
        if place == "installed":
            self._installed(name, statement.names)
        elif isinstance(place, Path):
            self._of_site(place, name, statement.names)
        return True

    def _installed(self, name: str, names: Sequence[str]) -> None:
        if name.partition(".")[0] in _KERNELS_OWN:
            return
        folder = _installed_folder(name.partition(".")[0], self.job.kernel.search_path)
        if folder is None:
            return
        for full in _with_packages(name):
            if _module_file(folder, full) is None:
                return
            self.modules.setdefault(full)
        for each in names:
            if _is_submodule(folder, name, each):
                self.modules.setdefault(f"{name}.{each}")

    def _of_site(self, folder: Path, name: str, names: Sequence[str]) -> None:
        """Read the modules of the site that an import runs, each once."""
        for full in (*_with_packages(name), *(f"{name}.{each}" for each in names)):
            file = _module_file(folder, full)
            if file is None or file in self._visited:
                continue
            self._visited.add(file)
            is_package = file.name == "__init__.py"
            if file.suffix == ".py":
                package = full if is_package else full.rpartition(".")[0]
                self.text(_scanned(file), package)
            elif not file.is_dir():  # compiled: nobody can say what it does
                self.is_cut = True

    def _place(self, top: str) -> _Place:
        """Where the page's kernel finds a module: the page's folder comes after the standard library, the site's last.

        Source: IPython, `InteractiveShellApp.init_path`.
        """
        job = self.job
        if top in sys.stdlib_module_names:
            return "standard"
        if _module_file(job.folder, top) is not None and not (job.folder / top).is_dir():
            return job.folder
        if _module_file(job.folder, top) is not None and (job.folder / top / "__init__.py").is_file():
            return job.folder
        folder = _installed_folder(top, job.kernel.search_path)
        if folder is None:
            return job.root if _module_file(job.root, top) is not None else "missing"
        if not _is_installed(str(folder)):
            return folder
        real = Path(os.path.realpath(folder / top))
        if real.is_relative_to(job.root) and not _is_installed(str(real)):
            return folder
        return "installed"


def _with_packages(name: str) -> tuple[str, ...]:
    """A dotted name after the packages that it is in."""
    parts = name.split(".")
    return tuple(".".join(parts[: count + 1]) for count in range(len(parts)))


@functools.lru_cache(maxsize=4096)
def _installed_folder(top: str, search_path: tuple[str, ...]) -> Path | None:
    """The folder of the import path in which a top-level module is found; a regular one before a namespace."""
    folders = [Path(entry) for entry in search_path]
    found = [folder for folder in folders if _module_file(folder, top) is not None]
    regular = [
        folder for folder in found if not (folder / top).is_dir() or (folder / top / "__init__.py").is_file()
    ]
    return next(iter(regular or found), None)


def _module_file(folder: Path, name: str) -> Path | None:
    """The file of a module, or the folder of a namespace package; None where there is neither."""
    path = folder.joinpath(*name.split("."))
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    for suffix in _SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.is_file():
            return file
    compiled = next(path.parent.glob(f"{path.name}.*.so"), None) if path.parent.is_dir() else None
    if compiled is not None:
        return compiled
    return path if path.is_dir() else None


@functools.lru_cache(maxsize=4096)
def _is_submodule(folder: Path, package: str, name: str) -> bool:
    """Whether `from package import name` is certain to import the module of that name, and not to find something else there."""
    file = _module_file(folder, f"{package}.{name}")
    init = _module_file(folder, package)
    if file is None or file.is_dir() or init is None or init.name != "__init__.py":
        return False
    text = init.read_text(encoding="utf-8", errors="replace")
    word = re.escape(name)
    is_bound = re.search(
        rf"^\s*(?:def|class)\s+{word}\b|^\s*{word}\s*[:=]|\bimport\b.*\b{word}\b|^\s+{word}( as \w+)?,?$",
        text,
        re.MULTILINE,
    )
    is_made = "__getattr__" in text and "import_module" not in text
    return is_bound is None and not is_made


def _is_installed(path: str) -> bool:
    return "site-packages" in path or "dist-packages" in path


def _scanned(file: Path) -> Found:
    try:
        return scan_module(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return Found(is_cut=True)
