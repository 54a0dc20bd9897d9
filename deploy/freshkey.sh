#!/bin/sh
# The commands of freshkey with the settings and the rights of the instances; install.sh makes it /usr/local/sbin/freshkey. What
# the unit sets by itself, its port above all, they do not know: `freshkey ready --site-addr 127.0.0.1:3001`.
exec systemd-run --quiet --collect --pipe --wait --uid=freshkey --property=EnvironmentFile=/etc/freshkey/freshkey.env \
    --property=LoadCredential=root-secret:/etc/freshkey/root-secret sh -c \
    'FRESHKEY_SECRET_FILE=$CREDENTIALS_DIRECTORY/root-secret exec /opt/freshkey/current/bin/freshkey "$@"' freshkey "$@"
