# shellcheck shell=bash disable=SC2015,SC2034,SC2153 # sourced by run.sh; `fail` ends the run, so what stands before it may be a chain
# The change that `verify` judges: from an event to two commits and who asks, in a repository that holds both.
#
# The protected branch is the one that the workflow names, whatever a pull request is aimed at: a verdict must not come from the policy of a
# branch that the asker chose, and stay when the pull request is aimed elsewhere.

event() { jq -r "$1 // \"\"" "$GITHUB_EVENT_PATH"; }

event_is_pull() { [ "$GITHUB_EVENT_NAME" = pull_request ] || [ "$GITHUB_EVENT_NAME" = pull_request_target ]; }

# Sets CHANGE, BASE and HEAD, and ASKING to the accounts that the event names.
change() {
    ASKING=""
    [ -z "$WITH_ACTOR" ] || [ -z "$WITH_TEAM" ] || fail "'actor' and 'team' exclude each other"
    open_central
    case $GITHUB_EVENT_NAME in
        pull_request | pull_request_target) pull_request ;;
        merge_group) merge_group ;;
        *) named ;;
    esac
    local commit
    for commit in "$BASE" "$HEAD"; do
        is_commit "$commit" && git -C "$CHANGE" cat-file -e "$commit^{commit}" || fail "the change is not there to be fetched: $commit"
    done
}

# Sets URL, and CHANGE to an empty repository beside which git may read from there.
open_central() {
    CHANGE=$PLACE/central.git URL=${WITH_CENTRAL:-$GITHUB_SERVER_URL/$GITHUB_REPOSITORY}
    git check-ref-format "refs/heads/$WITH_BRANCH" || fail "'branch' is no name of a branch"
    if [ -n "$WITH_CENTRAL" ]; then name_central; else authorise "$URL" "$WITH_TOKEN"; fi
    git init --quiet --bare "$CHANGE"
}

# Sets CHANGE to a repository with the protected branch, and BASE where the workflow names it.
protected() {
    open_central
    fetch "+refs/heads/$WITH_BRANCH:refs/judged/branch"
    [ -z "$WITH_BASE" ] || named_base
}

# Judged on the newest state of the protected branch, not on the one that the event remembers.
pull_request() {
    local number
    number=$(event .pull_request.number)
    [[ $number =~ ^[1-9][0-9]{0,9}$ ]] || fail "the event names no pull request"
    fetch "+refs/heads/$WITH_BRANCH:refs/judged/base" "+refs/pull/$number/head:refs/judged/head"
    BASE=$(git -C "$CHANGE" rev-parse --verify refs/judged/base)
    HEAD=$(event .pull_request.head.sha)
    ASKING=$(jq -r '[.pull_request.user.login, .sender.login] | map(select(. != null)) | unique | .[]' "$GITHUB_EVENT_PATH")
    pushers "$(event .pull_request.head.repo.full_name)" "$(event .pull_request.head.ref)" "$HEAD"
}

# pushers REPOSITORY BRANCH COMMIT: adds who has pushed to the branch that asks since it was made. Whoever opened the pull request, or did something
# to it last, need not be who wrote what it holds. Where nobody can tell, as of a fork that is gone or closed to the job's token, nothing may land.
pushers() {
    local found=$PLACE/pushes.json branch since
    [ -z "$WITH_ACTOR$WITH_TEAM" ] || return 0
    [ -n "$1" ] || fail "the fork that asks is gone, and with it who pushed to it: ask from a branch of $GITHUB_REPOSITORY"
    [[ $1 =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || fail "the event names no repository that asks"
    branch=$(jq -rn --arg branch "refs/heads/$2" '$branch | @uri')
    GH_TOKEN=$WITH_TOKEN gh api "repos/$1/activity?per_page=100&ref=$branch" >"$found" || {
        [ "$1" != "$GITHUB_REPOSITORY" ] || fail "who pushed to this branch cannot be read: the job needs 'contents: read'"
        fail "who pushed to $1 cannot be read, as the job's token may not read that fork: ask from a branch of $GITHUB_REPOSITORY"
    }
    # The host may tell late: a list without the commit that asks says nothing of who pushed that.
    jq -e --arg head "$3" 'any(.[]; .after == $head)' "$found" >/dev/null ||
        fail "who pushed this commit is not known yet: run this again in a minute; where that does not help, push another commit"
    # The newest first. A branch that is restored as it was deleted holds what was pushed before.
    since=$(jq '. as $all | first((range(length) | select($all[.].activity_type == "branch_creation"
        and ($all[. + 1].activity_type != "branch_deletion" or $all[. + 1].before != $all[.].after))), length)' "$found")
    [ "$since" -lt 100 ] || fail "this branch has too many pushes to tell who asks: ask from a new one"
    ASKING+=$'\n'$(jq -r --argjson since "$since" '.[:$since + 1] | map(.actor.login // "ghost") | unique | .[]' "$found")
}

