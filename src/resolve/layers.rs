//! The layers that a task's settings come from, and which of them wins.

use std::time::Duration;

use crate::source::Spanned;
use crate::spec::{Settings, Table, Timespan};

/// Settings from the weakest to the strongest: platform, profile, workflow, group, task.
pub(super) struct Layers<'a> {
    layers: Vec<&'a Settings>,
}

impl<'a> Layers<'a> {
    /// Of layers from the weakest to the strongest.
    pub(super) fn new(layers: impl IntoIterator<Item = Option<&'a Settings>>) -> Self {
        Self { layers: layers.into_iter().flatten().collect() }
    }

    /// The layers, from the weakest to the strongest.
    pub(super) fn as_slice(&self) -> &[&'a Settings] {
        &self.layers
    }

    /// The strongest layer's value.
    pub(super) fn last<T>(&self, field: impl Fn(&'a Settings) -> Option<&'a T>) -> Option<&'a T> {
        self.layers.iter().rev().find_map(|settings| field(settings))
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
        for (key, value) in self.layers.iter().filter_map(|settings| field(settings)).flat_map(|table| table.iter()) {
            let name = key.value.as_key();
            match merged.iter_mut().find(|(seen, _)| *seen == name) {
                Some(entry) => entry.1 = value,
                None => merged.push((name, value)),
            }
        }
        merged
    }
}
