"""Masks extracts of production and writes them to the staging database."""
