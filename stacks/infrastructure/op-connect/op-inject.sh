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

# Under another name first and then moved, so that nobody reads half a file.
render() {
    op inject --force --in-file "$1" --out-file "$2.part" >/dev/null &&
        chown "$(stat -c %u:%g "$1")" "$2.part" &&
        chmod 0600 "$2.part" &&
        mv "$2.part" "$2"
}

# A reference that leads nowhere keeps no other file back; it fails the job at its end.
failed=0
for template in $(find /templates -type f); do
    name=${template#/templates/}
    if render "$template" "/out/$name"; then
        echo "rendered $name"
    else
        echo "NOT rendered $name" >&2
        failed=1
    fi
done
exit "$failed"
