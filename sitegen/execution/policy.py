"""What a build may execute."""

from __future__ import annotations

from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPolicy:
    """What a build may execute."""

    allowed: bool = True
    """False (`--no-execute`): records only."""
    fresh: bool = False
    """True (`--fresh`): no record is taken as the result of a page that can run here."""
