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
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Plain::Ambiguous("older YAML reads it as `true`", "`true`".to_owned()),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Plain::Ambiguous("older YAML reads it as `false`", "`false`".to_owned()),
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return Plain::Value(Value::String(text.to_owned()));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    older_number(sign, digits).unwrap_or_else(|| number(text, digits))
}

/// What YAML 1.1 reads as another number than YAML 1.2 does.
fn older_number(sign: &str, digits: &str) -> Option<Plain> {
    if is_digits(digits) && digits.len() > 1 && digits.starts_with('0') {
        let decimal = digits.trim_start_matches('0');
        let decimal = if decimal.is_empty() { "0" } else { decimal };
        let is_octal = sign.is_empty() && decimal.bytes().all(|digit| digit < b'8');
        let octal = if is_octal { format!("`0o{decimal}` for the octal number, or ") } else { String::new() };
        return Some(Plain::Ambiguous("older YAML reads a leading zero as octal", format!("{octal}`{sign}{decimal}` for the decimal one")));
    }
    if digits.contains('_') && !digits.starts_with('_') && is_digits(&digits.replace('_', "")) {
        return Some(Plain::Ambiguous("older YAML reads it as a number", format!("`{sign}{}`", digits.replace('_', ""))));
    }
    let (first, rest) = digits.split_once(':')?;
    let is_sixtieth = |part: &str| is_digits(part) && part.len() <= 2 && part.parse::<u8>().is_ok_and(|number| number < 60);
    if !is_digits(first) || first.starts_with('0') || !rest.split(':').all(is_sixtieth) {
        return None;
    }
    let seconds = digits.split(':').try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))?;
    Some(Plain::Ambiguous("older YAML reads it as a number in base 60", format!("`{sign}{seconds}`")))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str, digits: &str) -> Plain {
    if matches!(digits, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotFinite;
    }
    let stored = if let Some(hexadecimal) = text.strip_prefix("0x").filter(|rest| is_all(rest, |byte| byte.is_ascii_hexdigit())) {
        u64::from_str_radix(hexadecimal, 16).ok().map(Number::from)
    } else if let Some(octal) = text.strip_prefix("0o").filter(|rest| is_all(rest, |byte| matches!(byte, b'0'..=b'7'))) {
        u64::from_str_radix(octal, 8).ok().map(Number::from)
    } else if is_digits(digits) {
        let signed = text.strip_prefix('+').unwrap_or(text);
        signed.parse::<i64>().map(Number::from).or_else(|_| signed.parse::<u64>().map(Number::from)).ok()
    } else if is_float(digits) {
        text.parse().ok().and_then(Number::from_f64)
    } else {
        return Plain::Value(Value::String(text.to_owned()));
    };
    stored.map_or(Plain::NotFinite, |number| Plain::Value(Value::Number(number)))
}

fn is_all(text: &str, is_one: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is_one)
}

/// `(\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?`, as section 10.3.2 writes it, behind the sign.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_mantissa =
        if whole.is_empty() { is_digits(fraction) } else { is_digits(whole) && (fraction.is_empty() || is_digits(fraction)) };
    has_mantissa && exponent.is_none_or(|exponent| is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
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
        for text in [
            "1.2.3",
            "2026-01-01",
            "-",
            "--x",
            "500m",
            "2Gi",
            "+",
            ".",
            "1e",
            "-rf",
            "0xZZ",
            "10.0.0.1",
            "1-2",
            "e5",
            "infinity",
            "nan",
            "--5",
            "-+5",
            "--1_000",
            "0x+1F",
            "0x",
            "1:99",
            "08:30",
            "1e5e5",
            "1.-5",
        ] {
            assert_eq!(value(text), Some(text.into()), "{text}");
        }
    }

    #[test]
    fn what_yaml_versions_read_differently_is_told() {
        for text in ["yes", "No", "ON", "off", "012", "-012", "1_000", "1:30", "12:30:45"] {
            assert!(matches!(resolve(text), Plain::Ambiguous(..)), "{text}");
        }
        assert_eq!(
            resolve("0644"),
            Plain::Ambiguous(
                "older YAML reads a leading zero as octal",
                "`0o644` for the octal number, or `644` for the decimal one".to_owned()
            )
        );
        for text in [".inf", "-.inf", ".NaN", "1e999", "99999999999999999999", "0xFFFFFFFFFFFFFFFFFF"] {
            assert_eq!(resolve(text), Plain::NotFinite, "{text}");
        }
    }
}
