//! `freehold init central`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::by_hand::ByHand;
use super::ci::{self, CiOptions, Host};
use super::person::Person;
use super::surroundings::Surroundings;
use super::write::NewFile;
use super::{Failure, Made, fill, listed, quote};
use crate::name::TeamName;

/// A central repository's files: the platform's settings and one team's grant
///
/// In an existing repository it adds to what is there, and overwrites nothing; hand-written DAGs below `dags/` are left to be changed by
/// hand until teams adopt them. On a terminal it asks for what no option says.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold init central dags\n  freehold init central --platform acme --team churn --administrator olga --owner @acme/platform --github"
)]
pub(super) struct Arguments {
    /// Where; an existing repository is fine.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The platform's name; `my-platform`, without it.
    #[arg(long)]
    platform: Option<String>,
    /// The first team; `my-team`, without it.
    #[arg(long)]
    team: Option<String>,
    /// An account of the host that may change what is the platform's; may be given several times.
    #[arg(long, value_name = "ACCOUNT")]
    administrator: Vec<String>,
    /// Who has to agree to changes of the platform's files, as CODEOWNERS names them; the administrators, without it.
    #[arg(long, value_name = "@OWNER")]
    owner: Vec<String>,
    /// An account that may change the hand-written DAGs that are there; may be given several times. Whoever the host lets, without it.
    #[arg(long, value_name = "ACCOUNT")]
    editor: Vec<String>,
    #[command(flatten)]
    pub(super) ci: CiOptions,
}

const PLATFORM: &str = include_str!("../../../templates/init/central/platform.yaml");
const GRANT: &str = include_str!("../../../templates/init/central/grant.yaml");
const OWNERS: &str = include_str!("../../../templates/init/central/CODEOWNERS");
const VERIFY: &str = include_str!("../../../templates/init/central/verify.yml");
const AUDIT: &str = include_str!("../../../templates/init/central/audit.yml");
const INTEGRATE: &str = include_str!("../../../templates/init/central/integrate.yml");
const GITLAB: &str = include_str!("../../../templates/init/central/gitlab.yml");

/// The files of a central repository.
pub(super) fn make(arguments: &Arguments, person: &mut Person) -> Result<Made, Failure> {
    let Arguments { dir, platform, team, administrator, owner, editor, ci } = arguments;
    let root = std::path::absolute(dir)?;
    let around = Surroundings::of(&root)?;
    if around.folder != "." {
        let failure = Failure::new(format!("{} is inside of the repository {}", dir.display(), around.top.display()));
        return Err(failure.help("a central repository is one of its own: name its top, or a folder elsewhere"));
    }
    let (platform, team) = names(platform.as_deref(), team.as_deref(), person)?;
    let mut put_off = Vec::new();
    let host = ci.host(&around, person, &mut put_off)?;
    let administrators = administrators(administrator, host.is_some(), person)?;
    let line = if administrators.is_empty() { String::new() } else { format!("administrators: [{}]\n", listed(&administrators)?) };
    let (by_hand, editors) = (ByHand::of(&root, &team)?, accounts(&editor.join(" ")).map_err(Failure::new)?);
    let platform = fill(PLATFORM, &[("platform", &quote(&platform)?), ("administrators", &line), ("unmanaged", &by_hand.lines(&editors)?)]);
    let file = |path: &str, text: String| NewFile { root: root.clone(), path: path.to_owned(), text };
    let mut files = vec![
        file("platform.yaml", platform),
        file(&format!("teams/{team}.yaml"), fill(GRANT, &[("team", team.as_str())])),
        ci::pre_commit(&around, "freehold-compile", "freehold compile", "        pass_filenames: false")?,
    ];
    files.extend(ci::schemas(&root, &["platform", "grant", "blueprint", "override", "project", "workflow", "pod"]));
    // What is there is not overwritten, and says its own.
    let is_known = root.join("platform.yaml").exists();
    let mut next = if is_known { Vec::new() } else { by_hand.next(&team) };
    if administrators.is_empty() && !is_known {
        next.push("name `administrators` in `platform.yaml`: until then no check lets anybody change what is the platform's".to_owned());
    }
    next.push(land(dir, around.is_repository));
    next.push("let the team set `central:` in its `freehold.yaml`".to_owned());
    next.extend(put_off);
    if let Some(host) = host {
        let mentioned = |accounts: &[String]| accounts.iter().map(|name| format!("@{name}")).collect::<Vec<_>>();
        let owners = owners(&if owner.is_empty() { mentioned(&administrators) } else { owner.clone() })?;
        let branch = quote(ci.branch(&around))?;
        let by_hand = if is_known { String::new() } else { by_hand.owner_lines(&mentioned(&editors).join(" "), &owners) };
        files.extend(of_host(&host, &branch, (&owners, &by_hand)).into_iter().map(|(path, text)| file(path, text)));
        next.push("protect the branch and require the check, then ask `freehold doctor` what is missing".to_owned());
    }
    Ok(Made { files, next })
}

