//! What every front end holds: the swarm and the jobs as they are, and all that can be asked of the hand. Nothing on it
//! waits for the network.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::action::gate::Mode as GateMode;
use crate::action::redeploy::rest;
use crate::action::undo::Back;
use crate::action::{Action, Board, Deed, End, History, How, JobId, Kept, Lane, Redo, Request};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Finding};
use crate::engine::{Engine, Nudge};
use crate::fleet::Fleet;
use crate::jobs::register::{self, Registrar};
use crate::jobs::sync::{Came, come};
use crate::jobs::{
    Batch, Choice, Folder, Ledger, NoRollout, Prepared, QueueHandle, Registries, Rest, Rollout, Shell, ShellWish,
    TailNews, drift, history, open_shell, resume_plan, rollout, run_line, survey, tail, undo_plan,
};
use crate::journal::Journal;
use crate::lint;
use crate::model::{Asked, Drifts, Filed, LogQuery, Node, NodeId, Picture, Ran, Survey};
use crate::plan::{Gates, Options, Plan};
use crate::platform::{Checkout, govern};
use crate::store::{Reader, store};

/// Batches of log lines on their way to a reader. Full means: lines are dropped and counted.
const BATCHES: usize = 64;

/// What every front end holds. Nothing on it waits for the network.
#[derive(Debug, Clone)]
pub struct Handle {
    /// The swarm as it is.
    pub swarm: Reader<Picture>,
    /// The jobs as they are.
    pub board: Reader<Board>,
    /// What time it is.
    pub clock: SharedClock,
    /// Ends everything.
    pub stop: CancellationToken,
    pub(super) engine: Engine,
    pub(super) fleet: Fleet,
    pub(super) registries: Registries,
    pub(super) folder: Folder,
    pub(super) journal: Journal,
    pub(super) ledger: Ledger,
    pub(super) registrar: Registrar,
    pub(super) queue: QueueHandle,
    pub(super) nudges: mpsc::Sender<Nudge>,
}

/// What the engines of nodes tell.
pub type Look = Reader<Survey>;

/// What a command says on machines.
pub type Output = Reader<Ran>;

/// How stacks stand to their files.
pub type Against = Reader<Drifts>;

/// What was done.
pub type Done = Reader<History>;

impl Handle {
    /// Puts an action into the queue.
    ///
    /// # Errors
    /// If the queue is full, or others drive its stack.
    pub fn submit(&self, action: Action) -> Result<JobId, Diagnostic> {
        self.submit_after(action, Vec::new())
    }

    /// Puts an action into the queue that begins when all of these have ended well, and is skipped if one has not.
    ///
    /// # Errors
    /// If the queue is full, or others drive its stack.
    pub fn submit_after(&self, action: Action, after: Vec<JobId>) -> Result<JobId, Diagnostic> {
        self.ours(&action)?;
        self.queue.submit_after(action, after)
    }

    /// Wishes to be put into the queue together.
    #[must_use]
    pub fn batch(&self) -> Batch {
        self.queue.batch()
    }

    /// Puts wishes into the queue: all of them or, if there is no room, none.
    ///
    /// # Errors
    /// If the queue is full, or others drive its stack.
    pub fn submit_all(&self, batch: Batch) -> Result<(), Diagnostic> {
        batch.actions().try_for_each(|action| self.ours(action))?;
        self.queue.submit_all(batch)
    }

    /// Refuses what changes a stack that others drive.
    ///
    /// # Errors
    /// With who drives it.
    pub fn ours(&self, action: &Action) -> Result<(), Diagnostic> {
        // Names and monitors are nobody's but ours.
        let stack = action.stack().filter(|_| !action.is_registration());
        stack.map_or(Ok(()), |stack| govern::driven(&self.folder.now().catalogue, stack))
    }

    /// The plans of many stacks, and the course that their deploy takes.
    ///
    /// # Errors
    /// If the folder's values cannot be read or the swarm does not answer.
    pub async fn rollout(&self, choice: Choice) -> Result<Rollout, NoRollout> {
        rollout((&self.engine, &self.registries), &self.folder.now(), choice).await
    }

    /// The plans of all stacks of the folder.
    ///
    /// # Errors
    /// If the folder's values cannot be read or the swarm does not answer.
    pub async fn rollout_of_all(&self, options: Options) -> Result<Rollout, NoRollout> {
        let stacks = self.folder.now().catalogue.stacks.values().cloned().collect();
        self.rollout(Choice { stacks, broad: true, options, gates: Gates::All, places: BTreeSet::new() }).await
    }

