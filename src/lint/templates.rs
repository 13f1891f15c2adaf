//! Templates with references to a vault against who is given them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::stack::{Scene, Stack};
use crate::diag::Finding;
use crate::platform::{plain, rules};

/// Templates that no service is given: by a mount of them or of a directory above them, as a config, or by a script
/// that names them.
pub fn unused(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let given: BTreeSet<PathBuf> = scene.stacks.iter().flat_map(given).collect();
    let files = scene.folder.files;
    let beside = files.under(Path::new("scripts"));
    let scripts = beside.iter().chain(files.paths()).filter(|path| path.extension().is_some_and(|end| end == "sh"));
    let scripts: Vec<String> = scripts.filter_map(|path| files.found(path).ok().flatten()).collect();
    for template in scene.folder.depth.templates.iter().filter(|template| !template.references.is_empty()) {
        let path = Path::new(&*template.spot.file);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let used = path.ancestors().any(|part| given.contains(part));
        if !used && !scripts.iter().any(|text| text.contains(name)) {
            let what = format!("no service is given {name}");
            let mend = "mount it in the one-shot that fills it in, make a config of it, or take it away";
            findings.push(rules::TEMPLATE_UNUSED.broken(template.spot.clone(), what, mend));
        }
    }
}

/// Files and directories below `stacks/` that a stack is given, wherever the checkout lies.
fn given(stack: &Stack<'_>) -> Vec<PathBuf> {
    let dir = stack.filed.file.parent().unwrap_or(Path::new(""));
    let mounts = stack.services.iter().flat_map(|service| &service.mounts).filter(|mount| mount.is_bind);
    let mounts = mounts.map(|mount| mount.source.as_str());
    let parts = stack.configs.values().chain(stack.secrets.values());
    let files = parts.filter_map(|part| Some(part.file.as_ref()?.text.as_str()));
    let below = |path: PathBuf| path.iter().skip_while(|part| *part != "stacks").collect::<PathBuf>();
    mounts.chain(files).map(|path| below(plain(&dir.join(path)))).filter(|path| path.iter().count() > 1).collect()
}
