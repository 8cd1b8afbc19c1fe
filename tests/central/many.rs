//! Changes of tens of thousands of small things at once, by one who may make some of them or none: each is judged at the cost of what it
//! brings, because whoever else pushes waits for it.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use freehold::central::{Asker, Update};

use crate::ground::{Asked, Company, account, command, errors, teams};

/// Files of one folder that one push adds.
const MANY: usize = 20_000;
/// Files that one push adds where each lies in folders of its own, which are read one by one.
const FOLDERS: usize = 3_000;
/// Far more than judging them takes without optimisation, and far less than their square would.
const LONGEST: Duration = Duration::from_secs(200);

/// Has the central repository hold a commit on its branch that adds many files, and gives its id.
fn bring(company: &Company, paths: impl Iterator<Item = String>) -> String {
    let mut git = command(&company.central(), &["fast-import", "--quiet", "--force"]);
    let mut git = git.stdin(Stdio::piped()).spawn().expect("git runs");
    let mut stream = "blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/many\ncommitter A <a@localhost> 1 +0000\ndata 1\nx\n".to_owned();
    stream.push_str("from refs/heads/main^0\n");
    for path in paths {
        stream.push_str(&format!("M 100644 :1 {path}\n"));
    }
    git.stdin.take().expect("piped").write_all(stream.as_bytes()).expect("written");
    assert!(git.wait().expect("it ends").success());
    company.central_git(&["rev-parse", "refs/heads/many"])
}

/// What the hook says of a push that adds many files to the branch.
#[track_caller]
fn refused(company: &Company, asker: &Asker, count: usize, path: impl Fn(usize) -> String) -> Vec<&'static str> {
    let new = bring(company, (0..count).map(path));
    let update = Update { old: Some(company.tip()), new: Some(new), reference: "refs/heads/main".to_owned() };
    let start = Instant::now();
    let found = errors(&company.receive(asker, &update));
    assert!(start.elapsed() < LONGEST, "it took {:?}", start.elapsed());
    found
}

#[test]
fn t37_files_in_thousands_of_teams_and_sources_are_refused_in_time() {
    let company = Company::new();
    let in_teams = refused(&company, &account("mallory"), FOLDERS, |at| format!("sources/t{at}/s/x"));
    assert_eq!(in_teams, ["FH0801", "FH0811"], "teams that there are not");
    let compiled = refused(&company, &account("mallory"), FOLDERS, |at| format!("dags/t{at}/x.py"));
    assert_eq!(compiled, ["FH0801", "FH0811"], "teams that there are not");
    let in_sources = refused(&company, &account("bob"), FOLDERS, |at| format!("sources/ads/s{at}/x"));
    assert!(in_sources.contains(&"FH0803"), "sources of one's own team: {in_sources:?}");
}

#[test]
fn t03_thousands_that_claim_one_dag_id_at_once_cost_no_square_of_their_number() {
    let company = Company::new();
    let found = refused(&company, &account("bob"), MANY, |at| format!("dag-ids/legacy/ads/w{at}.yaml"));
    assert!(found.contains(&"FH0802") && found.contains(&"FH0822"), "{found:?}");
}

/// A source of `churn` with thousands of workflows, of which each says this.
fn thousands(text: impl Fn(usize) -> String, prefix: &str) -> Asked {
    let asked = Company::asked("churn", "churn-model", (1001, "acme/churn-model"));
    let asked = asked.with("freehold.yaml", "team: churn\nsource: churn-model\n");
    (0..4000).fold(asked, |asked, at| asked.with(&format!("workflows/{prefix}{at}.yaml"), &text(at)))
}

#[test]
fn t58_thousands_that_are_renamed_at_once_cost_no_square_of_their_number() {
    let company = Company::new();
    let before = thousands(|_| "x\n".to_owned(), "w").commit("c2");
    let before =
        ["daily", "hourly", "weekly", "monthly"].iter().fold(before, |all, name| all.with(&format!("workflows/{name}.yaml"), "x\n"));
    company.publish(&before).expect("git works").commit.expect("published");
    let start = Instant::now();
    let renamed = thousands(|at| format!("renamed_from: w{at}\n"), "v").commit("c3");
    let renamed =
        ["daily", "hourly", "weekly", "monthly"].iter().fold(renamed, |all, name| all.with(&format!("workflows/{name}.yaml"), "x\n"));
    let base = company.tip();
    company.publish(&renamed).expect("git works").commit.expect("none of them is a deletion");
    company.pull_hard();
    company.central_git(&["update-ref", "refs/heads/main", &base]);
    assert_eq!(errors(&company.judge(&teams(&["churn"])).diagnostics), Vec::<&str>::new());
    assert!(start.elapsed() < LONGEST, "it took {:?}", start.elapsed());
    let lock = company.git(&["show", "HEAD:sources/churn/churn-model/freehold.lock"]);
    assert!(lock.contains("\"successor\": \"churn/v17\""));
}
