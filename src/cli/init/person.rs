//! Whoever sits at the terminal, and is asked what nothing else tells.

use std::io::{BufRead, IsTerminal as _, Write};

use super::Failure;

/// Somebody to ask, or nobody.
pub(super) struct Person {
    ways: Option<(Box<dyn BufRead>, Box<dyn Write>)>,
}

impl Person {
    /// Nobody: every question is answered by its default.
    pub(super) fn nobody() -> Self {
        Self { ways: None }
    }

    /// Somebody, when both what is typed and what is shown are a terminal's.
    pub(super) fn at_the_terminal() -> Self {
        if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            return Self { ways: Some((Box::new(std::io::stdin().lock()), Box::new(std::io::stderr()))) };
        }
        Self::nobody()
    }

    /// Somebody who types this, for tests.
    #[cfg(test)]
    pub(super) fn answering(text: &str) -> Self {
        Self { ways: Some((Box::new(std::io::Cursor::new(text.to_owned())), Box::new(std::io::sink()))) }
    }

    /// Whether anybody is.
    pub(super) fn is_there(&self) -> bool {
        self.ways.is_some()
    }

    /// Asks until the answer is one. An empty answer is the default; with nobody there, so is everything.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
        option: &str,
    ) -> Result<T, Failure> {
        let Some((typed, shown)) = &mut self.ways else {
            return parse(default).map_err(|reason| Failure::new(reason).help(format!("add `{option}`")));
        };
        let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        loop {
            write!(shown, "{question}{hint}: ")?;
            shown.flush()?;
            let mut line = String::new();
            if typed.read_line(&mut line)? == 0 {
                return Err(Failure::new("nobody answers").help("give options, or `--no-input`"));
            }
            let answer = line.trim();
            match parse(if answer.is_empty() { default } else { answer }) {
                Ok(value) => return Ok(value),
                Err(reason) => writeln!(shown, "  {reason}")?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u8, String> {
        text.parse().map_err(|_| format!("`{text}` is no number"))
    }

    #[test]
    fn an_answer_is_asked_for_until_it_is_one_and_an_empty_one_is_the_default() {
        assert_eq!(Person::answering("many\n\u{e9}\n 7 \n").ask("how many", "3", number, "--many").ok(), Some(7));
        assert_eq!(Person::answering("\n").ask("how many", "3", number, "--many").ok(), Some(3));
    }

    #[test]
    fn an_end_of_the_answers_is_no_answer() {
        assert!(Person::answering("many\n").ask("how many", "3", number, "--many").is_err());
    }

    #[test]
    fn with_nobody_there_the_default_counts_or_the_option_is_named() {
        assert_eq!(Person::nobody().ask("how many", "3", number, "--many").ok(), Some(3));
        let failure = Person::nobody().ask("how many", "", number, "--many 3").err();
        assert_eq!(failure.and_then(|failure| failure.help).as_deref(), Some("add `--many 3`"));
    }
}
