//! A source of a team that does not compile any more, by no doing of the team, and what that changes for the team's other sources: as little
//! as can be. With the real compiler.

use freehold::central::{Asker, Lock, Outcome, Verdict, affected, audit, publish, regenerate, verify};
use freehold::diag::{Diagnostic, Severity};
use freehold::io::Disk;
use freehold::io::git::{Landing, ObjectFormat, Repository};
use freehold::name::TeamName;
use freehold::pipeline::TeamCompiler;
use freehold::source::Sources;

use crate::ground::{Asked, Company, PLATFORM, TODAY, errors, teams};

const GRANT: &str = "team: churn
repositories:
  - { id: 1001, name: acme/churn-model, source: churn-model }
  - { id: 1002, name: acme/churn-extra, source: churn-extra }
members: [ada]
";
const BLUEPRINT: &str = "blueprint: plot\ntask: { image: \"registry.acme.example/plot:1\" }\n";
/// Takes away what `churn-extra` has its images from.
const STRICT: &str = "images: [\"registry.acme.example/*\"]\n";

/// What is done to a source, in words and in deed.
type Edited = (&'static str, fn(&Company));
/// What becomes of a lock.
type Tampering = fn(&str, &Company) -> String;

fn workflow(name: &str, task: &str) -> String {
    format!("workflow: {name}\ntasks: {{ run: {{ {task} }} }}\n")
}

fn sound(name: &str) -> String {
    workflow(name, "image: \"registry.acme.example/churn:1\"")
}

/// `churn-model` with `daily` and `hourly`.
fn model() -> Asked {
    let asked = Company::asked("churn", "churn-model", (1001, "acme/churn-model"));
    let asked = asked.with("freehold.yaml", "team: churn\nsource: churn-model\n");
    asked.with("workflows/daily.yaml", &sound("daily")).with("workflows/hourly.yaml", &sound("hourly"))
}

/// `churn-extra` with `plots`, whose image is one that the platform takes away, `charts`, whose blueprint it takes away and which waits for
/// `daily`, and `tables`, which is sound.
fn extra() -> Asked {
    let asked = Company::asked("churn", "churn-extra", (1002, "acme/churn-extra"));
    let asked = asked.with("freehold.yaml", "team: churn\nsource: churn-extra\n");
    let charts = "workflow: charts\ntasks:\n  wait: { wait_for: { workflow: daily } }\n  run: { uses: platform/plot@1, needs: [wait] }\n";
    let asked = asked.with("workflows/plots.yaml", &workflow("plots", "image: \"legacy.acme.example/plots:1\""));
    asked.with("workflows/charts.yaml", charts).with("workflows/tables.yaml", &sound("tables"))
}

fn ask(company: &Company, asked: &Asked) -> Outcome {
    publish(&company.branch(), asked.via, &asked.request(), &TeamCompiler::default(), &Sources::new()).expect("git works")
}

fn land(company: &Company, path: &str, text: &str) {
    company.pull_hard();
    company.write(path, text);
    company.land("by the platform");
}

/// Both sources are published, and nothing is wrong with them.
fn whole() -> Company {
    let company = Company::bare();
    land(&company, "teams/churn.yaml", GRANT);
    land(&company, "blueprints/plot/1.yaml", BLUEPRINT);
    for asked in [model().commit("c1"), extra().commit("c1")] {
        let outcome = ask(&company, &asked);
        assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    }
    company
}

/// Then the platform takes away the image of `plots` and the blueprint of `charts`.
fn broken() -> Company {
    let company = whole();
    break_extra(&company);
    company
}

fn break_extra(company: &Company) {
    land(company, "platform.yaml", &format!("{PLATFORM}{STRICT}"));
    company.git(&["rm", "--quiet", "-r", "blueprints"]);
    company.land("nobody needs it");
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().map(|found| found.code.id).collect()
}

#[track_caller]
fn refused(company: &Company, asked: &Asked) -> Vec<&'static str> {
    let tip = company.tip();
    let outcome = ask(company, asked);
    assert_eq!((outcome.commit, company.tip()), (None, tip), "it was published");
    errors(&outcome.plan.diagnostics)
}

fn judge(company: &Company, asker: &Asker) -> Verdict {
    company.git(&["fetch", "--quiet", "origin"]);
    let repository = Repository::open(&company.clone_folder()).expect("a repository");
    let revisions = (Some("refs/remotes/origin/main"), Some("HEAD"));
    verify(&repository, revisions, Landing::Merge, (asker, Some(TODAY)), &TeamCompiler::default(), &Sources::new()).expect("git works")
}

