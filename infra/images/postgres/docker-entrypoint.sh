#!/bin/sh
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS and PGDATA mean what they mean
# to the official image.
set -eu
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

# initdb wants to know its user by name, and a container may run as any number.
if ! getent passwd "$(id -u)" >/dev/null; then
    export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
    echo "postgres:x:$(id -u):$(id -g)::/tmp:/bin/sh" >"$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
fi

make_cluster() {
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "POSTGRES_PASSWORD is not set" >&2
        exit 1
    fi
    echo "$POSTGRES_PASSWORD" >/tmp/password
    # shellcheck disable=SC2086 - several arguments
    initdb --username "$user" --pwfile /tmp/password --auth scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
        # By the server alone, without a port that somebody could take for the real one.
        echo "create database \"$database\"" |
            postgres --single -D "$PGDATA" -c listen_addresses= postgres >/dev/null
    fi
}

if [ "${1:-postgres}" = postgres ]; then
    [ -s "$PGDATA/PG_VERSION" ] || make_cluster
    case " $* " in
    *" -c listen_addresses="* | *" -c config_file="*) ;;
    *) set -- "$@" -c "listen_addresses=*" ;;
    esac
fi
exec "$@"
