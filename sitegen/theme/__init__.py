"""The built-in templates, styles and scripts: data, found through this package."""
