//! Forgeries that are pushed through a real `pre-receive` hook: what a lock says, what is remembered, what others are found by, and
//! what lifts a rule.

use std::collections::BTreeMap;

use freehold::central::{Lock, LockedUsage, Tombstone};

use crate::doors::World;

const LOCK: &str = "sources/my-models/notebooks/freehold.lock";
const PLOTS: &str = "sources/my-models/notebooks/workflows/plots.yaml";

impl World {
    /// Commits all that differs and lands it.
    #[track_caller]
    fn lands(&self, actor: &str) {
        self.commit();
        let ran = self.push(Some(actor), &["origin", "HEAD:main"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        self.reset();
    }

    /// Commits all that differs; both doors refuse it with this code, and all is as it was.
    #[track_caller]
    fn turned_away(&self, actor: &str, code: &str) {
        self.commit();
        self.refused(Some(actor), &["origin", "HEAD:main"], code);
        let ran = self.verify(actor);
        assert!(ran.code == 1 && ran.stderr.contains(code), "{code}: {ran:?}");
        self.reset();
    }

    fn remove(&self, path: &str) {
        self.git(&["rm", "--quiet", path]);
    }

    fn lock(&self) -> Lock {
        Lock::parse(self.ground.read(&format!("clone/{LOCK}")).as_bytes()).expect("a lock")
    }

    fn forge(&self, forge: impl FnOnce(&mut Lock)) {
        let mut lock = self.lock();
        forge(&mut lock);
        self.ground.write(&format!("clone/{LOCK}"), lock.to_bytes());
    }

    /// Has `ads` publish, through the hook, what its folder holds.
    #[track_caller]
    fn ads_publishes(&self) {
        let who = ["--repository-id", "8", "--repository", "acme/ads", "--ref", "refs/heads/main"];
        let mut publish = self.ground.binary();
        publish.args(["publish", "ads", "--central", "dags.git"]).args(who).env("FREEHOLD_ACTOR", "bob");
        crate::ground::run(&mut publish).expect_code(0);
        self.reset();
    }
}

/// The world, with quotas, in which `notebooks` have lost `tables`.
fn world() -> World {
    let world = World::new();
    let limits = "limits: { tasks: 100, pods: 100, requests: { cpu: \"100\" } }";
    world.replace("teams/my-models.yaml", "members: [ada]\n", &format!("members: [ada]\n{limits}\n"));
    world.lands("olga");
    world.compile();
    world.lands("ada");
    world.remove("sources/my-models/notebooks/workflows/tables.yaml");
    world.compile();
    world.lands("ada");
    world
}

type Forgery = (&'static str, fn(&mut Lock));

fn usage(lock: &mut Lock) -> &mut LockedUsage {
    lock.workflows.get_mut("plots").expect("there").usage.as_mut().expect("the grant has quotas")
}

const FORGERIES: &[Forgery] = &[
    ("no pods", |lock| usage(lock).pods = "0".to_owned()),
    ("pods below none", |lock| usage(lock).pods = "-1".to_owned()),
    ("pods in another spelling", |lock| usage(lock).pods = "1.0".to_owned()),
    ("pods that are no number", |lock| usage(lock).pods = "NaN".to_owned()),
    ("no tasks", |lock| usage(lock).tasks = "0".to_owned()),
    ("a request left out", |lock| usage(lock).requests.clear()),
    ("another request", |lock| drop(usage(lock).requests.insert("cpu".to_owned(), "7".to_owned()))),
    ("a request more", |lock| drop(usage(lock).requests.insert("memory".to_owned(), "1".to_owned()))),
    ("no usage", |lock| lock.workflows.get_mut("plots").expect("there").usage = None),
    ("protected", |lock| lock.workflows.get_mut("plots").expect("there").protect = true),
    ("another file", |lock| lock.workflows.get_mut("plots").expect("there").file = "workflows/drafts.yaml".to_owned()),
    ("data that it does not name", |lock| lock.workflows.get_mut("plots").expect("there").data.push("freehold.yaml".to_owned())),
    ("what another source compiles to", |lock| {
        let id = lock.compiled["dags/my-models/plots.py"].clone();
        lock.compiled.insert("dags/my-models/hello.py".to_owned(), id);
    }),
    ("what another source compiles to, of a workflow", |lock| {
        lock.workflows.get_mut("plots").expect("there").compiled.push("dags/my-models/hello.py".to_owned());
    }),
    ("a workflow that is not there", |lock| {
        let plots = lock.workflows["plots"].clone();
        lock.workflows.insert("never".to_owned(), plots);
    }),
    ("an older format", |lock| lock.format -= 1),
    ("a newer format", |lock| lock.format += 1),
    ("a tombstone deleted", |lock| lock.tombstones.clear()),
    ("a tombstone of what never was", |lock| {
        lock.tombstones.insert("never".to_owned(), Tombstone { files: BTreeMap::new(), successor: Some("ads/hello".to_owned()) });
    }),
    ("a tombstone of what is there", |lock| {
        lock.tombstones.insert("plots".to_owned(), Tombstone { files: BTreeMap::new(), successor: None });
    }),
    ("a tombstone that says where it lives on", |lock| {
        lock.tombstones.get_mut("tables").expect("there").successor = Some("ads/hello".to_owned());
    }),
    ("a tombstone with the bytes of another file", |lock| {
        let id = lock.files["freehold.yaml"].clone();
        lock.tombstones.get_mut("tables").expect("there").files.insert("workflows/tables.yaml".to_owned(), id);
    }),
    ("a tombstone with a file more", |lock| {
        let id = lock.files["freehold.yaml"].clone();
        lock.tombstones.get_mut("tables").expect("there").files.insert("freehold.yaml".to_owned(), id);
    }),
    ("a tombstone with no files", |lock| lock.tombstones.get_mut("tables").expect("there").files.clear()),
    ("a tombstone under another name", |lock| {
        let tables = lock.tombstones.remove("tables").expect("there");
        lock.tombstones.insert("desks".to_owned(), tables);
    }),
];

#[test]
fn t80_a_forged_lock_is_refused_by_the_hook_alone_and_beside_a_sound_change() {
    let world = world();
    for (at, (what, forge)) in FORGERIES.iter().enumerate() {
        // Every other one beside a sound change.
        if at % 2 == 1 {
            world.replace(PLOTS, "hello", "bye");
            world.compile();
        }
        world.forge(forge);
        world.commit();
        let refs = world.refs();
        let ran = world.push(Some("ada"), &["origin", "HEAD:main"]);
        assert!(ran.code != 0 && (ran.stderr.contains("FH0803") || ran.stderr.contains("FH0809")), "{what}: {}", ran.stderr);
        assert_eq!(world.refs(), refs, "{what}");
        world.reset();
    }
    world.replace(PLOTS, "hello", "bye");
    world.compile();
    world.lands("ada");
}

#[test]
fn t80_what_others_are_found_by_is_forged_by_nobody() {
    let world = world();
    let waiting =
        "workflow: hello\ndefaults: { image: registry.example.com/x:1 }\ntasks:\n  wait: { wait_for: { workflow: my-models/plots } }\n";
    world.ground.write("ads/workflows/hello.yaml", waiting);
    world.ads_publishes();
    let theirs = "references/my-models/plots/ads/hello.yaml";
    let sound = world.ground.read(&format!("clone/{theirs}"));
    let forged = ["references/ads/hello/my-models/plots.yaml", "dag-ids/ads__hello/my-models/plots.yaml", "dag-ids/x/my-models/plots.yaml"];
    for path in forged {
        for actor in ["ada", "olga"] {
            world.write(path, &sound);
            world.turned_away(actor, "FH0802");
        }
        world.write(path, &sound);
        world.forge(|lock| {
            let id = world.git(&["hash-object", path]);
            lock.compiled.insert(path.to_owned(), id);
            lock.workflows.get_mut("plots").expect("there").compiled.push(path.to_owned());
        });
        world.turned_away("ada", "FH0803");
        world.write(path, &sound);
        world.turned_away("bob", "FH0801");
    }
    // The team that is waited for, and the one that waits.
    for (actor, code) in [("ada", "FH0801"), ("bob", "FH0802"), ("olga", "FH0802")] {
        world.remove(theirs);
        world.turned_away(actor, code);
        world.write(theirs, "waits_for: nothing\n");
        world.turned_away(actor, code);
    }
    world.remove(PLOTS);
    world.compile();
    world.turned_away("ada", "FH0809");
    world.remove(PLOTS);
    world.compile();
    world.remove(theirs);
    world.turned_away("ada", "FH0801");
    // Nor through a folder of another team's name below the awaited one.
    world.write("references/my-models/plots/my-models/hello.yaml", &sound);
    world.turned_away("ada", "FH0802");
}

const WORKFLOW: &str = "defaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";

#[test]
fn t80_what_is_retired_comes_back_as_often_as_its_team_likes() {
    let world = world();
    let tables = "sources/my-models/notebooks/workflows/tables.yaml";
    for round in 0..2 {
        world.write(tables, &format!("workflow: tables\n{WORKFLOW}# {round}\n"));
        world.compile();
        world.lands("ada");
        assert!(!world.lock().tombstones.contains_key("tables"), "it is there");
        world.remove(tables);
        world.compile();
        world.lands("ada");
        let id = world.lock().tombstones["tables"].files["workflows/tables.yaml"].clone();
        assert!(world.git(&["cat-file", "-p", &id]).ends_with(&format!("# {round}")), "the last one is remembered");
    }
}

/// The world in which `ads` have taken `plots` over, and call it `charts`.
fn world_without_plots() -> World {
    let world = world();
    let project = "team: my-models\nsource: notebooks\ngive: [{ workflows: [plots], to: ads/ads }]\n";
    world.write("sources/my-models/notebooks/freehold.yaml", project);
    world.compile();
    world.lands("ada");
    world.ground.write("ads/workflows/charts.yaml", format!("workflow: charts\ntaken_from: my-models/plots\n{WORKFLOW}"));
    world.ads_publishes();
    assert_eq!(world.lock().tombstones["plots"].successor.as_deref(), Some("ads/charts"));
    world
}

#[test]
fn t80_what_was_given_does_not_come_back_whatever_is_forgotten() {
    let world = world_without_plots();
    let text = format!("workflow: plots\n{WORKFLOW}");
    let again = || world.write(PLOTS, &text);
    let forgeries: [&dyn Fn(&World); 6] = [
        &|_| {},
        &|world| world.forge(|lock| lock.tombstones.clear()),
        &|world| {
            world.forge(|lock| {
                lock.tombstones.insert("plots".to_owned(), Tombstone { files: BTreeMap::new(), successor: None });
            });
        },
        // The same in two commits: the first forgets, the second publishes.
        &|world| {
            let lock = world.lock();
            world.reset();
            world.forge(|lock| lock.tombstones.clear());
            world.commit();
            world.write(PLOTS, &text);
            world.compile();
            world.forge(|forged| *forged = lock);
        },
        // From a new source of the team, and from its published one.
        &|world| {
            world.reset();
            world.write("sources/my-models/sketches/freehold.yaml", "team: my-models\nsource: sketches\n");
            world.write("sources/my-models/sketches/workflows/plots.yaml", &text);
            world.compile();
        },
        &|world| {
            world.reset();
            world.write("sources/my-models/my-models/workflows/plots.yaml", &text);
            world.compile();
        },
    ];
    for forge in forgeries {
        again();
        world.compile();
        forge(&world);
        world.turned_away("ada", "FH0818");
    }
    world.forge(|lock| lock.tombstones.clear());
    world.turned_away("ada", "FH0809");
    world.forge(|lock| lock.tombstones.get_mut("plots").expect("there").successor = Some("ads/hello".to_owned()));
    world.turned_away("ada", "FH0809");
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");
}

#[test]
fn t80_two_records_in_one_change_both_have_to_be_needed() {
    let world = world();
    for name in ["plots", "drafts"] {
        world.replace(&format!("sources/my-models/notebooks/workflows/{name}.yaml"), "\ndefaults", "\nprotect: true\ndefaults");
    }
    world.compile();
    world.lands("ada");
    let record = |name: &str, path: &str| {
        let soon = jiff::Zoned::now().date().saturating_add(jiff::ToSpan::days(30));
        let text = format!("source: notebooks\nrule: guard\npaths: [{path}]\nreason: x\napproved_by: [olga, ada]\nexpires: {soon}\n");
        world.write(&format!("overrides/my-models/{name}.yaml"), &text);
    };
    record("one", "dags/my-models/plots.py");
    record("two", "dags/my-models/plots.py");
    record("three", "dags/my-models/drafts.py");
    world.lands("olga");
    let goes = |workflows: &[&str], records: &[&str]| {
        workflows.iter().for_each(|name| world.remove(&format!("sources/my-models/notebooks/workflows/{name}.yaml")));
        world.compile();
        records.iter().for_each(|name| world.remove(&format!("overrides/my-models/{name}.yaml")));
    };
    goes(&["plots"], &["one", "two"]);
    world.turned_away("ada", "FH0815");
    goes(&["plots"], &["one", "three"]);
    world.turned_away("ada", "FH0815");
    goes(&["plots"], &["three"]);
    world.turned_away("ada", "FH0809");
    goes(&["plots", "drafts"], &["one"]);
    world.turned_away("ada", "FH0809");
    // Another name for a record is another record.
    goes(&["plots"], &["one"]);
    record("four", "dags/my-models/plots.py");
    world.turned_away("ada", "FH0801");
    goes(&["plots"], &["two"]);
    world.lands("ada");
    assert!(world.ground.path("clone/overrides/my-models/one.yaml").exists());
}