# A merge queue tries a pull request on those before it: that is its base.
merge_group() {
    [ "$(event .merge_group.base_ref)" = "refs/heads/$WITH_BRANCH" ] || fail "this merge queue is of another branch than $WITH_BRANCH"
    BASE=$(event .merge_group.base_sha)
    HEAD=$(event .merge_group.head_sha)
    local queue
    queue=$(event .merge_group.head_ref)
    [[ $queue == refs/heads/gh-readonly-queue/* ]] && git check-ref-format "$queue" || fail "the event names no branch of a merge queue"
    fetch "+$queue:refs/judged/head"
    [ -z "$WITH_ACTOR$WITH_TEAM" ] || return 0
    local number
    number=$(sed -n 's|^refs/heads/gh-readonly-queue/.*/pr-\([1-9][0-9]*\)-[0-9a-f]\{40\}$|\1|p' <<<"$queue")
    [ -n "$number" ] || fail "the merge queue does not say which pull request it tries"
    GH_TOKEN=$WITH_TOKEN gh api "repos/$GITHUB_REPOSITORY/pulls/$number" >"$PLACE/pull.json" ||
        fail "who asks cannot be read: the job needs 'pull-requests: read'"
    ASKING=$(jq -r .user.login "$PLACE/pull.json")
    pushers "$(jq -r '.head.repo.full_name // ""' "$PLACE/pull.json")" "$(jq -r '.head.ref // ""' "$PLACE/pull.json")" \
        "$(jq -r '.head.sha // ""' "$PLACE/pull.json")"
}

# Another event: the workflow says which commits.
named() {
    is_commit "$WITH_HEAD" || fail "on this event, 'head' must be the commit that asks to land"
    fetch "+refs/heads/$WITH_BRANCH:refs/judged/branch" "+$WITH_HEAD:refs/judged/head"
    BASE=$(git -C "$CHANGE" rev-parse --verify refs/judged/branch) HEAD=$WITH_HEAD
    [ -z "$WITH_BASE" ] || named_base
    [ -n "$WITH_ACTOR$WITH_TEAM" ] || fail "on this event, 'actor' or 'team' must say who asks"
}

named_base() {
    BASE=$WITH_BASE
    is_commit "$BASE" && git -C "$CHANGE" merge-base --is-ancestor "$BASE" refs/judged/branch ||
        fail "'base' is no commit of the protected branch"
}

# A whole id, which nobody can make mean another commit.
is_commit() { [[ $1 =~ ^[0-9a-f]{40}$ || $1 =~ ^[0-9a-f]{64}$ ]]; }

fetch() {
    git -C "$CHANGE" fetch --quiet --no-tags --no-recurse-submodules -- "$URL" "$@" 2>"$PLACE/words" || fail "$(head -c 2000 "$PLACE/words")"
}

# authorise URL TOKEN: lets git show the token to that URL and to no other, whatever the host there answers; not written to any file.
authorise() {
    [[ -n $2 && $1 == https://* ]] || return 0
    local login
    login=$(printf 'x-access-token:%s' "$2" | base64 | tr -d '\n')
    echo "::add-mask::$login"
    setting "http.$1.extraheader" "Authorization: basic $login"
    setting http.followRedirects false
}

# setting KEY VALUE: one more setting of git, beside those that the job has made in the same way.
setting() {
    local count=${GIT_CONFIG_COUNT:-0}
    export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2" GIT_CONFIG_COUNT=$((count + 1))
}
