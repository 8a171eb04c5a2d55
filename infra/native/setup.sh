#!/bin/sh
# Makes the virtual environment hold what the lock file says: `setup.sh PYTHON FOLDER`.
# Does nothing when it does already. What a bare Debian lacks (venv and pip are packages of their
# own there) is installed as root, replaced by a pip that is there, or said.
set -eu
python=$1
folder=$2
stamp=$folder/.golive-ready

say() { printf 'golive: %s\n' "$*" >&2; }

require_python() {
    if ! command -v "$python" >/dev/null 2>&1; then
        say "there is no $python on PATH; install Python 3.11 or newer, or: make PYTHON=/path/to/python3"
        exit 3
    fi
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "$python is $("$python" -V 2>&1), and 3.11 or newer is needed: make PYTHON=/path/to/python3.11"
        exit 3
    fi
}

# Programs of an environment name its path: one that was moved or copied does not work. The path
# is that without symbolic links, however we came here.
is_whole() {
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 &&
        grep -qF "$(pwd -P)/$folder" "$folder/bin/pip"
}

make_environment() {
    say "making $folder with $("$python" -V 2>&1)"
    rm -rf "$folder"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$folder"
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing the Debian package python3-venv"
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv >/dev/null
        "$python" -m venv "$folder"
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip "$folder"
        # The pip of the system puts one of its own kind into the new environment.
        "$python" -m pip --python "$folder/bin/python" install --quiet pip
    else
        say "$python has neither ensurepip nor pip; as root: apt-get install python3-venv"
        exit 3
    fi
}

install_packages() {
    say "installing the locked packages into $folder"
    pip="$folder/bin/python -m pip install --quiet --disable-pip-version-check"
    $pip --require-hashes -r requirements.lock
    $pip --no-deps --no-build-isolation -e .
}

wanted=$(cat requirements.lock pyproject.toml | sha256sum)
if is_whole && [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ]; then
    exit 0
fi
if ! is_whole; then
    require_python
    make_environment
fi
rm -f "$stamp"
install_packages
echo "$wanted" >"$stamp"
