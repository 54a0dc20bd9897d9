#!/bin/sh
# Sets up a machine with Debian 12 or 13: Postgres, Redis, two instances, nginx with TLS, daily backups. Run it as
# root from the folder of a release, for a host whose DNS entry leads to this machine:
#
#   /opt/freshkey/0.2.0/deploy/install.sh example.com
#   /opt/freshkey/0.2.0/deploy/install.sh --sqlite example.com     one instance on SQLite, without Postgres and Redis
#
# It says what it is doing and does not change what exists: if a step fails, fix the cause and run it again. To use your own
# certificate, put it into /etc/letsencrypt/live/HOST first. docs/deployment.md lists what the script sets up.
set -eu
umask 077
step() { printf 'install: %s\n' "$*" >&2; }
die() { step "$*" && exit 1; }

sqlite=
if [ "${1:-}" = --sqlite ]; then sqlite=yes && shift; fi
host=${1:-}
case $host in '' | *[!a-z0-9.-]*) die "name the host, and nothing else: install.sh example.com" ;; esac
[ "$(id -u)" = 0 ] || die "run it as root"
release=$(cd "$(dirname "$0")/.." && pwd)
name=$(basename "$release")
[ "$release" = "/opt/freshkey/$name" ] || die "unpack the release to /opt/freshkey"
[ ! -e /opt/freshkey/current ] || [ "$(readlink /opt/freshkey/current)" = "$name" ] ||
    die "$(readlink /opt/freshkey/current) is installed. docs/deployment.md has the steps of an update"
trap '[ $? = 0 ] || step "stopped. Mend what is said above, and run it again."' EXIT
cd /

ports="3001 3002" packages="nginx certbot openssl curl procps postgresql redis-server"
[ ! "$sqlite" ] || ports=3001 packages="nginx certbot openssl curl procps"
# shellcheck disable=SC2086
if ! dpkg -s $packages >/dev/null 2>&1; then
    step "packages: $packages"
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy $packages
fi

# put FILE [MODE]: writes standard input to FILE, completely or not at all; does not change an existing FILE.
put() {
    if [ -e "$1" ]; then cat >/dev/null && return; fi
    step "$1"
    cat >"$1.new"
    chmod "${2:-644}" "$1.new"
    [ -s "$1.new" ] && mv "$1.new" "$1"
}

[ -e /opt/freshkey/current ] || ln -s "$name" /opt/freshkey/current
id freshkey >/dev/null 2>&1 || useradd --system --home-dir /var/lib/freshkey --shell /usr/sbin/nologin freshkey
put /usr/local/sbin/freshkey 755 <"$release/deploy/freshkey.sh"

install -d -m 700 /etc/freshkey
openssl rand -base64 32 | put /etc/freshkey/root-secret 600
env=/etc/freshkey/freshkey.env
if [ "$sqlite" ]; then
    sed "/^DATABASE_URL=/d; /^REDIS_URL=/d; s/example\.com/$host/" "$release/deploy/freshkey.env" | put $env 600
elif [ ! -e $env ]; then
    step "the database"
    password=$(openssl rand -hex 24)
    postgres() { runuser -u postgres -- "$@"; }
    [ "$(postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'freshkey'")" ] || postgres createuser freshkey
    echo "ALTER ROLE freshkey PASSWORD '$password'" | postgres psql -q
    [ "$(postgres psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'freshkey'")" ] ||
        postgres createdb --owner=freshkey freshkey
    # The password is not on a command line, where every user of the machine could read it.
    echo "s/PASSWORD/$password/; s/example\.com/$host/" >/etc/freshkey/edit
    sed -f /etc/freshkey/edit "$release/deploy/freshkey.env" | put $env 600
    rm /etc/freshkey/edit
fi

for unit in "$release"/deploy/*.service "$release"/deploy/*.timer; do
    put "/etc/systemd/system/$(basename "$unit")" <"$unit"
done
systemctl daemon-reload
for port in $ports; do
    step "the instance on port $port"
    systemctl enable -q "freshkey@$port"
    systemctl start "freshkey@$port"
    curl -fsS --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$port/readyz" 2>/dev/null ||
        die "it is not ready: journalctl -u freshkey@$port says why"
done

if [ ! -e "/etc/letsencrypt/live/$host/fullchain.pem" ]; then
    step "a certificate for $host"
    certbot certonly --webroot -w /var/www/html -d "$host" --deploy-hook 'nginx -s reload'
fi
one_instance='s/^$//'
[ ! "$sqlite" ] || one_instance='/^# While an instance/,/^# groups/d; /^upstream without_/,/^}/d; /127\.0\.0\.1:3002/d; /if (-f/,/}/d'
sed "s/example\.com/$host/; $one_instance" "$release/deploy/nginx.conf" | put /etc/nginx/conf.d/freshkey.conf
nginx -qt || die "nginx does not take /etc/nginx/conf.d/freshkey.conf"
systemctl enable -q nginx
systemctl reload-or-restart nginx

install -d -m 700 -o freshkey -g freshkey /var/backups/freshkey
systemctl enable -q --now freshkey-backup.timer
[ "$(ls /var/backups/freshkey)" ] || systemctl start freshkey-backup

curl -fsS -o /dev/null --resolve "$host:443:127.0.0.1" "https://$host/readyz" ||
    die "the instances are ready, and https://$host is not. Is the certificate for this host?"
step "done: https://$host. Keep a copy of /etc/freshkey/root-secret elsewhere: no backup is of use without it."
step "Now: freshkey users create you@$host --admin --generate"
