//! Plain scalars to values, by YAML 1.2's core schema (section 10.3.2).

use serde_json::Number;

use super::Value;

/// What a plain scalar is.
#[derive(Debug, PartialEq)]
pub(super) enum Plain {
    /// A value that every reader agrees on.
    Value(Value),
    /// A text that YAML 1.1 reads as something else; why, and what to write for that.
    Ambiguous(&'static str, String),
    /// A number that JSON cannot hold.
    NotFinite,
}

pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Value(Value::Null),
        "true" | "True" | "TRUE" => return Plain::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Plain::Value(Value::Bool(false)),
        _ => {}
    }
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" => return Plain::Ambiguous("older YAML reads it as `true`", "true".to_owned()),
        "no" | "off" => return Plain::Ambiguous("older YAML reads it as `false`", "false".to_owned()),
        ".inf" | "-.inf" | "+.inf" | ".nan" => return Plain::NotFinite,
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return Plain::Value(Value::String(text.to_owned()));
    }
    number(text)
}

fn number(text: &str) -> Plain {
    let digits = text.trim_start_matches(['-', '+']);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(digits) && digits.len() > 1 && digits.starts_with('0') && digits.len() == text.len() {
        let decimal = digits.trim_start_matches('0');
        return Plain::Ambiguous(
            "older YAML reads a leading zero as octal",
            if decimal.is_empty() { "0".to_owned() } else { decimal.to_owned() },
        );
    }
    if text.contains('_') && is_digits(&digits.replace('_', "")) && !digits.starts_with('_') {
        return Plain::Ambiguous("older YAML reads it as a number", text.replace('_', ""));
    }
    let parts: Vec<&str> = digits.split(':').collect();
    if parts.len() > 1 && parts.iter().enumerate().all(|(at, part)| is_digits(part) && (at == 0 || part.len() <= 2)) {
        let seconds = parts.iter().try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?));
        return Plain::Ambiguous(
            "older YAML reads it as a number in base 60",
            seconds.map_or_else(|| text.to_owned(), |seconds| seconds.to_string()),
        );
    }
    match parse_number(text, digits, is_digits(digits)) {
        Some(Some(number)) => Plain::Value(Value::Number(number)),
        Some(None) => Plain::NotFinite,
        None => Plain::Value(Value::String(text.to_owned())),
    }
}

/// The number; `Some(None)` for one that is too large, `None` for no number.
fn parse_number(text: &str, digits: &str, is_integer: bool) -> Option<Option<Number>> {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return u64::from_str_radix(hexadecimal, 16).ok().map(|number| Some(number.into()));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(|number| Some(number.into()));
    }
    if is_integer {
        let signed = text.strip_prefix('+').unwrap_or(text);
        return Some(signed.parse::<i64>().map(Number::from).or_else(|_| signed.parse::<u64>().map(Number::from)).ok());
    }
    let shape = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !shape || !digits.bytes().any(|byte| byte.is_ascii_digit()) || text.starts_with("--") {
        return None;
    }
    let float: f64 = text.parse().ok()?;
    Some(Number::from_f64(float))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<serde_json::Value> {
        match resolve(text) {
            Plain::Value(Value::Null) => Some(serde_json::Value::Null),
            Plain::Value(Value::Bool(flag)) => Some(flag.into()),
            Plain::Value(Value::Number(number)) => Some(number.into()),
            Plain::Value(Value::String(text)) => Some(text.into()),
            Plain::Value(_) | Plain::Ambiguous(..) | Plain::NotFinite => None,
        }
    }

    #[test]
    fn the_core_schema_is_followed() {
        assert_eq!(value("12"), Some(12.into()));
        assert_eq!(value("-12"), Some((-12).into()));
        assert_eq!(value("0x1F"), Some(31.into()));
        assert_eq!(value("1.5"), Some(1.5.into()));
        assert_eq!(value("1e3"), Some(1000.0.into()));
        assert_eq!(value("18446744073709551615"), Some(u64::MAX.into()));
        assert_eq!(value("true"), Some(true.into()));
        assert_eq!(value("~"), Some(serde_json::Value::Null));
    }

    #[test]
    fn texts_that_only_look_like_numbers_stay_texts() {
        for text in
            ["1.2.3", "2026-01-01", "-", "--x", "500m", "2Gi", "+", ".", "1e", "-rf", "0xZZ", "10.0.0.1", "1-2", "e5", "infinity", "nan"]
        {
            assert_eq!(value(text), Some(text.into()), "{text}");
        }
    }

    #[test]
    fn what_yaml_versions_read_differently_is_told() {
        for text in ["yes", "No", "ON", "off", "012", "1_000", "1:30", "12:30:45"] {
            assert!(matches!(resolve(text), Plain::Ambiguous(..)), "{text}");
        }
        for text in [".inf", "-.inf", ".NaN", "1e999", "99999999999999999999"] {
            assert_eq!(resolve(text), Plain::NotFinite, "{text}");
        }
    }
}
