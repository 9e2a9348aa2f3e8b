"""Blocks of code for the posts: shapes of each language, filled with other names, numbers and words each time."""

from __future__ import annotations

import random
import re
from typing import Final, Literal

Language = Literal["python", "cpp", "yaml", "bash", "javascript"]

_NOUNS: Final[list[str]] = re.findall(
    r"\w+",
    "batch window index record buffer sample bucket ledger digest layer weight cursor worker signal session frame "
    "token metric policy shard reply packet parcel budget margin vector matrix column schema entry branch bundle "
    "quota lease tensor kernel replica segment partition checkpoint gradient horizon episode target source anchor",
)
_VERBS: Final[list[str]] = re.findall(
    r"\w+",
    "load read merge split drop keep fold scan rank pack trim sort send poll fetch apply check parse build count "
    "score store emit seal clip probe train reset flush replay resolve collect",
)
_ADJECTIVES: Final[list[str]] = re.findall(
    r"\w+", "open next last best raw stale fresh local total spare late first empty active pending shared"
)


def identifier(draw: random.Random) -> str:
    """A name as a programmer gives it."""
    return f"{draw.choice(_VERBS)}_{draw.choice(_ADJECTIVES)}_{draw.choice(_NOUNS)}"


def snippet(draw: random.Random, language: Language, number: int) -> str:
    """A block of code, with the newline that ends it.

    Args:
        draw: decides which shape, and what it is filled with.
        language: of the code.
        number: stands in it, so that blocks of different numbers differ.
    """
    filled: dict[str, str] = {"N": str(number)}

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name not in filled:
            filled[name] = _value(draw, name)
        return filled[name]

    return _PLACE.sub(fill, draw.choice(_SHAPES[language]))


_PLACE: Final = re.compile("«(.+?)»")
"""In a shape: `a1` a noun, `v1` a verb, `j1` an adjective, `C1` the name of a class, `i1` a whole number, `f1` a fraction,
`w1` some words, `N` the number of the block. The same place is filled alike throughout a block."""


def _value(draw: random.Random, name: str) -> str:
    match name[0]:
        case "a":
            return f"{draw.choice(_NOUNS)}{draw.choice(('', '', '_size', '_name', 's', '_id'))}"
        case "v":
            return draw.choice(_VERBS)
        case "j":
            return draw.choice(_ADJECTIVES)
        case "C":
            return draw.choice(_ADJECTIVES).capitalize() + draw.choice(_NOUNS).capitalize()
        case "i":
            return str(draw.choice((draw.randint(2, 9), draw.randint(10, 999), 2 ** draw.randint(3, 14))))
        case "f":
            return draw.choice((f"{draw.random():.3f}", f"{draw.randint(1, 9)}e-{draw.randint(2, 6)}"))
        case _:
            words = (draw.choice(_VERBS), "the", draw.choice(_ADJECTIVES), draw.choice(_NOUNS))
            return " ".join((*words, draw.choice(("first", "at once", "again", "of each run"))))


