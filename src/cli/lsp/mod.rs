//! `freehold lsp`: a language server over standard input and output.
//!
//! It runs the same pipeline as `check`, on the files as the editor has them. Changes that come in while it works are taken together.

mod answer;
mod convert;
mod fix;
mod names;
mod project;
mod rename;
mod server;

use clap::Args;
use lsp_server::{Connection, ProtocolError};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CompletionOptions, HoverProviderCapability, OneOf, RenameOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
};

use super::output::Output;
use super::{Ending, Failure};
use server::Server;

/// Serve an editor: the Language Server Protocol over standard input and output
///
/// Diagnostics while typing, completion, what a key is and which layer gave a value, where a name is defined, other names for tasks, and
/// fixes. Editors start it themselves; `docs/editors.md` says what to configure.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold lsp")]
pub(super) struct Arguments {
    /// What some editors pass; standard input and output are the only way.
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { stdio: _ } = arguments;
    let (connection, threads) = Connection::stdio();
    let capabilities = serde_json::to_value(capabilities()).map_err(|error| Failure::new(error.to_string()))?;
    // A client that goes away before it has said hello has no wishes left.
    if connection.initialize(capabilities).is_err() {
        return Ok(Ending::Clean);
    }
    Server::new(&connection, output.verbose).serve()?;
    drop(connection);
    threads.join()?;
    Ok(Ending::Clean)
}

fn capabilities() -> ServerCapabilities {
    let characters = [".", "{", "[", " ", ":"].map(str::to_owned).to_vec();
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(true.into()),
        ..TextDocumentSyncOptions::default()
    };
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        completion_provider: Some(CompletionOptions { trigger_characters: Some(characters), ..CompletionOptions::default() }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        // Asked before it is done, so that an editor says at once what cannot be renamed.
        rename_provider: Some(OneOf::Right(RenameOptions { prepare_provider: Some(true), work_done_progress_options: Default::default() })),
        code_action_provider: Some(
            CodeActionOptions { code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]), ..CodeActionOptions::default() }.into(),
        ),
        ..ServerCapabilities::default()
    }
}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        Self::new(error.to_string())
    }
}
