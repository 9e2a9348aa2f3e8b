"""New sites, posts, pages and CI files, from `theme/starter/`."""
