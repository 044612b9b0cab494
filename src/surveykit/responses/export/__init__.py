"""Responses in the formats of others: a package, since each format is a page and none needs another."""
