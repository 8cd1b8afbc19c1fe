//! Answers to what an editor asks about a place in a file.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, DocumentSymbol, Documentation, Hover, HoverContents, Location, MarkupContent,
    MarkupKind, Range, SymbolKind, TextEdit, Url,
};

use super::convert::{position, range};
use super::project::Project;
use crate::cli::preview::layers::{Given, given};
use crate::editor::{self, Completion, Names, Part, Sort, Spot, Step, Symbol, Target};
use crate::schema::Kind;
use crate::source::Span;
use crate::yaml::Node;

/// A file in which something is asked.
pub(super) struct Page<'a> {
    pub(super) kind: Kind,
    pub(super) url: &'a Url,
    pub(super) text: &'a str,
    /// Of the project that it belongs to; none in a central repository.
    pub(super) project: Option<&'a Project>,
    pub(super) names: Names,
}

impl Page<'_> {
    pub(super) fn complete(&self, offset: usize) -> Vec<CompletionItem> {
        editor::complete(self.kind, self.text, offset, &self.names).into_iter().map(|found| self.item(found)).collect()
    }

    fn item(&self, found: Completion) -> CompletionItem {
        let Completion { sort, label, insert, about, word } = found;
        let range = Range { start: position(self.text, word.start), end: position(self.text, word.end) };
        CompletionItem {
            kind: Some(match sort {
                Sort::Key => CompletionItemKind::PROPERTY,
                Sort::Word => CompletionItemKind::ENUM_MEMBER,
                Sort::Name => CompletionItemKind::REFERENCE,
            }),
            filter_text: Some(label.clone()),
            label,
            documentation: (!about.is_empty()).then(|| Documentation::MarkupContent(markdown(about))),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: insert })),
            ..CompletionItem::default()
        }
    }

    pub(super) fn hover(&self, offset: usize) -> Option<Hover> {
        let root = self.read()?;
        let shown = editor::hover(self.kind, self.text, &root, offset, &self.names);
        let layers = self.layers(&root, offset);
        let span = shown.as_ref().map(|shown| shown.span);
        let parts: Vec<String> = shown.map(|shown| shown.text).into_iter().chain(layers).collect();
        (!parts.is_empty()).then(|| Hover {
            contents: HoverContents::Markup(markdown(parts.join("\n\n"))),
            range: span.map(|span| range(self.text, span)),
        })
    }

    /// Which layer gave a task its values: all of them at the task's name, one of them at its key.
    fn layers(&self, root: &Node, offset: usize) -> Option<String> {
        let done = self.project?.done.as_ref().filter(|_| self.kind == Kind::Workflow)?;
        let cursor = editor::locate(root, offset).filter(|cursor| matches!(cursor.spot, Spot::Key(_)))?;
        let keys: Vec<&str> = cursor.steps.iter().filter_map(Step::key).collect();
        let at = keys.iter().rposition(|key| *key == "tasks")?;
        let groups = keys[..at].chunks(2).map(|pair| pair.last().copied());
        let task: Vec<&str> = groups.chain([keys.get(at + 1).copied()]).collect::<Option<_>>()?;
        let values = given(done, root.get("workflow")?.as_str()?, &task.join("."));
        let key = keys[at + 2..].join(".");
        let is_meant = |value: &&Given| key.is_empty() || value.key == key || value.key.starts_with(&format!("{key}."));
        let rows: Vec<String> = values.iter().filter(is_meant).map(row).collect();
        (!rows.is_empty()).then(|| format!("| value | | given by |\n|---|---|---|\n{}", rows.join("\n")))
    }

    pub(super) fn define(&self, offset: usize) -> Option<Location> {
        let root = self.read()?;
        match editor::define(self.text, &root, offset, &self.names)? {
            Target::Here(span) => Some(Location { uri: self.url.clone(), range: range(self.text, span) }),
            Target::File(path, span) => {
                let text = fs_err::read_to_string(&path).ok()?;
                let range = span.map(|span| range(&text, span)).unwrap_or_default();
                Some(Location { uri: Url::from_file_path(path).ok()?, range })
            }
            Target::Beside(written) => {
                let path = self.url.to_file_path().ok()?.parent()?.join(written);
                path.is_file().then_some(Location { uri: Url::from_file_path(path).ok()?, range: Range::default() })
            }
        }
    }

    pub(super) fn outline(&self) -> Option<Vec<DocumentSymbol>> {
        let root = self.read().filter(|_| self.kind == Kind::Workflow)?;
        Some(vec![self.symbol(editor::outline(&root)?)])
    }

    fn symbol(&self, Symbol { part, name, span, named, below }: Symbol) -> DocumentSymbol {
        #[expect(deprecated, reason = "the protocol's type has the field still, and no way to be made without it")]
        DocumentSymbol {
            kind: match part {
                Part::Workflow => SymbolKind::MODULE,
                Part::Group => SymbolKind::NAMESPACE,
                Part::Task => SymbolKind::FUNCTION,
            },
            name,
            range: range(self.text, span),
            selection_range: range(self.text, named),
            children: Some(below.into_iter().map(|symbol| self.symbol(symbol)).collect()),
            detail: None,
            tags: None,
            deprecated: None,
        }
    }

    pub(super) fn references(&self, offset: usize, with_definition: bool) -> Option<Vec<Location>> {
        let found = editor::references(self.text, &self.read()?, offset, &self.names);
        let location = |span: Span| Location { uri: self.url.clone(), range: range(self.text, span) };
        Some(found.into_iter().skip(usize::from(!with_definition)).map(location).collect())
    }

    fn read(&self) -> Option<Node> {
        editor::read(self.text)
    }
}

/// A row of the table of layers.
fn row(value: &Given) -> String {
    let escaped = |text: &str| text.replace('|', "\\|").replace('`', "\u{2019}");
    let by = |(text, layer, place): &(String, &str, String)| {
        let file = place.rsplit('/').next().unwrap_or_default();
        (escaped(text), format!("{layer} ({})", escaped(file)))
    };
    let mut writers = value.by.iter().map(by);
    let (text, first) = writers.next().unwrap_or_default();
    let overrode: Vec<String> = writers.map(|(text, place)| format!(", over `{text}` of {place}")).collect();
    format!("| {} | `{text}` | {first}{} |", escaped(&value.key), overrode.concat())
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}
