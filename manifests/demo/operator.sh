#!/bin/sh
# The demo's operator: looks for open gates and approves each with the ordinary command and a published, worthless key.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
state=$1
key=$state/demo-operator-key
oc() { "$OC_SUPERVISE_NODE" "$OC_SUPERVISE_BIN" "$@"; }

umask 077
cp "$here/operator_ed25519" "$key"
while :; do
  for gate in $(oc gate list --state-dir "$state" --ids); do
    oc gate show "$gate" --state-dir "$state"
    oc gate approve "$gate" --state-dir "$state" --by operator --key "$key" --note 'looked at the diff; Node 24 is what we run' || true
  done
  sleep 1
done