_PYTHON: Final = (
    '''\
import math
from collections import deque

class «C1»:
    """«w1»."""

    def __init__(self, «a1»: int = «N», «a2»: float = «f1») -> None:
        self.«a1» = «a1»
        self.«a2» = max(«a2», «f2»)
        self._«j1»: deque[float] = deque(maxlen=«i1»)

    def «v1»(self, «a3»: float) -> float | None:
        if not math.isfinite(«a3») or «a3» < -«i2»:
            raise ValueError(f"bad: {«a3»!r}")
        self._«j1».append(«a3» * self.«a2»)
        # «w3»
        return self.mean() if len(self._«j1») > «i3» else None

    def mean(self) -> float:
        total = sum(value**2 for value in self._«j1»)
        return math.sqrt(total / (len(self._«j1») or 1))
''',
    """\
import torch
from torch import nn, optim

torch.manual_seed(«N»)
«a1» = nn.Sequential(
    nn.Linear(«i1», «i2»), nn.GELU(), nn.Dropout(«f1»),
    nn.Linear(«i2», «i3», bias=False),
)
optimizer = optim.AdamW(«a1».parameters(), lr=«f2»)

for epoch in range(«i5»):
    for «a2», «a3» in «v1»_batches(epoch, shuffle=True):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(«a1»(«a2»), «a3»)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # (B, «i1») -> (B, «i3»)
        optimizer.step()
    if epoch % «i4» == 0:
        print(f"{epoch:>3} {loss.item():.4f}")
""",
    """\
from dataclasses import dataclass, field
from pathlib import Path

@dataclass(frozen=True, slots=True)
class «C1»:
    «a1»: str
    «a2»: tuple[int, ...] = («i1», «i2»)
    «a3»: dict[str, float] = field(default_factory=dict)

    @property
    def is_«j1»(self) -> bool:
        return self.«a1» != "" and «i3» in self.«a2»

    @classmethod
    def «v1»(cls, path: Path) -> "«C1»":
        lines = path.read_text("utf-8").splitlines()
        pairs = (line.split("=", 1) for line in lines)
        return cls(«a1»=path.stem, «a3»={name: float(x) for name, x in pairs})

«j2» = «C1»("«a4»-«N»", «a3»={"«a5»": -«f1»})
assert «j2».is_«j1» is False, "«w1»"
""",
    '''\
import asyncio
import logging

log = logging.getLogger(__name__)
LIMIT_«N» = asyncio.Semaphore(«i1»)

async def «v1»_«a1»(client, «a2»: int, *, retries: int = «i2») -> dict:
    """«w1»."""
    for attempt in range(retries):
        try:
            async with LIMIT_«N», asyncio.timeout(«i3»):
                reply = await client.get(f"/«a3»/{«a2»}?page={attempt}")
        except (TimeoutError, OSError) as error:
            log.warning("%s: %s", «a2», error)
            await asyncio.sleep(2**attempt * «f1»)
        else:
            return {"«a4»": reply.status}
    raise RuntimeError(f"no reply for {«a2»}")

async def main() -> None:
    await asyncio.gather(*(«v1»_«a1»(None, n) for n in range(«i4»)))
''',
    '''\
import numpy as np

rng = np.random.default_rng(«N»)

def «v1»_«a1»(«a2»: np.ndarray, width: int = «i1») -> np.ndarray:
    """«w1».

    Args:
        «a2»: shape (n, d).
        width: at least 1.
    """
    n, d = «a2».shape
    padded = np.pad(«a2», ((width, 0), (0, 0)))
    sums = np.cumsum(padded, axis=0)
    means = (sums[width:] - sums[:-width]) / width  # (n, d)
    spread = np.std(«a2» - means, axis=1, keepdims=True)
    return np.where(spread > «f1», («a2» - means) / spread, 0.0)

«a4» = rng.normal(loc=«f2», scale=«i2», size=(«i3», 8))
for quantile in np.quantile(«v1»_«a1»(«a4»), [0.05, 0.5, 0.95]):
    print(f"{quantile:+.3f}")
''',
    '''\
import sqlite3
from contextlib import closing
from functools import lru_cache

SCHEMA = """
create table if not exists «a1»_«N» (
    «a2» text not null, «a3» real default «f1»
)"""

@lru_cache(maxsize=«i1»)
def «v1»_«j1»(path: str, limit: int = «i2») -> list[tuple[str, float]]:
    query = "select * from «a1»_«N» where «a3» > ? limit ?"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        rows = connection.execute(query, («f2», limit)).fetchall()
    # «w1»
    return sorted(rows, key=lambda row: (-row[1], row[0]))

if __name__ == "__main__":
    for name, value in «v1»_«j1»("«a4».db"):
        print(name.ljust(«i3»), round(value, 2))
''',
    '''\
import pytest
from hypothesis import given, strategies as st

from «a1».«a2» import «v1», «v2», «C1»

CASES = [("", 0), ("«a3»", «i1»), ("«a3» «a4»", «i2»), ("\\n\\t", -1)]

@pytest.fixture(scope="module")
def «j1»(tmp_path_factory):
    folder = tmp_path_factory.mktemp("«a5»-«N»")
    yield «C1»(folder, size=0x«N»)
    assert not any(folder.iterdir())

@pytest.mark.parametrize(("text", "expected"), CASES)
def test_«v1»(«j1», text, expected):
    assert «v1»(«j1», text) == expected

@given(st.lists(st.integers(min_value=-«i3»), max_size=«i4»))
def test_«v2»_keeps_order(values):
    """«w2»."""
    assert list(«v2»(values)) == sorted(values, reverse=True)
''',
)

