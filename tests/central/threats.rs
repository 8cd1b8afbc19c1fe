//! Accidents and attacks on the way of a pull request or a push, each performed with git and refused by the verifier.

use freehold::central::Asker;
use freehold::diag::{Diagnostic, Place, Severity};
use freehold::io::git::{Landing, Repository};

use crate::ground::{Company, PLATFORM, account, errors, teams};

fn churn() -> Asker {
    teams(&["churn"])
}

#[test]
fn a_team_that_edits_only_its_own_unbound_source_is_not_refused() {
    let company = Company::new();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/explore.yaml", "workflow: explore\n");
    company.regenerate("churn");
    company.commit("a source of our own");
    for asker in [churn(), account("ada")] {
        let verdict = company.judge(&asker);
        assert!(verdict.diagnostics.is_empty(), "{:#?}", verdict.diagnostics);
    }
}

#[test]
fn t01_delete_another_teams_file_is_refused() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads/reports/workflows/report.yaml"]);
    assert_eq!(company.refused(&churn()), ["FH0801"]);
    assert_eq!(errors(&company.judge(&account("ada")).diagnostics), ["FH0801"]);
    assert_eq!(errors(&company.judge(&Asker::Platform).diagnostics), ["FH0801"], "sources are not the platform's either");
}

#[test]
fn t01_a_refusal_names_the_owner_and_the_files() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "dags/ads/report.py"]);
    company.commit("oops");
    let found = company.judge(&churn()).diagnostics.remove(0);
    assert_eq!(found.title, "team `churn` may not change `dags/ads/report.py`");
    assert_eq!(found.labels[0].text, "deleted by this change; it belongs to team `ads`");
    assert!(found.help.is_some());
}

#[test]
fn t02_a_directory_that_takes_anothers_files_along_is_refused() {
    let company = Company::new();
    company.git(&["mv", "dags/ads", "dags/churn/ads"]);
    let codes = company.refused(&churn());
    assert!(codes.contains(&"FH0801"), "{codes:?}");
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.git(&["mv", "dags/ads/report.py", "dags/churn/report.py"]);
    assert_eq!(company.refused(&churn()), ["FH0801"], "a rename is a deletion at its old place");
}

#[test]
fn t07_a_lock_that_claims_anothers_files_is_refused() {
    let company = Company::new();
    let path = "sources/churn/churn-model/freehold.lock";
    let id = company.git(&["rev-parse", "HEAD:dags/ads/report.py"]);
    let lock = company.central_file(path).expect("there");
    company.write(path, &lock.replacen("\"compiled\": {", &format!("\"compiled\": {{\n    \"dags/ads/report.py\": \"{id}\","), 1));
    assert_eq!(company.refused(&churn()), ["FH0803"]);
    company.write(path, &lock.replace("\"source\": \"churn-model\"", "\"source\": \"reports\""));
    assert_eq!(company.refused(&churn()), ["FH0803"]);
}

#[test]
fn t08_policy_and_published_files_in_one_change_are_refused_to_anybody() {
    let company = Company::new();
    company.write("teams/churn.yaml", "team: churn\nmembers: [ada, grace, eve]\n");
    company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\n# more\n");
    company.commit("both");
    for asker in [churn(), Asker::Platform, account("ada")] {
        assert!(errors(&company.judge(&asker).diagnostics).contains(&"FH0810"), "{asker:?}");
    }
}

#[test]
fn t09_policy_is_read_from_the_base_and_the_verdict_names_what_it_judged() {
    let company = Company::new();
    company.write("teams/churn.yaml", "team: churn\nmembers: [eve]\n");
    company.commit("eve grants herself");
    company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\n# eve\n");
    let head = company.commit("and edits");
    let verdict = company.judge(&account("eve"));
    assert!(errors(&verdict.diagnostics).contains(&"FH0801"));
    assert_eq!(verdict.base.map(|id| id.to_string()), Some(company.tip()));
    assert_eq!(verdict.head.map(|id| id.to_string()), Some(head));
}

