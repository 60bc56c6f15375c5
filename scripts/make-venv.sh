#!/bin/sh
# Makes a virtual environment, or says in one line what is missing.
# usage: make-venv.sh PYTHON FOLDER
set -u
python=$1
folder=$2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Flightboard needs Python 3.11 or newer; '$python' is not. Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "'$python' can't make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 1
fi
echo "Creating $folder"
exec "$python" -m venv "$folder"
