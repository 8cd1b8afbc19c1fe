//! A company of two teams with one central repository, and what people do to it with git.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use freehold::central::{
    Ancestry, Asker, Branch, Consent, Error, Integrated, Integration, Origin, Outcome, Plan, Receiving, RepositoryId, Request, SourceFiles,
    Token, TokenFor, Update, Verdict, Via, audit, integrate, plan, publish, regenerate, verify,
};
use freehold::diag::{Diagnostic, Severity};
use freehold::io::Disk;
use freehold::io::git::{Address, Landing, ObjectFormat, Repository};
use freehold::name::{SourceName, TeamName};
use freehold::source::Sources;

use super::compiler::Small;
use super::mint;

pub const PLATFORM: &str = "platform: acme\ntarget: { airflow: \"3.1\" }\n";
const CHURN: &str = "team: churn
repositories:
  - { id: 1001, name: acme/churn-model, source: churn-model }
  - { id: 1002, name: acme/churn-extra, source: churn-extra }
members: [ada, grace]
limits: { deletions: 2 }
";
const ADS: &str = "team: ads\nrepositories: [{ id: 2001, name: acme/ads, source: reports }]\nmembers: [bob]\n";

/// The day of every test.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

/// A central repository and a clone of it.
pub struct Company {
    folder: tempfile::TempDir,
    pub compiler: Small,
}

/// A publish that is about to be asked for.
#[derive(Clone)]
pub struct Asked {
    pub team: &'static str,
    pub source: &'static str,
    pub files: SourceFiles,
    pub origin: Origin,
    pub consent: Consent,
    /// Whether a commit since the last publish changed a file and another put it back.
    pub was_taken_back: bool,
    pub via: Via,
    /// What the Git host says when the run asks it for a token, whatever the audience, and the key that it signs with.
    pub run: Option<(serde_json::Value, String)>,
    /// When it does so, in seconds since 1970.
    pub at: u64,
}

impl Company {
    /// Policy for both teams, and a first publish of each: `churn/churn-model` with `daily`, `hourly`, `weekly` and
    /// `monthly`, `ads/reports` with `report` and `spend`.
    pub fn new() -> Self {
        static MADE: OnceLock<Company> = OnceLock::new();
        MADE.get_or_init(Self::make).copy()
    }

    fn make() -> Self {
        let company = Self::bare();
        for asked in [company.churn().commit("c1"), company.ads().commit("c1")] {
            let outcome = company.publish(&asked).expect("git works");
            assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
        }
        company.git(&["pull", "--quiet"]);
        company
    }

    /// The same repositories in another folder: the clone finds its origin beside itself.
    fn copy(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a temporary folder"), compiler: Small { format: 1 } };
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    /// Policy for both teams, and nothing published yet.
    pub fn bare() -> Self {
        let company = Self { folder: tempfile::tempdir().expect("a temporary folder"), compiler: Small { format: 1 } };
        run(company.folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "central.git"]);
        run(company.folder.path(), &["clone", "--quiet", "central.git", "clone"]);
        company.git(&["remote", "set-url", "origin", "../central.git"]);
        company.git(&["checkout", "--quiet", "-B", "main"]);
        for (path, text) in
            [("platform.yaml", PLATFORM), ("teams/churn.yaml", CHURN), ("teams/ads.yaml", ADS), ("README.md", "Our DAGs.\n")]
        {
            company.write(path, text);
        }
        company.commit("policy");
        company.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
        company
    }

    /// The same company, whose platform trusts the issuers of `mint` and accepts what this says.
    pub fn trusting(accept: &str) -> Self {
        let company = Self::new();
        company.write("platform.yaml", &mint::platform(accept));
        company.land("trust two issuers");
        company
    }

    pub fn central(&self) -> PathBuf {
        self.folder.path().join("central.git")
    }