/// What the platform and its first team are called.
fn names(platform: Option<&str>, team: Option<&str>, person: &mut Person) -> Result<(String, TeamName), Failure> {
    let platform = match platform {
        Some(platform) => platform.to_owned(),
        None => person.ask("The platform's name", "my-platform", |text| Ok(text.to_owned()), "--platform acme")?,
    };
    let parse = |text: &str| TeamName::parse(text).map_err(|reason| format!("`{text}` is no team name: {reason}"));
    let team = match team {
        Some(team) => parse(team).map_err(|reason| Failure::new(reason).help("add `--team my-team`"))?,
        None => person.ask("The first team", "my-team", parse, "--team my-team")?,
    };
    Ok((platform, team))
}

/// How the files become a branch that teams publish to.
fn land(dir: &Path, is_repository: bool) -> String {
    let edit = "edit the grant in `teams/`, and land all of it";
    if is_repository {
        return format!("{edit}: the check refuses a change of a branch without policy, so you decide");
    }
    let git = if dir == Path::new(".") { "git".to_owned() } else { format!("git -C {}", dir.display()) };
    format!("{edit}: `{git} init --initial-branch=main`, `{git} add --all`, `{git} commit --message \"Start\"`")
}

/// Accounts that administer. With a host's files, somebody must: nobody else's change of policy may land.
fn administrators(given: &[String], is_needed: bool, person: &mut Person) -> Result<Vec<String>, Failure> {
    let parse = |text: &str| match accounts(text)? {
        names if names.is_empty() && is_needed => Err("somebody has to administer: no other account's change of policy lands".to_owned()),
        names => Ok(names),
    };
    if given.is_empty() {
        let nobody = if is_needed { "" } else { "; nothing for nobody yet: then no check lets such a change pass" };
        return person.ask(&format!("Accounts that may change what is the platform's{nobody}"), "", parse, "--administrator ACCOUNT");
    }
    parse(&given.join(" ")).map_err(Failure::new)
}

/// Accounts, by commas or spaces; in words when one is none.
fn accounts(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let is_account = |name: &String| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.[]".contains(letter));
    match names.iter().find(|name| !is_account(name)) {
        Some(wrong) => Err(format!("`{wrong}` is no account's name")),
        None => Ok(names),
    }
}

/// Owners as a line of CODEOWNERS names them.
fn owners(names: &[String]) -> Result<String, Failure> {
    let is_owner = |name: &str| name.contains('@') && !name.contains(|letter: char| letter.is_whitespace() || letter == '#');
    match names.iter().find(|name| !is_owner(name)) {
        Some(wrong) => {
            Err(Failure::new(format!("`{}` is no owner", wrong.escape_debug())).help("name accounts and teams like `@acme/platform`"))
        }
        None => Ok(names.join(" ")),
    }
}

/// What the host runs and asks for.
fn of_host(host: &Host, branch: &str, (owners, by_hand): (&str, &str)) -> Vec<(&'static str, String)> {
    let values = [("branch", branch)];
    let code_owners = |checks: &str| fill(OWNERS, &[("checks", checks), ("by_hand", by_hand), ("owners", owners)]);
    match host {
        Host::GitHub(action) => vec![
            (".github/workflows/verify.yml", action.fill(VERIFY, &values)),
            (".github/workflows/audit.yml", action.fill(AUDIT, &values)),
            (".github/workflows/integrate.yml", action.fill(INTEGRATE, &values)),
            (".github/CODEOWNERS", code_owners(&format!("/.github/ {owners}"))),
        ],
        Host::GitLab => vec![
            (".gitlab-ci.yml", ci::fill_versioned(GITLAB, &values)),
            ("CODEOWNERS", code_owners(&format!("/.gitlab-ci.yml {owners}\n/CODEOWNERS {owners}"))),
        ],
    }
}
