#!/usr/bin/env bash
# Runs one command, and tells what it found: annotations, the job's summary, files for other steps, outputs.
#
# Everything that somebody chose arrives in variables and is data from first to last. What the program says to people may hold such
# text, so the runner is told to take no commands from it; annotations are the program's own lines, which are encoded.
set -euo pipefail

readonly PLACE=$RUNNER_TEMP/freehold/run-$$
# A comment takes 65,536 characters, an output a megabyte.
readonly LONGEST=60000
REFUSED=false CHANGED=false COMMIT="" TOLD=$WITH_COMMAND NOTE=""

# shellcheck source=action/change.sh
source "$GITHUB_ACTION_PATH/action/change.sh"

main() {
    mkdir -p "$PLACE"
    trap 'rm -f "$PLACE/token"' EXIT
    : >"$PLACE/report.md"
    case $WITH_COMMAND in
        check | plan | publish | verify | integrate | audit) "command_$WITH_COMMAND" ;;
        *) fail "'command' is 'check', 'plan', 'publish', 'verify', 'integrate' or 'audit'" ;;
    esac
    summarise
    outputs
    [ "$REFUSED" = false ]
}

# fail MESSAGE: a fault of usage or of a tool. The message is encoded: it may name what somebody chose.
fail() {
    local text=${1//'%'/%25}
    text=${text//$'\r'/%0D}
    echo "::error title=Freehold::${text//$'\n'/%0A}"
    exit 2
}

command_check() {
    name_central
    ASKED=()
    [ -z "$WITH_CENTRAL" ] || ASKED=("--central=$WITH_CENTRAL")
    reports check ${ASKED[@]+"${ASKED[@]}"} -- "$WITH_WORKING_DIRECTORY"
}

command_plan() {
    case $WITH_WITHOUT_CENTRAL in
        fail) ;;
        check)
            [ -n "$WITH_CENTRAL" ] || fail "'without-central' needs 'central'"
            if ! central_can_be_read; then
                check_alone
                return
            fi
            ;;
        *) fail "'without-central' is 'fail' or 'check'" ;;
    esac
    name_central
    asked_of_central
    reports plan "${ASKED[@]}" -- "$WITH_WORKING_DIRECTORY"
    CHANGED=$(jq '.changes | length > 0' "$PLACE/plan.json")
}

# Whether this run may read the branch that the workflow names; in a process of its own, which keeps the token.
central_can_be_read() (
    name_central >/dev/null
    GIT_TERMINAL_PROMPT=0 git ls-remote --quiet --exit-code -- "$WITH_CENTRAL" "refs/heads/$WITH_BRANCH" >/dev/null 2>&1
)

# What is told without the central repository: nothing of it is asked, so no token is needed.
check_alone() {
    NOTE="The central repository cannot be read here, so this is about the files alone: not about policy, nor about what merging would publish."
    echo "::notice title=Freehold::$NOTE"
    TOLD=check WITH_CENTRAL="" WITH_CENTRAL_TOKEN=""
    command_check
}

# The plan is what a reader wants in the summary, and is gone once it is published.
command_publish() {
    name_central
    asked_of_central
    identity_token
    quietly markdown "$PLACE/report.md" plan "${ASKED[@]}" -- "$WITH_WORKING_DIRECTORY" || true
    ran json "$PLACE/plan.json" publish "${ASKED[@]}" "--via=$WITH_VIA" -- "$WITH_WORKING_DIRECTORY"
    if [ "$REFUSED" = true ]; then
        quietly github "$PLACE/annotations" plan "${ASKED[@]}" -- "$WITH_WORKING_DIRECTORY" || true
        annotate
    fi
    sarif plan "${ASKED[@]}" -- "$WITH_WORKING_DIRECTORY"
    COMMIT=$(jq -r '.commit // .waiting.commit // ""' "$PLACE/plan.json")
    [ -z "$COMMIT" ] || CHANGED=true
}

