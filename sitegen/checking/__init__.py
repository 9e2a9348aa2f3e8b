"""`sitegen check`: what is wrong with a site that builds: links, anchors, pictures, ids, texts."""
