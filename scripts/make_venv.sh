#!/bin/sh
# make_venv.sh DIR LOCK: a virtual environment with the locked packages and surveykit itself.
# Debian keeps venv in a package of its own; where it is missing and may be installed, it is.
set -eu
dir=$1 lock=$2
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "surveykit needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "Name another one:  make PYTHON=python3.12 ..." >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && apt-get install -y -qq "$version"
    else
        echo "Python's venv module is missing. On Debian or Ubuntu:  sudo apt-get install $version" >&2
        exit 1
    fi
fi
[ -x "$dir/bin/python" ] || "$python" -m venv "$dir"
echo "Setting up $dir (once; about a minute) ..."
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
