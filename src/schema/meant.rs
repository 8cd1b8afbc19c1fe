//! What people most probably meant by a value of another shape: the same in the form that is taken, ready to be typed.

use std::borrow::Cow;

use serde_json::Value;

use super::lookup::{Found, Way};
use super::timetable;
use crate::diag::{Code, suggest};
use crate::source::Texts;
use crate::yaml::{Entry, Node, Value as Yaml};

/// The longest text that is shown again in another form.
const LONGEST: usize = 80;

/// A text that only needs another form, by what is expected in its place.
pub(super) fn text(text: &str, expected: &str, way: &Way) -> Option<String> {
    let meant = match expected {
        expected if expected.starts_with("a day") => day(text),
        expected if expected.starts_with("a duration") => duration(text),
        expected if expected.starts_with("a quantity") => quantity(text),
        expected if expected.starts_with("a full ref") => is_word(text).then(|| format!("refs/heads/{text}")),
        expected if expected.starts_with("a code") || expected.starts_with("the code") => code(text),
        expected if expected.starts_with("`{cron:") => schedule(text, way),
        expected if expected.starts_with("a task name") => return group(text),
        _ => None,
    };
    meant.map(|meant| format!("`{meant}`"))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character))
}

/// The group of `group.task` and `group/task`.
fn group(text: &str) -> Option<String> {
    let (group, inside) = text.split_once(['.', '/'])?;
    (is_word(group) && is_word(inside)).then(|| format!("`{group}`: what is inside of a group is waited for by the group's name"))
}

fn code(text: &str) -> Option<String> {
    let named = || Code::suggest(text).and_then(Code::find);
    Code::find(text).or_else(named).map(|code| code.id.to_owned())
}

/// A day whose year comes first, with the zeros that it needs. Nobody knows which of `01/02/2026` is the month.
fn day(text: &str) -> Option<String> {
    // Python's `datetime(2026, 1, 31)` too.
    let called = ["datetime(", "datetime.datetime(", "pendulum.datetime(", "date("].iter().find_map(|class| text.strip_prefix(class));
    let text = called.and_then(|arguments| arguments.strip_suffix(')')).unwrap_or(text);
    let parts: Option<Vec<u32>> = text.split(['-', '/', '.', ',']).map(|part| part.trim().parse().ok()).collect();
    match *parts?.as_slice() {
        [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] => Some(format!("{year}-{month:02}-{day:02}")),
        _ => None,
    }
}

/// A length of time in our form: from a clock's (`01:30:00`), ISO 8601's (`PT2H`), Python's (`timedelta(hours=2)`) or words (`1h30m`).
fn duration(text: &str) -> Option<String> {
    let seconds = clock(text).or_else(|| units(text))?;
    let sizes = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let (size, unit) = sizes.into_iter().find(|(size, _)| seconds != 0 && seconds.is_multiple_of(*size)).unwrap_or((1, 's'));
    Some(format!("{}{unit}", seconds / size))
}

/// An amount in Kubernetes' notation, from `2 Gi`, `2GB`, `512 MiB` or `0.5 cores`.
fn quantity(text: &str) -> Option<String> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let (number, unit) = text.split_at(end);
    number.parse::<f64>().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let ours = match unit.as_str() {
        "" | "b" | "byte" | "bytes" | "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" => String::new(),
        "millicore" | "millicores" | "millicpu" => "m".to_owned(),
        // Kubernetes takes it for a thousandth, and nobody wants a thousandth of a byte.
        "m" => return None,
        prefixed => {
            let prefix = prefixed.chars().next().filter(|first| "kmgtpe".contains(*first))?;
            let large = prefix.to_ascii_uppercase();
            match &prefixed[1..] {
                "i" | "ib" => format!("{large}i"),
                "" | "b" if prefix == 'k' => "k".to_owned(),
                "" | "b" => large.to_string(),
                _ => return None,
            }
        }
    };
    Some(format!("{number}{ours}"))
}

