"""Takes, keeps and shows orders."""
