"""The page of all changes. The feed for programs is registry.history.feed."""
