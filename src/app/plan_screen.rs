//! The plan of one stack on the screen: what would happen, in the order it would happen, with every field that
//! differs. It asks again whenever it is opened; what it shows is what it would put into the queue.

use super::format::count;
use super::whole::Whole;
use super::{Confirm, Effect as Asked, Intent, Move, Subject, redeploy};
use crate::action::redeploy::rest;
use crate::action::{Action, Pinned};
use crate::diag::Diagnostic;
use crate::model::Picture;
use crate::plan::{Effect, Plan, Unmade};

use super::plan_rows::{item, rows, sums_up, told};
use super::popup::{Item, Rolls, Typing};

/// Columns for the path of a field, at most.
pub const PATH: usize = 44;

/// What stands for all stacks where a stack is named.
pub const ALL: &str = "*";

/// A plan, and the action that carries it out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// What would happen.
    pub plan: Plan,
    /// What would happen to all stacks, where it was asked for all.
    pub whole: Option<Whole>,
    /// What is put into the queue on yes; none where there is nothing to do or it is forbidden.
    pub action: Option<Action>,
    /// What is put in place first.
    pub prepares: Vec<String>,
    /// It is a plan from files: who made it puts it into the queue as it was shown.
    pub rolls: bool,
}

impl Offer {
    /// Something is to be put in place, or to be deployed.
    fn has_work(&self) -> bool {
        !self.plan.is_empty() || !self.prepares.is_empty()
    }
}

/// The number of a question for a plan, so that an answer to an older one is not taken for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlanId(pub u64);

/// The screen.
#[derive(Debug, Clone)]
pub struct PlanScreen {
    /// The stack; for another way than a deploy, what it is called.
    pub stack: String,
    /// It is no deploy: what asks for it once more.
    pub other: Option<Asked>,
    /// What is rolled beside the stacks, where several things are redeployed.
    pub beside: Vec<Subject>,
    /// Which question it waits for, or has the answer to.
    pub id: PlanId,
    /// What came back; none while it is made.
    pub answer: Option<Result<Box<Offer>, Vec<Diagnostic>>>,
    /// Secrets and configs with another content are made anew under another name.
    pub rotate: bool,
    /// What stays as it is, is shown too.
    pub full: bool,
    /// It was opened by the key that redeploys, and its question comes by itself.
    pub redeploys: bool,
    /// The question for a redeploy is wanted as soon as there is an answer: with every task, or with what differs.
    pub wants: Option<bool>,
    rows: Vec<PlanRow>,
    top: usize,
    size: (u16, u16),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRow {
    /// Nothing.
    Blank,
    /// What stands above others.
    Head(String),
    /// What happens to one object: its effect, its kind and name, and how.
    Object(Effect, String, String),
    /// A field that differs: its name, what it was, what it will be.
    Differs(String, Option<String>, Option<String>),
    /// Something to know: true if it forbids the plan.
    Told(bool, String),
    /// Something said below another, such as where and how to mend it.
    Below(String),
}

impl PlanScreen {
    /// A screen that waits for its plan.
    #[must_use]
    pub fn new(stack: String, id: PlanId) -> Self {
        Self {
            stack,
            other: None,
            beside: Vec::new(),
            id,
            answer: None,
            rotate: false,
            full: false,
            redeploys: false,
            wants: None,
            rows: Vec::new(),
            top: 0,
            size: (80, 20),
        }
    }

    /// Waits for a new answer.
    pub fn again(&mut self, id: PlanId) {
        self.id = id;
        self.answer = None;
        self.lay_out();
    }

    /// Takes the answer, unless it is one to an older question.
    pub fn take(&mut self, id: PlanId, answer: Result<Box<Offer>, Vec<Diagnostic>>) -> bool {
        if id != self.id {
            return false;
        }
        self.answer = Some(answer);
        self.lay_out();
        true
    }

    /// Shows what stays as it is, or hides it.
    pub fn fold(&mut self) {
        self.full = !self.full;
        self.lay_out();
    }

    /// The size of the room for rows.
    pub fn resize(&mut self, width: u16, height: u16) {
        if self.size != (width, height) {
            self.size = (width, height);
            self.lay_out();
        }
    }

    /// Moves through the rows.
    pub fn go(&mut self, to: Move) {
        let page = usize::from(self.size.1).saturating_sub(1).max(1);
        self.top = to.from(self.top, page).min(self.last_top());
    }

