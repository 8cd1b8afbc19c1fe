//! Text with references in it that only the target can fill in.

use std::fmt;

use indexmap::IndexSet;

use super::{FanOut, Row};
use crate::name::TaskName;

/// A text: literal pieces and references, in order. Neighbouring literals are joined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Text {
    /// The pieces.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Exactly this text: a target must escape whatever it would take for its own templating.
    Literal(String),
    /// A variable of the fan-out around it, and keys that lead from its item to the value.
    Each(Vec<String>),
    /// Something of the run.
    Run(RunValue),
    /// A parameter of the run.
    Param(String),
    /// Another task's output.
    Output(OutputReference),
    /// The name of the task that a notifier tells of, nothing when it tells of a run.
    Task,
    /// The target's own templating, passed through as it was written.
    Native(String),
}

/// A value of another task's output.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutputReference {
    /// The task whose output it is: a top-level task without a fan-out.
    pub task: TaskName,
    /// Keys that lead from the output to the value; empty is the whole of it. A text is put in as it is, anything
    /// else as JSON.
    pub path: Vec<String>,
}

/// What a run knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunValue {
    /// `run.date`: the day that the run stands for, `2026-11-23`.
    Date,
    /// `run.id`: the run's identifier.
    Id,
    /// `run.logical_date`: the moment that the run stands for, `2026-11-23T03:00:00Z`.
    LogicalDate,
    /// `run.data_interval_start`: the start of the time whose data the run works on, written alike.
    DataIntervalStart,
    /// `run.data_interval_end`: the end of that time.
    DataIntervalEnd,
}

impl RunValue {
    /// The word behind `run.`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Id => "id",
            Self::LogicalDate => "logical_date",
            Self::DataIntervalStart => "data_interval_start",
            Self::DataIntervalEnd => "data_interval_end",
        }
    }

    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Date, Self::Id, Self::LogicalDate, Self::DataIntervalStart, Self::DataIntervalEnd];
}

impl Text {
    /// A text without references.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { pieces: if text.is_empty() { Vec::new() } else { vec![Piece::Literal(text)] } }
    }

    /// A text of these pieces.
    #[must_use]
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut text = Self::default();
        pieces.into_iter().for_each(|piece| text.push(piece));
        text
    }

    /// Appends a piece.
    pub fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Literal(last)), Piece::Literal(next)) => last.push_str(&next),
            (_, Piece::Literal(next)) if next.is_empty() => {}
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// The text when it has no references.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it refers to the item of the fan-out around it.
    #[must_use]
    pub fn has_each(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Each(_)))
    }

    /// The text for one row of a static fan-out around it. What refers to another fan-out stays; a key that the row does not have becomes
    /// empty, which resolve has refused before.
    #[must_use]
    pub fn instantiate(&self, row: &Row) -> Self {
        Self::new(self.pieces.iter().map(|piece| match piece {
            Piece::Each(path) if row.has(path) => Piece::Literal(row.text(path).unwrap_or_default()),
            Piece::Each(_) | Piece::Literal(_) | Piece::Run(_) | Piece::Param(_) | Piece::Output(_) | Piece::Task | Piece::Native(_) => {
                piece.clone()
            }
        }))
    }

    /// The different texts that it becomes over the items of fan-outs around it that are known beforehand. What only the run knows stays.
    pub fn instances<'a>(&self, fan_outs: impl IntoIterator<Item = &'a FanOut>) -> Vec<Self> {
        let mut texts = IndexSet::from([self.clone()]);
        for fan_out in fan_outs {
            let is_used = self
                .pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Each(path) if path.first().is_some_and(|variable| fan_out.has_variable(variable))));
            if let Some(rows) = fan_out.rows().filter(|_| is_used) {
                texts = texts.iter().flat_map(|text| rows.iter().map(|row| text.instantiate(row))).collect();
            }
        }
        texts.into_iter().collect()
    }
}

impl fmt::Display for Text {
    /// With its references as they are written in YAML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |path: &[String]| path.iter().map(|key| format!(".{key}")).collect::<String>();
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) | Piece::Native(text) => f.write_str(text),
            Piece::Each(keys) => write!(f, "${{{{ each{} }}}}", path(keys)),
            Piece::Task => f.write_str("${{ task }}"),
            Piece::Run(value) => write!(f, "${{{{ run.{} }}}}", value.as_str()),
            Piece::Param(name) => write!(f, "${{{{ params.{name} }}}}"),
            Piece::Output(output) => write!(f, "${{{{ tasks.{}.output{} }}}}", output.task, path(&output.path)),
        })
    }
}
