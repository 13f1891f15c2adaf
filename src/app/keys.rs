//! Where a key goes: to what lies over the screen, to the line that is typed into, or to the screen itself.

use super::keymap::{self, History, Intent, Scope, Scopes};
use super::prompt::{Kind, Prompt, Target, Typed, candidates, nearest};
use super::sheet::{self, Sheet};
use super::{App, Confirm, Effect, Level, Move, Popup, Screen, Subject};

/// The keys of what lies over the screen.
const DIALOG: Scopes = Scopes(&[Scope::Dialog]);

impl App {
    pub(super) fn on_key(&mut self, key: &str) -> Vec<Effect> {
        if key == "ctrl-c" {
            return self.leave();
        }
        if self.is_too_early(key, keymap::intent(DIALOG, key)) {
            return Vec::new();
        }
        if matches!(self.popups.last(), Some(Popup::Ask(_))) {
            return self.in_question(key);
        }
        if let Some(Popup::Confirm(confirm)) = self.popups.last_mut()
            && confirm.type_key(key)
        {
            self.dirty = true;
            return Vec::new();
        }
        if !self.popups.is_empty() {
            let intent = keymap::intent(DIALOG, key);
            self.dirty |= intent.is_some();
            return intent.map(|intent| self.in_popup(intent)).unwrap_or_default();
        }
        self.dirty = true;
        if self.prompt.is_some() {
            return self.in_prompt(key);
        }
        match keymap::intent(self.views.top().scopes(), key) {
            Some(intent) => self.intend(intent),
            None => {
                if key.chars().count() == 1 {
                    self.tell(Level::Warning, format!("{key} means nothing on this screen: ? shows its keys"));
                }
                Vec::new()
            }
        }
    }

    pub(super) fn on_paste(&mut self, text: &str) -> Vec<Effect> {
        if self.paste_secret(text) {
            return Vec::new();
        }
        if let Some(prompt) = self.prompt.as_mut().filter(|_| self.popups.is_empty()) {
            prompt.paste(text);
            self.typed();
            self.dirty = true;
        }
        Vec::new()
    }

    /// Does what a key of the screen asks for.
    pub(super) fn intend(&mut self, intent: Intent) -> Vec<Effect> {
        match intent {
            Intent::Move(step) => self.step(step),
            Intent::Go(place) => return self.go(place),
            Intent::Open if matches!(self.views.top(), Screen::Plan(_)) => self.ask_deploy(),
            Intent::Open => self.open(),
            Intent::Back => self.back(),
            Intent::Quit => return self.quit(),
            Intent::QuitNow => return self.leave(),
            Intent::Filter => self.begin_filter(Kind::Search),
            Intent::Sift => self.begin_filter(Kind::Sift),
            Intent::Palette => self.begin_palette(),
            Intent::Help => self.popups.push(Popup::Help { scopes: self.views.top().scopes(), scroll: 0 }),
            Intent::Messages => self.popups.push(Popup::Messages { scroll: 0 }),
            Intent::OwnLog => self.popups.push(Popup::OwnLog),
            Intent::Describe => self.page(false),
            Intent::Raw => self.page(true),
            Intent::Logs => self.logs(),
            Intent::Plan => return self.plan(),
            Intent::PlanAll => return self.plan_all(),
            Intent::Sync => return self.sync(),
            Intent::MakeKnown => return self.make_known(),
            Intent::Rotate => return self.rotate(),
            Intent::Whole => self.show_whole(),
            Intent::Redeploy => return self.redeploy(),
            Intent::Duty(to) => self.ask_duty(to),
            Intent::Cancel => return self.cancel(),
            Intent::Undo => return self.undo(),
            Intent::Finish => return self.finish(),
            Intent::LetBe => return self.let_be(),
            Intent::TakeOver => return self.take_over(),
            Intent::Shell => return self.shell(),
            Intent::Survey(asked) => return self.show_survey(asked),
            Intent::Prune => self.prune(),
            Intent::Run => self.begin_command(),
            Intent::Snapshot => self.ask_snapshot(),
            Intent::Refresh => return self.look_again(),
            Intent::Copy => return self.copy(),
            Intent::Log(intent) => self.in_log(intent),
            Intent::History(history) => self.recall(history),
            Intent::AllTasks => {}
            Intent::Mark | Intent::FaultsOnly | Intent::Wide | Intent::Sort(_) => self.in_list(intent),
        }
        Vec::new()
    }

