#!/usr/bin/env bash
# Installs those packages of packages.txt that are missing: install.sh SECTION...
# Needs root (or sudo) only when something is missing, and starts no service of what it installs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

wanted=()
while read -r package section _; do
  case " $* " in *" $section "*) wanted+=("$package") ;; esac
done < <(grep -vE '^\s*(#|$)' "$here/packages.txt")

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' 2>/dev/null |
  awk '$1 == "ii" { sub(/:.*/, "", $2); print $2 }')
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "installing: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "these packages are missing and installing them needs root: ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi
# Package scripts ask policy-rc.d before they start a service; 101 is "not now". Left as it was after.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
  "${root[@]}" chmod +x "$policy"
  trap '"${root[@]}" rm -f "$policy"' EXIT
fi
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
