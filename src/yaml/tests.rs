//! Facts about reading: spans, hostile files, and what people are told.

use proptest::prelude::{ProptestConfig, any, prop, prop_oneof, proptest};
use proptest::strategy::{Just, Strategy};

use super::{MAX_BYTES, Node, Value, decode, parse};
use crate::diag::{Diagnostic, Place, Severity, Sink};
use crate::source::Sources;

/// Everything stands below a line with characters of two, three and four bytes.
const ABOVE: &str = "# žluťoučký 猫 🦀\n";

fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut sink = Sink::new();
    let node = parse(Sources::new().add("a.yaml", text), text, &mut sink);
    (node, sink.into_sorted())
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|fault| fault.severity == Severity::Error)
}

fn good(text: &str) -> Node {
    let (node, diagnostics) = read(text);
    assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
    node.unwrap_or_else(|| panic!("{text:?} is taken"))
}

fn json(text: &str) -> serde_json::Value {
    good(text).to_json()
}

/// Code, underlined text, title and help of the only fault of `text` below [`ABOVE`].
fn told(text: &str) -> String {
    let text = format!("{ABOVE}{text}");
    let (node, diagnostics) = read(&text);
    assert!(node.is_none(), "{text:?} is refused");
    let [fault] = diagnostics.as_slice() else { panic!("one fault: {diagnostics:#?}") };
    let Some(Place::Span(span)) = fault.labels.first().map(|label| label.place.clone()) else { panic!("a span: {fault:?}") };
    let underlined = &text[span.start as usize..span.end as usize];
    format!("{} {underlined:?} {} | {}", fault.code.id, fault.title, fault.help.as_deref().unwrap_or_default())
}

fn code(text: &str) -> &'static str {
    let (node, diagnostics) = read(text);
    assert!(node.is_none(), "it is refused");
    diagnostics.first().expect("a fault is told").code.id
}

#[test]
fn spans_are_bytes_of_keys_and_values() {
    let text = format!("{ABOVE}a:\nb: [1, \"ž\"]  # c\nc:\n  d: |\n    tëxt\n\n  e: 'ů'\n");
    let node = good(&text);
    let slice = |node: &Node| text[node.span.start as usize..node.span.end as usize].to_owned();
    let at = |key: &str| node.get(key).expect("it is there");
    assert_eq!(slice(at("b")), "[1, \"ž\"]");
    assert_eq!(slice(&at("b").items()[1]), "\"ž\"");
    assert_eq!(slice(at("c")), "d: |\n    tëxt\n\n  e: 'ů'");
    assert_eq!(slice(at("c").get("d").expect("it is there")).trim(), "tëxt");
    let key = node.entry("c").expect("it is there").key.span;
    assert_eq!(&text[key.start as usize..key.end as usize], "c");
    assert_eq!(slice(at("a")), "", "nothing is written");
}

#[test]
fn anchors_aliases_and_merge_keys_give_what_they_stand_for() {
    assert_eq!(json("a: &x {k: 1, l: 2}\nb: *x\n")["b"], serde_json::json!({"k": 1, "l": 2}));
    assert_eq!(json("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\n")["b"], serde_json::json!({"l": 3, "k": 1}));
    assert_eq!(json("a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc:\n  <<: [*x, *y]\n")["c"], serde_json::json!({"k": 1, "m": 3}), "the first wins");
    assert_eq!(json("\"<<\": 1\n"), serde_json::json!({"<<": 1}), "a quoted one is an ordinary key");
    assert_eq!(json("\"\": 1\n"), serde_json::json!({"": 1}));
}

