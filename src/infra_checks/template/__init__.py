"""Template text to nodes with places; knows nothing of rules or findings."""