    fn in_list(&mut self, intent: Intent) {
        if let Screen::List(screen) = self.views.top_mut() {
            match intent {
                Intent::Mark => screen.list.mark(),
                Intent::FaultsOnly => screen.list.faults_only = !screen.list.faults_only,
                Intent::Wide => screen.list.wide = !screen.list.wide,
                Intent::Sort(sort) => screen.list.sort_by(sort, screen.what.columns()),
                _ => {}
            }
        }
        self.arrange();
    }

    fn recall(&mut self, history: History) {
        let found = match history {
            History::Last => self.views.last(),
            History::Older => self.views.older(),
            History::Newer => self.views.newer(),
        };
        if found {
            self.refresh();
        } else {
            self.tell(Level::Warning, "there is no such view: this is the end of the history");
        }
    }

    /// One step back: a fault on screen, then the filter, the marks, the screen. At the top: nothing.
    fn back(&mut self) {
        if self.messages.dismiss(self.now) {
            return;
        }
        match self.views.top_mut() {
            Screen::List(screen) if !screen.list.filter.is_empty() || screen.list.faults_only => {
                screen.list.filter.set("");
                screen.list.faults_only = false;
                self.arrange();
                return;
            }
            Screen::List(screen) if !screen.list.marks().is_empty() => {
                screen.list.unmark();
                return;
            }
            Screen::Page(page) if page.searched().is_some() => {
                page.search("");
                return;
            }
            Screen::Logs(log) if log.view.is_sifted() => {
                log.view.show_all();
                return;
            }
            _ => {}
        }
        if self.views.pop() {
            self.refresh();
        }
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.views.pop() {
            self.refresh();
            return Vec::new();
        }
        self.leave()
    }

    fn begin_filter(&mut self, kind: Kind) {
        let (kind, text) = match self.views.top() {
            Screen::List(screen) => (Kind::Filter, screen.list.filter.text().to_owned()),
            Screen::Page(page) => {
                (kind, page.searched().map(|(pattern, ..)| pattern.typed.clone()).unwrap_or_default())
            }
            Screen::Logs(_) => (kind, String::new()),
            Screen::Overview(_) | Screen::Plan(_) => return,
        };
        self.prompt = Some(Prompt::new(kind, &text));
    }

    fn begin_palette(&mut self) {
        self.prompt = Some(Prompt::new(Kind::Palette, ""));
        self.typed();
    }

    fn in_prompt(&mut self, key: &str) -> Vec<Effect> {
        let kind = self.prompt.as_ref().map(|prompt| prompt.kind);
        match (key, kind) {
            ("esc", _) => self.prompt = None,
            ("enter", Some(Kind::Palette)) => return self.accept(),
            ("enter", Some(Kind::Command)) => return self.run_typed(),
            ("enter", _) => self.prompt = None,
            ("tab", Some(Kind::Palette)) => self.complete(),
            ("up" | "ctrl-p", Some(Kind::Palette)) => self.choose(false),
            ("down" | "ctrl-n", Some(Kind::Palette)) => self.choose(true),
            ("up", Some(Kind::Filter)) => self.step(Move::Up),
            ("down", Some(Kind::Filter)) => self.step(Move::Down),
            ("right" | "ctrl-f", Some(Kind::Palette)) if self.at_end() => self.complete(),
            ("backspace", _) if self.prompt.as_ref().is_some_and(|prompt| prompt.text().is_empty()) => {
                self.prompt = None;
            }
            _ => {
                let typed = self.prompt.as_mut().map(|prompt| prompt.key(key));
                if typed == Some(Typed::Text) {
                    self.typed();
                }
            }
        }
        Vec::new()
    }

    fn at_end(&self) -> bool {
        self.prompt
            .as_ref()
            .is_some_and(|prompt| prompt.ghost().is_some() && prompt.input.cursor() == prompt.text().chars().count())
    }

    fn complete(&mut self) {
        if self.prompt.as_mut().is_some_and(Prompt::complete) {
            self.typed();
        }
    }

    /// Another offer; with nothing typed, what was typed before.
    fn choose(&mut self, down: bool) {
        let history = self.history.len();
        let Some(prompt) = &mut self.prompt else { return };
        let recalling = prompt.recalled > 0 || prompt.text().is_empty();
        if recalling && history > 0 && !(down && prompt.recalled == 0) {
            let back = if down { prompt.recalled - 1 } else { (prompt.recalled + 1).min(history) };
            prompt.recalled = back;
            let text = history.checked_sub(back).and_then(|at| self.history.get(at)).cloned().unwrap_or_default();
            prompt.set(&text);
            prompt.offers = candidates(&text, &self.picture);
            prompt.at = 0;
        } else if down {
            prompt.at = (prompt.at + 1).min(prompt.offers.len().saturating_sub(1));
        } else {
            prompt.at = prompt.at.saturating_sub(1);
        }
    }

