//! Tasks of go-task against the files that they run.

use super::Folder;
use crate::diag::Finding;
use crate::platform::rules;

/// What tasks run and is not there.
pub fn files(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for run in folder.depth.runs.iter().filter(|run| matches!(folder.files.found(&run.file), Ok(None))) {
        let what = format!("{} names {}, which is not there", run.task, run.file.display());
        findings.push(rules::TASK_FILE.broken(run.spot.clone(), what, "write the file, or take the line out"));
    }
}
