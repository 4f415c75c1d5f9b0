#!/usr/bin/env bash
# From a clone to a running server: installs what is missing, builds, and starts Tidemark with the example service.
#   run.sh                  http://localhost:9090, until Ctrl-C
#   run.sh --build-only     stops after the build: build/release/bin/tidemark and tidectl
#   run.sh -- FLAGS         passes FLAGS to the server
set -euo pipefail
cd "$(dirname "$0")"

build_only=false
while [ $# -gt 0 ]; do
  case $1 in
    --build-only) build_only=true; shift ;;
    --) shift; break ;;
    *) echo "usage: run.sh [--build-only] [-- SERVER FLAGS]" >&2; exit 2 ;;
  esac
done

third_party/install.sh build example
[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build --preset release --target tidemark tidectl
if $build_only; then exit; fi

children=()
stop_all() {
  trap '' INT TERM
  # The server first, so that the example does not look as if it had failed.
  for ((i = ${#children[@]} - 1; i >= 0; --i)); do
    kill -TERM "${children[i]}" 2>/dev/null || true
    wait "${children[i]}" 2>/dev/null || true
  done
}
trap stop_all EXIT
trap 'exit 0' INT TERM

# Where the server will be, if FLAGS move it.
address=localhost:9090
for flag in "$@"; do
  case $flag in --web.listen-address=*) address=localhost:${flag##*:} ;; esac
done

# Debian's own Python: the one that its prometheus_client package is for.
/usr/bin/python3 docs/examples/webhook_printer.py &
children+=($!)
/usr/bin/python3 docs/examples/order_service.py &
children+=($!)
build/release/bin/tidemark --config.file=docs/examples/tidemark.yml --storage.tsdb.path=data "$@" &
children+=($!)
server=$!

until curl -fs -o /dev/null "http://$address/-/ready"; do
  kill -0 "$server" 2>/dev/null || { wait "$server"; exit; }
  sleep 0.1
done
cat <<TEXT

Tidemark is ready: http://$address
Try:  curl -s $address/api/v1/query --data-urlencode 'query=sum by (route) (rate(shop_requests_total[1m]))'
Stop the example service (pkill -f order_service.py) and see the alert fire; Ctrl-C stops everything.

TEXT
wait "$server"
