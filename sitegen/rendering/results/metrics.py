"""`{{< metric "name" >}}`: a number that a cell reported, wherever in the site it is told."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sitegen.config import Config
from sitegen.config.words import Words
from sitegen.content.document import PageKey, ShortcodeCall
from sitegen.content.executed import ExecutedDocument, Metric
from sitegen.content.index import SiteIndex
from sitegen.content.resolve import resolve_page
from sitegen.errors import ContentError, Diagnostic, near_match
from sitegen.rendering.recorder import NO_RECORDER, Recorder
from sitegen.rendering.results.badges import state_slug, state_words
from sitegen.rendering.results.metric_views import metric_anchor, metric_note
from sitegen.rendering.results.numbers import spread_text, value_text
from sitegen.rendering.urls import with_base
from sitegen.results.ledger import Ledger, LedgerEntry


def metric_html(
    call: ShortcodeCall,
    executed: ExecutedDocument,
    index: SiteIndex,
    ledger: Ledger,
    config: Config,
    recorder: Recorder = NO_RECORDER,
) -> str:
    """The metric's value, spread and unit, linked to where it comes from; in words too where it is not reproduced.

    A number of a smoke run is shown, labelled, on its own page only: to the others it is no result.

    Args:
        call: the shortcode.
        executed: the page that it stands on.
        index: the site's pages.
        ledger: the metrics of all pages.
        config: the site's.
        recorder: is told what is asked of the site.

    Raises:
        ContentError: no such metric (SG312), or arguments that make no sense (SG203).
    """
    page = executed.document.page
    name, pattern = _arguments(call)
    target = name.rpartition("/")[0]
    if target:
        recorder.read("link", page, target)
    owner = _owner(name, page, index, call)
    recorder.read("page", owner, "ledger")
    entry = _own(name, executed) if owner == page else None
    if entry is None:
        recorder.read("site", "", "metric_names")  # for the hint
        entry = _entry(name, owner, page, ledger, call)
    if entry is None:  # the build tells of the page once, not of each of its metrics
        return _missing(ledger, owner, config.words)
    metric = entry.metric
    try:
        value = value_text(metric.value, metric.spread, pattern)
        spread = spread_text(metric.spread, pattern) if metric.spread is not None else ""
    except ValueError as error:
        raise _wrong(
            call, f"`{pattern}` is no format of a number: {error}", 'for example `fmt=".1f"`'
        ) from error
    if entry.page != page:
        recorder.read("page", entry.page, "url")
    address = "" if entry.page == page else with_base(config, index.pages[entry.page].url)
    link = f'<a class="metric-value" href="{escape(f"{address}#{metric_anchor(metric.name)}")}">{escape(value)}</a>'
    state = f' data-state="{state_slug(entry.state)}"' if entry.state else ""
    details = _details_html(metric, spread, metric_note(entry, config.words))
    return f'<span class="metric" title="{escape(_title(entry, config.words))}"{state}>{link}{details}</span>'


def _arguments(call: ShortcodeCall) -> tuple[str, str | None]:
    name = call.named.get("name", call.positional[0] if call.positional else None)
    pattern = call.named.get("fmt", call.positional[1] if len(call.positional) > 1 else None)
    if name is None:
        raise _wrong(call, "`metric` needs a name", 'write `{{< metric "mean_return" >}}`')
    return str(name), str(pattern) if pattern is not None else None


def _owner(name: str, page: PageKey, index: SiteIndex, call: ShortcodeCall) -> PageKey:
    """This page, or in `page/name` another: the part before the last `/` is read as `relref` does."""
    target = name.rpartition("/")[0]
    owner = resolve_page(index, target, page) if target else page
    if owner is not None and index.pages[owner].url:
        return owner
    raise ContentError(
        Diagnostic(
            code="SG204",
            severity="error",
            message=f"`{name}` names a page that does not exist: `{target}`",
            location=call.location,
            hint="the part before the last `/` names the page as `relref` does",
        )
    )


def _own(name: str, executed: ExecutedDocument) -> LedgerEntry | None:
    """The metric as the page itself shows it, from a run that the ledger does not list too."""
    metric = next((found for found in executed.metrics if found.name == name.rpartition("/")[2]), None)
    if metric is None:
        return None
    return LedgerEntry(
        page=executed.document.page,
        metric=metric,
        state=executed.state,
        provenance=executed.provenance,
        drift=next((drift for drift in executed.drifts if drift.metric == metric.name), None),
    )


def _missing(ledger: Ledger, owner: PageKey, words: Words) -> str:
    """A dash, and why there is no number."""
    state = ledger.states.get(owner)
    key = "not_run" if state == "not run" else "run_failed" if state == "failed" else "smoke_only"
    note = escape(words(f"note.{key}"))
    return f'<span class="metric value-missing">\N{EM DASH} <span class="metric-note">({note})</span></span>'


def _entry(
    name: str, owner: PageKey, page: PageKey, ledger: Ledger, call: ShortcodeCall
) -> LedgerEntry | None:
    """The metric; None where its page has no results that could have it."""
    metric = name.rpartition("/")[2]
    entry = ledger.entries.get((owner, metric))
    if entry is not None or ledger.states.get(owner) in ("not run", "failed"):
        return entry
    unlisted = ledger.unlisted.get(owner, ())
    if metric in unlisted:
        return None
    known = [*unlisted, *(found.metric.name for found in ledger.of_page(owner))]
    raise ContentError(
        Diagnostic(
            code="SG312",
            severity="error",
            message=f"unknown metric `{metric}`" + (f" of `{owner}`" if owner != page else ""),
            location=call.location,
            hint=_known(metric, known, owner, ledger),
        )
    )


def _known(metric: str, known: Iterable[str], owner: PageKey, ledger: Ledger) -> str:
    """What to write instead: the near match, the page that has it, or what there is."""
    names = sorted(known)
    listed = "known: " + ", ".join(f"`{name}`" for name in names)
    near = near_match(metric, names)
    if near is not None:
        return f"did you mean `{near}`? {listed}"
    elsewhere = sorted({entry.page for entry in ledger.entries.values() if entry.metric.name == metric})
    if elsewhere:
        return f'it is a metric of `{elsewhere[0]}`: write `{{{{< metric "{elsewhere[0]}/{metric}" >}}}}`'
    return (
        listed
        if names
        else f"no cell of `{owner}` reports a metric: call `lab.metric` in one, and run the page"
    )


def _title(entry: LedgerEntry, words: Words) -> str:
    provenance = entry.provenance
    if provenance is None or entry.state is None:
        return entry.metric.name
    state = state_words(entry.state, provenance, words)
    kind = f" (± {entry.metric.spread_kind})" if entry.metric.spread_kind else ""
    return f"{entry.metric.name}{kind}: {provenance.device}, {provenance.started:%Y-%m-%d}, {state}"


def _details_html(metric: Metric, spread: str, note: str) -> str:
    """Spread, unit, count and what must be known of the number: `± 6.1 steps (n=3) (stale, 2026-05-01)`."""
    parts = (
        ("metric-spread", f"± {spread}" if spread else ""),
        ("metric-unit", metric.unit or ""),
        ("metric-n", f"(n={metric.n})" if metric.n is not None else ""),
        ("metric-note", f"({note})" if note else ""),
    )
    return "".join(f' <span class="{name}">{escape(text)}</span>' for name, text in parts if text)


def _wrong(call: ShortcodeCall, message: str, hint: str) -> ContentError:
    return ContentError(
        Diagnostic(code="SG203", severity="error", message=message, location=call.location, hint=hint)
    )
