//! What OpenSSH itself says applies to a host: `ssh -G`, which connects to nothing.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Options;
use crate::model::text::clean;
use crate::ssh::settings::Settings;
use crate::ssh::target::Target;

/// `Match exec` in the operator's config may run anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The options that apply, or why nobody can say.
pub async fn options(ssh: &Path, settings: &Settings, target: &Target) -> Result<Options, String> {
    let mut command = Command::new(ssh);
    command.arg("-G");
    if let Some(file) = &settings.config {
        command.arg("-F").arg(file);
    }
    if let Some(user) = &target.user {
        command.arg("-l").arg(user);
    }
    if let Some(port) = target.port {
        command.arg("-p").arg(port.to_string());
    }
    command.arg("--").arg(&target.host).stdin(Stdio::null()).kill_on_drop(true);
    let out = tokio::time::timeout(PATIENCE, command.output())
        .await
        .map_err(|_| format!("ssh -G did not end within {} s", PATIENCE.as_secs()))?
        .map_err(|error| format!("{} cannot be run: {error}", ssh.display()))?;
    if !out.status.success() {
        return Err(clean(String::from_utf8_lossy(&out.stderr).trim().lines().last().unwrap_or("ssh -G failed")));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let list = text.lines().filter_map(|line| line.split_once(' ')).map(|(name, value)| {
        // OpenSSH 9 writes this one with a capital, and all others without.
        (name.to_lowercase(), value.to_owned())
    });
    Ok(Options { list: list.filter(|(name, _)| name != "host").collect(), remarks: Vec::new() })
}
