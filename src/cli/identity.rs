//! Where identity tokens come from, and the time that they are judged by.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::central::Token;

/// Holds a token where no file does. It is no option's default: help would print it.
const VARIABLE: &str = "FREEHOLD_IDENTITY_TOKEN";

/// The token in a file, or in the environment; `None` when there is none.
pub(super) fn find_token(file: Option<&Path>) -> Result<Option<Token>, Failure> {
    if let Some(file) = file {
        return read_token(file).map(Some);
    }
    // CI systems set variables to nothing where they have nothing.
    let text = std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
    text.map(token).transpose()
}

/// The token in a file.
pub(super) fn read_token(file: &Path) -> Result<Token, Failure> {
    let bytes = fs_err::read(file)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(format!("{} holds no identity token", file.display())))?;
    token(text)
}

pub(super) fn token(text: String) -> Result<Token, Failure> {
    Ok(Token { text, now: now()?, checked_out: None, is_sent: false, waits_with: None })
}

/// The time in seconds since 1970.
pub(super) fn now() -> Result<u64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Failure::new("the clock stands before the year 1970"))?;
    Ok(since.as_secs())
}

/// Where a run of GitHub asks for tokens of its own, for an audience of its choice:
/// <https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>.
pub(super) struct TokenEndpoint {
    url: String,
    secret: String,
}

impl TokenEndpoint {
    /// The one of this run; `None` outside of GitHub, and where the job has no `id-token: write`.
    pub(super) fn of_run() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        Some(Self { url: variable("ACTIONS_ID_TOKEN_REQUEST_URL")?, secret: variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")? })
    }

    /// A token for an audience, got with `curl`, which every runner has.
    pub(super) fn ask(&self, audience: &str) -> Result<Token, String> {
        let letter = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        let audience: String = audience.bytes().map(letter).collect();
        let joint = if self.url.contains('?') { '&' } else { '?' };
        // A command line can be read by everybody on the machine, so the secret goes by standard input.
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let asked = format!(
            "url = \"{}{joint}audience={audience}\"\nheader = \"Authorization: bearer {}\"\n",
            quoted(&self.url),
            quoted(&self.secret)
        );
        let options = ["--config", "-", "--fail", "--silent", "--show-error", "--max-time", "60", "--retry", "3"];
        let curl = Command::new("curl").args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut curl = curl.map_err(|error| format!("`curl` cannot be run: {error}"))?;
        if let Some(mut input) = curl.stdin.take() {
            input.write_all(asked.as_bytes()).map_err(|error| error.to_string())?;
        }
        let output = curl.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|_| "its answer is no JSON".to_owned())?;
        let text = answer["value"].as_str().ok_or("its answer has no `value`")?;
        token(text.to_owned()).map_err(|failure| failure.to_string())
    }
}
