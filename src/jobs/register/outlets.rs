//! One place where something is made known, opened with its credential: looked at, changed, and looked at again.

use std::path::Path;

use zeroize::Zeroizing;

use super::{Found, names};
use crate::diag::Diagnostic;
use crate::model::text::counted;
use crate::outside::kuma::{self, Kuma};
use crate::outside::names::{Deed, Wished, deeds};
use crate::outside::pihole::Session;
use crate::outside::technitium::Technitium;
use crate::outside::{self, Address, Client, dns, vault};
use crate::platform::{Checkout, Credential, Monitors, NameServer, Values};

/// Where something is made known.
#[derive(Debug)]
pub enum Outlet {
    /// A Technitium.
    Technitium(Names),
    /// A Pi-hole.
    Pihole(Names),
    /// An Uptime Kuma.
    Kuma(Monitors, Sealed, kuma::Wished),
    /// Nothing is to be done there, and why.
    Nothing(&'static str, &'static str),
}

/// A name server and what it is to know.
#[derive(Debug)]
pub struct Names {
    server: NameServer,
    secret: Sealed,
    wished: Wished,
}

/// A credential, or where it is still to be had from, or why it cannot be had.
#[derive(Debug)]
pub struct Sealed(Result<Kept, Diagnostic>);

enum Kept {
    Here(Zeroizing<String>),
    Vault(String),
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(…)")
    }
}

impl Sealed {
    fn of(credential: &Credential, values: &Values) -> Self {
        Self(match credential {
            Credential::Vault(reference) => Ok(Kept::Vault(reference.clone())),
            other => other.find(values).map(Kept::Here),
        })
    }

    async fn open(&self) -> Result<Zeroizing<String>, Diagnostic> {
        match &self.0 {
            Ok(Kept::Here(secret)) => Ok(secret.clone()),
            Ok(Kept::Vault(reference)) => vault::read(reference).await.map_err(|why| {
                Diagnostic::new(format!("{reference} cannot be had"), "sign in to the vault: op signin").because(why)
            }),
            Err(fault) => Err(fault.clone()),
        }
    }
}

impl Outlet {
    /// All outlets of the folder, for this stack.
    pub fn all(checkout: &Checkout, stack: &str, gone: bool) -> Result<Vec<Self>, Vec<Diagnostic>> {
        let known = checkout.known(stack)?;
        let values = checkout.values().map_err(|fault| vec![fault])?;
        let config = checkout.config().outlets;
        let names = |server: NameServer| Names {
            secret: Sealed::of(&server.credential, &values),
            wished: names::records(checkout, &server, &known.routes, gone),
            server,
        };
        let mut outlets = Vec::new();
        outlets.extend(config.technitium.map(names).map(Outlet::Technitium));
        outlets.extend(config.pihole.map(names).map(Outlet::Pihole));
        if let Some(kuma) = config.kuma {
            outlets.push(if kuma.autokuma || known.autokuma {
                Outlet::Nothing("Uptime Kuma", "AutoKuma makes the monitors from labels: nothing to do")
            } else {
                let secret = Sealed::of(&kuma.credential, &values);
                Outlet::Kuma(kuma, secret, names::monitors(&known.routes, gone))
            });
        }
        Ok(outlets)
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Outlet::Technitium(_) => "Technitium",
            Outlet::Pihole(_) => "Pi-hole",
            Outlet::Kuma(..) => "Uptime Kuma",
            Outlet::Nothing(name, _) => name,
        }
    }

    /// What is to be done there, in words.
    pub async fn check(&self) -> Result<Found, Diagnostic> {
        let words = |deeds: Vec<Deed>| deeds.iter().map(ToString::to_string).collect();
        let todo = match self {
            Outlet::Nothing(_, why) => return Ok(Found { note: (*why).to_owned(), ..Found::default() }),
            Outlet::Technitium(names) => words(technitium(names, false).await?),
            Outlet::Pihole(names) => words(pihole(names, false).await?),
            Outlet::Kuma(monitors, secret, wished) => monitored(monitors, secret, wished, false).await?,
        };
        Ok(Found { todo, note: String::new() })
    }

    /// Does it and looks whether it is done: what was done, in a few words.
    pub async fn perform(&self) -> Result<String, Diagnostic> {
        let done = |changes: usize| match changes {
            0 => "as it should be, verified".to_owned(),
            some => format!("{}, verified", counted(some as u64, "change")),
        };
        match self {
            Outlet::Nothing(_, why) => Ok((*why).to_owned()),
            Outlet::Technitium(names) => {
                let deeds = technitium(names, true).await?;
                names.verify().await.map(|()| done(deeds.len()))
            }
            Outlet::Pihole(names) => {
                let deeds = pihole(names, true).await?;
                names.verify().await.map(|()| done(deeds.len()))
            }
            Outlet::Kuma(monitors, secret, wished) => Ok(done(monitored(monitors, secret, wished, true).await?.len())),
        }
    }
}

