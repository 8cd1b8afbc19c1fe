//! Where identity tokens come from, and the time that they are judged by.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::central::Token;

/// Holds a token where no file does. It is no option's default: help would print it.
const VARIABLE: &str = "FREEHOLD_IDENTITY_TOKEN";

/// The token in a file, or in the environment; `None` when there is none.
pub(super) fn find_token(file: Option<&Path>) -> Result<Option<Token>, Failure> {
    if let Some(file) = file {
        return read_token(file).map(Some);
    }
    // CI systems set variables to nothing where they have nothing.
    let text = std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
    text.map(token).transpose()
}

/// The token in a file.
pub(super) fn read_token(file: &Path) -> Result<Token, Failure> {
    let bytes = fs_err::read(file)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(format!("{} holds no identity token", file.display())))?;
    token(text)
}

pub(super) fn token(text: String) -> Result<Token, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Failure::new("the clock stands before the year 1970"))?;
    Ok(Token { text, now: since.as_secs(), checked_out: None, is_sent: false })
}
