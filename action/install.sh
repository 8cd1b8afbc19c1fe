#!/usr/bin/env bash
# Finds the program, and says where it is in the output `program`.
#
# A release is downloaded from the repository that this action is of, checked against the release's list of checksums (and the one that the
# workflow gives), and its provenance is verified. The archive is kept in the runner's tool cache, which is no other run's to write on a host's own
# machines, and is checked again whenever it is used. The Actions cache is not used: any run of the default branch may write to it.
set -euo pipefail

fail() {
    echo "::error title=Freehold::$1"
    exit 2
}

main() {
    case $WITH_VERSION in
        installed) PROGRAM=$(command -v freehold) || fail "no freehold is on the PATH: install one in a step before, or leave out 'version'" ;;
        source) build ;;
        *) release ;;
    esac
    "$PROGRAM" --version
    echo "program=$PROGRAM" >>"$GITHUB_OUTPUT"
}

# Builds what this action's commit holds. Kept by that commit, which cannot be another one tomorrow.
build() {
    command -v cargo >/dev/null || fail "'version: source' needs cargo: install Rust in a step before"
    local place=$RUNNER_TEMP/freehold/source
    [[ ! ${ACTION_REF:-} =~ ^[0-9a-f]{40}$ ]] || place=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/freehold/source-$ACTION_REF
    PROGRAM=$place/bin/freehold
    [ -x "$PROGRAM" ] || cargo install --quiet --locked --path "$GITHUB_ACTION_PATH" --root "$place" || fail "cargo could not build freehold"
}

release() {
    choose_version
    choose_repository
    choose_target
    local archive=freehold-$VERSION-$TARGET.tar.gz place=$RUNNER_TEMP/freehold/release
    local kept=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/freehold/$VERSION
    mkdir -p "$kept" "$place"
    if [ -n "$WITH_SHA256" ]; then
        echo "$WITH_SHA256  $archive" >"$place/SHA256SUMS"
    else
        download SHA256SUMS "$place"
    fi
    is_sound "$place/SHA256SUMS" "$kept" "$archive" || download "$archive" "$kept"
    is_sound "$place/SHA256SUMS" "$kept" "$archive" || {
        rm -f "$kept/$archive"
        fail "$archive is not what its checksum says, and was deleted"
    }
    prove "$kept/$archive"
    tar -xzf "$kept/$archive" -C "$place"
    PROGRAM=$(find "$place" -type f -name freehold | head -n 1)
    [ -n "$PROGRAM" ] || fail "$archive holds no program"
}

# The workflow's, or the one that this commit of the action is.
choose_version() {
    VERSION=${WITH_VERSION#v}
    [ -n "$VERSION" ] || VERSION=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
    [[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "'version' is none: write it like 0.1.0, or 'source', or 'installed'"
}

# `owner/name` of this action. Some runners don't say it within composite actions: then it is read from where the action lies.
choose_repository() {
    REPOSITORY=${ACTION_REPOSITORY:-}
    [ -n "$REPOSITORY" ] || REPOSITORY=$(sed -n 's|.*/_actions/\([^/]*/[^/]*\)/.*|\1|p' <<<"$GITHUB_ACTION_PATH/")
    [[ $REPOSITORY =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] ||
        fail "which repository releases freehold is not known here: use 'version: source' or 'installed'"
}

choose_target() {
    case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
        Linux-X64) TARGET=x86_64-unknown-linux-gnu ;;
        Linux-ARM64) TARGET=aarch64-unknown-linux-gnu ;;
        macOS-X64) TARGET=x86_64-apple-darwin ;;
        macOS-ARM64) TARGET=aarch64-apple-darwin ;;
        *) fail "there is no release for this kind of machine: use 'version: source'" ;;
    esac
}

# download FILE FOLDER
download() {
    gh release download "v$VERSION" --repo "$REPOSITORY" --pattern "$1" --dir "$2" --clobber ||
        fail "release v$VERSION of $REPOSITORY has no $1 that can be read"
}

# is_sound SUMS FOLDER ARCHIVE: whether the archive is there and has the checksum that its line says.
is_sound() {
    local wanted
    wanted=$(awk -v name="$3" '$2 == name || $2 == "*" name { print $1; exit }' "$1")
    [[ $wanted =~ ^[0-9a-f]{64}$ ]] && [ -f "$2/$3" ] && [ "$(sum "$2/$3")" = "$wanted" ]
}

sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# That the archive was built by a workflow of that repository, for that version.
prove() {
    case $WITH_ATTESTATION in
        off) ;;
        required)
            gh attestation verify "$1" --repo "$REPOSITORY" --source-ref "refs/tags/v$VERSION" ||
                fail "who built release v$VERSION of $REPOSITORY cannot be proven; where the host has no attestations, write 'attestation: off'"
            ;;
        *) fail "'attestation' is 'required' or 'off'" ;;
    esac
}

main
