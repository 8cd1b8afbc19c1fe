#!/usr/bin/env bash
# Checks everything: formatting, lints, docs, tests, and the compiled DAG files in two real Airflows.
#
#   tests/run.sh [STEP]...      steps: format lint docs test tools selftest airflow; all of them without an argument
#
# Needs cargo, git and Python 3 with venv, and a package index for the first run; what it installs stays in target/airflow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CACHE=$PWD/target/airflow
readonly AIRFLOWS=(3 2.11)
declare -A TARGETS=([3]=3.3 [2.11]=2.11)
PASSED=0 FAILED=0
SUMMARY=()

main() {
    require cargo "https://rustup.rs"
    require git "your system's package manager"
    require python3 "your system's package manager; 3.10 or newer, with venv"
    mkdir -p "$CACHE"
    local steps=("$@")
    [ $# -gt 0 ] || steps=(format lint docs test tools selftest airflow)
    local name
    for name in "${steps[@]}"; do
        declare -F "step_$name" >/dev/null || { echo "no step is called $name" >&2; exit 2; }
    done
    for name in "${steps[@]}"; do "step_$name"; done
    printf '%s\n' "${SUMMARY[@]}"
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" -eq 0 ]
}

require() {
    command -v "$1" >/dev/null || { echo "$1 is missing; it comes from $2" >&2; exit 2; }
}

# run NAME COMMAND...: one named, timed part; a failure is counted, and the parts after it still run.
run() {
    local name=$1 start=$SECONDS outcome
    shift
    echo "==> $name"
    if "$@"; then
        outcome="ok    "
        PASSED=$((PASSED + 1))
    else
        outcome="FAILED"
        FAILED=$((FAILED + 1))
    fi
    SUMMARY+=("$outcome $((SECONDS - start)) s  $name")
    echo "<== $outcome $name ($((SECONDS - start)) s)"
    [ "$outcome" != FAILED ]
}

step_format() { run "cargo fmt" cargo fmt --all --check || true; }
step_lint() { run "cargo clippy" cargo clippy --all-targets --quiet -- -D warnings || true; }
step_docs() { run "cargo doc" env RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --quiet || true; }
step_test() { run "cargo test" cargo test --quiet || true; }

step_tools() {
    run "install tools" environment tools || return 0
    run "ruff check" "$CACHE/tools/bin/ruff" check --quiet --no-cache --config tests/airflow/ruff.toml tests benches || true
    run "ruff format" "$CACHE/tools/bin/ruff" format --check --quiet --no-cache --config tests/airflow/ruff.toml \
        tests benches || true
}

step_selftest() {
    local version
    for version in "${AIRFLOWS[@]}"; do
        run "install Airflow $version" environment "$version" || continue
        run "harness reports planted faults, Airflow $version" \
            "$CACHE/$version/bin/python" -B tests/airflow/selftest.py || true
    done
}

step_airflow() {
    run "install tools" environment tools || return 0
    run "build freehold" cargo build --quiet || return 0
    local version
    for version in "${AIRFLOWS[@]}"; do
        run "install Airflow $version" environment "$version" || continue
        run "compile the examples for Airflow $version" compile "$version" || continue
        run "prove them in Airflow $version" prove "$version" || true
    done
}

# compile VERSION: the examples, as one central repository, into $CACHE/out-VERSION and pods-VERSION.json.
compile() {
    local central=$CACHE/central-$1 out=$CACHE/out-$1
    python3 -B tests/airflow/assemble.py fixtures/acme/central fixtures/acme/repositories tests/airflow/runs \
        "$central" "${TARGETS[$1]}" >"$CACHE/ids-$1.txt" &&
        rm -rf "$out" && freehold compile "$central" -o "$out" &&
        freehold preview "$central" --what pods --format json >"$CACHE/pods-$1.json"
}

freehold() { "${CARGO_TARGET_DIR:-target}/debug/freehold" "$@"; }

prove() {
    local lint=()
    [ "$1" != 3 ] || lint=(--ruff "$CACHE/tools/bin/ruff")
    "$CACHE/$1/bin/python" -B tests/airflow/harness.py "$CACHE/out-$1/dags" "$CACHE/pods-$1.json" "$CACHE/ids-$1.txt" \
        --runs tests/airflow/runs/expected.json ${lint[@]+"${lint[@]}"}
}

# environment NAME: the virtual environment of a lock file; made once, and again when the lock file changes.
environment() {
    local lock=tests/airflow/requirements-$1.txt place=$CACHE/$1 wanted
    wanted=$(git hash-object "$lock")
    [ "$(cat "$place/lock" 2>/dev/null)" != "$wanted" ] || return 0
    [ -x "$CACHE/uv/bin/uv" ] || {
        python3 -m venv "$CACHE/uv" && "$CACHE/uv/bin/python" -m pip install --quiet --require-hashes \
            -r tests/airflow/requirements-uv.txt
    } || return 1
    # Airflow 2.11 runs on Python 3.10 to 3.12: one of the machine's, or one that uv fetches.
    "$CACHE/uv/bin/uv" venv --quiet --clear --python '>=3.10,<3.13' "$place" &&
        "$CACHE/uv/bin/uv" pip install --quiet --require-hashes --python "$place/bin/python" -r "$lock" &&
        echo "$wanted" >"$place/lock"
}

main "$@"
