"""Which cell holds which item; Excel forms."""
