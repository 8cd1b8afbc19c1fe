//! Hostile and careless changes at two doors: a real `pre-receive` hook of a bare repository, and `verify`.

use std::os::unix::fs::PermissionsExt as _;

use crate::ground::{Ground, Ran, run};

/// Teams `my-models` (ada) and `ads` (bob) have published, `my-models` keeps a source `notebooks` in the central repository itself,
/// olga administers it, and `dags.git` has the hook.
pub(crate) struct World {
    pub(crate) ground: Ground,
}

impl World {
    pub(crate) fn new() -> Self {
        let ground = Ground::with_project();
        ground.run(&["init", "team", "ads"]).expect_code(0);
        ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\nadministrators: [olga]\n");
        for (team, id, member) in [("my-models", 7, "ada"), ("ads", 8, "bob")] {
            let repository = format!("{{ id: {id}, name: acme/{team}, source: {team} }}");
            ground.write(&format!("seed/teams/{team}.yaml"), format!("team: {team}\nrepositories: [{repository}]\nmembers: [{member}]\n"));
        }
        ground.commit("seed", "Grant two teams their places");
        ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
        let world = Self { ground };
        for (team, id) in [("my-models", "7"), ("ads", "8")] {
            let name = format!("acme/{team}");
            let who = ["--repository-id", id, "--repository", &name, "--ref", "refs/heads/main"];
            world.ground.run(&[&["publish", team, "--central", "dags.git"], &who[..]].concat()).expect_code(0);
        }
        world.ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
        let workflow = "defaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";
        world.write("sources/my-models/notebooks/freehold.yaml", "team: my-models\nsource: notebooks\n");
        for name in ["drafts", "explore", "plots", "tables"] {
            world.write(&format!("sources/my-models/notebooks/workflows/{name}.yaml"), &format!("workflow: {name}\n{workflow}"));
        }
        world.compile();
        world.ground.commit("clone", "Notebooks");
        world.git(&["push", "--quiet", "origin", "main"]);
        world.install();
        world
    }

    fn install(&self) {
        let binary = assert_cmd::cargo::cargo_bin!("freehold");
        self.ground.write("dags.git/hooks/pre-receive", format!("#!/bin/sh\nexec '{}' hook pre-receive\n", binary.display()));
        let executable = std::fs::Permissions::from_mode(0o755);
        fs_err::set_permissions(self.ground.path("dags.git/hooks/pre-receive"), executable).expect("set");
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.ground.git("clone", arguments)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        self.ground.write(&format!("clone/{path}"), text);
    }

    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        self.ground.edit(&format!("clone/{path}"), from, to);
    }

    /// Compiles the central work tree in place, as its people do.
    pub(crate) fn compile(&self) {
        self.ground.run(&["compile", "clone"]).expect_code(0);
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "a change"]);
    }

    /// Pushes as an account; with none, the server does not know who it is.
    pub(crate) fn push(&self, actor: Option<&str>, arguments: &[&str]) -> Ran {
        let mut command = std::process::Command::new("git");
        command.args(["-C", &self.ground.path("clone").to_string_lossy(), "push", "--quiet"]).args(arguments);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("FREEHOLD_ACTOR");
        if let Some(actor) = actor {
            command.env("FREEHOLD_ACTOR", actor);
        }
        run(&mut command)
    }

    pub(crate) fn refs(&self) -> String {
        self.ground.git("dags.git", &["for-each-ref"])
    }

    /// Nothing moved, and the words are in what git shows of the hook's answer.
    #[track_caller]
    pub(crate) fn refused(&self, actor: Option<&str>, arguments: &[&str], words: &str) {
        let before = self.refs();
        let ran = self.push(actor, arguments);
        assert_ne!(ran.code, 0, "it was taken; expected {words}");
        assert!(ran.stderr.contains(words), "{words} is not in:\n{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        assert_eq!(self.refs(), before);
    }

    pub(crate) fn verify(&self, actor: &str) -> Ran {
        self.ground.run(&["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD", "--actor", actor])
    }

    /// Puts the clone back to what has landed.
    pub(crate) fn reset(&self) {
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["reset", "--quiet", "--hard", "refs/remotes/origin/main"]);
        self.git(&["clean", "-fdq"]);
    }
}

