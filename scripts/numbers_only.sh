#!/bin/sh
# The numerical layer in an environment that has NumPy, SciPy and threadpoolctl, and nothing else:
# the proof that `estimation` needs nothing from above.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
grep -E '^(numpy|scipy|threadpoolctl)==' requirements.lock | sed 's/\\$//' > "$dir/wanted"
"$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$dir/wanted"
mkdir "$dir/site" && cp -r src/surveykit "$dir/site/surveykit"
PYTHONPATH="$dir/site" "$dir/venv/bin/python" scripts/import_numbers.py
