"""Records of runs: their schema, their store, the ledger of metrics."""
