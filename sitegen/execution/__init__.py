"""Document to ExecutedDocument: keys, kernels, devices. Jupyter is imported only when a cell must run."""
