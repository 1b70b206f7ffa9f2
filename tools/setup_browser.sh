#!/usr/bin/env bash
# Install Debian's Chromium for the browser tests, unless there is one already.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then
    echo "setup-browser: $(command -v "$name") is there"
    exit 0
  fi
done

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null 2>&1 || ! "${as_root[@]}" true 2>/dev/null; then
  echo "setup-browser: needs apt-get and root; install Chromium by hand (the browser tests are left out without it)" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
wait_for_lock=(-o DPkg::Lock::Timeout=300 -qq)
if ! { "${as_root[@]}" apt-get "${wait_for_lock[@]}" update &&
  "${as_root[@]}" apt-get "${wait_for_lock[@]}" install -y --no-install-recommends chromium; } >/dev/null; then
  echo "setup-browser: apt-get could not install chromium (no network?); run the same command again later" >&2
  exit 1
fi
echo "setup-browser: installed $(command -v chromium)"
