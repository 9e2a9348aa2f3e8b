"""The site's ledger as templates read it: every number, by the device class that it was made on, then by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.content.document import PageKey
from sitegen.rendering.results.badges import ProvenanceView
from sitegen.rendering.results.metric_views import MetricView
from sitegen.results.ledger import Ledger
from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView
    from sitegen.rendering.views.site_view import SiteView


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPage:
    """One page's numbers."""

    page: PageView
    provenance: ProvenanceView
    metrics: tuple[MetricView, ...]
    """In the order in which they were reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkDevice:
    """The numbers that may be compared with each other: of one device class."""

    device: str
    """`cpu`, `NVIDIA A100`, ..."""
    anchor: str
    """Id of its part of the page: `device-nvidia-a100`."""
    count: int
    """How many numbers."""
    pages: tuple[BenchmarkPage, ...]
    """In the order of the site's lists."""


def benchmark_devices(site: SiteView, ledger: Ledger) -> tuple[BenchmarkDevice, ...]:
    """Every metric of the ledger; empty where no full run has reported one."""
    keys = dict.fromkeys((*site.index.regular, *(page for page, _ in ledger.entries)))
    listed = {page for page, _ in ledger.entries}
    groups: dict[str, list[BenchmarkPage]] = {}
    for page in site.views(PageKey(key) for key in keys if key in listed):
        provenance = page.provenance
        if provenance is None or not page.url:
            continue
        shown = BenchmarkPage(page=page, provenance=provenance, metrics=page.metrics)
        groups.setdefault(provenance.device_group, []).append(shown)
    taken: set[str] = set()
    return tuple(
        BenchmarkDevice(
            device=device,
            anchor=_anchor(device, taken),
            count=sum(len(page.metrics) for page in pages),
            pages=tuple(pages),
        )
        for device, pages in sorted(groups.items(), key=lambda item: item[0].lower())
    )


def _anchor(device: str, taken: set[str]) -> str:
    name = "device-" + (re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-") or "other")
    while name in taken:  # names that differ only in signs
        name += "-"
    taken.add(name)
    return name
