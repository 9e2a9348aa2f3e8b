"""`sitegen import`: another generator's site, rewritten as one of ours; the other's files are only read."""