#[test]
fn t10_a_team_cannot_change_the_workflow_that_checks_it() {
    let company = Company::new();
    company.write(".github/workflows/verify.yaml", "on: never\n");
    assert_eq!(company.refused(&churn()), ["FH0801"]);
}

#[test]
fn t12_a_generated_file_edited_by_hand_is_refused_to_its_own_team() {
    let company = Company::new();
    company.write("dags/churn/daily.py", "print('by hand')\n");
    assert_eq!(company.refused(&churn()), ["FH0802"]);
}

#[test]
fn t13_a_generated_file_of_another_edited_by_hand_is_refused() {
    let company = Company::new();
    company.write("dags/ads/report.py", "print('by hand')\n");
    assert_eq!(company.refused(&churn()), ["FH0801"]);
    assert_eq!(errors(&company.judge(&Asker::Platform).diagnostics), ["FH0802"], "what it was compiled to is judged for anybody");
}

#[test]
fn t14_a_push_that_is_not_built_on_the_tip_is_refused() {
    let company = Company::new();
    company.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    company.write("README.md", "stale\n");
    company.commit("on a stale base");
    assert_eq!(errors(&company.judge_landing(&Asker::Platform, Landing::Push).diagnostics), ["FH0813"]);
    assert!(errors(&company.judge_landing(&Asker::Platform, Landing::Merge).diagnostics).is_empty(), "merging loses nothing");
}

#[test]
fn t15_a_lock_that_goes_back_is_refused() {
    let company = Company::new();
    company.git(&["reset", "--quiet", "--hard"]);
    let old = company.git(&["rev-parse", "HEAD"]);
    company
        .publish(&company.churn().commit("c3").with("workflows/daily.yaml", "tags: [new]\n"))
        .expect("git works")
        .commit
        .expect("published");
    company.pull();
    company.git(&["checkout", "--quiet", &old, "--", "sources/churn", "dags/churn"]);
    assert_eq!(company.refused(&churn()), ["FH0807"]);
}

#[test]
fn t16_a_lock_that_names_a_repository_without_a_grant_is_refused() {
    let company = Company::new();
    let path = "sources/churn/churn-model/freehold.lock";
    let lock = company.central_file(path).expect("there");
    company.write(path, &lock.replace("\"id\": 1001", "\"id\": 666").replace("\"serial\": 1", "\"serial\": 2"));
    assert_eq!(company.refused(&churn()), ["FH0807"]);
}

#[test]
fn t18_a_source_that_is_emptied_is_refused() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "-r", "sources/churn/churn-model/workflows"]);
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), ["FH0807", "FH0808", "FH0809"]);
    company.git(&["rm", "--quiet", "-r", "--force", "--ignore-unmatch", "sources/churn", "dags/churn"]);
    assert_eq!(company.refused(&churn()), ["FH0808"]);
}

#[test]
fn t19_most_of_a_source_lost_is_refused_unless_the_source_retires_it_by_name() {
    let company = with_notebooks();
    for name in ["drafts", "explore", "plots"] {
        company.git(&["rm", "--quiet", &format!("sources/churn/notebooks/workflows/{name}.yaml")]);
    }
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), ["FH0809"]);
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\nretire: [drafts, explore, plots]\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), Vec::<&str>::new());
}

#[test]
fn t18_a_source_that_retires_all_it_has_is_emptied_and_remembers() {
    let company = with_notebooks();
    company.git(&["rm", "--quiet", "-r", "sources/churn/notebooks/workflows"]);
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\nretire: [drafts, explore, plots, tables]\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), Vec::<&str>::new());
    let lock = company.git(&["show", "HEAD:sources/churn/notebooks/freehold.lock"]);
    let forgetful = lock.replace("\"drafts\": {", "\"draughts\": {");
    company.write("sources/churn/notebooks/freehold.lock", &format!("{forgetful}\n"));
    assert_eq!(company.refused(&churn()), ["FH0809"], "the lock has to remember what is gone");
}

#[test]
fn t20_what_the_branchs_lock_protects_stays_whatever_the_change_says() {
    let company = with_notebooks();
    company.write("sources/churn/notebooks/workflows/plots.yaml", "protect: true\n");
    company.regenerate("churn");
    company.land("protected");
    company.git(&["rm", "--quiet", "sources/churn/notebooks/workflows/plots.yaml"]);
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\nretire: [plots]\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), ["FH0809"]);
}

