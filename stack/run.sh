#!/bin/sh
# Runs a script of this folder with the Node.js that npm installs; says so where it has not.
if ! [ -d node_modules/@breakwater ]; then
  echo 'Nothing is installed here yet. Run "npm ci" first; it takes a minute, once.' >&2
  exit 1
fi
script=$1
shift
exec node "stack/src/$script.ts" "$@"
