"""Numbers only: arrays in, numbers out. NumPy and SciPy, nothing else."""
