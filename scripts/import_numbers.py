"""Import every module of the numerical layer; fails if anything but NumPy and SciPy is asked for."""

from __future__ import annotations

import pkgutil
import sys

import surveykit.estimation

ALLOWED = {"numpy", "scipy", "threadpoolctl", "surveykit"}
count = 0
for module in pkgutil.walk_packages(surveykit.estimation.__path__, "surveykit.estimation."):
    __import__(module.name)
    count += 1
third_party = {
    name.partition(".")[0]
    for name, module in sys.modules.items()
    if "site-packages" in (getattr(module, "__file__", None) or "")
} - ALLOWED
outside = {name for name in third_party if not name.startswith(("_", "sitecustomize", "distutils"))}
if outside:
    sys.exit(f"the numerical layer imported {sorted(outside)}")
print(f"{count} modules of surveykit.estimation imported with NumPy and SciPy alone")
