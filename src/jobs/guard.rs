//! Asks before somebody is disturbed: a stack that holds a critical service, or that such a service needs, is touched
//! only when nobody uses it, or when somebody said to go on all the same. What cannot be known counts as use.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::action::Action;
use crate::action::availability::{Goes, leaving};
use crate::ask::{Answer, Asker, Question, Wants};
use crate::diag::{Diagnostic, Finding};
use crate::model::{NodeId, Picture, State};
use crate::outside::sessions::{Presence, Server, presence};
use crate::outside::{self, Client, vault};
use crate::platform::{Bar, Checkout, Credential, Critical, Method};

use super::availability::emptied;
use super::cx::{JobCx, Outcome};
use super::folder::Folder;

/// Who is asked, what was said beforehand, and the folder that says what is critical.
#[derive(Debug, Clone)]
pub struct Guard {
    asker: Asker,
    overridden: Option<String>,
    folder: Option<Folder>,
    /// Who signs the certificates of media servers; none for whom this machine trusts.
    ca: Option<PathBuf>,
}

impl Default for Guard {
    /// Nobody is there to be asked.
    fn default() -> Self {
        Self::new(Asker::nobody(), None)
    }
}

impl Guard {
    /// A guard that asks here, unless somebody has said already why it goes on whatever is found.
    #[must_use]
    pub fn new(asker: Asker, overridden: Option<String>) -> Self {
        Self { asker, overridden, folder: None, ca: None }
    }

    /// The same, which takes certificates that this CA has signed.
    #[must_use]
    pub fn trusting(mut self, ca: Option<PathBuf>) -> Self {
        self.ca = ca;
        self
    }

    /// The same, for the stacks of this folder.
    #[must_use]
    pub fn over(mut self, folder: Folder) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Lets an action pass, or says how its job ended before it began. Why it passed although somebody may be
    /// disturbed is reported to the job.
    ///
    /// # Errors
    /// The job's end.
    pub async fn pass(&self, cx: &JobCx, action: &Action) -> Result<(), Result<Outcome, Diagnostic>> {
        if let Action::Prepare(prepare) = action {
            return self.without(cx, action, &prepare.asks).await;
        }
        let Some(checkout) = &self.folder.as_ref().map(Folder::now) else { return Ok(()) };
        let At { bar, critical, unread } = match (emptied(action), action.stack()) {
            (Some(node), _) => of_node(checkout, &cx.swarm.latest(), &node).await,
            (None, Some(stack)) => of_stack(checkout, stack).await,
            (None, None) => return Ok(()),
        };
        if critical.is_empty() && unread.is_empty() {
            return Ok(());
        }
        cx.steps(critical.iter().map(|one| format!("sessions of {}", one.display_name))).await;
        let stopped = Err(Ok(Outcome::Stopped { done: 0, left: critical.len() }));
        let looking = cx.stop.run_until_cancelled(self.look(cx, checkout, &critical)).await;
        let Some(found) = looking else { return stopped };
        let found: Vec<String> = unread.into_iter().chain(found).collect();
        if found.is_empty() {
            return Ok(());
        }
        let told = found.join("; ");
        match (bar, &self.overridden) {
            (Bar::Warn, _) => cx.why(told).await,
            (Bar::Stop, _) => return Err(Err(refused(action, found, "wait until nobody uses it"))),
            (Bar::Ask, Some(why)) => cx.why(format!("{why} ({told})")).await,
            (Bar::Ask, None) => {
                let question = Question {
                    title: format!("{}: somebody may be using it", action.title()),
                    lines: found.clone(),
                    wants: Wants::Consent("Go on"),
                };
                let Some(answer) = cx.stop.run_until_cancelled(self.asker.ask(question)).await else { return stopped };
                if answer != Answer::Yes {
                    let mend = "wait until nobody uses it, or say why it has to be now: --override-guard WHY";
                    return Err(Err(refused(action, found, mend)));
                }
                cx.why(format!("the operator went on ({told})")).await;
            }
        }
        Ok(())
    }

    /// Lets a pre-flight pass that lacks something, if somebody says so.
    async fn without(&self, cx: &JobCx, action: &Action, asks: &[String]) -> Result<(), Result<Outcome, Diagnostic>> {
        if asks.is_empty() {
            return Ok(());
        }
        let told = asks.join("; ");
        if let Some(why) = &self.overridden {
            cx.why(format!("{why} ({told})")).await;
            return Ok(());
        }
        let question = Question {
            title: format!("{}: something it demands is missing", action.title()),
            lines: asks.to_vec(),
            wants: Wants::Consent("Go on without"),
        };
        match cx.stop.run_until_cancelled(self.asker.ask(question)).await {
            None => Err(Ok(Outcome::Stopped { done: 0, left: 1 })),
            Some(Answer::Yes) => {
                cx.why(format!("the operator went on without ({told})")).await;
                Ok(())
            }
            Some(_) => Err(Err(lacks(action, asks))),
        }
    }