    pub fn clone_folder(&self) -> PathBuf {
        self.folder.path().join("clone")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn branch(&self) -> Branch {
        Branch { central: Address::Folder(self.central()), name: "main".to_owned() }
    }

    /// Runs git in the clone.
    pub fn git(&self, arguments: &[&str]) -> String {
        run(&self.clone_folder(), arguments)
    }

    /// Runs git in the central repository.
    pub fn central_git(&self, arguments: &[&str]) -> String {
        run(&self.central(), arguments)
    }

    pub fn write(&self, path: &str, text: &str) {
        let full = self.clone_folder().join(path);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs_err::write(full, text).expect("written");
    }

    /// Commits all of the clone's work tree.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits and lands, with nobody asking the verifier.
    pub fn land(&self, message: &str) {
        self.commit(message);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    pub fn pull(&self) {
        self.git(&["pull", "--quiet", "--rebase", "origin", "main"]);
    }

    /// What the central branch holds at a path.
    pub fn central_file(&self, path: &str) -> Option<String> {
        let output = command(&self.central(), &["show", &format!("main:{path}")]).output().expect("git runs");
        output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
    }

    pub fn tip(&self) -> String {
        self.central_git(&["rev-parse", "main"])
    }

    /// Writes what a team's sources in the clone compile to.
    pub fn regenerate(&self, team: &str) {
        let (team, sources) = (TeamName::parse(team).expect("a name"), Sources::new());
        let disk = Disk::new(self.clone_folder());
        let made = regenerate(&disk, &team, ObjectFormat::Sha1, &self.compiler, &sources).expect("read");
        for (path, bytes) in &made.files {
            self.write(path, std::str::from_utf8(bytes).expect("text"));
        }
        for path in &made.gone {
            // It may be gone already.
            let _ = fs_err::remove_file(self.clone_folder().join(path));
        }
    }

    /// Judges the clone's HEAD as a pull request to the central branch.
    pub fn judge(&self, asker: &Asker) -> Verdict {
        self.judge_landing(asker, Landing::Merge)
    }

    pub fn judge_landing(&self, asker: &Asker, landing: Landing) -> Verdict {
        self.git(&["fetch", "--quiet", "origin"]);
        let repository = Repository::open(&self.clone_folder()).expect("a repository");
        let revisions = (Some("refs/remotes/origin/main"), Some("HEAD"));
        verify(&repository, revisions, landing, (asker, Some(TODAY)), &self.compiler, &Sources::new()).expect("git works")
    }

    /// What the verifier refuses in a change of the clone's work tree, which stays as a commit there.
    pub fn refused(&self, asker: &Asker) -> Vec<&'static str> {
        self.commit("asked");
        errors(&self.judge(asker).diagnostics)
    }

    /// What the verifier refuses in a change of the clone's work tree, which is taken back.
    pub fn tried(&self, asker: &Asker) -> Vec<&'static str> {
        let found = self.refused(asker);
        self.pull_hard();
        found
    }

    /// What is told of the whole central branch.
    pub fn audited(&self) -> Vec<Diagnostic> {
        let repository = Repository::open(&self.central()).expect("a repository");
        audit(&repository, "main", Some(TODAY), &self.compiler, &Sources::new()).expect("git works")
    }

    /// Makes the clone what the central branch is.
    pub fn pull_hard(&self) {
        self.git(&["fetch", "--quiet", "origin"]);
        self.git(&["reset", "--quiet", "--hard", "refs/remotes/origin/main"]);
    }

    /// A publish of a source without any files yet.
    pub fn asked(team: &'static str, source: &'static str, repository: (u64, &str)) -> Asked {
        Asked::new(team, source, repository, &[], &[])
    }

    pub fn churn(&self) -> Asked {
        let files = [("freehold.yaml", "team: churn\nsource: churn-model\n")];
        let names = ["daily", "hourly", "weekly", "monthly"];
        Asked::new("churn", "churn-model", (1001, "acme/churn-model"), &files, &names)
    }

    pub fn ads(&self) -> Asked {
        let files = [("freehold.yaml", "team: ads\nsource: reports\n")];
        Asked::new("ads", "reports", (2001, "acme/ads"), &files, &["report", "spend"])
    }

    pub fn publish(&self, asked: &Asked) -> Result<Outcome, Error> {
        publish(&self.branch(), asked.via, &asked.request(), &self.compiler, &Sources::new())
    }

    pub fn publish_to(&self, central: &str, asked: &Asked) -> Result<Outcome, Error> {
        let branch = Branch { central: Address::parse(central).expect("an address"), name: "main".to_owned() };
        publish(&branch, asked.via, &asked.request(), &self.compiler, &Sources::new())
    }

    pub fn plan(&self, asked: &Asked) -> Plan {
        plan(&self.branch(), &asked.request(), &self.compiler, &Sources::new()).expect("git works")
    }

    /// Lands what waits.
    pub fn integrate(&self) -> Integrated {
        self.integrate_at(mint::NOW)
    }

    /// The same at another time, in seconds since 1970.
    pub fn integrate_at(&self, now: u64) -> Integrated {
        self.integrate_while(now, &|| true)
    }

    /// The same for as long as there is time.
    pub fn integrate_while(&self, now: u64, has_time: &dyn Fn() -> bool) -> Integrated {
        let (branch, moment, sources) = (self.branch(), (Some(TODAY), now), Sources::new());
        integrate(&Integration { branch: &branch, moment, has_time, compiler: &self.compiler, sources: &sources }).expect("git works")
    }

    /// Changes what waits on a branch, as somebody can who may push it, and keeps its message.
    pub fn tamper(&self, branch: &str, change: impl FnOnce(&Self)) {
        self.git(&["fetch", "--quiet", "origin", branch]);
        self.git(&["checkout", "--quiet", "FETCH_HEAD"]);
        change(self);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--amend", "--no-edit"]);
        self.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:refs/heads/{branch}")]);
        self.git(&["checkout", "--quiet", "main"]);
    }