const LOCK: &str = "sources/my-models/notebooks/freehold.lock";

/// A threat's number, who tries it, how, and the code of the refusal.
type Attack = (&'static str, &'static str, fn(&World), &'static str);

const ATTACKS: &[Attack] = &[
    ("T01", "ada", |world| drop(world.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads"])), "FH0801"),
    ("T02", "ada", |world| drop(world.git(&["mv", "dags/ads", "dags/my-models/ads"])), "FH0801"),
    ("T07", "ada", |world| world.replace(LOCK, "\"compiled\": {", "\"compiled\": {\n    \"dags/ads/hello.py\": \"\","), "FH0803"),
    (
        "T08",
        "olga",
        |world| {
            world.replace("platform.yaml", "olga", "olga, ada");
            world.replace("sources/my-models/notebooks/workflows/plots.yaml", "hello", "bye");
        },
        "FH0810",
    ),
    ("T10", "ada", |world| world.write(".github/workflows/verify.yaml", "on: never\n"), "FH0801"),
    ("T12", "ada", |world| world.write("dags/my-models/plots.py", "print('by hand')\n"), "FH0802"),
    ("T13", "ada", |world| world.write("dags/ads/hello.py", "print('by hand')\n"), "FH0801"),
    ("T13", "olga", |world| world.write("dags/ads/hello.py", "print('by hand')\n"), "FH0802"),
    ("T15", "ada", |world| world.replace("sources/my-models/my-models/freehold.lock", "\"serial\": 1", "\"serial\": 7"), "FH0807"),
    (
        "T16",
        "ada",
        |world| {
            let lock = "sources/my-models/my-models/freehold.lock";
            world.replace(lock, "\"serial\": 1", "\"serial\": 2");
            world.replace(lock, "\"id\": 7", "\"id\": 666");
        },
        "FH0807",
    ),
    (
        "T18",
        "ada",
        |world| {
            world.git(&["rm", "--quiet", "-r", "sources/my-models/notebooks/workflows"]);
            world.git(&["rm", "--quiet", "dags/my-models/drafts.py", "dags/my-models/explore.py"]);
        },
        "FH0318",
    ),
    (
        "T19",
        "ada",
        |world| {
            for name in ["drafts", "explore", "plots"] {
                world.git(&["rm", "--quiet", &format!("sources/my-models/notebooks/workflows/{name}.yaml")]);
            }
            world.compile();
        },
        "FH0809",
    ),
    (
        "T21",
        "ada",
        |world| {
            let path = world.ground.path("clone/dags/my-models/plots.py");
            fs_err::remove_file(&path).expect("removed");
            std::os::unix::fs::symlink("../../platform.yaml", path).expect("linked");
        },
        "FH0805",
    ),
    ("T22", "ada", |world| world.write("sources/my-models/notebooks/workflows/a\\b.yaml", "x\n"), "FH0804"),
    ("T23", "ada", |world| world.write("sources/my-models/notebooks/workflows/Plots.yaml", "x\n"), "FH0804"),
    ("T24", "ada", |world| world.write("sources/my-models/notebooks/workflows/pl\u{43e}ts.yaml", "x\n"), "FH0804"),
    ("T31", "ada", |world| world.write("dags/my-models/conftest.py", "x = 1\n"), "FH0806"),
    ("T31", "olga", |world| world.write("dags/.airflowignore", ".*\n"), "FH0806"),
    ("T32", "ada", |world| world.write("dags/pandas.py", "x = 1\n"), "FH0806"),
    ("T34", "ada", |world| world.write("sources/my-models/notebooks/.gitattributes", "* -diff\n"), "FH0806"),
    ("T34", "ada", |world| world.write(".gitattributes", "dags/** -diff\n"), "FH0801"),
    (
        "T35",
        "ada",
        |world| {
            let commit = world.git(&["rev-parse", "HEAD"]);
            world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sources/my-models/notebooks/lib")]);
        },
        "FH0805",
    ),
    ("T36", "ada", |world| drop(world.git(&["update-index", "--chmod=+x", "dags/my-models/plots.py"])), "FH0805"),
    ("T37", "ada", |world| world.write("sources/my-models/notebooks/workflows/big.csv", &"x".repeat(17 << 20)), "FH0814"),
    ("T01", "mallory", |world| world.write("sources/my-models/notebooks/workflows/new.yaml", "workflow: new\n"), "FH0801"),
    ("T62", "ada", |world| world.replace("dags/ads/hello.py", "ads", "my-models"), "FH0801"),
];

#[test]
fn what_hurts_others_is_refused_by_the_hook_and_by_verify_and_moves_nothing() {
    let world = World::new();
    for (threat, actor, perform, code) in ATTACKS {
        perform(&world);
        if *threat != "T35" && *threat != "T36" {
            world.git(&["add", "--all"]);
        }
        world.git(&["commit", "--quiet", "--message", threat]);
        world.refused(Some(actor), &["origin", "HEAD:main"], code);
        let ran = world.verify(actor);
        assert!(ran.code == 1 && ran.stderr.contains(code), "{threat} {code}: {ran:?}");
        world.reset();
    }
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");
    world.ground.git("dags.git", &["fsck", "--strict"]);
}

#[test]
fn what_is_ones_own_is_taken_by_the_hook() {
    let world = World::new();
    world.replace("sources/my-models/notebooks/workflows/plots.yaml", "hello", "bye");
    world.compile();
    world.commit();
    assert_eq!(world.push(Some("ada"), &["origin", "HEAD:main"]).code, 0);
    world.replace("platform.yaml", "olga", "olga, otto");
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0801");
    assert_eq!(world.push(Some("olga"), &["origin", "HEAD:main"]).code, 0);
    assert_eq!(
        world.push(Some("anybody"), &["origin", "HEAD:refs/heads/a-feature", "HEAD:refs/tags/v1"]).code,
        0,
        "nothing syncs from these"
    );
}

#[test]
fn a_hand_written_file_goes_through_the_hook_when_it_is_adopted_and_in_no_other_way() {
    let world = World::new();
    fs_err::remove_file(world.ground.path("dags.git/hooks/pre-receive")).expect("removed");
    world.write("dags/old/train.py", "DAG('legacy_train')\n");
    world.commit();
    world.git(&["push", "--quiet", "origin", "HEAD:main"]);
    world.install();
    world.ground.run(&["adopt", "--dir", "clone", "--team", "my-models", "dags/old/train.py"]).expect_code(0);
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0801");
    assert_eq!(world.push(Some("olga"), &["origin", "HEAD:main"]).code, 0);

    world.git(&["rm", "--quiet", "dags/old/train.py"]);
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0801");
    world.reset();
    world.write("sources/my-models/notebooks/workflows/train.yaml", "workflow: train\nadopted: train.py.txt\n");
    world.write("sources/my-models/notebooks/workflows/train.py.txt", "DAG('legacy_train')\n");
    world.compile();
    world.write("dags/old/train.py", "DAG('legacy_train')\n");
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0823");
    world.git(&["rm", "--quiet", "dags/old/train.py"]);
    world.commit();
    world.refused(Some("bob"), &["origin", "HEAD:main"], "FH0801");
    assert_eq!(world.push(Some("ada"), &["origin", "HEAD:main"]).code, 0);
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");

    world.git(&["rm", "--quiet", "sources/my-models/notebooks/workflows/train.yaml", "sources/my-models/notebooks/workflows/train.py.txt"]);
    world.compile();
    world.commit();
    assert_eq!(world.push(Some("ada"), &["origin", "HEAD:main"]).code, 0, "it goes with all that tells of it");
}

#[test]
fn t14_a_forced_push_and_a_deleted_branch_are_refused() {
    let world = World::new();
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    world.refused(Some("olga"), &["--force", "origin", "HEAD:main"], "FH0813");
    world.refused(Some("olga"), &["origin", ":main"], "everybody's files");
    world.ground.git("dags.git", &["config", "receive.denyDeleteCurrent", "ignore"]);
    world.refused(Some("olga"), &["origin", ":main"], "FH0813");
}

#[test]
fn t39_a_merge_that_drops_anothers_files_is_refused_by_the_hook() {
    let world = World::new();
    world.git(&["checkout", "--quiet", "-b", "ours", "HEAD~1"]);
    world.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads"]);
    world.git(&["commit", "--quiet", "--message", "tidy up"]);
    world.git(&["merge", "--quiet", "--strategy=ours", "--no-edit", "refs/remotes/origin/main"]);
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0801");
}

#[test]
fn refs_that_could_stand_in_for_the_branch_are_refused() {
    let world = World::new();
    let like_an_id = format!("refs/heads/{}", world.git(&["rev-parse", "refs/remotes/origin/main"]));
    let named = ["refs/tags/main", "refs/main", "refs/heads/Main", "refs/heads/refs/heads/main", &like_an_id];
    for reference in named.into_iter().chain(["refs/replace/0123456789012345678901234567890123456789"]) {
        world.refused(Some("ada"), &["origin", &format!("HEAD:{reference}")], "could stand in");
    }
    world.refused(Some("ada"), &["origin", "HEAD:refs/heads/publish/ads/ads"], "may not publish for team `ads`");
    world.refused(Some("ada"), &["origin", "HEAD:refs/heads/publish/nonsense"], "waits for nobody");
}

#[test]
fn one_ref_that_is_refused_keeps_the_whole_push_out() {
    let world = World::new();
    world.git(&["rm", "--quiet", "-r", "dags/ads"]);
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:refs/heads/harmless", "HEAD:main"], "FH0801");
}

#[test]
fn without_a_name_nobody_pushes() {
    let world = World::new();
    world.commit();
    for actor in [None, Some("")] {
        world.refused(actor, &["origin", "HEAD:main"], "`FREEHOLD_ACTOR` does not say who pushes");
    }
}

#[test]
fn a_first_push_brings_the_policy_and_its_administrator_pushes_it() {
    let world = World::new();
    world.ground.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "new.git"]);
    fs_err::create_dir_all(world.ground.path("new.git/hooks")).expect("made");
    fs_err::copy(world.ground.path("dags.git/hooks/pre-receive"), world.ground.path("new.git/hooks/pre-receive")).expect("copied");
    let target = world.ground.path("new.git");
    let target = target.to_string_lossy();
    for actor in ["ada", "mallory"] {
        let ran = world.push(Some(actor), &[&target, "HEAD:main"]);
        assert!(ran.code != 0 && ran.stderr.contains("no administrator"), "{ran:?}");
    }
    assert_eq!(world.push(Some("olga"), &[&target, "HEAD:main"]).code, 0);
    assert_eq!(world.ground.git("new.git", &["rev-parse", "main"]), world.git(&["rev-parse", "HEAD"]));
}

#[test]
fn a_first_push_whose_policy_or_files_are_unsound_is_refused() {
    let world = World::new();
    world.ground.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "new.git"]);
    fs_err::create_dir_all(world.ground.path("new.git/hooks")).expect("made");
    fs_err::copy(world.ground.path("dags.git/hooks/pre-receive"), world.ground.path("new.git/hooks/pre-receive")).expect("copied");
    let target = world.ground.path("new.git");
    let target = target.to_string_lossy();
    world.write("dags/ads/hello.py", "print('by hand')\n");
    world.commit();
    assert!(world.push(Some("olga"), &[&target, "HEAD:main"]).stderr.contains("FH0802"));
    world.git(&["rm", "--quiet", "platform.yaml"]);
    world.commit();
    assert!(world.push(Some("olga"), &[&target, "HEAD:main"]).stderr.contains("FH0811"));
}

