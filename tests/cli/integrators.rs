//! An account that may land what waits and nothing else, at a real `pre-receive` hook: what it lands, and what it tries besides.

use crate::doors::World;
use crate::ground::{Ran, run};

const BOT: Option<&str> = Some("integrate-bot");

/// Both teams have a publish that waits, and `integrate-bot` may land them.
fn world() -> World {
    let world = World::new();
    world.replace("platform.yaml", "administrators", "integrators: [integrate-bot]\nadministrators");
    world.commit();
    world.push(Some("olga"), &["origin", "HEAD:main"]).expect_code(0);
    for (team, id, member) in [("my-models", "7", "ada"), ("ads", "8", "bob")] {
        let workflow = "workflow: more\ndefaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";
        world.ground.write(&format!("{team}/workflows/more.yaml"), workflow);
        publish(&world, team, id, member).expect_code(0);
    }
    world
}

/// Publishes by branch, as a member of the team.
fn publish(world: &World, team: &str, id: &str, member: &str) -> Ran {
    let name = format!("acme/{team}");
    let mut binary = world.ground.binary();
    binary.args(["publish", team, "--central", "dags.git", "--via", "branch", "--repository-id", id, "--repository", &name]);
    run(binary.args(["--ref", "refs/heads/main"]).env("FREEHOLD_ACTOR", member))
}

fn integrate(world: &World, account: &str) -> Ran {
    run(world.ground.binary().args(["integrate", "--central", "dags.git"]).env("FREEHOLD_ACTOR", account))
}

/// The commit that `integrate` makes of what waits, checked out in the clone; it has not landed, and everything waits as before.
fn made(world: &World) -> String {
    let before = world.refs();
    let hook = world.ground.path("dags.git/hooks/pre-receive");
    let away = world.ground.path("pre-receive");
    fs_err::rename(&hook, &away).expect("moved");
    world.ground.run(&["integrate", "--central", "dags.git"]).expect_code(0);
    fs_err::rename(&away, &hook).expect("moved back");
    world.git(&["fetch", "--quiet", "origin"]);
    let commit = world.git(&["rev-parse", "refs/remotes/origin/main"]);
    for line in before.lines() {
        let (id, name) = (line.split(' ').next().expect("an id"), line.split('\t').nth(1).expect("a name"));
        world.ground.git("dags.git", &["update-ref", name, id]);
    }
    assert_eq!(world.refs(), before);
    world.git(&["fetch", "--quiet", "--prune", "origin"]);
    world.git(&["checkout", "--quiet", "--force", "--detach", &commit]);
    commit
}

/// Commits what is in the clone in the place of the last commit, with its message.
fn amend(world: &World) {
    world.git(&["add", "--all"]);
    world.git(&["commit", "--quiet", "--amend", "--allow-empty", "--no-edit"]);
}

fn waiting(world: &World) -> Vec<String> {
    world.ground.git("dags.git", &["for-each-ref", "--format=%(refname)", "refs/heads/publish"]).lines().map(str::to_owned).collect()
}

#[test]
fn an_integrator_lands_what_waits_of_teams_of_which_it_is_no_member() {
    let world = world();
    let base = world.ground.git("dags.git", &["rev-parse", "main"]);
    let stranger = integrate(&world, "mallory");
    assert!(stranger.code == 2 && stranger.stderr.contains("FH0801"), "{}", stranger.stderr);
    let member = integrate(&world, "ada");
    assert!(member.code == 2 && member.stderr.contains("FH0801"), "{}", member.stderr);
    assert_eq!((world.ground.git("dags.git", &["rev-parse", "main"]), waiting(&world).len()), (base.clone(), 2));

    let done = integrate(&world, "integrate-bot").expect_code(0);
    assert!(done.stderr.contains("integrated as"), "{}", done.stderr);
    let landed = world.ground.git("dags.git", &["diff", "--name-only", &base, "main", "--", "dags"]);
    assert_eq!(landed.lines().collect::<Vec<_>>(), ["dags/ads/more.py", "dags/my-models/more.py"]);
    assert_eq!(waiting(&world), Vec::<String>::new(), "what has landed waits no longer");
    let message = world.ground.git("dags.git", &["log", "-1", "--format=%B", "main"]);
    assert_eq!(message.matches("Freehold-Waiting: publish/").count(), 2, "{message}");
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");
}

/// What an integrator does to the commit that lands what waits, and what the hook says.
type Trick = (&'static str, fn(&World), &'static str);

