"""A model becomes boxes, arrows and labels: structure, then places, then drawing."""
