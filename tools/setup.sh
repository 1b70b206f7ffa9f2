#!/usr/bin/env bash
# Make .venv hold what requirements.txt and constraints.txt say, and nothing half done.
# A stamp with the hash of both is written last: while it is missing, the next call goes on.
# PYTHON=... chooses the interpreter, PIP_ARGS=... is handed to pip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
stamp=$venv/.course-requirements
log=$venv/install.log
wanted=$(cat requirements.txt constraints.txt rnncourse/fetch.py | sha256sum | cut -c1-64)

fail() { echo "setup: $*" >&2; exit 1; }
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

if [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && fits $venv/bin/python; then
  exit 0
fi

candidates=${PYTHON:-python3.11 python3.12 python3.13 python3}

find_python() {
  local candidate
  for candidate in $candidates; do
    if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

versions() {
  local candidate found=""
  for candidate in $candidates; do
    found+="${found:+, }$candidate: $("$candidate" --version 2>/dev/null || echo none)"
  done
  echo "$found"
}

# A virtual environment counts if its Python runs, is new enough, and has pip.
if ! { fits $venv/bin/python && $venv/bin/python -m pip --version >/dev/null 2>&1; }; then
  python=$(find_python) || fail "needs Python 3.11, 3.12 or 3.13, found $(versions); install python3.11, or say where it is: make setup PYTHON=/path/to/python3.11"
  free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
  [ "$free" -ge 5 ] || fail "needs 5 GB of disk for the environment, $free GB are free here"
  [ ! -e $venv ] || echo "setup: $venv is unusable (half made, or its Python is gone); making it anew"
  "$python" -m venv --clear $venv >/dev/null || fail "'$python -m venv' does not work; on Debian or Ubuntu: apt install $(basename "$python")-venv"
fi

echo "setup: installing the pinned requirements into $venv (4 GB; some minutes the first time)"
bar=on
[ -t 1 ] || bar=off
install() {
  # shellcheck disable=SC2086
  $venv/bin/python -m pip install --disable-pip-version-check --retries 2 --timeout 20 \
    --progress-bar "$bar" --log "$log" --quiet "$@" ${PIP_ARGS:-}
}
fetch() {
  # shellcheck disable=SC2086
  $venv/bin/python -m rnncourse.fetch --disable-pip-version-check --retries 2 --timeout 20 --log "$log" ${PIP_ARGS:-}
}
rm -f "$log"
if ! { install -r requirements.txt -c constraints.txt && install --no-deps --no-build-isolation -e . && fetch; } 2>"$venv/install.err"; then
  if grep -qE 'NewConnectionError|ConnectTimeout|name resolution|Network is unreachable|ProxyError' "$log"; then
    fail "no package index could be reached; check the network (or proxy) and run the same command again, it goes on from here"
  fi
  if grep -q 'No space left on device' "$log"; then
    fail "the disk is full; free some GB and run the same command again"
  fi
  grep -E '^(ERROR|  ERROR)' "$venv/install.err" | head -n 5 >&2 || true
  fail "pip could not install everything; the whole story is in $log"
fi
echo "$wanted" >$stamp.part && mv $stamp.part $stamp
echo "setup: done"
