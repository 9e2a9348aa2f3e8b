"""nbclient as a program would use it: notebooks of a folder in one process, each in a stock kernel, two at a time.

Run as `python nbclient_pool.py NOTEBOOKS EXECUTED`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import nbformat as _nbformat
from nbclient import NotebookClient

nbformat: Any = _nbformat  # has no types

_AT_A_TIME: Final = 2


async def _execute(file: Path, executed: Path, places: asyncio.Semaphore) -> None:
    async with places:
        notebook = nbformat.read(file, as_version=4)
        client = NotebookClient(notebook, resources={"metadata": {"path": str(file.parent)}})
        await client.async_execute()
        nbformat.write(notebook, executed / file.name)


async def _execute_all(folder: Path, executed: Path) -> None:
    executed.mkdir()
    places = asyncio.Semaphore(_AT_A_TIME)
    await asyncio.gather(*(_execute(file, executed, places) for file in sorted(folder.glob("*.ipynb"))))


if __name__ == "__main__":
    asyncio.run(_execute_all(Path(sys.argv[1]), Path(sys.argv[2])))
