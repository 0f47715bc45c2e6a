"""Files in, memberships out."""
