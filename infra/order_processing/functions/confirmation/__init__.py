"""Confirms orders from the queue."""
