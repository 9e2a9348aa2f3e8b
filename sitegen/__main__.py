"""`python -m sitegen`."""

from __future__ import annotations

from sitegen.cli.main import main

if __name__ == "__main__":
    main(prog_name="sitegen")
