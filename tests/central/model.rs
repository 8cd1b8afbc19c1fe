//! Thousands of random steps by several teams, held against a model of a few lines: after each one nothing is changed that is not the
//! asker's, nothing is lost that nobody let go, and the whole repository is sound.

mod platform;
mod team;

use std::collections::{BTreeMap, BTreeSet};

use freehold::central::{Action, Asker, Consent, Outcome};
use freehold::io::git::{Address, Edit, NewCommit, Scratch};
use freehold::policy::sha256;

use crate::ground::{Asked, Company, errors, teams};

/// Steps of one seed, unless `FREEHOLD_MODEL_STEPS` says otherwise.
const STEPS: u32 = 60;
/// Workflows that may go without a word in the grants of the model, and share of a source's.
const LIMIT: usize = 2;
/// Pods that a team may take at once.
const PODS: usize = 20;

#[test]
fn whatever_teams_do_nobody_loses_anything_seed_1() {
    run(1);
}

#[test]
fn whatever_teams_do_nobody_loses_anything_seed_2() {
    run(2);
}

#[allow(clippy::print_stderr, reason = "what was done is a figure to report")]
fn run(seed: u64) {
    let steps = std::env::var("FREEHOLD_MODEL_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(STEPS);
    let seed = std::env::var("FREEHOLD_MODEL_SEED").ok().and_then(|first| first.parse::<u64>().ok()).map_or(seed, |first| first + seed);
    let mut world = World::new(seed);
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for step in 0..steps {
        let before = world.company.tip();
        let what = world.step();
        *counts.entry(what.name).or_default() += 1;
        world.check(&before, &what, &format!("seed {seed}, step {step}, {what:?}"));
    }
    eprintln!("seed {seed}: {counts:?}");
}

/// A source's files.
type Files = BTreeMap<String, String>;

/// What one source's people have in their repository.
struct Side {
    team: &'static str,
    source: &'static str,
    repository: (u64, &'static str),
    /// Workflows as they are now.
    workflows: Files,
    retired: BTreeSet<String>,
    gives: Vec<(String, String)>,
    /// Every commit: what it held.
    history: Vec<Snapshot>,
    /// The last commit that landed.
    landed: Option<usize>,
    /// What waits on the source's branch.
    waiting: Option<usize>,
}

#[derive(Clone)]
struct Snapshot {
    files: Files,
    workflows: Files,
    retired: BTreeSet<String>,
}

/// A team's grant, with what it says of DAG ids and of hand-written files.
fn grant(team: &str, [dag_ids, adopt]: &[Vec<String>; 2]) -> String {
    let sources = if team == "churn" { [("churn-model", 1001), ("churn-extra", 1002)] } else { [("reports", 2001), ("spend", 2002)] };
    let bound = sources.map(|(source, id)| format!("{{ id: {id}, name: acme/{source}, source: {source} }}")).join(", ");
    let (dag_ids, adopt) = (dag_ids.join(", "), adopt.join(", "));
    let more = format!("dag_ids: {{ {dag_ids} }}\nadopt: {{ {adopt} }}\n");
    format!("team: {team}\nrepositories: [{bound}]\nmembers: [ada]\nlimits: {{ deletions: {LIMIT}, pods: {PODS} }}\n{more}")
}

/// A hand-written file, which becomes the workflow of a name.
fn original(name: &str) -> String {
    format!("DAG('legacy_{name}')\n")
}

struct World {
    company: Company,
    random: u64,
    names: u32,
    sides: Vec<Side>,
    /// Workflows that are live, by team and name, and the side that has them.
    live: BTreeMap<(String, String), usize>,
    policy: platform::Policy,
    /// Hand-written files that are nobody's, by path.
    by_hand: Files,
    /// What the grant of each team says of DAG ids, and of hand-written files.
    granted: BTreeMap<&'static str, [Vec<String>; 2]>,
}

/// What a step did, for its judgement.
#[derive(Debug)]
struct Step {
    name: &'static str,
    /// Teams whose files may differ afterwards.
    may: BTreeSet<&'static str>,
    /// Whether what is the platform's may.
    platform: bool,
    /// Whether what is changed by hand may.
    by_hand: bool,
}

impl Step {
    fn of(name: &'static str, may: &[&'static str]) -> Self {
        Self { name, may: may.iter().copied().collect(), platform: false, by_hand: false }
    }

    /// One of a team and of the platform.
    fn with_platform(name: &'static str, may: &[&'static str]) -> Self {
        Self { platform: true, ..Self::of(name, may) }
    }
}

