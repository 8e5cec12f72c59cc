#!/bin/sh
# Install what a few tests use beyond Python, where that is possible without asking: as root, with apt-get.
# Elsewhere those tests are skipped and say so.
set -u
missing=""
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not here:$missing; the tests that need them are skipped"
    exit 0
fi
echo "installing$missing (once)"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
(apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing) >/dev/null 2>&1 ||
    echo "could not install$missing; the tests that need them are skipped"
