//! What the platform trusts, and how much of it each operation takes.

use std::collections::BTreeMap;

use super::claims::Provider;
use super::key::Key;

/// The platform's identity policy. The default trusts no issuer and accepts the environment's word.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whose tokens are trusted. Repository numbers that do not say whose they are belong to the first.
    pub issuers: Vec<Issuer>,
    /// The weakest level that is accepted, for operations that the policy names.
    pub accept: BTreeMap<Operation, Level>,
}

impl Policy {
    /// The weakest level that an operation takes: the environment's word, unless there is an issuer or the policy says otherwise.
    #[must_use]
    pub fn accepted(&self, operation: Operation) -> Level {
        let otherwise = if self.issuers.is_empty() { Level::Environment } else { Level::Token };
        self.accept.get(&operation).copied().unwrap_or(otherwise)
    }

    /// Whether numbers of a repository that is granted as one of `host`'s are those that `issuer` gives out.
    #[must_use]
    pub fn is_numbered_by(&self, host: Option<&str>, issuer: &str) -> bool {
        let host = host.or_else(|| self.issuers.first().map(|first| first.name.as_str()));
        host == Some(issuer)
    }
}

/// Somebody whose tokens are trusted.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its address, as tokens name it: `https://token.actions.githubusercontent.com`.
    pub name: String,
    /// How its claims are called.
    pub provider: Provider,
    /// What a token must have been made for.
    pub audience: String,
    /// Its public keys.
    pub keys: Vec<Key>,
}

/// Something that is asked of the central repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// A source is published.
    Publish,
    /// An older commit, or one of another line of history, replaces what was published.
    Rollback,
    /// What somebody edited in the central repository is overwritten.
    Repair,
    /// A workflow changes hands.
    Transfer,
    /// A rule is set aside, once.
    Override,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 5] = [Self::Publish, Self::Rollback, Self::Repair, Self::Transfer, Self::Override];

    /// Its name in `platform.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Rollback => "rollback",
            Self::Repair => "repair",
            Self::Transfer => "transfer",
            Self::Override => "override",
        }
    }
}

/// How well it is known who asks; the stronger is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Options and environment variables say it: whoever may push is believed.
    Environment,
    /// A signed token says it.
    Token,
}

impl Level {
    /// Every level, the weakest first.
    pub const ALL: [Self; 2] = [Self::Environment, Self::Token];

    /// Its name in `platform.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Token => "token",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(has_issuer: bool, accept: &[(Operation, Level)]) -> Policy {
        let issuer = || Issuer {
            name: "https://git.example.com".to_owned(),
            provider: Provider::Gitlab,
            audience: "freehold".to_owned(),
            keys: Vec::new(),
        };
        Policy { issuers: has_issuer.then(issuer).into_iter().collect(), accept: accept.iter().copied().collect() }
    }

    #[test]
    fn the_environment_is_accepted_until_there_is_an_issuer() {
        for operation in Operation::ALL {
            assert_eq!(policy(false, &[]).accepted(operation), Level::Environment);
            assert_eq!(policy(true, &[]).accepted(operation), Level::Token);
        }
    }

    #[test]
    fn what_the_policy_says_of_an_operation_holds_for_that_one_only() {
        let weaker = policy(true, &[(Operation::Publish, Level::Environment)]);
        assert_eq!((weaker.accepted(Operation::Publish), weaker.accepted(Operation::Rollback)), (Level::Environment, Level::Token));
        let stronger = policy(false, &[(Operation::Rollback, Level::Token)]);
        assert_eq!((stronger.accepted(Operation::Publish), stronger.accepted(Operation::Rollback)), (Level::Environment, Level::Token));
    }

    #[test]
    fn a_repository_that_names_no_host_is_one_of_the_first_issuers() {
        let mut two = policy(true, &[]);
        two.issuers.push(Issuer { name: "https://other.example.com".to_owned(), ..two.issuers[0].clone() });
        assert!(two.is_numbered_by(None, "https://git.example.com"));
        assert!(!two.is_numbered_by(None, "https://other.example.com"));
        assert!(two.is_numbered_by(Some("https://other.example.com"), "https://other.example.com"));
        assert!(!policy(false, &[]).is_numbered_by(None, "https://git.example.com"));
    }
}
