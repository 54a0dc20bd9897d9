#!/bin/sh
# Restarts the instances behind nginx one by one, so that no request is lost: nginx.conf sends an instance nothing more while
# a file says so, the instance is restarted, and gets requests again when it is ready. As root:
#
#   deploy/roll.sh 3001 3002
#
# DOWN is what the name of the file begins with, before the port. RESTART is the command that restarts the instance whose
# port follows.
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
# What an earlier roll has left that was interrupted: nginx can pass over one instance at a time.
for port; do
    if [ -e "$down$port.down" ] && is_ready "$port"; then rm "$down$port.down"; fi
done
for port; do
    # The others have to do its work.
    for other; do [ "$other" = "$port" ] || ready "$other"; done
    touch "$down$port.down"
    sleep 1 # what nginx has decided already arrives
    $restart"$port"
    ready "$port"
    rm "$down$port.down"
    echo "roll: the instance on port $port runs again"
done
