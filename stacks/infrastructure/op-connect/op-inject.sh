#!/bin/sh
# Fills every template below /templates with values from 1Password and puts the result at the same
# place below /out.
# Each stack that needs secrets runs this once per deploy, as the service `secrets`.
#
# A template is a Swarm config; its owner inside this container says which user will read the
# result. The result belongs to that user alone.
set -eu
umask 077

OP_CONNECT_TOKEN=$(cat /run/secrets/op_connect_token)
export OP_CONNECT_TOKEN

find /templates -type f | while read -r template; do
    result=/out${template#/templates}
    # Rendered under another name and then moved, so that nobody reads half a file.
    op inject --force --in-file "$template" --out-file "$result.part" >/dev/null
    chown "$(stat -c %u:%g "$template")" "$result.part"
    chmod 0600 "$result.part"
    mv "$result.part" "$result"
    echo "rendered ${result#/out/}"
done
