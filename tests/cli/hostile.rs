//! Pushes that no git client would make by itself: objects written byte by byte, and refs that stand for others.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::doors::World;

/// Raw objects in the clone.
impl World {
    /// Writes an object as it is given, whatever git thinks of it.
    fn object(&self, kind: &str, bytes: &[u8]) -> String {
        let mut command = Command::new("git");
        command.args(["hash-object", "-t", kind, "--literally", "-w", "--stdin"]).current_dir(self.ground.path("clone"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git runs");
        child.stdin.take().expect("piped").write_all(bytes).expect("written");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// A tree of these entries in this order: mode, name, object.
    fn tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let entry = |(mode, name, id): &(&str, &[u8], &str)| {
            let digits = (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("digits")).collect::<Vec<_>>();
            [mode.as_bytes(), b" ", name, b"\0", &digits].concat()
        };
        self.object("tree", &entries.iter().flat_map(entry).collect::<Vec<_>>())
    }

    /// The entries of a tree-ish, with one that is new or instead of one of its name.
    fn with_entry(&self, tree: &str, (mode, name, id): (&str, &[u8], &str)) -> String {
        let listed = self.git(&["ls-tree", tree]);
        let mut entries: Vec<(String, Vec<u8>, String)> = listed
            .lines()
            .map(|line| {
                let (head, name) = line.split_once('\t').expect("a tab");
                let words: Vec<&str> = head.split(' ').collect();
                (words[0].trim_start_matches('0').to_owned(), name.as_bytes().to_vec(), words[2].to_owned())
            })
            .filter(|(_, other, _)| other != name)
            .chain([(mode.to_owned(), name.to_vec(), id.to_owned())])
            .collect();
        entries.sort_by_key(|(mode, name, _)| [name.as_slice(), if mode == "40000" { b"/" } else { b"" }].concat());
        let entries: Vec<(&str, &[u8], &str)> =
            entries.iter().map(|(mode, name, id)| (mode.as_str(), name.as_slice(), id.as_str())).collect();
        self.tree(&entries)
    }

    /// A commit on the branch with one entry more in a folder.
    fn commit_with(&self, folder: &str, entry: (&str, &[u8], &str)) -> String {
        const BASE: &str = "refs/remotes/origin/main";
        let at = if folder.is_empty() { BASE.to_owned() } else { format!("{BASE}:{folder}") };
        let mut tree = self.with_entry(&at, entry);
        let mut below = folder;
        while !below.is_empty() {
            let (above, name) = below.rsplit_once('/').unwrap_or(("", below));
            let at = if above.is_empty() { BASE.to_owned() } else { format!("{BASE}:{above}") };
            tree = self.with_entry(&at, ("40000", name.as_bytes(), &tree));
            below = above;
        }
        self.git(&["commit-tree", &tree, "-p", BASE, "-m", "x"])
    }

    /// Nothing is left of what was refused.
    fn is_sound(&self) {
        self.ground.git("dags.git", &["fsck", "--strict"]);
    }
}

#[test]
fn t65_what_is_pushed_to_another_name_of_the_branch_is_judged_as_the_branch() {
    let world = World::new();
    world.ground.git("dags.git", &["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
    world.ground.git("dags.git", &["symbolic-ref", "refs/heads/trunk", "refs/heads/master"]);
    let blob = world.object("blob", b"print('mine')\n");
    let hostile = world.commit_with("dags/ads", ("100644", b"hello.py", &blob));
    for name in ["master", "trunk"] {
        world.refused(Some("ada"), &["origin", &format!("{hostile}:refs/heads/{name}")], "FH0801");
        world.refused(Some("ada"), &["--force", "origin", &format!("{hostile}^^:refs/heads/{name}")], "FH0813");
        world.refused(Some("olga"), &["origin", &format!(":refs/heads/{name}")], "FH0813");
    }
    let own = world.commit_with("", ("100644", b"NOTES.md", &blob));
    assert_eq!(world.push(Some("olga"), &["origin", &format!("{own}:refs/heads/master")]).code, 0);
    assert_eq!(world.ground.git("dags.git", &["rev-parse", "refs/heads/main"]), own);
}

#[test]
fn t65_a_name_that_would_make_the_branch_is_judged_as_its_first_push() {
    let world = World::new();
    world.ground.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "new.git"]);
    fs_err::create_dir_all(world.ground.path("new.git/hooks")).expect("made");
    fs_err::copy(world.ground.path("dags.git/hooks/pre-receive"), world.ground.path("new.git/hooks/pre-receive")).expect("copied");
    world.ground.git("new.git", &["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
    let target = world.ground.path("new.git");
    let ran = world.push(Some("ada"), &[&target.to_string_lossy(), "HEAD:refs/heads/master"]);
    assert!(ran.code != 0 && ran.stderr.contains("no administrator"), "{ran:?}");
    assert_eq!(world.ground.git("new.git", &["for-each-ref"]), "");
}

#[test]
fn t66_no_branch_takes_the_place_of_those_that_wait() {
    let world = World::new();
    for name in ["publish", "Publish"] {
        world.refused(Some("mallory"), &["origin", &format!("HEAD:refs/heads/{name}")], "would leave no place");
    }
    for name in ["Publish/ads/ads", "PUBLISH/ads/ads", "publish/ads/ads\u{200c}", "ma\u{200c}in", "main\u{feff}"] {
        let words = if name.starts_with("publish") { "waits for nobody" } else { "could stand in" };
        world.refused(Some("mallory"), &["origin", &format!("HEAD:refs/heads/{name}")], words);
    }
    world.refused(Some("ada"), &["origin", ":refs/heads/publish/ads/ads"], "may not publish for team `ads`");
}

/// Where the entry is put, its mode, its name, and the code of the refusal.
type Odd = (&'static str, &'static str, &'static [u8], &'static str);

const OWN: &str = "sources/my-models/notebooks/workflows";

/// Entries that no git client writes, or that mean another file elsewhere.
const ODD: &[Odd] = &[
    (OWN, "100755", b"a.yaml", "FH0805"),
    (OWN, "100600", b"a.yaml", "FH0805"),
    (OWN, "104644", b"a.yaml", "FH0805"),
    (OWN, "120000", b"a.yaml", "FH0805"),
    (OWN, "160000", b"lib", "FH0805"),
    ("sources/my-models/notebooks", "120000", b"workflows", "FH0805"),
    ("dags", "120000", b"my-models", "FH0805"),
    (OWN, "100644", b".GIT", "FH0804"),
    (OWN, "100644", b"git~1", "FH0804"),
    (OWN, "100644", b".g\xe2\x80\x8cit", "FH0804"),
    (OWN, "100644", b"..", "FH0804"),
    (OWN, "100644", b"a\nD dags", "FH0804"),
    (OWN, "100644", b"a.yaml.", "FH0804"),
    (OWN, "100644", b"CON.yaml", "FH0804"),
    (OWN, "100644", b"COM\xc2\xb9", "FH0804"),
    (OWN, "100644", b"C:x", "FH0804"),
    (OWN, "100644", b"\xff", "FH0804"),
    (OWN, "100644", b"cafe\xcc\x81.yaml", "FH0804"),
    (OWN, "100644", b"-rf", "FH0804"),
    ("sources/my-models/notebooks", "100644", b"FREEHOLD.LOCK", "FH0804"),
    (OWN, "100644", b"x.PYC", "FH0806"),
    ("", "100644", b"DAGS", "FH0801"),
    ("", "100644", b".gitmodules", "FH0801"),
    ("", "100644", b"sources", "FH0801"),
    ("dags", "100644", b"my-models", "FH0806"),
    ("dags", "100644", b"ads.py", "FH0806"),
];

#[test]
fn t21_t22_t23_entries_that_no_client_writes_are_refused() {
    let world = World::new();
    let blob = world.object("blob", b"x\n");
    let tip = world.git(&["rev-parse", "refs/remotes/origin/main"]);
    for (folder, mode, name, code) in ODD {
        let id = if *mode == "160000" { &tip } else { &blob };
        let commit = world.commit_with(folder, (mode, name, id));
        world.refused(Some("ada"), &["origin", &format!("{commit}:refs/heads/main")], code);
    }
    world.is_sound();
}

#[test]
fn t67_trees_that_two_tools_read_differently_are_refused() {
    let world = World::new();
    let blob = world.object("blob", b"x\n");
    let empty = world.object("tree", b"");
    let entry = |name: &'static [u8]| ("100644", name, blob.as_str());
    for (tree, words) in [
        (world.tree(&[entry(b"a"), entry(b"a")]), "twice"),
        (world.tree(&[entry(b"b"), entry(b"a")]), "out of order"),
        (world.tree(&[entry(b"a"), ("40000", b"a", &empty)]), "twice"),
        (world.tree(&[entry(b"../../ads/x")]), "misnamed"),
        (world.tree(&[("40000", b"a", &empty)]), "FH0805"),
    ] {
        let commit = world.commit_with("sources/my-models/notebooks", ("40000", b"workflows", &tree));
        world.refused(Some("ada"), &["origin", &format!("{commit}:refs/heads/main")], words);
    }
}

/// A tree that names `width` to the power of `levels + 1` files.
fn bomb(world: &World, leaf: &str, levels: usize, width: usize) -> String {
    let names: Vec<String> = (0..width).map(|at| format!("d{at:03}")).collect();
    (0..=levels).fold(leaf.to_owned(), |below, level| {
        let mode = if level == 0 { "100644" } else { "40000" };
        let entries: Vec<(&str, &[u8], &str)> = names.iter().map(|name| (mode, name.as_bytes(), below.as_str())).collect();
        world.tree(&entries)
    })
}

#[test]
fn t68_a_few_objects_that_name_any_number_of_files_are_refused_at_once() {
    let world = World::new();
    let blob = world.object("blob", b"x\n");
    let start = std::time::Instant::now();
    let (wide, deep) = (bomb(&world, &blob, 4, 100), bomb(&world, &blob, 40, 2));
    for (folder, name) in [(OWN, "b"), ("", "teams"), ("", "references")] {
        let commit = world.commit_with(folder, ("40000", name.as_bytes(), &wide));
        world.refused(Some("ada"), &["origin", &format!("{commit}:refs/heads/main")], "FH0814");
    }
    let commit = world.commit_with(OWN, ("40000", b"b", &deep));
    world.refused(Some("ada"), &["origin", &format!("{commit}:refs/heads/main")], "folders deep");
    // A pull request is merged first, where git would walk all of it.
    let blob = world.object("blob", b"more\n");
    let moved = world.commit_with("", ("100644", b"NOTES.md", &blob));
    for (head, words) in [(world.commit_with(OWN, ("40000", b"b", &wide)), "FH0814"), (commit, "folders deep")] {
        let arguments = ["verify", "--repo", "clone", "--base", &moved, "--head", &head, "--team", "my-models"];
        let ran = world.ground.run(&arguments);
        assert!(ran.code != 0 && ran.stderr.contains(words), "{ran:?}");
    }
    assert!(start.elapsed().as_secs() < 60, "a bomb went off");
}

#[test]
fn t68_what_somebody_else_writes_into_the_policy_is_not_read() {
    let world = World::new();
    // Not YAML at all: the platform would be told.
    let blob = world.object("blob", b"{ [\n");
    for (folder, name) in [("", "platform.yaml"), ("teams", "my-models.yaml")] {
        let commit = world.commit_with(folder, ("100644", name.as_bytes(), &blob));
        let push = [&format!("{commit}:refs/heads/main")[..]];
        let ran = world.push(Some("ada"), &[&["origin"], &push[..]].concat());
        assert!(ran.stderr.contains("FH0801") && !ran.stderr.contains("FH0811"), "{}", ran.stderr);
        world.refused(Some("olga"), &[&["origin"], &push[..]].concat(), "FH0811");
    }
}

#[test]
fn t69_a_base_that_has_two_meanings_judges_nothing() {
    let world = World::new();
    let blob = world.object("blob", b"print('mine')\n");
    let hostile = world.commit_with("dags/ads", ("100644", b"hello.py", &blob));
    world.git(&["branch", "origin/main", &hostile]);
    let ran = world.ground.run(&["verify", "--repo", "clone", "--base", "origin/main", "--head", &hostile, "--team", "my-models"]);
    ran.expect_failure("`origin/main` has two meanings");
}

#[test]
fn a_push_of_many_refs_is_judged_in_one_go() {
    let world = World::new();
    let refs: Vec<String> = (0..2000).map(|at| format!("HEAD:refs/heads/topic-{at}")).collect();
    let mut arguments: Vec<&str> = refs.iter().map(String::as_str).collect();
    arguments.insert(0, "origin");
    let blob = world.object("blob", b"print('mine')\n");
    let hostile = format!("{}:refs/heads/main", world.commit_with("dags/ads", ("100644", b"hello.py", &blob)));
    arguments.push(&hostile);
    world.refused(Some("ada"), &arguments, "FH0801");
    arguments.pop();
    assert_eq!(world.push(Some("ada"), &arguments).code, 0);
}

#[test]
fn t79_a_push_of_many_branches_that_wait_is_judged_in_one_go() {
    let world = World::new();
    let start = std::time::Instant::now();
    let refs: Vec<String> = (0..500).map(|at| format!("HEAD:refs/heads/publish/my-models/source-{at}")).collect();
    let arguments: Vec<&str> = ["origin"].into_iter().chain(refs.iter().map(String::as_str)).collect();
    world.refused(Some("ada"), &[&arguments[..], &["HEAD:refs/heads/publish/ads/ads"]].concat(), "may not publish for team `ads`");
    world.refused(Some("bob"), &arguments, "may not publish for team `my-models`");
    assert_eq!(world.push(Some("ada"), &arguments).code, 0);
    assert!(start.elapsed().as_secs() < 60, "each of them was judged by itself");
}
