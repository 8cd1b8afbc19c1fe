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
    /// How long a publish may wait with its token, in seconds, when the policy says it.
    pub waiting_time: Option<u64>,
}

/// How long a publish may wait with its token, when the policy does not say it: a day, in seconds.
const WAITING_TIME: u64 = 24 * 60 * 60;

impl Policy {
    /// The weakest level that an operation takes: the environment's word, unless there is an issuer or the policy says otherwise. What
    /// waits takes no less than publishing does.
    #[must_use]
    pub fn accepted(&self, operation: Operation) -> Level {
        if let Some(level) = self.accept.get(&operation) {
            return *level;
        }
        match operation {
            Operation::Integrate if self.accepted(Operation::Publish) < Level::Token => Level::Branch,
            Operation::Publish | Operation::Rollback | Operation::Repair | Operation::Transfer | Operation::Override
                if self.issuers.is_empty() =>
            {
                Level::Environment
            }
            Operation::Publish
            | Operation::Rollback
            | Operation::Repair
            | Operation::Transfer
            | Operation::Override
            | Operation::Integrate => Level::Token,
        }
    }

    /// How long a publish may wait with its token, in seconds.
    #[must_use]
    pub fn waiting_time(&self) -> u64 {
        self.waiting_time.unwrap_or(WAITING_TIME)
    }

    /// The audience that an issuer's token has to be asked for that is good for one publish alone, told by its digest; `None` when the
    /// issuer is not trusted, or fixes the audience before a run begins.
    #[must_use]
    pub fn bound_audience(&self, issuer: &str, digest: &str) -> Option<String> {
        let issuer = self.issuers.iter().find(|trusted| trusted.name == issuer)?;
        match issuer.provider {
            Provider::Github => Some(issuer.bound_audience(digest)),
            Provider::Gitlab => None,
        }
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

impl Issuer {
    /// The audience of a token that is good for one publish alone.
    pub(super) fn bound_audience(&self, digest: &str) -> String {
        format!("{}:{digest}", self.audience)
    }
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
    /// A publish lands that has waited on a branch.
    Integrate,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 6] = [Self::Publish, Self::Rollback, Self::Repair, Self::Transfer, Self::Override, Self::Integrate];

    /// The levels that there are for it, the weakest first.
    #[must_use]
    pub fn levels(self) -> [Level; 2] {
        match self {
            Self::Publish | Self::Rollback | Self::Repair | Self::Transfer | Self::Override => [Level::Environment, Level::Token],
            Self::Integrate => [Level::Branch, Level::Token],
        }
    }

    /// Its name in `platform.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Rollback => "rollback",
            Self::Repair => "repair",
            Self::Transfer => "transfer",
            Self::Override => "override",
            Self::Integrate => "integrate",
        }
    }
}

/// How well it is known who asks; the stronger is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Options and environment variables say it: whoever may push is believed.
    Environment,
    /// The branch says it on which the publish waits: whom the Git host lets push it is believed.
    Branch,
    /// A signed token says it.
    Token,
}

impl Level {
    /// Every level, the weakest first.
    pub const ALL: [Self; 3] = [Self::Environment, Self::Branch, Self::Token];

    /// Its name in `platform.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Branch => "branch",
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
        let issuers = has_issuer.then(issuer).into_iter().collect();
        Policy { issuers, accept: accept.iter().copied().collect(), waiting_time: None }
    }

    #[test]
    fn the_environment_is_accepted_until_there_is_an_issuer() {
        for operation in Operation::ALL {
            assert_eq!(policy(false, &[]).accepted(operation), operation.levels()[0]);
            assert_eq!(policy(true, &[]).accepted(operation), Level::Token);
        }
    }

    #[test]
    fn what_waits_takes_a_token_where_publishing_does_unless_the_policy_says_otherwise() {
        let integrate = |accept: &[(Operation, Level)]| policy(true, accept).accepted(Operation::Integrate);
        let (publish, wait) = (Operation::Publish, Operation::Integrate);
        assert_eq!(integrate(&[(publish, Level::Environment)]), Level::Branch);
        assert_eq!(integrate(&[(publish, Level::Environment), (wait, Level::Token)]), Level::Token);
        assert_eq!(integrate(&[(publish, Level::Token), (wait, Level::Branch)]), Level::Branch);
    }

    #[test]
    fn only_a_host_that_lets_a_run_choose_can_bind_a_token() {
        let mut two = policy(true, &[]);
        two.issuers.push(Issuer { name: "https://hub.example.com".to_owned(), provider: Provider::Github, ..two.issuers[0].clone() });
        assert_eq!(two.bound_audience("https://hub.example.com", "abc").as_deref(), Some("freehold:abc"));
        assert_eq!(two.bound_audience("https://git.example.com", "abc"), None);
        assert_eq!(two.bound_audience("https://evil.example.com", "abc"), None);
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
