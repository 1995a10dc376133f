"""Policy packs: which rules run, how severe they are, what is pinned."""
