//! Python names for what a generated file defines, none twice.

use std::collections::HashSet;

use super::python::Identifier;
use super::version::{Import, VERSIONS};
use crate::name::is_python_keyword;

/// Names that the file imports in lower case; a variable of that name would hide them.
const IMPORTED: [&str; 5] = ["datetime", "timedelta", "timezone", "task", "task_group"];

/// What a function that tells somebody is called with; it would hide an import of that name.
const CONTEXT: &str = "context";

/// The names given so far.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    items: HashSet<String>,
}

impl Names {
    /// A variable for what is called `words`, joined by `_`: as much of the end as makes it new, the whole with a number
    /// when nothing does.
    ///
    /// Names in YAML have single `_` only, so a name with `__` is never one of those.
    pub(super) fn variable(&mut self, words: &[&str]) -> Identifier {
        let words: Vec<String> = words.iter().map(|word| spell(word)).collect();
        let candidate = (0..words.len()).rev().map(|from| words[from..].join("__")).find(|name| !self.taken.contains(name));
        self.take(&candidate.unwrap_or_else(|| words.join("__")))
    }

    /// A variable for the item of a loop or a function, which others of their own may have too.
    pub(super) fn item(&mut self, word: &str) -> Identifier {
        let name = spell(word);
        let known = Identifier::parse(&name).filter(|_| self.items.contains(&name));
        known.unwrap_or_else(|| {
            let variable = self.variable(&[word]);
            self.items.insert(variable.as_str().to_owned());
            variable
        })
    }

    /// A constant for what is called `words`.
    pub(super) fn constant(&mut self, words: &[&str]) -> Identifier {
        let words: Vec<String> = words.iter().map(|word| word.replace('-', "_").to_uppercase()).collect();
        self.take(&words.join("_"))
    }

    /// A name of somebody else's that is imported: as it is, or an alias where it is taken.
    pub(super) fn import(&mut self, name: &Identifier) -> Identifier {
        let name = name.as_str();
        let is_ours = name == CONTEXT
            || IMPORTED.contains(&name)
            || Import::ALL.iter().any(|import| VERSIONS.iter().any(|version| import.is_called(name, version)));
        self.take(&if is_ours { format!("{name}__2") } else { name.to_owned() })
    }

    fn take(&mut self, name: &str) -> Identifier {
        let numbered = (2..).map(|number| format!("{name}__{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.taken.contains(name)).expect("numbers don't end");
        self.taken.insert(free.clone());
        Identifier::parse(&free).expect("made of letters, digits and underscores, and no keyword")
    }
}

/// A name's spelling in Python, where there is no `-`, and keywords and imported names are taken.
fn spell(word: &str) -> String {
    let letters: String = word.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let is_taken = is_python_keyword(&letters) || IMPORTED.contains(&letters.as_str());
    let starts_badly = !letters.starts_with(|first: char| first.is_ascii_alphabetic());
    match (is_taken, starts_badly) {
        (true, _) => letters + "_",
        (false, true) => format!("item_{letters}"),
        (false, false) => letters,
    }
}