const TRICKS: &[Trick] = &[
    ("another team's file", |world| world.write("dags/ads/hello.py", "print('mine')\n"), "`dags/ads/hello.py` is not what comes of it"),
    ("a workflow of its own", |world| world.write("dags/my-models/mine.py", "print('mine')\n"), "nothing that waits changes it"),
    ("a file less", |world| drop(world.git(&["rm", "--quiet", "dags/my-models/more.py"])), "what waits changes it, and the push does not"),
    ("other bytes", |world| world.write("dags/my-models/more.py", "print('mine')\n"), "what waits makes something else of it"),
    ("a whole team", |world| drop(world.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads"])), "FH0824"),
    ("a lock", |world| world.replace("sources/ads/ads/freehold.lock", "\"serial\": 2", "\"serial\": 7"), "FH0824"),
    ("a source that nobody published", |world| world.write("sources/ads/ads/workflows/extra.yaml", "workflow: extra\n"), "FH0824"),
    ("policy", |world| world.replace("platform.yaml", "[olga]", "[olga, integrate-bot]"), "`platform.yaml` is not what comes of it"),
    ("a grant", |world| world.replace("teams/ads.yaml", "[bob]", "[bob, integrate-bot]"), "`teams/ads.yaml` is not what comes of it"),
    ("a record", |world| world.write("overrides/ads/mine.yaml", "source: ads\n"), "FH0824"),
    ("a file of the platform", |world| world.write("README.md", "mine\n"), "FH0824"),
    ("its mode", |world| drop(world.git(&["update-index", "--chmod=+x", "dags/my-models/more.py"])), "FH0824"),
];

#[test]
fn an_integrator_lands_nothing_beside_what_waits() {
    let world = world();
    let commit = made(&world);
    for (what, trick, words) in TRICKS {
        trick(&world);
        if *what == "its mode" {
            world.git(&["commit", "--quiet", "--amend", "--no-edit"]);
        } else {
            amend(&world);
        }
        world.refused(BOT, &["origin", "HEAD:main"], words);
        world.git(&["checkout", "--quiet", "--force", "--detach", &commit]);
    }
    world.refused(Some("mallory"), &["origin", "HEAD:main"], "FH0801");
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0801");
    assert_eq!(world.push(BOT, &["origin", "HEAD:main"]).code, 0, "as it was made it lands");
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");
}

#[test]
fn an_integrator_lands_nothing_that_its_commit_does_not_name_and_nothing_that_does_not_wait() {
    let world = world();
    let commit = made(&world);
    let message = world.git(&["log", "-1", "--format=%B"]);
    let say = |message: &str| {
        world.git(&["commit", "--quiet", "--amend", "--message", message]);
    };
    say("integrate 2 publishes");
    world.refused(BOT, &["origin", "HEAD:main"], "the commit names no branch that waited");
    let one: String =
        message.lines().filter(|line| !line.starts_with("Freehold-Waiting: publish/ads")).map(|line| format!("{line}\n")).collect();
    say(&one);
    world.refused(BOT, &["origin", "HEAD:main"], "nothing that waits changes it");
    say(&format!("{message}\nFreehold-Waiting: publish/ads/other {commit}\n"));
    world.refused(BOT, &["origin", "HEAD:main"], "nothing waits on `publish/ads/other`");
    say(&format!("{message}\nFreehold-Waiting: main {commit}\nFreehold-Waiting:  x"));
    world.refused(BOT, &["origin", "HEAD:main"], "nothing waits on `main`");
    let twice = message.lines().find(|line| line.starts_with("Freehold-Waiting: publish/ads")).expect("it is named");
    say(&format!("{message}\n{twice}\n"));
    world.refused(BOT, &["origin", "HEAD:main"], "FH0724");
    say(&format!("{message}{}", format!("{twice}\n").repeat(100)));
    world.refused(BOT, &["origin", "HEAD:main"], "and one commit lands 100 at most");

    // One that has moved since, and one that is gone.
    world.git(&["checkout", "--quiet", "--force", "--detach", &commit]);
    world.ground.edit("ads/workflows/more.yaml", "hello]", "bye]");
    publish(&world, "ads", "8", "bob").expect_code(0);
    world.refused(BOT, &["origin", "HEAD:main"], "`publish/ads/ads` waits at");
    assert_eq!(world.push(Some("bob"), &["origin", ":refs/heads/publish/ads/ads"]).code, 0, "his team's to delete");
    world.refused(BOT, &["origin", "HEAD:main"], "nothing waits on `publish/ads/ads`");
}

#[test]
fn an_integrator_has_no_right_of_its_own() {
    let world = world();
    world.write("sources/my-models/notebooks/workflows/plots.yaml", "workflow: plots\n");
    world.commit();
    world.refused(BOT, &["origin", "HEAD:main"], "FH0801");
    world.refused(BOT, &["--force", "origin", "HEAD:refs/heads/publish/ads/ads"], "may not publish for team `ads`");
    world.refused(BOT, &["--force", "origin", "HEAD:refs/heads/publish/my-models/my-models"], "may not publish for team `my-models`");
    world.refused(BOT, &["origin", ":refs/heads/publish/ads/ads"], "what waits there has not landed");
    world.refused(BOT, &["origin", ":main"], "FH0813");
    world.reset();
    world.replace("platform.yaml", "[olga]", "[olga, integrate-bot]");
    world.commit();
    world.refused(BOT, &["origin", "HEAD:main"], "FH0801");
    world.reset();
    // What a change itself says of integrators counts only once it has landed.
    world.replace("platform.yaml", "[integrate-bot]", "[integrate-bot, mallory]");
    world.commit();
    world.refused(Some("mallory"), &["origin", "HEAD:main"], "FH0801");
}

#[test]
fn an_integrator_lands_one_commit_on_the_tip() {
    let world = world();
    let commit = made(&world);
    let (message, tree) = (world.git(&["log", "-1", "--format=%B"]), format!("{commit}^{{tree}}"));
    let (tip, before) = (format!("{commit}~1"), format!("{commit}~2"));
    let made = |parents: &[&str]| world.git(&[&["commit-tree", &tree, "-m", &message], parents].concat());
    for other in [made(&["-p", &commit]), made(&["-p", &tip, "-p", &commit]), made(&["-p", &before]), made(&[])] {
        world.refused(BOT, &["--force", "origin", &format!("{other}:main")], "is not one commit on the branch's tip");
    }
    assert_eq!(world.push(BOT, &["origin", &format!("{}:main", made(&["-p", &tip]))]).code, 0);
}

#[test]
fn what_a_waiting_branch_says_of_others_files_does_not_land() {
    let world = world();
    // Whoever may push the branch of one team puts another team's files into it.
    world.git(&["fetch", "--quiet", "origin", "publish/my-models/my-models"]);
    world.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    world.write("dags/ads/hello.py", "print('by ada')\n");
    world.write("teams/my-models.yaml", "team: my-models\nmembers: [ada, mallory]\n");
    amend(&world);
    assert_eq!(world.push(Some("ada"), &["--force", "origin", "HEAD:refs/heads/publish/my-models/my-models"]).code, 0, "hers to push");
    // An integrator that lands the branch as it is, naming it truly.
    let (tree, at) = (world.git(&["rev-parse", "HEAD^{tree}"]), world.git(&["rev-parse", "HEAD"]));
    let message = format!("integrate\n\nFreehold-Waiting: publish/my-models/my-models {at}\n");
    let whole = world.git(&["commit-tree", &tree, "-p", "refs/remotes/origin/main", "-m", &message]);
    world.refused(BOT, &["origin", &format!("{whole}:main")], "`dags/ads/hello.py` and 1 more file are not what comes of it");
    // `integrate` takes what is the team's own.
    integrate(&world, "integrate-bot").expect_code(0);
    let live = world.ground.git("dags.git", &["show", "main:dags/ads/hello.py"]);
    assert!(!live.contains("by ada"));
    assert!(!world.ground.git("dags.git", &["show", "main:teams/my-models.yaml"]).contains("mallory"));
    assert!(world.ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "dags"]).contains("dags/my-models/more.py"));
}

