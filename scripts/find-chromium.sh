#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's where it is missing and may be.
set -u
find_it() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}
find_it && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests (once)" >&2
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    find_it && exit 0
fi
echo "The browser tests need Chromium: sudo apt-get install chromium (or name one: CHROMIUM=/path/to/it make test)" >&2
exit 1