/// The company, whose team `churn` also keeps a source in the central repository itself.
fn with_notebooks() -> Company {
    let company = Company::new();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    for name in ["drafts", "explore", "plots", "tables"] {
        company.write(&format!("sources/churn/notebooks/workflows/{name}.yaml"), &format!("workflow: {name}\n"));
    }
    company.regenerate("churn");
    company.land("notebooks");
    company
}

#[test]
fn t21_a_symbolic_link_is_refused_wherever_it_is() {
    for path in ["sources/churn/churn-model/workflows/daily.yaml", "dags/churn/daily.py", "README.md", "teams/churn.yaml"] {
        let company = Company::new();
        let full = company.clone_folder().join(path);
        fs_err::remove_file(&full).expect("it was there");
        std::os::unix::fs::symlink("/etc/passwd", full).expect("linked");
        company.commit("a link");
        let asker = if path.contains("churn/") { churn() } else { Asker::Platform };
        assert!(errors(&company.judge(&asker).diagnostics).contains(&"FH0805"), "{path}");
    }
}

#[test]
fn t22_names_that_leave_the_folder_or_hide_in_it_are_refused() {
    for name in ["a\\b.yaml", "con.yaml", "x..", "tab\there.yaml", "caf\u{e9}.yaml", " x.yaml"] {
        let company = Company::new();
        company.write(&format!("sources/churn/churn-model/workflows/{name}"), "x\n");
        let codes = company.refused(&churn());
        assert!(codes.contains(&"FH0804"), "{name:?}: {codes:?}");
    }
}

