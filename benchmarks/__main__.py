"""Every benchmark, one after the other: ``python -m benchmarks``."""

from benchmarks import coding, forms, invariance, scales, sem

for part in (sem, invariance, scales, forms, coding):
    print(f"\n== {part.__name__}", flush=True)
    part.main()
