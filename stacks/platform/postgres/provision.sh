#!/bin/sh
# One role for each application and the databases it owns. Running it again changes nothing but a
# password that was changed in 1Password.
set -eu

PGPASSWORD=$(cat /secrets/superuser)
export PGPASSWORD
until pg_isready -q; do sleep 2; done

# role, then its databases
while read -r role databases; do
    psql -X -q -v ON_ERROR_STOP=1 -v role="$role" <<'SQL'
\set password `cat /secrets/:role`
SELECT format('CREATE ROLE %I LOGIN', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SQL
    for database in $databases; do
        psql -X -q -v ON_ERROR_STOP=1 -v role="$role" -v database="$database" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL
    done
    echo "$role owns $databases"
done <<'LIST'
grafana  grafana
sonarr   sonarr-main sonarr-log
radarr   radarr-main radarr-log
prowlarr prowlarr-main prowlarr-log
seerr    seerr
LIST
