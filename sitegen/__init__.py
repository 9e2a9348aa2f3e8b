"""sitegen: a static-site generator for an ML portfolio and blog whose code really runs.

This module imports nothing, so that `sitegen --help` stays quick.
"""

__version__ = "0.1.0"