    /// The plans of what is asked for, as a deploy would go: pre-flight and all. Of the stacks in `places`, what lies on
    /// machines is looked at whatever else is to do.
    ///
    /// # Errors
    /// If a stack has no file, the folder's values cannot be read, or the swarm does not answer.
    pub async fn rollout_of(&self, request: &Request, places: BTreeSet<String>) -> Result<Rollout, NoRollout> {
        let catalogue = self.folder.now().catalogue;
        let unknown =
            |stack: &String| vec![Diagnostic::new(format!("{stack} has no file in this folder"), "look below stacks/")];
        let filed = |stack| catalogue.stacks.get(stack).cloned().ok_or_else(|| unknown(stack));
        let stacks: Vec<Filed> = match request.broad {
            // A stack whose file went since then is none of all stacks any more.
            true => request.stacks.iter().filter_map(|stack| filed(stack).ok()).collect(),
            false => request.stacks.iter().map(filed).collect::<Result<_, _>>().map_err(NoRollout::Folder)?,
        };
        let (broad, gates) = (request.broad, if request.gated { Gates::All } else { Gates::Named });
        let mut rollout = self.rollout(Choice { stacks, broad, options: request.options(), gates, places }).await?;
        rollout.gate = request.gate;
        if let Some(patience) = request.patience() {
            rollout.at_a_gate = patience;
            rollout.stacks.iter_mut().for_each(|planned| planned.patience = Some(patience));
        }
        // It is shown all the same: what would change is worth knowing, whoever changes it.
        for planned in &mut rollout.stacks {
            planned.plan.faults.extend(govern::driven(&catalogue, &planned.plan.stack).err());
        }
        Ok(rollout)
    }

    /// The jobs of a rollout, and behind them a redeploy of all that it leaves running.
    #[must_use]
    pub fn enlist_all_tasks(&self, rollout: &Rollout, how: How) -> Batch {
        let picture = self.swarm.latest();
        let mut batch = self.queue.enlist(rollout, how, GateMode::Stop);
        for rest in rollout.stacks.iter().filter_map(|planned| rest(&picture, &planned.plan)) {
            batch.add_rest(rest);
        }
        batch
    }

    /// The jobs of a rollout, to be put into the queue together.
    #[must_use]
    pub fn enlist(&self, rollout: &Rollout, how: How, gate: GateMode) -> Batch {
        self.queue.enlist(rollout, how, gate)
    }

    /// Asks jobs to stop between two steps.
    pub fn cancel_all(&self, jobs: Vec<JobId>) {
        self.queue.cancel_all(jobs);
    }

    /// What is wrong in the folder as it is now. Files are read beside the runtime.
    ///
    /// # Errors
    /// If the look broke off.
    pub async fn lint(&self) -> Result<Arc<[Finding]>, Diagnostic> {
        let Checkout { files, surroundings, .. } = self.folder.now();
        let looking = tokio::task::spawn_blocking(move || lint::check(&files.again(), surroundings.as_ref().clone()));
        looking.await.map(Into::into).map_err(|error| {
            let fault =
                Diagnostic::new("the look through the folder broke off: this is a bug in quarterdeck", "try again");
            fault.because(error.to_string())
        })
    }

    /// How stacks stand to their files, as long as `stop` is not cancelled.
    pub fn drift(&self, stop: CancellationToken) -> Against {
        let (told, read) = store(Drifts::default());
        tokio::spawn(drift((self.engine.clone(), self.folder.clone()), self.swarm.clone(), told, stop));
        read
    }

    /// What was done, as long as `stop` is not cancelled. The newest wins.
    pub fn history(&self, stop: CancellationToken) -> Done {
        let (told, read) = store(History::default());
        tokio::spawn(history(self.journal.clone(), self.board.clone(), told, stop));
        read
    }

    /// What it takes to take deeds back, and the action that does just that.
    ///
    /// # Errors
    /// When nothing of them is kept, or the swarm does not answer.
    pub async fn take_back(&self, back: &Back) -> Result<(Plan, Option<Action>), Diagnostic> {
        let hidden = self.swarm.latest().catalogue.secrets.clone();
        let plan = undo_plan(&self.engine, &self.journal, (&back.stack, &back.of), &hidden).await?;
        let does = plan.faults.is_empty() && !plan.is_empty();
        let (of, title) = (back.of.clone(), back.title.clone());
        let action = does.then(|| Action::Undo { of, title, plan: Arc::new(plan.clone()) });
        Ok((plan, action))
    }

