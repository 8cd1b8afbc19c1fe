#!/usr/bin/env bash
# Checks everything: formatting, lints, docs, tests, and the compiled DAG files in two real Airflows.
#
#   tests/run.sh [STEP]...      steps: format lint docs test tools packages editor page action selftest airflow; all of them without an argument
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
    [ $# -gt 0 ] || steps=(format lint docs test tools packages editor page action selftest airflow)
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
step_test() { run "cargo test" in_memory cargo test --quiet || true; }

# in_memory COMMAND...: with its temporary files in memory where the system has room for them (2 GiB; the tests take a hundredth). They make
# hundreds of repositories out of small files, and half of their time went into making and deleting those on a disk.
in_memory() {
    local place outcome=0 free=0
    [ ! -w /dev/shm ] || free=$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')
    [ "$free" -gt 2097152 ] || { "$@"; return; }
    place=$(mktemp -d /dev/shm/freehold.XXXXXX) || return 1
    TMPDIR=$place "$@" || outcome=$?
    rm -rf "$place"
    return "$outcome"
}

step_tools() {
    run "install tools" environment tools || return 0
    run "ruff check" "$CACHE/tools/bin/ruff" check --quiet --no-cache --config tests/airflow/ruff.toml tests benches setup.py packages || true
    run "ruff format" "$CACHE/tools/bin/ruff" format --check --quiet --no-cache --config tests/airflow/ruff.toml \
        tests benches setup.py packages || true
}

step_packages() {
    run "install what builds packages" environment packages || return 0
    run "the wheel, and the hooks of pre-commit" "$CACHE/packages/bin/python" -B tests/packages/test_packages.py || true
}

step_editor() {
    run "install an editor's client" environment editor || return 0
    run "build freehold" cargo build --quiet || return 0
    run "the language server, asked by a client" "$CACHE/editor/bin/python" -B -W ignore tests/editor/test_editor.py \
        "${CARGO_TARGET_DIR:-target}/debug/freehold" || true
}

step_page() {
    run "install a browser" browser || return 0
    run "build freehold" cargo build --quiet || return 0
    run "the page, in a browser" "$CACHE/page/bin/python" -B tests/page/test_page.py "${CARGO_TARGET_DIR:-target}/debug/freehold" \
        "${FREEHOLD_TEST_BROWSER:-$CACHE/browser/program/chromium}" || true
}

# A browser out of a package, because a machine may have none, and may be kept from fetching one from elsewhere. It is one for Linux on x86-64:
# on others FREEHOLD_TEST_BROWSER names a Chromium that is there.
browser() {
    local place=$CACHE/browser wanted
    environment page || return 1
    [ -z "${FREEHOLD_TEST_BROWSER:-}" ] || return 0
    wanted=$(cat tests/page/package-lock.json tests/page/browser.py | git hash-object --stdin)
    [ "$(cat "$place/lock" 2>/dev/null)" != "$wanted" ] || return 0
    rm -rf "$place" && mkdir -p "$place" && cp tests/page/package.json tests/page/package-lock.json "$place" &&
        (cd "$place" && PATH=$CACHE/page/bin:$PATH npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) &&
        "$CACHE/page/bin/python" -B tests/page/browser.py "$place/node_modules" "$place/program" &&
        rm -rf "$place/node_modules" && echo "$wanted" >"$place/lock"
}

step_action() {
    run "install the action's tools" environment action || return 0
    run "build freehold" cargo build --quiet || return 0
    run "lint the action and the workflows" lint_workflows . || true
    run "lint what init writes for hosts" lint_written || true
    run "run the action" "$CACHE/action/bin/python" -B tests/action/prove.py || true
}

# What `init` writes for both kinds of repository and both hosts, held to what the hosts and their linters say.
lint_written() {
    local place=$CACHE/written central=https://git.example.com/acme/dags.git
    local github=(--github --action "acme/freehold@0123456789abcdef0123456789abcdef01234567")
    rm -rf "$place"
    # Repositories of their own: `init` looks for the top of the one around it.
    git init --quiet "$place/team" && git init --quiet "$place/central" &&
        git init --quiet "$place/gitlab-team" && git init --quiet "$place/gitlab-central" || return 1
    freehold --quiet init team "$place/team" --team churn --central "$central" "${github[@]}" &&
        freehold --quiet init central "$place/central" --administrator olga "${github[@]}" &&
        lint_workflows "$place/team" && lint_workflows "$place/central" &&
        freehold --quiet init team "$place/gitlab-team" --team churn --central "$central" --gitlab &&
        freehold --quiet init central "$place/gitlab-central" --administrator olga --gitlab &&
        "$CACHE/action/bin/check-jsonschema" --quiet --builtin-schema vendor.gitlab-ci "$place"/gitlab-*/.gitlab-ci.yml
}

# lint_workflows FOLDER: its workflows, and the actions that it has.
lint_workflows() {
    local tools=$CACHE/action/bin actions workflows scripts
    mapfile -t actions < <(find "$1/action.yml" "$1/action" -name action.yml 2>/dev/null)
    mapfile -t workflows < <(find "$1/.github/workflows" -name '*.yml')
    mapfile -t scripts < <(find "$1/action" -name '*.sh' 2>/dev/null)
    "$tools/check-jsonschema" --quiet --builtin-schema vendor.github-workflows "${workflows[@]}" &&
        PATH=$tools:$PATH "$tools/actionlint" "${workflows[@]}" &&
        "$tools/zizmor" --quiet --offline --pedantic --no-progress ${actions[@]+"${actions[@]}"} "${workflows[@]}" || return 1
    [ ${#actions[@]} -eq 0 ] || {
        "$tools/check-jsonschema" --quiet --builtin-schema vendor.github-actions "${actions[@]}" &&
            "$tools/shellcheck" --external-sources "${scripts[@]}"
    }
}

step_selftest() { in_each_airflow "harness reports planted faults" selftest; }

step_airflow() {
    run "install tools" environment tools || return 0
    run "build freehold" cargo build --quiet || return 0
    in_each_airflow "prove the examples" prove
}

# in_each_airflow NAME FUNCTION: calls FUNCTION with each version, all at once: an Airflow process uses one core.
in_each_airflow() {
    local version started=()
    for version in "${AIRFLOWS[@]}"; do
        run "install Airflow $version" environment "$version" || continue
        "$2" "$version" >"$CACHE/log-$version.txt" 2>&1 &
        started+=("$version $!")
    done
    for version in ${started[@]+"${started[@]}"}; do
        run "$1, Airflow ${version% *}" finished "$version" || true
    done
}

# finished "VERSION PROCESS": waits for it and shows what it said.
finished() {
    local outcome=0
    wait "${1#* }" || outcome=$?
    cat "$CACHE/log-${1% *}.txt"
    return "$outcome"
}

selftest() { in_memory "$CACHE/$1/bin/python" -B tests/airflow/selftest.py; }

# The centrals that are proven: NAME PLATFORM REPOSITORIES...
readonly CENTRALS=(
    "acme fixtures/acme/central fixtures/acme/repositories tests/airflow/runs"
    "language fixtures/language/central fixtures/language"
)

# prove VERSION: compiles each central for an Airflow, and holds the result to that Airflow.
prove() {
    local version=$1 central name folders
    for central in "${CENTRALS[@]}"; do
        read -r name folders <<<"$central"
        # shellcheck disable=SC2086 # the folders are several words, and none has a space
        compile "$version" "$name" $folders && harness "$version" "$name" $folders || return 1
    done
}

# compile VERSION NAME PLATFORM REPOSITORIES...: one central repository, into $CACHE/NAME-VERSION.
compile() {
    local version=$1 place=$CACHE/$2-$1
    shift 2
    rm -rf "$place" && mkdir -p "$place" &&
        python3 -B tests/airflow/assemble.py "$@" "$place/central" "${TARGETS[$version]}" >"$place/ids.txt" &&
        freehold compile --quiet "$place/central" -o "$place/out" &&
        freehold preview "$place/central" --what pods --format json >"$place/pods.json"
}

freehold() { "${CARGO_TARGET_DIR:-target}/debug/freehold" "$@"; }

# harness VERSION NAME PLATFORM REPOSITORIES...: what compile wrote, in that Airflow.
harness() {
    local version=$1 place=$CACHE/$2-$1 lint=() runs
    shift 3
    [ "$version" != 3 ] || lint=(--ruff "$CACHE/tools/bin/ruff")
    mapfile -t runs < <(find "$@" -name runs.json | LC_ALL=C sort)
    echo "--- ${place##*/}"
    in_memory "$CACHE/$version/bin/python" -B tests/airflow/harness.py "$place/out/dags" "$place/pods.json" "$place/ids.txt" \
        --runs ${runs[@]+"${runs[@]}"} ${lint[@]+"${lint[@]}"}
}

# environment NAME: the virtual environment of a lock file; made once, and again when the lock file changes.
environment() {
    local lock=tests/$1/requirements.txt place=$CACHE/$1 wanted
    [ -f "$lock" ] || lock=tests/airflow/requirements-$1.txt
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
