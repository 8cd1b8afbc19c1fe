//! Texts that outgrow what starts a pod. Kubernetes and Linux say so only when the task runs: the pod is refused, or its program never starts.
//!
//! What only the run knows counts nothing here, so what is refused is surely too long. Of items that are known beforehand the longest counts.

use super::container::{CONTAINERS, is_base, literal};
use super::layers::Layers;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{FanOut, Piece, Row, Text, Value};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::Settings;

const KIB: usize = 1024;
/// Bytes of one argument, or of one environment variable with its name, and the zero behind it: `MAX_ARG_STRLEN` of Linux, 32 pages of 4 KiB.
/// <https://man7.org/linux/man-pages/man2/execve.2.html>
const ARGUMENT: usize = 128 * KIB;
/// Bytes of all annotations, names and values: `TotalAnnotationSizeLimitB` of Kubernetes.
const ANNOTATIONS: usize = 256 * KIB;
/// Bytes of an object that Kubernetes' store takes: `--max-request-bytes` of etcd. It is less than what Linux takes of all arguments and variables of a
/// process together, 2 MiB, so that they need no limit of their own. <https://etcd.io/docs/latest/dev-guide/limit/>
const OBJECT: usize = 1536 * KIB;

const ELSEWHERE: &str =
    "put it into a file: in the image, a config map (`volumes: { input: { config_map: NAME, at: /input } }`) or a bucket";

/// Tells what of a task's pod is too long. `fan_outs` are those around the task.
pub(super) fn check_sizes(name: &Spanned<TaskName>, pod: &Value, layers: &Layers<'_>, fan_outs: &[&FanOut], sink: &mut Sink) {
    let check = Check { name, layers, fan_outs };
    let before = sink.as_slice().len();
    let spec = pod.get("spec");
    for container in CONTAINERS.iter().filter_map(|key| spec?.get(key)).flat_map(Value::items) {
        check.arguments(container, sink);
        check.variables(container, sink);
    }
    check.annotations(pod, sink);
    // What is told of a part need not be told of the whole.
    if sink.as_slice().len() == before {
        check.whole(pod, sink);
    }
}

struct Check<'a> {
    name: &'a Spanned<TaskName>,
    layers: &'a Layers<'a>,
    fan_outs: &'a [&'a FanOut],
}

impl Check<'_> {
    fn arguments(&self, container: &Value, sink: &mut Sink) {
        for key in ["command", "args"] {
            for (index, item) in container.get(key).map(Value::items).unwrap_or_default().iter().enumerate() {
                let bytes = self.most(|size| size.add(item)) + 1;
                if bytes > ARGUMENT {
                    let title = format!("an argument of task `{}` is {} long", self.name.value, shown(bytes));
                    sink.push(too_long(title, self.place_of_argument(container, key, index)));
                }
            }
        }
    }

    fn variables(&self, container: &Value, sink: &mut Sink) {
        for variable in container.get("env").map(Value::items).unwrap_or_default() {
            let (Some(name), Some(value)) = (literal(variable, "name"), variable.get("value")) else { continue };
            let bytes = self.most(|size| size.add(value)) + name.len() + "=\0".len();
            if bytes > ARGUMENT {
                let title = format!("the variable `{name}` of task `{}` is {} long", self.name.value, shown(bytes));
                sink.push(too_long(title, self.place_of_variable(container, name)));
            }
        }
    }

    fn annotations(&self, pod: &Value, sink: &mut Sink) {
        let Some(annotations) = pod.get("metadata").and_then(|metadata| metadata.get("annotations")) else { return };
        let bytes = self.most(|size| size.add(annotations));
        if bytes > ANNOTATIONS {
            let title = format!("the annotations of task `{}` are {} long", self.name.value, shown(bytes));
            let first = self.layers.last(|settings| settings.annotations.as_ref()).and_then(|table| table.iter().next());
            let place = first.map_or(self.name.span, |(key, _)| key.span);
            let fault = Diagnostic::error(&code::ANNOTATIONS_SIZE, title).at(place, "Kubernetes takes 256 KiB of all of them together");
            sink.push(fault.help(ELSEWHERE));
        }
    }

    fn whole(&self, pod: &Value, sink: &mut Sink) {
        let bytes = self.most(|size| size.add(pod));
        if bytes > OBJECT {
            let fault = Diagnostic::error(&code::POD_SIZE, format!("the pod of task `{}` is {} long", self.name.value, shown(bytes)));
            let fault = fault.at(self.name.span, "Kubernetes keeps no object of more than 1.5 MiB");
            sink.push(fault.help(format!("shorten what is longest in `args`, `env` and `annotations`, or {ELSEWHERE}")));
        }
    }

    /// Bytes of what is added, with the longest items.
    fn most<'a>(&'a self, add: impl FnOnce(&mut Size<'a>)) -> usize {
        let mut size = Size { plain: 0, of_items: self.fan_outs.iter().filter_map(|of| Some((of.rows()?, Vec::new()))).collect() };
        add(&mut size);
        size.most()
    }

    fn place_of_argument(&self, container: &Value, key: &str, index: usize) -> Span {
        let written = self.layers.last(|settings| if key == "args" { settings.args.as_ref() } else { settings.command.as_ref() });
        let short = written.filter(|_| is_base(container)).and_then(|list| list.value.get(index)).map(|template| template.span);
        // The whole of it would fill the screen.
        let start = short.map(|span| Span { end: span.start, ..span });
        start.unwrap_or_else(|| self.place_in_overlay(key))
    }

    fn place_of_variable(&self, container: &Value, name: &str) -> Span {
        let place = |settings: &Settings| Some(settings.env.as_ref()?.entry(name)?.0.span);
        let short = self.layers.iter().rev().find_map(|(_, settings)| place(settings));
        short.filter(|_| is_base(container)).unwrap_or_else(|| self.place_in_overlay("env"))
    }

    fn place_in_overlay(&self, key: &str) -> Span {
        let place = |settings: &Settings| settings.pod.as_ref()?.node.place_of_key(key);
        self.layers.iter().rev().find_map(|(_, settings)| place(settings)).unwrap_or(self.name.span)
    }
}

