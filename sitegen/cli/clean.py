"""`sitegen clean`: remove what a build can make again, never what a run has found out."""

from __future__ import annotations
