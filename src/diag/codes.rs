//! The table of diagnostic codes. One row here, one page in `docs/codes`, one fixture.
//!
//! `FH01xx` reading and YAML · `FH02xx` shape of a file · `FH03xx` names, references, meaning · `FH04xx` expressions ·
//! `FH05xx` the platform's policy · `FH06xx` limits of a target · `FH07xx` publishing · `FH08xx` rules of the verifier ·
//! `FH09xx` surroundings that weaken the promise.

use super::suggest;

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

impl Code {
    /// What the page is called: what is wrong, in general.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        let first = self.page.lines().next().unwrap_or_default();
        first.split_once(": ").map_or(first, |(_, heading)| heading)
    }

    /// Why, in general: the page's first paragraph.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.page.lines().skip(1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// The code of an id, such as `FH0203`, or of a name, such as `unknown-field`; case does not matter.
    #[must_use]
    pub fn find(text: &str) -> Option<&'static Self> {
        ALL.iter().find(|code| code.id.eq_ignore_ascii_case(text) || code.name.eq_ignore_ascii_case(text)).copied()
    }

    /// What was probably meant by a text that is no code. Of a wrong number nobody knows which other one was meant, unless only its
    /// letters or zeros are missing.
    #[must_use]
    pub fn suggest(text: &str) -> Option<&'static str> {
        let number = text.trim_start_matches(|letter: char| !letter.is_ascii_digit()).trim_start_matches('0');
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            let id = format!("FH{number:0>4}");
            // `FH2003`: one digit too many or too few, another one, or two that changed places.
            let slip = || ALL.iter().copied().find(|code| strsim::osa_distance(code.id, &id) == 1);
            return Self::find(&id).or_else(slip).map(|code| code.id);
        }
        suggest(text, ALL.iter().map(|code| code.name))
    }
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
    NOT_UTF8 "FH0102" "not-utf8"
    EMPTY_FILE "FH0103" "empty-file"
    BUDGET "FH0104" "budget"
    YAML_SYNTAX "FH0105" "yaml-syntax"
    DUPLICATE_KEY "FH0106" "duplicate-key"
    TAG "FH0107" "tag"
    AMBIGUOUS_SCALAR "FH0108" "ambiguous-scalar"
    NOT_A_NUMBER "FH0109" "not-a-number"
    HIDDEN_CHARACTER "FH0110" "hidden-character"
    KEY_TYPE "FH0111" "key-type"
    ALLOWANCE "FH0112" "allowance"
    UNUSED_ALLOWANCE "FH0113" "unused-allowance"
    COMMENT_IN_TEXT "FH0114" "comment-in-text"
    ITEM_IN_TEXT "FH0115" "item-in-text"
    CURLY_QUOTES "FH0116" "curly-quotes"

    // Shape of a file.
    UNKNOWN_FIELD "FH0201" "unknown-field"
    MISSING_FIELD "FH0202" "missing-field"
    WRONG_TYPE "FH0203" "wrong-type"
    BAD_VALUE "FH0204" "bad-value"

    // Names, references, meaning.
    INVALID_VALUE "FH0301" "invalid-value"
    NO_TASKS "FH0302" "no-tasks"
    NAME_TAKEN "FH0303" "name-taken"
    UNKNOWN_NEED "FH0304" "unknown-need"
    CYCLE "FH0305" "cycle"
    SCHEDULE "FH0306" "schedule"
    CRON "FH0307" "cron"
    TIME_ZONE "FH0308" "time-zone"
    DATES "FH0309" "dates"
    PARAM "FH0310" "param"
    NESTED_FAN_OUT "FH0311" "nested-fan-out"
    EMPTY_FAN_OUT "FH0312" "empty-fan-out"
    DATA_FILE "FH0313" "data-file"
    ITEM_NAME "FH0314" "item-name"
    DUPLICATE_WORKFLOW "FH0315" "duplicate-workflow"
    MISSING_IMAGE "FH0316" "missing-image"
    MISSING_PROJECT "FH0317" "missing-project"
    NO_WORKFLOWS "FH0318" "no-workflows"
    WRONG_PLACE "FH0319" "wrong-place"
    LABEL "FH0320" "label"
    REQUEST_OVER_LIMIT "FH0321" "request-over-limit"
    UNKNOWN_VOLUME "FH0322" "unknown-volume"
    RESOURCE "FH0323" "resource"
    WAIT "FH0324" "wait"
    UNKNOWN_AWAITED "FH0325" "unknown-awaited"
    WAIT_CYCLE "FH0326" "wait-cycle"
    NEVER_DUE "FH0327" "never-due"
    RETIRED_AND_THERE "FH0330" "retired-and-there"
    RENAMED_AND_THERE "FH0331" "renamed-and-there"
    SECRET "FH0332" "secret"
    REPEATED_ASSET "FH0333" "repeated-asset"
    DEADLINE "FH0334" "deadline"
    ASSET_RING "FH0335" "asset-ring"
    UNKNOWN_ASSET "FH0336" "unknown-asset"
    NEVER_FIRES "FH0337" "never-fires"
    DAYLIGHT_SAVING "FH0338" "daylight-saving"
    FLOATING "FH0339" "floating-distance"
    TOO_MANY_TASKS "FH0340" "too-many-tasks"
    COMBINATION "FH0341" "combination"
    FILTER "FH0342" "filter"
    NESTED_TOO_DEEP "FH0343" "nested-too-deep"
    VARIABLE_TAKEN "FH0344" "variable-taken"
    BATCH "FH0345" "batch"
    TEARDOWN "FH0346" "teardown"
    CONDITION "FH0347" "condition"
    NEVER_RUNS "FH0348" "never-runs"
    NOTHING_TO_BOUND "FH0349" "nothing-to-bound"
    UNKNOWN_BLUEPRINT "FH0350" "unknown-blueprint"
    BLUEPRINT_ARGUMENT "FH0351" "blueprint-argument"
    BLUEPRINT_CYCLE "FH0352" "blueprint-cycle"
    BLUEPRINT_KIND "FH0353" "blueprint-kind"
    UNUSED_PARAMETER "FH0354" "unused-parameter"
    BLUEPRINT_PARAMETER "FH0355" "blueprint-parameter"
    UNKNOWN_ENVIRONMENT "FH0356" "unknown-environment"
    ENVIRONMENT_ADDS "FH0357" "environment-adds"
    CLAIM_AT_ONCE "FH0358" "claim-at-once"
    CLAIM_READ_ONLY "FH0359" "claim-read-only"
    UNKNOWN_CONTAINER "FH0360" "unknown-container"
    VOLUME "FH0361" "volume"
    EMPTY_VOLUME "FH0362" "empty-volume"
    NO_INTERVAL "FH0364" "no-interval"
    OPERATOR "FH0366" "operator"
    ARGUMENT "FH0367" "argument"
    UNTEMPLATED "FH0368" "untemplated"
    OUTPUT_SCHEMA "FH0369" "output-schema"
    OUTPUT_KEY "FH0370" "output-key"
    BIG_OUTPUT "FH0371" "big-output"
    HANDOVER "FH0373" "empty-folder-handed-over"
    MOUNT "FH0374" "mount"

    // Expressions.
    EXPRESSION_SYNTAX "FH0401" "expression-syntax"
    UNKNOWN_REFERENCE "FH0402" "unknown-reference"
    NO_OUTPUT "FH0403" "no-output"
    NOT_UPSTREAM "FH0404" "not-upstream"
    ALMOST_EXPRESSION "FH0405" "almost-expression"

    // The platform's policy.
    UNKNOWN_PROFILE "FH0501" "unknown-profile"
    PROFILE_NOT_GRANTED "FH0502" "profile-not-granted"
    IMAGE_TAG "FH0503" "image-tag"
    IMAGE_NOT_ALLOWED "FH0504" "image-not-allowed"
    UNKNOWN_POOL "FH0505" "unknown-pool"
    TEMPLATING_FORBIDDEN "FH0506" "templating-forbidden"
    TARGET "FH0507" "target"
    TOO_MANY_WORKFLOWS "FH0508" "too-many-workflows"
    GRANT_NAME "FH0509" "grant-name"
    MISSING_POLICY "FH0510" "missing-policy"
    DAG_ID_TWICE "FH0511" "dag-id-given-twice"
    ADOPTION "FH0512" "adoption"
    NOT_PINNED "FH0513" "not-pinned"
    ADOPTED_AND_MORE "FH0514" "adopted-and-more"
    UNKNOWN_NOTIFIER "FH0515" "unknown-notifier"
    UNMANAGED_PATHS "FH0516" "unmanaged-paths"
    UNMANAGED_DAG_ID "FH0517" "unmanaged-dag-id"
    PLACEMENT "FH0518" "placement"
    CEILING "FH0525" "over-ceiling"
    BOUND "FH0526" "out-of-bounds"
    REQUIRED "FH0527" "required-by-platform"
    TOO_OFTEN "FH0528" "too-often"
    NOT_ALLOWED "FH0529" "name-not-allowed"
    POD_SECURITY "FH0530" "pod-security"
    ENFORCED "FH0531" "enforced"
    POOL_NOT_GRANTED "FH0532" "pool-not-granted"
    QUOTA "FH0533" "quota"
    FORMAT "FH0534" "older-format"
    RULE "FH0535" "rule-broken"
    RULE_FAULT "FH0536" "rule-fault"
    UNKNOWN_OPERATOR "FH0550" "unknown-operator"
    ARGUMENTS "FH0551" "arguments"
    ARGUMENT_SCHEMA "FH0552" "argument-schema"

    // Limits of a target.
    TASK_ID_LENGTH "FH0601" "task-id-length"
    GROUP_ID_LENGTH "FH0602" "group-id-length"
    TAG_LENGTH "FH0603" "tag-length"
    RESTART_POLICY "FH0604" "restart-policy"
    UNBOUNDED_FAN_OUT "FH0605" "unbounded-fan-out"
    NOT_IN_VERSION "FH0606" "not-in-version"
    ALWAYS_IN_FAN_OUT "FH0607" "always-in-fan-out"
    ARGUMENT_SIZE "FH0611" "argument-size"
    POD_SIZE "FH0612" "pod-size"
    ANNOTATIONS_SIZE "FH0613" "annotations-size"
    DAG_SIZE "FH0614" "dag-size"

    // Publishing.
    NOT_BOUND "FH0701" "not-bound"
    REF_NOT_GRANTED "FH0702" "ref-not-granted"
    EVENT_NOT_ALLOWED "FH0703" "event-not-allowed"
    REPOSITORY_RENAMED "FH0704" "repository-renamed"
    OLDER_COMMIT "FH0705" "older-commit"
    UNKNOWN_HISTORY "FH0706" "unknown-history"
    INCOMPLETE "FH0707" "incomplete-source"
    TOO_MANY_DELETIONS "FH0708" "too-many-deletions"
    UNMANAGED "FH0709" "unmanaged-file"
    DRIFT "FH0710" "drift"
    NOT_YOURS "FH0711" "not-yours"
    BROKEN_LOCK "FH0712" "broken-lock"
    NEWER_FORMAT "FH0713" "newer-format"
    NO_GRANT "FH0714" "no-grant"
    IDENTITY_TOKEN "FH0715" "identity-token"
    IDENTITY_LEVEL "FH0716" "identity-level"
    IDENTITY_CONTRADICTION "FH0717" "identity-contradiction"
    UNKNOWN_WORKFLOW "FH0718" "unknown-workflow"
    PROTECTED "FH0719" "protected-workflow"
    WAITED_FOR "FH0720" "waited-for"
    RENAMED "FH0721" "renamed-workflow"
    COMES_BACK "FH0722" "workflow-comes-back"
    TRANSFER "FH0723" "transfer"
    WAITING "FH0724" "waiting-publish"
    DAG_ID_TAKEN "FH0725" "dag-id-taken"
    ORIGINAL "FH0726" "original"
    LEFT_BEHIND "FH0727" "left-behind"
    UNNAMED_DAG "FH0728" "unnamed-dag"
    LEFT_ALONE "FH0729" "left-alone"
    WAITING_TOKEN "FH0730" "waiting-token"

    // Rules of the verifier.
    FRAME "FH0801" "frame"
    REDERIVE "FH0802" "rederive"
    LOCK "FH0803" "lock"
    FILE_NAME "FH0804" "file-name"
    MODE "FH0805" "file-mode"
    RESERVED_FILE "FH0806" "reserved-file"
    MONO "FH0807" "mono"
    COMPLETE "FH0808" "complete"
    GUARD "FH0809" "guard"
    MIXED "FH0810" "mixed"
    POLICY "FH0811" "policy"
    CONFLICT "FH0812" "conflict"
    NOT_FORWARD "FH0813" "not-forward"
    FILE_LIMIT "FH0814" "file-limit"
    OVERRIDE "FH0815" "override"
    STALE "FH0816" "stale-files"
    RERENDER "FH0817" "rerender"
    TRANSFERRED "FH0818" "transferred"
    AWAITED "FH0819" "awaited-workflow"
    IDENTITY "FH0821" "identity"
    DAG_ID "FH0822" "dag-id"
    ADOPTED "FH0823" "adopted"
    INTEGRATED "FH0824" "integrated"
    UNTOUCHED "FH0826" "untouched-source"
    UNMANAGED_NOTHING "FH0827" "unmanaged-nothing"
    APPROVERS "FH0830" "approvers"
    HOLDS_TOO_LONG "FH0831" "holds-too-long"

    // Surroundings that weaken the promise.
    NOBODY "FH0901" "nobody-may-publish"
    SOURCE_BOUND_TWICE "FH0902" "source-bound-twice"
    REPOSITORY_SHARED "FH0903" "repository-shared"
    REPOSITORY_IDENTITY "FH0904" "repository-identity"
    NAMESPACE_SHARED "FH0905" "namespace-shared"
    OPEN_REFS "FH0906" "open-refs"
    ACCOUNT_OF_MANY "FH0907" "account-of-many"
    HOOK "FH0908" "hook"
    RECEIVING "FH0909" "receiving"
    TAG_LIKE_BRANCH "FH0910" "tag-like-branch"
    CREDENTIALS "FH0911" "credentials"
    INCOMPLETE_CLONE "FH0912" "incomplete-clone"
    NOT_CHECKED "FH0913" "not-checked"
    CHECK_EDITS_ITSELF "FH0914" "check-edits-itself"
    STRANGERS_INPUT "FH0915" "strangers-input"
    CHECK_RIGHTS "FH0916" "check-rights"
    UNPINNED_ACTION "FH0917" "unpinned-action"
    NO_OWNERS "FH0918" "no-owners"
    HOST_RULES "FH0919" "host-rules"
    UNMANAGED_OPEN "FH0920" "unmanaged-open"
    INTEGRATOR_WITH_RIGHTS "FH0924" "integrator-with-rights"
}

/// Every code, in the order of their ids.
#[must_use]
pub fn codes() -> &'static [&'static Code] {
    ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_id_and_name_and_a_wrong_number_is_no_other_code() {
        assert_eq!(Code::find("fh0203").map(|code| code.name), Some("wrong-type"));
        assert_eq!(Code::find("wrong-type").map(|code| code.id), Some("FH0203"));
        assert_eq!(Code::suggest("203"), Some("FH0203"));
        assert_eq!(Code::suggest("F0203"), Some("FH0203"));
        assert_eq!(Code::suggest("FH0299"), None);
        assert_eq!(Code::suggest("wrong-tpye"), Some("wrong-type"));
        assert_eq!(Code::suggest("teapot"), None);
    }
}
