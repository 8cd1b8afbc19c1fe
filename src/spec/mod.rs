//! Config as it was written, typed, every leaf with its span; the JSON Schemas are generated from these types.
//!
//! In goes a [`Node`](crate::yaml::Node) that its schema has accepted, out comes a typed file. Leaves that a schema cannot judge
//! (is there a 30th of February, is that expression closed) are judged here. Nothing is defaulted and no name is
//! looked up: that is for `check` and `resolve`.

mod adoption;
mod allow;
mod asset;
mod blueprint;
mod bounded;
mod bounds;
mod claim;
mod condition;
mod decode;
mod for_each;
mod gaps;
mod grant;
mod identity;
mod json_schema;
mod leaf;
mod notify;
mod operator;
mod output;
mod override_record;
mod param;
mod platform;
mod pod_settings;
mod project;
mod record;
mod reuse;
mod schedule;
mod schemas;
mod settings;
mod suppressions;
mod teardown;
mod template;
mod unmanaged;
mod volume;
mod wait;
mod word;
mod workflow;
mod written;

pub use adoption::{AdoptedPath, Adoption, HandWritten, Sha256};
pub use allow::read_allowances;
pub use asset::{Assets, AwaitedAsset};
pub use blueprint::{Blueprint, GroupBody, TaskBody, WorkflowBody};
pub use bounded::is_bounded;
pub use bounds::{Allowed, Bounds, Ceilings, CountBounds, Enforced, PlatformRule, Required, ScheduleRules, TimeBounds};
pub use claim::Claim;
pub use condition::{Comparand, Condition, ConditionFields, RunIf};
pub use decode::{Context, Decode, Key, Table};
pub use for_each::{Accepted, Combination, FileItems, ForEach, Items, OutputItems};
pub use gaps::Gaps;
pub use grant::{Grant, Limits, Namespace, Percent, RefPattern, Repository};
pub use identity::{Accept, Identity, Issuer, PublicKey};
pub use json_schema::{NoSchema, misfit, misspelt_keywords, shown};
pub use leaf::{Date, EnvironmentName, ObjectName, Timespan};
pub use notify::{ArgumentName, Data, DataValue, Notifier, Notifiers, Notify, WorkflowNotify};
pub use operator::{Argument, ArgumentSchema, ArgumentValue, Arguments, Operator, OperatorFields};
pub use output::{Output, OutputFields, ValueSchema};
pub use override_record::{Liftable, OverrideRecord};
pub use param::{Param, Scalar};
pub use platform::{Platform, Pool, PoolFields, Target, Templating};
pub use pod_settings::{ExitCodes, LoggedContainers, PodSettings};
pub use project::{Gift, Project};
pub use schedule::{Crons, Preset, Schedule, ScheduleFields};
pub use schemas::{SCHEMAS, SchemaRow, generate};
pub use settings::{EnvValue, KeyReference, PodOverlay, Quantity, Resources, Settings};
pub use suppressions::{LiftableRule, Rule, Suppressions};
pub use teardown::Teardown;
pub use template::{Part, Reference, Template};
pub use unmanaged::{Unmanaged, UnmanagedPaths};
pub use volume::{Medium, Volume, VolumeFields, VolumeName, VolumeSource};
pub use wait::{WaitFor, WorkflowReference};
pub use word::{ClaimAccess, PodSecurity, RuleScope, RuleSeverity, TaskWord, WorkflowWord};
pub use workflow::{Group, Member, Task, Workflow, WrittenNode};