fn too_long(title: String, place: Span) -> Diagnostic {
    Diagnostic::error(&code::ARGUMENT_SIZE, title).at(place, "Linux starts no program with a text of more than 128 KiB").help(ELSEWHERE)
}

/// Rounded up, so that it is more than the limit that stands beside it.
fn shown(bytes: usize) -> String {
    match bytes.div_ceil(KIB) {
        small if small < KIB => format!("{small} KiB"),
        large => format!("{}.{} MiB", (large * 10).div_ceil(KIB) / 10, (large * 10).div_ceil(KIB) % 10),
    }
}

/// The size of texts together.
struct Size<'a> {
    /// Bytes that they always have.
    plain: usize,
    /// The rows of each fan-out around them, and what the texts take from an item of it.
    of_items: Vec<(&'a [Row], Vec<&'a [String]>)>,
}

impl<'a> Size<'a> {
    fn add(&mut self, value: &'a Value) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::Text(text) => self.add_text(text),
            Value::List(items) => items.iter().for_each(|item| self.add(item)),
            Value::Map(map) => map.iter().for_each(|(key, value)| {
                self.plain += key.len();
                self.add(value);
            }),
        }
    }

    fn add_text(&mut self, text: &'a Text) {
        for piece in &text.pieces {
            match piece {
                Piece::Literal(literal) => self.plain += literal.len(),
                Piece::Each(path) => {
                    let rows = self.of_items.iter_mut().find(|(rows, _)| rows.first().is_some_and(|row| row.has(path)));
                    rows.into_iter().for_each(|(_, taken)| taken.push(path));
                }
                Piece::Run(_) | Piece::Param(_) | Piece::Output(_) | Piece::Task | Piece::Native(_) => {}
            }
        }
    }

    /// Their bytes for the longest item of each fan-out; any item of one goes with any of another.
    fn most(&self) -> usize {
        let of_row =
            |row: &Row, taken: &[&[String]]| -> usize { taken.iter().filter_map(|path| row.text(path)).map(|text| text.len()).sum() };
        let longest = self.of_items.iter().filter(|(_, taken)| !taken.is_empty());
        self.plain + longest.map(|(rows, taken)| rows.iter().map(|row| of_row(row, taken)).max().unwrap_or_default()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_item_counts_once_for_all_texts_together() {
        let row = |name: &str, note: &str| Row { key: name.to_owned(), value: serde_json::json!({ "c": { "id": name, "note": note } }) };
        let rows = [row("a-long-name", ""), row("b", "a longer note, but a shorter row")];
        let each =
            |key: &str| Value::Text(Text::new([Piece::Literal("--x=".to_owned()), Piece::Each(vec!["c".to_owned(), key.to_owned()])]));
        let mut size = Size { plain: 0, of_items: vec![(&rows, Vec::new())] };
        let (id, note) = (each("id"), each("note"));
        size.add(&id);
        assert_eq!(size.most(), 4 + "a-long-name".len());
        size.add(&note);
        assert_eq!(size.most(), 8 + "b".len() + "a longer note, but a shorter row".len());
    }

    #[test]
    fn what_only_the_run_knows_counts_nothing() {
        let mut size = Size { plain: 0, of_items: Vec::new() };
        let text = Value::Text(Text::new([Piece::Literal("é".to_owned()), Piece::Param("x".to_owned())]));
        size.add(&text);
        assert_eq!(size.most(), 2);
    }
}
