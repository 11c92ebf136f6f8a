#!/usr/bin/env bash
# Installs what is missing of the named Debian packages, and says so. Used by examples/demo.sh and tests/run.sh.
set -euo pipefail
missing=()
if command -v dpkg-query >/dev/null; then
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
else
  echo "This is not a Debian system; make sure that you have the equivalents of: $*" >&2
fi
[ ${#missing[@]} -gt 0 ] || exit 0
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Missing packages, and no sudo to install them with: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
  [ -t 0 ] || sudo=(sudo -n)
fi
echo "Installing through apt-get: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quietly() { local out; out=$("$@" 2>&1) || { echo "$out" >&2; return 1; }; }
quietly "${sudo[@]}" apt-get update -q
quietly "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
