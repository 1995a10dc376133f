"""Masks extracts of production; the folder is packaged as it is, with `handler.handle` as its entry."""
