//! The loop: messages in, answers and diagnostics out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, PublishDiagnostics};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentSymbolRequest, GotoDefinition, HoverRequest, PrepareRenameRequest, References, Rename,
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CompletionParams, Diagnostic as LspDiagnostic, DocumentSymbolParams,
    GotoDefinitionParams, HoverParams, Position, PublishDiagnosticsParams, ReferenceParams, RenameParams, TextDocumentPositionParams,
    TextEdit, Url, WorkspaceEdit,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Page;
use super::convert::{diagnostic, offset, range};
use super::fix;
use super::names::names;
use super::project::{Document, Documents, Project};
use crate::cli::Failure;
use crate::cli::workspace::Workspace;
use crate::editor::Names;
use crate::pipeline::PROJECT_FILE;
use crate::schema::Kind;

pub(super) struct Server<'a> {
    connection: &'a Connection,
    verbose: bool,
    open: Documents,
    projects: BTreeMap<PathBuf, Project>,
    /// Projects whose files have changed since they were compiled.
    changed: BTreeSet<PathBuf>,
    /// The files that a project has diagnostics shown in.
    shown: BTreeMap<PathBuf, BTreeSet<Url>>,
}

impl<'a> Server<'a> {
    pub(super) fn new(connection: &'a Connection, verbose: bool) -> Self {
        let (open, projects) = (Documents::new(), BTreeMap::new());
        Self { connection, verbose, open, projects, changed: BTreeSet::new(), shown: BTreeMap::new() }
    }