    /// The text of the line is another: what depends on it follows at once.
    fn typed(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        let text = prompt.text().to_owned();
        match prompt.kind {
            Kind::Palette => {
                let wanted = text.split(" /").next().unwrap_or_default();
                prompt.offers = candidates(wanted, &self.picture);
                prompt.at = 0;
                prompt.recalled = 0;
            }
            Kind::Filter => {
                if let Screen::List(screen) = self.views.top_mut() {
                    screen.list.filter.set(&text);
                }
                self.arrange();
            }
            Kind::Search => self.search(&text),
            Kind::Command => {}
            Kind::Sift => self.sift(&text),
        }
    }

    /// Goes where the palette points.
    fn accept(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let text = prompt.text().trim().to_owned();
        if text.is_empty() && prompt.at == 0 {
            return Vec::new();
        }
        let Some(offer) = prompt.offers.get(prompt.at).cloned() else {
            let meant = nearest(&text, &self.picture).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            self.tell(Level::Warning, format!("nothing is called {text}{meant}"));
            return Vec::new();
        };
        self.history.retain(|typed| *typed != text);
        self.history.push(if text.is_empty() { offer.label } else { text.clone() });
        let effects = self.follow(offer.target);
        if let (Some((_, filter)), Screen::List(screen)) = (text.split_once(" /"), self.views.top_mut()) {
            screen.list.filter.set(filter);
            self.arrange();
        }
        effects
    }

    fn follow(&mut self, target: Target) -> Vec<Effect> {
        match target {
            Target::Go(place) => return self.go(place),
            Target::Do(intent) => return self.intend(intent),
            Target::Open(subject) => self.open_subject(subject),
            Target::With(Intent::Redeploy, subject) => return self.ask_redeploy(&[subject]),
            Target::With(Intent::Duty(to), Subject::Node(id)) => self.ask_duty_of(&[id], to),
            Target::With(Intent::Logs, subject) => self.logs_of(subject),
            Target::With(Intent::Shell, subject) => return self.shell_in(&subject),
            Target::With(intent, subject) => self.page_of(subject, intent == Intent::Raw),
        }
        Vec::new()
    }

    /// How far down the uppermost text goes, and whether something in it cannot be shown at all.
    fn fits(&self) -> (usize, bool) {
        let (columns, rows) = sheet::room(self.size);
        let text = self.popups.last().and_then(|popup| Sheet::of(popup, self, columns)).unwrap_or_default();
        (text.last(rows), text.room(rows) < text.tallest)
    }

    pub(super) fn scroll(&mut self, step: Move) {
        let (last, _) = self.fits();
        if let Some(popup) = self.popups.last_mut() {
            popup.step(step, last);
        }
        self.dirty = true;
    }

    fn in_popup(&mut self, intent: Intent) -> Vec<Effect> {
        let (_, unread) = self.fits();
        match (intent, self.popups.last_mut()) {
            (Intent::Move(step), Some(_)) => self.scroll(step),
            (Intent::Open, Some(Popup::Confirm(confirm))) if confirm.on_yes && unread => {
                self.tell(Level::Warning, "the terminal is too small to show what this touches: enlarge it first");
            }
            (Intent::Open, Some(Popup::Confirm(confirm))) => {
                if confirm.on_yes && confirm.is_idle() {
                    self.tell(Level::Warning, "nothing differs: a replaces every task all the same");
                    return Vec::new();
                }
                if confirm.on_yes && !confirm.is_free() {
                    let word = confirm.typing.as_ref().map(|typing| typing.word.clone()).unwrap_or_default();
                    self.tell(Level::Warning, format!("type {word} first: this destroys data"));
                    return Vec::new();
                }
                let confirm = confirm.clone();
                self.popups.pop();
                if confirm.rolls.is_some() {
                    self.leave_redeploy();
                }
                match confirm.on_yes {
                    true if confirm.leaves() => return vec![Effect::Quit],
                    true => return self.submit(confirm),
                    false => {}
                }
            }
            (Intent::AllTasks, Some(Popup::Confirm(confirm))) => {
                if !confirm.take_all() {
                    self.tell(Level::Warning, "only a redeploy from a file has that");
                }
            }
            (Intent::AllTasks, _) => {}
            (Intent::QuitNow, _) => return self.leave(),
            (_, Some(Popup::Messages { .. })) => {
                self.messages.see_all();
                self.popups.pop();
            }
            _ => {
                let closed = self.popups.pop();
                if matches!(closed, Some(Popup::Confirm(Confirm { rolls: Some(_), .. }))) {
                    self.leave_redeploy();
                }
            }
        }
        Vec::new()
    }
}
