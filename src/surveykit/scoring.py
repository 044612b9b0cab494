"""Reverse keying and the missing-item rule: answers become scale scores."""
