//! The layers that a task's settings come from, and which of them wins.

use std::time::Duration;

use crate::name::ProfileName;
use crate::source::Spanned;
use crate::spec::{Group, Platform, Settings, Table, Task, Timespan, Workflow};

/// A layer of a task's settings, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The platform's `defaults`.
    Platform,
    /// The profile that the others choose.
    Profile,
    /// The workflow's `defaults`.
    Workflow,
    /// The `defaults` of a group around it.
    Group,
    /// The task itself.
    Task,
}

impl Layer {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Profile => "profile",
            Self::Workflow => "workflow",
            Self::Group => "group",
            Self::Task => "task",
        }
    }

    /// Whether the team writes it.
    fn is_own(self) -> bool {
        match self {
            Self::Platform | Self::Profile => false,
            Self::Workflow | Self::Group | Self::Task => true,
        }
    }
}

/// A task's settings from the weakest layer to the strongest.
pub struct Layers<'a> {
    layers: Vec<(Layer, &'a Settings)>,
    /// The profile that they choose.
    pub(super) profile: Option<&'a Spanned<ProfileName>>,
}

impl<'a> Layers<'a> {
    /// Of a task, and the groups around it, the outermost first. `look_up` knows the platform's profiles; it is not asked for a task that runs no pod, because a
    /// profile says where a pod runs.
    pub fn of(
        platform: &'a Platform,
        workflow: &'a Workflow,
        groups: impl IntoIterator<Item = &'a Group>,
        task: &'a Task,
        look_up: impl FnOnce(&'a Spanned<ProfileName>) -> Option<&'a Settings>,
    ) -> Self {
        let outer = [(Layer::Platform, platform.defaults.as_ref()), (Layer::Workflow, workflow.defaults.as_ref())];
        let around = groups.into_iter().map(|group| (Layer::Group, group.defaults.as_ref()));
        let written = outer.into_iter().chain(around).chain([(Layer::Task, Some(&task.settings))]);
        let layers = written.filter_map(|(layer, settings)| Some((layer, settings?))).collect();
        let mut found = Self { layers, profile: None };
        if task.has_pod() {
            found.profile = found.last(|settings| settings.profile.as_ref());
        }
        if let Some(settings) = found.profile.and_then(look_up) {
            let below = found.layers.iter().take_while(|(layer, _)| *layer < Layer::Profile).count();
            found.layers.insert(below, (Layer::Profile, settings));
        }
        found
    }

    /// The layers that say something, from the weakest to the strongest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Layer, &'a Settings)> {
        self.layers.iter().copied()
    }

    /// Those that the team writes.
    pub(super) fn own(&self) -> impl DoubleEndedIterator<Item = &'a Settings> {
        self.iter().filter(|(layer, _)| layer.is_own()).map(|(_, settings)| settings)
    }

    /// The strongest layer's value.
    pub(super) fn last<T>(&self, field: impl Fn(&'a Settings) -> Option<&'a T>) -> Option<&'a T> {
        self.iter().rev().find_map(|(_, settings)| field(settings))
    }

    /// The strongest layer's length of time.
    pub(super) fn duration(&self, field: impl Fn(&'a Settings) -> Option<&'a Spanned<Timespan>>) -> Option<Duration> {
        self.last(field).map(|span| span.value.0)
    }

    /// All layers' entries of a table: the key's place is where it was first written, its value the strongest layer's.
    pub(super) fn merged<K: crate::spec::Key + 'a, V: 'a>(
        &self,
        field: impl Fn(&'a Settings) -> Option<&'a Table<K, V>>,
    ) -> Vec<(&'a str, &'a V)> {
        let mut merged: Vec<(&str, &V)> = Vec::new();
        for (key, value) in self.iter().filter_map(|(_, settings)| field(settings)).flat_map(|table| table.iter()) {
            let name = key.value.as_key();
            match merged.iter_mut().find(|(seen, _)| *seen == name) {
                Some(entry) => entry.1 = value,
                None => merged.push((name, value)),
            }
        }
        merged
    }
}
