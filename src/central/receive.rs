//! A push, as the server's `pre-receive` hook sees it: every ref that would move.

use std::ops::RangeInclusive;
use std::path::Path;

use super::compiler::Compiler;
use super::verify::{Asker, Judged, Owners, audit, verify};
use crate::diag::{Diagnostic, Severity, codes as code};
use crate::io::git::{GitError, Landing, Repository};
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// One ref that a push would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The commit that it is at; `None` when it is new.
    pub old: Option<String>,
    /// The commit that it would be at; `None` when it would be deleted.
    pub new: Option<String>,
    /// Its full name.
    pub reference: String,
}

impl Update {
    /// Reads a line of a hook's standard input: `<old> <new> <ref>`, with ids of zeros for what is not there.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let mut id = || {
            let id = words.next().filter(|id| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            Some(id.bytes().any(|byte| byte != b'0').then(|| id.to_owned()))
        };
        let (old, new) = (id()?, id()?);
        let reference = words.next().filter(|name| name.starts_with("refs/"))?.to_owned();
        Some(Self { old, new, reference })
    }
}

/// The server that a push arrives at.
pub struct Receiving<'a> {
    /// Its repository, with the objects that were pushed.
    pub repository: &'a Repository,
    /// The branch that the orchestrator syncs from.
    pub branch: &'a str,
    /// Who pushes.
    pub asker: &'a Asker,
    /// The repository's folder.
    pub folder: &'a Path,
    /// The day, in UTC, and the time in seconds since 1970.
    pub moment: (Option<jiff::civil::Date>, u64),
    /// Compiles.
    pub compiler: &'a dyn Compiler,
    /// Takes the files that messages point into.
    pub messages: &'a Sources,
}

impl Receiving<'_> {
    /// Judges every ref of the push. Branches that nothing syncs from, and tags, are anybody's; not so the protected branch, what
    /// waits to be integrated, and refs that could stand in for others.
    ///
    /// # Errors
    /// When git fails, or an object is missing: then nothing is known, and nothing may land.
    pub fn judge(&self, updates: &[Update]) -> Result<Vec<Diagnostic>, GitError> {
        let aliases = self.repository.aliases()?;
        let is_new = !self.repository.has_reference(&self.reference())?;
        let mut found = Vec::new();
        let mut waiting = Vec::new();
        for update in updates {
            let mut target = aliases.get(&update.reference).cloned();
            // Git does not list a name for what is not there yet, and would make it.
            if is_new {
                target = self.repository.stands_for(&update.reference)?;
            }
            let reference = target.as_deref().unwrap_or(&update.reference);
            if reference == self.reference() {
                found.extend(self.judge_branch(update)?);
            } else if let Some(name) = reference.strip_prefix(WAITING) {
                waiting.push((update, name.to_owned()));
            } else {
                found.extend(stand_in(reference, self.branch));
            }
        }
        found.extend(self.judge_waiting(&waiting)?);
        Ok(found)
    }

    /// The protected branch's ref.
    fn reference(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }

    fn judge_branch(&self, update: &Update) -> Result<Vec<Diagnostic>, GitError> {
        match (update.old.as_deref(), update.new.as_deref()) {
            (None, Some(new)) => self.judge_first(new),
            (Some(old), Some(new)) => self.judge_next(old, new),
            (old, None) => self.judge_as_asked((old, None)),
        }
    }

    /// A push on top of what is there: of one who lands what waits, or of whoever has a right to what it changes.
    fn judge_next(&self, old: &str, new: &str) -> Result<Vec<Diagnostic>, GitError> {
        let tip = self.repository.commit(old)?;
        if let Some(found) = self.judge_integrated(&tip, &self.repository.commit(new)?)? {
            return Ok(found);
        }
        let mut found = self.judge_as_asked((Some(old), Some(new)))?;
        if found.iter().any(|found| found.severity == Severity::Error) {
            found.extend(self.nothing_named(&tip)?);
        }
        Ok(found)
    }

    fn judge_as_asked(&self, revisions: (Option<&str>, Option<&str>)) -> Result<Vec<Diagnostic>, GitError> {
        let (today, _) = self.moment;
        let verdict = verify(self.repository, revisions, Landing::Push, (self.asker, today), self.compiler, self.messages)?;
        Ok(verdict.diagnostics)
    }

    /// The first push of the branch brings the policy that holds from then on: it is judged by that, and pushed by somebody whom it
    /// calls an administrator.
    fn judge_first(&self, new: &str) -> Result<Vec<Diagnostic>, GitError> {
        let head = self.repository.commit(new)?;
        let tree = self.repository.tree_of(&head)?;
        let (today, _) = self.moment;
        let mut diagnostics = audit(self.repository, new, today, self.compiler, self.messages)?;
        let judged = Judged { repository: self.repository, base: None, policy: Some(&tree), tree: &tree, asker: self.asker, today };
        if !judged.is_platform(self.compiler)? {
            let title = format!("the first push of `{}` brings the policy, and {} is no administrator in it", self.branch, self.asker);
            let fault = Diagnostic::error(&code::FRAME, title).at_file("platform.yaml", "whom `administrators` names may push it");
            diagnostics.push(fault.help("add `administrators: [<your account>]` to `platform.yaml`"));
        }
        Ok(diagnostics)
    }

    /// Branches that wait to be integrated: only who speaks for its team may push one, and who has landed it take it away.
    fn judge_waiting(&self, waiting: &[(&Update, String)]) -> Result<Vec<Diagnostic>, GitError> {
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let tip = self.repository.commit(&self.reference())?;
        let tree = self.repository.tree_of(&tip)?;
        let (base, policy) = (Some(&tree), Some(&tree));
        let judged = Judged { repository: self.repository, base, policy, tree: &tree, asker: self.asker, today: self.moment.0 };
        let mut owners = Owners::new(&judged, (self.compiler, self.messages))?;
        let integrates = waiting.iter().any(|(update, _)| update.new.is_none()) && self.is_integrator(&tip)?;
        let mut found = Vec::new();
        for (update, name) in waiting {
            let parts = name.split_once('/').map(|(team, source)| (TeamName::parse(team), SourceName::parse(source)));
            let Some((Ok(team), Ok(source))) = parts else {
                let fault = Diagnostic::error(&code::FRAME, format!("`publish/{name}` waits for nobody"));
                found.push(fault.help("push to `publish/<team>/<source>`, as `freehold publish --via branch` does"));
                continue;
            };
            if owners.owns(&team, &source)? {
                continue;
            }
            match (&update.old, &update.new) {
                (Some(old), None) if integrates => found.extend(self.judge_taken_away(&tip, (&team, &source), old)?),
                (None | Some(_), None | Some(_)) => found.push(self.may_not_publish(&team, &source)),
            }
        }
        Ok(found)
    }

    fn may_not_publish(&self, team: &TeamName, source: &SourceName) -> Diagnostic {
        let fault = Diagnostic::error(&code::FRAME, format!("{} may not publish for team `{team}`, source `{source}`", self.asker));
        let fault = fault.at_file(format!("teams/{team}.yaml"), "whom `members` names may");
        fault.help(format!("have the account added to `members` in `teams/{team}.yaml`"))
    }
}

