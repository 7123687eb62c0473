#!/bin/sh
# Makes the demo's remote: a bare repository with one commit of the sample project. Does nothing if it is there.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
remote=$1
[ ! -d "$remote" ] || exit 0

export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@localhost GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@localhost

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/project/." "$work/tree"
git -C "$work/tree" init -q -b main
git -C "$work/tree" add -A
git -C "$work/tree" commit -q -m 'The sample project'
git clone -q --bare "$work/tree" "$work/remote.git"
git --git-dir="$work/remote.git" remote remove origin
mkdir -p "$(dirname -- "$remote")"
mv "$work/remote.git" "$remote"
echo "made $remote"
