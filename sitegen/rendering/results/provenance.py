"""`provenance.json` beside an executed page: where each of its numbers comes from, for programs.

The schema is described in `docs/results.md`; `SCHEMA` is its version. Paths in it are relative to the site's root or to the
page's folder, and nothing says which build wrote it: equal results have equal bytes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sitegen import __version__
from sitegen.config import Config
from sitegen.content.document import CodeCell, source_digest
from sitegen.content.executed import Drift, ExecutedDocument, Metric, Provenance
from sitegen.content.index import IndexedPage
from sitegen.frozen import thaw
from sitegen.rendering.results.badges import state_slug
from sitegen.rendering.results.history import versions_of
from sitegen.rendering.urls import absolute, page_folder, url_of_output, with_base
from sitegen.results.record import Acceptance

SCHEMA: Final = 1
FILE_NAME: Final = "provenance.json"


def provenance_url(place: IndexedPage, config: Config) -> str:
    """Of the file, with the base path."""
    return url_of_output(config, page_folder(place) / FILE_NAME)


def commit_url(config: Config, commit: str | None) -> str:
    """The address of a commit of the site's repository; empty where none is configured."""
    repository = repository_url(config)
    if not repository or not commit:
        return ""
    host = urlsplit(repository).hostname or ""
    return f"{repository}{'/-' if host.startswith('gitlab.') else ''}/commit/{commit}"


def repository_url(config: Config) -> str:
    """The address of the site's repository, `params.repository`, as a browser opens it; empty where it has none."""
    found = config.params.get("repository")
    is_address = isinstance(found, str) and found.startswith(("https://", "http://"))
    return str(found).rstrip("/").removesuffix(".git") if is_address else ""


def provenance_json(
    executed: ExecutedDocument,
    place: IndexedPage,
    config: Config,
    *,
    accepted: Acceptance | None = None,
    beside: Iterable[str] = (),
) -> bytes | None:
    """The file's content; None for a page without results.

    Args:
        executed: the page with the results that it shows.
        place: the page in the site.
        config: the site's.
        accepted: a person's word for the run that is shown.
        beside: names of the other files that are published beside the page.
    """
    provenance, state = executed.provenance, executed.state
    if provenance is None or state is None:
        return None
    document = executed.document
    facts = thaw(provenance.facts)
    content = {
        "schema": SCHEMA,
        "generator": f"sitegen {__version__}",
        "page": document.page,
        "url": absolute(config, with_base(config, place.url)),
        "source": document.path.as_posix(),
        "state": state_slug(state),
        "pin_reason": document.execution.pin_reason if state == "pinned" else "",
        "record": {"digest": provenance.record, "key": provenance.key, "code": provenance.code},
        "accepted": {"date": _time(accepted.date), "commit": accepted.commit} if accepted else None,
        "run": _run(provenance, facts.get("run", {}), config),
        "environment": thaw(provenance.environment),
        "inputs": _inputs(facts.get("inputs", {})),
        "observed": facts.get("observed", {}),
        "cells": list(_cells(executed, facts.get("cells", ()))),
        "expressions": [
            {
                "id": item.id,
                "line": item.location.line,
                "source": source_digest(item.source),
                "has_result": item.id in executed.values,
            }
            for item in document.expressions
        ],
        "metrics": [_metric(metric) for metric in executed.metrics],
        "drifts": [_drift(drift) for drift in executed.drifts],
        "run_again": list(run_again(provenance, config)),
        "files": sorted(name for name in beside if name in ("index.ipynb", "index.py")),
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def run_again(provenance: Provenance, config: Config) -> tuple[str, ...]:
    """The commands that give the run again: its commit, its packages, its profile.

    Parameters and seed are in the page's file at that commit.
    """
    commands = []
    repository = repository_url(config)
    if repository:
        commands.append(f"git clone {shlex.quote(repository)} site && cd site")
    if provenance.commit:
        commands.append(f"git checkout {provenance.commit}")
    commands.append(_install(provenance))
    build = "sitegen build --fresh"
    commands.append(f"SITEGEN_EXECUTE_PROFILE=smoke {build}" if provenance.profile == "smoke" else build)
    return tuple(commands)


def _install(provenance: Provenance) -> str:
    observed = provenance.facts.get("observed")
    lock = observed.get("lock") if isinstance(observed, Mapping) else None
    if isinstance(lock, Mapping):
        return f'python -m pip install "sitegen-ml[execute]" -r {shlex.quote(str(lock.get("path")))}'
    # without the local part (`+cpu`): no index has it, and `==` takes any
    versions = ((name, version.partition("+")[0]) for name, version in versions_of(provenance).items())
    packages = (shlex.quote(f"{name}=={version}") for name, version in versions)
    return " ".join(('python -m pip install "sitegen-ml[execute]"', *packages))


def _run(provenance: Provenance, facts: Mapping[str, Any], config: Config) -> dict[str, object]:
    return {
        "started": _time(provenance.started),
        "seconds": provenance.seconds,
        "seed": provenance.seed,
        "parameters": thaw(provenance.parameters),
        "profile": provenance.profile,
        "device": provenance.device,
        "device_class": provenance.device_class,
        "device_group": provenance.device_group,
        "commit": provenance.commit,
        "commit_url": commit_url(config, provenance.commit),
        "dirty": provenance.is_dirty,
        "backend": facts.get("backend"),
        "host_class": facts.get("host_class"),
    }


def _inputs(inputs: Mapping[str, Any]) -> dict[str, object]:
    """As in the record, but of the variables that `env` lets through only the names: a value may be private."""
    return {name: sorted(value) if name == "env" else value for name, value in inputs.items()}


def _cells(executed: ExecutedDocument, recorded: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    """The page's cells, in its order; of equal cells the first goes with the first that was recorded."""
    left = list(recorded)
    for cell in executed.document.cells:
        run = executed.runs.get(cell.id)
        facts: Mapping[str, Any] = {}
        if run is not None:
            place = next((i for i, known in enumerate(left) if known["source"] == run.source_digest), None)
            facts = left.pop(place) if place is not None else {}
        yield {
            **_cell(cell),
            "status": run.status if run is not None else None,
            "seconds": run.seconds if run is not None else None,
            "peak_rss_bytes": facts.get("peak_rss_bytes"),
            "peak_cuda_bytes": facts.get("peak_cuda_bytes"),
        }


def _cell(cell: CodeCell) -> dict[str, object]:
    return {
        "id": cell.id,
        "label": cell.options.label,
        "language": cell.language,
        "line": cell.location.line,
        "source": source_digest(cell.source),
        "runs": cell.options.runs,
    }


def _metric(metric: Metric) -> dict[str, object]:
    reference = metric.reference
    return {
        "name": metric.name,
        "value": metric.value,
        "unit": metric.unit,
        "better": metric.better,
        "spread": metric.spread,
        "spread_kind": metric.spread_kind,
        "n": metric.n,
        "reference": {"value": reference.value, "spread": reference.spread, "source": reference.source}
        if reference is not None
        else None,
        "tolerance": metric.tolerance,
        "cell": metric.cell,
    }


def _drift(drift: Drift) -> dict[str, object]:
    return {
        "metric": drift.metric,
        "value": drift.value,
        "baseline": drift.baseline,
        "tolerance": drift.tolerance,
        "baseline_record": drift.baseline_record,
        "baseline_started": _time(drift.baseline_started),
    }


def _time(moment: datetime) -> str:
    """RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
