//! Bytes to text.

use super::MAX_BYTES;
use crate::diag::{Diagnostic, codes as code};

/// The text of a file: UTF-8, without a byte-order mark.
///
/// # Errors
/// A diagnostic that names the line of the first byte that is none.
pub fn decode(path: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    let is_data = path.ends_with(".csv");
    if bytes.len() > MAX_BYTES && !is_data {
        let fault = Diagnostic::error(&code::BUDGET, format!("the file has {} bytes, and {MAX_BYTES} are read", bytes.len()));
        return Err(Box::new(fault.at_file(path, "").help("split it, or move long lists into a CSV file")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            let byte = error.as_bytes()[valid];
            let fault = Diagnostic::error(&code::NOT_UTF8, format!("byte 0x{byte:02x} in line {line} is not UTF-8"));
            Err(Box::new(fault.at_file(path, "").help("save the file as UTF-8")))
        }
    }
}

/// Characters that hide in a text or turn its direction: they make a reviewer see something else than a program reads.
pub(super) fn is_hidden(character: char) -> bool {
    let is_allowed_control = matches!(character, '\t' | '\n' | '\r');
    (character.is_control() && !is_allowed_control)
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
