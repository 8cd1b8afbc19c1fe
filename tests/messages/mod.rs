//! Slips that people make, and what they are told: tables that people can read, and that a later change cannot make worse unseen.
//!
//! A section of a table is a title, the file that the slip is made in with `@` where it stands, and then one block for each slip: what is
//! typed, and behind `→` what is told (`UPDATE_EXPECTED=1 cargo test` writes that anew). Each slip is told once; several in one file, each.

mod schemas;

use std::collections::BTreeMap;
use std::fmt::Write;

use freehold::diag::{Diagnostic, Place, Severity};
use freehold::io::Memory;

use crate::support;

/// Where a slip is made.
#[derive(Default)]
struct Context {
    file: String,
    lines: Vec<String>,
    others: BTreeMap<String, String>,
}

/// Starts what is told.
const TOLD: &str = "→ ";
/// Goes on with it.
const MORE: &str = "  ";

impl Context {
    /// The file of a section with something typed into it.
    fn with(&self, typed: &[&str]) -> String {
        let mut text = String::new();
        for line in &self.lines {
            match line.find('@') {
                Some(at) if line[at..].trim() == "@" => typed.iter().for_each(|typed| text.push_str(&format!("{}{typed}\n", &line[..at]))),
                Some(_) => text.push_str(&format!("{}\n", line.replace('@', &typed.join(" ")))),
                None => text.push_str(&format!("{line}\n")),
            }
        }
        text
    }

    /// What is told when that is typed.
    fn told(&self, typed: &[&str]) -> (usize, String) {
        let mut files: BTreeMap<String, Vec<u8>> =
            support::DEFAULTS.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        if !self.file.starts_with("workflows/") {
            files.insert("workflows/x.yaml".to_owned(), WORKFLOW.as_bytes().to_vec());
        }
        files.extend(self.others.iter().map(|(path, text)| (path.clone(), text.as_bytes().to_vec())));
        files.insert(self.file.clone(), self.with(typed).into_bytes());
        let outcome = support::compile_tree(&Memory { files });
        let mut told = String::new();
        for Diagnostic { code, severity, title, labels, help, allowed: _ } in &outcome.diagnostics {
            let place = match labels.first().map(|label| &label.place) {
                Some(Place::Span(span)) => {
                    let file = outcome.sources.file(span.source);
                    let underlined = &file.text[span.start as usize..span.end as usize];
                    let underlined = underlined.lines().next().unwrap_or_default();
                    if file.path == self.file { format!("«{underlined}»") } else { format!("{}: «{underlined}»", file.path) }
                }
                Some(Place::File(path)) => path.clone(),
                None => "nowhere".to_owned(),
            };
            let mark = if *severity == Severity::Warning { " (warning)" } else { "" };
            // Writing into a string does not fail.
            let _ = writeln!(told, "{TOLD}{} {place}{mark}\n{MORE}{title}", code.id);
            for label in labels.iter().filter(|label| !label.text.is_empty()) {
                let _ = writeln!(told, "{MORE}{}", label.text);
            }
            let _ = writeln!(told, "{MORE}help: {}", help.as_deref().unwrap_or("(none)"));
        }
        (outcome.diagnostics.len(), told)
    }
}

/// A workflow without fault, for slips in other files.
const WORKFLOW: &str = "workflow: nightly\ntasks:\n  train: { image: \"registry.acme.example/churn:1.4.2\", args: [train] }\n";

/// The table with what is told now, and the slips that are not told once.
fn retell(table: &str) -> (String, Vec<String>) {
    let mut context = Context::default();
    let (mut out, mut wrong) = (String::new(), Vec::new());
    let mut other: Option<String> = None;
    for block in table.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let lines: Vec<&str> = block.lines().filter(|line| !line.is_empty()).collect();
        if lines.iter().all(|line| line.starts_with(['=', '|', '#'])) {
            for line in &lines {
                if let Some(rest) = line.strip_prefix("== ") {
                    let (_, file) = rest.rsplit_once(" in ").expect("a section says in which file the slip is made");
                    context = Context { file: file.to_owned(), ..Context::default() };
                    other = None;
                } else if let Some(file) = line.strip_prefix("=  beside ") {
                    other = Some(file.to_owned());
                } else if let Some(line) = line.strip_prefix('|') {
                    let line = line.strip_prefix(' ').unwrap_or(line);
                    match &other {
                        Some(file) => context.others.entry(file.clone()).or_default().push_str(&format!("{line}\n")),
                        None => context.lines.push(line.to_owned()),
                    }
                }
            }
            out.push_str(&format!("{block}\n\n"));
            continue;
        }
        let typed: Vec<&str> = lines.iter().copied().take_while(|line| !line.starts_with(TOLD)).collect();
        let (count, told) = context.told(&typed);
        if count != 1 {
            wrong.push(format!("{}: told {count} times\n{}\n{told}", context.file, typed.join("\n")));
        }
        out.push_str(&format!("{}\n{told}\n", typed.join("\n")));
    }
    (format!("{}\n", out.trim_end()), wrong)
}

fn hold(name: &str, is_told_once: bool) {
    let path = format!("{}/tests/messages/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let table = fs_err::read_to_string(&path).expect("the table is there");
    let (now, wrong) = retell(&table);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs_err::write(&path, &now).expect("written");
    }
    assert!(wrong.is_empty() || !is_told_once, "{} slips are not told once:\n\n{}", wrong.len(), wrong.join("\n"));
    let changed: Vec<String> = now
        .split("\n\n")
        .zip(table.split("\n\n"))
        .filter(|(now, then)| now.trim_end() != then.trim_end())
        .map(|(now, _)| now.to_owned())
        .collect();
    assert!(now == table, "{path}: {} are told otherwise now:\n\n{}", changed.len(), changed.join("\n\n"));
}

#[test]
fn a_slip_in_a_union_is_told_once_and_about_the_branch_that_was_meant() {
    hold("unions", true);
}

#[test]
fn a_misspelt_name_is_told_with_the_one_that_was_meant() {
    hold("names", true);
}

#[test]
fn a_fault_of_shape_hides_no_other_fault_and_has_none_that_follows_from_it() {
    hold("together", false);
}

#[test]
fn who_knows_airflow_is_told_what_its_words_are_here() {
    hold("airflow", false);
}

#[test]
fn who_knows_other_tools_is_told_what_their_words_are_here() {
    hold("elsewhere", false);
}

#[test]
fn who_is_in_a_hurry_is_told_what_to_type() {
    hold("hurry", false);
}
