"""Every benchmark, one after the other: ``python -m benchmarks``."""

from benchmarks import coding, consistency, forms, invariance, scales, sem

for part in (sem, invariance, scales, forms, coding, consistency):
    print(f"\n== {part.__name__}", flush=True)
    part.main()
