//! Where pushes end, a hook has to judge them: nothing else can refuse one.

use super::case::Case;
use super::command;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::Hook;

const SCRIPT: &str = "#!/bin/sh\nexec freehold hook pre-receive\n";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    if !case.is_server {
        return;
    }
    let surroundings = case.surroundings;
    let mut hooks = surroundings.pre_receive.iter().filter_map(|hook| Some((hook, line_of(hook)?)));
    let fault = match hooks.next() {
        None => missing(case),
        Some((hook, _)) if !hook.is_executable => {
            let fault = Diagnostic::error(&code::HOOK, format!("`{}` is not executable", hook.path));
            fault.at_file(&*hook.path, "git passes over it, and takes every push").help(format!("chmod +x {}", hook.path))
        }
        Some((hook, line)) if !counts(hook, line) => {
            let fault = Diagnostic::error(&code::HOOK, format!("`{}` goes on when a push is refused", hook.path));
            let fault = fault.at_file(&*hook.path, "what `freehold hook pre-receive` says is not what the hook ends with");
            fault.help("write `exec freehold hook pre-receive` as its last line, or `set -e` as its first")
        }
        Some((hook, line)) => match branch_of(hook, line).filter(|branch| *branch != case.branch) {
            Some(other) => {
                let fault =
                    Diagnostic::error(&code::HOOK, format!("`{}` judges the pushes to `{other}`, and not to `{}`", hook.path, case.branch));
                let fault = fault.at_file(&*hook.path, "a push to any other branch is let through");
                fault.help(format!("write `--branch {}` there, or ask doctor about `--branch {other}`", case.branch))
            }
            None => return,
        },
    };
    sink.push(fault);
}

fn missing(case: &Case<'_>) -> Diagnostic {
    let surroundings = case.surroundings;
    let folder = surroundings.hooks_folder.to_string_lossy().into_owned();
    let shown = if surroundings.setting("core.hookspath").is_some() { folder } else { "hooks".to_owned() };
    let path = format!("{shown}/pre-receive");
    let title = "no hook judges the pushes to this repository";
    let fault = match surroundings.pre_receive.iter().find(|hook| hook.is_executable) {
        Some(hook) if hook.text.is_none() => {
            // It may well be the right program.
            let fault = Diagnostic::warning(&code::HOOK, format!("whether `{}` judges pushes cannot be told", hook.path));
            fault.at_file(&*hook.path, "it is no script")
        }
        Some(hook) => Diagnostic::error(&code::HOOK, title).at_file(&*hook.path, "it does not run `freehold hook pre-receive`"),
        None => Diagnostic::error(&code::HOOK, title).at_file(&*path, "not found: whoever may push may erase everybody's files"),
    };
    fault.help(format!("printf '{}' > {path} && chmod +x {path}", SCRIPT.escape_default()))
}

/// The number of the line that judges, among those that do something.
fn line_of(hook: &Hook) -> Option<usize> {
    let lines = command::lines(hook.text.as_deref()?);
    lines.iter().position(|line| command::runs(line, &["hook", "pre-receive"]))
}

/// The branch that the hook protects; `main` unless it says otherwise.
fn branch_of(hook: &Hook, at: usize) -> Option<String> {
    let line = command::lines(hook.text.as_deref()?).into_iter().nth(at)?;
    let mut words = line.split_whitespace().skip_while(|word| !word.starts_with("--branch"));
    let written = match words.next() {
        Some(option) => option.strip_prefix("--branch=").or_else(|| words.next()).unwrap_or_default(),
        None => "main",
    };
    let name = written.trim_matches(['"', '\'', ';']);
    // What a variable holds cannot be told.
    (!name.is_empty() && !name.starts_with('$')).then(|| name.to_owned())
}

/// Whether the hook ends with what the line at `at` says.
fn counts(hook: &Hook, at: usize) -> bool {
    let text = hook.text.as_deref().unwrap_or_default();
    let lines = command::lines(text);
    let Some(line) = lines.get(at) else { return false };
    let shebang = text.lines().next().filter(|line| line.starts_with("#!")).unwrap_or_default();
    let stops = |line: &str| line.split_whitespace().any(|word| word.starts_with('-') && word.contains('e'));
    let is_strict = stops(shebang) || lines[..at].iter().any(|line| line.starts_with("set ") && stops(line));
    let is_asked = line.starts_with("exec ") || line.starts_with("if ") || line.contains("||") || at + 1 == lines.len();
    !command::ignores_failure(line) && (is_strict || is_asked)
}
