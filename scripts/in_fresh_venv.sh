#!/bin/sh
# in_fresh_venv.sh LOCK ARGS...: install LOCK and surveykit into a throw-away environment, then run python ARGS there.
set -eu
lock=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$lock"
"$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
"$dir/venv/bin/python" "$@"