fn clock(text: &str) -> Option<u64> {
    let parts: Option<Vec<u64>> = text.split(':').map(|part| part.parse().ok()).collect();
    let (hours, minutes, seconds) = match *parts?.as_slice() {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?.checked_add(seconds)
}

/// Numbers with a unit behind each, or before each as Python's arguments have it.
fn units(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let inner = lower.strip_prefix("timedelta(").and_then(|rest| rest.strip_suffix(')'));
    let is_before = inner.is_some();
    let plain = inner.unwrap_or(&lower);
    let plain = plain.strip_prefix("every ").or_else(|| plain.strip_prefix('p')).unwrap_or(plain);
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    for part in plain.split(|character: char| !is_number(character) && !character.is_ascii_alphabetic()) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|character| is_number(character) != is_number(first)).unwrap_or(rest.len());
            words.push(rest[..end].into());
            rest = &rest[end..];
        }
    }
    words.retain(|word| word != "and" && word != "t");
    if words.is_empty() || plain.contains('-') {
        return None;
    }
    words.chunks(2).try_fold(0_u64, |sum, pair| {
        let [one, two] = pair else { return None };
        let (number, unit) = if is_before { (two, one) } else { (one, two) };
        sum.checked_add(seconds(number, unit.strip_prefix('t').unwrap_or(unit))?)
    })
}

fn seconds(number: &str, unit: &str) -> Option<u64> {
    let size = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = u32::try_from(part.len()).ok().filter(|digits| *digits <= 3)?;
    let scale = 10_u64.pow(digits);
    let scaled = format!("{whole}{part}").parse::<u64>().ok()?.checked_mul(size)?;
    scaled.is_multiple_of(scale).then(|| scaled / scale)
}

/// A schedule that is a text: what kind it is shows at its look.
fn schedule(text: &str, way: &Way) -> Option<String> {
    let presets = || {
        let listed = way.union().find_map(|schema| schema.pointer("/properties/preset/enum")).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str)
    };
    let word = text.trim_start_matches('@').to_ascii_lowercase();
    match word.as_str() {
        "once" | "none" | "null" | "never" | "manual" | "" => return Some("none".to_owned()),
        "midnight" => return Some("{ preset: daily }".to_owned()),
        "annually" => return Some("{ preset: yearly }".to_owned()),
        _ => {}
    }
    if let Some(near) = suggest(&word, presets()) {
        return Some(format!("{{ preset: {near} }}"));
    }
    let is_cron =
        text.split_ascii_whitespace().count() == 5 && text.contains(|character: char| character == '*' || character.is_ascii_digit());
    if is_cron && !text.contains('"') {
        return Some(format!("{{ cron: \"{text}\" }}"));
    }
    if let Some(cron) = timetable::cron(text) {
        return Some(format!("{{ cron: \"{cron}\" }}"));
    }
    if text.contains("://") && is_short(text) {
        return Some(format!("{{ assets: [\"{text}\"] }}"));
    }
    duration(text).map(|every| format!("{{ every: {every} }}"))
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= LONGEST && !text.contains(['\n', '"', '`'])
}

/// What a value of another kind stands for in the form that is taken: what to type, as the end of "write …".
pub(super) fn retold(found: &Found<'_>, accepted: &[String], way: &Way, texts: &Texts) -> Option<String> {
    let takes = |name: &str| accepted.iter().any(|each| each == name);
    let written = texts.slice(found.node.span);
    if takes("object") {
        let typed = if is_short(written) || matches!(found.node.value, Yaml::List(_)) { as_map(found, written, way, texts) } else { None };
        return typed.map(|typed| format!("`{typed}`"));
    }
    if takes("array") {
        return as_list(found.node, written, way);
    }
    unwrapped(found.node, way, texts).map(|inner| format!("`{inner}`"))
}

