#!/bin/sh
# Sets up a machine with Debian 12 or 13: Postgres, Redis, two instances, nginx with TLS, daily backups. As root, out of the
# folder of a release, for a host whose DNS entry leads to this machine:
#
#   /opt/freshkey/0.2.0/deploy/install.sh example.com
#
# It says what it is doing, and leaves alone what is there: where a step fails, mend it and run it again. A certificate of
# your own goes to /etc/letsencrypt/live/HOST before.
set -eu
ports="3001 3002"
step() { printf 'install: %s\n' "$*" >&2; }
die() { step "$*" && exit 1; }
trap '[ $? = 0 ] || step "stopped. Mend what is said above, and run it again."' EXIT

[ $# -eq 1 ] || die "name the host: install.sh example.com"
[ "$(id -u)" = 0 ] || die "run it as root"
host=$1
release=$(cd "$(dirname "$0")/.." && pwd)
case $release in /opt/freshkey/*) ;; *) die "unpack the release to /opt/freshkey" ;; esac
cd /

packages="nginx postgresql redis-server certbot openssl curl procps"
# shellcheck disable=SC2086
if ! dpkg -s $packages >/dev/null 2>&1; then
    step "packages: $packages"
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy $packages
fi

step "the release $(basename "$release"), and the command freshkey"
id freshkey >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/freshkey --shell /usr/sbin/nologin freshkey
[ -e /opt/freshkey/current ] || ln -s "$(basename "$release")" /opt/freshkey/current
install -m 755 "$release/deploy/freshkey.sh" /usr/local/sbin/freshkey

install -d -m 700 /etc/freshkey
if [ ! -e /etc/freshkey/root-secret ]; then
    step "a root secret: keep a copy of /etc/freshkey/root-secret elsewhere, no backup is of use without it"
    openssl rand -base64 32 | install -m 600 /dev/stdin /etc/freshkey/root-secret
fi
if [ ! -e /etc/freshkey/freshkey.env ]; then
    step "a database, and the settings: /etc/freshkey/freshkey.env"
    password=$(openssl rand -hex 24)
    postgres() { runuser -u postgres -- "$@"; }
    [ "$(postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'freshkey'")" ] || postgres createuser freshkey
    echo "ALTER ROLE freshkey PASSWORD '$password'" | postgres psql -q
    [ "$(postgres psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'freshkey'")" ] ||
        postgres createdb --owner=freshkey freshkey
    sed "s/PASSWORD/$password/; s/example\.com/$host/" "$release/deploy/freshkey.env" |
        install -m 600 /dev/stdin /etc/freshkey/freshkey.env
fi

step "the instances"
cp "$release"/deploy/*.service "$release"/deploy/*.timer /etc/systemd/system
systemctl daemon-reload
for port in $ports; do
    systemctl enable -q "freshkey@$port"
    systemctl start "freshkey@$port"
    curl -fsS --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$port/readyz" 2>/dev/null ||
        die "the instance on port $port is not ready: journalctl -u freshkey@$port says why"
done

if [ ! -e "/etc/letsencrypt/live/$host/fullchain.pem" ]; then
    step "a certificate for $host"
    certbot certonly --webroot -w /var/www/html -d "$host" --deploy-hook 'nginx -s reload'
fi
if [ ! -e /etc/nginx/conf.d/freshkey.conf ]; then
    step "nginx: /etc/nginx/conf.d/freshkey.conf"
    sed "s/example\.com/$host/" "$release/deploy/nginx.conf" >/etc/nginx/conf.d/freshkey.conf
    nginx -qt || { rm /etc/nginx/conf.d/freshkey.conf && die "nginx does not take it"; }
fi
systemctl enable -q nginx
systemctl reload-or-restart nginx

step "daily backups, kept for two weeks: /var/backups/freshkey"
install -d -m 700 -o freshkey -g freshkey /var/backups/freshkey
systemctl enable -q --now freshkey-backup.timer
ls /var/backups/freshkey/* >/dev/null 2>&1 || systemctl start freshkey-backup

curl -fsS -o /dev/null --resolve "$host:443:127.0.0.1" "https://$host/readyz" ||
    die "the instances are ready, and https://$host is not: does nginx have the certificate of this host"
step "done. Now: freshkey users create you@$host --admin --generate"