/// Writes a tree of these lines, as `git ls-tree` shows them; git checks them for nothing.
fn tree(company: &Company, lines: &str) -> String {
    use std::io::Write as _;
    let mut child = crate::ground::command(&company.clone_folder(), &["mktree"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("git runs");
    // An empty line would be a second tree.
    let lines = if lines.is_empty() { String::new() } else { format!("{lines}\n") };
    write!(child.stdin.take().expect("a pipe"), "{lines}").expect("written");
    let made = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("an id");
    made.trim().to_owned()
}

/// Builds a commit on HEAD with one more entry at the top.
fn plant_entry(company: &Company, entry: &str) {
    let made = tree(company, &format!("{}\n{entry}", company.git(&["ls-tree", "HEAD"])));
    let commit = company.git(&["commit-tree", &made, "-p", "HEAD", "-m", "planted"]);
    company.git(&["update-ref", "HEAD", &commit]);
}

/// Builds a commit on HEAD with a file of a name that git's own commands would refuse to add.
fn plant(company: &Company, name: &str) {
    let blob = company.git(&["rev-parse", "HEAD:README.md"]);
    plant_entry(company, &format!("100644 blob {blob}\t{name}"));
}

#[test]
fn t22_a_tree_with_dot_dot_or_dot_git_in_it_is_refused() {
    for name in ["..", ".git", ".GIT", "."] {
        let company = Company::new();
        plant(&company, name);
        assert_eq!(errors(&company.judge(&Asker::Platform).diagnostics), ["FH0804"], "{name}");
    }
}

#[test]
fn t22_a_tree_with_one_name_twice_is_no_tree() {
    let company = Company::new();
    plant(&company, "README.md");
    let repository = Repository::open(&company.clone_folder()).expect("a repository");
    let sources = freehold::source::Sources::new();
    let revisions = (Some("refs/remotes/origin/main"), Some("HEAD"));
    let error = freehold::central::verify(&repository, revisions, Landing::Merge, (&Asker::Platform, None), &company.compiler, &sources);
    assert!(error.expect_err("malformed").to_string().contains("`README.md` twice"));
}

#[test]
fn t23_names_that_differ_by_case_only_are_refused() {
    let company = Company::new();
    company.write("sources/churn/churn-model/workflows/Daily.yaml", "x\n");
    assert!(company.refused(&churn()).contains(&"FH0804"));
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.write("Dags/churn/x.py", "x\n");
    assert_eq!(company.refused(&Asker::Platform), ["FH0804"], "folders too");
}

#[test]
fn t30_a_new_format_may_rerender_everybody_when_all_bytes_follow_from_the_sources() {
    let mut company = Company::new();
    company.compiler.format = 2;
    company.regenerate("churn");
    company.regenerate("ads");
    assert_eq!(company.refused(&Asker::Platform), Vec::<&str>::new());
    company.write("dags/ads/report.py", "print('slipped in')\n");
    assert_eq!(company.refused(&Asker::Platform), ["FH0802"]);
}

#[test]
fn t31_files_that_tools_load_by_themselves_are_refused() {
    let below = ["dags/churn/.airflowignore", "dags/churn/__init__.py", "dags/churn/conftest.py", "dags/churn/deep/x.py", "dags/x.py"];
    let beside =
        ["sources/churn/churn-model/.gitattributes", "sources/churn/churn-model/setup.py", "sources/churn/x.yaml", "dags/.airflowignore"];
    for path in below.iter().chain(&beside) {
        let company = Company::new();
        company.write(path, "x\n");
        company.commit("planted");
        for asker in [churn(), Asker::Platform] {
            assert!(errors(&company.judge(&asker).diagnostics).contains(&"FH0806"), "{path} by {asker:?}");
        }
    }
    for path in [".gitattributes", ".gitmodules", "airflow_local_settings.py", "sitecustomize.py"] {
        let company = Company::new();
        company.write(path, "x\n");
        assert_eq!(company.refused(&churn()), ["FH0801"], "{path}");
    }
}

#[test]
fn t34_attributes_that_hide_a_change_are_refused_wherever_they_lie() {
    for (path, code) in [
        (".gitattributes", "FH0801"),
        ("dags/.gitattributes", "FH0806"),
        ("dags/churn/.gitattributes", "FH0806"),
        ("sources/.gitattributes", "FH0806"),
        ("sources/churn/.gitattributes", "FH0806"),
        ("sources/churn/churn-model/workflows/.gitattributes", "FH0806"),
    ] {
        let company = Company::new();
        company.write(path, "* -diff linguist-generated\n");
        let found = company.refused(&churn());
        assert!(found.contains(&code), "{path}: {found:?}");
    }
}

#[test]
fn t32_a_file_that_shadows_a_module_is_refused() {
    let company = Company::new();
    company.write("dags/pandas.py", "x\n");
    assert_eq!(company.refused(&churn()), ["FH0806"]);
}

#[test]
fn t35_a_submodule_is_refused() {
    let company = Company::new();
    let commit = company.git(&["rev-parse", "HEAD"]);
    for (path, asker) in [("sources/churn/churn-model/lib", churn()), ("vendor", Asker::Platform)] {
        company.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
        company.git(&["commit", "--quiet", "--message", "submodule"]);
        assert!(errors(&company.judge(&asker).diagnostics).contains(&"FH0805"), "{path}");
        company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    }
}

#[test]
fn t36_an_executable_bit_is_refused() {
    let company = Company::new();
    company.git(&["update-index", "--chmod=+x", "dags/churn/daily.py"]);
    company.git(&["commit", "--quiet", "--message", "mode"]);
    assert_eq!(errors(&company.judge(&churn()).diagnostics), ["FH0805"]);
}

#[test]
fn t37_a_huge_file_is_refused() {
    let company = Company::new();
    company.write("sources/churn/churn-model/workflows/data.csv", &"0123456789abcdef".repeat(1024 * 1024 + 1));
    assert_eq!(company.refused(&churn()), ["FH0814"]);
}

#[test]
fn t37_a_few_objects_that_name_millions_of_files_are_refused_before_they_are_walked() {
    let company = Company::new();
    let blob = company.git(&["rev-parse", "HEAD:README.md"]);
    let empty = tree(&company, "");
    for leaf in [format!("100644 blob {blob}"), format!("040000 tree {empty}")] {
        let folder = |entry: String| tree(&company, &(0..30).map(|at| format!("{entry}\tf{at:02}")).collect::<Vec<_>>().join("\n"));
        let bomb = (0..9).fold(folder(leaf), |below, _| folder(format!("040000 tree {below}")));
        company.git(&["reset", "--quiet", "--soft", "origin/main"]);
        plant_entry(&company, &format!("040000 tree {bomb}\tbomb"));
        for asker in [churn(), account("ada")] {
            assert_eq!(errors(&company.judge(&asker).diagnostics), ["FH0814"]);
        }
    }
}

#[test]
fn t39_a_merge_that_drops_anothers_files_is_refused() {
    let company = Company::new();
    company.git(&["checkout", "--quiet", "-b", "ours", "HEAD~1"]);
    company.git(&["merge", "--quiet", "--strategy=ours", "--no-edit", "origin/main"]);
    assert_eq!(errors(&company.judge(&churn()).diagnostics), ["FH0801"], "ads' files are not in the merge");
}

#[test]
fn t41_two_changes_that_are_right_alone_and_wrong_together_do_not_both_land() {
    let company = Company::new();
    for text in ["one", "other"] {
        company.git(&["checkout", "--quiet", "-B", text, "origin/main"]);
        company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
        company.write("sources/churn/notebooks/workflows/explore.yaml", &format!("tags: [{text}]\n"));
        company.regenerate("churn");
        assert_eq!(company.refused(&churn()), Vec::<&str>::new(), "{text} is right alone");
    }
    company.git(&["push", "--quiet", "origin", "one:main"]);
    assert_eq!(errors(&company.judge(&churn()).diagnostics), ["FH0812"]);
}

#[test]
fn t50_missing_or_unreadable_policy_allows_nothing() {
    for (path, text) in [("platform.yaml", "target: {"), ("teams/churn.yaml", "team: ads\n")] {
        let company = Company::new();
        company.write(path, text);
        company.land("broken");
        company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\n# more\n");
        assert!(company.refused(&churn()).contains(&"FH0811"), "{path}");
    }
    let company = Company::new();
    company.git(&["rm", "--quiet", "teams/churn.yaml"]);
    company.land("gone");
    company.write("dags/churn/daily.py", "x\n");
    assert!(company.refused(&churn()).contains(&"FH0811"));
}

/// The files that the findings of FH0811 point at.
fn policy_places(found: &[Diagnostic]) -> Vec<&str> {
    let labels = found.iter().filter(|found| found.code.id == "FH0811").flat_map(|found| &found.labels);
    labels.filter_map(|label| if let Place::File(path) = &label.place { Some(path.as_str()) } else { None }).collect()
}

#[test]
fn t50_a_platform_that_cannot_be_read_is_itself_the_place_and_no_grant_is() {
    let company = Company::new();
    company.write("platform.yaml", "platform: acme\n");
    company.commit("broken");
    assert_eq!(policy_places(&company.judge(&Asker::Platform).diagnostics), ["platform.yaml"]);
    company.land("broken");
    company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\n# more\n");
    company.commit("asked");
    assert_eq!(policy_places(&company.judge(&churn()).diagnostics), ["platform.yaml"]);
    let audited = company.audited();
    assert!(policy_places(&audited).iter().all(|path| *path == "platform.yaml"), "{audited:#?}");
}

#[test]
fn t50_policy_that_nobody_could_read_does_not_land() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "platform.yaml"]);
    assert_eq!(company.refused(&Asker::Platform), ["FH0811"]);
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.git(&["rm", "--quiet", "teams/ads.yaml"]);
    assert_eq!(company.refused(&Asker::Platform), ["FH0811"], "its files are still there");
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.write("platform.yaml", "platform: acme\n");
    assert!(company.refused(&Asker::Platform).contains(&"FH0811"));
    company.write("platform.yaml", &format!("{PLATFORM}environment: production\n"));
    assert_eq!(company.refused(&Asker::Platform), Vec::<&str>::new());
}

