"""Publish a new site over an old one again and again, killed before each file operation in turn.

Run as `python publish_until_killed.py FOLDER exchange|renames|first`; writes one JSON object a kill. Killing
is done in a forked child with SIGKILL, so nothing can clean up behind it. With `first`, there is no old site.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from sitegen import files
from sitegen.build.publish import PublishTarget, finish_interrupted, publish, published, staging
from sitegen.build.staging import stage
from sitegen.rendering.values import RenderedFile

OLD = {"index.html": "old home", "a/index.html": "old a", "gone/index.html": "old", "same/index.html": "same"}
NEW = {"index.html": "new home", "a/index.html": "new a", "b/c/index.html": "new", "same/index.html": "same"}
LATER = NEW | {"index.html": "later home", "d/index.html": "later"}
FOREIGN = {
    "CNAME": "example.org",
    ".git/HEAD": "ref: refs/heads/main",
    ".git/objects/ab/cd": "blob",
    "a/paper.pdf": "pdf",
    "gone/kept.txt": "kept",
    "downloads/data.csv": "1,2",
}
OPERATIONS = ("link", "rename", "replace", "unlink", "mkdir", "rmdir", "utime")


def publish_staged(site: dict[str, str], target: PublishTarget) -> None:
    """As a build does: what changed is staged, the rest is kept."""
    known = published(target)
    with staging(target) as folder:
        changed, kept = [], {}
        for file in rendered(site):
            path = file.path.as_posix()
            if known.digest(path) == file.digest:
                kept[path] = str(file.digest)
                continue
            stage(str(folder), path, file.content or b"")
            changed.append(RenderedFile(path=file.path, digest=file.digest, is_staged=True))
        publish(changed, target, kept=kept, known=known, staged_in=folder)


def rendered(site: dict[str, str]) -> list[RenderedFile]:
    """The files of a site."""
    return [
        RenderedFile(
            path=PurePosixPath(path),
            digest=hashlib.sha256(text.encode()).hexdigest(),  # type: ignore[arg-type]
            content=text.encode(),
        )
        for path, text in site.items()
    ]


def content(folder: Path) -> dict[str, str] | None:
    """What a folder holds; None where it is missing."""
    if not folder.is_dir():
        return None
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def name(site: dict[str, str] | None) -> str:
    """Which site, with all that others put there, a folder's content is."""
    for known, expected in (("none", {}), ("old", OLD), ("new", NEW), ("later", LATER)):
        if site == expected | FOREIGN:
            return known
    return "missing" if site is None else f"broken: {site}"


def kill_at(step: int, *, has_exchange: bool) -> list[str]:
    """Let the process die before its file operation number `step`; gives the log of operations."""
    log: list[str] = []

    def watched(operation: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **options: Any) -> Any:
            log.append(operation)
            if len(log) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **options)

        return wrapper

    for operation in OPERATIONS:
        setattr(os, operation, watched(operation, getattr(os, operation)))
    call = files._exchange_call() if has_exchange else None
    replacement = None if call is None else watched("exchange", call)
    files._exchange_call = lambda: replacement  # type: ignore[assignment]
    return log


def in_child(work: Callable[[], object]) -> int:
    """Run in a forked process; gives the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def one_kill(target: PublishTarget, step: int, how: str) -> dict[str, object]:
    """Old site, killed publishing of the new one, repair, a third site: what is there each time."""
    shutil.rmtree(target.output.parent, ignore_errors=True)
    if how != "first":
        publish(rendered(OLD | {"index.html": "very old", "a/index.html": "very old"}), target)
        publish(rendered(OLD), target)
    for path, text in FOREIGN.items():
        (target.output / path).parent.mkdir(parents=True, exist_ok=True)
        (target.output / path).write_text(text)

    def killed() -> None:
        kill_at(step, has_exchange=how != "renames")
        if how == "renames":
            publish(rendered(NEW), target)
        else:
            publish_staged(NEW, target)

    status = in_child(killed)
    result: dict[str, object] = {"step": step, "killed": status == -signal.SIGKILL}
    result["left"] = name(content(target.output))
    finish_interrupted(target)
    result["finished"] = name(content(target.output))
    publish(rendered(LATER), target)
    result["later"] = name(content(target.output))
    publish(rendered(NEW), target)
    result["again"] = name(content(target.output))
    result["folders"] = sorted(path.name for path in target.output.iterdir() if path.is_dir())
    result["state"] = sorted(path.name for path in target.state.iterdir())
    return result


def main() -> None:
    """Kill before every operation, until one run gets through."""
    root, how = Path(sys.argv[1]), sys.argv[2]
    site = root / "site"
    target = PublishTarget(output=site / "public", state=site / "state", name="public")
    step = 0
    while True:
        step += 1
        result = one_kill(target, step, how)
        sys.stdout.write(json.dumps(result) + "\n")
        if not result["killed"]:
            return


if __name__ == "__main__":
    main()