    fn last_top(&self) -> usize {
        self.rows.len().saturating_sub(usize::from(self.size.1))
    }

    /// The rows on screen.
    pub fn visible(&self) -> impl Iterator<Item = &PlanRow> {
        self.rows.iter().skip(self.top).take(usize::from(self.size.1))
    }

    /// The first row on screen, and how many there are.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        (self.top, self.rows.len())
    }

    /// What it comes to, in one line.
    #[must_use]
    pub fn sums_up(&self) -> String {
        match &self.answer {
            None => "reading the file, the swarm and the registry".to_owned(),
            Some(Err(faults)) => count(faults.len() as u64, "fault"),
            Some(Ok(offer)) => match &offer.whole {
                Some(whole) => whole.sums_up(),
                None => sums_up(&offer.plan),
            },
        }
    }

    /// The question to ask before it is carried out, or why there is none.
    pub fn question(&self, picture: &Picture) -> Result<Confirm, String> {
        let offer = match &self.answer {
            None => return Err("the plan is not made yet".to_owned()),
            Some(Err(_)) => return Err("refused: the file has faults; mend them, then p again".to_owned()),
            Some(Ok(offer)) => offer,
        };
        if let Some(whole) = &offer.whole {
            return self.question_of_several(whole, picture);
        }
        if let Some(fault) = offer.plan.faults.first() {
            return Err(format!("refused: {}", fault.line()));
        }
        if offer.rolls && (self.wants.is_some() || offer.has_work()) {
            return Ok(self.question_from_file(offer, picture));
        }
        let Some(action) = &offer.action else {
            return Err(match () {
                () if self.other.is_some() => format!("{}: nothing is left to do", self.stack),
                () => format!("{} is as its file says: nothing to do", self.stack),
            });
        };
        Ok(Confirm {
            title: action.title(),
            sums_up: format!("{}.", sums_up(&offer.plan)),
            items: offer.plan.work().map(item).collect(),
            notes: offer.plan.warnings.iter().map(Diagnostic::line).collect(),
            actions: vec![action.clone()],
            rolls: None,
            typing: action.word().map(|word| Typing { word: word.to_owned(), typed: String::new() }),
            yes: if action.word().is_some() { "Destroy" } else { "Do it" },
            on_yes: false,
            scroll: 0,
        })
    }

    /// Enter would do something.
    #[must_use]
    pub fn may_begin(&self) -> bool {
        let Some(Ok(offer)) = &self.answer else { return false };
        match &offer.whole {
            Some(whole) => whole.may_begin(),
            None => offer.plan.faults.is_empty() && (offer.action.is_some() || offer.rolls && offer.has_work()),
        }
    }

    /// A key of a plan does something here.
    #[must_use]
    pub fn offers(&self, intent: Intent) -> bool {
        match intent {
            Intent::Open => self.may_begin(),
            Intent::Rotate => self.other.is_none(),
            Intent::Redeploy => match &self.other {
                Some(other) => matches!(other, Asked::PlanSome { .. }),
                None => self.stack != ALL,
            },
            _ => true,
        }
    }

