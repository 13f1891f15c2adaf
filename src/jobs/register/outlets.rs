//! One place where something is made known, opened with its credential: looked at, changed, and looked at again.

use std::collections::BTreeSet;
use std::path::Path;

use super::sealed::Sealed;
use super::servers::{Kind, Names};
use super::{Found, names};
use crate::diag::Diagnostic;
use crate::model::text::counted;
use crate::outside::kuma::{self, Kuma};
use crate::outside::{self, Address, Client};
use crate::plan::Labels;
use crate::platform::{self, Checkout, Monitors, NameServer};

/// Where something is made known.
#[derive(Debug)]
pub enum Outlet {
    /// A name server.
    Names(Names),
    /// An Uptime Kuma.
    Kuma(Monitors, Sealed, kuma::Wished),
    /// Nothing is to be done there, and why.
    Nothing(&'static str, &'static str),
}

impl Outlet {
    /// All outlets of the folder, for this stack; where it has no file any more, by the labels that its services had.
    pub fn all(checkout: &Checkout, (stack, gone): (&str, bool), had: &[Labels]) -> Result<Vec<Self>, Vec<Diagnostic>> {
        let orphan = !had.is_empty() && !checkout.catalogue.stacks.contains_key(stack);
        let labels = if orphan { had.to_owned() } else { checkout.labels(stack)? };
        let mut known = platform::Known::by(&labels);
        if gone {
            // What another stack wishes too is not taken from it.
            let others = elsewhere(checkout, stack);
            known.routes.retain(|route| !others.contains(&route.host));
        }
        let (patterns, groups) = (names::patterns(&labels), names::groups(&labels));
        let values = checkout.values().map_err(|fault| vec![fault])?;
        let config = checkout.config().outlets;
        let names = |kind: Kind, server: NameServer| {
            let hosts = known.routes.iter().map(|route| route.host.clone()).chain(patterns.iter().cloned());
            let (wished, impossible) = names::records(checkout, &server, hosts, gone);
            Outlet::Names(Names { kind, secret: Sealed::of(&server.credential, &values), wished, impossible, server })
        };
        let mut outlets = Vec::new();
        outlets.extend(config.technitium.map(|server| names(Kind::Technitium, server)));
        outlets.extend(config.pihole.map(|server| names(Kind::Pihole, server)));
        if let Some(kuma) = config.kuma {
            outlets.push(if kuma.autokuma || known.autokuma {
                Outlet::Nothing("Uptime Kuma", "AutoKuma makes the monitors from labels: nothing to do")
            } else {
                let secret = Sealed::of(&kuma.credential, &values);
                Outlet::Kuma(kuma, secret, names::monitors(&known.routes, &groups, gone))
            });
        }
        Ok(outlets)
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Outlet::Names(Names { kind: Kind::Technitium, .. }) => "Technitium",
            Outlet::Names(Names { kind: Kind::Pihole, .. }) => "Pi-hole",
            Outlet::Kuma(..) => "Uptime Kuma",
            Outlet::Nothing(name, _) => name,
        }
    }

    /// What is to be done there, in words.
    pub async fn check(&self) -> Result<Found, Diagnostic> {
        let todo = match self {
            Outlet::Nothing(_, why) => return Ok(Found { note: (*why).to_owned(), ..Found::default() }),
            Outlet::Names(names) => names.look().await?.iter().map(ToString::to_string).collect(),
            Outlet::Kuma(monitors, secret, wished) => monitored(monitors, secret, wished, None).await?,
        };
        Ok(Found { todo, note: String::new() })
    }

    /// Does it, as far as it is ours or was agreed to, and looks whether it is done: what was done, in a few words.
    pub async fn perform(&self, agreed: &BTreeSet<String>) -> Result<String, Diagnostic> {
        let changes = match self {
            Outlet::Nothing(_, why) => return Ok((*why).to_owned()),
            Outlet::Names(names) => names.perform(agreed).await?,
            Outlet::Kuma(monitors, secret, wished) => monitored(monitors, secret, wished, Some(agreed)).await?.len(),
        };
        Ok(match changes {
            0 => "as it should be, verified".to_owned(),
            some => format!("{}, verified", counted(some as u64, "change")),
        })
    }
}

