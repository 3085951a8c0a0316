#!/usr/bin/env bash
# Installs a fresh clone with a PATH on which there is no compiler, no make and no Python, and runs the main job there.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for tool in node npm npx git sh bash env uname dirname basename readlink sed cat rm mkdir ls; do
  ln -s "$(command -v "$tool")" "$work/bin/$tool"
done
git clone -q "$root" "$work/clone"
cd "$work/clone"
export PATH="$work/bin"
for tool in gcc g++ cc c++ clang make python3 python; do
  if command -v "$tool" >/dev/null; then echo "$tool is still on PATH"; exit 1; fi
done
npm install
if [ -e node_modules/mmap-io/build ]; then echo 'mmap-io was built without a compiler'; exit 1; fi
npm start
node dist/esm/cli.js doctor