    /// Until the client says goodbye, or is gone. Projects are compiled when nothing else waits.
    pub(super) fn serve(&mut self) -> Result<(), Failure> {
        loop {
            let message = if self.changed.is_empty() {
                let Ok(message) = self.connection.receiver.recv() else { return Ok(()) };
                message
            } else {
                match self.connection.receiver.try_recv() {
                    Ok(message) => message,
                    Err(nothing) if nothing.is_empty() => {
                        self.check()?;
                        continue;
                    }
                    Err(_) => return Ok(()),
                }
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let response = self.answer(request);
                    self.send(Message::Response(response))?;
                }
                Message::Notification(notification) => self.take(notification),
                Message::Response(_) => {}
            }
        }
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.connection.sender.send(message).map_err(|error| Failure::new(error.to_string()))
    }

    fn take(&mut self, notification: Notification) {
        use lsp_types::notification::Notification as _;
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidOpenTextDocumentParams>(params) {
                    self.set(&params.text_document.uri, Some(params.text_document.text));
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Some(mut params) = read::<lsp_types::DidChangeTextDocumentParams>(params) {
                    self.set(&params.text_document.uri, params.content_changes.pop().map(|change| change.text));
                }
            }
            DidSaveTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidSaveTextDocumentParams>(params) {
                    self.look_again(&params.text_document.uri);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidCloseTextDocumentParams>(params) {
                    self.close(&params.text_document.uri);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, url: &Url, text: Option<String>) {
        let (Some(path), Some(text)) = (plain(url), text) else { return };
        self.open.insert(path.clone(), Document { url: url.clone(), text });
        if let Some(Workspace::Project(root)) = workspace(&path) {
            self.projects.entry(root.clone()).or_insert_with(|| Project::open(&root));
            self.changed.insert(root);
        }
    }

    /// What is saved may name another central repository, and the policy there may have changed.
    fn look_again(&mut self, url: &Url) {
        let Some(Workspace::Project(root)) = plain(url).and_then(|path| workspace(&path)) else { return };
        if let Some(project) = self.projects.get_mut(&root) {
            project.look_for_policy();
            self.changed.insert(root);
        }
    }

    /// A project without an open file is forgotten, and its diagnostics are taken back.
    fn close(&mut self, url: &Url) {
        let Some(path) = plain(url) else { return };
        self.open.remove(&path);
        let Some(Workspace::Project(root)) = workspace(&path) else { return };
        if self.open.keys().any(|other| other.starts_with(&root)) {
            self.changed.insert(root);
        } else if let Some(shown) = self.shown.remove(&root) {
            self.changed.remove(&root);
            self.projects.remove(&root);
            for url in shown {
                // A client that is gone needs nothing taken back.
                let _ = self.publish(url, Vec::new());
            }
        }
    }

    /// Compiles what has changed and shows what is wrong.
    fn check(&mut self) -> Result<(), Failure> {
        for root in std::mem::take(&mut self.changed) {
            let Some(project) = self.projects.get_mut(&root) else { continue };
            let started = std::time::Instant::now();
            let done = match project.compile(&self.open) {
                Ok(done) => done,
                Err(failure) => {
                    self.log(&failure.message)?;
                    continue;
                }
            };
            let took = started.elapsed();
            let fallback = Url::from_file_path(root.join(PROJECT_FILE)).map_err(|()| Failure::new("the project has no absolute path"))?;
            let mut files: BTreeMap<Url, Vec<LspDiagnostic>> = BTreeMap::new();
            for found in &done.diagnostics {
                let (url, shown) = diagnostic(found, &done.sources, &fallback);
                files.entry(url).or_default().push(shown);
            }
            project.done = Some(done);
            let before = self.shown.insert(root, files.keys().cloned().collect()).unwrap_or_default();
            for url in before {
                files.entry(url).or_default();
            }
            for (url, shown) in files {
                self.publish(url, shown)?;
            }
            if self.verbose {
                self.log(&format!("checked in {} ms", took.as_millis()))?;
            }
        }
        Ok(())
    }

    /// Shows the diagnostics of a file, under the name that the editor has for it.
    fn publish(&self, url: Url, diagnostics: Vec<LspDiagnostic>) -> Result<(), Failure> {
        let open = url.to_file_path().ok().and_then(|path| self.open.get(&path)).map(|document| document.url.clone());
        let params = PublishDiagnosticsParams { uri: open.unwrap_or(url), diagnostics, version: None };
        self.notify::<PublishDiagnostics>(params)
    }

    fn log(&self, message: &str) -> Result<(), Failure> {
        let params = lsp_types::LogMessageParams { typ: lsp_types::MessageType::LOG, message: message.to_owned() };
        self.notify::<lsp_types::notification::LogMessage>(params)
    }

    fn notify<N: lsp_types::notification::Notification>(&self, params: N::Params) -> Result<(), Failure> {
        self.send(Message::Notification(Notification::new(N::METHOD.to_owned(), params)))
    }

    fn answer(&self, request: Request) -> Response {
        use lsp_types::request::Request as _;
        let Request { id, method, params } = request;
        let result = match method.as_str() {
            Completion::METHOD => read::<CompletionParams>(params).map(|params| {
                let found = self.at_with(&params.text_document_position, true, |page, offset| Some(page.complete(offset)));
                json(&found.unwrap_or_default())
            }),
            HoverRequest::METHOD => read::<HoverParams>(params)
                .map(|params| json(&self.at(&params.text_document_position_params, |page, offset| page.hover(offset)))),
            GotoDefinition::METHOD => read::<GotoDefinitionParams>(params)
                .map(|params| json(&self.at(&params.text_document_position_params, |page, offset| page.define(offset)))),
            References::METHOD => read::<ReferenceParams>(params).map(|params| {
                let with_definition = params.context.include_declaration;
                json(&self.at(&params.text_document_position, |page, offset| page.references(offset, with_definition)))
            }),
            DocumentSymbolRequest::METHOD => read::<DocumentSymbolParams>(params).map(|params| {
                let start = TextDocumentPositionParams { text_document: params.text_document, position: Position::default() };
                json(&self.at(&start, |page, _| page.outline()))
            }),
            CodeActionRequest::METHOD => read::<CodeActionParams>(params).map(|params| json(&self.fixes(&params).unwrap_or_default())),
            PrepareRenameRequest::METHOD => {
                return refusable(id, read(params).and_then(|place| self.at(&place, |page, offset| Some(page.renamed(offset)))));
            }
            Rename::METHOD => return refusable(id, read(params).and_then(|params| self.rename(&params))),
            _ => {
                let message = format!("{method} is not answered");
                return Response::new_err(id, ErrorCode::MethodNotFound as i32, message);
            }
        };
        match result {
            Some(result) => Response::new_ok(id, result),
            None => Response::new_err(id, ErrorCode::InvalidParams as i32, format!("{method} has other parameters")),
        }
    }

    fn rename(&self, params: &RenameParams) -> Option<Result<WorkspaceEdit, String>> {
        self.at(&params.text_document_position, |page, offset| Some(page.rename(offset, &params.new_name)))
    }

    /// Asks about a place in an open file.
    fn at<T>(&self, place: &TextDocumentPositionParams, ask: impl Fn(&Page<'_>, usize) -> Option<T>) -> Option<T> {
        self.at_with(place, false, ask)
    }

    /// The same, where the columns of data files may be asked for.
    fn at_with<T>(&self, place: &TextDocumentPositionParams, with_columns: bool, ask: impl Fn(&Page<'_>, usize) -> Option<T>) -> Option<T> {
        let path = plain(&place.text_document.uri)?;
        let document = self.open.get(&path)?;
        let found = workspace(&path)?;
        let kind = kind(&path, &found)?;
        let project = match &found {
            Workspace::Project(root) => self.projects.get(root),
            Workspace::Central(_) => None,
        };
        let own = with_columns.then_some((path.as_path(), document.text.as_str()));
        let names = project.map_or_else(Names::default, |project| names(project, &project.tree(&self.open), own));
        let page = Page { kind, url: &document.url, text: &document.text, project, names };
        ask(&page, offset(&document.text, place.position))
    }

    fn fixes(&self, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
        let path = plain(&params.text_document.uri)?;
        let document = self.open.get(&path)?;
        let Some(Workspace::Project(root)) = workspace(&path) else { return None };
        let project = self.projects.get(&root)?;
        let done = project.done.as_ref()?;
        let part = offset(&document.text, params.range.start)..offset(&document.text, params.range.end);
        let found = done.diagnostics.iter().filter(|found| fix::is_about(found, &done.sources, &path, &part));
        let actions = found.filter_map(|found| {
            let mended = fix::fix(found, &path, project, &self.open)?;
            let edit = TextEdit { range: range(&document.text, mended.span), new_text: mended.text.clone() };
            let (_, shown) = diagnostic(found, &done.sources, &document.url);
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                title: format!("Write `{}`", mended.text),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![shown]),
                is_preferred: Some(true),
                edit: Some(WorkspaceEdit {
                    changes: Some(HashMap::from([(document.url.clone(), vec![edit])])),
                    ..WorkspaceEdit::default()
                }),
                ..CodeAction::default()
            }))
        });
        Some(actions.collect())
    }
}