/// What people of the team are told who change the clone by hand and ask to land that.
fn judged(company: &Company, change: impl FnOnce(&Company)) -> Vec<Diagnostic> {
    company.pull_hard();
    change(company);
    company.commit("asked");
    judge(company, &teams(&["churn"])).diagnostics
}

/// Compiles a team in place.
fn compile(company: &Company) -> Vec<Diagnostic> {
    let (team, disk) = (TeamName::parse("churn").expect("a name"), Disk::new(company.clone_folder()));
    let made = regenerate(&disk, &team, ObjectFormat::Sha1, &TeamCompiler::default(), &Sources::new()).expect("read");
    for (path, bytes) in &made.files {
        company.write(path, std::str::from_utf8(bytes).expect("text"));
    }
    for path in &made.gone {
        fs_err::remove_file(company.clone_folder().join(path)).expect("it was there");
    }
    made.diagnostics
}

const OF_EXTRA: [&str; 5] =
    ["sources/churn/churn-extra", "dags/churn/plots.py", "dags/churn/charts.py", "dags/churn/tables.py", "references"];

#[test]
fn t55_a_source_that_does_not_compile_any_more_does_not_stop_another_one() {
    let company = broken();
    let before = company.tip();
    let outcome = ask(&company, &model().with("workflows/more.yaml", &sound("more")).without("workflows/hourly.yaml"));
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(codes(&outcome.plan.diagnostics), ["FH0729"], "one line for the source");
    assert!(company.central_file("dags/churn/more.py").is_some() && company.central_file("dags/churn/hourly.py").is_none());
    let touched = company.central_git(&[&["diff", "--name-only", &before, "main", "--"], &OF_EXTRA[..]].concat());
    assert_eq!(touched, "", "nothing of the other one is touched");
}

#[test]
fn t55_its_workflows_keep_their_names() {
    let company = broken();
    // `plots` can be read and is refused; `charts` cannot be read, and its lock says that it is there.
    for (name, code) in [("plots", "FH0315"), ("charts", "FH0315"), ("tables", "FH0315")] {
        assert_eq!(refused(&company, &model().with("workflows/mine.yaml", &sound(name))), [code], "{name}");
    }
    let company = whole();
    ask(&company, &extra().with("workflows/p_q.yaml", "workflow: p_q\ntasks: { run: { uses: platform/plot@1 } }\n"));
    break_extra(&company);
    assert_eq!(refused(&company, &model().with("workflows/mine.yaml", &sound("p-q"))), ["FH0315"], "one name to Kubernetes");
}

#[test]
fn t55_waits_for_its_workflows_and_of_them_are_judged_as_ever() {
    let company = broken();
    let waiting = |awaited: &str| {
        let tasks = format!("tasks:\n  wait: {{ wait_for: {{ workflow: {awaited} }} }}\n");
        model().with("workflows/more.yaml", &format!("workflow: more\n{tasks}"))
    };
    assert_eq!(refused(&company, &waiting("chrats")), ["FH0325"]);
    let round = "workflow: daily\ntasks:\n  wait: { wait_for: { workflow: charts } }\n";
    assert_eq!(refused(&company, &model().with("workflows/daily.yaml", round)), ["FH0326"], "charts waits for daily");
    assert_eq!(refused(&company, &model().without("workflows/daily.yaml")), ["FH0720"], "charts would wait for ever");
    for awaited in ["charts", "plots", "tables"] {
        let outcome = ask(&company, &waiting(awaited));
        assert!(outcome.commit.is_some(), "{awaited}: {:#?}", outcome.plan.diagnostics);
    }
}

#[test]
fn t55_its_workflows_count_and_what_cannot_be_counted_is_no_way_round_a_quota() {
    let company = broken();
    land(&company, "teams/churn.yaml", &format!("{GRANT}limits: {{ workflows: 5 }}\n"));
    assert_eq!(refused(&company, &model().with("workflows/more.yaml", &sound("more"))), ["FH0508"]);
    assert!(
        ask(&company, &model().with("workflows/hourly.yaml", &workflow("hourly", "image: \"registry.acme.example/x:1\""))).commit.is_some()
    );
    land(&company, "teams/churn.yaml", &format!("{GRANT}limits: {{ tasks: 100 }}\n"));
    assert_eq!(refused(&company, &model().commit("c3").with("workflows/more.yaml", &sound("more"))), ["FH0533"]);
}

