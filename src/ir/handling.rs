//! How a target deals with a pod, before, while and after it runs.

/// How the target deals with a pod. What is not said is left to the target's own default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handling {
    /// Whether the wait for the pod takes no worker.
    pub deferrable: Option<bool>,
    /// What becomes of the pod when it has ended.
    pub on_finish_action: Option<OnFinishAction>,
    /// Exit codes with which the task is skipped in place of failed.
    pub skip_on_exit_code: Vec<u8>,
    /// Whether the containers' output goes into the task's log.
    pub get_logs: Option<bool>,
    /// Whose output that is; the task's own container unless it is said.
    pub container_logs: Option<LoggedContainers>,
    /// Init containers whose output goes there too.
    pub init_container_logs: Option<LoggedContainers>,
    /// Whether Kubernetes' events of a failed pod go there too.
    pub log_events_on_failure: Option<bool>,
    /// Whether the specification of a failed pod goes there too.
    pub log_pod_spec_on_failure: Option<bool>,
}

/// Containers of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedContainers {
    /// All of them.
    All,
    /// These.
    Named(Vec<String>),
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $word:literal)*) => {
        /// What becomes of a pod that has ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum OnFinishAction { $($(#[$doc])* $variant),* }

        impl OnFinishAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in YAML and in Airflow.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

actions! {
    /// It is deleted.
    DeletePod "delete_pod"
    /// It is deleted when it succeeded.
    DeleteSucceededPod "delete_succeeded_pod"
    /// It is deleted when it still runs.
    DeleteActivePod "delete_active_pod"
    /// It stays.
    KeepPod "keep_pod"
}
