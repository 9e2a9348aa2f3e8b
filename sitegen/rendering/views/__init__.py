"""What templates and shortcodes see of the site and its pages: read-only, every read recorded."""
