//! What the repository around a change could do to the judgement: its tags, grafts, settings and depth have no say.

use std::process::Command;

use freehold::central::{Asker, verify};
use freehold::io::git::{GitError, Landing, Repository};
use freehold::source::Sources;

use crate::ground::Company;

/// Team churn deletes all that ads has, in its clone.
fn erased() -> Company {
    let company = Company::new();
    company.git(&["checkout", "--quiet", "-b", "evil"]);
    company.git(&["rm", "-r", "--quiet", "dags/ads", "sources/ads"]);
    company.git(&["commit", "--quiet", "--message", "tidy up"]);
    company
}

fn codes(company: &Company, base: &str) -> Result<Vec<&'static str>, GitError> {
    let repository = Repository::open(&company.clone_folder())?;
    let asker = Asker::Teams(["churn"].map(|team| freehold::name::TeamName::parse(team).expect("a name")).into());
    let verdict = verify(&repository, (Some(base), Some("HEAD")), Landing::Merge, (&asker, None), &company.compiler, &Sources::new())?;
    Ok(verdict.diagnostics.iter().map(|fault| fault.code.id).collect())
}

#[test]
fn a_tag_cannot_stand_in_for_the_protected_branch() {
    let company = erased();
    assert_eq!(codes(&company, "origin/main").expect("judged"), ["FH0801"]);
    for tag in ["main", "origin/main"] {
        company.git(&["tag", tag]);
        company.git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
        assert!(matches!(codes(&company, tag), Err(GitError::TwoMeanings(_))), "{tag}");
    }
    assert_eq!(codes(&company, "refs/remotes/origin/main").expect("judged"), ["FH0801"], "a full name means one thing");
}

#[test]
fn a_graft_does_not_hide_a_deletion() {
    let company = erased();
    let (head, base) = (company.git(&["rev-parse", "HEAD"]), company.git(&["rev-parse", "origin/main"]));
    let info = company.clone_folder().join(".git/info");
    fs_err::create_dir_all(&info).expect("made");
    fs_err::write(info.join("grafts"), format!("{base} {head}\n")).expect("written");
    assert_eq!(codes(&company, "refs/remotes/origin/main").expect("judged"), ["FH0801"]);
}

#[test]
fn a_shallow_clone_is_no_ground_for_a_judgement_about_merging() {
    let company = erased();
    company.git(&["push", "--quiet", "origin", "evil"]);
    company.git(&["checkout", "--quiet", "-B", "main", "origin/main"]);
    company.git(&["commit", "--quiet", "--allow-empty", "--message", "meanwhile"]);
    company.git(&["push", "--quiet", "origin", "main"]);
    let shallow = company.folder().join("shallow");
    let url = format!("file://{}", company.central().display());
    let cloned = Command::new("git").args(["clone", "--quiet", "--depth=1", "--no-single-branch", &url]).arg(&shallow).status();
    assert!(cloned.expect("git runs").success());
    let repository = Repository::open(&shallow).expect("opened");
    let revisions = (Some("refs/remotes/origin/main"), Some("refs/remotes/origin/evil"));
    let verdict = verify(&repository, revisions, Landing::Merge, (&Asker::Platform, None), &company.compiler, &Sources::new());
    assert!(verdict.is_err(), "without the history nothing is known: {verdict:?}");
}

#[test]
fn settings_of_the_judged_repository_run_nothing() {
    let company = erased();
    let mark = company.folder().join("ran");
    let command = format!("touch {}; false", mark.display());
    for (key, value) in [
        ("core.sshCommand", command.as_str()),
        ("core.fsmonitor", &command),
        ("merge.evil.driver", &command),
        ("remote.origin.url", "ssh://x/y"),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
    ] {
        company.git(&["config", key, value]);
    }
    let info = company.clone_folder().join(".git/info");
    fs_err::create_dir_all(&info).expect("made");
    fs_err::write(info.join("attributes"), "* merge=evil\n").expect("written");
    assert_eq!(codes(&company, "refs/remotes/origin/main").expect("judged"), ["FH0801"]);
    assert!(!mark.exists(), "a program of the judged repository ran");
}

#[test]
fn a_folder_without_files_is_a_change_like_any_other() {
    let company = Company::new();
    let tree = company.git(&["rev-parse", "HEAD^{tree}"]);
    let empty = company.git(&["mktree", "--missing"]);
    let listed = company.git(&["ls-tree", &tree]);
    let script = format!("printf '%s\\n040000 tree {empty}\\t..\\n' '{listed}' | git mktree");
    let made = Command::new("sh").args(["-c", &script]).current_dir(company.clone_folder()).output().expect("sh runs");
    let odd = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    let commit = company.git(&["commit-tree", &odd, "-p", "HEAD", "-m", "odd"]);
    company.git(&["reset", "--quiet", "--soft", &commit]);
    assert!(!codes(&company, "origin/main").expect("judged").is_empty());
}

#[test]
fn a_lock_that_claims_anothers_files_does_not_make_regenerating_delete_them() {
    let company = Company::new();
    let path = "sources/churn/churn-model/freehold.lock";
    let lock = company.central_file(path).expect("there");
    let claims = ["dags/ads/report.py", "teams/ads.yaml"]
        .map(|file| format!("\n    \"{file}\": \"{}\",", company.git(&["rev-parse", &format!("HEAD:{file}")])));
    company.write(path, &lock.replacen("\"compiled\": {", &format!("\"compiled\": {{{}", claims.concat()), 1));
    company.regenerate("churn");
    assert_eq!(company.git(&["status", "--porcelain", "--", "dags/ads", "teams"]), "");
}

#[test]
fn a_branch_that_is_called_like_an_id_does_not_stand_in_for_the_commit() {
    let company = erased();
    let base = company.git(&["rev-parse", "origin/main"]);
    company.git(&["update-ref", &format!("refs/heads/{base}"), "HEAD"]);
    assert_eq!(codes(&company, &base).expect("judged"), ["FH0801"], "an id is an id");
    company.git(&["update-ref", &format!("refs/heads/{}", &base[..12]), "HEAD"]);
    assert!(matches!(codes(&company, &base[..12]), Err(GitError::TwoMeanings(_))));
    company.git(&["update-ref", "-d", &format!("refs/heads/{}", &base[..12])]);
    assert_eq!(codes(&company, &base[..12]).expect("judged"), ["FH0801"]);
}
