//! Cron expressions: five fields, in the strict grammar that every scheduler reads alike.
//!
//! croniter, which Airflow uses, also takes `L`, `W`, `#`, six fields and wrapped ranges; other schedulers take none of these, or take
//! them otherwise, so they are refused.

/// A field's name, range, and names of its values.
struct Field {
    name: &'static str,
    from: u8,
    to: u8,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", from: 0, to: 59, words: &[] },
    Field { name: "hour", from: 0, to: 23, words: &[] },
    Field { name: "day of month", from: 1, to: 31, words: &[] },
    Field { name: "month", from: 1, to: 12, words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
    Field { name: "day of week", from: 0, to: 7, words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// Says what is wrong with a cron expression, and what to type.
///
/// # Errors
/// The title of a diagnostic and its help.
pub fn check_cron(expression: &str) -> Result<(), (String, String)> {
    if expression.starts_with('@') {
        let word = expression.trim_start_matches('@');
        return Err((
            format!("`{expression}` is no cron expression"),
            format!("write `schedule: {{ preset: {word} }}`, or `{{ every: 6h }}`"),
        ));
    }
    let fields: Vec<&str> = expression.split_ascii_whitespace().collect();
    if fields.len() != FIELDS.len() {
        let title = format!("`{expression}` has {} fields, and cron has five", fields.len());
        return Err((title, "write minute, hour, day of month, month and day of week: `0 3 * * *`".to_owned()));
    }
    fields.iter().zip(&FIELDS).try_for_each(|(text, field)| text.split(',').try_for_each(|part| check_part(part, field)))
}

fn check_part(part: &str, field: &Field) -> Result<(), (String, String)> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if let Some(step) = step {
        let sound = step.parse::<u8>().is_ok_and(|step| step >= 1 && step <= field.to) && step.bytes().all(|byte| byte.is_ascii_digit());
        if !sound {
            return Err((format!("`/{step}` is no step of the {}", field.name), format!("write a step from 1 to {}: `*/5`", field.to)));
        }
        if range != "*" && !range.contains('-') {
            return Err((format!("`{part}` has a step and no range"), format!("write `{range}-{}/{step}`", field.to)));
        }
    }
    if range == "*" {
        return Ok(());
    }
    match range.split_once('-') {
        None => value(range, field).map(|_| ()),
        Some((from, to)) if value(from, field)? <= value(to, field)? => Ok(()),
        Some((from, to)) => Err((
            format!("`{range}` runs backwards"),
            format!(
                "write two ranges: `{from}-{},{}-{to}`",
                field.to.min(if field.from == 0 && field.to == 7 { 6 } else { field.to }),
                field.from
            ),
        )),
    }
}

fn value(text: &str, field: &Field) -> Result<u8, (String, String)> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = field.words.iter().position(|word| *word == lower) {
        return Ok(u8::try_from(at).unwrap_or(u8::MAX).saturating_add(field.from));
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u8>() {
        Ok(number) if digits && (field.from..=field.to).contains(&number) => Ok(number),
        _ if digits => Err((
            format!("{} `{text}` is not from {} to {}", field.name, field.from, field.to),
            format!("write a number from {} to {}, or `*`", field.from, field.to),
        )),
        _ => Err((
            format!("`{text}` is no {}", field.name),
            format!("write numbers from {} to {}, `*`, ranges `1-5`, lists `1,3` or steps `*/2`", field.from, field.to),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_expressions_are_taken() {
        for expression in ["* * * * *", "0 3 * * *", "*/5 0-6,22 1-7/2 jan-mar MON-FRI", "0 0 1 1 7", "15,45 * * * 0"] {
            assert_eq!(check_cron(expression), Ok(()), "{expression}");
        }
    }

    #[test]
    fn what_schedulers_read_differently_is_refused() {
        for expression in [
            "",
            "* * * *",
            "0 0 3 * * *",
            "@daily",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * L * *",
            "* * 15W * *",
            "* * * * 5L",
            "* * * * 1#2",
            "5/15 * * * *",
            "* 22-2 * * *",
            "1,,2 * * * *",
            "*/0 * * * *",
            "+1 * * * *",
            "* * * * mon-",
            "? * * * *",
        ] {
            assert!(check_cron(expression).is_err(), "{expression}");
        }
    }
}
