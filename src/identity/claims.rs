//! What a token says, by the names that each Git host gives it.

use serde_json::{Map, Value};

use super::token::Untrusted;

/// How an issuer's claims are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// GitHub Actions: <https://docs.github.com/en/actions/reference/security/oidc>.
    Github,
    /// GitLab CI: <https://docs.gitlab.com/ci/secrets/id_token_authentication/>.
    Gitlab,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 2] = [Self::Github, Self::Gitlab];

    /// Its name in `platform.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

/// What a trusted token says of the run that it was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who signed it.
    pub issuer: String,
    /// The number of the run's repository; what the issuer gave it and nobody else of this issuer has.
    pub repository_id: u64,
    /// The repository's full name, for people.
    pub repository: String,
    /// The number of the account or group that the repository belongs to.
    pub owner_id: u64,
    /// The full ref, such as `refs/heads/main`.
    pub reference: String,
    /// What started the run, such as `push`.
    pub event: String,
    /// The commit, in full.
    pub commit: String,
    /// The subject, in the issuer's own spelling.
    pub subject: String,
    /// When it was made, in seconds since 1970.
    pub issued_at: u64,
    /// When it ends, in seconds since 1970.
    pub expires_at: u64,
}

/// The claims of a token by their names.
pub(super) struct Payload<'a>(pub(super) &'a Map<String, Value>);

impl Payload<'_> {
    pub(super) fn claims(&self, provider: Provider) -> Result<Claims, Untrusted> {
        let (issuer, subject) = (self.text("iss")?, self.text("sub")?);
        let (issued_at, expires_at, commit) = (self.moment("iat")?, self.moment("exp")?, self.commit("sha")?);
        Ok(match provider {
            Provider::Github => Claims {
                issuer,
                repository_id: self.number("repository_id")?,
                repository: self.text("repository")?,
                owner_id: self.number("repository_owner_id")?,
                reference: self.reference("ref")?,
                event: self.text("event_name")?,
                commit,
                subject,
                issued_at,
                expires_at,
            },
            Provider::Gitlab => Claims {
                issuer,
                repository_id: self.number("project_id")?,
                repository: self.text("project_path")?,
                owner_id: self.number("namespace_id")?,
                reference: format!("{}{}", self.kind_of_reference("ref_type")?, self.text("ref")?),
                event: self.text("pipeline_source")?,
                commit,
                subject,
                issued_at,
                expires_at,
            },
        })
    }

    /// A text of one line; `Err` when it is missing or something else.
    pub(super) fn text(&self, name: &'static str) -> Result<String, Untrusted> {
        let text = self.0.get(name).ok_or(Untrusted::Missing(name))?.as_str();
        let sound = text.filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
        sound.map(str::to_owned).ok_or(Untrusted::Odd(name))
    }

    /// Seconds since 1970.
    pub(super) fn moment(&self, name: &'static str) -> Result<u64, Untrusted> {
        self.0.get(name).ok_or(Untrusted::Missing(name))?.as_u64().ok_or(Untrusted::Odd(name))
    }

    /// A number that is written as a text. There is one way to write it: `+7` and `007` are no numbers here.
    fn number(&self, name: &'static str) -> Result<u64, Untrusted> {
        let text = self.text(name)?;
        text.parse().ok().filter(|number: &u64| number.to_string() == text).ok_or(Untrusted::Odd(name))
    }

    fn reference(&self, name: &'static str) -> Result<String, Untrusted> {
        self.text(name).and_then(|text| if text.starts_with("refs/") { Ok(text) } else { Err(Untrusted::Odd(name)) })
    }

    fn kind_of_reference(&self, name: &'static str) -> Result<&'static str, Untrusted> {
        match self.text(name)?.as_str() {
            "branch" => Ok("refs/heads/"),
            "tag" => Ok("refs/tags/"),
            _ => Err(Untrusted::Odd(name)),
        }
    }

    fn commit(&self, name: &'static str) -> Result<String, Untrusted> {
        let is_id = |text: &String| {
            matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        self.text(name).and_then(|text| if is_id(&text) { Ok(text) } else { Err(Untrusted::Odd(name)) })
    }
}
