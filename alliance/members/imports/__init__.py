"""Imports files of memberships."""
