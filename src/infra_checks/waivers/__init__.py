"""Waivers of policy packs and of resources' metadata, and other tools' suppressions."""