    /// What speaks against going on, one sentence a service.
    async fn look(&self, cx: &JobCx, checkout: &Checkout, critical: &[Critical]) -> Vec<String> {
        let mut found = Vec::new();
        for (index, one) in critical.iter().enumerate() {
            cx.step(index, State::Converging, "asking").await;
            let presence = ask(checkout, one, self.ca.as_deref()).await;
            let state = if presence == Presence::Nobody { State::Done } else { State::Degraded };
            cx.step(index, state, presence.words()).await;
            if presence != Presence::Nobody {
                found.push(format!("{}: {}", one.display_name, presence.words()));
            }
        }
        found
    }
}

fn lacks(action: &Action, asks: &[String]) -> Diagnostic {
    let mend = "put in place what is named here, or say why it can be without: --override-guard WHY";
    let fault = Diagnostic::new(format!("{} was not begun: something it demands is missing", action.title()), mend);
    asks.iter().cloned().fold(fault, Diagnostic::because)
}

fn refused(action: &Action, found: Vec<String>, mend: &str) -> Diagnostic {
    let fault = Diagnostic::new(format!("{} was not begun: somebody may be using it", action.title()), mend);
    found.into_iter().fold(fault, Diagnostic::because)
}

/// What may be in use where something is done, and what holds it up.
struct At {
    bar: Bar,
    critical: Vec<Critical>,
    /// What the folder says of it and cannot be read, one sentence each.
    unread: Vec<String>,
}

async fn of_stack(checkout: &Checkout, stack: &str) -> At {
    let (checkout, stack) = (checkout.clone(), stack.to_owned());
    // Files may lie on a slow disk.
    let found = tokio::task::spawn_blocking(move || checkout.critical(&stack)).await;
    let (bar, critical, unread) = found.unwrap_or((Bar::Ask, Vec::new(), Vec::new()));
    let told = |finding: Finding| format!("what is guarded is not known: {} at {}", finding.what, finding.spot);
    At { bar, critical, unread: unread.into_iter().map(told).collect() }
}

/// The critical services whose tasks leave a node, or that need what leaves it; the strictest bar of them counts.
async fn of_node(checkout: &Checkout, picture: &Picture, node: &NodeId) -> At {
    let mut at = At { bar: Bar::Warn, critical: Vec::new(), unread: Vec::new() };
    let Some(live) = picture.swarm.nodes.get(node) else { return at };
    let leaves = leaving(picture, live, &[]);
    // What has a task on each node goes on elsewhere.
    let moves = leaves.iter().filter(|leaves| leaves.goes != Goes::Ends).map(|leaves| &leaves.service);
    let names: BTreeSet<&str> = moves.clone().map(|service| service.name.as_str()).collect();
    let stacks: BTreeSet<&str> = moves.filter_map(|service| service.stack.as_deref()).collect();
    for stack in stacks {
        let of_stack = of_stack(checkout, stack).await;
        let here = |one: &Critical| one.stack != stack || names.contains(format!("{stack}_{}", one.name).as_str());
        let critical: Vec<Critical> = of_stack.critical.into_iter().filter(here).collect();
        if !critical.is_empty() || !of_stack.unread.is_empty() {
            at.bar = at.bar.max(of_stack.bar);
            // It is the same for all of them.
            at.unread = of_stack.unread;
        }
        for one in critical {
            if !at.critical.iter().any(|known| (&known.stack, &known.name) == (&one.stack, &one.name)) {
                at.critical.push(one);
            }
        }
    }
    at
}

async fn ask(checkout: &Checkout, critical: &Critical, ca: Option<&Path>) -> Presence {
    let Some(check) = &critical.check else {
        return Presence::Unknown("the folder does not say how it is asked".to_owned());
    };
    let token = match &check.token {
        None => None,
        Some(Credential::Vault(reference)) => match vault::read(reference).await {
            Ok(token) => Some(token),
            Err(why) => return Presence::Unknown(format!("its token cannot be had: {why}")),
        },
        Some(credential) => match checkout.values().and_then(|values| credential.find(&values)) {
            Ok(token) => Some(token),
            Err(fault) => return Presence::Unknown(format!("its token cannot be had: {}", fault.line())),
        },
    };
    let client = match client(&check.url, check.ca.as_deref().or(ca)) {
        Ok(client) => client,
        Err(why) => return Presence::Unknown(why),
    };
    let server = match check.method {
        Method::Plex => Server::Plex,
        Method::Jellyfin => Server::Jellyfin,
    };
    presence(&client, server, token.as_ref()).await
}

fn client(url: &str, ca: Option<&Path>) -> Result<Client, String> {
    let address: outside::Address = url.parse().map_err(|error| format!("its address cannot be used: {error}"))?;
    let tls = if address.tls { Some(outside::trust(ca).map_err(|fault| fault.line())?) } else { None };
    Client::new(address, tls.as_ref()).map_err(|trouble| trouble.to_string())
}
