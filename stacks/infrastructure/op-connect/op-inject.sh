#!/bin/sh
# Fills every template of /templates with values from 1Password and puts the result into /out.
# Each stack that needs secrets runs this once per deploy, as the service `secrets`.
#
# A template is a Swarm config; its owner inside this container says which user will read the
# result. The result is readable by that user alone.
set -eu
umask 077

OP_CONNECT_TOKEN=$(cat /run/secrets/op_connect_token)
export OP_CONNECT_TOKEN

for template in /templates/*; do
    name=${template##*/}
    # Rendered beside its place and then moved, so that nobody reads half a file.
    op inject --force --in-file "$template" --out-file "/out/.$name" >/dev/null
    chown --reference="$template" "/out/.$name"
    chmod 0400 "/out/.$name"
    mv "/out/.$name" "/out/$name"
    echo "rendered $name"
done
