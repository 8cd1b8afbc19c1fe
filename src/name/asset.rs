//! URIs of assets, in the one spelling that Airflow keeps.

use std::fmt;

use super::InvalidName;

/// The URI of an asset: `s3://acme/features`.
///
/// Airflow rewrites URIs (it drops a `/` at the end, a fragment, a user), so that two spellings may be one asset. Only what it leaves
/// as it is can be one here: <https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/assets.html#valid-uri>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetUri(String);

impl AssetUri {
    /// The most characters that Airflow takes.
    pub const LIMIT: usize = 1500;
    /// What every one looks like, as a regular expression for JSON Schemas.
    pub const PATTERN: &'static str = "^[a-z][a-z0-9+.-]*://[!-~]+$";

    /// Reads one.
    ///
    /// # Errors
    /// [`InvalidName`] says what Airflow would do to it, or has against it.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        let length = text.chars().count();
        if length > Self::LIMIT {
            return Err(InvalidName::TooLong { length, limit: Self::LIMIT });
        }
        fault(text).map_or_else(|| Ok(Self(text.to_owned())), |reason| Err(InvalidName::Grammar(reason)))
    }

    /// The URI as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fault(text: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
        return Some("it starts with a scheme, such as `s3://`");
    };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let is_known = |character: char| character.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:/@".contains(character);
    match path {
        _ if scheme == "airflow" => Some("the scheme `airflow` is Airflow's own"),
        _ if rest.contains(['?', '#']) => Some("Airflow rewrites what stands behind a `?` or a `#`"),
        _ if !rest.chars().all(is_known) => Some("a URI holds ASCII letters, digits and `-._~%!$&'()*+,;=:/@`"),
        _ if host.contains('@') => Some("Airflow drops a user and a password from it"),
        _ if host.is_empty() && scheme != "file" => Some("a host or a bucket stands behind `://`"),
        None => Some("a path stands behind the host or the bucket"),
        Some(path) if path.ends_with('/') => Some("Airflow drops a `/` at its end"),
        Some(_) => None,
    }
}

fn is_scheme(text: &str) -> bool {
    let is_known = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "+.-".contains(character);
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(is_known)
}

impl fmt::Display for AssetUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_has_one_spelling() {
        for text in ["s3://acme/features", "file:///data/x.csv", "x-acme://models/churn@2", "postgres://db:5432/a/b/c", "s3://acme/"] {
            assert_eq!(AssetUri::parse(text).map(|uri| uri.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_airflow_would_rewrite_or_refuse_is_no_asset() {
        for text in [
            "",
            "features",
            "/data/x",
            "S3://acme/x",
            "airflow://acme/x",
            "s3://acme",
            "s3://acme/x/",
            "s3:///x",
            "s3://key:secret@acme/x",
            "s3://acme/x?version=2",
            "s3://acme/x#top",
            "s3://acme/two words",
            "s3://acme/ü",
            "s3://acme/{{ ds }}",
            "s3://acme/x\n",
        ] {
            assert!(AssetUri::parse(text).is_err(), "{text:?}");
        }
        assert!(AssetUri::parse(&format!("s3://a/{}", "x".repeat(1500))).is_err());
    }
}
