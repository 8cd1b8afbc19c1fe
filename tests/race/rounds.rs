//! The race itself.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::company::{Company, Source, clean};
use crate::publisher::{Ended, Fate, finish, start};

const TEAMS: usize = 16;
const SOURCES: usize = 4;

/// What a round knew before it began.
struct Before {
    tip: String,
    files: BTreeMap<String, String>,
    /// The commit of each source that was published last.
    published: Vec<Option<String>>,
}

#[test]
fn t42_t43_of_64_publishers_killed_at_random_moments_none_is_half_there_and_none_is_lost() {
    let company = Company::new(TEAMS, SOURCES);
    let everybody = company.sources.len();
    let mut chance = Chance::new();
    // Some are published already, so that a kill may also hit what replaces something.
    let began = Instant::now();
    for source in company.sources.iter().step_by(SOURCES) {
        let ended = finish(start(&company, source, Fate::Left), Fate::Left);
        assert!(ended.commit().is_some(), "{ended}");
    }
    let alone = began.elapsed() / u32::try_from(everybody / SOURCES).expect("few");
    println!("one after another: {alone:.1?} each");
    let rounds = std::env::var("FREEHOLD_RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    for at in 1..=rounds {
        let fates: Vec<Fate> = company.sources.iter().map(|_| fate(&mut chance, alone * 32)).collect();
        round(&company, at, &fates);
        // A killed push may leave one behind; `stale.rs` shows what the next publisher says of it, and this is what it says to do.
        for lock in company.locks() {
            println!("left by a killed push: {}", lock.display());
            fs_err::remove_file(lock).expect("removed");
        }
    }
    round(&company, rounds + 1, &vec![Fate::Left; everybody]);
    let files = company.files("main");
    for source in &company.sources {
        assert_eq!(source.published(&company, &files), Some(source.head()), "{}/{}", source.team, source.name);
    }
}

/// A third is killed, an eighth has a full disk, another eighth cannot write long files.
fn fate(chance: &mut Chance, length: Duration) -> Fate {
    match chance.below(24) {
        0..8 => Fate::Killed(Duration::from_millis(chance.below(u64::try_from(length.as_millis()).unwrap_or(u64::MAX)))),
        8..11 => Fate::FullDisk(16 + chance.below(240)),
        11..14 => Fate::ShortFiles(chance.below(4)),
        _ => Fate::Left,
    }
}

/// Everybody has something new, and publishes it at once.
fn round(company: &Company, at: usize, fates: &[Fate]) {
    company.sources.iter().for_each(|source| source.change(at));
    let before = Before::of(company);
    let began = Instant::now();
    let running: Vec<_> = company.sources.iter().zip(fates).map(|(source, fate)| (start(company, source, *fate), *fate)).collect();
    let ended: Vec<Ended> = std::thread::scope(|scope| {
        let waiting: Vec<_> = running.into_iter().map(|(child, fate)| scope.spawn(move || finish(child, fate))).collect();
        waiting.into_iter().map(|waiting| waiting.join().expect("no panic")).collect()
    });
    tell(at, began.elapsed(), fates, &ended);
    check(company, &before, fates, &ended);
}

impl Before {
    fn of(company: &Company) -> Self {
        let files = company.files("main");
        Self { tip: company.tip(), published: company.sources.iter().map(|source| source.published(company, &files)).collect(), files }
    }
}

fn tell(at: usize, took: Duration, fates: &[Fate], ended: &[Ended]) {
    let published = |ended: &&Ended| ended.commit().is_some();
    let mut tries: Vec<u64> = ended.iter().filter(published).filter_map(Ended::tries).collect();
    tries.sort_unstable();
    let (median, worst) = (tries.get(tries.len() / 2).copied().unwrap_or(0), tries.last().copied().unwrap_or(0));
    let killed = ended.iter().filter(|ended| ended.is_killed()).count();
    let disturbed = fates.iter().zip(ended).filter(|(fate, ended)| fate.is_about_disks() && !published(ended)).count();
    println!(
        "round {at}: {} of {} published in {took:.1?}, {killed} killed, {disturbed} without room; tries: median {median}, worst {worst}",
        tries.len(),
        ended.len(),
    );
}

fn check(company: &Company, before: &Before, fates: &[Fate], ended: &[Ended]) {
    let files = company.files("main");
    let history: BTreeSet<String> = company.git(&["rev-list", "main"]).lines().map(str::to_owned).collect();
    assert!(history.contains(&before.tip), "the branch went back");
    for (((source, fate), ended), last) in company.sources.iter().zip(fates).zip(ended).zip(&before.published) {
        let place = format!("{}/{}, {fate:?}: {ended}", source.team, source.name);
        let published = source.published(company, &files);
        match ended.commit() {
            Some(commit) => {
                assert!(history.contains(commit), "reported and not there: {place}");
                assert_eq!(published, Some(source.head()), "{place}");
            }
            None => {
                assert!(*fate != Fate::Left, "it was left alone and did not publish: {place}");
                // Cut off after its push it may have landed; a failure in words means that it has not.
                assert!(published == *last || published == Some(source.head()), "{place}");
            }
        }
        if let Some(commit) = published {
            assert_eq!(source.files(&commit), of_source(&files, source), "{place}");
        }
    }
    let others = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let is_generated = |path: &str| path.starts_with("sources/") || path.starts_with("dags/");
        files.iter().filter(|(path, _)| !is_generated(path)).map(|(path, id)| (path.clone(), id.clone())).collect()
    };
    assert_eq!(others(&before.files), others(&files), "something else changed");
    company.git(&["fsck", "--strict", "--no-dangling"]);
    judge(company, before);
    audit(company);
}

fn of_source(files: &BTreeMap<String, String>, source: &Source) -> BTreeMap<String, String> {
    let folder = format!("sources/{}/{}/", source.team, source.name);
    let within = files.iter().filter_map(|(path, id)| Some((path.strip_prefix(&folder)?.to_owned(), id.clone())));
    within.filter(|(path, _)| path != "freehold.lock").collect()
}

/// The round as one change, judged by the verifier: locks, compiled files, names, modes, and that each source went one step.
fn judge(company: &Company, before: &Before) {
    let teams: BTreeSet<&str> = company.sources.iter().map(|source| source.team.as_str()).collect();
    let asking = teams.iter().flat_map(|team| ["--team", *team]);
    let arguments = ["verify", "--base", &before.tip, "--head", "refs/heads/main"];
    freehold(company, arguments.into_iter().chain(asking));
}

/// The branch as it is, whoever made it.
fn audit(company: &Company) {
    freehold(company, ["audit", "--rev", "refs/heads/main"].into_iter());
}

fn freehold<'a>(company: &Company, arguments: impl Iterator<Item = &'a str>) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("freehold"));
    clean(&mut command);
    let output = command.args(arguments).arg("--repo").arg(company.central()).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
