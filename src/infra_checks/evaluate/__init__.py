"""Nodes to values: intrinsics, conditions, scenarios."""
