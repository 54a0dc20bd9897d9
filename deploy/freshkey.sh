#!/bin/sh
# Runs freshkey's commands with the settings and rights of the instances; install.sh installs it as /usr/local/sbin/freshkey.
# The commands do not know what the unit itself sets, such as the port: `freshkey ready --site-addr 127.0.0.1:3001`.
exec systemd-run --quiet --collect --pipe --wait --uid=freshkey --property=EnvironmentFile=/etc/freshkey/freshkey.env \
    --property=LoadCredential=root-secret:/etc/freshkey/root-secret sh -c \
    'FRESHKEY_SECRET_FILE=$CREDENTIALS_DIRECTORY/root-secret exec /opt/freshkey/current/bin/freshkey "$@"' freshkey "$@"