#[test]
fn tags_of_the_core_schema_are_applied_where_they_fit() {
    assert_eq!(json("[!!str 5, !!str , !!int \"5\", !!float 1, !!map {}, !!seq []]"), serde_json::json!(["5", "", 5, 1, {}, []]));
    insta::assert_snapshot!(told("a: !!int x"), @r#"FH0107 "!!int" tag `!!int` does not fit this value | delete the tag; put a text that starts with `!` in quotes"#);
    insta::assert_snapshot!(told("a: !!map [x]"), @r#"FH0107 "!!map" tag `!!map` does not fit this value | delete the tag; put a text that starts with `!` in quotes"#);
    insta::assert_snapshot!(told("a: !secret x"), @r#"FH0107 "!secret" tag `!secret` is not known here | delete the tag; put a text that starts with `!` in quotes"#);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_taken() {
    let node = good("\u{feff}a: 1\r\nb: [x]\r\n");
    assert_eq!(node.to_json(), serde_json::json!({"a": 1, "b": ["x"]}));
    assert_eq!(node.get("b").expect("it is there").span.start, 12);
    assert_eq!(decode("a.yaml", b"\xef\xbb\xbfa: 1".to_vec()).expect("it is UTF-8"), "a: 1");
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_line() {
    let title = |bytes: &[u8]| decode("a.yaml", bytes.to_vec()).expect_err("it is refused").title;
    assert_eq!(title(b"a: 1\nb: caf\xe9\n"), "byte 0xe9 in line 2 is not UTF-8");
    assert_eq!(title(b"\xff\xfea\0"), "the file is UTF-16");
    assert_eq!(code(&"x".repeat(MAX_BYTES + 1)), "FH0104");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn slips_are_told_in_words_with_what_to_type() {
    let slips = [
        "tasks:\n\ta: 1",
        "a: \"x\nb: 1",
        "a: 'it's'",
        "a: [1, 2\nb: 3",
        "a: {b: c\nd: 1",
        "a: [",
        "a: [1}",
        "a: ]",
        "image: {{ x }}",
        "args: [${{ x }}, b]",
        "m: {a: ${{ x }}}",
        "{{ x }}: 1",
        "a: b: c",
        "a\nb: 1",
        "key:value\nb: 1",
        "a: 1\n  b: 2",
        "a:\n  - b\n c: 1",
        "- a\nb: 1",
        "a: @x # c",
        "a: `x`",
        "cron: * * * * *",
        "cron: */5 * * * *",
        "a: x\nargs [a]\nb: 1",
        "a: - b",
        "a: | x\n  y",
        "x: \"\\q\"",
        "a: {b: 1,, c}",
        "a: 1\n---\nb: 2",
        "a: 1\nž: 1\nž: 2",
        "8080: x",
        "true: x",
        ": x",
        "[a]: x",
        "<<: 1",
        "a: &x [*x]",
        "a: &x 1\n*x : 2",
        "a: yes",
        "a: 0644",
        "a: 12:30",
        "a: .inf",
        "a: 99999999999999999999",
    ];
    let lines: Vec<String> = slips.iter().map(|slip| format!("{slip:?}\n    {}", told(slip))).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    "tasks:\n\ta: 1"
        FH0105 "\t" a tab indents this line | indent with spaces
    "a: \"x\nb: 1"
        FH0105 "\"x" a quote is not closed | close it with the quote that opened it
    "a: 'it's'"
        FH0105 "s'" a quote is closed, and text goes on behind it | put the whole text in one pair of quotes: `"it's"`
    "a: [1, 2\nb: 3"
        FH0105 "[" `[` is not closed | close `[` with `]` and `{` with `}`
    "a: {b: c\nd: 1"
        FH0105 "{" `{` is not closed | close `[` with `]` and `{` with `}`
    "a: ["
        FH0105 "[" `[` is not closed | close `[` with `]` and `{` with `}`
    "a: [1}"
        FH0105 "[" a bracket is closed by another kind | close `[` with `]` and `{` with `}`
    "a: ]"
        FH0105 "]" a bracket is closed that was not opened | delete it, or put a text that starts with it in quotes
    "image: {{ x }}"
        FH0105 "{{ x }}" braces without quotes start a map | put the whole text in quotes: `"${{ x }}"`
    "args: [${{ x }}, b]"
        FH0105 "${{ x }}" braces without quotes start a map | put the whole text in quotes: `"${{ x }}"`
    "m: {a: ${{ x }}}"
        FH0105 "${{ x }}" braces without quotes start a map | put the whole text in quotes: `"${{ x }}"`
    "{{ x }}: 1"
        FH0105 "{{ x }}" braces without quotes start a map | put the whole text in quotes: `"${{ x }}"`
    "a: b: c"
        FH0105 ":" a second `: ` in one line | put the value in quotes: `a: "b: c"`
    "a\nb: 1"
        FH0105 "a" a key without a `:` | write `a:`
    "key:value\nb: 1"
        FH0105 "key:value" no space follows the `:` | write `key: value`
    "a: 1\n  b: 2"
        FH0105 ":" the line before has a value, and this one is indented below it | indent it like the key that it stands beside; a value that goes on in a second line needs quotes
    "a:\n  - b\n c: 1"
        FH0105 "c: 1" the indentation fits nothing above | indent it like the keys that it stands beside
    "- a\nb: 1"
        FH0105 "b: 1" a list goes on without a `-` | start each item with `- `, or indent this line like the key above the list
    "a: @x # c"
        FH0105 "@" a text cannot start with `@` | put it in quotes: `"@x"`
    "a: `x`"
        FH0105 "`" a text cannot start with a backtick | put it in quotes: `"`x`"`
    "cron: * * * * *"
        FH0105 "*" a text cannot start with `*` | put it in quotes: `"* * * * *"`
    "cron: */5 * * * *"
        FH0105 "*" a text cannot start with `*` | put it in quotes: `"*/5 * * * *"`
    "a: x\nargs [a]\nb: 1"
        FH0105 "args [a]" a key without a `:` | write `args: [a]`
    "a: - b"
        FH0105 "- b" a list cannot start here | start each `- item` on a line of its own, or write `[a, b]`
    "a: | x\n  y"
        FH0105 "| x" text follows `|` or `>` in the same line | start the text on the next line, indented; put a text that starts with `|` or `>` in quotes
    "x: \"\\q\""
        FH0105 "\"\\q\"" a backslash in double quotes starts an escape that YAML does not have | use single quotes, or write `\\` for a backslash
    "a: {b: 1,, c}"
        FH0105 ", c}" a bracket is not closed, or a comma is missing or too many | put one comma between two items, and a text that holds `{`, `[` or `,` in quotes
    "a: 1\n---\nb: 2"
        FH0105 "---" the file holds several documents | keep one in each file, and delete the `---`
    "a: 1\nž: 1\nž: 2"
        FH0106 "ž" `ž` is written twice | keep one of them
    "8080: x"
        FH0111 "8080" the key `8080` is no text | put it in quotes: `"8080":`
    "true: x"
        FH0111 "true" the key `true` is no text | put it in quotes: `"true":`
    ": x"
        FH0111 "" a key is missing | write a key before the `:`
    "[a]: x"
        FH0105 "[" a list or a map cannot be a key | put a text that starts with `{` or `[` in quotes
    "<<: 1"
        FH0105 "1" `<<` merges maps, and this is none | write an alias of a map: `<<: *defaults`
    "a: &x [*x]"
        FH0105 "*x" an alias stands inside what it refers to | write the value out
    "a: &x 1\n*x : 2"
        FH0105 "*x" an alias cannot be a key | write the key out
    "a: yes"
        FH0108 "yes" `yes` is read in two ways | write `"yes"` for the text, or `true`
    "a: 0644"
        FH0108 "0644" `0644` is read in two ways | write `"0644"` for the text, or `0o644` for the octal number, or `644` for the decimal one
    "a: 12:30"
        FH0108 "12:30" `12:30` is read in two ways | write `"12:30"` for the text, or `750`
    "a: .inf"
        FH0109 ".inf" `.inf` is no number that can be stored | write a smaller number, or `".inf"` for the text
    "a: 99999999999999999999"
        FH0109 "99999999999999999999" `99999999999999999999` is no number that can be stored | write a smaller number, or `"99999999999999999999"` for the text
    "#);
}

#[test]
fn empty_files_are_told_so() {
    for text in ["", "# only this\n", "---\n", "~", "\u{feff}"] {
        assert_eq!(code(text), "FH0103", "{text:?}");
    }
}

#[test]
fn characters_that_deceive_are_refused() {
    for text in ["a: \0", "a: \u{1b}[1A", "a: \u{202e}x", "a: \u{2066}x", "a: \u{200b}x", "a: 1 # ok\rb: 2\n", "a: x\u{feff}", "a: \"\\0\""]
    {
        assert_eq!(code(text), "FH0110", "{text:?}");
    }
    good("a: 👩\u{200d}💻");
}

#[test]
fn bombs_are_refused_at_once() {
    let billion = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                   d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    let long = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(20));
    let anchors_in_anchors: String =
        (0..60).map(|n| format!("&a{n} [")).chain([format!("{}x", "x,".repeat(10_000)), "]".repeat(60)]).collect();
    let keys: String = (0..60_000).map(|n| format!("k{n}: ,")).collect();
    for text in [
        billion.to_owned(),
        long,
        anchors_in_anchors,
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "x,".repeat(400_000).replace("x,", "[],"),
        format!("[{}]", "x,".repeat(300_000)),
        format!("&a {{{keys}}}: *a"),
        format!("- &a {{{keys}}}\n- {{<<: [*a,*a,*a]}}\n"),
    ] {
        let (node, diagnostics) = read(&text);
        assert!(node.is_none() && diagnostics.len() == 1, "{}: {diagnostics:?}", &text[..40.min(text.len())]);
    }
}

#[test]
fn a_large_merge_takes_no_quadratic_time() {
    let keys: String = (0..60_000).map(|n| format!("k{n}: ,")).collect();
    let node = good(&format!("- &a {{{keys}}}\n- {{<<: *a}}\n"));
    assert_eq!(node.items()[1].entries().len(), 60_000);
}

const SEED: &str = "# ž\nworkflow: a-b\ndefaults: &d { image: \"r/x:1\", env: { A: ${{ vars.x }}, B: 'it''s' } }\ntasks:\n  one:\n    <<: *d\n    args: [a, -1, 0x1F, 1e3]\n    pod: |\n      text\n  two: !!map { needs: [one], text: >-\n      folded }\n";

fn piece() -> impl Strategy<Value = String> {
    let marks = [
        "{{", "}}", "${{", "[", "]", "{", "}", ":", ": ", "- ", "? ", "\n", "\t", "\r", "\"", "'", "|", ">", "&a ", "*a", "*d", "!!",
        "!x ", "%", "@", "#", " #", "---\n", "...\n", "<<: ", "~", "\0", "\u{feff}", "\u{202e}", "ž", "🦀", "\\", "1_0", "0x", ".inf", ",",
    ];
    prop_oneof![3 => prop::sample::select(marks.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from), 1 => Just(" ".repeat(3))]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn whatever_is_written_is_read_or_told_with_spans_in_the_text(edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, piece()), 1..8)) {
        let mut text = SEED.to_owned();
        for (index, cut, piece) in edits {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let at = index.index(starts.len());
            let end = starts[(at + cut).min(starts.len() - 1)];
            text.replace_range(starts[at]..end, &piece);
        }
        let (node, diagnostics) = read(&text);
        assert_eq!(node.is_none(), has_error(&diagnostics), "{text:?}");
        for fault in &diagnostics {
            assert!(fault.help.is_some(), "{fault:?}");
            for label in &fault.labels {
                let Place::Span(span) = &label.place else { panic!("a span") };
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{fault:?} in {text:?}");
            }
        }
        node.iter().for_each(|node| spans_are_inside(node, &text));
    }

    #[test]
    fn noise_is_read_or_told(text in "\\PC{0,80}", lines in prop::collection::vec("[ \\t]{0,3}[-?:{\\[a&*!|>'\"#%]{0,4} ?[a-z0-9:]{0,4}", 0..12)) {
        for text in [text, lines.join("\n")] {
            let (node, diagnostics) = read(&text);
            assert_eq!(node.is_none(), has_error(&diagnostics), "{text:?}");
        }
    }
}

fn spans_are_inside(node: &Node, text: &str) {
    assert!(text.get(node.span.start as usize..node.span.end as usize).is_some(), "{node:?} in {text:?}");
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::List(items) => items.iter().for_each(|item| spans_are_inside(item, text)),
        Value::Map(entries) => entries.iter().for_each(|entry| spans_are_inside(&entry.value, text)),
    }
}
