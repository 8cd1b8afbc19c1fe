//! What teams do when the platform changes its mind, and when they change theirs.

use freehold::central::{Asker, Branch, buried};
use freehold::name::{SourceAddress, SourceName, TeamName, WorkflowName};

use super::{PODS, Step, World};
use crate::ground::errors;

impl World {
    /// A change of policy leaves a source that does not compile any more. It stays as it was and keeps nobody up, until it is mended.
    pub(super) fn break_a_source(&mut self, at: usize) -> Step {
        let beside = at ^ 1;
        self.put_back(at);
        self.put_back(beside);
        let (name, more) = (self.new_name(), self.new_name());
        self.sides[at].workflows.insert(name.clone(), "image: legacy/x:1\npods: 0\n".to_owned());
        self.publish(at);
        self.policy.lists_images = true;
        self.land_policy();
        let path = format!("dags/{}/{name}.py", self.sides[at].team);
        let before = self.company.central_file(&path);
        self.add(beside);
        self.publish(beside);
        self.sides[at].workflows.insert(more, "tags: [more]\n".to_owned());
        let commit = self.sides[at].commit();
        let refused = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        assert_eq!((refused.commit, errors(&refused.plan.diagnostics)), (None, vec!["FH0105"]));
        assert_eq!(self.company.central_file(&path), before, "it stays as it was");
        self.put_back(at);
        self.sides[at].workflows.insert(name, "tags: [mended]\n".to_owned());
        // The team mends it, or the platform takes its word back first.
        let is_taken_back = self.pick(2) == 0;
        if !is_taken_back {
            self.publish(at);
        }
        self.policy.lists_images = false;
        self.land_policy();
        if is_taken_back {
            self.publish(at);
        }
        Step::with_platform("break a source", &["churn", "ads"])
    }

    /// The platform lets a protected workflow go, once; with one person, or too late, it does not.
    pub(super) fn lift_a_rule(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, source, name) = (self.sides[at].team, self.sides[at].source, self.new_name());
        self.sides[at].workflows.insert(name.clone(), "protect: true\n".to_owned());
        self.publish(at);
        self.sides[at].workflows.remove(&name);
        let commit = self.sides[at].commit();
        let record = |approved: &str, expires: &str| {
            let what = format!("source: {source}\nrule: guard\npaths: [dags/{team}/{name}.py]\nreason: x\n");
            format!("{what}approved_by: [{approved}]\nexpires: {expires}\n")
        };
        let path = format!("overrides/{team}/{name}.yaml");
        match self.pick(3) {
            0 => {
                self.write_by_hand(&path, &record("ada, ADA", "2026-12-01"));
                self.refused_and_taken_back(at, commit, &path);
            }
            1 => {
                self.write_by_hand(&path, &record("ada, bob", "2026-11-01"));
                self.refused_and_taken_back(at, commit, &path);
            }
            _ => {
                self.company.pull_hard();
                self.company.write(&path, &record("ada, bob", "2026-12-01"));
                self.land_as(&Asker::Platform, "a record");
                let outcome = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
                assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
                self.settle(at, commit);
            }
        }
        Step::with_platform("lift a rule", &[team])
    }

    fn refused_and_taken_back(&mut self, at: usize, commit: usize, record: &str) {
        let outcome = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        assert_eq!((outcome.commit, errors(&outcome.plan.diagnostics)), (None, vec!["FH0719"]));
        self.put_back(at);
        self.company.pull_hard();
        self.company.git(&["rm", "--quiet", record]);
        self.land_as(&Asker::Platform, "taken back");
    }

    /// A workflow is retired, is remembered to the byte, and comes back.
    pub(super) fn bring_back(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, source) = (self.sides[at].team, self.sides[at].source);
        let step = Step::of("bring back", &[team]);
        let plain = |text: &String| text.starts_with("tags: ") && text.lines().count() == 1;
        let names: Vec<String> = self.sides[at].workflows.iter().filter(|(_, text)| plain(text)).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return step;
        }
        let name = names[self.pick(names.len())].clone();
        let text = self.sides[at].workflows.remove(&name).expect("it is there");
        self.sides[at].retired.insert(name.clone());
        self.publish(at);
        let branch = Branch { central: self.address(), name: "main".to_owned() };
        let address = SourceAddress { team: TeamName::parse(team).expect("a name"), source: SourceName::parse(source).expect("a name") };
        let workflow = WorkflowName::parse(&name).expect("a name");
        let found = buried(&branch, &address, Some(&workflow)).expect("git works");
        let (_, remembered) = found.first().expect("it is remembered");
        let file = format!("workflows/{name}.yaml");
        assert_eq!(remembered.files.get(&file).map(Vec::as_slice), Some(text.as_bytes()));
        self.sides[at].workflows.insert(name.clone(), text);
        self.sides[at].retired.remove(&name);
        self.publish(at);
        assert!(self.company.central_file(&format!("dags/{team}/{name}.py")).is_some());
        step
    }

    /// A workflow that takes pods: it is published when the team has as many left, whichever of its sources has taken the others.
    pub(super) fn take_room(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, name, pods) = (self.sides[at].team, self.new_name(), 1 + self.pick(9));
        let taken: usize = self.live.iter().filter(|((of, _), _)| of == team).map(|((_, name), side)| self.pods_of(*side, name)).sum();
        self.sides[at].workflows.insert(name, format!("tags: [pods]\npods: {pods}\n"));
        let commit = self.sides[at].commit();
        let outcome = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        let expected = if taken + pods > PODS { vec!["FH0533"] } else { vec![] };
        assert_eq!(errors(&outcome.plan.diagnostics), expected, "{taken} of {PODS} are taken, and {pods} more");
        if outcome.commit.is_some() {
            self.settle(at, commit);
        } else {
            self.put_back(at);
        }
        Step::of("take room", &[team])
    }

    fn pods_of(&self, at: usize, name: &str) -> usize {
        let side = &self.sides[at];
        let text = &side.history[side.landed.expect("it has published")].workflows[name];
        text.lines().find_map(|line| line.strip_prefix("pods: ")).map_or(0, |pods| pods.parse().expect("a number"))
    }
}
