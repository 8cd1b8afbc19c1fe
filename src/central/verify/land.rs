//! The tree that landing would make.
//!
//! Where it takes a merge, git is asked for one; but only after what the head brings has been looked at, because git walks all that a
//! handful of small trees name, and compares large files line by line, for as long and with as much memory as that takes.

use crate::diag::{Diagnostic, codes as code, quoted_list};
use crate::io::git::{GitError, Landing, Merge, Mode, ObjectId, Repository, TreeChange};

/// Paths that a branch may differ in from where it forked, if it is to be merged: what compiling everybody anew may change, twice.
const MOST: usize = 400_000;
/// Bytes of a file that is merged line by line.
const BY_LINES: u64 = 1024 * 1024;

/// The tree that landing makes, or why there is none.
pub(super) fn land(
    repository: &Repository,
    (base, base_tree): (Option<&ObjectId>, Option<&ObjectId>),
    head: &ObjectId,
    landing: Landing,
) -> Result<Result<ObjectId, Box<Diagnostic>>, GitError> {
    let (Some(base), Some(base_tree)) = (base, base_tree) else { return repository.tree_of(head).map(Ok) };
    if repository.is_ancestor(base, head)? {
        return repository.tree_of(head).map(Ok);
    }
    match landing {
        Landing::Push => {
            let fault = Diagnostic::error(&code::NOT_FORWARD, format!("`{head}` is not built on the branch's tip `{base}`"));
            Ok(Err(Box::new(fault.help("fetch, rebase or merge, and push without `--force`"))))
        }
        Landing::Merge => merge(repository, (base, base_tree), head),
    }
}

fn merge(
    repository: &Repository,
    (base, base_tree): (&ObjectId, &ObjectId),
    head: &ObjectId,
) -> Result<Result<ObjectId, Box<Diagnostic>>, GitError> {
    let forks = repository.merge_bases(base, head)?;
    // Of several, git first makes one by merging them and what they forked off, whatever that once held.
    let [fork] = forks.as_slice() else { return Ok(Err(Box::new(entangled(forks.len())))) };
    let changes = repository.diff(Some(&repository.tree_of(fork)?), &repository.tree_of(head)?, MOST)?;
    let Some(changes) = changes else { return Ok(Err(Box::new(too_many()))) };
    let large = both_changed_large(repository, base_tree, &changes)?;
    if !large.is_empty() {
        return Ok(Err(Box::new(conflict(&large))));
    }
    Ok(match repository.merge(base, head)? {
        Merge::Tree(tree) => Ok(tree),
        Merge::Conflict(paths) => Err(Box::new(conflict(&paths))),
    })
}

/// Large files that the head and the branch both changed since: nobody would read what merging their lines makes of them.
fn both_changed_large(repository: &Repository, base: &ObjectId, changes: &[TreeChange]) -> Result<Vec<String>, GitError> {
    let mut found = Vec::new();
    for change in changes {
        let Some(after) = change.after.as_ref().filter(|after| after.mode == Mode::File) else { continue };
        if repository.sizes([&after.id])?.into_iter().all(|size| size <= BY_LINES) {
            continue;
        }
        let live = repository.entry(base, &change.shown())?;
        if live != change.before && live != change.after {
            found.push(change.shown());
        }
    }
    Ok(found)
}

fn conflict(paths: &[String]) -> Diagnostic {
    let shown = quoted_list(paths.iter().map(String::as_str));
    let fault = Diagnostic::error(&code::CONFLICT, format!("this and the branch both changed {shown}"));
    fault.help("merge the branch into yours, and regenerate with `freehold compile`")
}

fn entangled(forks: usize) -> Diagnostic {
    let title = match forks {
        0 => "this and the branch have no commit in common".to_owned(),
        forks => format!("this and the branch went apart at {forks} commits, so there is no one state that both changed"),
    };
    Diagnostic::error(&code::CONFLICT, title).help("merge the branch into yours")
}

fn too_many() -> Diagnostic {
    let fault = Diagnostic::error(&code::FILE_LIMIT, format!("more than {MOST} files differ from where this forked off the branch"));
    fault.help("merge the branch into yours, or divide it into several changes")
}