/// A map in place of the one thing that people name by it.
fn as_map(found: &Found<'_>, written: &str, way: &Way, texts: &Texts) -> Option<String> {
    let is_list = match &found.node.value {
        Yaml::List(items) => {
            if let Some(by_name) = by_name(items, way, texts).filter(|_| found.name != Some("for_each")) {
                return Some(by_name);
            }
            true
        }
        Yaml::Null | Yaml::Map(_) => return None,
        Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => false,
    };
    if !is_short(written.trim_matches('"')) {
        return None;
    }
    let is_path = written.starts_with('/');
    match (found.owner, found.name?, is_list) {
        (_, "schedule", true) if written.contains("://") => Some(format!("{{ assets: {written} }}")),
        (_, "schedule", true) if written.contains('*') => Some(format!("{{ cron: {written} }}")),
        (_, "wait_for", false) => Some(format!("{{ workflow: {written} }}")),
        (_, "notify", true) => Some(format!("{{ on_failure: {written} }}")),
        (_, "notify", false) => Some(format!("{{ on_failure: [{written}] }}")),
        (_, "target", false) if written.contains(|c: char| c.is_ascii_digit()) => {
            Some(format!("{{ airflow: \"{}\" }}", written.trim_matches('"')))
        }
        (_, "target", false) => Some("{ airflow: \"3.1\" }".to_owned()),
        (_, "resources", false) => Some(format!("{{ requests: {{ memory: {written} }} }}")),
        (Some("volumes"), _, false) if is_path => Some(format!("{{ pvc: NAME, at: {written} }}")),
        (Some("volumes"), _, false) => Some(format!("{{ pvc: {written}, at: /data }}")),
        (Some("notifiers"), _, false) => Some(format!("{{ class: {written} }}")),
        (Some("bounds"), _, false) => Some(format!("{{ maximum: {written} }}")),
        (Some("pools"), _, false) => Some(format!("{{ slots: {written} }}")),
        (Some("params" | "parameters"), _, false) => Some(as_schema(found.node, written)),
        // A task without its name.
        (Some("tasks"), key, _) if way.last().get("properties").is_some_and(|known| known.get(key).is_some()) => {
            Some(format!("train: {{ {key}: {written} }}"))
        }
        (Some("tasks"), _, true) => Some(format!("{{ args: {written} }}")),
        (Some("tasks"), _, false) => Some(format!("{{ args: [{written}] }}")),
        (_, "for_each", true) => Some(format!("{{ item: {written} }}")),
        (_, "for_each", false) if written.contains("${{") => Some(format!("{{ item: {written} }}")),
        (_, "for_each", false) if written.contains(".csv") => Some(format!("{{ item: {{ file: {written}, key: id }} }}")),
        _ => None,
    }
}

/// The schema of a parameter that is given by its type or its default alone.
fn as_schema(node: &Node, written: &str) -> String {
    match &node.value {
        Yaml::String(word) if ["string", "integer", "number", "boolean", "array", "object"].contains(&word.as_str()) => {
            format!("{{ type: {word} }}")
        }
        Yaml::Number(number) if number.is_i64() || number.is_u64() => format!("{{ type: integer, default: {written} }}"),
        Yaml::Number(_) => format!("{{ type: number, default: {written} }}"),
        Yaml::Bool(_) => format!("{{ type: boolean, default: {written} }}"),
        Yaml::Null | Yaml::String(_) | Yaml::List(_) | Yaml::Map(_) => format!("{{ type: string, default: {written} }}"),
    }
}

/// A list of `NAME=value`, of maps that have a name, or of names, where each stands behind its name.
fn by_name(items: &[Node], way: &Way, texts: &Texts) -> Option<String> {
    if !way.last().get("additionalProperties").is_some_and(Value::is_object) {
        return None;
    }
    let first = items.first()?;
    if let Some(text) = first.as_str() {
        return match text.split_once('=') {
            Some((name, value)) if is_short(text) && is_word(name) => Some(format!("{{ {name}: {value} }}")),
            Some(_) => None,
            None => is_word(text).then(|| format!("{text}: …")),
        };
    }
    let name = first.get("name").and_then(Node::as_str).filter(|name| is_word(name))?;
    let value = first.get("value").map(|value| texts.slice(value.span)).filter(|value| is_short(value));
    Some(value.map_or_else(|| format!("{name}: {{ … }}"), |value| format!("{{ {name}: {value} }}")))
}

