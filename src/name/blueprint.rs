//! What a `uses` names.

use std::fmt;

use super::{BlueprintName, InvalidName};

/// A blueprint: one of the platform's in a version, or one that lies beside the workflow that uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlueprintReference {
    /// `platform/train-model@2`.
    Platform {
        /// Its name.
        name: BlueprintName,
        /// Its version, from 1.
        version: u32,
    },
    /// `train-model`, or `./train-model`.
    Own(BlueprintName),
}

/// Why a text names no blueprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidReference {
    /// A blueprint of the platform without a version.
    Unversioned(BlueprintName),
    /// A version that is no whole number from 1.
    Version(BlueprintName),
    /// One of the own, with a version.
    OwnVersion(BlueprintName),
    /// Neither the platform's nor the own.
    Owner(String),
    /// No name.
    Name(InvalidName),
}

impl BlueprintReference {
    /// The grammar as a regular expression, for JSON Schemas.
    pub const PATTERN: &'static str = "^(platform/[a-z][a-z0-9]*([-_][a-z0-9]+)*@[1-9][0-9]{0,5}|(\\./)?[a-z][a-z0-9]*([-_][a-z0-9]+)*)$";

    /// Reads a reference.
    ///
    /// # Errors
    /// [`InvalidReference`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let name = |text: &str| BlueprintName::parse(text).map_err(InvalidReference::Name);
        let Some((owner, rest)) = text.split_once('/') else { return own(text) };
        match (owner, rest.split_once('@')) {
            (".", _) => own(rest),
            ("platform", None) => Err(InvalidReference::Unversioned(name(rest)?)),
            ("platform", Some((rest, version))) => {
                let name = name(rest)?;
                match parse_version(version) {
                    Some(version) => Ok(Self::Platform { name, version }),
                    None => Err(InvalidReference::Version(name)),
                }
            }
            (owner, _) => Err(InvalidReference::Owner(owner.to_owned())),
        }
    }

    /// Its name, without the version.
    #[must_use]
    pub fn name(&self) -> &BlueprintName {
        match self {
            Self::Platform { name, version: _ } | Self::Own(name) => name,
        }
    }
}

fn own(text: &str) -> Result<BlueprintReference, InvalidReference> {
    let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
    let name = BlueprintName::parse(name).map_err(InvalidReference::Name)?;
    if version.is_some() { Err(InvalidReference::OwnVersion(name)) } else { Ok(BlueprintReference::Own(name)) }
}

/// A version as it is written in references and in the names of files: no sign, no zero before it, at most six digits.
#[must_use]
pub fn parse_version(text: &str) -> Option<u32> {
    let is_plain = text.len() <= 6 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for BlueprintReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform { name, version } => write!(f, "platform/{name}@{version}"),
            Self::Own(name) => write!(f, "{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_platforms_with_a_version_or_the_own_without_one() {
        let read = |text: &str| BlueprintReference::parse(text).map(|reference| reference.to_string());
        assert_eq!(read("platform/train-model@2").as_deref(), Ok("platform/train-model@2"));
        assert_eq!(read("train-model").as_deref(), Ok("train-model"));
        assert_eq!(read("./train-model").as_deref(), Ok("train-model"));
        assert!(matches!(read("platform/train-model"), Err(InvalidReference::Unversioned(_))));
        assert!(matches!(read("train-model@2"), Err(InvalidReference::OwnVersion(_))));
        assert!(matches!(read("ads/train-model@2"), Err(InvalidReference::Owner(_))));
        for version in ["", "0", "01", "+1", "-1", "1.0", "v1", "1000000", "１"] {
            let text = format!("platform/train-model@{version}");
            assert!(matches!(read(&text), Err(InvalidReference::Version(_))), "{text}");
        }
        for text in ["", "/", "./", "../train-model", "platform/", "platform/@1", "Train", "a/b/c"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
