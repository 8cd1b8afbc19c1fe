//! What a hostile or careless team, or the author of a pull request, tries beside the rows of THREATS: records, locks, refs, names and
//! changes of hands, in many spellings each.

use freehold::central::{Asker, Update};
use freehold::io::git::Landing;

use crate::ground::{Asked, Company, PLATFORM, TODAY, account, errors, teams};

const LOCK: &str = "sources/churn/churn-model/freehold.lock";
const RECORD: &str = "overrides/churn/daily.yaml";

/// A company whose platform has one administrator, with a protected workflow `daily`.
fn protecting() -> (Company, Asked) {
    let company = Company::new();
    company.write("platform.yaml", &format!("{PLATFORM}administrators: [olga]\n"));
    company.land("one administrator");
    let asked = company.churn().with("workflows/daily.yaml", "protect: true\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    company.pull_hard();
    (company, asked.without("workflows/daily.yaml").commit("c3"))
}

fn record(approved: &str, expires: &str) -> String {
    format!("source: churn-model\nrule: guard\npaths: [dags/churn/daily.py]\nreason: x\napproved_by: {approved}\nexpires: {expires}\n")
}

#[test]
fn a_record_counts_for_as_many_as_the_policy_still_names() {
    let approved = [
        ("[olga, ada]", true),
        ("[OLGA, \"ada \"]", true),
        ("[ada, grace]", true),
        ("[ada]", false),
        ("[ada, Ada]", false),
        ("[ada, \" ada\"]", false),
        ("[ada, zoe]", false),
        // A Cyrillic letter, a full-width one, a letter that nobody sees, and one that is put together.
        ("[ada, \"\\u0430da\"]", false),
        ("[ada, \"\\uff41da\"]", false),
        ("[ada, \"a\\u200bda\"]", false),
        ("[ada, \"olg\\u00e0\"]", false),
        ("[ada, \"\"]", false),
        ("[ada, bob]", false),
        ("[]", false),
        ("ada, olga", false),
        ("[&one ada, *one]", false),
    ];
    for (names, is_enough) in approved {
        let (company, asked) = protecting();
        company.write(RECORD, &record(names, "2026-12-01"));
        let lands = company.tried(&account("olga"));
        assert_eq!(lands.is_empty(), is_enough, "{names} when it lands: {lands:?}");
        company.write(RECORD, &record(names, "2026-12-01"));
        company.land("a record");
        let outcome = company.publish(&asked).expect("git works");
        assert_eq!(outcome.commit.is_some(), is_enough, "{names}: {:#?}", outcome.plan.diagnostics);
    }
}

#[test]
fn an_approver_who_has_left_counts_no_more() {
    let (company, asked) = protecting();
    company.write(RECORD, &record("[olga, grace]", "2026-12-01"));
    company.land("a record");
    let grant = company.central_file("teams/churn.yaml").expect("there").replace("[ada, grace]", "[ada]");
    company.write("teams/churn.yaml", &grant);
    company.land("grace has left");
    assert_eq!(company.refusal(&asked), ["FH0719"]);
    company.pull_hard();
    company.git(&["rm", "--quiet", RECORD, "sources/churn/churn-model/workflows/daily.yaml"]);
    company.regenerate("churn");
    let found = company.tried(&teams(&["churn"]));
    assert!(found.contains(&"FH0809") && found.contains(&"FH0815"), "{found:?}");
}

#[test]
fn a_record_holds_until_the_end_of_its_day_and_not_for_years() {
    for (expires, lands, holds) in
        [("2026-11-23", true, true), ("2026-11-22", true, false), ("2027-02-21", true, true), ("2027-02-22", false, true)]
    {
        let (company, asked) = protecting();
        company.write(RECORD, &record("[olga, ada]", expires));
        assert_eq!(company.tried(&account("olga")).is_empty(), lands, "{expires}");
        company.write(RECORD, &record("[olga, ada]", expires));
        company.land("a record");
        assert_eq!(company.publish(&asked).expect("git works").commit.is_some(), holds, "{expires}");
    }
    assert_eq!(TODAY.to_string(), "2026-11-23");
}

#[test]
fn a_record_is_the_platforms_to_bring_and_is_used_once() {
    let (company, asked) = protecting();
    let brings = |path: &str, asker: &Asker| {
        company.write(path, &record("[olga, ada]", "2026-12-01"));
        company.tried(asker)
    };
    for asker in [account("ada"), teams(&["churn"]), teams(&["ads"])] {
        assert_eq!(brings(RECORD, &asker), ["FH0801"], "{asker}");
    }
    // Brought by the very change that it would let, and of other teams or in other folders.
    company.write(RECORD, &record("[olga, ada]", "2026-12-01"));
    company.git(&["rm", "--quiet", "sources/churn/churn-model/workflows/daily.yaml"]);
    company.regenerate("churn");
    assert!(!company.tried(&account("olga")).is_empty());
    for path in ["overrides/ads/daily.yaml", "overrides/churn/deep/daily.yaml", "overrides/daily.yaml", "overrides/Churn/daily.yaml"] {
        company.write(path, &record("[olga, ada]", "2026-12-01"));
        company.land("elsewhere");
        assert_eq!(company.refusal(&asked), ["FH0719"], "{path}");
        company.pull_hard();
    }
    company.write(RECORD, &record("[olga, ada]", "2026-12-01"));
    company.land("a record");
    company.publish(&asked).expect("git works").commit.expect("the record lets it");
    assert_eq!(company.central_file(RECORD), None, "it is used up");
    // What it let cannot be had again by reverting what used it.
    company.pull_hard();
    for asker in [account("ada"), account("olga"), teams(&["churn"])] {
        company.git(&["revert", "--no-edit", "HEAD"]);
        assert!(!errors(&company.judge(&asker).diagnostics).is_empty(), "{asker}");
        company.pull_hard();
    }
}

#[test]
fn a_record_in_an_odd_spelling_lets_nothing() {
    let sound = record("[olga, ada]", "2026-12-01");
    let odd = [
        format!("{sound}expires: 2026-12-02\n"),
        format!("{sound}more: x\n"),
        sound.replace("guard", "frame"),
        sound.replace("guard", "Guard"),
        sound.replace("guard", "mono"),
        sound.replace("churn-model", "churn-extra"),
        sound.replace("churn-model", "churn/churn-model"),
        sound.replace("dags/churn/daily.py", "dags/churn/*"),
        sound.replace("dags/churn/daily.py", "dags/churn/"),
        sound.replace("dags/churn/daily.py", "dags/churn/./daily.py"),
        sound.replace("dags/churn/daily.py", "DAGS/churn/daily.py"),
        sound.replace("2026-12-01", "never"),
        sound.replace("2026-12-01", "2026-13-01"),
        sound.replace("2026-12-01", "2026-02-30"),
        format!("{sound}---\n{sound}"),
        format!("- {}", sound.replace('\n', "\n  ")),
        String::new(),
    ];
    for text in odd {
        let (company, asked) = protecting();
        company.write(RECORD, &text);
        company.land("a record");
        assert_eq!(company.refusal(&asked), ["FH0719"], "{text}");
        company.pull_hard();
        company.git(&["rm", "--quiet", RECORD, "sources/churn/churn-model/workflows/daily.yaml"]);
        company.regenerate("churn");
        assert!(company.tried(&teams(&["churn"])).contains(&"FH0809"), "{text}");
    }
    let (company, asked) = protecting();
    company.write("overrides/real.txt", &sound);
    fs_err::create_dir_all(company.clone_folder().join("overrides/churn")).expect("made");
    std::os::unix::fs::symlink("../real.txt", company.clone_folder().join(RECORD)).expect("linked");
    company.land("a link to a record");
    assert_eq!(company.refusal(&asked), ["FH0719"], "a link is no record");
}

#[test]
fn a_record_for_a_whole_source_does_not_leave_others_waiting_for_ever() {
    let company = Company::new();
    let waits = "workflow: spend\ntasks: { wait: { wait_for: { workflow: churn/daily } } }\n";
    company.publish(&company.ads().with("workflows/spend.yaml", waits)).expect("git works").commit.expect("published");
    company.pull_hard();
    let record = |rule: &str, path: &str| {
        format!("source: churn-model\nrule: {rule}\npaths: [{path}]\nreason: x\napproved_by: [ada, bob]\nexpires: 2026-12-01\n")
    };
    company.write(RECORD, &record("complete", "sources/churn/churn-model"));
    company.write("overrides/churn/waits.yaml", &record("guard", "dags/churn/daily.py"));
    company.land("records");
    let goes = |records: &[&str]| {
        let mut paths = vec!["rm", "--quiet", "-r", "sources/churn", "dags/churn"];
        paths.extend(records);
        company.git(&paths);
        company.tried(&teams(&["churn"]))
    };
    assert_eq!(goes(&[RECORD]), ["FH0809"], "`ads/spend` would wait for ever");
    assert_eq!(goes(&[RECORD, "overrides/churn/waits.yaml"]), Vec::<&str>::new());
}

/// The company at a change of `churn/churn-model` that would land, with what its lock says.
fn with_lock() -> (Company, String) {
    let company = Company::new();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/drafts.yaml", "protect: true\n");
    company.write("sources/churn/notebooks/workflows/plots.yaml", "x\n");
    company.regenerate("churn");
    company.land("a source that is edited here");
    company.git(&["rm", "--quiet", "sources/churn/notebooks/workflows/plots.yaml"]);
    company.regenerate("churn");
    company.land("one is gone");
    company.write("sources/churn/notebooks/workflows/drafts.yaml", "protect: true\n# more\n");
    company.regenerate("churn");
    let lock = fs_err::read_to_string(company.clone_folder().join("sources/churn/notebooks/freehold.lock")).expect("there");
    (company, lock)
}

#[test]
fn a_lock_with_any_one_line_altered_left_out_or_said_twice_is_refused_at_every_door() {
    let (company, lock) = with_lock();
    let made = company.commit("would land");
    assert_eq!(errors(&company.judge(&teams(&["churn"])).diagnostics), Vec::<&str>::new());
    let mut forged: Vec<String> = Vec::new();
    let lines: Vec<&str> = lock.lines().collect();
    for at in 0..lines.len() {
        let with = |line: &[&str]| [&lines[..at], line, &lines[at + 1..]].concat().join("\n") + "\n";
        forged.push(with(&[]));
        forged.push(with(&[lines[at], lines[at]]));
        forged.push(with(&[lines[at], "  \"more\": 1,"]));
        for (old, new) in [("1", "2"), ("churn", "ads"), ("true", "false"), ("0", "1"), ("a", "A"), ("daily", "..")] {
            forged.push(with(&[&lines[at].replacen(old, new, 1)]));
        }
    }
    for (old, new) in [
        ("\n", "\r\n"),
        ("{\n", "\u{feff}{\n"),
        ("  ", "\t"),
        ("\"version\": 1", "\"version\": 1e0"),
        ("\"version\": 1", "\"version\": 99999999999999999999"),
        ("\"version\": 1", "\"version\": -1"),
        ("\"version\": 1", "\"version\": \"1\""),
        ("\"version\": 1", "\"version\": null"),
        ("\"team\": \"churn\"", "\"team\": \"churn\\u0000\""),
        ("\"team\": \"churn\"", "\"team\": \"\\u0063hurn\""),
        ("\"team\": \"churn\"", "\"team\": \"churn\", \"team\": \"ads\""),
        ("\"team\": \"churn\"", "\"published\": null, \"team\": \"churn\""),
    ] {
        forged.push(lock.replace(old, new));
    }
    forged.extend([
        format!("{lock}\n"),
        format!("{lock} "),
        format!("{lock}{lock}"),
        lock.trim_end().to_owned(),
        String::new(),
        "[".repeat(100_000),
    ]);
    forged.retain(|text| *text != lock);
    forged.sort_unstable();
    forged.dedup();
    assert!(forged.len() > 100, "{}", forged.len());
    for text in &forged {
        company.git(&["reset", "--quiet", "--hard", &made]);
        company.write("sources/churn/notebooks/freehold.lock", text);
        company.commit("forged");
        for landing in [Landing::Merge, Landing::Push] {
            let found = errors(&company.judge_landing(&teams(&["churn"]), landing).diagnostics);
            assert!(!found.is_empty(), "{text}");
        }
    }
}

#[test]
fn an_older_state_does_not_come_back_by_a_revert() {
    let company = Company::new();
    let first = company.tip();
    let project = "team: churn\nsource: churn-model\nretire: [weekly]\n";
    let asked = company.churn().with("freehold.yaml", project).without("workflows/weekly.yaml").commit("c3");
    company.publish(&asked).expect("git works").commit.expect("published");
    company.pull_hard();
    for asker in [teams(&["churn"]), account("ada"), teams(&["ads"]), Asker::Platform] {
        // All of it, the lock without the files, and the files without the lock.
        for paths in [&["sources/churn", "dags/churn"][..], &[LOCK], &["sources/churn/churn-model/workflows", "dags/churn"]] {
            company.git(&[&["checkout", "--quiet", &first, "--"], paths].concat());
            assert!(!company.tried(&asker).is_empty(), "{asker}: {paths:?}");
        }
    }
    company.git(&["push", "--quiet", "origin", &format!("{first}:refs/heads/old")]);
    company.git(&["reset", "--quiet", "--hard", &first]);
    assert_eq!(errors(&company.judge_landing(&teams(&["churn"]), Landing::Push).diagnostics), ["FH0813"]);
}

#[test]
fn consent_is_of_the_branch_and_to_whom_it_names() {
    let give = |to: &str, what: &str| format!("team: churn\nsource: churn-model\ngive: [{{ workflows: [{what}], to: {to} }}]\n");
    let takes = "taken_from: churn/daily\n";
    for (said, is_given) in [
        (give("ads/reports", "daily"), true),
        (give("ads/other", "daily"), false),
        (give("ads/reports", "hourly"), false),
        (give("ops/reports", "daily"), false),
        ("team: churn\nsource: churn-model\n# gives nothing\n".to_owned(), false),
    ] {
        let company = Company::new();
        company.publish(&company.churn().with("freehold.yaml", &said).commit("c3")).expect("git works").commit.expect("published");
        let taking = company.ads().with("workflows/taken.yaml", takes);
        let outcome = company.publish(&taking).expect("git works");
        assert_eq!(outcome.commit.is_some(), is_given, "{said}");
        assert_eq!(company.central_file("dags/churn/daily.py").is_none(), is_given, "{said}");
    }
    // The taker writes the consent itself, or forges the memory of one.
    let company = Company::new();
    company.write("sources/churn/churn-model/freehold.yaml", &give("ads/reports", "daily"));
    company.write("sources/ads/reports/workflows/taken.yaml", takes);
    company.git(&["rm", "--quiet", "sources/churn/churn-model/workflows/daily.yaml"]);
    company.regenerate("churn");
    company.regenerate("ads");
    let found = company.tried(&teams(&["ads"]));
    assert!(found.contains(&"FH0801"), "{found:?}");
}

#[test]
fn what_is_given_goes_on_by_consent_of_who_has_it_then() {
    let company = Company::new();
    let given = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n";
    company.publish(&company.churn().with("freehold.yaml", given).commit("c3")).expect("git works").commit.expect("published");
    let taking = company.ads().with("workflows/taken.yaml", "taken_from: churn/daily\n");
    company.publish(&taking).expect("git works").commit.expect("published");
    // The former owner, by its other source, takes back what it gave; nobody has given it.
    let extra =
        Company::asked("churn", "churn-extra", (1002, "acme/churn-extra")).with("freehold.yaml", "team: churn\nsource: churn-extra\n");
    let extra = extra.with("workflows/back.yaml", "taken_from: ads/taken\n");
    assert_eq!(company.refusal(&extra), ["FH0723"]);
    let all =
        taking.commit("c3").with("freehold.yaml", "team: ads\nsource: reports\ngive: [{ workflows: [taken], to: churn/churn-extra }]\n");
    company.publish(&all).expect("git works").commit.expect("published");
    company.publish(&extra).expect("git works").commit.expect("given back");
    assert_eq!((company.central_file("dags/ads/taken.py"), company.central_file("dags/churn/back.py").is_some()), (None, true));
    assert!(company.central_file("dags/ads/report.py").is_some(), "nothing else went with it");
}

#[test]
fn names_that_git_checks_out_nowhere_do_not_land_among_hand_written_files() {
    let company = Company::new();
    company.write("platform.yaml", &format!("{PLATFORM}administrators: [olga]\nunmanaged: [{{ paths: [\"dags/legacy/**\"] }}]\n"));
    company.write("dags/legacy/x.py", "x\n");
    company.land("by hand");
    let long = "x".repeat(256);
    let deep = ["x".repeat(120).as_str(); 10].join("/");
    for name in ["git~1", "GIT~1", ".git::$INDEX_ALLOCATION", ".g\u{200c}it", ".GI\u{feff}T", ".git. .", "git~1 ", &long, &deep] {
        let blob = company.git(&["rev-parse", "HEAD:README.md"]);
        company.git(&[
            "-c",
            "core.protectNTFS=false",
            "-c",
            "core.protectHFS=false",
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{blob},dags/legacy/{name}/x.py"),
        ]);
        let made = company.git(&["write-tree"]);
        let commit = company.git(&["commit-tree", &made, "-p", "HEAD", "-m", "planted"]);
        company.git(&["update-ref", "HEAD", &commit]);
        for asker in [account("zoe"), Asker::Platform] {
            assert_eq!(errors(&company.judge(&asker).diagnostics), ["FH0804"], "{name:?} by {asker}");
        }
        company.pull_hard();
    }
    company.write("dags/legacy/data.csv", &"0123456789abcdef".repeat(1024 * 1024 + 1));
    assert_eq!(company.tried(&account("zoe")), ["FH0814"], "everybody fetches it");
    company.write("dags/legacy/.github/git-1/caf\u{e9} x.py", "x\n");
    assert_eq!(company.tried(&account("zoe")), Vec::<&str>::new());
}

/// What the hook refuses in a push of refs, all of them to the tip of the branch.
fn pushed(company: &Company, asker: &Asker, references: &[String]) -> Vec<bool> {
    let update = |reference: &String| Update { old: None, new: Some(company.tip()), reference: reference.clone() };
    references.iter().map(|reference| !errors(&company.receive(asker, &update(reference))).is_empty()).collect()
}

#[test]
fn refs_that_could_stand_in_for_others_are_nobodys_to_push() {
    let company = Company::new();
    let id = company.tip();
    let hostile = [
        "refs/replace/x".to_owned(),
        format!("refs/replace/{id}"),
        format!("refs/Replace/{id}"),
        format!("refs/heads/{id}"),
        format!("refs/tags/{id}"),
        "refs/heads/MAIN".to_owned(),
        "refs/tags/main".to_owned(),
        "refs/main".to_owned(),
        "refs/tags/refs/heads/main".to_owned(),
        "refs/heads/refs/heads/main".to_owned(),
        "refs/heads/REFS/Heads/main".to_owned(),
        "refs/tags/heads/main".to_owned(),
        "refs/heads/ma\u{200b}in".to_owned(),
        "refs/heads/\u{202e}niam".to_owned(),
        "refs/heads/publish".to_owned(),
        "refs/heads/Publish".to_owned(),
        "refs/heads/publish/ads/reports".to_owned(),
        "refs/heads/Publish/churn/churn-model".to_owned(),
        "refs/heads/publish/churn".to_owned(),
        "refs/heads/publish/churn/churn-model/x".to_owned(),
        "refs/heads/publish/churn/../ads".to_owned(),
    ];
    for (reference, is_refused) in hostile.iter().zip(pushed(&company, &account("ada"), &hostile)) {
        assert!(is_refused, "{reference}");
    }
    let harmless = ["refs/heads/feature", "refs/heads/publish/churn/churn-model", "refs/tags/v1", "refs/heads/main-2", "refs/notes/x"];
    let harmless = harmless.map(str::to_owned);
    assert_eq!(pushed(&company, &account("ada"), &harmless), [false; 5]);
}

#[test]
fn a_record_lets_no_source_count_to_its_end() {
    let (company, _) = protecting();
    let serial = |text: &str, to: u64| text.replace("\"serial\": 2", &format!("\"serial\": {to}"));
    let lock = company.central_file(LOCK).expect("there");
    assert!(lock.contains("\"serial\": 2"), "{lock}");
    let mono = record("[olga]", "2026-12-01").replace("guard", "mono").replace("dags/churn/daily.py", "sources/churn/churn-model");
    company.write(RECORD, &mono);
    company.land("a record");
    let counted = |to: u64| {
        company.git(&["rm", "--quiet", RECORD]);
        company.write(LOCK, &serial(&lock, to));
        company.tried(&teams(&["churn"]))
    };
    for ahead in [4, 5, 1 << 53, u64::MAX - 1, u64::MAX] {
        assert_eq!(counted(ahead), ["FH0807", "FH0815"], "{ahead}");
    }
    for back in [0, 1] {
        assert_eq!(counted(back), Vec::<&str>::new(), "going back is what such a record is for: {back}");
    }
    assert_eq!(counted(3), ["FH0815"], "the next one needs no record");
}
