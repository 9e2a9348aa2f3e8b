"""The preview: watch, rebuild, reload."""
