//! Asking for plans, and carrying out what one shows. Nothing is put into the queue that was not on the screen.

use super::plan_screen::{ALL, Offer, PlanId};
use super::{App, Effect, Level, PlanScreen, Popup, Screen, Subject};
use crate::diag::Diagnostic;

impl App {
    /// Opens the plan of the stack under the cursor, or makes the one on screen anew.
    pub(super) fn plan(&mut self) -> Vec<Effect> {
        if let Screen::Plan(screen) = self.views.top()
            && let Some(other) = screen.other.clone()
        {
            return self.plan_other(screen.stack.clone(), other);
        }
        if matches!(self.views.top(), Screen::Plan(screen) if screen.stack == ALL) {
            return self.plan_all();
        }
        let Some(stack) = self.stack_at_cursor() else {
            self.tell(Level::Warning, "point at a stack or a service of one, then p shows what a deploy would do");
            return Vec::new();
        };
        self.plan_of(stack)
    }

    /// Opens the plan of all stacks.
    pub(super) fn plan_all(&mut self) -> Vec<Effect> {
        if self.picture.catalogue.stacks.is_empty() {
            self.tell(Level::Warning, "no platform folder with stacks is here: there is nothing to plan from");
            return Vec::new();
        }
        self.open_plan(ALL.to_owned())
    }

    /// Opens the plan of a stack.
    pub(super) fn plan_of(&mut self, stack: String) -> Vec<Effect> {
        if stack != ALL && !self.picture.catalogue.stacks.contains_key(&stack) {
            let text = format!("{stack} has no file in this folder: there is nothing to plan from");
            self.tell(Level::Warning, text);
            return Vec::new();
        }
        self.open_plan(stack)
    }

    fn open_plan(&mut self, stack: String) -> Vec<Effect> {
        self.plans = PlanId(self.plans.0 + 1);
        let id = self.plans;
        match self.views.top_mut() {
            Screen::Plan(screen) if screen.stack == stack => {
                screen.again(id);
            }
            _ => self.views.push(Screen::Plan(Box::new(PlanScreen::new(stack.clone(), id)))),
        }
        self.refresh();
        let rotate = matches!(self.views.top(), Screen::Plan(screen) if screen.rotate);
        vec![Effect::Plan { id, stack, rotate }]
    }

    /// The stack under the cursor, or that of what is under it.
    pub(super) fn stack_at_cursor(&self) -> Option<String> {
        self.views.top().subject(&self.picture).and_then(|subject| self.stack_of(&subject))
    }

    fn stack_of(&self, subject: &Subject) -> Option<String> {
        match subject {
            Subject::Stack(name) => Some(name.clone()).filter(|name| !name.is_empty()),
            Subject::Service(id) | Subject::Task(id, _) => self.picture.swarm.services.get(id)?.stack.clone(),
            _ => None,
        }
    }

    /// A plan came: every screen that waits for it takes it.
    pub(super) fn on_planned(&mut self, id: PlanId, answer: Result<Box<Offer>, Vec<Diagnostic>>) -> Vec<Effect> {
        for screen in self.views.open_mut() {
            if let Screen::Plan(screen) = screen
                && screen.take(id, answer.clone())
            {
                self.dirty = true;
            }
        }
        // A redeploy asks as soon as it is known what it would do, unless the operator does something else by now.
        let asks = matches!(self.views.top(), Screen::Plan(screen) if screen.id == id && screen.wants.is_some());
        if asks && self.popups.is_empty() && self.prompt.is_none() {
            self.ask_deploy();
            self.mark_unbidden();
        }
        Vec::new()
    }

    /// Asks for every task on the plan of several stacks that is on screen. Says whether there is one.
    pub(super) fn redeploy_shown(&mut self) -> bool {
        let Screen::Plan(screen) = self.views.top_mut() else { return false };
        if !matches!(screen.other, Some(Effect::PlanSome { .. })) {
            return false;
        }
        screen.wants = Some(true);
        if screen.answer.is_some() {
            self.ask_deploy();
        }
        true
    }

