//! What a fan-out is repeated over: are its variables words, and do they go together.

use std::num::NonZeroU16;

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::TaskName;
use crate::source::Spanned;
use crate::spec::{Combination, ForEach, Items};

pub(super) fn check(for_each: &ForEach, sink: &mut Sink) {
    for (name, items) in &for_each.variables {
        check_name(name, sink);
        check_items(items, sink);
    }
    check_together(for_each, sink);
    let combinations = for_each.include.iter().map(|given| (given, true)).chain(for_each.exclude.iter().map(|given| (given, false)));
    combinations.for_each(|(given, is_whole)| check_combination(given, is_whole, for_each, sink));
}

/// What is said of items where nothing is repeated: whose they are is said beside it.
pub(super) fn check_unrepeated(
    (what, name): (&str, &Spanned<TaskName>),
    batch: Option<&Spanned<NonZeroU16>>,
    max_parallel: Option<&Spanned<NonZeroU16>>,
    sink: &mut Sink,
) {
    if let Some(most) = max_parallel {
        let fault =
            Diagnostic::warning(&code::NOTHING_TO_BOUND, format!("{what} `{}` has a `max_parallel` and is not repeated", name.value));
        let help = "move it to where `for_each` is; how many tasks of a workflow run at once is its `max_active_tasks`";
        sink.push(fault.at(most.span, "it bounds nothing").help(help));
    }
    if let Some(batch) = batch {
        let fault = Diagnostic::error(&code::BATCH, format!("{what} `{}` has a `batch` and is not repeated", name.value));
        sink.push(fault.at(batch.span, "a batch of what").help("move it to where `for_each` is, or add `for_each: { customer: [a, b] }`"));
    }
}

fn check_name(name: &Spanned<String>, sink: &mut Sink) {
    let is_word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if !is_word(&name.value) {
        let fault = Diagnostic::error(&code::INVALID_VALUE, format!("`{}` is no name for a variable", name.value)).at(name.span, "");
        sink.push(fault.help("write lower-case letters, digits and `_`, such as `customer`"));
    }
}

fn check_items(items: &Items, sink: &mut Sink) {
    if let Items::Values(values, span) = items
        && values.is_empty()
    {
        sink.push(
            Diagnostic::error(&code::EMPTY_FAN_OUT, "there is nothing to repeat over")
                .at(*span, "")
                .help("add an item, or delete `for_each`"),
        );
    }
}

/// Only lists that are known when compiling can be combined.
fn check_together(for_each: &ForEach, sink: &mut Sink) {
    let Some(output) = for_each.output() else { return };
    let ForEach { variables, zip, include, exclude, span: _ } = for_each;
    let other = variables.iter().find(|(_, items)| !matches!(items, Items::Output(taken) if taken.task.span == output.task.span));
    let others = other.map(|(name, _)| (name.span, "another variable")).into_iter();
    let others = others.chain(zip.as_ref().map(|zip| (zip.span, "`zip`")));
    let others =
        others.chain(include.first().map(|given| (given.span, "`include`"))).chain(exclude.first().map(|given| (given.span, "`exclude`")));
    let Some((place, what)) = others.into_iter().next() else { return };
    let title = format!("the output of `{}` is known at run time only, and cannot be combined", output.task.value);
    let fault = Diagnostic::error(&code::COMBINATION, title).at(output.task.span, "the output").at(place, what);
    sink.push(
        fault.help(format!(
            "let `{}` hand over the list of combinations: `[{{\"region\": \"eu\", \"model\": \"small\"}}]`",
            output.task.value
        )),
    );
}

/// A combination names variables of the fan-out: an included one all of them.
fn check_combination(combination: &Combination, is_whole: bool, for_each: &ForEach, sink: &mut Sink) {
    let known = || for_each.variables.iter().map(|(name, _)| name.value.as_str());
    let mut meant = Vec::new();
    for entry in &combination.entries {
        if !known().any(|name| name == entry.key.value) {
            let near = suggest(&entry.key.value, known());
            meant.extend(near);
            let fault = Diagnostic::error(&code::COMBINATION, format!("the `for_each` has no variable `{}`", entry.key.value));
            let fault = fault.at(entry.key.span, "");
            sink.push(match near {
                Some(near) => fault.help(format!("write `{near}`")),
                None => fault.help(format!("write one of {}", quoted_list(known()))),
            });
        }
    }
    if let Some(lacking) = known().find(|name| is_whole && combination.get(name).is_none() && !meant.contains(name)) {
        let fault = Diagnostic::error(&code::COMBINATION, format!("the included combination has no `{lacking}`")).at(combination.span, "");
        sink.push(fault.help(format!("add `{lacking}:` to it; a combination has an item of every variable")));
    }
}
