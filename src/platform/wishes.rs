//! What the stacks of the folder wish for, read from their files each time anew: an edit counts at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::config::{Bar, Config, Gate};
use super::critical::{self, Critical};
use super::files::Files;
use super::values::{VALUES, Values, values};
use crate::diag::{Diagnostic, Finding};
use crate::model::{Catalogue, Filed};
use crate::stack::{self, Source, Sources, Wish};

/// The folder with all that its stack files are read with.
#[derive(Clone)]
pub struct Checkout {
    /// The files.
    pub files: Arc<Files>,
    /// What they say.
    pub catalogue: Arc<Catalogue>,
    /// The environment of this program, for names that the folder's own values leave out.
    pub surroundings: Arc<BTreeMap<String, String>>,
}

impl std::fmt::Debug for Checkout {
    /// Without values: they may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkout").field("name", &self.catalogue.name).finish_non_exhaustive()
    }
}

impl Checkout {
    /// No files at all: nothing can be planned.
    #[must_use]
    pub fn without_files(catalogue: Arc<Catalogue>) -> Self {
        Self { files: Arc::new(Files::of(&[], &[])), catalogue, surroundings: Arc::default() }
    }

    /// The values for all stacks.
    ///
    /// # Errors
    /// If the folder's own values cannot be read.
    pub fn values(&self) -> Result<Values, Diagnostic> {
        values(&self.files, self.surroundings.as_ref().clone())
    }

    /// The services that somebody may be using when this stack is touched: its own, and those that need it. With them
    /// what the folder says of holding it up, and what of it cannot be read.
    #[must_use]
    pub fn critical(&self, stack: &str) -> (Bar, Vec<Critical>, Vec<Finding>) {
        let (config, mut all, unread) = critical::all(&self.files);
        all.retain(|one| one.stack == stack || one.needs.iter().any(|(needed, _)| needed == stack));
        let own = config.stacks.get(stack).and_then(|stack| stack.gates.get(&Gate::Sessions));
        (own.or(config.gates.get(&Gate::Sessions)).copied().unwrap_or(Bar::Ask), all, unread)
    }

    /// What the folder says to Quarterdeck, read anew.
    #[must_use]
    pub fn config(&self) -> Config {
        critical::all(&self.files).0
    }

    /// When each stack's file, and the values for all, were written last; none for what is on no disk.
    #[must_use]
    pub fn written(&self) -> Vec<Option<SystemTime>> {
        let files = self.catalogue.stacks.values().map(|filed| filed.file.as_path());
        files.chain([Path::new(VALUES)]).map(|path| self.files.written(path)).collect()
    }

    /// What one stack wishes for.
    ///
    /// # Errors
    /// With all that is wrong with its file.
    pub fn wish(&self, stack: &str) -> Result<Wish, Vec<Diagnostic>> {
        let unknown = || vec![Diagnostic::new(format!("{stack} has no file in this folder"), "look below stacks/")];
        let filed = self.catalogue.stacks.get(stack).ok_or_else(unknown)?;
        self.wish_of(filed, &self.values().map_err(|fault| vec![fault])?)
    }

    /// What a filed stack wishes for, with these values.
    ///
    /// # Errors
    /// With all that is wrong with its file.
    pub fn wish_of(&self, filed: &Filed, values: &Values) -> Result<Wish, Vec<Diagnostic>> {
        let place = filed.file.display().to_string();
        if let Some(host) = &filed.host {
            let what = format!("the stack {} is run by docker compose on {host}, outside the swarm", filed.name);
            return Err(vec![Diagnostic::new(what, format!("run docker compose on {host}")).at(place)]);
        }
        let text = self.files.text(&filed.file).map_err(|error| {
            let what = format!("the file of the stack {} cannot be read", filed.name);
            vec![Diagnostic::new(what, "look at the file").at(place.clone()).because(error.to_string())]
        })?;
        let source = Source { name: filed.file.clone(), text: text.into() };
        let foreign = values.borrowed(&source);
        let dir = filed.file.parent().unwrap_or(Path::new(""));
        let mut wish = stack::read(&filed.name, Sources(vec![source]), dir, &*self.files, &values.all())?;
        wish.hidden = values.secrets().clone().long();
        if !foreign.is_empty() {
            let names: Vec<&str> = foreign.iter().map(String::as_str).collect();
            let said = Diagnostic::new(
                format!("{} come from the environment of this program", names.join(", ")),
                "put them into the .env of the platform, so that everybody deploys the same",
            );
            wish.notes.push(said.at(place));
        }
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_host_runs_by_itself_is_no_wish_for_the_swarm() {
        let files = Files::of(
            &[],
            &[
                ("quarterdeck.yaml", "stacks: {pxe: {host: barbary}}"),
                ("stacks/pxe/compose.yaml", "services: {a: {image: x}}"),
                ("stacks/web/compose.yaml", "services: {a: {image: x}}"),
            ],
        );
        let catalogue = Arc::new(super::super::read(&files).catalogue);
        let checkout = Checkout { files: Arc::new(files), catalogue, surroundings: Arc::default() };
        assert!(checkout.wish("web").is_ok());
        let faults = checkout.wish("pxe").unwrap_err();
        assert!(faults[0].what.contains("on barbary, outside the swarm"), "{}", faults[0]);
    }
}
