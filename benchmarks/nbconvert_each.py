"""`jupyter nbconvert --execute` as a Makefile would use it: a process a notebook, one after the other.

Run as `python nbconvert_each.py NOTEBOOKS EXECUTED`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    for file in sorted(Path(sys.argv[1]).glob("*.ipynb")):
        command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir"]
        subprocess.run([*command, sys.argv[2], str(file)], check=True)
