//! A name server and what it is to know: looked at, changed, and asked as any machine asks it. A record that somebody
//! else has made is never replaced unless somebody saw it and agreed.

use std::collections::BTreeSet;

use super::outlets::{address, client};
use super::sealed::Sealed;
use crate::diag::Diagnostic;
use crate::outside::dns;
use crate::outside::names::{Deed, Record, Wished, deeds, settle};
use crate::outside::pihole::Session;
use crate::outside::technitium::Technitium;
use crate::platform::NameServer;

/// Which kind of server, and so which API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Technitium.
    Technitium,
    /// Pi-hole 6.
    Pihole,
}

/// A name server and what it is to know.
#[derive(Debug)]
pub struct Names {
    /// Its kind.
    pub kind: Kind,
    /// Where it is.
    pub server: NameServer,
    /// Its token or password.
    pub secret: Sealed,
    /// What it is to know.
    pub wished: Wished,
    /// Names that it cannot be told, each with the reason.
    pub impossible: Vec<String>,
}

impl Names {
    /// What is to be done there. Changes nothing.
    pub async fn look(&self) -> Result<Vec<Deed>, Diagnostic> {
        self.work(None).await.map(|(deeds, _)| deeds)
    }

    /// Does what may be done, and asks the server itself whether it is: how many changes there were.
    pub async fn perform(&self, agreed: &BTreeSet<String>) -> Result<usize, Diagnostic> {
        let (done, held) = self.work(Some(agreed)).await?;
        let waits = |record: &Record| held.iter().any(|other| other.name == record.name);
        let mut wished = self.wished.clone();
        wished.there.retain(|record| !waits(record));
        self.verify(&wished).await?;
        self.left(&held).map_or(Ok(done.len()), Err)
    }

    /// What there is to do, and what of it nobody has agreed to; the rest is done where it is to be.
    async fn work(&self, agreed: Option<&BTreeSet<String>>) -> Result<(Vec<Deed>, Vec<Record>), Diagnostic> {
        match self.kind {
            Kind::Technitium => self.technitium(agreed).await,
            Kind::Pihole => self.pihole(agreed).await,
        }
    }

    async fn technitium(&self, agreed: Option<&BTreeSet<String>>) -> Result<(Vec<Deed>, Vec<Record>), Diagnostic> {
        let server = &self.server;
        let technitium = Technitium {
            client: client(&server.url, server.ca.as_deref())?,
            token: self.secret.open().await?.into(),
            zone: server.zone.clone(),
            ttl: server.ttl,
        };
        let mut todo = Vec::new();
        let present = match technitium.present().await? {
            Some(present) => present,
            None if self.wished.there.is_empty() => return Ok((Vec::new(), Vec::new())),
            None => {
                todo.push(Deed::Zone(server.zone.clone()));
                Vec::new()
            }
        };
        todo.extend(deeds(&self.wished, &present));
        let Some(agreed) = agreed else { return Ok((todo, Vec::new())) };
        let (todo, held) = settle(todo, agreed);
        technitium.apply(&todo).await?;
        Ok((todo, held))
    }

    async fn pihole(&self, agreed: Option<&BTreeSet<String>>) -> Result<(Vec<Deed>, Vec<Record>), Diagnostic> {
        let client = client(&self.server.url, self.server.ca.as_deref())?;
        let mut session = Session::open(&client, &self.secret.open().await?).await?;
        let worked = async {
            let todo = deeds(&self.wished, &session.present().await?);
            let Some(agreed) = agreed else { return Ok((todo, Vec::new())) };
            let (todo, held) = settle(todo, agreed);
            session.apply(&todo, self.server.ttl).await?;
            Ok((todo, held))
        }
        .await;
        session.close().await;
        worked
    }

    /// Asks the server itself, as any machine would.
    async fn verify(&self, wished: &Wished) -> Result<(), Diagnostic> {
        let server = match &self.server.server {
            Some(server) => with_port(server),
            None => with_port(&address(&self.server.url)?.host),
        };
        dns::verify(&server, wished).await.map_err(|wrong| {
            let what = "the name server does not say what it was told";
            let fault = Diagnostic::new(what, "look at its log, and at `server` in quarterdeck.yaml").at(server);
            wrong.into_iter().take(5).fold(fault, Diagnostic::because)
        })
    }

    /// What was not done, and why.
    fn left(&self, held: &[Record]) -> Option<Diagnostic> {
        let told = held.iter().map(|record| format!("{record} stands there, and nobody agreed to replace it"));
        let told: Vec<String> = told.chain(self.impossible.iter().cloned()).collect();
        if told.is_empty() {
            return None;
        }
        let mend = match held.is_empty() {
            true => "write the address of the ingress into the inventory, or take the name from the stack",
            false => "look whose it is; `quarterdeck register STACK` shows it and replaces it after a yes",
        };
        let fault = Diagnostic::new("some names are not as the folder wants them", mend).at(self.server.url.clone());
        Some(told.into_iter().take(5).fold(fault, Diagnostic::because))
    }
}

/// `host:port` of a name server; a long address stands in brackets only with a port.
fn with_port(server: &str) -> String {
    let bare_six = server.parse::<std::net::Ipv6Addr>().is_ok();
    match (bare_six, server.rsplit_once(':')) {
        (true, _) => format!("[{server}]:53"),
        (false, Some((_, port))) if !port.ends_with(']') => server.to_owned(),
        _ => format!("{server}:53"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_is_asked_on_port_53_unless_it_is_said() {
        for (server, asked) in [
            ("dns.example.test", "dns.example.test:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ] {
            assert_eq!(with_port(server), asked);
        }
    }
}