    /// What the key is called that carries the plan out.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match &self.other {
            Some(Asked::TakeBack { .. }) => "undo",
            Some(Asked::Finish { .. }) => "finish",
            Some(Asked::PlanSome { .. }) => "redeploy",
            _ => "deploy",
        }
    }

    /// The question before several stacks are deployed or redeployed, and what is beside them.
    fn question_of_several(&self, whole: &Whole, picture: &Picture) -> Result<Confirm, String> {
        let mut confirm = whole.question(self.id, self.wants.map(|_| picture))?;
        if !self.beside.is_empty() {
            let beside = redeploy::question(picture, &self.beside)?;
            confirm.items.extend(beside.items);
            confirm.notes.extend(beside.notes);
            confirm.actions = beside.actions;
        }
        if self.wants == Some(true) {
            confirm.take_all();
        }
        Ok(confirm)
    }

    /// The question before a stack is deployed from its file, or redeployed.
    fn question_from_file(&self, offer: &Offer, picture: &Picture) -> Confirm {
        let prepares = offer.prepares.iter().map(|step| Item {
            name: step.clone(),
            amount: "first".to_owned(),
            how: "put in place before the deploy".to_owned(),
        });
        let verb = if self.wants.is_some() { "redeploy" } else { "deploy" };
        let mut confirm = Confirm {
            title: format!("{verb} {}", offer.plan.stack),
            sums_up: match !offer.has_work() {
                true => "Nothing differs from the file and its newest images.".to_owned(),
                false => format!("{}.", sums_up(&offer.plan)),
            },
            items: prepares.chain(offer.plan.work().map(item)).collect(),
            notes: notes(&offer.plan),
            actions: Vec::new(),
            rolls: Some(Rolls {
                id: self.id,
                all_tasks: self.wants.map(|_| false),
                rest: if self.wants.is_some() { left_running(picture, &offer.plan) } else { Vec::new() },
            }),
            typing: None,
            yes: if self.wants.is_some() { "Redeploy" } else { "Deploy" },
            on_yes: false,
            scroll: 0,
        };
        if self.wants == Some(true) {
            confirm.take_all();
        }
        confirm
    }

    fn lay_out(&mut self) {
        let columns = usize::from(self.size.0).saturating_sub(4).max(20);
        self.rows = match &self.answer {
            None => Vec::new(),
            Some(Err(faults)) => faults.iter().flat_map(|fault| told(true, fault, columns)).collect(),
            Some(Ok(offer)) => match &offer.whole {
                Some(whole) => whole.rows(self.full, columns),
                None => {
                    let first = offer.prepares.iter().map(|step| PlanRow::Told(false, format!("before it, {step}")));
                    first.chain(rows(&offer.plan, self.full, columns)).collect()
                }
            },
        };
        self.top = self.top.min(self.last_top());
    }
}

/// What is to be known before a yes.
pub(super) fn notes(plan: &Plan) -> Vec<String> {
    plan.unmade.iter().map(Unmade::line).chain(plan.warnings.iter().map(Diagnostic::line)).collect()
}

/// What a redeploy of every task replaces beside what the plan does.
pub(super) fn left_running(picture: &Picture, plan: &Plan) -> Vec<Item> {
    let rest = rest(picture, plan).into_iter().flat_map(|action| action.services().to_vec());
    let item = |pin: Pinned| Item {
        name: pin.name.clone(),
        amount: "restart".to_owned(),
        how: format!("replaces {}, nothing else", count(pin.tasks, "task")),
    };
    rest.map(item).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::action::prune::Sweep;
    use crate::action::undo::Back;
    use crate::model::NodeId;

    #[test]
    fn what_destroys_data_is_begun_only_after_its_word() {
        let sweep = |volume: &str| Sweep {
            id: NodeId::new("n"),
            name: "barbary".to_owned(),
            kinds: Vec::new(),
            volumes: vec![volume.to_owned()],
        };
        let plan = Plan { stack: "shop".to_owned(), ..Plan::default() };
        for (volumes, word) in [(vec![sweep("shop_data")], Some("shop")), (Vec::new(), None)] {
            let mut screen = PlanScreen::new("the rest of a teardown".to_owned(), PlanId(1));
            let action = Action::Teardown { plan: Arc::new(plan.clone()), volumes };
            let offer = Offer { plan: plan.clone(), action: Some(action), ..Offer::default() };
            screen.take(PlanId(1), Ok(Box::new(offer)));
            let confirm = screen.question(&Picture::default()).unwrap();
            assert_eq!(confirm.typing.as_ref().map(|typing| typing.word.as_str()), word);
            assert_eq!(confirm.is_free(), word.is_none());
        }
    }

    #[test]
    fn a_plan_that_is_no_deploy_offers_only_the_keys_that_do_something_there() {
        let mut screen = PlanScreen::new("undo".to_owned(), PlanId(1));
        let back = Back { of: Vec::new(), title: "undo".to_owned(), stack: String::new() };
        let offers = |screen: &PlanScreen| {
            let keys = [Intent::Open, Intent::Whole, Intent::Rotate, Intent::Plan, Intent::Redeploy];
            keys.map(|intent| screen.offers(intent))
        };
        assert_eq!(offers(&screen), [false, true, true, true, true]);
        screen.other = Some(Asked::TakeBack { id: PlanId(1), back });
        assert_eq!((offers(&screen), screen.verb()), ([false, true, false, true, false], "undo"));
        screen.other = Some(Asked::PlanSome { id: PlanId(1), stacks: Vec::new() });
        assert_eq!((offers(&screen), screen.verb()), ([false, true, false, true, true], "redeploy"));
    }
}
