//! What the platform does, and people with hand-written files.

use freehold::central::{Asker, Update};
use freehold::io::git::{Address, Repository};

use super::{Files, Step, World};
use crate::ground::errors;

/// What `platform.yaml` says.
#[derive(Default)]
pub(super) struct Policy {
    is_newer: bool,
    is_staging: bool,
    /// Whether images that have no registry are refused.
    pub(super) lists_images: bool,
    /// DAG ids of hand-written files.
    dag_ids: Vec<String>,
}

impl Policy {
    pub(super) fn text(&self) -> String {
        let (airflow, environment) = (if self.is_newer { "3.2" } else { "3.1" }, if self.is_staging { "staging" } else { "production" });
        let images = if self.lists_images { "images: [\"registry.acme.example/*\"]\n" } else { "" };
        let start = format!(
            "platform: acme\ntarget: {{ airflow: \"{airflow}\" }}\nenvironment: {environment}\nintegrators: [integrate-bot]\n{images}"
        );
        format!("{start}unmanaged: [{{ paths: [\"dags/legacy/**\"], dag_ids: [{}] }}]\n", self.dag_ids.join(", "))
    }
}

impl World {
    /// The platform changes what is compiled for, and compiles everybody anew.
    pub(super) fn change_policy(&mut self) -> Step {
        self.policy.is_newer = !self.policy.is_newer;
        self.land_policy();
        Step::with_platform("policy", &["churn", "ads"])
    }

    pub(super) fn change_environment(&mut self) -> Step {
        self.policy.is_staging = !self.policy.is_staging;
        self.land_policy();
        Step::with_platform("environment", &["churn", "ads"])
    }

    /// Lands `platform.yaml` as it should be, and then what everybody compiles to under it.
    pub(super) fn land_policy(&self) {
        self.company.pull_hard();
        self.company.write("platform.yaml", &self.policy.text());
        self.land_as(&Asker::Platform, "policy");
        self.company.regenerate("churn");
        self.company.regenerate("ads");
        self.land_as(&Asker::Platform, "anew");
    }

    /// Lands what is in the clone, which the verifier has to allow.
    pub(super) fn land_as(&self, asker: &Asker, what: &str) {
        self.company.commit(what);
        let found = self.company.judge(asker).diagnostics;
        assert!(errors(&found).is_empty(), "{what}: {found:#?}");
        self.company.git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// Somebody who is in no team writes a DAG by hand; not beside what is a team's, or the platform's.
    pub(super) fn declare_by_hand(&mut self, at: usize) -> Step {
        let (name, team) = (self.new_name(), self.sides[at].team);
        self.policy.dag_ids.push(format!("by_hand_{name}"));
        self.land_policy();
        let (path, text) = (format!("dags/legacy/{name}.py"), format!("DAG('by_hand_{name}')\n"));
        let zoe = Asker::Actor("zoe".to_owned());
        for (other, codes) in [(format!("dags/{team}/{name}.py"), ["FH0801", "FH0810"]), ("platform.yaml".to_owned(), ["FH0801", "FH0810"])]
        {
            self.company.pull_hard();
            self.company.write(&path, &text);
            self.company.write(&other, "print('mine')\n");
            self.company.commit("more than by hand");
            assert_eq!(errors(&self.company.judge(&zoe).diagnostics), codes, "{other}");
        }
        self.company.pull_hard();
        self.company.write(&path, &text);
        self.land_as(&zoe, "by hand");
        self.by_hand.insert(path, text);
        Step { by_hand: true, ..Step::with_platform("declare by hand", &["churn", "ads"]) }
    }

    /// Somebody changes or deletes what is changed by hand; a team may not, as a team.
    pub(super) fn edit_by_hand(&mut self) -> Step {
        let step = Step { by_hand: true, ..Step::of("edit by hand", &[]) };
        let paths: Vec<String> = self.by_hand.keys().cloned().collect();
        let Some(path) = (!paths.is_empty()).then(|| paths[self.pick(paths.len())].clone()) else { return step };
        let (is_deleted, text) = (self.pick(3) == 0, format!("DAG('{}')\n", self.new_name()));
        self.company.pull_hard();
        if is_deleted {
            self.company.git(&["rm", "--quiet", &path]);
            self.by_hand.remove(&path);
        } else {
            self.company.write(&path, &text);
            self.by_hand.insert(path, text);
        }
        self.company.commit("by hand");
        assert_eq!(errors(&self.company.judge(&crate::ground::teams(&["churn"])).diagnostics), ["FH0801"]);
        self.land_as(&Asker::Actor("zoe".to_owned()), "by hand");
        step
    }

    /// What is changed by hand, as the branch has it.
    pub(super) fn read_by_hand(&mut self) {
        let listed = self.company.central_git(&["ls-tree", "-r", "--name-only", "main", "dags/legacy"]);
        let file = |path: &str| (path.to_owned(), self.company.central_file(path).expect("it is listed"));
        self.by_hand = listed.lines().map(file).collect::<Files>();
    }

    /// A hand-written file has the id that a team's next workflow would get: the workflow is not published.
    pub(super) fn claim_an_id_by_hand(&mut self, at: usize) -> Step {
        self.put_back(at);
        let (team, name) = (self.sides[at].team, self.new_name());
        self.policy.dag_ids.push(format!("{}__{name}", team.to_uppercase()));
        self.land_policy();
        self.sides[at].workflows.insert(name, "tags: [late]\n".to_owned());
        let commit = self.sides[at].commit();
        let refused = self.company.publish(&self.sides[at].asked(commit)).expect("git works");
        assert_eq!((refused.commit, errors(&refused.plan.diagnostics)), (None, vec!["FH0725"]));
        self.put_back(at);
        Step::with_platform("claim an id by hand", &["churn", "ads"])
    }

    /// What `integrate` landed, the server's hook takes from an integrator, and from nobody else, as long as it waits.
    pub(super) fn judge_at_the_hook(&self, tip: &str, commit: &str, waiting: &str) {
        let refs: Vec<(&str, &str)> = waiting.lines().filter_map(|line| line.split_once(' ')).collect();
        let gone: Vec<_> = {
            let repository = Repository::open(&self.company.central()).expect("a repository");
            refs.iter().filter(|(name, _)| !repository.has_reference(name).expect("git works")).collect()
        };
        let update = || Update { old: Some(tip.to_owned()), new: Some(commit.to_owned()), reference: "refs/heads/main".to_owned() };
        let said = |who: &str| self.company.receive(&Asker::Actor(who.to_owned()), &update());
        assert_eq!(errors(&said("integrate-bot")), ["FH0824"], "nothing waits any more");
        gone.iter().for_each(|(name, commit)| drop(self.company.central_git(&["update-ref", name, commit])));
        let found = said("integrate-bot");
        assert!(errors(&found).is_empty(), "{found:#?}");
        assert!(errors(&said("zoe")).contains(&"FH0801"));
        for (name, commit) in gone {
            let away = Update { old: Some((*commit).to_owned()), new: None, reference: (*name).to_owned() };
            assert!(errors(&self.company.receive(&Asker::Actor("integrate-bot".to_owned()), &away)).is_empty(), "{name} has landed");
            self.company.central_git(&["update-ref", "-d", name]);
        }
    }

    pub(super) fn address(&self) -> Address {
        Address::Folder(self.company.central())
    }
}
