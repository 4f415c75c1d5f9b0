#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test through CTest.
#   test.sh              all: the release build, then the sanitizer builds of the concurrent and parsing parts, then the
#                        fuzz corpora
#   test.sh --quick      the release build only
set -euo pipefail
cd "$(dirname "$0")"

quick=false
for argument in "$@"; do
  case $argument in
    --quick) quick=true ;;
    *) echo "usage: test.sh [--quick]" >&2; exit 2 ;;
  esac
done

third_party/install.sh build test example

# The real Prometheus, to compare with. Tests that need it say that they skip where it cannot be had.
if [ ! -x build/peers/bin/prometheus ] && [ -f ../shared/tools/peers.sh ]; then
  bash ../shared/tools/peers.sh build/peers || echo "test.sh: no current Prometheus to compare with"
fi

run_preset() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  ctest --preset "$preset" -j 2 "$@"
}

run_preset release
if ! $quick; then
  # Unit tests only: what runs a whole server has been run above, and sanitizers make it slow, not stricter. For the
  # same reason the crash test is shorter.
  export TIDEMARK_CRASH_ROUNDS=${TIDEMARK_CRASH_ROUNDS:-25}
  run_preset asan-ubsan -L unit
  run_preset tsan -L unit
fi
