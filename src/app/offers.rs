//! Which keys would do something where the operator stands: the footer offers no others. What is pressed all the same is
//! answered with why it does nothing.

use super::screens::What;
use super::{App, Intent, Screen, Subject};

impl App {
    /// This key would do something with what is under the cursor, or does not look at it.
    #[must_use]
    pub fn is_of_use(&self, intent: Intent) -> bool {
        let top = self.views.top();
        let subject = top.subject(&self.picture);
        match (top, intent) {
            (Screen::Plan(_), _) => return true,
            (Screen::Page(page), Intent::Describe) => return page.raw,
            (Screen::Page(page), Intent::Raw) => return !page.raw,
            (Screen::List(screen), Intent::Redeploy) if !screen.list.marks().is_empty() => return true,
            _ => {}
        }
        match intent {
            Intent::Open | Intent::Describe | Intent::Raw => subject.is_some(),
            Intent::Plan => self.stack_at_cursor().is_some(),
            Intent::Redeploy => {
                matches!(subject, Some(Subject::Tier(_) | Subject::Stack(_) | Subject::Service(_) | Subject::Task(..)))
            }
            Intent::Logs => matches!(subject, Some(Subject::Service(_) | Subject::Task(..))),
            Intent::Shell => {
                matches!(subject, Some(Subject::Service(_) | Subject::Task(..) | Subject::Container(..)))
            }
            Intent::Cancel => self.may_cancel(subject.as_ref()),
            Intent::Undo => self.deed().is_some_and(|deed| deed.begun.request().is_none()),
            Intent::Finish | Intent::LetBe => self.deed().is_some_and(|deed| deed.is_interrupted()),
            _ => true,
        }
    }

    fn may_cancel(&self, subject: Option<&Subject>) -> bool {
        match (self.views.top(), subject) {
            (Screen::List(screen), _) if matches!(screen.what, What::Output(_)) => true,
            (_, Some(subject)) => self.jobs_of(subject).iter().any(|job| !job.state.is_over()),
            _ => false,
        }
    }
}