#[test]
fn t55_what_its_lock_says_that_it_takes_counts_for_the_quotas() {
    let limited = |limits: &str| format!("{GRANT}limits: {{ {limits} }}\n");
    let company = Company::bare();
    land(&company, "teams/churn.yaml", &limited("tasks: 100, requests: { cpu: \"100\" }"));
    land(&company, "blueprints/plot/1.yaml", BLUEPRINT);
    for asked in [model().commit("c1"), extra().commit("c1")] {
        ask(&company, &asked).commit.expect("published");
    }
    let lock = company.central_file("sources/churn/churn-extra/freehold.lock").expect("there");
    let usage = Lock::parse(lock.as_bytes()).expect("a lock").workflows["plots"].usage.clone().expect("it is written down");
    assert_eq!((usage.tasks.as_str(), usage.requests["cpu"].as_str()), ("1", "0"));
    break_extra(&company);
    // Two of the sound source's, four of the other one's, and one more.
    let more = model().commit("c2").with("workflows/more.yaml", &sound("more"));
    land(&company, "teams/churn.yaml", &limited("tasks: 6, requests: { cpu: \"100\" }"));
    let outcome = ask(&company, &more);
    let refusal = outcome.plan.diagnostics.iter().find(|found| found.code.id == "FH0533").expect("it is over");
    assert!(refusal.title.ends_with("too many tasks: 7, and 6 are allowed"), "{}", refusal.title);
    land(&company, "teams/churn.yaml", &limited("tasks: 100, requests: { memory: 1Gi }"));
    assert_eq!(refused(&company, &more), ["FH0533"], "what was not written down may be any number");
    land(&company, "teams/churn.yaml", &limited("tasks: 7"));
    let outcome = ask(&company, &more);
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

#[test]
fn t07_a_lock_that_makes_less_of_what_a_workflow_takes_is_refused() {
    let company = Company::bare();
    land(&company, "teams/churn.yaml", &format!("{GRANT}limits: {{ tasks: 100 }}\n"));
    ask(&company, &model().commit("c1")).commit.expect("published");
    for (written, tampered) in [("\"tasks\": \"1\"", "\"tasks\": \"0\""), ("\"pods\": \"", "\"pods\": \"-1")] {
        let found = judged(&company, |company| {
            let path = "sources/churn/churn-model/freehold.lock";
            let lock = company.central_file(path).expect("there");
            assert!(lock.contains(written), "{lock}");
            company.write(path, &lock.replacen(written, tampered, 1));
        });
        assert!(codes(&found).contains(&"FH0803"), "{found:#?}");
    }
}

#[test]
fn t55_whoever_touches_it_has_to_compile_it() {
    let changes: [Edited; 8] = [
        ("a comment", |company| company.write("sources/churn/churn-extra/workflows/tables.yaml", &format!("# x\n{}", sound("tables")))),
        ("a file more", |company| company.write("sources/churn/churn-extra/workflows/x.yaml", &sound("x"))),
        ("a file less", |company| drop(company.git(&["rm", "--quiet", "sources/churn/churn-extra/workflows/charts.yaml"]))),
        ("its lock", |company| drop(company.git(&["rm", "--quiet", "sources/churn/churn-extra/freehold.lock"]))),
        ("what it compiles to", |company| company.write("dags/churn/plots.py", "print('mine')\n")),
        ("what it compiles to, gone", |company| drop(company.git(&["rm", "--quiet", "dags/churn/charts.py"]))),
        ("a reference", |company| drop(company.git(&["rm", "--quiet", "-r", "references/churn/daily"]))),
        ("a file that another source takes", |company| {
            let from = "sources/churn/churn-extra/workflows/tables.yaml";
            company.git(&["mv", from, "sources/churn/churn-model/workflows/tables.yaml"]);
            compile(company);
        }),
    ];
    let company = broken();
    for (what, change) in changes {
        let found = judged(&company, |company| {
            change(company);
            // Beside a change of the sound source that would land alone.
            company.write("sources/churn/churn-model/README.md", "more\n");
        });
        let found = errors(&found);
        assert!(found.contains(&"FH0504"), "{what}: its own faults refuse it: {found:?}");
    }
}

#[test]
fn t55_a_source_whose_lock_does_not_say_what_is_there_is_not_passed_over() {
    let lock = "sources/churn/churn-extra/freehold.lock";
    let breaks: [Tampering; 4] = [
        |text, _| text.replace("\"format\"", "\"fromat\""),
        |text, _| text.replacen("\"workflows/tables.yaml\": \"", "\"workflows/tabler.yaml\": \"", 1),
        |_, company| company.central_file("sources/churn/churn-model/freehold.lock").expect("there"),
        |_, _| String::new(),
    ];
    for tamper in breaks {
        let company = broken();
        let text = company.central_file(lock).expect("there");
        land(&company, lock, &tamper(&text, &company));
        let found = refused(&company, &model().with("workflows/more.yaml", &sound("more")));
        assert!(found.contains(&"FH0504"), "{found:?}");
        let found = judged(&company, |company| {
            company.write("sources/churn/churn-model/workflows/more.yaml", &sound("more"));
            compile(company);
        });
        assert!(errors(&found).contains(&"FH0504"), "{found:#?}");
    }
}

#[test]
fn t55_a_path_in_the_locks_of_two_sources_is_neither_ones_to_write() {
    let company = broken();
    let (lock, path) = ("sources/churn/churn-model/freehold.lock", "dags/churn/plots.py");
    let mut claiming = Lock::parse(company.central_file(lock).expect("there").as_bytes()).expect("a lock");
    claiming.compiled.insert(path.to_owned(), company.central_git(&["rev-parse", &format!("main:{path}")]));
    land(&company, lock, std::str::from_utf8(&claiming.to_bytes()).expect("text"));
    assert_eq!(refused(&company, &model().with("workflows/more.yaml", &sound("more"))), ["FH0711"]);
    let found = judged(&company, |company| drop(company.git(&["rm", "--quiet", path])));
    assert!(errors(&found).contains(&"FH0504"), "{found:#?}");
}

#[test]
fn t55_a_source_that_gives_a_workflow_away_is_touched() {
    let company = whole();
    let giving = "team: churn\nsource: churn-extra\ngive: [{ workflows: [tables], to: churn/churn-model }]\n";
    assert!(ask(&company, &extra().with("freehold.yaml", giving)).commit.is_some());
    break_extra(&company);
    let taken = model().with("workflows/tables.yaml", &format!("taken_from: churn/tables\n{}", sound("tables")));
    let found = refused(&company, &taken);
    assert!(found.contains(&"FH0504"), "what is left of it has to compile: {found:?}");
}

#[test]
fn t13_compiled_bytes_of_a_touched_source_are_held_to_it_all_the_same() {
    let company = broken();
    for (path, text) in [("dags/churn/daily.py", "print('mine')\n"), ("dags/churn/mine.py", "print('mine')\n")] {
        let found = judged(&company, |company| company.write(path, text));
        assert_eq!(errors(&found), ["FH0802"], "{path}");
    }
    let found = judged(&company, |company| {
        company.write("sources/churn/churn-model/workflows/plots.yaml", &sound("plots"));
        compile(company);
    });
    assert!(errors(&found).contains(&"FH0315"), "{found:#?}");
}

#[test]
fn t30_compiling_everybody_anew_leaves_it_as_it_is_and_tells() {
    let company = broken();
    land(&company, "platform.yaml", &format!("{PLATFORM}{STRICT}defaults: {{ retries: 4 }}\n"));
    let told = compile(&company);
    assert_eq!((codes(&told), errors(&told)), (vec!["FH0729"], Vec::new()));
    let changed = company.git(&["diff", "--name-only"]);
    assert_eq!(changed, "dags/churn/daily.py\ndags/churn/hourly.py\nsources/churn/churn-model/freehold.lock");
    company.commit("compiled anew");
    let found = judge(&company, &Asker::Platform).diagnostics;
    assert_eq!((codes(&found), errors(&found)), (vec!["FH0826"], Vec::new()), "{found:#?}");
}

#[test]
fn t55_an_audit_shows_all_that_is_wrong_and_a_change_of_policy_names_the_source() {
    let company = broken();
    let repository = Repository::open(&company.central()).expect("a repository");
    let found = audit(&repository, "main", Some(TODAY), &TeamCompiler::default(), &Sources::new()).expect("git works");
    assert!(errors(&found).contains(&"FH0504"), "{found:#?}");
    assert!(found.iter().filter(|found| found.severity == Severity::Error).count() >= 2, "{found:#?}");
    let tree = repository.tree_of(&repository.commit("main").expect("there")).expect("there");
    let found = affected(&repository, (None, &tree), true, &TeamCompiler::default(), &Sources::new()).expect("git works");
    let broken: Vec<&str> = found.iter().map(|found| found.title.as_str()).filter(|title| title.contains("compile any more")).collect();
    assert!(matches!(broken.as_slice(), [one] if one.starts_with("what `churn/churn-extra` has published")), "{found:#?}");
}

#[test]
fn t55_publishing_a_version_that_compiles_mends_it() {
    let company = broken();
    let found = refused(&company, &extra());
    assert!(found.contains(&"FH0504"), "its own faults refuse its own publish: {found:?}");
    let mended = extra().with("workflows/plots.yaml", &sound("plots")).with("workflows/charts.yaml", &sound("charts"));
    assert!(ask(&company, &mended).commit.is_some());
    let outcome = ask(&company, &model().with("workflows/more.yaml", &sound("more")));
    assert!(outcome.commit.is_some() && outcome.plan.diagnostics.is_empty(), "{:#?}", outcome.plan.diagnostics);
}
