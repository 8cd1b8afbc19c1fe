//! What doctor says of sound and of sick repositories, and that it leaves them as they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::ground::Ground;

/// Codes of what is found, each once, sorted.
fn found(script: &str) -> Vec<String> {
    let found = Ground::of(script).findings();
    let codes: std::collections::BTreeSet<String> = found.iter().filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect();
    codes.into_iter().collect()
}

#[test]
fn there_is_nothing_to_find_in_sound_surroundings_and_the_last_line_says_what_was_seen() {
    let ran = Ground::of("").doctor(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("all good"), "{}", ran.stderr);
    assert!(ran.stderr.contains("looked at 2 grants, 1 workflow, settings; not seen: what the host enforces"), "{}", ran.stderr);
    let ran = Ground::of("server").doctor(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("looked at 2 grants, 1 workflow, settings and hooks; not seen: what the branch holds"), "{}", ran.stderr);
    assert!(ran.stderr.contains("who may log in"), "{}", ran.stderr);
}

#[test]
fn what_only_an_audit_finds_is_said_to_be_unseen() {
    let ran = Ground::of("write dags/churn/daily.py\n  by_hand = True").doctor(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("what the branch holds, which `freehold audit --rev main` reads whole"), "{}", ran.stderr);
}

#[test]
fn the_grant_that_init_wrote_is_told_until_somebody_edits_it() {
    let template = include_str!("../../templates/init/central/grant.yaml").replace("@team@", "churn");
    let indented: String = template.lines().map(|line| format!("  {line}\n")).collect();
    let found = Ground::of(&format!("write teams/churn.yaml\n{indented}")).findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0]["code"].as_str(), found[0]["severity"].as_str()), (Some("FH0901"), Some("warning")));
    assert_eq!((&found[0]["labels"][0]["path"], &found[0]["labels"][0]["line"]), (&"teams/churn.yaml".into(), &5.into()));
    assert!(found[0]["title"].as_str().is_some_and(|title| title.contains("my-company/my-model")), "{found:#?}");
}

#[test]
fn the_way_to_the_hosts_rules_names_the_repository() {
    let ran = Ground::of("set remote.origin.url git@github.com:acme/dags.git").doctor(&[]);
    assert!(ran.stderr.contains("gh api repos/acme/dags/rules/branches/main > rules.json"), "{}", ran.stderr);
}

#[test]
fn every_format_is_written_and_an_error_is_exit_code_1() {
    let ground = Ground::of("server\nno hook");
    for (format, part) in [("json", "\"FH0908\""), ("sarif", "\"FH0908\""), ("github", "::error"), ("markdown", "FH0908")] {
        let ran = ground.doctor(&["--format", format]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stdout.contains(part), "{format}: {}", ran.stdout);
    }
}

