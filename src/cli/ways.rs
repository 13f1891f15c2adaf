//! From the engine that is meant to dialers: addresses are read, certificates loaded, SSH opened while the operator can
//! still be asked.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;

use tokio::sync::mpsc;

use super::args::Globals;
use super::route::{self, Route, Said, Ways};
use super::secure::{self, Surroundings};
use super::{Ending, Stopped};
use crate::ask::{Asked, Asker};
use crate::diag::{Diagnostic, Explain};
use crate::docker_config::Folder;
use crate::jobs::Registries;
use crate::platform::{ManagerHost, Platform};
use crate::ssh::{Hosts, SshError, Target};
use crate::wire::{Endpoint, SharedDialer, Tls};

/// The ways to the managers of one swarm.
pub struct Reached {
    /// One for each address, the preferred first.
    pub dialers: Vec<SharedDialer>,
    /// Who said that these are meant.
    pub said_by: String,
    /// The connections that some of them lead through, and the addresses of those.
    pub ssh: Option<(Hosts, Vec<Target>)>,
    /// What is asked on the way, where the console is to show it.
    pub questions: Option<mpsc::Receiver<Asked>>,
    /// The way to the operator.
    pub asker: Asker,
}

/// Who sits in front: where questions are asked, and whether anybody waits for the first connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// A verb asks on the terminal, and has nothing to show before it is connected.
    Verb,
    /// The console shows questions itself, and its first frame waits for nobody.
    Console,
}

/// Finds what is meant and makes the ways there. What is to be told of them is put to the faults of the platform.
pub async fn reach(globals: &Globals, platform: &mut Platform, front: Front) -> Result<Reached, Stopped> {
    let (docker, fault) = Folder::read(&docker_folder());
    platform.faults.extend(fault);
    let route = route::choose(&Said {
        hosts: globals.hosts.clone(),
        docker_host: said("DOCKER_HOST"),
        docker_context: said("DOCKER_CONTEXT"),
        current_context: docker.current_context().unwrap_or_default().to_owned(),
        managers: platform.managers.iter().map(ManagerHost::url).collect(),
    });
    let (addresses, tls) = meant(globals, &docker, &route, &mut platform.faults).map_err(misuse)?;
    let endpoints = endpoints(&addresses, &route, tls.is_some()).map_err(misuse)?;
    let (asker, questions) = operator(front);
    let ssh = by_ssh(&endpoints, asker.clone(), front == Front::Verb).await?;
    let mut targets = ssh.iter().flat_map(|(_, targets)| targets);
    let mut dialers = Vec::new();
    for endpoint in &endpoints {
        let local = endpoint.dialer(tls.as_ref());
        let far = || ssh.as_ref().zip(targets.next()).map(|((hosts, _), target)| through_ssh(hosts, target));
        dialers.extend(local.or_else(far));
    }
    let said_by = match &route.ways {
        Ways::Context(name) => format!("context {name}, by {}", route.said_by),
        Ways::Addresses(_) => format!("by {}", route.said_by),
    };
    Ok(Reached { dialers, said_by, ssh, questions, asker })
}

/// The way to the operator, and where questions come out if the console is to show them.
pub fn operator(front: Front) -> (Asker, Option<mpsc::Receiver<Asked>>) {
    match front {
        Front::Verb => (super::ask::on_terminal(), None),
        Front::Console => {
            let (asker, questions) = Asker::new();
            (asker, Some(questions))
        }
    }
}

/// The credentials that the docker CLI keeps. Its folder is read when the first is asked for.
pub fn registries() -> Registries {
    Registries::new(Arc::new(|host: String| {
        async move {
            let (folder, fault) = Folder::read(&docker_folder());
            let found = folder.credentials(&host).await?;
            match (found, fault) {
                (Some(auth), _) => Ok(Some(auth.header())),
                (None, Some(fault)) => Err(fault),
                (None, None) => Ok(None),
            }
        }
        .boxed()
    }))
}

fn misuse(fault: Diagnostic) -> Stopped {
    Stopped::new(Ending::Misuse, fault)
}