    /// What is left of a deed that broke off.
    ///
    /// # Errors
    /// With why it cannot be taken up again.
    pub async fn resume(&self, deed: &Deed) -> Result<Rest, Vec<Diagnostic>> {
        let picture = self.swarm.latest();
        if deed.begun.swarm != picture.swarm.cluster.id {
            let what = format!("{} was done to another swarm", deed.begun.what);
            return Err(vec![Diagnostic::new(what, "name the swarm it was done to with -H")]);
        }
        let begun = &deed.begun;
        let alone = |stack: &String| Request { stacks: vec![stack.clone()], ..Request::default() };
        let request = match &begun.redo {
            Redo::Course(request) => Some(request.clone()),
            Redo::Deploy { rotate, no_prune, patience } => {
                Some(Request { rotate: *rotate, no_prune: *no_prune, patience: *patience, ..alone(&begun.stack) })
            }
            Redo::Prepare { stack } => Some(alone(stack)),
            _ => None,
        };
        if let Some(request) = request {
            // How far a preparation came is not seen in the swarm.
            let prepares = matches!(begun.redo, Redo::Prepare { .. });
            let places = request.stacks.iter().filter(|_| prepares).cloned().collect();
            let rollout = self.rollout_of(&request, places).await;
            return rollout.map(|rollout| Rest::FromFile(Box::new(rollout))).map_err(NoRollout::faults);
        }
        let rest = resume_plan((&self.engine, &self.journal), &picture, deed).await;
        rest.map(|made| Rest::Made(Box::new(made))).map_err(|fault| vec![fault])
    }

    /// Brings the checkout forward and plans what that changes.
    ///
    /// # Errors
    /// With why it stays as it is, or what is wrong in the folder.
    pub async fn sync(&self) -> Result<Came, Vec<Diagnostic>> {
        come((self.engine.clone(), self.registries.clone()), self.folder.clone(), self.journal.clone()).await
    }

    /// What a registration of a stack would do at each outlet of the folder. Changes nothing.
    ///
    /// # Errors
    /// With all that is wrong with its file.
    pub async fn outlook(&self, stack: &str, gone: bool) -> Result<register::Look, Vec<Diagnostic>> {
        register::look(&self.folder.now(), stack, gone).await
    }

    /// The operator has seen what a registration would do, and agrees to it.
    pub fn agree(&self, stack: &str, found: &register::Look) {
        self.registrar.agree(stack, found);
    }

    /// Lets the next job of a lane take its lock over from a holder who is gone.
    pub fn may_take_over(&self, lane: Lane) {
        self.ledger.may_take_over(lane);
    }

    /// Lets be what broke off. Waits for the disk.
    ///
    /// # Errors
    /// When the journal takes no line.
    pub fn let_be(&self, job: &str) -> Result<(), Diagnostic> {
        let by = format!("let be by {}", self.journal.author().who());
        self.journal.end(job, End::told(self.clock.now(), "dropped", by))
    }

    /// Keeps a planned wish until the deploy that names it begins.
    #[must_use]
    pub fn keep(&self, prepared: Prepared) -> Kept {
        self.queue.keep(prepared)
    }

    /// Looks at the swarm now, or tries the connection now.
    pub fn nudge(&self) {
        let _ = self.nudges.try_send(Nudge::Now);
    }

    /// Follows logs for a screen: lines are dropped rather than waited with. Ends when `stop` is cancelled.
    pub fn tail(&self, query: LogQuery, stop: CancellationToken) -> mpsc::Receiver<TailNews> {
        let (news, read) = mpsc::channel(BATCHES);
        tokio::spawn(tail(self.engine.clone(), query, news, stop));
        read
    }

    /// Asks the engines of nodes as long as `stop` is not cancelled: of one node, or of all of them. The newest wins.
    pub fn survey(&self, asked: Asked, of: Option<&NodeId>, stop: CancellationToken) -> Look {
        let picture = self.swarm.latest();
        let mut nodes: Vec<Node> = picture.swarm.nodes.values().map(|node| node.as_ref().clone()).collect();
        nodes.retain(|node| of.is_none_or(|of| *of == node.id));
        nodes.sort_by(|a, b| (a.manager.is_none(), &a.hostname).cmp(&(b.manager.is_none(), &b.hostname)));
        let (told, read) = store(Survey::default());
        tokio::spawn(survey(self.fleet.clone(), (asked, nodes, picture), told, stop));
        read
    }

    /// Runs a line of shell on the machines of these nodes, over SSH, until all have ended or `stop`.
    pub fn run_line(&self, line: &str, nodes: &[NodeId], stop: CancellationToken) -> Output {
        let picture = self.swarm.latest();
        let nodes = nodes.iter().filter_map(|id| picture.swarm.nodes.get(id).map(|node| node.as_ref().clone()));
        let nodes: Vec<Node> = nodes.collect();
        let (told, read) = store(Ran::begun(line, nodes.iter().map(|node| node.id.clone())));
        tokio::spawn(run_line(self.fleet.clone(), nodes, told, stop));
        read
    }

    /// Opens a shell, or runs a command, in a container on any node. Given up when what is given is dropped.
    pub fn shell(&self, wish: ShellWish) -> AbortOnDropHandle<Result<Shell, Diagnostic>> {
        let (fleet, picture) = (self.fleet.clone(), self.swarm.latest());
        AbortOnDropHandle::new(tokio::spawn(async move { open_shell(&fleet, &picture, wish).await }))
    }

    /// The engine itself, for verbs that read once.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}
