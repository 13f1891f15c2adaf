//! The files of a stack as they will be when it is deployed: what its pre-flight puts in place and what its script makes
//! need not be there before. Reads, and makes nothing.

use std::io;
use std::path::Path;

use super::preflight::target;
use crate::diag::Diagnostic;
use crate::model::Filed;
use crate::platform::{Checkout, Preflight, Values};
use crate::stack::{self, Folder, Source, Sources, Wish};

/// Who makes what lies on a machine.
const PREFLIGHT: &str = "its pre-flight";

/// What a stack of this pre-flight wishes for. What that makes is awaited.
///
/// # Errors
/// With all that is wrong with its file.
pub fn wish(
    checkout: &Checkout,
    filed: &Filed,
    (preflight, values): (Option<&Preflight>, &Values),
) -> Result<Wish, Vec<Diagnostic>> {
    let Some(preflight) = preflight else { return checkout.wish_of(filed, values) };
    let upcoming = Upcoming { checkout, preflight, values };
    let wish = checkout.wish_of(filed, values).or_else(|faults| {
        let text = checkout.files.text(&filed.file).map_err(|_| faults)?;
        let source = Source { name: filed.file.clone(), text: text.into() };
        let dir = filed.file.parent().unwrap_or(Path::new(""));
        stack::read(&filed.name, Sources(vec![source]), dir, &upcoming, &values.all())
    })?;
    Ok(Wish { maker: upcoming.script(), hidden: values.secrets().clone().long(), ..wish })
}

/// The files of the folder, seen from a stack that is not prepared yet.
struct Upcoming<'a> {
    checkout: &'a Checkout,
    preflight: &'a Preflight,
    values: &'a Values,
}

impl Upcoming<'_> {
    /// The script that may make what is missing.
    fn script(&self) -> Option<String> {
        Some(self.preflight.hooks.as_ref()?.file_name()?.to_string_lossy().into_owned())
    }

    fn is_placed(&self, path: &Path) -> bool {
        let placed = self.preflight.files.iter().chain(&self.preflight.templates);
        placed.filter_map(|placed| target(placed, self.values).ok()).any(|(_, target)| Path::new(&target) == path)
    }
}

impl Folder for Upcoming<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.checkout.files.read(path)
    }

    fn maker(&self, path: &Path) -> Option<String> {
        if self.is_placed(path) { Some(PREFLIGHT.to_owned()) } else { self.script() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::platform::{self, Files};

    const COMPOSE: &str = "services:\n  web:\n    image: web:1\n    configs: [conf]\n    env_file: [made.env]\nconfigs:\n  conf: {file: /mnt/iscsi/app-data/web/conf}\n";

    fn awaited(more: &[(&str, &str)]) -> Result<Vec<String>, usize> {
        let texts: Vec<(&str, &str)> =
            [("stacks/web/compose.yaml", COMPOSE)].into_iter().chain(more.iter().copied()).collect();
        let files = Files::of(&[], &texts);
        let platform = platform::read(&files);
        let depth = platform.depth(&files);
        let catalogue = Arc::new(platform.catalogue);
        let checkout = Checkout { files: Arc::new(files), catalogue, surroundings: Arc::default() };
        let (filed, preflight) = (&checkout.catalogue.stacks["web"], depth.stacks["web"].preflight.as_ref());
        let wish = wish(&checkout, filed, (preflight, &checkout.values().unwrap())).map_err(|faults| faults.len())?;
        Ok(wish.awaited.iter().map(|one| format!("{}: {}", one.key, one.by)).collect())
    }

    #[test]
    fn what_its_preflight_or_script_makes_is_awaited_and_what_nobody_makes_is_a_fault() {
        let preflight = ("stacks/web/pre-flight.yml", "templates:\n  - {src: conf.j2, dest: web/conf}\n");
        let both = vec!["web: hooks.sh".to_owned(), "conf: its pre-flight".to_owned()];
        assert_eq!(awaited(&[]), Err(2));
        assert_eq!(awaited(&[preflight]), Err(1));
        assert_eq!(awaited(&[preflight, ("stacks/web/hooks.sh", "")]), Ok(both));
        assert_eq!(
            awaited(&[preflight, ("stacks/web/made.env", "A=1\n")]),
            Ok(vec!["conf: its pre-flight".to_owned()])
        );
    }
}
