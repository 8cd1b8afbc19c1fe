//! Who is told what becomes of a run or a task, and by what.

use std::time::Duration;

use super::Value;
use crate::name::ClassPath;

/// Who is told what, by names of the workflow's notifiers, in the order written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notify {
    /// That it has failed.
    pub on_failure: Vec<String>,
    /// That it has succeeded.
    pub on_success: Vec<String>,
    /// That it is tried again.
    pub on_retry: Vec<String>,
}

/// How long a run may take until somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Counted from when the run is queued.
    pub after: Duration,
    /// Names of the workflow's notifiers, at least one.
    pub notifiers: Vec<String>,
}

/// A way to tell people something: a Python class, made with arguments and called with the run's context.
#[derive(Debug, Clone, PartialEq)]
pub struct Notifier {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: ClassPath,
    /// Keyword arguments, in the order written; a reference in them is filled in when it is called.
    pub arguments: Vec<(String, Value)>,
}
