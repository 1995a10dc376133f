"""What rules speak of: resources, findings, rules."""