impl Side {
    fn commit(&mut self) -> usize {
        let retired: Vec<&str> = self.retired.iter().map(String::as_str).collect();
        let gives: Vec<String> = self.gives.iter().map(|(name, to)| format!("{{ workflows: [{name}], to: {to} }}")).collect();
        let (retired, gives) = (retired.join(", "), gives.join(", "));
        let project = format!("team: {}\nsource: {}\nretire: [{retired}]\ngive: [{gives}]\n", self.team, self.source);
        let mut files = Files::from([("freehold.yaml".to_owned(), project)]);
        files.extend(self.workflows.iter().map(|(name, text)| (format!("workflows/{name}.yaml"), text.clone())));
        let adopted = self.workflows.iter().filter(|(_, text)| text.starts_with("adopted: "));
        files.extend(adopted.map(|(name, _)| (format!("workflows/{name}.py.txt"), original(name))));
        self.history.push(Snapshot { files, workflows: self.workflows.clone(), retired: self.retired.clone() });
        self.history.len() - 1
    }

    fn asked(&self, commit: usize) -> Asked {
        let mut asked = Company::asked(self.team, self.source, self.repository).commit(&format!("c{commit}"));
        asked.was_taken_back = true;
        for (path, text) in &self.history[commit].files {
            asked = asked.with(path, text);
        }
        asked
    }

    /// Whether the guard should let a commit follow the last one that landed.
    fn is_allowed(&self, commit: usize) -> bool {
        let now = &self.history[commit];
        let Some(last) = self.landed.map(|landed| &self.history[landed]) else { return !now.workflows.is_empty() };
        let renamed = |name: &str| now.workflows.values().any(|text| text.contains(&format!("renamed_from: {name}\n")));
        let gone: Vec<_> = last.workflows.iter().filter(|(name, _)| !now.workflows.contains_key(*name)).collect();
        let unsaid = gone.iter().filter(|(name, _)| !now.retired.contains(*name) && !renamed(name)).count();
        let is_protected = gone.iter().any(|(_, text)| text.contains("protect: true"));
        let is_empty = now.workflows.is_empty() && unsaid > 0;
        let is_much = unsaid > LIMIT || (unsaid > 1 && unsaid * 2 > last.workflows.len());
        !is_protected && !is_empty && !is_much
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let company = Company::bare();
        company.write("platform.yaml", &platform::Policy::default().text());
        for team in ["churn", "ads"] {
            company.write(&format!("teams/{team}.yaml"), &grant(team, &Default::default()));
        }
        company.land("grants");
        let side = |team, source, repository| Side {
            team,
            source,
            repository,
            workflows: Files::new(),
            retired: BTreeSet::new(),
            gives: Vec::new(),
            history: Vec::new(),
            landed: None,
            waiting: None,
        };
        let sides = vec![
            side("churn", "churn-model", (1001, "acme/churn-model")),
            side("churn", "churn-extra", (1002, "acme/churn-extra")),
            side("ads", "reports", (2001, "acme/reports")),
            side("ads", "spend", (2002, "acme/spend")),
        ];
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let (live, granted, by_hand) = (BTreeMap::new(), BTreeMap::new(), Files::new());
        let policy = platform::Policy::default();
        let mut world = Self { company, random, names: 0, sides, live, policy, by_hand, granted };
        for at in 0..world.sides.len() {
            for _ in 0..4 {
                world.add(at);
            }
            world.publish(at);
        }
        world
    }

