#!/usr/bin/env bash
# Three teams of an example company publish their workflows into one central repository; then one of them tries to
# erase another's. Needs git and cargo. FREEHOLD=<path of a binary> skips the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
demo=$root/target/demo

say() { printf '\n== %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# run, but of the output only the first lines.
head_of() {
  local lines=$1 total
  shift
  printf '$ %s\n' "$*"
  "$@" > "$demo/output.txt" || fail "the command above failed"
  total=$(awk 'END { print NR }' "$demo/output.txt")
  sed -n "1,${lines}p" "$demo/output.txt"
  [ "$total" -le "$lines" ] || echo "… and $((total - lines)) lines more"
}

# The demo is the same whatever the user's git is set up to do, and also within a CI job.
for name in ${!GITHUB_@} ${!GIT_@}; do unset "$name"; done
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@acme.example
export GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@acme.example

if [ -n "${FREEHOLD:-}" ]; then
  [ -x "$FREEHOLD" ] || fail "FREEHOLD=$FREEHOLD is no program"
  bin=$(cd "$(dirname "$FREEHOLD")" && pwd)/$(basename "$FREEHOLD")
else
  echo "Building freehold; the first time it takes some minutes."
  run cargo build --release --quiet
  bin=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/freehold
fi
freehold() { "$bin" "$@" < /dev/null; }

rm -rf "$demo"
mkdir -p "$demo/.freehold"
cp -R fixtures/acme/repositories/. "$demo/"
cp -R fixtures/acme/central "$demo/central-seed"
cd "$demo"
central=.freehold/central.git

say "The central repository holds the platform's policy, one grant per team, and a DAG that somebody wrote by hand"
run git init --quiet --bare --initial-branch=main "$central"
git init --quiet --initial-branch=main central-seed
git -C central-seed add .
git -C central-seed commit --quiet --message "Grant three teams their place"
run git -C central-seed push --quiet "../$central" main
run git -C "$central" ls-tree -r --name-only main

say "Five repositories of three teams publish; each finds the central repository by walking up from its folder"
publish() { # <repository's folder> <its id>
  run freehold publish "$1" --repository-id "$2" --repository "acme/$1" --ref refs/heads/main --event push
}
while read -r id name; do
  git init --quiet --initial-branch=main "$name"
  git -C "$name" add .
  git -C "$name" commit --quiet --message "Describe our workflows"
  publish "$name" "$id"
done <<'REPOSITORIES'
1001 churn-model
1002 churn-features
2001 price-model
2002 price-exports
3001 ads-bidding
REPOSITORIES

say "What the central repository holds now: files per folder"
echo "\$ git -C $central ls-tree -r --name-only main    (counted)"
git -C "$central" ls-tree -r --name-only main |
  awk -F/ '{ folder = NF == 1 ? "(top)" : NF == 2 ? $1 : $1 "/" $2; count[folder]++ }
           END { for (folder in count) printf "%5d  %s\n", count[folder], folder }' | LC_ALL=C sort -k 2
dags=$(git -C "$central" ls-tree -r --name-only main -- dags | grep -c '\.py$' || true)
[ "$dags" -eq 16 ] || fail "16 workflows were published, but there are $dags DAG files"

say "The hand-written DAG is team pricing's now: the same bytes, at a path that nobody else can change"
run git -C "$central" log -1 --format=%s -M --name-status --diff-filter=R main -- dags | cat
cmp central-seed/dags/legacy/ledger_export.py <(git -C "$central" show main:dags/pricing/ledger-export.py) || fail "its bytes changed"

say "The main job: a model for each of 1,000 customers. A table and a loop, not 4,000 copies"
head_of 40 git -C "$central" show main:dags/churn/daily-retrain.py

say "When it runs, and in what order"
head_of 10 freehold preview churn-model daily-retrain --what runs
head_of 30 freehold preview churn-model daily-retrain --what graph

say "Publishing the same again changes nothing"
before=$(git -C "$central" rev-parse main)
publish churn-model 1001
[ "$(git -C "$central" rev-parse main)" = "$before" ] || fail "an unchanged source made a commit"

say "Team ads deletes team churn's DAGs, in a clone of the central repository"
run git clone --quiet "$central" ads-clone
run git -C ads-clone rm -r --quiet dags/churn
run git -C ads-clone commit --quiet --message "Tidy up"
status=0
run freehold verify --repo ads-clone --base origin/main --head HEAD --team ads > verify.txt 2>&1 || status=$?
cat verify.txt
[ "$status" -eq 1 ] || fail "the change must be refused with exit code 1, but it was $status"
grep -q 'dags/churn' verify.txt || fail "the refusal must name what was to be erased: dags/churn"
echo "Refused, with exit code 1."

say "A source that is not ads' own is refused at the other door too"
status=0
run freehold publish churn-model --repository-id 3001 --repository acme/ads-bidding --ref refs/heads/main --event push \
  > publish.txt 2>&1 || status=$?
cat publish.txt
[ "$status" -eq 1 ] || fail "ads' repository must not publish churn's source, but the exit code was $status"
[ "$(git -C "$central" rev-parse main)" = "$before" ] || fail "a refused publish moved the central branch"

say "Team ads publishes a change of its own: nobody else's files move"
trees() { # the folders of everybody but ads, by the hash of all that is in them
  git -C "$central" ls-tree main -- platform.yaml teams dags/churn dags/pricing sources/churn sources/pricing
}
others=$(trees)
ads=$(git -C "$central" rev-parse main:dags/ads)
smoke="ads-bidding/workflows/smoke.yaml"
sed 's/^description: .*/description: Does anything run at all, on a Monday?/' "$smoke" > smoke.new
mv smoke.new "$smoke"
run git -C ads-bidding commit --quiet --all --message "Say more about the smoke test"
publish ads-bidding 3001
echo "\$ git -C $central ls-tree main -- dags/churn …    (equal before and after)"
trees
[ "$(trees)" = "$others" ] || fail "a publish of ads changed files of others"
[ "$(git -C "$central" rev-parse main:dags/ads)" != "$ads" ] || fail "the change of ads did not arrive"
run git -C "$central" merge-base --is-ancestor "$before" main
echo "Only fast-forwards: the history before it is still there."

say "All as promised. Look around in target/demo"
