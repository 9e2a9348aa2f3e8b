"""What a report says of the machine, made up."""

from __future__ import annotations

from typing import Any, Final

MACHINE: Final[dict[str, Any]] = {
    "cpu": "A processor",
    "cores": 2,
    "memory_gib": 24,
    "system": "Linux",
    "python": "CPython 3.11",
    "date": "2026-01-01",
    "load_before": 0.1,
}
