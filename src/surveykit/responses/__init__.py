"""Returned workbooks become checked responses with provenance."""
