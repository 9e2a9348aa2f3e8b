"""Templates: found, compiled, given what they may call, and their errors told."""