_CPP: Final = (
    """\
#include <algorithm>
#include <cstdint>
#include <vector>

// «w1»; «w2».
template <typename T, std::size_t kWidth = «i1»>
class «C1» final {
 public:
  explicit «C1»(std::vector<T> «a1») : «a1»_(std::move(«a1»)) {}

  [[nodiscard]] bool «v1»(const T& value) const noexcept {
    const auto found = std::lower_bound(«a1»_.begin(), «a1»_.end(), value);
    return found != «a1»_.end() && *found == value;
  }

  void «v2»(T value) {
    if («a1»_.size() >= kWidth) throw std::length_error("«a2» is full");
    «a1»_.insert(std::upper_bound(«a1»_.begin(), «a1»_.end(), value), value);
  }

 private:
  std::vector<T> «a1»_;
  std::uint64_t seed_ = 0x«N»ULL;
};
""",
    """\
#include <chrono>
#include <iostream>
#include <thread>

namespace «a1» {

constexpr double kRate = «f1»;
constexpr int kSteps = «N»;

/* «w1». */
double «v1»(const double* «a2», int n) {
  double sum = 0.0;
#pragma omp parallel for reduction(+ : sum)
  for (int i = 0; i < n; ++i) {
    sum += «a2»[i] * kRate - static_cast<double>(i % «i1»);
  }
  return n > 0 ? sum / n : -1.0;
}

}  // namespace «a1»

int main(int argc, char** argv) {
  double «a3»[«i2»] = {1.5, 2.25, -3e4};
  for (int step = 0; step < kSteps; step += «i3») {
    std::cout << "step " << step << ": " << «a1»::«v1»(«a3», «i2») << '\\n';
  }
}
""",
    """\
#include "«a1».h"

#define «j1»_LIMIT «i1»

struct «C1» {
  int «a2» = «N»;
  float «a3» = «f1»f;
  const char *name = "«a4»";
};

static auto «v1»(std::unordered_map<std::string, «C1»> &table,
                 const std::string &key) -> std::optional<«C1»> {
  auto it = table.find(key);
  if (it == table.end() || it->second.«a2» > «j1»_LIMIT) {
    return std::nullopt;  // «w1»
  }
  switch (it->second.«a2» % 3) {
    case 0: it->second.«a3» *= «f2»f; break;
    case 1: it->second.«a2» <<= 2; [[fallthrough]];
    default: std::fprintf(stderr, "%s: %d\\n", key.c_str(), «i2»);
  }
  return it->second;
}
""",
)

