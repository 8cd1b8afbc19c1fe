//! Answers to an editor that would give a task another name.

use std::collections::HashMap;

use lsp_types::{PrepareRenameResponse, TextEdit, WorkspaceEdit};

use super::answer::Page;
use super::convert::range;
use crate::editor;
use crate::name::TaskName;
use crate::schema::Kind;

impl Page<'_> {
    /// What would be renamed, or why nothing can be.
    pub(super) fn renamed(&self, offset: usize) -> Result<PrepareRenameResponse, String> {
        self.expect_tasks()?;
        let found = editor::renamed(self.text, offset)?;
        Ok(PrepareRenameResponse::RangeWithPlaceholder { range: range(self.text, found.here), placeholder: found.name })
    }

    /// The edits that give what stands at an offset another name, or why there are none.
    pub(super) fn rename(&self, offset: usize, to: &str) -> Result<WorkspaceEdit, String> {
        self.expect_tasks()?;
        TaskName::parse(to).map_err(|reason| format!("`{to}` is no task's name: {reason}"))?;
        let places = editor::rename(self.text, offset, to)?;
        let edits = places.into_iter().map(|place| TextEdit { range: range(self.text, place), new_text: to.to_owned() });
        Ok(WorkspaceEdit { changes: Some(HashMap::from([(self.url.clone(), edits.collect())])), ..WorkspaceEdit::default() })
    }

    fn expect_tasks(&self) -> Result<(), String> {
        let has_tasks = self.kind == Kind::Workflow && self.project.is_some();
        has_tasks.then_some(()).ok_or_else(|| "only tasks can be renamed here, in the file of their workflow".to_owned())
    }
}
