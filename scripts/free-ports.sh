#!/usr/bin/env bash
# Prints different ports of this machine on which nothing listens:
#
#   scripts/free-ports.sh COUNT
set -euo pipefail

free=()
for _ in {1..200}; do
    ((${#free[@]} < $1)) || break
    # Below the ephemeral ports, which the system gives to outgoing connections.
    port=$((12000 + RANDOM % 20000))
    if ! (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then free[$port]=; fi
done
((${#free[@]} == $1)) || { echo "free-ports: there are no $1." >&2 && exit 1; }
echo "${!free[@]}"
