//! Where output goes, and in which format.

use std::cell::Cell;
use std::io::{IsTerminal, Write};

use clap::{Args, ValueEnum};

use super::Failure;
use super::repository::Repository;
use crate::diag::{Diagnostic, Severity};
use crate::report::paint::{Paint, RED};
use crate::report::{self, Format, Language, Style, Summary};
use crate::source::Sources;

/// Options that every command has.
#[derive(Debug, Args)]
pub(crate) struct OutputOptions {
    /// How diagnostics are written: `human` to standard error; `json`, `sarif`, `github`, `gitlab` or `markdown` to standard output.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", value_parser = parse_format)]
    format: Format,
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say only what is wrong.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more.
    #[arg(short, long, global = true)]
    verbose: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| format!("known formats: {}", Format::names().join(", ")))
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere only when `CLICOLOR_FORCE` is.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn is_wanted(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => !is_set("NO_COLOR", &[""]) && (is_terminal || is_set("CLICOLOR_FORCE", &["", "0"])),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Whether a variable of the environment says yes: it is there, and is none of what means no.
fn is_set(name: &str, no: &[&str]) -> bool {
    std::env::var_os(name).is_some_and(|value| no.iter().all(|no| value != *no))
}

/// Columns of what is read elsewhere than on a terminal.
const WIDTH: usize = 110;

/// Columns of the terminal that reads a stream; the same everywhere for what is no terminal.
fn width(stream: &impl IsTerminal) -> usize {
    if !stream.is_terminal() {
        return WIDTH;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    said.or_else(|| terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns.into())).unwrap_or(WIDTH)
}

/// Writes for people and for programs.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) style: Style,
    quiet: bool,
    pub(super) verbose: bool,
    color: Color,
    /// Whether the product's reader has gone away.
    abandoned: Cell<bool>,
}

impl Output {
    pub(super) fn new(options: &OutputOptions) -> Self {
        let colour = options.color.is_wanted(std::io::stderr().is_terminal());
        Self {
            format: options.format,
            style: Style { colour, width: width(&std::io::stderr()) },
            quiet: options.quiet,
            verbose: options.verbose,
            color: options.color,
            abandoned: Cell::new(false),
        }
    }

    /// Whether the product may have colours: what is read by a program has none.
    pub(super) fn is_product_coloured(&self) -> bool {
        self.color.is_wanted(std::io::stdout().is_terminal())
    }

    /// Whether the product is read on a terminal as it comes.
    #[expect(clippy::unused_self, reason = "all output goes through here")]
    pub(super) fn is_product_on_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Generated text as what shows the product wants it: a terminal gets colours, and nothing that it would obey; elsewhere all stays as it is.
    pub(super) fn code(&self, text: &str, language: Language) -> String {
        let colour = self.is_product_coloured();
        if colour || std::io::stdout().is_terminal() { report::code(text, language, colour) } else { text.to_owned() }
    }

    /// Columns of what shows the product.
    #[expect(clippy::unused_self, reason = "all output goes through here")]
    pub(super) fn product_width(&self) -> usize {
        width(&std::io::stdout())
    }

    /// Empties what is seen of a terminal for what is shown next, and leaves what can be scrolled back to. What is no terminal keeps all.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        if std::io::stdout().is_terminal() { self.product("\u{1b}[H\u{1b}[2J") } else { Ok(()) }
    }

    /// Whether the product's reader has gone away.
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.get()
    }

    /// Writes the product. A reader that has gone away is no fault.
    pub(super) fn product(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.abandoned.set(true);
                Ok(())
            }
            result => Ok(result?),
        }
    }

    /// Writes a page of Markdown, set for a terminal when one reads it.
    pub(super) fn page(&self, markdown: &str) -> Result<(), Failure> {
        if !std::io::stdout().is_terminal() {
            return self.product(markdown);
        }
        self.product(&report::page(markdown, self.is_product_coloured()))
    }

    /// Tells a person something, unless they asked for quiet.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            Self::to_stderr(&format!("{text}\n"));
        }
    }

    /// Writes diagnostics in the format that was asked for, and says whether any is an error.
    pub(super) fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &Sources, summary: &Summary) -> Result<bool, Failure> {
        let repository = if self.format.is_for_people() { None } else { Repository::here() };
        let locate = |path: &str| repository.as_ref()?.locate(path);
        let text = report::render_located(self.format, diagnostics, sources, summary, self.style, &locate);
        if self.format.is_for_people() {
            if !(self.quiet && diagnostics.is_empty()) {
                Self::to_stderr(&text);
            }
        } else {
            self.product(&text)?;
        }
        Ok(diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error))
    }

    /// Tells why the command could not do its work.
    pub(super) fn failure(&self, failure: &Failure) {
        let help = failure.help.as_ref().map(|help| format!("  help: {help}\n")).unwrap_or_default();
        let error = Paint::new(self.style.colour).with(RED, "error");
        Self::to_stderr(&format!("{error}: {}\n{help}", failure.message));
    }

    /// A terminal that has gone away is no fault.
    fn to_stderr(text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}
