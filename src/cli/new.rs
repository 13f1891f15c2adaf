//! `new`: a stack as the folder has them, written where it belongs. Overwrites nothing; asks what was not said.

use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use clap::{Args as ClapArgs, ValueEnum};

use super::args::Globals;
use super::{Ending, Stopped, connect, print};
use crate::diag::Diagnostic;
use crate::lint;
use crate::model::Tier;
use crate::model::text::clean;
use crate::platform::{self, Draft, Ingress, Storage};

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
    /// Where in the container its data lies.
    #[arg(long, value_name = "PATH", default_value = "/data")]
    mount: String,
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
    let draft = draft(wish)?;
    let faults = draft.faults(&platform);
    if let Some((last, first)) = faults.split_last() {
        first.iter().for_each(print::fault);
        return Err(misuse(last.clone()));
    }
    let ingress = Ingress::of(&platform.depth(&files));
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
    for finding in findings.iter().filter(|finding| own(&finding.spot.file)) {
        print::fault(&Diagnostic::from(finding));
    }
    print::remark(&format!("look at it, then: quarterdeck plan {}", draft.name));
    Ok(Ending::Done)
}

fn draft(wish: &NewWish) -> Result<Draft, Stopped> {
    let image = said(wish.image.clone(), "image", "which image, with its tag?")?;
    let port = said(wish.port.map(|port| port.to_string()), "port", "which port does it listen on?")?;
    let asks = io::stdin().is_terminal();
    let tier = match wish.tier {
        Some(NewTier::Infrastructure) => Tier::Infrastructure,
        Some(NewTier::Platform) => Tier::Platform,
        Some(NewTier::Application) => Tier::Application,
        None => match if asks { ask("which tier: infrastructure, platform, application?")? } else { String::new() }
            .as_str()
        {
            "infrastructure" => Tier::Infrastructure,
            "platform" => Tier::Platform,
            _ => Tier::Application,
        },
    };
    let storage = match wish.storage {
        Some(NewStorage::None) => Storage::None,
        Some(NewStorage::Volume) => Storage::Volume,
        Some(NewStorage::Directory) => Storage::Directory,
        None => match if asks { ask("where does its data lie: none, volume, directory?")? } else { String::new() }
            .as_str()
        {
            "volume" => Storage::Volume,
            "directory" => Storage::Directory,
            _ => Storage::None,
        },
    };
    let host = match &wish.ingress {
        None if asks => Some(ask("which name through the ingress? (nothing: none)")?).filter(|name| !name.is_empty()),
        said => said.clone(),
    };
    Ok(Draft {
        name: wish.name.clone(),
        image,
        port: port.trim().parse().unwrap_or_default(),
        tier,
        storage,
        mount: wish.mount.clone(),
        node: wish.node.clone(),
        host,
    })
}

/// What was said, or what is answered at a terminal.
fn said(value: Option<String>, name: &str, question: &str) -> Result<String, Stopped> {
    match value {
        Some(value) => Ok(value),
        None if io::stdin().is_terminal() => ask(question),
        None => {
            let fault =
                Diagnostic::new(format!("the new stack needs --{name}"), format!("write --{name} and its value"));
            Err(Stopped::new(Ending::Misuse, fault))
        }
    }
}

fn ask(question: &str) -> Result<String, Stopped> {
    print::remark(question);
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(read) if read > 0 => Ok(clean(line.trim())),
        _ => Err(Stopped::new(Ending::Cancelled, Diagnostic::new("nothing was answered", "say it with its flag"))),
    }
}