/// An answer about a new name; a refusal is an error, whose words an editor shows.
fn refusable<T: serde::Serialize>(id: RequestId, answer: Option<Result<T, String>>) -> Response {
    match answer.unwrap_or_else(|| Err("nothing can be renamed here".to_owned())) {
        Ok(answer) => Response::new_ok(id, answer),
        Err(reason) => Response::new_err(id, ErrorCode::RequestFailed as i32, reason),
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn json<T: serde::Serialize>(answer: &T) -> Value {
    serde_json::to_value(answer).unwrap_or(Value::Null)
}

/// A file's path without links, also of a file that is not on disk yet.
fn plain(url: &Url) -> Option<PathBuf> {
    let path = url.to_file_path().ok()?;
    Some(fs_err::canonicalize(path.parent()?).ok()?.join(path.file_name()?))
}

fn workspace(path: &Path) -> Option<Workspace> {
    Workspace::search(path.parent()?).ok().flatten()
}

/// What kind of file it is, by its place.
fn kind(path: &Path, workspace: &Workspace) -> Option<Kind> {
    let (Workspace::Project(root) | Workspace::Central(root)) = workspace;
    let inside = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let is_yaml = inside.ends_with(".yaml") || inside.ends_with(".yml");
    match workspace {
        _ if !is_yaml => None,
        _ if inside.starts_with("blueprints/") => Some(Kind::Blueprint),
        Workspace::Project(_) if inside == PROJECT_FILE => Some(Kind::Project),
        Workspace::Project(_) => Some(Kind::Workflow),
        Workspace::Central(_) if inside == "platform.yaml" => Some(Kind::Platform),
        Workspace::Central(_) if inside.starts_with("teams/") => Some(Kind::Grant),
        Workspace::Central(_) if inside.starts_with("overrides/") => Some(Kind::Override),
        Workspace::Central(_) => None,
    }
}
