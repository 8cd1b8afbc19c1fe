//! Bytes to text, and what a text may not hold.

use super::MAX_BYTES;
use crate::diag::{Diagnostic, codes as code};
use crate::source::{SourceId, Span};

/// The text of a file: UTF-8, without a byte-order mark.
///
/// # Errors
/// A diagnostic that names the line of the first byte that is none.
pub fn decode(path: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    let is_data = path.ends_with(".csv");
    if bytes.len() > MAX_BYTES && !is_data {
        return Err(Box::new(too_long(bytes.len()).at_file(path, "")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let is_utf_16 = error.as_bytes().starts_with(&[0xff, 0xfe]) || error.as_bytes().starts_with(&[0xfe, 0xff]);
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            let byte = error.as_bytes()[valid];
            let title = if is_utf_16 { "the file is UTF-16".to_owned() } else { format!("byte 0x{byte:02x} in line {line} is not UTF-8") };
            Err(Box::new(Diagnostic::error(&code::NOT_UTF8, title).at_file(path, "").help("save the file as UTF-8")))
        }
    }
}

fn too_long(bytes: usize) -> Diagnostic {
    let fault = Diagnostic::error(&code::BUDGET, format!("the file has {bytes} bytes, and {MAX_BYTES} are read"));
    fault.help("split it, or move long lists into a CSV file")
}

/// Refuses a text that is too long, or that reads otherwise than it looks.
pub(super) fn screen(file: SourceId, text: &str) -> Result<(), Box<Diagnostic>> {
    if text.len() > MAX_BYTES {
        return Err(Box::new(too_long(text.len()).at(Span::new(file, 0, 0), "")));
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - body.len();
    let hidden = body.char_indices().find(|(at, character)| match character {
        // By itself it sends a terminal back to the start of the line, and YAML on to the next.
        '\r' => !body[at + 1..].starts_with('\n'),
        other => is_hidden(*other),
    });
    let Some((at, character)) = hidden else { return screen_indentation(file, body, offset) };
    let span = Span::new(file, offset + at, offset + at + character.len_utf8());
    let fault = Diagnostic::error(&code::HIDDEN_CHARACTER, format!("an invisible character, U+{:04X}, stands here", u32::from(character)));
    Err(Box::new(fault.at(span, "it can make the text read otherwise than it is").help("delete it")))
}

/// A space that is none to YAML, where a line is indented with it: pasted from a web page or a chat.
fn screen_indentation(file: SourceId, body: &str, offset: usize) -> Result<(), Box<Diagnostic>> {
    const WIDE: [char; 2] = ['\u{a0}', '\u{3000}'];
    let mut start = offset;
    let wide = body.split_inclusive('\n').find_map(|line| {
        let at = line.find(|letter| letter != ' ')?;
        let found = line[at..].chars().next().filter(|letter| WIDE.contains(letter));
        start += if found.is_some() { at } else { line.len() };
        found
    });
    let Some(wide) = wide else { return Ok(()) };
    let span = Span::new(file, start, start + wide.len_utf8());
    let title = format!("a space that is none to YAML, U+{:04X}, indents this line", u32::from(wide));
    let fault = Diagnostic::error(&code::HIDDEN_CHARACTER, title);
    Err(Box::new(fault.at(span, "").help("delete the indentation, and type it again with the space bar")))
}

/// Characters that hide in a text or turn its direction: they make a reviewer see something else than a program reads.
/// The joiners U+200C and U+200D are taken: emoji and several scripts are written with them.
fn is_hidden(character: char) -> bool {
    let is_allowed_control = matches!(character, '\t' | '\n');
    (character.is_control() && !is_allowed_control)
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
