//! A blueprint: a piece of a workflow with parameters, for use in many.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::decode::{Context, Decode, Table};
use super::param::Param;
use super::record::record;
use super::workflow::{Group, Task, Workflow};
use crate::name::BlueprintName;
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// A piece of a workflow with parameters, for use in many: a task, a group or a whole workflow.
    pub struct Blueprint {
        /// Its name: that of its file, or of its folder when it is the platform's.
        blueprint: Spanned<BlueprintName>,
        /// What it is for, for the people who choose it.
        description: Option<Spanned<String>>,
        /// What `with:` hands to it: a JSON Schema for each name, `{memory: {type: string, default: 2Gi}}`. What has no `default` must be handed over. Used as `${{ with.memory }}`.
        parameters: Option<Table<String, Param>>,
        /// The task that it stands for. `${{ with.NAME }}` may stand for any value.
        task: Option<TaskBody>,
        /// The group of tasks that it stands for. `${{ with.NAME }}` may stand for any value.
        group: Option<GroupBody>,
        /// The workflow that it stands for, all but its name. `${{ with.NAME }}` may stand for any value.
        workflow: Option<WorkflowBody>,
    }
}

/// What only a workflow itself can say: its name, and what becomes of it.
const OF_ITS_OWN: [&str; 5] = ["workflow", "protect", "renamed_from", "taken_from", "adopted"];

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(
            /// As it was written.
            pub Node,
        );

        impl Decode for $name {
            type Described = Self;

            fn decode(node: Node, _: &mut Context<'_>) -> Option<Self> {
                Some(Self(node))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                ($schema)(generator)
            }
        }
    )*};
}

bodies! {
    /// A task with places for arguments.
    TaskBody |generator: &mut SchemaGenerator| generator.subschema_for::<Task>();
    /// A group with places for arguments.
    GroupBody |generator: &mut SchemaGenerator| generator.subschema_for::<Group>();
    /// A workflow with places for arguments, without what only a workflow itself can say.
    WorkflowBody workflow_schema;
}

fn workflow_schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Workflow::json_schema(generator);
    schema.remove("required");
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|key, _| !OF_ITS_OWN.contains(&key.as_str()));
    }
    schema
}
