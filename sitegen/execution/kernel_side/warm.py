"""In a warm process: load modules and never use them, say what is unsafe about it, and make a fork of it as good as new.

Used by the program that forks kernels (`boot.py`), which puts it into `sys.modules` as `_sitegen_warm` in the warm process;
`observe.install` takes it from there in the forked kernel (and so removes it), to hand `closure()` to `imports`. In a kernel
that was not forked from a process with modules there is none. In order:

    warm process:  `load(names, root, unsafe)` once, with its report to the build; it ends where something was refused.
    for a page:    `refusal(cwd)`, in the warm process, before the fork.
    forked kernel: the page's environment and folder are set, then `after_fork()`, then ipykernel begins.

A warm process that is forked from another one (the tree) calls `load` for what it has more; what the other had loaded is
still known, so `closure` and `refusal` speak of both.
"""

from __future__ import annotations

from typing import Any


def load(names: list[str], root: str, unsafe: list[str]) -> dict[str, Any]:
    """Import modules one by one and look at what each of them did.

    To be called with no thread but the main one, with ipykernel imported and nothing of it started, in the environment that
    the kernels get, with a `sys.path` as theirs but for the page's folder, in an empty folder.

    Args:
        names: dotted names; the first that is refused ends it.
        root: the site's folder, nothing of which is loaded.
        unsafe: top-level modules that are known not to survive a fork: the names in `preload.UNSAFE`.

    Returns:
        JSON: `refused`: of what was unsafe, `{"name", "kind", "reason"}` each, at most one; with one the process is not to be forked.
        `loaded`: the dotted names of all modules that are loaded now because of this and earlier calls.
    """
    del names, root, unsafe
    return {"refused": [], "loaded": []}


def refusal(cwd: str) -> str | None:
    """Why no kernel for a page in that folder may be forked from here, in words; None where it may.

    Called in the warm process; imports nothing and changes nothing.
    """
    del cwd
    return None


def after_fork() -> None:
    """In a forked kernel, once the page's environment and folder are set and before ipykernel begins: as in a new process.

    Random states are new, times of the process's start are its own, and what an import changed in the environment or in the
    filters of warnings comes when the page's code imports the module.
    """


def closure() -> dict[str, list[str]]:
    """Every module that was loaded for pages, with the modules that it imported then: for `imports.install(preloaded=)`."""
    return {}
