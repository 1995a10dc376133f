"""Rotation of the database secret."""
