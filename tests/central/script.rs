//! The examples of the pages about changes: what is written there is done to the company's central repository.
//!
//! A script is made of sections. `landed` is on the central branch already, and nobody judged it; `meanwhile` lands there
//! after the change was begun; `waiting churn/churn-model` changes what waits on that branch. `as team churn`, `as account ada` and `as the platform` change files and ask to land them,
//! by pull request or, with `pushing`, directly. `landed by bot` has that account push what `integrate` makes of all that waits, with the changes below
//! it, through the server's hook. `publish churn/churn-model` publishes what was published last, but for
//! what the lines below it say; with `token` among them it has an identity token of this very run, signed by a key of the tests. Lines below a section have two spaces, the content of a file four.

use freehold::central::{Asker, Consent, Update, Via};
use freehold::diag::Diagnostic;
use freehold::io::git::Landing;

use serde_json::Value;

use crate::ground::{Asked, Company, teams};
use crate::mint;

/// A section's first line, and the lines below it, each with the content that follows it.
type Section<'a> = (&'a str, Vec<(&'a str, String)>);

/// Does what the script says and gives what is found at its end.
pub fn perform(script: &str) -> Vec<Diagnostic> {
    let company = company();
    let (mut found, mut published) = (None, None);
    for (title, lines) in sections(script) {
        let words: Vec<&str> = title.split(' ').collect();
        match words.as_slice() {
            ["landed"] => {
                edit_all(&company, &lines);
                company.land("landed");
            }
            ["audited"] => return company.audited(),
            ["landed", "by", account] => return push_integrated(&company, account, &lines),
            ["integrated"] => return company.integrate().refused.into_iter().flat_map(|(_, found)| found).collect(),
            ["waiting", source] => company.tamper(&format!("publish/{source}"), |company| edit_all(company, &lines)),
            ["meanwhile"] => meanwhile(&company, &lines),
            ["as", who @ ..] => {
                edit_all(&company, &lines);
                company.commit("asked");
                let (who, landing) = match who {
                    [who @ .., "pushing"] => (who, Landing::Push),
                    who => (who, Landing::Merge),
                };
                published = None;
                found = Some((asker(who), landing));
            }
            ["publish", source, options @ ..] | ["then", "publish", source, options @ ..] => {
                published = Some(publish(&company, source, options, &lines));
                company.pull();
            }
            _ => panic!("`{title}` is no section"),
        }
    }
    if let Some(found) = published {
        return found;
    }
    let (asker, landing) = found.expect("a script ends with somebody who asks");
    company.judge_landing(&asker, landing).diagnostics
}

/// The company of the tests, whose team `churn` also keeps a source `notebooks` in the central repository itself.
fn company() -> Company {
    let company = Company::new();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    for name in ["drafts", "explore", "plots", "tables"] {
        company.write(&format!("sources/churn/notebooks/workflows/{name}.yaml"), &format!("workflow: {name}\n"));
    }
    company.regenerate("churn");
    company.land("notebooks");
    company
}

fn sections(script: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in script.lines().filter(|line| !line.is_empty()) {
        if let Some(content) = line.strip_prefix("    ") {
            let (_, text) = sections.last_mut().and_then(|(_, lines)| lines.last_mut()).expect("content follows a line");
            *text += &format!("{content}\n");
        } else if let Some(edit) = line.strip_prefix("  ") {
            sections.last_mut().expect("a line follows a section").1.push((edit, String::new()));
        } else {
            sections.push((line, Vec::new()));
        }
    }
    sections
}

fn asker(words: &[&str]) -> Asker {
    match words {
        ["team", team] => teams(&[team]),
        ["account", name] => Asker::Actor((*name).to_owned()),
        ["the", "platform"] => Asker::Platform,
        _ => panic!("`{words:?}` is nobody"),
    }
}

/// Has an account push the commit that lands all that waits, changed by these lines, and gives what the server's hook says of it.
fn push_integrated(company: &Company, account: &str, lines: &[(&str, String)]) -> Vec<Diagnostic> {
    let (tip, waiting) = (company.tip(), company.central_git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/publish"]));
    let commit = company.integrate().commit.expect("something waits").to_string();
    company.central_git(&["update-ref", "refs/heads/main", &tip]);
    for (name, commit) in waiting.lines().filter_map(|line| line.split_once(' ')) {
        company.central_git(&["update-ref", name, commit]);
    }
    company.git(&["fetch", "--quiet", "origin", &commit]);
    company.git(&["checkout", "--quiet", &commit]);
    edit_all(company, lines);
    company.git(&["add", "--all"]);
    company.git(&["commit", "--quiet", "--amend", "--no-edit"]);
    company.git(&["push", "--quiet", "origin", "HEAD:refs/heads/pushed"]);
    let new = Some(company.git(&["rev-parse", "HEAD"]));
    company.receive(&Asker::Actor(account.to_owned()), &Update { old: Some(tip), new, reference: "refs/heads/main".to_owned() })
}

fn meanwhile(company: &Company, lines: &[(&str, String)]) {
    let mine = company.git(&["rev-parse", "HEAD"]);
    company.git(&["reset", "--quiet", "--hard", "origin/main"]);
    edit_all(company, lines);
    company.land("meanwhile");
    company.git(&["reset", "--quiet", "--hard", &mine]);
}

fn edit_all(company: &Company, lines: &[(&str, String)]) {
    for (line, content) in lines {
        edit(company, line, content);
    }
}

fn edit(company: &Company, line: &str, content: &str) {
    let folder = company.clone_folder();
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["write", path] => company.write(path, content),
        ["delete", path] => drop(company.git(&["rm", "--quiet", "-r", path])),
        ["rename", from, "to", to] => {
            fs_err::create_dir_all(folder.join(to).parent().expect("it has one")).expect("made");
            company.git(&["mv", from, to]);
        }
        ["link", path, "to", target] => {
            // It may be new.
            let _ = fs_err::remove_file(folder.join(path));
            std::os::unix::fs::symlink(target, folder.join(path)).expect("linked");
        }
        ["fill", path, "with", bytes, "bytes"] => company.write(path, &"x".repeat(bytes.parse().expect("a number"))),
        ["compile", team] => company.regenerate(team),
        ["start", "from", revision] => drop(company.git(&["reset", "--quiet", "--hard", revision])),
        ["replace", "in", path] => {
            let (old, new) = content.trim_end().split_once('\n').expect("two lines: old and new");
            let text = fs_err::read_to_string(folder.join(path)).expect("it is there");
            assert!(text.contains(old), "{path} has no {old}");
            company.write(path, &text.replace(old, new));
        }
        _ => panic!("`{line}` is no edit"),
    }
}

fn publish(company: &Company, source: &str, options: &[&str], lines: &[(&str, String)]) -> Vec<Diagnostic> {
    let mut asked = match source {
        "churn/churn-model" => company.churn(),
        "ads/reports" => company.ads(),
        other => panic!("{other} is not published"),
    };
    for option in options {
        let consent = &mut asked.consent;
        *consent = match *option {
            "--rollback" => Consent { rollback: true, ..*consent },
            "--repair" => Consent { repair: true, ..*consent },
            "--via-branch" => {
                asked.via = Via::Branch;
                *consent
            }
            other => panic!("{other} is no option"),
        };
    }
    let mut claims = None;
    for (line, content) in lines {
        match line.strip_prefix("token") {
            Some(claim) => {
                claims = Some(claimed(claims, claim.trim()));
                asked = asked.token_of(claims.as_ref().expect("just said"), "tests-ec");
            }
            None => asked = change(asked, line, content),
        }
    }
    company.publish(&asked).expect("git works").plan.diagnostics
}

/// GitHub's claims of a push, but for the one that is said.
fn claimed(claims: Option<Value>, claim: &str) -> Value {
    let claims = claims.unwrap_or_else(mint::github);
    claim.split_once(' ').map_or_else(|| claims.clone(), |(name, value)| mint::but(claims.clone(), name, value))
}

fn change(mut asked: Asked, line: &str, content: &str) -> Asked {
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["with", path] => asked.with(path, content),
        ["without", path] => asked.without(path),
        ["repository", id, name] => asked.repository(id.parse().expect("a number"), name),
        ["commit", commit] => asked.commit(commit),
        ["ref", reference] => {
            asked.origin.reference = Some((*reference).to_owned());
            asked
        }
        ["event", event] => {
            asked.origin.event = Some((*event).to_owned());
            asked
        }
        _ => panic!("`{line}` says nothing about a publish"),
    }
}
