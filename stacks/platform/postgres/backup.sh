#!/bin/sh
# Every night one compressed dump of each database and one of the roles; old ones go after a while.
set -eu
umask 077

PGPASSWORD=$(cat /secrets/superuser)
export PGPASSWORD

dump() {
    today=$(date +%F)
    databases=$(psql -XAtq -c 'SELECT datname FROM pg_database WHERE NOT datistemplate')
    for database in $databases; do
        # To a file first: a pipe into gzip would hide that pg_dump failed.
        pg_dump --create --file=/backups/.part "$database"
        gzip -f /backups/.part
        mv /backups/.part.gz "/backups/$today-$database.sql.gz"
    done
    # The roles come last: their file says that the night is complete.
    pg_dumpall --globals-only --file=/backups/.part
    gzip -f /backups/.part
    mv /backups/.part.gz "/backups/$today-roles.sql.gz"
    find /backups -name '*.sql.gz' -mtime "+$BACKUP_KEEP_DAYS" -exec rm {} +
    echo "dumped $(echo "$databases" | wc -l) databases"
}

until pg_isready -q; do sleep 2; done
# As `date` writes it. Not by printf, to which 08 is a broken octal number.
case $BACKUP_HOUR in
    ?) hour=0$BACKUP_HOUR ;;
    *) hour=$BACKUP_HOUR ;;
esac
# A platform without any dump gets one at once: until then this service does not count as healthy.
ls /backups/*-roles.sql.gz >/dev/null 2>&1 || dump
while true; do
    if [ "$(date +%H)" = "$hour" ] && [ ! -e "/backups/$(date +%F)-roles.sql.gz" ]; then
        dump
    fi
    sleep 300
done
