#!/bin/sh
# Makes sure that PostgreSQL, Redis and nginx are there for `make test-servers`; installs Debian's where
# they are missing and may be. None of them is started: the tests start their own, in folders of their own.
set -u
missing=""
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing="postgresql"
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests with real servers (once):$missing" >&2
    # Debian starts what it installs; these are for the tests alone.
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] && policy="" || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; }
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    status=$?
    [ -n "$policy" ] && rm -f "$policy"
    exit $status
fi
echo "These tests need$missing: sudo apt-get install$missing" >&2
exit 1
