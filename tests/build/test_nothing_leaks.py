"""A page that prints everything it can: nothing of the machine is in the published folder or in the results."""

from __future__ import annotations

import importlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.build import build
from sitegen.build.result import BuildOptions, BuildResult
from sitegen.config import load_config
from sitegen.execution.backends import LocalBackend
from sitegen.execution.run import ExecutionPolicy
from sitegen.results.store import open_store

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

USER = "adalovelace"
SECRET = "correct-horse-battery-staple"

LEAKY = """+++
title = "By adalovelace"
[execute]
env = ["MY_DATA"]
seed = 3
[execute.parameters]
steps = 50
folder = "@HOME@/data"
+++
Prose that names adalovelace is the author's own.

```{python}
#| tags: [parameters]
steps = 3
folder = ""
```

```{python}
import os, sys, pprint, pathlib, socket, getpass, tempfile, json, pickle, subprocess, warnings
here = pathlib.Path.cwd()
pprint.pprint(dict(os.environ))
print(sys.path, sys.executable, sys.prefix, sys.argv, folder)
print(here, here.as_uri(), repr(str(here)), pickle.dumps(str(here)), json.dumps({str(here): [str(here)]}))
print(tempfile.mkdtemp(), tempfile.gettempdir(), os.path.expanduser("~/x"))
print(getpass.getuser() + "@" + socket.gethostname(), f"https://{socket.gethostname()}:8888/tree", "by " + getpass.getuser())
print(f"\\x1b[32m{here}/a.py\\x1b[0m", "-I" + str(here), str(here).replace("/", "%2F"))
```

```{python}
import json.decoder, helper
warnings.warn("deprecated: " + helper.__file__)
print(helper, json.decoder, repr(object()), hex(id(helper)), helper.slow)
help(helper)
!pwd; id -un; echo $HOME
print(subprocess.run(["env"], capture_output=True, text=True).stdout)
```

```{python}
#| error: true
#| warning: true
helper.fail()
```

```{python}
from IPython.display import HTML, SVG, JSON, Markdown, display
from sitegen import lab
display(HTML(f"<p title='{here}'>{here}/x.html</p>"), Markdown(f"`{here}`"), JSON({str(here): {"a": str(here)}}))
display(SVG(f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><desc>{here}</desc></svg>"))
display({"application/x-own": str(here), "text/plain": "own"}, raw=True, metadata={"at": str(here)})
lab.metric("m", 1.25, unit=str(here), reference=(1, f"{here}/paper.pdf"), tolerance=0.5)
for step in lab.progress(range(steps)):
    lab.curve(f"loss in {here}", step, 1 / (step + 1), x_label=f"step of {os.environ['USER']}")
pathlib.Path("table.csv").write_text(f"path,value\\n{here}/data.csv,1\\n")
lab.artifact("table.csv")
pathlib.Path("scratch.csv").write_text("not kept")
```

The value is `{python} str(here)`.

```{python}
import random, sys
for frame in range(3):
    print(f"\\r{frame * 50}% of {here}", end="", file=sys.stderr)
lab.metric("draw", random.random())
```
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a local server and the folder that it serves: where the site is published."""
    folder = tmp_path_factory.mktemp("home") / USER / "portfolio" / "public"
    folder.mkdir(parents=True)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/", folder
        http.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def site(server: tuple[str, Path]) -> Iterator[tuple[Path, BuildResult]]:
    """The site of the leaky page, built once, on a machine of a person with a home folder and secrets."""
    address, public = server
    root = public.parent
    home = root.parent
    page = root / "content/posts/leaky"
    page.mkdir(parents=True)
    (page / "index.md").write_text(LEAKY.replace("@HOME@", str(home)), encoding="utf-8")
    (root / "helper.py").write_text(
        '"""A helper."""\nimport functools\n\n\ndef fail():\n    raise RuntimeError(f"at {__file__}")\n\n\n'
        "slow = functools.partial(fail)\n",
        encoding="utf-8",
    )
    (root / "sitegen.toml").write_text(f'baseURL = "{address}"\ntitle = "T"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            patch.setenv(name, USER)
        patch.setenv("HOME", str(home))
        patch.setenv("MY_DATA", str(home / "datasets"))
        patch.setenv("HF_TOKEN", SECRET)
        yield root, _build(root)


def _build(root: Path, *, allowed: bool = True) -> BuildResult:
    config = load_config(root)
    options = BuildOptions(policy=ExecutionPolicy(allowed=allowed))
    return build(config, options, backend=LocalBackend(config, workers=1), store=open_store(config))


def _files(root: Path, *folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((root / folder).rglob("*")) if file.is_file()]


def test_nothing_of_the_machine_is_kept_or_published(site: tuple[Path, BuildResult]) -> None:
    """Neither the site's folder, the home folder, user, host nor an address, in any file, however it was printed."""
    root, result = site
    assert [found.message for found in result.diagnostics if found.severity == "error"] == []
    host = socket.gethostname().partition(".")[0]
    words = [str(root), str(root.parent), str(root).replace("/", "%2F"), SECRET]
    words += [host] if len(host) > 5 else [f"@{host}", f"//{host}:"]
    address = re.compile(r"\b0x[0-9a-f]{9,}|ipykernel_\d")
    prose = ("By adalovelace", "names adalovelace is the author")
    for file in _files(root, "public", "results"):
        text = file.read_bytes().decode("utf-8", "replace")
        assert [word for word in words if word in text] == [], file
        assert address.search(text) is None, file
        for said in prose:
            text = text.replace(said, "")
        if file.parts[-4:-2] != ("public", "tags"):
            assert USER not in text.replace("by-adalovelace", ""), file


def test_what_was_printed_is_still_there(site: tuple[Path, BuildResult]) -> None:
    """Paths are replaced, not whole outputs; prose keeps its names."""
    root, _ = site
    html = (root / "public/posts/leaky/index.html").read_text(encoding="utf-8")
    for said in (
        "By adalovelace",
        "content/posts/leaky",
        "user@host",
        "helper.py",
        "RuntimeError",
        "100% of",
    ):
        assert said in html, said
    assert "50% of" not in html
    table = (root / "public/posts/leaky/artifacts/table.csv").read_text(encoding="utf-8")
    assert table == "path,value\ncontent/posts/leaky/data.csv,1\n"


def test_files_that_a_run_wrote_are_no_resources(site: tuple[Path, BuildResult]) -> None:
    """The next build finds the files in the page's folder, publishes the artifact alone, and names the other."""
    root, _ = site
    assert (root / "content/posts/leaky/table.csv").is_file()

    result = _build(root, allowed=False)

    said = [(found.severity, found.message) for found in result.diagnostics if found.code == "SG323"]
    assert said == [("info", "`scratch.csv` was written by a run: it is not published")]
    assert (root / "public/posts/leaky/artifacts/table.csv").is_file()
    assert not (root / "public/posts/leaky/table.csv").exists()
    assert not (root / "public/posts/leaky/scratch.csv").exists()


@pytest.mark.parametrize(
    "code",
    [
        f"print('{SECRET}')",
        f"from sitegen import lab; lab.metric('m', 1, unit='{SECRET}')",
        "import sys; sys.stderr.write('ghp_' + 'a1B2' * 9)",
        f"from IPython.display import JSON; JSON({{'{SECRET}': 1}})",
        "from sitegen import lab; open('k.txt', 'w').write('hf_' + 'aB3d' * 9); lab.artifact('k.txt')",
    ],
)
def test_credentials_fail_the_build_and_are_not_stored(
    site: tuple[Path, BuildResult], tmp_path: Path, code: str
) -> None:
    """In each kind of output: an error at the cell, and no file of the results holds it."""
    del site  # its environment has the secret
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text(f"# A\n\n```{{python}}\n{code}\n```\n", encoding="utf-8")

    result = _build(tmp_path)

    errors = [(found.code, found.location and found.location.line) for found in result.diagnostics]
    assert ("SG310", 4) in errors
    assert _files(tmp_path, "public", "results") == []


def test_downloads_run_elsewhere_and_give_the_same_numbers(
    site: tuple[Path, BuildResult], server: tuple[str, Path], tmp_path: Path
) -> None:
    """The notebook in a fresh folder, without sitegen but for the published `lab.py`; and the script in plain Python."""
    nbformat: Any = importlib.import_module("nbformat")
    from nbclient import NotebookClient

    root, _ = site
    folder = root / "public/posts/leaky"
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['sitegen'] = None\n", encoding="utf-8"
    )
    (tmp_path / "helper.py").write_bytes((root / "helper.py").read_bytes())
    notebook = nbformat.reads((folder / "index.ipynb").read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(notebook)
    shown = _metrics(notebook)
    assert shown["m"] == 1.25

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        for cell in notebook.cells:
            if "helper.fail" in cell.source:
                cell.metadata["tags"] = ["raises-exception"]
        NotebookClient(notebook, timeout=120).execute(cwd=str(tmp_path))
        script = subprocess.run(
            [sys.executable, str(folder / "index.py")],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    assert _metrics(notebook) == shown
    assert server[0] in notebook.cells[1].source
    assert "RuntimeError: at" in script.stderr  # the cell that is meant to raise ends the script
    assert "content/posts/leaky" not in script.stdout
    source = (folder / "index.py").read_text(encoding="utf-8")
    assert "# !pwd; id -un; echo $HOME" in source


def _metrics(notebook: Any) -> dict[str, float]:
    kind = "application/vnd.sitegen.metric+json"
    found = (
        json.loads(json.dumps(output["data"][kind]))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if kind in output.get("data", {})
    )
    return {metric["name"]: metric["value"] for metric in found}