    /// Plans a stack from its file, to redeploy it: with what differs, or with every task.
    fn redeploy_from_file(&mut self, stack: String) -> Vec<Effect> {
        if let Screen::Plan(screen) = self.views.top_mut()
            && screen.stack == stack
        {
            screen.wants = Some(true);
            if screen.answer.is_some() {
                self.ask_deploy();
            }
            return Vec::new();
        }
        let effects = self.open_plan(stack);
        if let Screen::Plan(screen) = self.views.top_mut() {
            (screen.redeploys, screen.wants) = (true, Some(false));
        }
        effects
    }

    /// Plans several stacks from their files, to redeploy them as one: with what differs, or with every task. What is
    /// beside them is rolled.
    fn redeploy_several(&mut self, stacks: Vec<String>, beside: Vec<Subject>) -> Vec<Effect> {
        let title = format!("the redeploy of {}", stacks.join(", "));
        let effects = self.plan_other(title, Effect::PlanSome { id: self.plans, stacks });
        if let Screen::Plan(screen) = self.views.top_mut() {
            (screen.redeploys, screen.wants, screen.beside) = (true, Some(false), beside);
        }
        effects
    }

    /// Redeploys stacks from their files, and rolls the rest; none where nothing of it has a file.
    pub(super) fn redeploy_from_files(&mut self, subjects: &[Subject]) -> Option<Vec<Effect>> {
        let filed = |subject: &Subject| match subject {
            Subject::Stack(name) => Some(name.clone()).filter(|name| self.is_filed(name)),
            _ => None,
        };
        let mut stacks: Vec<String> = subjects.iter().filter_map(filed).collect();
        // A service of such a stack goes with it.
        let goes_with = |subject: &Subject| self.stack_of(subject).is_some_and(|stack| stacks.contains(&stack));
        let beside: Vec<Subject> = subjects.iter().filter(|subject| !goes_with(subject)).cloned().collect();
        match (stacks.pop(), stacks.is_empty() && beside.is_empty()) {
            (None, _) => None,
            (Some(only), true) => Some(self.redeploy_from_file(only)),
            (Some(last), false) => {
                stacks.push(last);
                Some(self.redeploy_several(stacks, beside))
            }
        }
    }

    fn is_filed(&self, stack: &str) -> bool {
        self.picture.catalogue.stacks.get(stack).is_some_and(|filed| filed.host.is_none())
    }

    /// The question that its plan was opened for is answered: back to where the key was pressed.
    pub(super) fn leave_redeploy(&mut self) {
        match self.views.top_mut() {
            Screen::Plan(screen) if screen.redeploys => {
                self.views.pop();
                self.refresh();
            }
            Screen::Plan(screen) => screen.wants = None,
            _ => {}
        }
    }

    /// Asks before the plan on screen is carried out.
    pub(super) fn ask_deploy(&mut self) {
        if let Some(why) = super::redeploy::refusal(&self.picture, self.settings.read_only) {
            return self.tell(Level::Warning, why);
        }
        let Screen::Plan(screen) = self.views.top() else { return };
        match screen.question(&self.picture) {
            Ok(confirm) => self.popups.push(Popup::Confirm(confirm)),
            Err(why) => self.tell(Level::Warning, why),
        }
    }

    /// Plans to make secrets and configs with another content anew under another name, or not to.
    pub(super) fn rotate(&mut self) -> Vec<Effect> {
        let Screen::Plan(screen) = self.views.top_mut() else { return Vec::new() };
        if screen.other.is_some() {
            return Vec::new();
        }
        screen.rotate = !screen.rotate;
        let stack = screen.stack.clone();
        self.plan_of(stack)
    }

    /// Shows what stays as it is too, or hides it.
    pub(super) fn show_whole(&mut self) {
        if let Screen::Plan(screen) = self.views.top_mut() {
            screen.fold();
        }
    }
}
