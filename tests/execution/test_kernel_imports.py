"""Which modules count as imported by a page, in a process of its own: the watch cannot be taken off again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sitegen.execution import kernel_side

WATCHED = """
import json, sys, types, warnings
sys.path.insert(0, {packages!r})
import early, needed, unused
imports = types.ModuleType("_sitegen_kernel_imports")
exec(compile(open({source!r}).read(), "_sitegen_kernel_imports", "exec"), imports.__dict__)
imports.install(lambda path: path.startswith({site!r}), lambda: True, lambda *_: None, {preloaded!r})
exec({code!r}, {{"__name__": "__main__"}})
print(json.dumps(imports.used()))
"""


def _used(tmp_path: Path, code: str, preloaded: dict[str, list[str]] | None = None) -> list[list[str]]:
    """What `used()` says after `code` has run as a cell; `early`, `needed` and `unused` were loaded before."""
    packages, site = tmp_path / "site-packages", tmp_path / "site"
    packages.mkdir()
    site.mkdir()
    texts = {
        "early": "import needed",
        "needed": "",
        "unused": "",
        "late": "import needed",
        "IPython": "import unused",
    }
    for name, text in texts.items():
        (packages / f"{name}.py").write_text(text, encoding="utf-8")
    (site / "helper.py").write_text("import late\ntry:\n    import nowhere\nexcept ImportError:\n    pass\n")
    source = str(Path(kernel_side.__file__).parent / "imports.py")
    program = WATCHED.format(
        packages=str(packages),
        source=source,
        site=f"{site}/",
        preloaded=preloaded,
        code=f"import sys\n{code}",
    )
    program = f"import sys\nsys.path.append({str(site)!r})\n{program}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_module_loaded_before_counts_where_the_page_imports_it(tmp_path: Path) -> None:
    """No event tells of such an import; `unused` was loaded too, and the page has nothing of it."""
    modules, files, missing = _used(tmp_path, "import early")
    assert (modules, files, missing) == (["early"], [], [])


def test_a_preloaded_module_brings_what_it_imported(tmp_path: Path) -> None:
    """In a kernel forked from a warm process: the closure over the imports that took place there."""
    preloaded = {"early": ["needed"], "needed": [], "unused": []}
    modules, _, _ = _used(tmp_path, "from importlib import import_module\nimport_module('early')", preloaded)
    assert modules == ["early", "needed"]


def test_what_the_kernel_imports_for_itself_does_not_count(tmp_path: Path) -> None:
    """IPython's imports are its own, also while cells run."""
    modules, _, _ = _used(tmp_path, "import IPython")
    assert modules == []


def test_modules_of_the_site_count_with_what_they_import(tmp_path: Path) -> None:
    """Their files, their packages, and what they looked for in vain."""
    modules, files, missing = _used(tmp_path, "import helper")
    assert modules == ["late", "needed"]
    assert files == [str(tmp_path / "site/helper.py")]
    assert missing == ["nowhere"]


def test_warnings_and_errors_of_imports_point_to_the_author(tmp_path: Path) -> None:
    """The wrapper's frame is passed over: a warning about the importer names the importer's line."""
    (tmp_path / "old.py").write_text(
        "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n"
    )
    code = f"""
import warnings
sys.path.append({str(tmp_path)!r})
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    import old
assert told[0].filename == "<string>", told[0].filename
"""
    assert _used(tmp_path, code)[2] == []
