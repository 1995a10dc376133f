"""Changes the token of the cache; the folder is packaged as it is, with `handler.handle` as its entry."""