#[test]
fn an_integrator_that_is_a_member_too_has_each_right_by_itself_and_never_both_in_one_commit() {
    let world = world();
    world.git(&["fetch", "--quiet", "origin"]);
    world.replace("platform.yaml", "[integrate-bot]", "[integrate-bot, ada]");
    world.commit();
    world.push(Some("olga"), &["origin", "HEAD:main"]).expect_code(0);
    let commit = made(&world);
    world.replace("sources/my-models/notebooks/workflows/plots.yaml", "hello", "bye");
    world.compile();
    amend(&world);
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0824");
    // The same message on what is hers alone does not make it what waits.
    let message = world.git(&["log", "-1", "--format=%B"]);
    world.reset();
    world.replace("sources/my-models/notebooks/workflows/plots.yaml", "hello", "bye");
    world.compile();
    world.git(&["add", "--all"]);
    world.git(&["commit", "--quiet", "--message", &message]);
    world.refused(Some("ada"), &["origin", "HEAD:main"], "FH0824");
    world.git(&["commit", "--quiet", "--amend", "--message", "mine"]);
    assert_eq!(world.push(Some("ada"), &["origin", "HEAD:main"]).code, 0, "as a member");
    world.refused(Some("ada"), &["--force", "origin", &format!("{commit}:main")], "is not one commit on the branch's tip");
    integrate(&world, "ada").expect_code(0);
    assert_eq!(world.ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0).stdout, "");
}
