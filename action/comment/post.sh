#!/usr/bin/env bash
# Posts a report as the one comment of its name on a pull request, or updates it.
#
# The report may come from a run that a stranger's pull request controlled: it is text of bounded length, and no more. Which pull request it
# is for is known from the event; an artifact's word for it counts only when that pull request is at the commit that the run was for.
set -euo pipefail

readonly PLACE=$RUNNER_TEMP/freehold/comment-$$
readonly LONGEST=60000
# Characters of a comment, with what is added to make text of it: the host takes 65,536.
readonly MOST=65000
# Bytes of an artifact, packed.
readonly LARGEST=1000000

fail() {
    echo "::error title=Freehold::$1"
    exit 2
}

# A check that could not do its work leaves no report, and has said why itself.
nothing() {
    echo "the run left no report"
    exit 0
}

event() { jq -r "$1 // \"\"" "$GITHUB_EVENT_PATH"; }

main() {
    local tool
    for tool in jq gh; do
        command -v "$tool" >/dev/null || fail "$tool is missing on this runner: install it in a step before"
    done
    [[ $WITH_NAME =~ ^[A-Za-z0-9-]{1,40}$ ]] || fail "'name' takes letters, digits and hyphens"
    mkdir -p "$PLACE"
    case $GITHUB_EVENT_NAME in
        pull_request | pull_request_target) of_this_run ;;
        workflow_run) of_another_run ;;
        *) fail "a comment is posted on 'pull_request', 'pull_request_target' or 'workflow_run'" ;;
    esac
    jq -n --rawfile report "$PLACE/report.md" --arg name "$WITH_NAME" --argjson longest "$LONGEST" --argjson most "$MOST" \
        -f "$GITHUB_ACTION_PATH/comment.jq" >"$PLACE/comment.json"
    post
}

of_this_run() {
    NUMBER=$(event .pull_request.number)
    is_number "$NUMBER" || fail "the event names no pull request"
    printf '%s\n' "$WITH_MARKDOWN" >"$PLACE/report.md"
}

of_another_run() {
    local run
    run=$(event .workflow_run.id)
    [[ $run =~ ^[0-9]{1,18}$ ]] || fail "the event names no run"
    local size
    size=$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$run/artifacts?per_page=100" |
        jq -r --arg name "$WITH_ARTIFACT" '[.artifacts[] | select(.name == $name) | .size_in_bytes] | max // empty') || nothing
    [ -n "$size" ] || nothing
    [ "$size" -le "$LARGEST" ] || fail "the artifact is larger than a report"
    gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$WITH_ARTIFACT" --dir "$PLACE/artifact" || nothing
    local file
    for file in number report.md; do
        [ -f "$PLACE/artifact/$file" ] && [ ! -L "$PLACE/artifact/$file" ] || fail "the artifact holds no file $file"
    done
    NUMBER=$(head -c 20 "$PLACE/artifact/number" | tr -d '\n')
    is_number "$NUMBER" || fail "the artifact names no pull request"
    is_of_the_run || fail "the artifact names a pull request that the run was not for"
    head -c $((LONGEST * 4)) "$PLACE/artifact/report.md" >"$PLACE/report.md"
}

is_number() { [[ $1 =~ ^[1-9][0-9]{0,9}$ ]]; }

# The run's event has no number when the pull request comes from a fork, but it has the commit and the repository.
is_of_the_run() {
    gh api "repos/$GITHUB_REPOSITORY/pulls/$NUMBER" >"$PLACE/pull.json" || return 1
    [ "$(event .workflow_run.event)" = pull_request ] &&
        [ "$(jq -r .head.sha "$PLACE/pull.json")" = "$(event .workflow_run.head_sha)" ] &&
        [ "$(jq -r .head.repo.full_name "$PLACE/pull.json")" = "$(event .workflow_run.head_repository.full_name)" ]
}

# Only a bot's comment is updated: what people write is theirs, whatever its first line says. The run's own token writes as one bot, and might
# change what others wrote; with another token, who it writes as is not known, and what it may not change is another's.
post() {
    local comments=repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments marker="<!-- freehold $WITH_NAME -->" known
    gh api --paginate "$comments?per_page=100" >"$PLACE/known.json" || fail "the comments cannot be read"
    known=$(jq -r --arg marker "$marker" --arg own "$OWN_TOKEN" '.[] | select(.user.type == "Bot" and (.body // "" | startswith($marker))
        and ($own != "true" or .user.login == "github-actions[bot]")) | .id' "$PLACE/known.json")
    local id
    for id in $known; do
        ! gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --input "$PLACE/comment.json" --silent || {
            echo "updated on pull request $NUMBER"
            return
        }
    done
    gh api --method POST "$comments" --input "$PLACE/comment.json" --silent ||
        fail "the comment cannot be written: the job needs 'pull-requests: write'"
    echo "posted on pull request $NUMBER"
}

main
