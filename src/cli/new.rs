//! `new`: a stack as the folder has them, written where it belongs. Overwrites nothing; asks what was not said.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use clap::{Args as ClapArgs, ValueEnum};

use super::args::Globals;
use super::{Ending, Stopped, connect, interview, print};
use crate::diag::{Diagnostic, Severity};
use crate::lint;
use crate::model::Tier;
use crate::platform::{self, Base, Draft, Home, Ingress, Platform, Storage};

/// What the new stack is to be.
#[derive(Debug, Clone, ClapArgs)]
pub struct NewWish {
    /// Its name.
    #[arg(value_name = "STACK")]
    name: String,
    /// The image, with its tag.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The port that the service listens on.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The tier: infrastructure, platform or application.
    #[arg(long, value_enum, value_name = "TIER")]
    tier: Option<NewTier>,
    /// Where its data lies: nowhere, in a volume of its node, or in a directory that the pre-flight makes.
    #[arg(long, value_enum, value_name = "WHERE")]
    storage: Option<NewStorage>,
    /// Where in the container its data lies, as its image has it: PostgreSQL in /var/lib/postgresql/data.
    #[arg(long, value_name = "PATH")]
    mount: Option<String>,
    /// The command that finds out its health, or none; else its port is asked by wget or curl.
    #[arg(long, value_name = "CMD")]
    health: Option<String>,
    /// The node that it is placed on; data in a volume stays on its node.
    #[arg(long, value_name = "HOST")]
    node: Option<String>,
    /// The name that it is reached by through the ingress of the folder.
    #[arg(long, value_name = "NAME")]
    ingress: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NewTier {
    Infrastructure,
    Platform,
    Application,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NewStorage {
    None,
    Volume,
    Directory,
}

const TIERS: [(&str, NewTier); 3] = [
    ("application", NewTier::Application),
    ("platform", NewTier::Platform),
    ("infrastructure", NewTier::Infrastructure),
];
const STORAGES: [(&str, NewStorage); 3] =
    [("none", NewStorage::None), ("volume", NewStorage::Volume), ("directory", NewStorage::Directory)];

/// The same, until the operator calls it off.
pub async fn until_called_off(globals: Globals, wish: NewWish) -> Result<Ending, Stopped> {
    // A terminal is read by waiting for it.
    let asked = tokio::task::spawn_blocking(move || run(&globals, &wish));
    tokio::select! {
        ended = asked => ended.unwrap_or_else(|_| Err(Stopped::new(
            Ending::Failed,
            Diagnostic::new("the new stack was not written", "report it with what was answered"),
        ))),
        _ = tokio::signal::ctrl_c() => {
            let fault = Diagnostic::new("called off", "say it again when you are ready");
            Err(Stopped::new(Ending::Cancelled, fault))
        }
    }
}

/// Writes the files of a new stack, and says what lint thinks of them.
pub fn run(globals: &Globals, wish: &NewWish) -> Result<Ending, Stopped> {
    let misuse = |fault: Diagnostic| Stopped::new(Ending::Misuse, fault);
    if globals.read_only {
        return Err(misuse(Diagnostic::new("a new stack is written to the folder", "leave --read-only away")));
    }
    let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    let (Some(root), Some(files)) = (platform::find(globals.platform.as_deref(), &here), connect::folder(globals)?)
    else {
        return Err(misuse(Diagnostic::new("there is no platform folder here", "give the folder with -C DIR")));
    };
    let platform = platform::read_in(&files, super::wishes::surroundings());
    let ingress = Ingress::of(&platform.depth(&files));
    let draft = draft(wish, &platform, ingress.is_some())?;
    let faults = draft.faults(&platform);
    if let Some((last, first)) = faults.split_last() {
        first.iter().for_each(print::fault);
        return Err(misuse(last.clone()));
    }
    if draft.host.is_some() && ingress.is_none() {
        let fault =
            Diagnostic::new("the folder has no ingress", "leave --ingress away, or add a stack with Traefik or Caddy");
        return Err(misuse(fault));
    }
    let dir = root.join(draft.dir());
    let broken = |what: String, error: &io::Error| {
        Stopped::new(Ending::Failed, Diagnostic::new(what, "look at the folder's rights").caused_by(error))
    };
    if dir.exists() {
        let fault = Diagnostic::new(format!("{} is there already", draft.dir().display()), "choose another name");
        return Err(misuse(fault));
    }
    std::fs::create_dir_all(&dir).map_err(|error| broken(format!("{} cannot be made", dir.display()), &error))?;
    for (path, text) in draft.files(ingress.as_ref()) {
        let mut options = OpenOptions::new();
        let written = options
            .write(true)
            .create_new(true)
            .open(root.join(&path))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| broken(format!("{} cannot be written", path.display()), &error))?;
        print::line(&path.display().to_string());
    }
    let findings = lint::check(&files.again(), super::wishes::surroundings());
    let own = |file: &str| Path::new(file).starts_with(draft.dir());
    let mut ending = Ending::Done;
    for finding in findings.iter().filter(|finding| own(&finding.spot.file)) {
        print::fault(&Diagnostic::from(finding));
        if finding.severity == Severity::Error {
            ending = Ending::Failed;
        }
    }
    print::remark(&format!("look at it, then: quarterdeck plan {}", draft.name));
    Ok(ending)
}

/// What was said in words, and what is answered at a terminal.
fn draft(wish: &NewWish, platform: &Platform, has_ingress: bool) -> Result<Draft, Stopped> {
    let attended = interview::is_attended();
    let image = match &wish.image {
        Some(image) => image.clone(),
        None if attended => interview::ask("which image, with its tag?", |answer| {
            if answer.is_empty() {
                Err("write an image such as nginx:1.27.3".to_owned())
            } else {
                Ok(answer.to_owned())
            }
        })?,
        None => return Err(unsaid("image")),
    };
    let port = match wish.port {
        Some(port) => port,
        None if attended => interview::ask("which port does it listen on?", |answer| {
            answer.parse().ok().filter(|port| *port > 0).ok_or_else(|| "write a number from 1 to 65535".to_owned())
        })?,
        None => return Err(unsaid("port")),
    };
    let tier = match wish.tier {
        Some(tier) => tier,
        None if attended => interview::choose("which tier?", &TIERS, NewTier::Application)?,
        None => NewTier::Application,
    };
    let storage = match wish.storage {
        Some(storage) => storage,
        None if attended => interview::choose("where does its data lie?", &STORAGES, NewStorage::None)?,
        None => NewStorage::None,
    };
    let (mount, node) = data(wish, storage, attended)?;
    let host = match &wish.ingress {
        None if attended && has_ingress => {
            let name =
                interview::ask("which name through the ingress? (nothing: none)", |answer| Ok(answer.to_owned()))?;
            Some(name).filter(|name| !name.is_empty())
        }
        said => said.clone(),
    };
    let tier = match tier {
        NewTier::Infrastructure => Tier::Infrastructure,
        NewTier::Platform => Tier::Platform,
        NewTier::Application => Tier::Application,
    };
    let storage = match storage {
        NewStorage::None => Storage::None,
        NewStorage::Volume => Storage::Volume,
        NewStorage::Directory => Storage::Directory,
    };
    let name = wish.name.clone();
    let home = Home::of(platform, &tier);
    let root = Base::AppData.written(&platform.values);
    let health = wish.health.clone().map(|health| if health == "none" { String::new() } else { health });
    Ok(Draft { name, image, port, tier, home, storage, mount, root, health, node, host })
}

/// Where in the container the data lies, and on which node: an image and a volume have that in one place alone.
fn data(wish: &NewWish, storage: NewStorage, attended: bool) -> Result<(String, Option<String>), Stopped> {
    let demanded = |said: &Option<String>, name: &str, question: &str| match said {
        Some(said) => Ok(said.clone()),
        None if attended => interview::ask(question, |answer| match answer {
            "" => Err("write it out".to_owned()),
            answer => Ok(answer.to_owned()),
        }),
        None => Err(unsaid(name)),
    };
    let mount = match storage {
        NewStorage::None => String::new(),
        _ => demanded(&wish.mount, "mount", "where in the container does its data lie? (the image says it)")?,
    };
    let node = match storage {
        NewStorage::Volume => Some(demanded(&wish.node, "node", "on which node does its volume lie?")?),
        _ => wish.node.clone(),
    };
    Ok((mount, node))
}

fn unsaid(name: &str) -> Stopped {
    let fault = Diagnostic::new(format!("the new stack needs --{name}"), format!("write --{name} and its value"));
    Stopped::new(Ending::Misuse, fault)
}