/// Letters that nobody sees, and that some file systems leave out of names.
const UNSEEN: [RangeInclusive<char>; 5] =
    ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{2064}', '\u{2066}'..='\u{206f}', '\u{feff}'..='\u{feff}'];

/// Where what waits to be integrated is.
const WAITING: &str = "refs/heads/publish/";

/// Refs that Git, or a file system that knows no case, would take for others.
fn stand_in(reference: &str, branch: &str) -> Option<Diagnostic> {
    let folded = format!("{}/", reference.to_ascii_lowercase());
    if folded == WAITING {
        // Git keeps no branch below another one's name.
        let fault = Diagnostic::error(&code::FRAME, format!("`{reference}` would leave no place for branches that wait below it"));
        return Some(fault.help("give it another name; publishes wait at `publish/<team>/<source>`"));
    }
    let replaces = reference.starts_with("refs/replace/");
    let namesakes =
        [format!("refs/{branch}"), format!("refs/heads/{branch}"), format!("refs/tags/{branch}"), format!("refs/tags/heads/{branch}")];
    let is_namesake = namesakes.iter().any(|name| name.eq_ignore_ascii_case(reference)) || folded.contains("/refs/heads/");
    // Git takes a name that looks like an id for that id, and others may take it the other way round.
    let last = reference.rsplit('/').next().unwrap_or_default();
    let is_like_an_id = last.len() >= 40 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_unseen = reference.chars().any(|letter| letter.is_control() || UNSEEN.iter().any(|unseen| unseen.contains(&letter)));
    (replaces || is_namesake || is_like_an_id || is_unseen || folded.starts_with(WAITING)).then(|| {
        let shown = reference.escape_debug();
        let fault = Diagnostic::error(&code::FRAME, format!("`{shown}` could stand in for what is protected"));
        let help = if replaces { "push without `refs/replace/`" } else { "give it a name that is neither the branch's nor a commit's" };
        fault.help(help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_hook_is_read_and_nothing_else_is_one() {
        let (zero, id) = ("0".repeat(40), "a1".repeat(20));
        let update = Update::parse(&format!("{zero} {id} refs/heads/main")).expect("a line");
        assert_eq!((update.old, update.new.as_deref()), (None, Some(id.as_str())));
        let long = "b2".repeat(32);
        assert!(Update::parse(&format!("{long} {} refs/tags/v 1", "0".repeat(64))).is_some());
        for line in ["", "x", &format!("{id} {id}"), &format!("{id} {id} main"), &format!("{id} HEAD refs/heads/main")] {
            assert_eq!(Update::parse(line), None, "{line}");
        }
    }
}
