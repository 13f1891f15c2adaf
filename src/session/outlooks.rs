//! Asking name servers and monitors, beside the loop. What was shown last is kept, so that a yes is one to just that.

use tokio::task::JoinSet;

use crate::action::Action;
use crate::app::{Msg, Outlet};
use crate::diag::Diagnostic;
use crate::hub::Handle;
use crate::jobs::register::{Found, Look};

/// The question under way, and what was shown last.
#[derive(Debug, Default)]
pub struct Outlooks {
    asking: JoinSet<(String, Result<Look, Vec<Diagnostic>>)>,
    shown: Option<(String, Look)>,
}

impl Outlooks {
    /// Begins one; an older is given up.
    pub fn begin(&mut self, handle: &Handle, stack: String) {
        self.asking.abort_all();
        let handle = handle.clone();
        self.asking.spawn(async move {
            let answer = handle.outlook(&stack, false).await;
            (stack, answer)
        });
    }

    /// What the next one found.
    pub async fn next(&mut self) -> Msg {
        loop {
            match self.asking.join_next().await {
                Some(Ok((stack, answer))) => {
                    let told = answer.as_ref().map(told).map_err(Clone::clone);
                    self.shown = answer.ok().map(|found| (stack.clone(), found));
                    return Msg::Outlook { stack, answer: told };
                }
                // One that was given up.
                Some(Err(_)) => {}
                None => return std::future::pending().await,
            }
        }
    }

    /// The operator said yes to what was shown, if this is what it was shown for.
    pub fn agree(&mut self, handle: &Handle, action: &Action) {
        if let Action::Register { stack, gone: false, .. } = action
            && let Some((shown, found)) = self.shown.take_if(|(shown, _)| shown == stack)
        {
            handle.agree(&shown, &found);
        }
    }
}

fn told(found: &Look) -> Vec<Outlet> {
    let outlet = |(name, found): &(&'static str, Result<Found, Diagnostic>)| Outlet {
        name: (*name).to_owned(),
        note: found.as_ref().map(|found| found.note.clone()).unwrap_or_default(),
        found: found.as_ref().map(|found| found.todo.clone()).map_err(Clone::clone),
    };
    found.iter().map(outlet).collect()
}
