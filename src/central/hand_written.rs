//! What the text of a hand-written Airflow file shows, without running it: ids of its DAGs, and what it may not find where it moves to.
//!
//! A text shows less than Python would: an id that is put together, or a DAG that another module makes, is not in it. So nothing is decided
//! by what is found here; the platform's grant says which DAGs a file has, and whoever writes it is helped.

use std::ops::Range;

use crate::diag::{Diagnostic, codes as code, quoted_list};

/// What a text shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The ids of DAGs that are written out, in the order written, each once.
    pub ids: Vec<String>,
    /// Whether a DAG is made whose id is not written out.
    pub has_other_dags: bool,
    /// Texts that may name a file.
    pub texts: Vec<String>,
    /// What depends on where the file lies: a relative import, `__file__`.
    pub bound: Vec<&'static str>,
}

impl Shown {
    /// A warning when a file goes to another folder and looks for something in its own; `is_there` tells whether a path is one of the
    /// central repository.
    ///
    /// # Errors
    /// Those of `is_there`.
    pub fn left_behind<E>(&self, from: &str, to: &str, is_there: impl Fn(&str) -> Result<bool, E>) -> Result<Option<Diagnostic>, E> {
        let folder = |path: &'_ str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if folder(from) == folder(to) {
            return Ok(None);
        }
        let mut reasons: Vec<String> = self.bound.iter().map(|what| (*what).to_owned()).collect();
        for text in &self.texts {
            let beside = format!("{}/{text}", folder(from));
            if is_there(&beside)? {
                reasons.push(format!("`{beside}`, by its place"));
            }
        }
        if reasons.is_empty() {
            return Ok(None);
        }
        let fault = Diagnostic::warning(&code::LEFT_BEHIND, format!("`{from}` may not find everything from `{to}`"));
        let fault = fault.at_file(from, format!("it uses {}", reasons.join(", ")));
        let help =
            "load it at its new place before it lands; where that fails, have it find things from the DAGs folder, and grant it anew";
        Ok(Some(fault.help(help)))
    }

    /// A warning when DAGs are written out that a grant does not name.
    #[must_use]
    pub fn not_granted<'a>(&self, file: &str, grant: &str, granted: impl IntoIterator<Item = &'a str>) -> Option<Diagnostic> {
        let granted: Vec<&str> = granted.into_iter().collect();
        let missing = quoted_list(self.ids.iter().map(String::as_str).filter(|id| !granted.contains(id)));
        (!missing.is_empty()).then(|| {
            let fault = Diagnostic::warning(&code::UNNAMED_DAG, format!("`{file}` seems to make {missing}, which its grant does not name"));
            let fault = fault.at_file(file, "so its text says").at_file(grant, format!("`dag_ids` has {}", quoted_list(granted)));
            fault.help("have the platform's people add what is missing to its `dag_ids`: another workflow could take the id")
        })
    }
}

/// A piece of Python: names, texts and single other characters, without blanks and comments.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    /// A text that is written out; none where parts of it are put in.
    Text(Option<&'a str>),
    Other(char),
    Line,
}

/// Looks at the text of a file.
#[must_use]
pub fn look(text: &str) -> Shown {
    let tokens = tokens(text);
    let mut shown = Shown::default();
    for at in 0..tokens.len() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        match &tokens[at] {
            Token::Name("DAG") if tokens.get(at + 1) == Some(&Token::Other('(')) && before != Some(&Token::Name("class")) => {
                note(&mut shown, argument(&tokens[at + 2..]).unwrap_or_default());
            }
            Token::Name("dag") if is_decorator(&tokens[..at]) => note(&mut shown, decorated(&tokens[at + 1..])),
            Token::Name("from") if matches!(before, None | Some(Token::Line)) && tokens.get(at + 1) == Some(&Token::Other('.')) => {
                bind(&mut shown, "a relative import");
            }
            Token::Name("__file__") => bind(&mut shown, "`__file__`"),
            Token::Text(Some(text)) if is_like_a_path(text) => shown.texts.push((*text).to_owned()),
            Token::Name(_) | Token::Text(_) | Token::Other(_) | Token::Line => {}
        }
    }
    shown.texts.sort_unstable();
    shown.texts.dedup();
    shown
}

