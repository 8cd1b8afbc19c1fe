//! Publishes that wait on branches of their own, and landing them together.

use freehold::central::{Consent, Lock, Tombstone};

use crate::ground::{Asked, Company, errors};

#[test]
fn what_waits_lands_in_one_commit_and_waits_no_longer() {
    let company = Company::new();
    let tip = company.tip();
    for asked in [company.churn().with("workflows/more.yaml", "x\n"), company.ads().with("workflows/clicks.yaml", "x\n")] {
        company.publish(&asked.via_branch()).expect("git works").commit.expect("it waits");
    }
    assert_eq!(company.tip(), tip, "nothing has landed");
    assert_eq!(company.central_git(&["for-each-ref", "--format=%(refname)", "refs/heads/publish"]).lines().count(), 2);
    let done = company.integrate();
    assert!(done.refused.is_empty(), "{:#?}", done.refused);
    assert_eq!((done.landed.len(), done.commit.map(|commit| commit.to_string())), (2, Some(company.tip())));
    assert_eq!(company.central_git(&["rev-parse", "main~1"]), tip, "one commit");
    assert!(company.central_file("dags/churn/more.py").is_some() && company.central_file("dags/ads/clicks.py").is_some());
    assert_eq!(company.central_git(&["for-each-ref", "refs/heads/publish"]), "");
    let message = company.central_git(&["log", "-1", "--format=%B", "main"]);
    assert!(message.starts_with("integrate 2 publishes\n\nads/reports: create 1"), "{message}");
    assert_eq!(company.integrate().commit, None, "nothing waits any more");
}

