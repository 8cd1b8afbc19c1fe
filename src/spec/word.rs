//! Words that a key takes: closed lists of texts.

use super::decode::{Context, Decode};
use super::record::inline_schema;
use crate::diag::{quoted_list, suggest};
use crate::yaml::Node;

/// `words! { /// what it is
/// pub enum Name "Name" { /// what it means
/// Variant "word" } }`: the type, the way to read it and its JSON Schema.
macro_rules! words {
    ($($(#[doc = $doc:literal])* pub enum $name:ident $title:literal { $($(#[doc = $word_doc:literal])* $variant:ident $word:literal)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $word_doc])* $variant),* }

        impl $name {
            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in YAML.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Decode for $name {
            type Described = Self;

            fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
                let span = node.span;
                let text = String::decode(node, context)?;
                let found = Self::ALL.iter().find(|word| word.as_str() == text).copied();
                if found.is_none() {
                    let known = Self::ALL.iter().map(|word| word.as_str());
                    let help = suggest(&text, known.clone()).map_or_else(|| quoted_list(known), |near| format!("`{near}`"));
                    context.invalid(span, format!("`{text}` is not known here"), format!("write {help}"));
                }
                found
            }
        }

        inline_schema! { $name $title { "type": "string", "enum": [$($word),*] } }
    )*};
}

words! {
    /// A level of Kubernetes' Pod Security Standards.
    pub enum PodSecurity "PodSecurity" {
        /// Anything goes.
        Privileged "privileged"
        /// What lets a pod take over its node is refused.
        Baseline "baseline"
        /// Hardened: no root, no escalation, no capabilities.
        Restricted "restricted"
    }
    /// An access mode of a persistent volume claim.
    pub enum ClaimAccess "ClaimAccess" {
        /// One node at a time may mount it.
        ReadWriteOnce "ReadWriteOnce"
        /// One pod at a time may mount it.
        ReadWriteOncePod "ReadWriteOncePod"
        /// Any number of nodes may mount it, and none may write to it.
        ReadOnlyMany "ReadOnlyMany"
        /// Any number of nodes may mount it.
        ReadWriteMany "ReadWriteMany"
    }
    /// A key of a workflow that the platform may require.
    pub enum WorkflowWord "WorkflowWord" {
        /// What it is for.
        Description "description"
        /// Words to find it by, beside the team.
        Tags "tags"
    }
    /// A setting of a task that the platform may require.
    pub enum TaskWord "TaskWord" {
        /// What it does.
        Description "description"
        /// Tries after the first.
        Retries "retries"
        /// The longest that a try may take.
        ExecutionTimeout "execution_timeout"
        /// The longest that the pod may wait for a node.
        StartupTimeout "startup_timeout"
        /// Where the pod runs.
        Profile "profile"
        /// Whose slots it takes.
        Pool "pool"
    }
    /// What a rule looks at.
    pub enum RuleScope "RuleScope" {
        /// Each task.
        Task "task"
        /// Each workflow.
        Workflow "workflow"
    }
    /// How bad it is to break a rule.
    pub enum RuleSeverity "RuleSeverity" {
        /// Refused.
        Error "error"
        /// Told.
        Warning "warning"
    }
}
