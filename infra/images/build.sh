#!/bin/sh
# Builds the images of the reference deployment: `build.sh PYTHON`, called by `make images`.
#
# The service's own image is made of wheels that requirements.lock knows by hash. The others stand
# in for official images where none can be pulled: Debian's packages, and programs built by Go.
# What has not changed since the last time is not done again.
set -eu
python=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -- "$here/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/golive/images
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$cache"

suite=bookworm
# Nobody reads manuals in a container, and Perl serves only scripts of packages.
leave_out='/usr/share/doc/* /usr/share/man/* /usr/share/locale/* /usr/share/info/* /usr/share/perl/*
/usr/lib/x86_64-linux-gnu/perl/* /usr/lib/x86_64-linux-gnu/gconv/* /usr/lib/python3*/pydoc_data/*
/var/cache/* /var/lib/apt/lists/* /var/log/*'

say() { printf 'golive: %s\n' "$*" >&2; }

exists() { docker image inspect "$1" >/dev/null 2>&1; }

# One image of Debian's packages, named by what is in it.
debian() {
    name=golive/base-$1
    shift
    tag=$(printf '%s' "$suite $* $leave_out" | sha256sum | cut -c1-12)
    base=$name:$tag
    exists "$base" && return
    if [ ! -f "$cache/$tag.tar" ]; then
        command -v mmdebstrap >/dev/null || {
            say "mmdebstrap is missing; as root: apt-get install mmdebstrap"
            exit 3
        }
        say "making $base of Debian's packages"
        packages=$(printf '%s,' "$@")
        # Said, because it would be inferred from how the name ends: a folder.
        mmdebstrap --quiet --variant=essential --format=tar --include="${packages%,}" "$suite" "$scratch/whole"
        set -f
        for path in $leave_out; do printf '.%s\n' "$path"; done >"$scratch/leave_out"
        set +f
        mkdir "$scratch/root"
        tar -xf "$scratch/whole" -C "$scratch/root" --exclude-from "$scratch/leave_out"
        tar -cf "$cache/$tag.part" -C "$scratch/root" .
        rm -rf "$scratch/root" "$scratch/whole"
        mv "$cache/$tag.part" "$cache/$tag.tar"
    fi
    docker import "$cache/$tag.tar" "$base" >/dev/null
}

# An image from its Dockerfile and what else was put into its context.
build() {
    name=$1
    shift
    cp -R "$here/$name/." "$scratch/$name"
    # The old builder is enough, and is there wherever Docker is.
    DOCKER_BUILDKIT=0 docker build --tag "golive/$name" "$@" "$scratch/$name" >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 1
    }
    bytes=$(docker image inspect --format '{{.Size}}' "golive/$name")
    say "golive/$name: $((bytes / 1000000)) MB"
}

context() {
    mkdir -p "$scratch/$1"
    echo "$scratch/$1"
}

docker version --format '{{.Server.Version}}' >/dev/null || {
    say "there is no Docker engine at ${DOCKER_HOST:-its usual address}"
    exit 3
}

debian python python3 ca-certificates tzdata
python_base=$base
debian servers postgresql-15 redis-server pgbouncer nginx-light libnss-wrapper
servers_base=$base

# The wheels of the service, whose hashes pip checks again in the image, and pip itself.
lock=$here/app/requirements.lock
wheels=$cache/wheels-$(sha256sum "$lock" | cut -c1-12)
if [ ! -d "$wheels" ]; then
    say "downloading the wheels of the service"
    rm -rf "$wheels.part"
    "$python" -m pip download --quiet --only-binary :all: --require-hashes --no-deps \
        --python-version 3.11 --implementation cp --dest "$wheels.part" -r "$lock"
    "$python" -m pip download --quiet --no-deps --dest "$wheels.part" pip
    mv "$wheels.part" "$wheels"
fi

code() {
    cp -R "$checkout/$1" "$2/"
    find "$2" -name __pycache__ -prune -exec rm -rf {} +
}

cp -R "$wheels" "$(context app)/wheels"
code reference_app "$(context app)"
build app --build-arg "BASE=$python_base"

code infra/gateway "$(context gateway)"
cp "$checkout/infra/__init__.py" "$(context gateway)/"
build gateway

for name in postgres redis pgbouncer nginx; do
    context "$name" >/dev/null
    build "$name" --build-arg "BASE=$servers_base"
done

# Where `golive doctor` found them, or put them.
"$python" - >"$scratch/programs" <<'END'
from golive.adapters.native.servers.provision import survey

for server in survey():
    if server.name in ("minio", "toxiproxy"):
        print(server.name, getattr(server, "path", ""))
END
while read -r name program; do
    [ -n "$program" ] || {
        say "$name is missing: golive doctor --fix"
        exit 3
    }
    cp "$program" "$(context "$name")/$name"
    build "$name"
done <"$scratch/programs"
