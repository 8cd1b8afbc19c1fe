//! Names of other teams' things: a team and what is the team's, joined by `/`.

use std::fmt;

use super::{InvalidName, SourceName, TeamName, WorkflowName};

const GRAMMAR: &str = "a team and a name with `/` between them";

macro_rules! addresses {
    ($($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $type:ident, pattern: $pattern:literal })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The team.
            pub team: TeamName,
            $(#[$field_doc])*
            pub $field: $type,
        }

        impl $name {
            /// The most characters that such an address may have.
            pub const LIMIT: usize = TeamName::LIMIT + 1 + $type::LIMIT;
            /// The grammar as a regular expression, for JSON Schemas.
            pub const PATTERN: &'static str = $pattern;

            /// Reads `<team>/<name>`.
            ///
            /// # Errors
            /// [`InvalidName`] of the part that is none, or when there are not two parts.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                let (team, rest) = text.split_once('/').ok_or(InvalidName::Grammar(GRAMMAR))?;
                Ok(Self { team: TeamName::parse(team)?, $field: $type::parse(rest)? })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{}", self.team, self.$field)
            }
        }
    )*};
}

addresses! {
    /// A team's source: `<team>/<source>`.
    SourceAddress {
        /// The source.
        source: SourceName, pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    }
    /// A team's workflow: `<team>/<workflow>`.
    WorkflowAddress {
        /// The workflow.
        workflow: WorkflowName, pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*([-_][a-z0-9]+)*$"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_it_is_read() {
        assert_eq!(WorkflowAddress::parse("churn/daily_retrain").map(|address| address.to_string()).as_deref(), Ok("churn/daily_retrain"));
        for text in ["churn", "churn/", "/daily", "churn/daily/x", "Churn/daily", "churn/daily\n", "churn//daily"] {
            assert!(SourceAddress::parse(text).is_err(), "{text:?}");
            assert!(WorkflowAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
