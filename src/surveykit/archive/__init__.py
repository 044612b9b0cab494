"""Bundles with hashes, claims, verdicts."""
