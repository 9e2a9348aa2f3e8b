"""The second barrier: every page's summary, together with the index and the ledger, as one Site."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.rendering.lists.related import RelatedPages
from sitegen.rendering.values import PageSummary, Site
from sitegen.results.ledger import Ledger


def gather(
    index: SiteIndex,
    ledger: Ledger,
    summaries: Mapping[PageKey, PageSummary],
    related: RelatedPages | None = None,
) -> Site:
    """All that a template may ask of the site; contents stay where they are."""
    return Site(index=index, ledger=ledger, summaries=summaries, related=related)
