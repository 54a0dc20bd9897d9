#!/usr/bin/env bash
# Prints ports of this machine, all different, on which nobody listens:
#
#   scripts/free-ports.sh COUNT
set -euo pipefail

free=()
for _ in {1..200}; do
    ((${#free[@]} < $1)) || break
    # Below those that a system gives to whoever connects.
    port=$((12000 + RANDOM % 20000))
    if ! (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then free[$port]=; fi
done
((${#free[@]} == $1)) || { echo "free-ports: there are no $1." >&2 && exit 1; }
echo "${!free[@]}"
