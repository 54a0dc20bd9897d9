#!/bin/sh
# Restarts the instances behind nginx one by one, without losing a request. For each, it makes a file by which nginx.conf skips
# the instance, restarts it, and removes the file when the instance is ready. Run it as root:
#
#   deploy/roll.sh 3001 3002
#
# DOWN is the beginning of the file's name, before the port. RESTART is the command that restarts an instance; the port is
# appended to it.
set -eu
down=${DOWN:-/run/freshkey-}
restart=${RESTART:-systemctl restart freshkey@}

is_ready() { curl -fsS -o /dev/null "http://127.0.0.1:$1/readyz" 2>/dev/null; }

ready() {
    for _ in $(seq 100); do
        if is_ready "$1"; then return 0; fi
        sleep 0.1
    done
    echo "roll: the instance on port $1 is not ready after 10 s" >&2
    exit 1
}

[ $# -gt 1 ] || { echo "roll: name the ports of two instances or more" >&2; exit 2; }
# Removes the files of an earlier, interrupted run: nginx can skip only one instance at a time.
for port; do
    if [ -e "$down$port.down" ] && is_ready "$port"; then rm "$down$port.down"; fi
done
for port; do
    # The other instances must be ready to take its requests.
    for other; do [ "$other" = "$port" ] || ready "$other"; done
    touch "$down$port.down"
    sleep 1 # requests that nginx has already routed arrive
    $restart"$port"
    ready "$port"
    rm "$down$port.down"
    echo "roll: the instance on port $port runs again"
done
