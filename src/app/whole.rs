//! The plans of several stacks as one: the course they take, what comes of each, and the question before it.

use super::format::count;
use super::plan_rows::{rows, sums_up};
use super::plan_screen::{PlanId, PlanRow, left_running, notes};
use super::popup::{Confirm, Item, Rolls};
use super::wrap::words;
use crate::model::Picture;
use crate::plan::{Plan, Stretch};

/// The plans of several stacks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whole {
    /// Each stack's, in the order in which they come up.
    pub plans: Vec<Plan>,
    /// What is put in place first, of each.
    pub prepares: Vec<Vec<String>>,
    /// What goes side by side, tier by tier.
    pub stretches: Vec<Stretch>,
    /// Stacks that are left out, and why.
    pub left_out: Vec<(String, String)>,
    /// What came from the remote and led to these plans; empty where it did not.
    pub came: Vec<String>,
}

impl Whole {
    /// Each plan, with what is put in place before it.
    fn all(&self) -> impl Iterator<Item = (&Plan, &[String])> {
        let first = self.prepares.iter().map(Vec::as_slice).chain(std::iter::repeat(&[] as &[String]));
        self.plans.iter().zip(first)
    }

    fn work(&self) -> impl Iterator<Item = (&Plan, &[String])> {
        self.all().filter(|(plan, first)| plan.faults.is_empty() && !(plan.is_empty() && first.is_empty()))
    }

    /// There is something to do, and nothing forbids it.
    #[must_use]
    pub fn may_begin(&self) -> bool {
        self.plans.iter().all(|plan| plan.faults.is_empty()) && self.work().next().is_some()
    }

    /// What it comes to, in one line.
    #[must_use]
    pub fn sums_up(&self) -> String {
        match self.plans.iter().map(|plan| plan.faults.len()).sum::<usize>() {
            0 if self.work().next().is_none() && self.came.is_empty() => {
                "nothing to do: every stack is as its file says".to_owned()
            }
            0 if self.work().next().is_none() => "nothing to do: what came changes nothing that runs".to_owned(),
            0 => format!("{} of {}", self.work().count(), count(self.plans.len() as u64, "stack") + " to deploy"),
            faults => format!("refused, {}", count(faults as u64, "fault")),
        }
    }

    /// The question before it is carried out: as a redeploy of these stacks, where a picture says what each leaves running.
    pub(super) fn question(&self, id: PlanId, redeploys: Option<&Picture>) -> Result<Confirm, String> {
        if let Some(fault) = self.plans.iter().flat_map(|plan| &plan.faults).next() {
            return Err(format!("refused: {}", fault.line()));
        }
        let items: Vec<Item> = self
            .work()
            .map(|(plan, first)| Item {
                name: plan.stack.clone(),
                amount: String::new(),
                how: if plan.is_empty() { first.join(", ") } else { sums_up(plan) },
            })
            .collect();
        if items.is_empty() && redeploys.is_none() {
            return Err("every stack is as its file says: nothing to do".to_owned());
        }
        let rest = |picture: &Picture| self.plans.iter().flat_map(|plan| left_running(picture, plan)).collect();
        let left_out = self.left_out.iter().map(|(stack, why)| format!("{stack} is left out: {why}"));
        Ok(Confirm {
            title: match (redeploys.is_some(), self.came.is_empty()) {
                (true, _) => format!("redeploy {}", count(self.plans.len() as u64, "stack")),
                (false, true) => format!("deploy {}", count(items.len() as u64, "stack")),
                (false, false) => "deploy what came".to_owned(),
            },
            sums_up: self.sums_up() + if items.is_empty() { "." } else { ", tier by tier." },
            items,
            notes: self.work().flat_map(|(plan, _)| notes(plan)).chain(left_out).collect(),
            actions: Vec::new(),
            rolls: Some(Rolls {
                id,
                all_tasks: redeploys.map(|_| false),
                rest: redeploys.map(rest).unwrap_or_default(),
            }),
            typing: None,
            yes: if redeploys.is_some() { "Redeploy" } else { "Deploy" },
            on_yes: false,
            scroll: 0,
        })
    }

    /// All of it as rows.
    pub(super) fn rows(&self, full: bool, columns: usize) -> Vec<PlanRow> {
        let came = self.came.iter().flat_map(|line| words(line, columns)).map(PlanRow::Head);
        let mut shown: Vec<PlanRow> = came.collect();
        for stretch in &self.stretches {
            let waves: Vec<String> = stretch.waves.iter().map(|wave| wave.join(", ")).collect();
            if !waves.is_empty() {
                shown.push(PlanRow::Head(format!("{}: {}", stretch.tier.name(), waves.join(", then "))));
            }
            if !stretch.gate.is_empty() {
                let gate = format!("then all of {} must stand: {}", stretch.tier.name(), stretch.gate.join(", "));
                shown.extend(words(&gate, columns.saturating_sub(2)).into_iter().map(PlanRow::Below));
            }
        }
        let told = |(plan, first): &(&Plan, &[String])| {
            full || !plan.faults.is_empty() || !plan.is_empty() || !first.is_empty()
        };
        for (plan, first) in self.all().filter(told) {
            shown.push(PlanRow::Blank);
            shown.push(PlanRow::Head(format!("{}: {}", plan.stack, sums_up(plan))));
            shown.extend(first.iter().map(|step| PlanRow::Told(false, format!("before it, {step}"))));
            shown.extend(rows(plan, full, columns));
        }
        let left_out = self.left_out.iter().map(|(stack, why)| format!("{stack} is left out: {why}"));
        shown.extend(left_out.flat_map(|line| words(&line, columns)).map(|line| PlanRow::Told(false, line)));
        shown
    }
}