/// A variable of the environment; empty if it is not set.
fn said(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// A file of authorities that count instead of those of this machine, as other programs take it from the environment.
pub fn authorities() -> Option<PathBuf> {
    Some(said("SSL_CERT_FILE")).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Where the docker CLI keeps its own.
fn docker_folder() -> PathBuf {
    match said("DOCKER_CONFIG") {
        dir if dir.is_empty() => etcetera::home_dir().unwrap_or_default().join(".docker"),
        dir => dir.into(),
    }
}

/// The addresses, and what TLS needs there.
fn meant(
    globals: &Globals,
    docker: &Folder,
    route: &Route,
    faults: &mut Vec<Diagnostic>,
) -> Result<(Vec<String>, Option<Tls>), Diagnostic> {
    match &route.ways {
        Ways::Addresses(all) => {
            let folder = said("DOCKER_CERT_PATH");
            let folder = if folder.is_empty() { docker_folder() } else { folder.into() };
            let around = Surroundings { verify: !said("DOCKER_TLS_VERIFY").is_empty(), folder };
            Ok((all.clone(), secure::of_words(globals, &around)?))
        }
        Ways::Context(name) => {
            let context = docker.context(name).map_err(|fault| fault.because(format!("{} says so", route.said_by)))?;
            if context.unverified {
                faults.push(unverified(&context.name));
            }
            let host = if context.host.is_empty() { route::LOCAL_SOCKET.to_owned() } else { context.host.clone() };
            Ok((vec![host], secure::of_context(&context)?))
        }
    }
}

fn endpoints(addresses: &[String], route: &Route, tls: bool) -> Result<Vec<Endpoint>, Diagnostic> {
    let mut known: Vec<Endpoint> = Vec::new();
    for address in addresses {
        let endpoint = Endpoint::read(address, tls).map_err(|error| {
            let what = format!("{} is no address that can be used", route.said_by);
            Diagnostic::new(what, "give unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST").because(error.to_string())
        })?;
        // Given twice, it would be two managers that fail at once.
        if !known.contains(&endpoint) {
            known.push(endpoint);
        }
    }
    Ok(known)
}

/// Opens the connection to the first machine that lets us in, if that is wanted at once. The others are opened when they
/// are needed.
async fn by_ssh(endpoints: &[Endpoint], asker: Asker, at_once: bool) -> Result<Option<(Hosts, Vec<Target>)>, Stopped> {
    let mut targets: Vec<Target> = Vec::new();
    for endpoint in endpoints {
        if let Endpoint::Ssh { text } = endpoint {
            targets.push(text.parse().map_err(|error| told(&error))?);
        }
    }
    if targets.is_empty() {
        return Ok(None);
    }
    let hosts = Hosts::new(super::ask::settings(), asker);
    if !at_once {
        return Ok(Some((hosts, targets)));
    }
    let mut lost: Option<Stopped> = None;
    for target in &targets {
        let Err(error) = hosts.host(target).connect().await else {
            return Ok(Some((hosts, targets)));
        };
        let stopped = told(&error);
        tracing::warn!(%error, "a manager is not reached by SSH");
        lost = Some(match lost {
            Some(first) => Stopped::new(first.ending, first.fault.because(stopped.fault.line())),
            None => stopped,
        });
    }
    match lost {
        Some(stopped) if targets.len() == endpoints.len() => Err(stopped),
        _ => Ok(Some((hosts, targets))),
    }
}

fn told(error: &SshError) -> Stopped {
    let misuse = matches!(error, SshError::Address { .. } | SshError::Config { .. });
    Stopped::new(if misuse { Ending::Misuse } else { Ending::Unreachable }, error.explain())
}

/// The one place where a way through SSH is made.
fn through_ssh(hosts: &Hosts, target: &Target) -> SharedDialer {
    hosts.host(target).dialer(&target.socket_path)
}

fn unverified(context: &str) -> Diagnostic {
    Diagnostic::new(
        format!("the engine of the context {context:?} is believed without a look at its certificate"),
        "give the context the CA of the engine's certificate, and take SkipTLSVerify out of it",
    )
}