# Teams ask together. Of accounts, each must be allowed to do all of it.
command_verify() {
    local name names=() judged
    change
    judged=("--repo=$CHANGE" "--base=$BASE" "--head=$HEAD")
    [ "$WITH_AFFECTED" != true ] || judged+=(--affected)
    read -r -d '' -a names <<<"${WITH_TEAM:-${WITH_ACTOR:-$(sort -u <<<"$ASKING")}}" || true
    [ ${#names[@]} -gt 0 ] || fail "nobody asks: neither the event nor 'actor' names an account"
    if [ -n "$WITH_TEAM" ]; then
        reports verify "${judged[@]}" "${names[@]/#/--team=}"
        return
    fi
    for name in "${names[@]}"; do
        reports verify "${judged[@]}" "--actor=$name"
        [ "$REFUSED" = false ] || break
    done
}

# All that the protected branch holds; with a base, also the way from there.
command_audit() {
    local since=()
    protected
    [ -z "$WITH_BASE" ] || since=("--since=$BASE")
    reports audit "--repo=$CHANGE" --rev=refs/judged/branch ${since[@]+"${since[@]}"}
}

# It lands what it can in one go, and so it runs once: everything is told from what it then says.
command_integrate() {
    [ -n "$WITH_CENTRAL" ] || WITH_CENTRAL=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY WITH_CENTRAL_TOKEN=${WITH_CENTRAL_TOKEN:-$WITH_TOKEN}
    name_central
    ran json "$PLACE/plan.json" integrate "--central=$WITH_CENTRAL" "--branch=$WITH_BRANCH"
    jq -r -f "$GITHUB_ACTION_PATH/action/integrate-annotations.jq" "$PLACE/plan.json" >"$PLACE/annotations"
    annotate
    jq -r -f "$GITHUB_ACTION_PATH/action/integrate-report.jq" "$PLACE/plan.json" >"$PLACE/report.md"
    COMMIT=$(jq -r '.commit // ""' "$PLACE/plan.json")
    [ -z "$COMMIT" ] || CHANGED=true
}

# The token goes to the URL that the workflow names. A URL in `freehold.yaml` is whoever's that file is.
name_central() {
    [ -n "$WITH_CENTRAL_TOKEN" ] || return 0
    [ -n "$WITH_CENTRAL" ] || fail "'central-token' needs 'central': a token is sent to the repository that the workflow names only"
    authorise "$WITH_CENTRAL" "$WITH_CENTRAL_TOKEN"
}

# What `plan` and `publish` are asked. A pull request is planned as what it would be once it has landed.
asked_of_central() {
    ASKED=("--branch=$WITH_BRANCH")
    [ -z "$WITH_CENTRAL" ] || ASKED+=("--central=$WITH_CENTRAL")
    if [ "$WITH_COMMAND" = plan ] && event_is_pull; then
        ASKED+=("--ref=refs/heads/$(event .repository.default_branch)" --event=push)
    fi
}

# A signed token of this run, when the job may have one.
identity_token() {
    [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] || return 0
    local file=$PLACE/token
    # What asks for it is on no command line, where every process of the machine could read it.
    (umask 077 && printf 'header = "Authorization: bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
        curl --config - --fail --silent --show-error --retry 3 --get --data-urlencode "audience=$WITH_AUDIENCE" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
        jq -e -r .value >"$file") || fail "the host gives no identity token for this run"
    echo "::add-mask::$(cat "$file")"
    ASKED+=("--identity-token=$file")
}

# reports COMMAND...: a command that only looks, once for each format.
reports() {
    ran github "$PLACE/annotations" "$@"
    annotate
    quietly markdown "$PLACE/report.md" "$@" || true
    quietly json "$PLACE/plan.json" "$@" || true
    sarif "$@"
}

sarif() {
    [ -n "$WITH_SARIF" ] || return 0
    quietly sarif "$PLACE/sarif.json" "$@" || true
    # A checkout may hold a link of that name, or a folder on the way there that is one, to whatever this run may write.
    local at=${WITH_SARIF#"$GITHUB_WORKSPACE/"}
    [ ! -L "$at" ] && [ ! -d "$at" ] || fail "'sarif' names a link or a folder: $WITH_SARIF"
    while [[ $at == [!/]*/* ]]; do
        at=${at%/*}
        [ ! -L "$at" ] || fail "'sarif' leads through a link: $WITH_SARIF"
    done
    rm -f -- "$WITH_SARIF"
    cp -- "$PLACE/sarif.json" "$WITH_SARIF"
}

# ran FORMAT FILE COMMAND...: the run that decides. Exit code 1 is a refusal; anything else but 0 is a failure.
ran() {
    local format=$1 file=$2 code=0
    shift 2
    "$PROGRAM" --format="$format" "$@" >"$file" 2>"$PLACE/words" || code=$?
    show "$PLACE/words"
    case $code in
        0) ;;
        1) REFUSED=true ;;
        *) fail "$(head -c 2000 "$PLACE/words")" ;;
    esac
}

quietly() {
    local format=$1 file=$2
    shift 2
    "$PROGRAM" --format="$format" --quiet "$@" >"$file" 2>/dev/null
}

# Lines of one kind, which the program has encoded; nothing else of it is taken for a command.
annotate() { grep -E '^::(error|warning|notice) ' "$PLACE/annotations" || true; }

# show FILE: for people, without any effect on the runner.
show() {
    [ -s "$1" ] || return 0
    local word
    word=$(random)
    echo "::stop-commands::$word"
    cat -- "$1"
    echo
    echo "::$word::"
}

random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Cuts the report where GitHub would refuse it, at the end of a line.
summarise() {
    local verdict="nothing is wrong"
    [ "$REFUSED" = false ] || verdict="refused"
    { printf '### Freehold %s: %s\n\n%s' "$TOLD" "$verdict" "${NOTE:+$NOTE$'\n\n'}" && cat "$PLACE/report.md"; } >"$PLACE/whole.md"
    if [ "$(wc -c <"$PLACE/whole.md")" -gt "$LONGEST" ]; then
        head -c "$LONGEST" "$PLACE/whole.md" | sed '$d' >"$PLACE/report.md"
        printf "\n\nThe rest does not fit here: the output 'plan' names a file that has all of it.\n" >>"$PLACE/report.md"
    else
        mv "$PLACE/whole.md" "$PLACE/report.md"
    fi
    cat "$PLACE/report.md" >>"$GITHUB_STEP_SUMMARY"
}

# Written in one go, when all of it is known: a run that fails on the way has no verdict.
outputs() {
    local word
    word=$(random)
    {
        echo "refused=$REFUSED"
        echo "changed=$CHANGED"
        echo "commit=$COMMIT"
        echo "plan=$PLACE/plan.json"
        echo "report=$PLACE/report.md"
        printf 'markdown<<%s\n' "$word"
        cat "$PLACE/report.md"
        printf '\n%s\n' "$word"
        [ -z "$WITH_SARIF" ] || printf 'sarif<<%s\n%s\n%s\n' "$word" "$WITH_SARIF" "$word"
    } >"$PLACE/outputs"
    if [ "$WITH_COMMENT" = true ]; then
        mkdir -p "$PLACE/comment"
        cp "$PLACE/report.md" "$PLACE/comment/report.md"
        event .pull_request.number >"$PLACE/comment/number"
        echo "comment=$PLACE/comment" >>"$PLACE/outputs"
    fi
    cat "$PLACE/outputs" >>"$GITHUB_OUTPUT"
}

main