#[test]
fn what_waits_is_not_believed() {
    let company = Company::new();
    company.publish(&company.churn().with("workflows/more.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.ads().with("workflows/clicks.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    // Somebody who may push such a branch puts another team's files into it, and compiled bytes of their own.
    company.git(&["fetch", "--quiet", "origin", "publish/churn/churn-model"]);
    company.git(&["checkout", "--quiet", "FETCH_HEAD"]);
    company.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads"]);
    company.write("dags/churn/more.py", "print('mine')\n");
    company.write("platform.yaml", "platform: mine\ntarget: { airflow: \"3.1\" }\n");
    company.commit("evil");
    company.git(&["push", "--quiet", "--force", "origin", "HEAD:publish/churn/churn-model"]);
    let done = company.integrate();
    assert_eq!(done.landed.len(), 2, "{:#?}", done.refused);
    assert!(company.central_file("dags/ads/report.py").is_some());
    assert!(company.central_file("platform.yaml").expect("there").contains("acme"));
    assert!(company.central_file("dags/churn/more.py").expect("there").contains("format 1"), "compiled here, from the sources");
}

#[test]
fn what_is_refused_waits_on_and_the_others_land() {
    let company = Company::new();
    let waiting = company.churn().with("workflows/more.yaml", "x\n");
    company.publish(&waiting.via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.ads().with("workflows/clicks.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.pull();
    company.write("teams/churn.yaml", "team: churn\nrepositories: [{ id: 1002, name: acme/churn-extra, source: churn-extra }]\n");
    company.land("the grant goes");
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (1, 1));
    assert_eq!((done.refused[0].0.as_str(), errors(&done.refused[0].1)), ("publish/churn/churn-model", vec!["FH0701"]));
    assert_eq!(company.central_git(&["for-each-ref", "--format=%(refname)", "refs/heads/publish"]), "refs/heads/publish/churn/churn-model");
}

#[test]
fn a_waiting_publish_that_another_has_overtaken_waits_on_and_publishing_again_mends_it() {
    let company = Company::new();
    company.publish(&company.churn().with("workflows/more.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.churn().with("workflows/other.yaml", "x\n")).expect("git works").commit.expect("published");
    let done = company.integrate();
    assert_eq!((done.commit, errors(&done.refused[0].1)), (None, vec!["FH0724"]));
    let again = company.churn().commit("c3").with("workflows/other.yaml", "x\n").with("workflows/more.yaml", "x\n");
    company.publish(&again.via_branch()).expect("git works").commit.expect("it waits anew");
    assert_eq!(company.integrate().landed.len(), 1);
}

#[test]
fn t15_an_older_run_does_not_replace_a_newer_one_that_waits() {
    let company = Company::new();
    let newer = company.churn().commit("c3").with("workflows/daily.yaml", "tags: [newer]\n").via_branch();
    let older = company.churn().commit("c2").with("workflows/daily.yaml", "tags: [older]\n").via_branch();
    company.publish(&newer).expect("git works").commit.expect("it waits");
    let outcome = company.publish(&older).expect("git works");
    assert_eq!((outcome.commit, errors(&outcome.plan.diagnostics)), (None, vec!["FH0705"]));
    assert_eq!(company.publish(&newer).expect("git works").commit, None, "the same waits already");
    company.integrate();
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("newer"));
}

#[test]
fn a_branch_that_is_no_publish_is_told_and_left() {
    let company = Company::new();
    company.git(&["push", "--quiet", "origin", "HEAD:refs/heads/publish/nonsense", "HEAD:refs/heads/publish/churn/notebooks"]);
    let done = company.integrate();
    assert_eq!(done.refused.iter().map(|(_, found)| errors(found)).collect::<Vec<_>>(), [["FH0724"], ["FH0724"]]);
}

/// Writes an object byte by byte, as no git client does.
fn object(company: &Company, kind: &str, bytes: &[u8]) -> String {
    let path = company.folder().join("object");
    fs_err::write(&path, bytes).expect("written");
    company.git(&["hash-object", "-t", kind, "--literally", "-w", &path.to_string_lossy()])
}

fn tree(company: &Company, entries: &[(&str, &str, &str)]) -> String {
    let digits =
        |id: &str| (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("digits")).collect::<Vec<_>>();
    let entry = |(mode, name, id): &(&str, &str, &str)| [format!("{mode} {name}\0").into_bytes(), digits(id)].concat();
    object(company, "tree", &entries.iter().flat_map(entry).collect::<Vec<_>>())
}

/// A tree-ish with a folder at a path below it. Git reads no odd tree into an index, so the trees above it are written here, too.
fn with_folder(company: &Company, tree_ish: &str, path: &[&str], id: &str) -> String {
    let (name, rest) = path.split_first().expect("a name");
    let below = if rest.is_empty() { id.to_owned() } else { with_folder(company, &format!("{tree_ish}:{name}"), rest, id) };
    // In a path of Git's a colon comes once.
    let listed = company.git(&["ls-tree", &tree_ish.replacen(':', "\0", 1).replace(':', "/").replace('\0', ":")]);
    let mut entries: Vec<(&str, &str, &str)> = listed
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(_, other)| other != name)
        .map(|(head, other)| {
            (head.split(' ').next().unwrap_or_default().trim_start_matches('0'), other, head.split(' ').nth(2).unwrap_or_default())
        })
        .chain([("40000", *name, &*below)])
        .collect();
    entries.sort_by_key(|(mode, name, _)| format!("{name}{}", if *mode == "40000" { "/" } else { "" }));
    tree(company, &entries)
}

#[test]
fn t70_one_that_waits_and_cannot_be_read_stops_nobody_else() {
    let company = Company::new();
    company.publish(&company.churn().with("workflows/more.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.git(&["fetch", "--quiet", "origin", "publish/churn/churn-model"]);
    let waiting = company.git(&["rev-parse", "FETCH_HEAD"]);
    let blob = object(&company, "blob", b"x\n");
    let deep = (0..30).fold(tree(&company, &[("100644", "f", &blob)]), |below, _| tree(&company, &[("40000", "d", &below)]));
    let names: Vec<String> = (0..100).map(|at| format!("d{at:02}")).collect();
    let wide = (0..5).fold(blob.clone(), |below, level| {
        let mode = if level == 0 { "100644" } else { "40000" };
        tree(&company, &names.iter().map(|name| (mode, name.as_str(), below.as_str())).collect::<Vec<_>>())
    });
    let twice = tree(&company, &[("100644", "a", &blob), ("100644", "a", &blob)]);
    let newline = tree(&company, &[("100644", "a\ndone", &blob)]);
    for (name, hostile) in [("deep", deep), ("wide", wide), ("twice", twice), ("newline", newline)] {
        waits(&company, &company.ads().with(&format!("workflows/{name}.yaml"), "x\n"));
        let root = with_folder(&company, &waiting, &["sources", "churn", "churn-model", "x"], &hostile);
        let commit = company.git(&["commit-tree", &root, "-p", &waiting, "-m", "x"]);
        company.git(&["push", "--quiet", "--force", "origin", &format!("{commit}:refs/heads/publish/churn/churn-model")]);
        let done = company.integrate();
        assert_eq!((done.landed.len(), done.refused.len()), (1, 1), "{name}: {:#?}", done.refused);
        assert!(company.central_file(&format!("dags/ads/{name}.py")).is_some(), "{name}");
    }
    waits(&company, &company.churn().with("workflows/more.yaml", "x\n"));
    assert_eq!(company.integrate().landed.len(), 1, "publishing again replaces it");
}

#[test]
fn what_nobody_had_time_for_waits_for_the_next_run_and_is_told() {
    let company = Company::new();
    for asked in [company.churn().with("workflows/more.yaml", "x\n"), company.ads().with("workflows/clicks.yaml", "x\n")] {
        company.publish(&asked.via_branch()).expect("git works").commit.expect("it waits");
    }
    let left = std::cell::Cell::new(2);
    let has_time = || left.replace(left.get().max(1) - 1) > 0;
    let done = company.integrate_while(crate::mint::NOW, &has_time);
    assert_eq!((done.landed.len(), done.postponed), (1, vec!["publish/churn/churn-model".to_owned()]));
    assert!(company.central_file("dags/ads/clicks.py").is_some() && company.central_file("dags/churn/more.py").is_none());
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.postponed.len()), (1, 0));
    assert!(company.central_file("dags/churn/more.py").is_some());
}

#[test]
fn t79_what_lands_does_not_wait_for_hundreds_of_another_teams_branches() {
    let company = Company::new();
    waits(&company, &company.churn().with("workflows/more.yaml", "x\n"));
    let (tip, made) = (company.tip(), company.central_git(&["rev-parse", "refs/heads/publish/churn/churn-model"]));
    for at in 0..150 {
        company.central_git(&["update-ref", &format!("refs/heads/publish/ads/s{at}"), &made]);
    }
    let (looked, landed_meanwhile) = (std::cell::Cell::new(0), std::cell::Cell::new(false));
    let has_time = || {
        looked.set(looked.get() + 1);
        landed_meanwhile.set(company.tip() != tip);
        true
    };
    let done = company.integrate_while(crate::mint::NOW, &has_time);
    assert_eq!((done.landed.len(), done.refused.len(), done.postponed.len()), (1, 150, 0));
    assert!(looked.get() > 150 && landed_meanwhile.get(), "it landed before all of them were looked at");
}

#[test]
fn a_branch_that_the_server_keeps_does_not_keep_the_others() {
    let company = Company::new();
    for asked in [company.churn().with("workflows/more.yaml", "x\n"), company.ads().with("workflows/clicks.yaml", "x\n")] {
        company.publish(&asked.via_branch()).expect("git works").commit.expect("it waits");
    }
    let hook = company.central().join("hooks/pre-receive");
    fs_err::create_dir_all(hook.parent().expect("it has one")).expect("made");
    fs_err::write(&hook, "#!/bin/sh\n! grep -q publish/ads\n").expect("written");
    fs_err::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    assert_eq!(company.integrate().landed.len(), 2);
    let left = company.central_git(&["for-each-ref", "--format=%(refname)", "refs/heads/publish"]);
    assert_eq!(left, "refs/heads/publish/ads/reports", "the hook refuses all of a push for one of its refs");
}

const LOCK: &str = "sources/churn/churn-model/freehold.lock";

fn waits(company: &Company, asked: &Asked) {
    let outcome = company.publish(&asked.clone().via_branch()).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

#[test]
fn t78_a_publish_of_the_former_owner_that_waits_does_not_bring_back_what_was_taken() {
    let give = |company: &Company| {
        let project = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n";
        company.publish(&company.churn().with("freehold.yaml", project)).expect("git works").commit.expect("published");
    };
    let taking = |company: &Company| company.ads().with("workflows/taken.yaml", "taken_from: churn/daily\n");
    // It waits while the taker publishes, and both wait for the same run.
    for waits_too in [false, true] {
        let company = Company::new();
        give(&company);
        waits(&company, &company.churn().with("workflows/daily.yaml", "tags: [edited]\n"));
        let taking = taking(&company);
        if waits_too {
            waits(&company, &taking);
        } else {
            company.publish(&taking).expect("git works").commit.expect("published");
        }
        let done = company.integrate();
        assert_eq!((done.landed.len(), errors(&done.refused[0].1)), (usize::from(waits_too), vec!["FH0723"]), "{:#?}", done.refused);
        assert!(company.central_file("dags/churn/daily.py").is_none() && company.central_file("dags/ads/taken.py").is_some());
        assert_eq!(errors(&company.audited()), Vec::<&str>::new());
    }
}

#[test]
fn t78_who_gives_and_who_takes_may_land_in_one_commit() {
    let company = Company::new();
    let project = "team: ads\nsource: reports\ngive: [{ workflows: [spend], to: churn/churn-model }]\n";
    company.publish(&company.ads().with("freehold.yaml", project)).expect("git works").commit.expect("published");
    waits(&company, &company.ads().with("freehold.yaml", project).with("workflows/report.yaml", "tags: [edited]\n"));
    waits(&company, &company.churn().with("workflows/spend.yaml", "taken_from: ads/spend\n"));
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (2, 0), "{:#?}", done.refused);
    assert!(company.central_file("dags/ads/report.py").expect("there").contains("edited"));
    assert!(company.central_file("dags/ads/spend.py").is_none() && company.central_file("dags/churn/spend.py").is_some());
    assert_eq!(errors(&company.audited()), Vec::<&str>::new());
}

#[test]
fn t78_what_a_waiting_lock_says_beside_where_it_comes_from_is_made_anew() {
    let company = Company::new();
    let project = "team: churn\nsource: churn-model\nretire: [weekly]\n";
    let asked = company.churn().with("freehold.yaml", project).without("workflows/weekly.yaml");
    company.publish(&asked).expect("git works").commit.expect("published");
    let id = company.central_git(&["rev-parse", "main:sources/ads/reports/workflows/report.yaml"]);
    let forged = Tombstone { files: [("workflows/weekly.yaml".to_owned(), id.clone())].into(), successor: Some("ads/report".to_owned()) };
    for round in 0..3 {
        let asked = asked.clone().with("workflows/more.yaml", &format!("tags: [round-{round}]\n"));
        waits(&company, &asked);
        company.tamper("publish/churn/churn-model", |company| {
            let path = company.clone_folder().join(LOCK);
            let mut lock = Lock::parse(&fs_err::read(&path).expect("there")).expect("a lock");
            // Forgotten, remembered as another's, and one that never was.
            match round {
                0 => lock.tombstones.clear(),
                1 => drop(lock.tombstones.insert("weekly".to_owned(), forged.clone())),
                _ => drop(lock.tombstones.insert("never".to_owned(), forged.clone())),
            }
            fs_err::write(&path, lock.to_bytes()).expect("written");
            company.write("references/ads/report/churn/daily.yaml", "waits_for: ads/report\n");
            company.write("dag-ids/ads__report/churn/daily.yaml", "dag_id: ads__report\n");
            company.write("overrides/churn/mine.yaml", "source: churn-model\n");
        });
        let done = company.integrate();
        assert_eq!((done.landed.len(), done.refused.len()), (1, 0), "{:#?}", done.refused);
        let lock = company.central_file(LOCK).expect("there");
        let own = company.central_git(&["rev-parse", "main:sources/churn/churn-model/workflows/daily.yaml"]);
        assert!(lock.contains("\"weekly\": {") && !lock.contains(&id) && !lock.contains("never") && lock.contains(&own), "{lock}");
        for path in ["references", "dag-ids", "overrides"] {
            assert_eq!(company.central_git(&["ls-tree", "main", path]), "", "{path}");
        }
        assert_eq!(errors(&company.audited()), Vec::<&str>::new());
    }
}

#[test]
fn t78_a_waiting_lock_that_says_another_origin_is_held_to_the_grant() {
    for (from, to, code) in [
        ("\"id\": 1001", "\"id\": 1002", "FH0701"),
        ("\"id\": 1001", "\"id\": 2001", "FH0701"),
        ("refs/heads/main", "refs/heads/try", "FH0702"),
        ("\"serial\": 2", "\"serial\": 1", "FH0724"),
        ("\"serial\": 2", "\"serial\": 3", "FH0724"),
        ("\"serial\": 2", "\"serial\": 0", "FH0724"),
        ("\"serial\": 2", "\"serial\": 18446744073709551615", "FH0724"),
        ("\"serial\": 2", "\"serial\": 18446744073709551616", "FH0724"),
        ("\"serial\": 2", "\"serial\": -2", "FH0724"),
        ("\"serial\": 2", "\"serial\": 2.0", "FH0724"),
        ("\"team\": \"churn\"", "\"team\": \"ads\"", ""),
        ("acme/churn-model", "acme/\\u0000", "FH0724"),
    ] {
        let company = Company::new();
        waits(&company, &company.churn().with("workflows/more.yaml", "x\n"));
        company.tamper("publish/churn/churn-model", |company| {
            let path = company.clone_folder().join(LOCK);
            let lock = fs_err::read_to_string(&path).expect("there");
            assert!(lock.contains(from), "{from}");
            fs_err::write(&path, lock.replace(from, to)).expect("written");
        });
        let done = company.integrate();
        let found: Vec<&str> = done.refused.iter().flat_map(|(_, found)| errors(found)).collect();
        // Whose it is, the branch's name says.
        let expected: Vec<&str> = [code].into_iter().filter(|code| !code.is_empty()).collect();
        assert_eq!((found, done.commit.is_some()), (expected, code.is_empty()), "{to}");
        assert!(company.central_file("dags/ads/report.py").is_some());
        assert_eq!(errors(&company.audited()), Vec::<&str>::new());
    }
}

#[test]
fn t78_an_override_lets_one_of_two_that_wait_happen_and_not_both() {
    let company = Company::new();
    let protected = company.churn().with("workflows/daily.yaml", "protect: true\n").with("workflows/hourly.yaml", "protect: true\n");
    company.publish(&protected).expect("git works").commit.expect("published");
    company.pull_hard();
    let record =
        "source: churn-model\nrule: guard\npaths: [dags/churn/daily.py]\nreason: x\napproved_by: [ada, grace]\nexpires: 2026-12-01\n";
    company.write("overrides/churn/daily.yaml", record);
    company.land("a record");
    waits(&company, &protected.clone().without("workflows/daily.yaml"));
    // The record is for one of the two only.
    company.tamper("publish/churn/churn-model", |company| {
        company.git(&["rm", "--quiet", "sources/churn/churn-model/workflows/hourly.yaml"]);
    });
    assert_eq!(errors(&company.integrate().refused[0].1), ["FH0719"]);
    assert!(company.central_file("overrides/churn/daily.yaml").is_some(), "it is not used up");
    // Publishing again mends it, though nothing of what it changes differs from what waits.
    waits(&company, &protected.without("workflows/daily.yaml"));
    assert_eq!(company.integrate().landed.len(), 1);
    assert_eq!(company.central_file("overrides/churn/daily.yaml"), None);
}

#[test]
fn t79_a_team_that_somebody_made_up_has_no_turn() {
    let company = Company::new();
    waits(&company, &company.churn().with("workflows/more.yaml", "x\n"));
    company.tamper("publish/churn/churn-model", |company| {
        for team in ["aaa", "zzz"] {
            company.git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/publish/{team}/churn-model")]);
        }
    });
    let done = company.integrate();
    assert_eq!(done.landed.len(), 1);
    let told: Vec<&str> = done.refused.iter().map(|(_, found)| found[0].title.as_str()).collect();
    let waits_for = |team: &str| format!("the branch `publish/{team}/churn-model` waits for a team `{team}`, and there is none");
    assert_eq!(told, [waits_for("aaa"), waits_for("zzz")]);
}

#[test]
fn t78_what_waits_otherwise_than_it_was_published_is_published_again() {
    let tampered: [fn(&Company); 4] = [
        |company| drop(company.git(&["rm", "--quiet", "sources/churn/churn-model/workflows/hourly.yaml"])),
        |company| company.write("sources/churn/churn-model/workflows/hourly.yaml", "tags: [mine]\n"),
        |company| company.write("sources/churn/churn-model/workflows/mine.yaml", "x\n"),
        |company| company.write(LOCK, "{}\n"),
    ];
    for tamper in tampered {
        let company = Company::new();
        let asked = company.churn().with("workflows/more.yaml", "x\n").via_branch();
        waits(&company, &asked);
        assert_eq!(company.publish(&asked).expect("git works").commit, None, "the same waits already");
        company.tamper("publish/churn/churn-model", tamper);
        waits(&company, &asked);
        assert_eq!(company.integrate().landed.len(), 1);
        assert!(!company.central_file("dags/churn/hourly.py").expect("there").contains("mine"));
        assert_eq!(company.central_file("dags/churn/mine.py"), None);
    }
}

#[test]
fn what_is_said_explicitly_replaces_what_waits_without_it() {
    let company = Company::new();
    let asked = company.churn().with("workflows/daily.yaml", "tags: [new]\n").via_branch();
    waits(&company, &asked);
    company.pull_hard();
    company.write("dags/churn/daily.py", "print('by hand')\n");
    company.land("by hand");
    assert_eq!(errors(&company.integrate().refused[0].1), ["FH0710"]);
    let repair = Asked { consent: Consent { rollback: false, repair: true }, ..asked };
    waits(&company, &repair);
    assert_eq!(company.publish(&repair).expect("git works").commit, None, "the same waits already");
    assert_eq!(company.integrate().landed.len(), 1);
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("new"));
}

#[test]
fn a_workflow_that_moves_between_two_sources_of_its_team_lands_by_branch_too() {
    let company = Company::new();
    let give = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: churn/churn-extra }]\n";
    company.publish(&company.churn().with("freehold.yaml", give)).expect("git works").commit.expect("published");
    let extra = Company::asked("churn", "churn-extra", (1002, "acme/churn-extra"));
    let extra = extra.with("freehold.yaml", "team: churn\nsource: churn-extra\n").with("workflows/daily.yaml", "taken_from: churn/daily\n");
    company.publish(&extra.via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.ads().with("workflows/clicks.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (2, 0), "{:#?}", done.refused);
    assert!(company.central_file("dags/churn/daily.py").expect("it stays").contains("taken_from"));
    assert!(company.central_file("sources/churn/churn-extra/workflows/daily.yaml").is_some());
    assert!(company.central_file("sources/churn/churn-model/workflows/daily.yaml").is_none());
}
