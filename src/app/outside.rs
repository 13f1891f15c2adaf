//! What comes from the remote of the folder, and what is made known outside: asked for, shown, and put into the queue
//! only as it was shown.

use super::popup::{Confirm, Item};
use super::{App, Effect, Level, Popup, redeploy};
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::model::text::clean;

/// What stands above the plan of what came.
const CAME: &str = "what came from the remote";

/// What was found at one place where stacks are made known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// What it is called.
    pub name: String,
    /// What is to be done there, in words; or what is wrong there.
    pub found: Result<Vec<String>, Diagnostic>,
    /// Why nothing is ever to be done there; empty where something may be.
    pub note: String,
}

impl App {
    /// Brings the checkout forward and shows what that changes.
    pub(super) fn sync(&mut self) -> Vec<Effect> {
        if self.settings.read_only {
            self.tell(Level::Warning, "refused: this console is read-only");
            return Vec::new();
        }
        if self.picture.catalogue.stacks.is_empty() {
            self.tell(Level::Warning, "no platform folder with stacks is here: there is nothing to bring forward");
            return Vec::new();
        }
        self.plan_other(CAME.to_owned(), Effect::Sync(self.plans))
    }

    /// Asks what the names and monitors of the stack under the cursor lack.
    pub(super) fn make_known(&mut self) -> Vec<Effect> {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            self.tell(Level::Warning, why);
            return Vec::new();
        }
        let Some(stack) = self.stack_at_cursor() else {
            self.tell(
                Level::Warning,
                "point at a stack or a service of one, then m makes its names and monitors known",
            );
            return Vec::new();
        };
        if !self.picture.catalogue.stacks.contains_key(&stack) {
            self.tell(Level::Warning, format!("{stack} has no file in this folder: it is known by no name"));
            return Vec::new();
        }
        self.tell(Level::Info, format!("asking name servers and monitors for {stack}"));
        vec![Effect::Outlook(stack)]
    }

    /// They have answered: what is lacking is asked about, and what is wrong is told.
    pub(super) fn on_outlook(&mut self, stack: &str, answer: Result<Vec<Outlet>, Vec<Diagnostic>>) -> Vec<Effect> {
        self.dirty = true;
        let outlets = match answer {
            Ok(outlets) => outlets,
            Err(faults) => {
                for fault in faults {
                    self.messages.add(self.now, Level::Error, fault.line(), Some(fault));
                }
                return Vec::new();
            }
        };
        for fault in outlets.iter().filter_map(|outlet| outlet.found.as_ref().err()) {
            self.messages.add(self.now, Level::Error, fault.line(), Some(fault.clone()));
        }
        match confirm(stack, &outlets) {
            // An answer that comes late does not lie over another question, nor over a line that is typed.
            Some(confirm) if self.popups.is_empty() && self.prompt.is_none() => {
                self.open_unbidden(Popup::Confirm(confirm));
            }
            Some(_) => self.tell(Level::Warning, format!("{stack} is not known everywhere: m shows what is lacking")),
            None if outlets.is_empty() => {
                self.tell(
                    Level::Warning,
                    "the folder makes nothing known anywhere: `registrations` in quarterdeck.yaml",
                );
            }
            None if outlets.iter().all(|outlet| outlet.found.is_ok()) => {
                self.tell(Level::Info, format!("{stack} is known as it should be"));
            }
            None => {}
        }
        Vec::new()
    }
}

/// The question before it is made known; none where nothing is to be done.
fn confirm(stack: &str, outlets: &[Outlet]) -> Option<Confirm> {
    let item = |outlet: &Outlet, deed: &String| Item {
        name: outlet.name.clone(),
        amount: String::new(),
        // Names come from files, and what stands at an outlet from there.
        how: clean(deed),
    };
    let todo = |outlet: &Outlet| outlet.found.clone().unwrap_or_default();
    let items: Vec<Item> = outlets
        .iter()
        .flat_map(|outlet| todo(outlet).iter().map(|deed| item(outlet, deed)).collect::<Vec<_>>())
        .collect();
    if items.is_empty() {
        return None;
    }
    let notes = outlets.iter().filter_map(|outlet| match &outlet.found {
        Err(fault) => Some(format!("{}: {}", outlet.name, fault.line())),
        Ok(_) if !outlet.note.is_empty() => Some(format!("{}: {}", outlet.name, outlet.note)),
        Ok(_) => None,
    });
    let action = Action::Register { stack: stack.to_owned(), gone: false, labels: Vec::new() };
    Some(Confirm {
        title: action.title(),
        sums_up: format!("{}, and each is asked again afterwards.", super::format::count(items.len() as u64, "change")),
        items,
        notes: notes.collect(),
        typing: None,
        actions: vec![action],
        rolls: None,
        yes: "Register",
        on_yes: false,
        scroll: 0,
    })
}