#[test]
fn an_old_object_that_is_missing_lets_nothing_through() {
    let world = World::new();
    world.write("README.md", "more\n");
    world.commit();
    // Not in a pack, so that one object can be lost.
    world.ground.git("dags.git", &["config", "receive.unpackLimit", "1000"]);
    world.ground.git("dags.git", &["config", "transfer.unpackLimit", "1000"]);
    let tree = world.ground.git("dags.git", &["rev-parse", "main:teams"]);
    let pack = fs_err::read_dir(world.ground.path("dags.git/objects/pack")).expect("there").map(|entry| entry.expect("one").path());
    for pack in pack.filter(|pack| pack.extension().is_some_and(|extension| extension == "pack")) {
        let apart = world.ground.path("apart.pack");
        fs_err::rename(pack, &apart).expect("moved");
        let script = format!("git -C '{}' unpack-objects -q < '{}'", world.ground.path("dags.git").display(), apart.display());
        assert!(std::process::Command::new("sh").args(["-c", &script]).status().expect("sh runs").success());
    }
    let lost = world.ground.path(&format!("dags.git/objects/{}/{}", &tree[..2], &tree[2..]));
    fs_err::remove_file(lost).expect("it was there");
    world.write("sources/my-models/notebooks/workflows/plots.yaml", "workflow: plots\n");
    world.commit();
    let ran = world.push(Some("ada"), &["origin", "HEAD:main"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert_ne!(world.ground.git("dags.git", &["rev-parse", "main"]), world.git(&["rev-parse", "HEAD"]));
}

#[test]
fn a_new_rule_takes_nothing_away_names_whom_it_concerns_and_stops_nobody_else() {
    let world = World::new();
    let rule = "rules: [{ name: no-models, when: 'team == \"my-models\"', message: \"task `${{ task.name }}` of ${{ team }} is against the rule\" }]\n";
    world.replace("platform.yaml", "administrators", &format!("{rule}administrators"));
    world.commit();
    let verify = ["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD", "--platform", "--affected"];
    let ran = world.ground.run(&verify).expect_code(0);
    let concerned = "has published does not compile any more: task `hello` of my-models";
    assert!(
        ran.stderr.contains("what `my-models/") && ran.stderr.contains(concerned) && !ran.stderr.contains("what `ads"),
        "{}",
        ran.stderr
    );
    assert_eq!(world.push(Some("olga"), &["origin", "HEAD:main"]).code, 0);
    world.reset();
    assert!(world.ground.path("clone/dags/my-models/plots.py").exists(), "what is there goes on running");

    world.replace("sources/my-models/notebooks/workflows/plots.yaml", "args: [hello]", "args: [bye]");
    world.commit();
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0535");
    let ran = world.verify("ada");
    assert!(ran.code == 1 && ran.stderr.contains("FH0535") && ran.stderr.contains("no-models"), "{}", ran.stderr);
    world.reset();

    let workflow = "workflow: second\ndefaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";
    world.ground.write("ads/workflows/second.yaml", workflow);
    let mut publish = world.ground.binary();
    publish.args([
        "publish",
        "ads",
        "--central",
        "dags.git",
        "--repository-id",
        "8",
        "--repository",
        "acme/ads",
        "--ref",
        "refs/heads/main",
    ]);
    run(publish.env("FREEHOLD_ACTOR", "bob")).expect_code(0);
}
