"""ExecutedDocument to Page to RenderedFile. The only package that names Jinja; never starts a kernel."""