impl Names {
    /// Asks the server itself, as any machine would.
    async fn verify(&self) -> Result<(), Diagnostic> {
        let address = address(&self.server.url)?;
        let server = self.server.server.clone().unwrap_or_else(|| format!("{}:53", address.host));
        let server = if server.contains(':') { server } else { format!("{server}:53") };
        dns::verify(&server, &self.wished).await.map_err(|wrong| {
            let what = "the name server does not say what it was told";
            let fault = Diagnostic::new(what, "look at its log, and at `server` in quarterdeck.yaml").at(server);
            wrong.into_iter().take(5).fold(fault, Diagnostic::because)
        })
    }
}

async fn technitium(names: &Names, apply: bool) -> Result<Vec<Deed>, Diagnostic> {
    let server = &names.server;
    let technitium = Technitium {
        client: client(&server.url, server.ca.as_deref())?,
        token: names.secret.open().await?,
        zone: server.zone.clone(),
        ttl: server.ttl,
    };
    let mut todo = Vec::new();
    let present = match technitium.present().await? {
        Some(present) => present,
        None if names.wished.there.is_empty() => return Ok(Vec::new()),
        None => {
            todo.push(Deed::Zone(server.zone.clone()));
            Vec::new()
        }
    };
    todo.extend(deeds(&names.wished, &present));
    if apply {
        technitium.apply(&todo).await?;
    }
    Ok(todo)
}

async fn pihole(names: &Names, apply: bool) -> Result<Vec<Deed>, Diagnostic> {
    let client = client(&names.server.url, names.server.ca.as_deref())?;
    let session = Session::open(&client, &names.secret.open().await?).await?;
    let worked = async {
        let todo = deeds(&names.wished, &session.present().await?);
        if apply {
            session.apply(&todo).await?;
        }
        Ok(todo)
    }
    .await;
    session.close().await;
    worked
}

async fn monitored(
    monitors: &Monitors,
    secret: &Sealed,
    wished: &kuma::Wished,
    apply: bool,
) -> Result<Vec<String>, Diagnostic> {
    let client = client(&monitors.url, monitors.ca.as_deref())?;
    let mut kuma = Kuma::open(client, &monitors.username, &secret.open().await?).await?;
    let worked = async {
        let todo = kuma.check(wished).await?;
        let words: Vec<String> = todo.iter().map(ToString::to_string).collect();
        if apply && !todo.is_empty() {
            kuma.apply(todo).await?;
            if let Some(left) = kuma.check(wished).await?.first() {
                let what = "Uptime Kuma does not have what it was told";
                return Err(Diagnostic::new(what, "look at its log").because(left.to_string()));
            }
        }
        Ok(words)
    }
    .await;
    kuma.close().await;
    worked
}

fn address(url: &str) -> Result<Address, Diagnostic> {
    // What cannot be read is not repeated: a login may stand in it.
    url.parse().map_err(|error: outside::AddressError| {
        let mend = "write it as http://HOST:PORT in quarterdeck.yaml, and the credential apart";
        Diagnostic::new("the url of an outlet cannot be used", mend).because(error.to_string())
    })
}

fn client(url: &str, ca: Option<&Path>) -> Result<Client, Diagnostic> {
    let address = address(url)?;
    let tls = if address.tls { Some(outside::trust(ca)?) } else { None };
    Client::new(address, tls.as_ref()).map_err(|trouble| {
        Diagnostic::new("an outlet cannot be reached", "look at its url").because(trouble.to_string())
    })
}
