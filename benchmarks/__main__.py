"""Every benchmark, one after the other: ``python -m benchmarks``."""

from benchmarks import forms, invariance, scales, sem

for part in (sem, invariance, scales, forms):
    print(f"\n== {part.__name__}", flush=True)
    part.main()