_YAML: Final = (
    """\
# «w1»
name: «a1»-«N»
on:
  push:
    branches: [main, "release/**"]
  schedule:
    - cron: "«i1» 3 * * 1"
env:
  «a2»: &shared
    retries: «i2»
    timeout: «i3»s
    rate: «f1»
jobs:
  «v1»-«a3»:
    runs-on: ubuntu-24.04
    needs: [«a4»]
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0, lfs: false}
      - name: «w2»
        run: |
          python -m pip install --upgrade «a5»
          pytest -q --maxfail=«i2» tests/«a6»
      - if: always()
        env: {<<: *shared, verbose: true}
        run: ./«v1».sh "«j1» «a3»" > report.txt
""",
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: «a1»-«a2»
  labels: {app: «a1», tier: "«j1»", build: '«N»'}
spec:
  replicas: «i1»
  strategy:
    type: RollingUpdate   # «w1»
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      containers:
        - name: «a3»
          image: example.org/«a1»/«a3»:«i2».«i3»
          args: ["--«v1»", "--rate=«f1»", --quiet]
          ports:
            - containerPort: «i4»
          resources:
            limits: {cpu: 500m, memory: «i5»Mi}
          readinessProbe:
            httpGet: {path: /«a4», port: «i4»}
            periodSeconds: «i6»
      terminationGracePeriodSeconds: «i7»
""",
    """\
%YAML 1.2
---
«a1»:
  seed: «N»
  «a2»: [«f1», «f2», .inf, ~]
  «a3»:
    kind: !!str «i1»
    path: ${HOME}/«a4»/«j1».parquet
    columns:
      - {name: «a5», type: float32, nullable: no}
      - {name: «a6», type: int64, nullable: yes}
train:
  optimizer: adamw
  lr: !lr «f3»
  schedule: >-
    «w1» and
    «w2»
  epochs: «i2»
  "early stop": {patience: «i3», 'min delta': «f2»}
eval:
  every: «i4»   # steps
  metrics: *metrics
  notes: |
    «w3»
...
""",
)

_BASH: Final = (
    """\
#!/usr/bin/env bash
# «w1»; «w2».
set -euo pipefail

readonly «a1»_LIMIT="${1:-«N»}"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

«v1»_«a2»() {
  local name="$1" count=0
  while IFS=, read -r key value _; do
    [[ "$key" =~ ^#|^$ ]] && continue
    if (( value > «i1» )); then
      printf '%s\\t%d\\n' "$key" "$value" >> "$folder/$name.tsv"
      count=$((count + 1))
    fi
  done < "data/$name.csv"
  echo "$name: $count of $«a1»_LIMIT" >&2
}

for name in «a3» «a4» «j1»-{1..«i2»}; do
  «v1»_«a2» "$name" || exit 1
done
sort -k2 -nr "$folder"/*.tsv | head -n «i3» | awk '{ print $1 }'
""",
    """\
#!/bin/sh
export «a1»_SEED=«N» PYTHONUNBUFFERED=1

case "${1:-}" in
  «v1»|-«v2»)
    shift
    python -m «a2».«v1» --lr «f1» --epochs «i1» "$@" | tee "logs/$(date +%F).log"
    ;;
  «v3»)
    # «w1»
    find . -name '*.«a3»' -mtime +«i2» -print0 | xargs -0 -r gzip -9
    curl -fsSL "https://example.org/«a4»?n=«i3»" | tar -xz -C "$HOME/.cache"
    ;;
  *)
    cat <<END
usage: $0 [«v1»|«v3»] [options]
  «w2»
END
    exit 2
    ;;
esac

test $? -eq 0 && echo "done in ${SECONDS:-?} s" || echo 'failed' >&2
wait; unset «a1»_SEED  # «j1»
""",
)

_JAVASCRIPT: Final = (
    """\
import { readFile } from "node:fs/promises";

const LIMIT = «N»;
const pattern = /^(\\w+)-(\\d{2,})$/giu;

/** «w1»; «w2». */
export class «C1» extends Map {
  #«a1» = «i1»;
  static empty = Object.freeze({ «a2»: null, rate: «f1» });

  async «v1»(path, { encoding = "utf8", ...rest } = {}) {
    const text = await readFile(path, { encoding, ...rest });
    for (const [, name, digits] of text.matchAll(pattern)) {
      this.set(name, (this.get(name) ?? 0) + Number(digits) % LIMIT);
    }
    return [...this.entries()].filter(([, value]) => value >= this.#«a1»);
  }

  get «j1»() {
    return `${this.size} of ${LIMIT}: ${[...this.keys()].join(", ")}`;
  }
}
""",
    """\
// «w1»
const state = { «a1»: [], «a2»: «i1», «j1»: false, seed: «N» };

function «v1»(«a3», options = {}) {
  const { delay = «i2», signal } = options;
  if (!Array.isArray(«a3») || signal?.aborted) return undefined;
  return «a3»
    .map((item, index) => ({ ...item, index, weight: item.size ** 2 / «i3» }))
    .sort((a, b) => b.weight - a.weight || a.name.localeCompare(b.name))
    .slice(0, delay >>> 1);
}

document.querySelector("#«a4»")?.addEventListener("click", (event) => {
  event.preventDefault();
  try {
    state.«a1».push(...«v1»(JSON.parse(event.target.dataset.«j1»)));
  } catch (error) {
    console.error(`«w2»: ${error.message}`);
  } finally {
    window.setTimeout(() => (state.«j1» = !state.«j1»), «i2»);
  }
}, { once: true });
""",
)

_SHAPES: Final[dict[Language, tuple[str, ...]]] = {
    "python": _PYTHON,
    "cpp": _CPP,
    "yaml": _YAML,
    "bash": _BASH,
    "javascript": _JAVASCRIPT,
}
