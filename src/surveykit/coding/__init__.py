"""Interview evidence: codes, agreement, proposition matrix."""