fn note(shown: &mut Shown, id: Option<&str>) {
    match id {
        Some(id) if shown.ids.iter().any(|known| known == id) => {}
        Some(id) => shown.ids.push(id.to_owned()),
        None => shown.has_other_dags = true,
    }
}

fn bind(shown: &mut Shown, what: &'static str) {
    if !shown.bound.contains(&what) {
        shown.bound.push(what);
    }
}

fn is_like_a_path(text: &str) -> bool {
    const LONGEST: usize = 200;
    text.len() <= LONGEST && text.contains('.') && !text.starts_with('/') && !text.contains(char::is_whitespace)
}

/// Whether a name behind these tokens is a decorator: `@dag`, `@decorators.dag`.
fn is_decorator(before: &[Token<'_>]) -> bool {
    let mut rest = before;
    while let [more @ .., Token::Name(_), Token::Other('.')] = rest {
        rest = more;
    }
    rest.last() == Some(&Token::Other('@'))
}

/// The id that a decorator gives to the function below it: its argument, or the function's name.
fn decorated<'a>(rest: &[Token<'a>]) -> Option<&'a str> {
    if rest.first() == Some(&Token::Other('('))
        && let Some(id) = argument(&rest[1..])
    {
        return id;
    }
    let def = rest.iter().position(|token| *token == Token::Name("def"))?;
    match rest.get(def + 1) {
        Some(Token::Name(name)) => Some(name),
        Some(Token::Text(_) | Token::Other(_) | Token::Line) | None => None,
    }
}

/// The id among the arguments of a call: of that name, or the first. `None` when there is none; `Some(None)` when it is not written out.
#[expect(clippy::option_option, reason = "an id that is not said, and one that is not written out, are two things")]
fn argument<'a>(rest: &[Token<'a>]) -> Option<Option<&'a str>> {
    let arguments = arguments(rest);
    let value = |tokens: &[Token<'a>]| match tokens {
        [Token::Text(text)] => *text,
        _ => None,
    };
    let tokens =
        |range: &Range<usize>| -> Vec<Token<'a>> { rest[range.clone()].iter().filter(|token| **token != Token::Line).cloned().collect() };
    for (position, range) in arguments.iter().enumerate() {
        match tokens(range).as_slice() {
            [Token::Name("dag_id"), Token::Other('='), id @ ..] => return Some(value(id)),
            // Whatever is in it.
            [Token::Other('*'), Token::Other('*'), ..] => return Some(None),
            [Token::Name(_), Token::Other('='), ..] | [] => {}
            id if position == 0 => return Some(value(id)),
            _ => {}
        }
    }
    None
}

/// Tokens of one call that are looked at: brackets that are never closed are no reason to read a file again and again.
const MOST: usize = 10_000;

