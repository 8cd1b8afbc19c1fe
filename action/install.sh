#!/usr/bin/env bash
# Finds the program, and says where it is in the output `program`.
#
# A release is downloaded from the repository that this action is of, checked against the release's list of checksums (and the one that the
# workflow gives), and its provenance is verified. The archive is kept in the runner's tool cache, which other runs may write to where machines are
# one's own: what is checked and unpacked is a copy that is this run's alone. The Actions cache is not used: any run of the default branch may write to it.
set -euo pipefail

fail() {
    echo "::error title=Freehold::$1"
    exit 2
}

main() {
    local tool
    for tool in git jq gh; do
        command -v "$tool" >/dev/null || fail "$tool is missing on this runner: install it in a step before"
    done
    mkdir -p "$RUNNER_TEMP/freehold"
    PLACE=$(mktemp -d "$RUNNER_TEMP/freehold/program.XXXXXX")
    case $WITH_VERSION in
        installed) PROGRAM=$(command -v freehold) || fail "no freehold is on the PATH: install one in a step before, or leave out 'version'" ;;
        source) build ;;
        *) release ;;
    esac
    "$PROGRAM" --version || fail "the program does not run on this machine"
    echo "program=$PROGRAM" >>"$GITHUB_OUTPUT"
}

# Builds what this action's commit holds, each time: a kept program could be anybody's. Cargo is started in the action's folder, because in the
# checkout a `rust-toolchain.toml` says which program `cargo` is.
build() {
    command -v cargo >/dev/null || fail "'version: source' needs cargo: install Rust in a step before"
    PROGRAM=$PLACE/bin/freehold
    (cd "$GITHUB_ACTION_PATH" && cargo install --quiet --locked --path . --root "$PLACE") || fail "cargo could not build freehold"
}

release() {
    choose_version
    choose_repository
    choose_target
    local name=freehold-$VERSION-$TARGET
    local archive=$name.tar.gz kept=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/freehold/$VERSION
    if [ -n "$WITH_SHA256" ]; then
        echo "$WITH_SHA256  $archive" >"$PLACE/SHA256SUMS"
    else
        download SHA256SUMS "$PLACE"
    fi
    [ ! -f "$kept/$archive" ] || cp -- "$kept/$archive" "$PLACE/$archive"
    is_sound "$archive" || {
        download "$archive" "$PLACE"
        is_sound "$archive" || fail "$archive is not what its checksum says"
        mkdir -p "$kept" && cp -- "$PLACE/$archive" "$kept/$archive"
    }
    prove "$PLACE/$archive"
    tar -xzf "$PLACE/$archive" -C "$PLACE"
    PROGRAM=$PLACE/$name/freehold
    [ -f "$PROGRAM" ] && [ ! -L "$PROGRAM" ] || fail "$archive holds no program"
    [ "$("$PROGRAM" --version)" = "freehold $VERSION" ] || fail "the program of $archive is not freehold $VERSION"
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

# is_sound ARCHIVE: whether the archive is there and has the checksum that its line says.
is_sound() {
    local wanted
    wanted=$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1; exit }' "$PLACE/SHA256SUMS")
    [[ $wanted =~ ^[0-9a-f]{64}$ ]] && [ -f "$PLACE/$1" ] && [ "$(sum "$PLACE/$1")" = "$wanted" ]
}

sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# That the archive was built by the releasing workflow of that repository on the host's own machines, for that version. Who names the action by a
# commit, and no version, gets what was built of that commit: a tag can be moved.
prove() {
    local built_of=()
    [ -n "$WITH_VERSION" ] || [[ ! ${ACTION_REF:-} =~ ^[0-9a-f]{40}$ ]] || built_of=(--source-digest "$ACTION_REF")
    case $WITH_ATTESTATION in
        off) ;;
        required)
            gh attestation verify "$1" --repo "$REPOSITORY" --signer-workflow "$REPOSITORY/.github/workflows/release.yml" \
                --source-ref "refs/tags/v$VERSION" ${built_of[@]+"${built_of[@]}"} --deny-self-hosted-runners ||
                fail "that release v$VERSION of $REPOSITORY was built of ${ACTION_REF:-its tag} cannot be proven: name the action by a release's commit, or by a version; where the host has no attestations, write 'attestation: off'"
            ;;
        *) fail "'attestation' is 'required' or 'off'" ;;
    esac
}

main
