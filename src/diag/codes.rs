//! The table of diagnostic codes. One row here, one page in `docs/codes`, one fixture.
//!
//! `FH01xx` reading and YAML · `FH02xx` shape of a file · `FH03xx` names, references, meaning · `FH04xx` expressions ·
//! `FH05xx` the platform's policy · `FH06xx` limits of a target · `FH07xx` publishing · `FH08xx` rules of the verifier.

/// A kind of fault. Codes are stable: they are not reused and don't change their meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `FH` and four digits.
    pub id: &'static str,
    /// A name in kebab case, for people who grep.
    pub name: &'static str,
    /// The page in Markdown that `freehold explain` prints.
    pub page: &'static str,
}

macro_rules! codes {
    ($($constant:ident $id:literal $name:literal)*) => {
        $(
            #[doc = concat!("`", $id, "`, ", $name, ".")]
            pub(crate) static $constant: Code = Code {
                id: $id,
                name: $name,
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes/", $id, ".md")),
            };
        )*
        static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    // Reading and YAML.
    UNREADABLE_FILE "FH0101" "unreadable-file"

    // Limits of a target.
    TASK_ID_LENGTH "FH0601" "task-id-length"
    GROUP_ID_LENGTH "FH0602" "group-id-length"
    TAG_LENGTH "FH0603" "tag-length"
    RESTART_POLICY "FH0604" "restart-policy"
    UNBOUNDED_FAN_OUT "FH0605" "unbounded-fan-out"
}

/// Every code, in the order of their ids.
#[must_use]
pub fn codes() -> &'static [&'static Code] {
    ALL
}
