//! The same files give the same bytes, whatever surrounds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::ground::{Ground, run};

fn compiled(ground: &Ground, out: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = ground.path(out);
    ground.everything(out).into_iter().map(|(path, bytes)| (path.strip_prefix(&root).expect("below it").to_owned(), bytes)).collect()
}

#[test]
fn time_zone_language_folder_and_threads_do_not_change_a_byte() {
    let ground = Ground::empty();
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme/repositories/churn-model");
    let project = acme.to_str().expect("UTF-8");
    let surroundings = [
        ("plain", vec![]),
        ("elsewhere", vec![("TZ", "Pacific/Kiritimati"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("HOME", "/nonexistent")]),
        ("one-thread", vec![("RAYON_NUM_THREADS", "1")]),
        ("four-threads", vec![("RAYON_NUM_THREADS", "4")]),
    ];
    let central = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme/central");
    ground.copy(&central, "seed");
    ground.commit("seed", "Grant teams their place");
    let central = ground.path("seed");
    for (name, variables) in &surroundings {
        let cwd = ground.path(&format!("cwd-{name}"));
        fs_err::create_dir(&cwd).expect("made");
        let mut command = ground.binary();
        command.args(["compile", project, "-o"]).arg(ground.path(name)).arg("--central").arg(&central);
        run(command.current_dir(cwd).envs(variables.iter().copied())).expect_code(0);
    }
    let plain = compiled(&ground, "plain");
    assert!(plain.len() > 3, "{:?}", plain.keys());
    for (name, _) in &surroundings {
        assert!(compiled(&ground, name) == plain, "{name} gives other bytes");
    }
}

#[test]
fn compiling_again_writes_nothing() {
    let ground = Ground::with_project();
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    let again = ground.unchanged(|ground| ground.run(&["compile", "my-models", "-o", "out"])).expect_code(0);
    assert!(again.stderr.contains("0 written, 0 deleted"), "{}", again.stderr);
}

#[test]
fn two_plans_of_the_same_project_are_equal() {
    let ground = Ground::with_central();
    let plan = || ground.unchanged(|ground| ground.ask(&["plan", "--format", "json"])).expect_code(0).stdout;
    assert_eq!(plan(), plan());
}
