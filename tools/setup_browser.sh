#!/usr/bin/env bash
# Install what the browser tests need from Debian's packages, unless it is there: Chromium, and
# npm, which brings the accessibility checker.
set -euo pipefail

missing=()
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || missing+=(chromium)
command -v npm >/dev/null 2>&1 || missing+=(npm)
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup-browser: $browser and $(command -v npm) are there"
  exit 0
fi

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null 2>&1 || ! "${as_root[@]}" true 2>/dev/null; then
  echo "setup-browser: needs apt-get and root; install ${missing[*]} by hand" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
wait_for_lock=(-o DPkg::Lock::Timeout=300 -qq)
if ! { "${as_root[@]}" apt-get "${wait_for_lock[@]}" update &&
  "${as_root[@]}" apt-get "${wait_for_lock[@]}" install -y --no-install-recommends "${missing[@]}"; } >/dev/null; then
  echo "setup-browser: apt-get could not install ${missing[*]} (no network?); run the same command again later" >&2
  exit 1
fi
echo "setup-browser: installed ${missing[*]}"