    /// What the server's hook says of an update whose objects are there already.
    pub fn receive(&self, asker: &Asker, update: &Update) -> Vec<Diagnostic> {
        let (folder, messages) = (self.central(), Sources::new());
        let repository = Repository::open(&folder).expect("a repository");
        let (compiler, moment, branch) = (&self.compiler, (Some(TODAY), mint::NOW), "main");
        let receiving = Receiving { repository: &repository, folder: &folder, branch, asker, moment, compiler, messages: &messages };
        receiving.judge(std::slice::from_ref(update)).expect("git works")
    }

    /// Publishes, and gives the codes for which it was refused.
    pub fn refusal(&self, asked: &Asked) -> Vec<&'static str> {
        let tip = self.tip();
        let outcome = self.publish(asked).expect("git works");
        assert_eq!(outcome.commit, None, "it was published");
        assert_eq!(self.tip(), tip, "the branch moved");
        errors(&outcome.plan.diagnostics)
    }
}

impl Asked {
    fn new(team: &'static str, source: &'static str, (id, name): (u64, &str), files: &[(&str, &str)], workflows: &[&str]) -> Self {
        let mut all: SourceFiles = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        for workflow in workflows {
            all.insert(format!("workflows/{workflow}.yaml"), format!("workflow: {workflow}\n").into_bytes());
        }
        let origin = Origin {
            repository: Some(RepositoryId { id, name: name.to_owned() }),
            reference: Some("refs/heads/main".to_owned()),
            event: Some("push".to_owned()),
            commit: Some("c2".to_owned()),
            token: None,
        };
        Self {
            team,
            source,
            files: all,
            origin,
            consent: Consent::default(),
            was_taken_back: false,
            via: Via::Direct,
            run: None,
            at: mint::NOW,
        }
    }

    pub fn commit(mut self, commit: &str) -> Self {
        self.origin.commit = Some(commit.to_owned());
        self
    }

    /// Handed over with a signed token that says this; the commit is what it says.
    pub fn token(self, claims: &serde_json::Value) -> Self {
        self.token_of(claims, mint::key_of(claims))
    }

    pub fn token_of(mut self, claims: &serde_json::Value, key: &str) -> Self {
        self.origin.commit = claims["sha"].as_str().map(str::to_owned);
        self.origin.token = Some(mint::token(mint::sign_with(claims, key)));
        self.run = Some((claims.clone(), key.to_owned()));
        self
    }

    pub fn repository(mut self, id: u64, name: &str) -> Self {
        self.origin.repository = Some(RepositoryId { id, name: name.to_owned() });
        self
    }

    pub fn via_branch(mut self) -> Self {
        self.via = Via::Branch;
        self
    }

    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    pub fn without(mut self, path: &str) -> Self {
        self.files.remove(path).expect("it was there");
        self
    }

    pub fn request(&self) -> Request<'_> {
        Request {
            team: TeamName::parse(self.team).expect("a name"),
            source: SourceName::parse(self.source).expect("a name"),
            files: self.files.clone(),
            origin: self.origin.clone(),
            is_ancestor: Box::leak(Box::new({
                let commit = self.origin.commit.clone();
                move |older: &str| ancestry(older, commit.as_deref())
            })),
            has_changed_since: if self.was_taken_back { &|_| true } else { &|_| false },
            token_for: self.run.clone().map(|(claims, key)| {
                let now = self.at;
                let sign = move |audience: &str| {
                    let text = mint::sign_with(&mint::but(claims.clone(), "aud", audience), &key);
                    Ok(Token { now, ..mint::token(text) })
                };
                &*Box::leak(Box::new(sign) as Box<TokenFor<'_>>)
            }),
            consent: self.consent,
            today: Some(TODAY),
        }
    }
}

/// Commits of a team's repository are called `c0`, `c1` and so on, each built on the one before; any other is unknown.
fn ancestry(older: &str, newer: Option<&str>) -> Ancestry {
    // A token has whole ids: `mint::commit` repeats the name.
    let named = |commit: &str| commit.get(..2).filter(|name| mint::commit(name) == commit).unwrap_or(commit).to_owned();
    let at = |commit: &str| named(commit).strip_prefix('c')?.parse::<u32>().ok();
    match (at(older), newer.and_then(at)) {
        (Some(older), Some(newer)) if older <= newer => Ancestry::Yes,
        (Some(_), Some(_)) => Ancestry::No,
        _ => Ancestry::Unknown,
    }
}

pub fn account(name: &str) -> Asker {
    Asker::Actor(name.to_owned())
}

pub fn teams(names: &[&str]) -> Asker {
    Asker::Teams(names.iter().map(|name| TeamName::parse(name).expect("a name")).collect())
}

/// Codes of the errors, each once, sorted.
pub fn errors(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    let mut codes: Vec<&str> = diagnostics.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code.id).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Git as a person runs it, with nothing of the surroundings.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@localhost"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    command.envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@localhost"), ("LC_ALL", "C")]);
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs_err::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs_err::create_dir_all(&target).expect("made");
            copy_folder(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).expect("copied");
        }
    }
}