#[test]
fn a_branch_or_a_repository_that_is_not_there_is_a_failure() {
    let ground = Ground::of("");
    assert_eq!(ground.doctor(&["--branch", "release"]).code, 2);
    let ran = ground.doctor(&["--rules", "nowhere.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("nowhere.json"), "{}", ran.stderr);
}

#[test]
fn policy_is_read_from_the_branch_and_not_from_the_work_tree() {
    let ground = Ground::of("");
    fs_err::write(ground.repository().join("teams/ads.yaml"), "team: [\n").expect("written");
    assert!(ground.findings().is_empty());
}

#[test]
fn t50_policy_that_cannot_be_read_is_an_error() {
    assert_eq!(found("write platform.yaml\n  platform: acme\n  tarjet: {}"), ["FH0201"]);
    assert_eq!(found("write teams/ads.yaml\n  team: churn"), ["FH0509"]);
    assert_eq!(found("delete platform.yaml"), ["FH0510"]);
}

#[test]
fn t48_two_repositories_of_one_source_are_shown_with_both_places() {
    let bindings = "{ id: 1, name: acme/a, source: s }, { id: 2, name: acme/b, source: s }";
    let found = Ground::of(&format!("write teams/ads.yaml\n  # žluťoučký kůň\n  team: ads\n  repositories: [{bindings}]")).findings();
    assert_eq!(found[0]["code"], "FH0902");
    let places: Vec<_> = found[0]["labels"].as_array().expect("a list").iter().map(|label| (&label["line"], &label["column"])).collect();
    assert_eq!(format!("{places:?}"), "[(Number(3), Number(83)), (Number(3), Number(47))]");
}

#[test]
fn t49_an_overlap_of_two_teams_is_shown_in_both_files() {
    let found = Ground::of("write teams/ads.yaml\n  team: ads\n  members: [bob]\n  kubernetes_namespace: churn").findings();
    assert_eq!(found[0]["code"], "FH0905");
    let paths: Vec<_> = found[0]["labels"].as_array().expect("a list").iter().filter_map(|label| label["path"].as_str()).collect();
    assert_eq!(paths, ["teams/churn.yaml", "teams/ads.yaml"]);
}

#[test]
fn a_hook_that_does_not_decide_is_none() {
    for hook in [
        "freehold hook pre-receive || true",
        "freehold hook pre-receive\n  echo done",
        "# freehold hook pre-receive",
        "exec freehold verify --repo .",
        "freehold hook pre-receive &",
    ] {
        assert_eq!(found(&format!("server\nhook\n  #!/bin/sh\n  {hook}")), ["FH0908"], "{hook}");
    }
    for hook in [
        "set -eu\n  freehold hook pre-receive\n  echo done",
        "freehold hook pre-receive || exit 1",
        "if ! freehold hook pre-receive; then exit 1; fi\n  exit 0",
    ] {
        assert_eq!(found(&format!("server\nhook\n  #!/bin/sh\n  {hook}")), Vec::<String>::new(), "{hook}");
    }
}

#[test]
fn a_hook_that_protects_another_branch_does_not_protect_this_one() {
    let hook = |options: &str| format!("server\nhook\n  #!/bin/sh\n  exec freehold hook pre-receive {options}");
    assert_eq!(found(&hook("--branch release")), ["FH0908"]);
    assert_eq!(found(&hook("--actor-env GL_USERNAME --branch=main")), Vec::<String>::new());
}

#[test]
fn a_hook_in_the_wrong_folder_is_none() {
    assert_eq!(found("server\nset core.hooksPath /srv/hooks"), ["FH0908"]);
}

#[test]
fn a_mirror_is_judged_where_it_comes_from() {
    assert_eq!(found("server\nno hook\nset remote.origin.mirror true"), Vec::<String>::new());
}

#[test]
fn a_general_setting_counts_until_the_special_one_says_otherwise() {
    assert_eq!(found("server\nunset receive.fsckObjects\nset transfer.fsckObjects true"), Vec::<String>::new());
    assert_eq!(found("server\nset receive.fsckObjects false\nset transfer.fsckObjects true"), ["FH0909"]);
}

#[test]
fn a_secret_is_told_and_not_shown() {
    let ground = Ground::of(
        "set remote.origin.url https://ada:s3cr3t@git.example.com/acme/dags.git\nset http.extraheader AUTHORIZATION: basic aHVudGVyMg==",
    );
    for format in ["human", "json", "sarif"] {
        let ran = ground.doctor(&["--format", format]);
        assert!(!format!("{ran:?}").contains("s3cr3t") && !format!("{ran:?}").contains("aHVudGVyMg"), "{ran:?}");
    }
    assert_eq!(ground.findings().len(), 2);
}

#[test]
fn the_older_branch_protection_is_understood_and_who_goes_around_it_is_told() {
    let protection = r#"rules
  { "required_pull_request_reviews": { "require_code_owner_reviews": true },
    "required_status_checks": { "strict": true, "contexts": ["verify"], "checks": [{ "context": "verify", "app_id": 15368 }] },
    "enforce_admins": { "enabled": ADMINS }, "allow_force_pushes": { "enabled": false }, "allow_deletions": { "enabled": false } }"#;
    assert_eq!(found(&protection.replace("ADMINS", "true")), Vec::<String>::new());
    let found = Ground::of(&protection.replace("ADMINS", "false")).findings();
    assert_eq!(found[0]["title"], "every administrator of the repository may go around the rules");
}

#[test]
fn a_ruleset_is_understood_and_the_app_that_publishes_may_go_around_it() {
    let ruleset = r#"rules
  { "enforcement": "active", "bypass_actors": [{ "actor_id": 7, "actor_type": "ACTOR", "bypass_mode": "always" }], "rules": [
    { "type": "pull_request", "parameters": {} }, { "type": "non_fast_forward" }, { "type": "deletion" }, { "type": "merge_queue" },
    { "type": "required_status_checks", "parameters": { "required_status_checks": [{ "context": "judge / verify", "integration_id": 1 }] } }
  ] }"#;
    assert_eq!(found(&ruleset.replace("ACTOR", "Integration")), Vec::<String>::new());
    assert_eq!(found(&ruleset.replace("ACTOR", "RepositoryRole")), ["FH0919"]);
    let idle = Ground::of(&ruleset.replace("ACTOR", "Team").replace("active", "evaluate")).findings();
    assert_eq!(idle.len(), 5, "the ruleset, the check, pull requests, force pushes and deletions: {idle:#?}");
}

#[test]
fn a_workflow_that_the_host_requires_from_outside_is_enough() {
    let outside = r#"rules
  [ { "type": "workflows", "parameters": { "workflows": [{ "path": ".github/workflows/verify.yml", "repository_id": 5 }] } },
    { "type": "pull_request" }, { "type": "non_fast_forward" }, { "type": "deletion" } ]"#;
    assert_eq!(found(&format!("delete .github/workflows/verify.yml\n{outside}")), Vec::<String>::new());
}

#[test]
fn what_is_no_answer_of_the_host_is_told() {
    for answer in ["{ \"message\": \"Not Found\", \"status\": \"404\" }", "[1]", "text"] {
        let found = Ground::of(&format!("rules\n  {answer}")).findings();
        assert!(found.iter().any(|finding| finding["title"].as_str().is_some_and(|title| title.contains("is no answer"))), "{found:#?}");
    }
}

#[test]
fn t10_a_check_that_its_own_pull_request_may_edit_is_told_with_the_way_to_require_it_from_outside() {
    let edit = "replace in .github/workflows/verify.yml\n  pull_request_target\n  pull_request";
    let found = Ground::of(edit).findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["code"], "FH0914");
    assert!(found[0]["help"].as_str().is_some_and(|help| help.contains("pull_request_target") && help.contains("--rules")));
}

#[test]
fn gitlabs_pipeline_judges_too_and_is_edited_by_what_it_judges() {
    let pipeline = "write .gitlab-ci.yml\n  verify:\n    script: [\"freehold verify --repo . --base a --head b --team churn\"]";
    let owners = "write CODEOWNERS\n  * @acme/platform";
    let gone = "delete .github/workflows/verify.yml\ndelete .github/CODEOWNERS";
    assert_eq!(found(&format!("{gone}\n{owners}\n{pipeline}")), ["FH0914"]);
    assert_eq!(found(&format!("{gone}\n{owners}")), ["FH0913"]);
}

#[test]
fn a_workflow_that_no_reader_understands_is_told_as_not_seen() {
    let ran = Ground::of("write .github/workflows/odd.yml\n  jobs: [").doctor(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("not seen: `.github/workflows/odd.yml`"), "{}", ran.stderr);
}

#[test]
fn doctor_runs_nothing_and_changes_nothing() {
    let ground = Ground::of("server\nset core.fsmonitor touch /tmp/never\nset core.sshCommand false\nset remote.origin.promisor true");
    let before = everything(&ground);
    ground.doctor(&[]);
    assert!(before == everything(&ground));
}

fn everything(ground: &Ground) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![ground.repository()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { drop(found.insert(path.clone(), fs_err::read(path).expect("read"))) }
        }
    }
    found
}