/// A map in place of the list that it is an item of.
fn as_list(node: &Node, written: &str, way: &Way) -> Option<String> {
    let items = way.last().get("items")?;
    let takes_maps = items.get("$ref").is_some() || items.get("properties").is_some();
    let Yaml::Map(_) = &node.value else { return None };
    match takes_maps {
        true if written.starts_with('{') && is_short(written) => Some(format!("a list: `[{written}]`")),
        true => Some("a list: put `- ` before the first key, and indent the others like it".to_owned()),
        false => None,
    }
}

/// The one thing in a list or a map, where that thing alone is taken.
fn unwrapped(node: &Node, way: &Way, texts: &Texts) -> Option<String> {
    let inner = match &node.value {
        Yaml::List(items) => match items.as_slice() {
            [one] => one,
            _ => return None,
        },
        Yaml::Map(entries) => match entries.as_slice() {
            [Entry { key, value }] => {
                let expects_duration = way.union().any(|schema| {
                    schema.get("x-expects").and_then(Value::as_str).is_some_and(|expected| expected.starts_with("a duration"))
                });
                if let (true, Yaml::Number(number)) = (expects_duration, &value.value) {
                    return duration(&format!("{number} {}", key.value));
                }
                value
            }
            _ => return None,
        },
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => return None,
    };
    let is_taken = jsonschema::validator_for(way.last()).is_ok_and(|validator| validator.is_valid(&inner.to_json()));
    let written = texts.slice(inner.span);
    (is_taken && is_short(written.trim_matches('"')) && !written.is_empty()).then(|| written.to_owned())
}

/// The example that the description of a key ends with: "…, by its name: `Europe/Prague`."
pub(super) fn example<'a>(way: &Way, accepted: &[String]) -> Option<&'a str> {
    let description = way.last().get("description").and_then(Value::as_str)?;
    let (_, behind) = description.split_once(": `")?;
    let (example, _) = behind.split_once('`')?;
    let kind = match example.chars().next()? {
        '[' => "array",
        '{' => "object",
        _ if accepted.len() == 1 && accepted.iter().any(|each| each == "string") => "string",
        _ => return None,
    };
    accepted.iter().any(|each| each == kind).then_some(example)
}

#[cfg(test)]
mod tests {
    use super::{day, duration, quantity};

    #[test]
    fn amounts_of_other_tools_are_read() {
        let read = |text| quantity(text).unwrap_or_default();
        let told =
            [("2 Gi", "2Gi"), ("2GB", "2G"), ("512 MiB", "512Mi"), ("64kb", "64k"), ("0.5 cores", "0.5"), ("500 millicores", "500m")];
        for (text, meant) in told {
            assert_eq!(read(text), meant, "{text}");
        }
        for text in ["", "two", "Gi", "512 m", "1.2.3 Gi", "2 fathoms", "2Gx", "-2Gi"] {
            assert_eq!(read(text), "", "{text}");
        }
    }

    #[test]
    fn lengths_of_time_of_other_tools_are_read() {
        let read = |text| duration(text).unwrap_or_default();
        assert_eq!(read("01:30:00"), "90m");
        assert_eq!(read("2 hours"), "2h");
        assert_eq!(read("1h30m"), "90m");
        assert_eq!(read("1.5h"), "90m");
        assert_eq!(read("PT2H"), "2h");
        assert_eq!(read("timedelta(days=1, hours=12)"), "36h");
        assert_eq!(read("every 6h"), "6h");
        assert_eq!(read("5 min"), "5m");
        for text in ["", "2", "soon", "-2h", "2 fortnights", "1.00001h", "99999999999999999999h"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_whose_month_is_sure_gets_its_zeros() {
        assert_eq!(day("2026/1/5").as_deref(), Some("2026-01-05"));
        assert_eq!(day("1/5/2026"), None);
    }
}