#[test]
fn t51_one_foreign_file_among_thousands_is_found() {
    let company = Company::new();
    for n in 0..3_500 {
        company.write(&format!("sources/churn/notebooks/data/{n}.csv"), "x\n");
    }
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("dags/ads/report.py", "print('hidden in the crowd')\n");
    assert_eq!(company.refused(&churn()), ["FH0801"]);
}

#[test]
fn t55_a_fault_of_another_team_does_not_stop_this_one() {
    let company = Company::new();
    company.write("sources/ads/reports/workflows/report.yaml", "fault\n");
    company.write("teams/ads.yaml", "no: grant\n");
    company.land("ads is broken");
    let outcome = company.publish(&company.churn().with("workflows/new.yaml", "workflow: new\n")).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

#[test]
fn t62_a_header_is_no_evidence() {
    let company = Company::new();
    let theirs = company.central_file("dags/ads/report.py").expect("there");
    company.write("dags/ads/report.py", &format!("# owner: churn\n{theirs}"));
    assert_eq!(company.refused(&churn()), ["FH0801"]);
}

#[test]
fn a_deleted_branch_is_refused() {
    let company = Company::new();
    let repository = Repository::open(&company.central()).expect("a repository");
    let sources = freehold::source::Sources::new();
    let verdict =
        freehold::central::verify(&repository, (Some("main"), None), Landing::Push, (&Asker::Platform, None), &company.compiler, &sources);
    assert_eq!(errors(&verdict.expect("git works").diagnostics), ["FH0813"]);
}

#[test]
fn the_first_commit_is_the_platforms_to_make() {
    let company = Company::bare();
    let repository = Repository::open(&company.central()).expect("a repository");
    let judge = |asker: &Asker| {
        let sources = freehold::source::Sources::new();
        freehold::central::verify(&repository, (None, Some("main")), Landing::Push, (asker, None), &company.compiler, &sources)
            .expect("git works")
    };
    assert!(judge(&Asker::Platform).diagnostics.is_empty());
    assert_eq!(errors(&judge(&churn()).diagnostics), ["FH0801"]);
}

#[test]
fn judging_writes_nothing_into_the_repository() {
    let company = Company::new();
    company.git(&["checkout", "--quiet", "-b", "side", "HEAD~1"]);
    company.write("README.md", "other\n");
    company.commit("to be merged");
    company.git(&["fetch", "--quiet", "origin"]);
    let before = company.git(&["count-objects"]);
    assert!(company.judge(&Asker::Platform).diagnostics.iter().all(|found| found.severity != Severity::Error));
    assert_eq!(company.git(&["count-objects"]), before);
}

#[test]
fn t01_a_reference_belongs_to_the_team_that_waits() {
    let company = Company::new();
    let asked = company.ads().with("workflows/report.yaml", "workflow: report\ntasks: { wait: { wait_for: { workflow: churn/daily } } }\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    company.git(&["pull", "--quiet"]);
    company.git(&["rm", "--quiet", "references/churn/daily/ads/report.yaml"]);
    assert_eq!(company.refused(&churn()), ["FH0801"], "it lies in a folder that is called after us");
    assert_eq!(errors(&company.judge(&teams(&["ads"])).diagnostics), ["FH0802"], "it follows from a source");
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.write("references/ads/spend/churn/daily.yaml", "waits_for: ads/spend\n");
    assert_eq!(company.refused(&churn()), ["FH0802"], "nothing of ours waits for it");
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    company.write("references/ads/spend/churn/daily.py", "print()\n");
    assert_eq!(company.refused(&churn()), ["FH0806"]);
}

#[test]
fn t59_a_change_that_takes_away_what_another_team_waits_for_is_refused() {
    let company = with_notebooks();
    let waits = "workflow: spend\ntasks: { wait: { wait_for: { workflow: churn/plots } } }\n";
    company.publish(&company.ads().with("workflows/spend.yaml", waits)).expect("git works").commit.expect("published");
    company.pull();
    company.git(&["rm", "--quiet", "sources/churn/notebooks/workflows/plots.yaml"]);
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\nretire: [plots]\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&churn()), ["FH0809"]);
    assert!(company.judge(&churn()).diagnostics[0].title.contains("`ads/spend`"));
}