/// The hosts that other stacks are reached by.
fn elsewhere(checkout: &Checkout, stack: &str) -> BTreeSet<String> {
    let others = checkout.catalogue.stacks.values().filter(|filed| filed.name != stack && filed.is_awaited());
    let known = others.filter_map(|filed| checkout.known(&filed.name).ok());
    known.flat_map(|known| known.routes).map(|route| route.host).collect()
}

/// What there was to do; where it is to be applied, it is done and looked at. A conversation that breaks off is begun
/// once more, and goes on from what is there by then.
async fn monitored(
    monitors: &Monitors,
    secret: &Sealed,
    wished: &kuma::Wished,
    agreed: Option<&BTreeSet<String>>,
) -> Result<Vec<String>, Diagnostic> {
    let client = client(&spoken(&monitors.url), monitors.ca.as_deref())?;
    let password = secret.open().await?;
    let mut words = None;
    for last in [false, true] {
        let mut kuma = Kuma::open(client.clone(), &monitors.username, &password).await?;
        let worked = talk(&mut kuma, wished, agreed, &mut words).await;
        let again = worked.is_err() && kuma.is_lost() && !last;
        kuma.close().await;
        if !again {
            worked?;
            break;
        }
    }
    Ok(words.unwrap_or_default())
}

async fn talk(
    kuma: &mut Kuma,
    wished: &kuma::Wished,
    agreed: Option<&BTreeSet<String>>,
    words: &mut Option<Vec<String>>,
) -> Result<(), Diagnostic> {
    let list = kuma.list().await?;
    let todo = list.deeds(wished);
    let (todo, held) = agreed.map_or((todo.clone(), Vec::new()), |agreed| kuma::settle(todo, agreed));
    words.get_or_insert_with(|| todo.iter().map(ToString::to_string).collect());
    let Some(agreed) = agreed else { return Ok(()) };
    if !todo.is_empty() {
        kuma.apply(todo, &list).await?;
        let (left, _) = kuma::settle(kuma.list().await?.deeds(wished), agreed);
        if let Some(left) = left.first() {
            let what = "Uptime Kuma does not have what it was told";
            return Err(Diagnostic::new(what, "look at its log").because(left.to_string()));
        }
    }
    if held.is_empty() {
        return Ok(());
    }
    let mend = "look whose it is; `quarterdeck register STACK` shows it and changes it after a yes";
    let fault = Diagnostic::new("some monitors are not as the folder wants them", mend);
    let told = held.into_iter().take(5).map(|words| format!("nobody agreed to {words}: one of this name stands there"));
    Err(told.fold(fault, Diagnostic::because))
}

/// Its pages speak by WebSocket where they can. The same is said by plain questions, which every proxy lets through.
fn spoken(url: &str) -> String {
    match url.strip_prefix("ws") {
        Some(rest) if rest.starts_with("://") || rest.starts_with("s://") => format!("http{rest}"),
        _ => url.to_owned(),
    }
}

/// The address of an outlet.
pub fn address(url: &str) -> Result<Address, Diagnostic> {
    // What cannot be read is not repeated: a login may stand in it.
    url.parse().map_err(|error: outside::AddressError| {
        let mend = "write it as http://HOST:PORT in quarterdeck.yaml, and the credential apart";
        Diagnostic::new("the url of an outlet cannot be used", mend).because(error.to_string())
    })
}

/// A client for an outlet, whose certificate this CA signed.
pub fn client(url: &str, ca: Option<&Path>) -> Result<Client, Diagnostic> {
    let address = address(url)?;
    let tls = if address.tls { Some(outside::trust(ca)?) } else { None };
    Client::new(address, tls.as_ref()).map_err(|trouble| {
        Diagnostic::new("an outlet cannot be reached", "look at its url").because(trouble.to_string())
    })
}