    /// A number below `below` (xorshift).
    fn pick(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).expect("it is below a usize")
    }

    fn step(&mut self) -> Step {
        let at = self.pick(self.sides.len());
        let team = self.sides[at].team;
        match self.pick(36) {
            0..=6 => {
                self.edit(at);
                self.publish(at);
                Step::of("publish", &[team])
            }
            7 => self.run_late(at),
            8 => {
                self.edit(at);
                self.wait(at);
                Step::of("wait", &[])
            }
            9 | 10 => self.integrate(),
            11 | 12 => self.hand_over(at),
            13 | 14 => self.attack(),
            15 => self.edit_behind_backs(at),
            16 => self.crash(at),
            17 => self.change_policy(),
            20 | 21 => self.take_in(at),
            22 => self.grant_an_id(at),
            23 | 24 => self.declare_by_hand(at),
            25 | 26 => self.edit_by_hand(),
            27 => self.change_environment(),
            28 => self.claim_an_id_by_hand(at),
            29 | 30 => self.break_a_source(at),
            31 | 32 => self.lift_a_rule(at),
            33 => self.bring_back(at),
            34 | 35 => self.take_room(at),
            _ => self.race(at),
        }
    }

    fn add(&mut self, at: usize) {
        self.names += 1;
        let text = format!("tags: [n{}]\n", self.names);
        self.sides[at].workflows.insert(format!("w{}", self.names), text);
    }

    /// One or more things that somebody does to their files, wise or not.
    fn edit(&mut self, at: usize) {
        for _ in 0..=self.pick(2) {
            let names: Vec<String> = self.sides[at].workflows.keys().cloned().collect();
            let Some(name) = (!names.is_empty()).then(|| names[self.pick(names.len())].clone()) else {
                self.add(at);
                continue;
            };
            let what = self.pick(9);
            self.names += 1;
            let stamp = self.names;
            let side = &mut self.sides[at];
            match what {
                0..=2 => drop(side.workflows.insert(format!("w{stamp}"), format!("tags: [n{stamp}]\n"))),
                3 | 4 => drop(side.workflows.insert(name, format!("tags: [n{stamp}]\n"))),
                5 => drop(side.workflows.insert(name, format!("tags: [n{stamp}]\nprotect: true\n"))),
                6 => drop(side.workflows.remove(&name)),
                7 => {
                    side.workflows.remove(&name);
                    side.retired.insert(name);
                }
                _ => {
                    side.workflows.remove(&name);
                    side.workflows.insert(format!("w{stamp}"), format!("tags: [n{stamp}]\nrenamed_from: {name}\n"));
                }
            }
        }
    }

    fn publish(&mut self, at: usize) {
        let commit = self.sides[at].commit();
        let is_allowed = self.sides[at].is_allowed(commit);
        let outcome = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        self.note(at, commit, is_allowed, &outcome);
    }

    fn note(&mut self, at: usize, commit: usize, is_allowed: bool, outcome: &Outcome) {
        let found = &outcome.plan.diagnostics;
        assert_eq!(errors(found).is_empty(), is_allowed, "{}/{}: {found:#?}", self.sides[at].team, self.sides[at].source);
        if outcome.commit.is_some() {
            self.settle(at, commit);
        } else if !is_allowed {
            // Whoever is refused puts things back, most of the time.
            self.put_back(at);
        }
    }

    fn put_back(&mut self, at: usize) {
        let side = &mut self.sides[at];
        if let Some(landed) = side.landed {
            let Snapshot { workflows, retired, .. } = side.history[landed].clone();
            (side.workflows, side.retired) = (workflows, retired);
        }
    }

    /// A commit has landed: the source has exactly its workflows.
    fn settle(&mut self, at: usize, commit: usize) {
        self.live.retain(|_, side| *side != at);
        let side = &mut self.sides[at];
        side.landed = Some(commit);
        for name in side.history[commit].workflows.keys() {
            self.live.insert((side.team.to_owned(), name.clone()), at);
        }
    }

    /// An older run that was slow, or that somebody started again.
    fn run_late(&mut self, at: usize) -> Step {
        let landed = self.sides[at].landed.unwrap_or_default();
        if landed > 0 {
            let late = self.pick(landed);
            let tip = self.company.tip();
            let outcome = self.company.publish(&self.sides[at].asked(late)).expect("git works");
            assert_eq!((outcome.commit, self.company.tip()), (None, tip), "an older commit landed");
            assert_eq!(errors(&outcome.plan.diagnostics), ["FH0705"]);
        }
        Step::of("late run", &[])
    }

    fn wait(&mut self, at: usize) {
        let commit = self.sides[at].commit();
        let is_allowed = self.sides[at].is_allowed(commit);
        let outcome = self.company.publish(&self.sides[at].asked(commit).via_branch()).expect("git works");
        assert_eq!(errors(&outcome.plan.diagnostics).is_empty(), is_allowed, "{:#?}", outcome.plan.diagnostics);
        if outcome.commit.is_some() {
            self.sides[at].waiting = Some(commit);
        }
        if !is_allowed {
            self.put_back(at);
        }
    }

    fn integrate(&mut self) -> Step {
        let (tip, waiting) =
            (self.company.tip(), self.company.central_git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/publish"]));
        let done = self.company.integrate();
        if let Some(commit) = &done.commit {
            self.judge_at_the_hook(&tip, commit.as_str(), &waiting);
        }
        let mut step = Step::of("integrate", &[]);
        for plan in &done.landed {
            let at = self.sides.iter().position(|side| side.team == plan.team && side.source == plan.source).expect("a side");
            let waiting = self.sides[at].waiting.take().expect("it waited");
            self.settle(at, waiting);
            step.may.insert(self.sides[at].team);
        }
        for (branch, found) in &done.refused {
            assert_eq!(errors(found), ["FH0724"], "{branch}: overtaken, nothing else");
        }
        step
    }

    /// A workflow changes hands, or stays where it is when one of the two does not agree.
    fn hand_over(&mut self, at: usize) -> Step {
        let to = (at + 1 + self.pick(self.sides.len() - 1)) % self.sides.len();
        self.put_back(at);
        self.put_back(to);
        let free: Vec<String> =
            self.sides[at].workflows.iter().filter(|(_, text)| !text.contains("protect")).map(|(name, _)| name.clone()).collect();
        let step = Step::of("hand over", &[self.sides[at].team, self.sides[to].team]);
        if free.len() < 2 {
            return step;
        }
        let name = free[self.pick(free.len())].clone();
        let agrees = self.pick(3) > 0;
        if agrees {
            let target = format!("{}/{}", self.sides[to].team, self.sides[to].source);
            self.sides[at].gives = vec![(name.clone(), target)];
            self.publish(at);
        }
        self.names += 1;
        let new = if self.sides[at].team == self.sides[to].team { name.clone() } else { format!("w{}", self.names) };
        let text = format!("tags: [n{}]\ntaken_from: {}/{name}\n", self.names, self.sides[at].team);
        self.sides[to].workflows.insert(new, text);
        let commit = self.sides[to].commit();
        let outcome = self.company.publish(&self.sides[to].asked(commit)).expect("git works");
        if agrees {
            assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
            self.settle(to, commit);
            if self.sides[at].team != self.sides[to].team {
                self.live.remove(&(self.sides[at].team.to_owned(), name.clone()));
            }
            let giver = &mut self.sides[at];
            giver.workflows.remove(&name);
            giver.gives.clear();
            let landed = giver.landed.expect("it has published");
            giver.history[landed].workflows.remove(&name);
            giver.history[landed].files.remove(&format!("workflows/{name}.yaml"));
        } else {
            let found = errors(&outcome.plan.diagnostics);
            assert!(found.contains(&"FH0723"), "{found:?}");
            self.put_back(to);
        }
        step
    }

    /// Somebody changes something in a clone and asks for it to land; the verifier decides.
    fn attack(&mut self) -> Step {
        let company = &self.company;
        company.git(&["fetch", "--quiet", "origin"]);
        company.git(&["reset", "--quiet", "--hard", "refs/remotes/origin/main"]);
        let files: Vec<String> = company.git(&["ls-files"]).lines().map(str::to_owned).collect();
        let (one, other, what, who) = (self.pick(files.len()), self.pick(files.len()), self.pick(5), self.pick(3));
        let (one, other) = (&files[one], &files[other]);
        let company = &self.company;
        match what {
            0 => drop(company.git(&["rm", "--quiet", one])),
            1 => company.write(one, "print('mine')\n"),
            2 => drop(company.git(&["mv", "--force", one, &format!("{one}.py")])),
            3 => {
                let text = fs_err::read_to_string(company.clone_folder().join(one)).expect("text");
                company.write(other, &text);
            }
            _ => drop(company.git(&["rm", "--quiet", "-r", one.split_once('/').map_or(one, |(folder, _)| folder)])),
        }
        company.commit("an attack");
        let (asker, may): (Asker, &[&'static str]) = match who {
            0 => (teams(&["churn"]), &["churn"]),
            1 => (teams(&["ads"]), &["ads"]),
            _ => (Asker::Platform, &[]),
        };
        let mut step = Step::of("attack", may);
        step.platform = asker == Asker::Platform;
        if errors(&company.judge(&asker).diagnostics).is_empty() {
            company.git(&["push", "--quiet", "origin", "HEAD:main"]);
            step.name = "attack that is none";
            if step.platform {
                // What is changed by hand is the platform's to change.
                step.by_hand = true;
                self.read_by_hand();
            }
        }
        step
    }

    /// Somebody with the right to push edits a compiled file without asking anybody; its source puts it right.
    fn edit_behind_backs(&mut self, at: usize) -> Step {
        let step = Step::of("edit behind backs", &[self.sides[at].team]);
        self.put_back(at);
        let commit = self.sides[at].commit();
        let Some(name) = self.sides[at].history[self.sides[at].landed.unwrap_or_default()].workflows.keys().next().cloned() else {
            return step;
        };
        let path = format!("dags/{}/{name}.py", self.sides[at].team);
        self.company.pull_hard();
        self.company.write(&path, "print('mine')\n");
        self.company.land("behind everybody's back");
        let mut asked = self.sides[at].asked(commit);
        let refused = self.company.publish(&asked).expect("git works");
        assert_eq!((refused.commit, errors(&refused.plan.diagnostics)), (None, vec!["FH0710"]));
        asked.consent = Consent { repair: true, ..Consent::default() };
        let outcome = self.company.publish(&asked).expect("git works");
        assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
        self.settle(at, commit);
        step
    }

    /// A publish that dies before the branch moves.
    fn crash(&mut self, at: usize) -> Step {
        let scratch = Scratch::of(&Address::Folder(self.company.central())).expect("a repository");
        let base = scratch.fetch("main").expect("git works").expect("a tip");
        let path = format!("dags/{}/half.py", self.sides[at].team);
        let edits = [Edit::Write { path, bytes: b"half".to_vec() }];
        scratch.write(&NewCommit { parent: Some(&base), edits: &edits, message: "never pushed\n" }).expect("written");
        Step::of("crash", &[])
    }

    /// The platform grants a file that somebody wrote by hand, and its team takes it in; not when somebody changed it in between.
    fn take_in(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, name) = (self.sides[at].team, self.new_name());
        let (file, text) = (format!("dags/old/{name}.py"), original(&name));
        self.write_by_hand(&file, &text);
        let pin = format!("{name}: {{ file: {file}, sha256: {}, dag_ids: [legacy_{name}] }}", sha256(text.as_bytes()));
        self.grant(team, [None, Some(pin)], &format!("legacy_{name}"));
        self.sides[at].workflows.insert(name.clone(), format!("adopted: {name}.py.txt\n"));
        let commit = self.sides[at].commit();
        if self.pick(3) == 0 {
            self.write_by_hand(&file, "DAG('another')\n");
            let refused = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
            assert_eq!((refused.commit, errors(&refused.plan.diagnostics)), (None, vec!["FH0726"]));
            self.write_by_hand(&file, &text);
        }
        let outcome = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        assert_eq!((outcome.plan.count(Action::Adopt), outcome.commit.is_some()), (1, true), "{:#?}", outcome.plan.diagnostics);
        assert_eq!(self.company.central_file(&format!("dags/{team}/{name}.py")), Some(text));
        self.settle(at, commit);
        Step::with_platform("take in", &[team])
    }

    /// The platform grants a DAG id to a workflow that its team then writes.
    fn grant_an_id(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, name) = (self.sides[at].team, self.new_name());
        self.grant(team, [Some(format!("{name}: legacy_{name}")), None], &format!("legacy_{name}"));
        self.sides[at].workflows.insert(name.clone(), "tags: [granted]\n".to_owned());
        self.publish(at);
        assert!(self.company.central_file(&format!("dag-ids/legacy_{name}/{team}/{name}.yaml")).is_some());
        Step::with_platform("grant an id", &[team])
    }

    fn new_name(&mut self) -> String {
        self.names += 1;
        format!("w{}", self.names)
    }

    /// What somebody with the right to push does without asking anybody.
    fn write_by_hand(&self, path: &str, text: &str) {
        self.company.pull_hard();
        self.company.write(path, text);
        self.company.land("by hand");
    }

    /// The platform adds to a team's grant; it cannot give the other team the same id, however it is written.
    fn grant(&mut self, team: &'static str, more: [Option<String>; 2], id: &str) {
        let all = self.granted.entry(team).or_default();
        for (all, more) in all.iter_mut().zip(more) {
            all.extend(more);
        }
        let text = grant(team, all);
        self.company.pull_hard();
        self.company.write(&format!("teams/{team}.yaml"), &text);
        self.company.commit("granted");
        let found = self.company.judge(&Asker::Platform).diagnostics;
        assert!(errors(&found).is_empty(), "{found:#?}");
        self.company.git(&["push", "--quiet", "origin", "HEAD:main"]);
        let other = if team == "churn" { "ads" } else { "churn" };
        let mut theirs = self.granted.get(other).cloned().unwrap_or_default();
        theirs[0].push(format!("stolen: {}", id.to_uppercase()));
        self.company.write(&format!("teams/{other}.yaml"), &grant(other, &theirs));
        self.company.commit("granted again");
        assert!(errors(&self.company.judge(&Asker::Platform).diagnostics).contains(&"FH0511"));
        self.company.pull_hard();
    }

    /// Two sources publish at the same moment.
    fn race(&mut self, at: usize) -> Step {
        let other = (at + 1) % self.sides.len();
        let step = Step::of("race", &[self.sides[at].team, self.sides[other].team]);
        let mut asked = Vec::new();
        for at in [at, other] {
            self.edit(at);
            let commit = self.sides[at].commit();
            asked.push((at, commit, self.sides[at].is_allowed(commit), self.sides[at].asked(commit)));
        }
        let company = &self.company;
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let running: Vec<_> = asked.iter().map(|(.., asked)| scope.spawn(|| company.publish(asked).expect("git works"))).collect();
            running.into_iter().map(|running| running.join().expect("no panic")).collect()
        });
        for ((at, commit, is_allowed, _), outcome) in asked.iter().zip(&outcomes) {
            self.note(*at, *commit, *is_allowed, outcome);
        }
        step
    }

    /// What holds after every step.
    fn check(&self, before: &str, step: &Step, context: &str) {
        let company = &self.company;
        let changed = company.central_git(&["diff-tree", "-r", "--no-renames", "--name-only", before, "main"]);
        for path in changed.lines() {
            let owner = match path.split('/').collect::<Vec<_>>()[..] {
                ["dags" | "sources", team, ..] | ["dag-ids", _, team, _] => Some(team),
                _ => None,
            };
            if path.starts_with("dags/legacy/") {
                assert!(step.by_hand, "{path} changed: {context}");
                continue;
            }
            let is_owned = owner.is_some_and(|team| step.may.contains(team));
            let is_platforms = step.platform && !path.starts_with("dags/") && !path.starts_with("sources/");
            assert!(is_owned || is_platforms, "{path} changed: {context}");
        }
        let dags = company.central_git(&["ls-tree", "-r", "--name-only", "main", "dags"]);
        let there: BTreeSet<String> = dags.lines().map(str::to_owned).collect();
        let expected: BTreeSet<String> = self.live.keys().map(|(team, name)| format!("dags/{team}/{name}.py")).collect();
        assert_eq!(there, expected.into_iter().chain(self.by_hand.keys().cloned()).collect(), "{context}");
        for (path, text) in &self.by_hand {
            assert_eq!(company.central_file(path).as_ref(), Some(text), "{path}: {context}");
        }
        assert_eq!(company.central_git(&["ls-tree", "-r", "--name-only", "main", "overrides"]), "", "every record is used: {context}");
        let found = company.audited();
        assert_eq!(errors(&found), Vec::<&str>::new(), "{context}: {found:#?}");
    }
}