/// The arguments of a call whose opening bracket is before these tokens.
fn arguments(rest: &[Token<'_>]) -> Vec<Range<usize>> {
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, token) in rest.iter().enumerate().take(MOST) {
        match token {
            Token::Other('(' | '[' | '{') => depth += 1,
            Token::Other(')' | ']' | '}') if depth == 0 => {
                found.push(start..at);
                break;
            }
            Token::Other(')' | ']' | '}') => depth -= 1,
            Token::Other(',') if depth == 0 => {
                found.push(start..at);
                start = at + 1;
            }
            Token::Name(_) | Token::Text(_) | Token::Other(_) | Token::Line => {}
        }
    }
    found
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '\'' | '"' => {
                let (token, length) = quoted(rest, "");
                found.push(token);
                length
            }
            '\n' => {
                found.push(Token::Line);
                1
            }
            first if first.is_whitespace() || first == '\\' => first.len_utf8(),
            first if first == '_' || first.is_alphanumeric() => {
                let end = rest.find(|letter: char| letter != '_' && !letter.is_alphanumeric()).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                if is_prefix(name) && behind.starts_with(['\'', '"']) {
                    let (token, length) = quoted(behind, name);
                    found.push(token);
                    end + length
                } else {
                    found.push(Token::Name(name));
                    end
                }
            }
            other => {
                found.push(Token::Other(other));
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// Whether a name before a quote says what kind of text follows.
fn is_prefix(name: &str) -> bool {
    name.len() <= 2 && name.chars().all(|letter| "rRbBuUfFtT".contains(letter))
}

/// A text with its quotes, and its length; one without an end goes to the end of its line, or of the file.
fn quoted<'a>(rest: &'a str, prefix: &str) -> (Token<'a>, usize) {
    let quote = &rest[..1];
    let triple = quote.repeat(3);
    let mark = if rest.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = mark.len();
    while let Some(letter) = rest[at..].chars().next() {
        if rest[at..].starts_with(mark) {
            let inside = &rest[mark.len()..at];
            let is_plain = !prefix.contains(['f', 'F', 't', 'T', 'b', 'B']) && !inside.contains('\\');
            return (Token::Text(is_plain.then_some(inside)), at + mark.len());
        }
        if letter == '\n' && mark.len() == 1 {
            break;
        }
        at += letter.len_utf8();
        if letter == '\\' {
            at += rest[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    (Token::Text(None), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> (Vec<String>, bool) {
        let shown = look(text);
        (shown.ids, shown.has_other_dags)
    }

    #[test]
    fn ids_that_are_written_out_are_found() {
        for text in [
            "with DAG(\"a\") as dag:\n    pass\n",
            "dag = DAG(dag_id='a', schedule=None)\n",
            "dag = models.DAG(\n    # the id\n    schedule='@daily',\n    dag_id = r\"a\",\n)\n",
            "@dag\ndef a():\n    pass\na()\n",
            "@dag(schedule=f(1, [2]), tags=['x'])\ndef a():\n    pass\n",
            "@decorators.dag('a')\ndef b():\n    pass\n",
            "DAG('a')\nDAG(\"\"\"a\"\"\")\n",
        ] {
            assert_eq!(ids(text), (vec!["a".to_owned()], false), "{text}");
        }
        assert_eq!(ids("DAG('b')\nDAG('a')\n").0, ["b", "a"]);
    }

    #[test]
    fn ids_that_are_put_together_are_told_and_not_guessed() {
        for text in [
            "DAG(f'a_{customer}')",
            "DAG(name)",
            "DAG('a' + name)",
            "DAG(dag_id='a_%s' % name)",
            "DAG(schedule=None, **settings)",
            "DAG('a\\x62')",
            "DAG()",
            "DAG('a' 'b')",
            "@dag(dag_id=NAME)\ndef a(): ...",
        ] {
            assert_eq!(ids(text), (Vec::new(), true), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_dag_is_none() {
        for text in
            ["# DAG('a')", "'''DAG(\"a\")'''", "class DAG(Base): pass", "from airflow import DAG", "MyDAG('a')", "dag('a')", "x = '"]
        {
            assert_eq!(ids(text), (Vec::new(), false), "{text}");
        }
    }

    #[test]
    fn what_depends_on_the_place_is_found() {
        assert_eq!(look("from . import common\nprint(__file__)\nfrom .. import x\n").bound, ["a relative import", "`__file__`"]);
        assert_eq!(look("from airflow import DAG\nyield_from = 1\n\"__file__\"\n").bound, Vec::<&str>::new());
        assert_eq!(look("x(sql='queries/a.sql', y='/etc/x.cfg', z='a b.c')").texts, ["queries/a.sql"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at_and_nothing_is_made_up(text in "(DAG\\(|@dag|dag_id=|def |['\"\\\\(),\\n#fr]|\u{e9}|a){0,40}") {
            let shown = look(&text);
            proptest::prop_assert!(shown.ids.iter().chain(&shown.texts).all(|found| text.contains(found.as_str())), "{shown:?}");
        }
    }
}
