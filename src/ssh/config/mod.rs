//! What applies to a host: the operator's and the machine's SSH config, in the meaning OpenSSH gives it. It never
//! connects, and runs nothing but `ssh -G`, which says what OpenSSH itself would do.

mod ask_ssh;
mod expand;
mod glob;
mod line;
mod reader;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use super::error::SshError;
use super::settings::Settings;
use super::target::Target;
use expand::Names;

/// What to do about a host that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strict {
    /// Turn away.
    Yes,
    /// Ask the operator.
    Ask,
    /// Trust it and write it down. One that has changed is turned away all the same.
    AcceptNew,
}

/// What applies to one host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named after the options of ssh_config(5)")]
#[allow(clippy::struct_excessive_bools, reason = "so has ssh_config(5)")]
pub struct Config {
    pub host_name: String,
    pub user: String,
    pub port: u16,
    pub identity_files: Vec<PathBuf>,
    pub certificate_files: Vec<PathBuf>,
    pub identities_only: bool,
    pub identity_agent: Option<PathBuf>,
    pub proxy_jump: Vec<Target>,
    pub proxy_command: Option<String>,
    pub user_known_hosts: Vec<PathBuf>,
    pub global_known_hosts: Vec<PathBuf>,
    pub host_key_alias: Option<String>,
    pub hash_known_hosts: bool,
    pub strict: Strict,
    pub connect_timeout: Option<Duration>,
    pub alive_interval: Option<Duration>,
    pub alive_count: usize,
    pub pubkey_authentication: bool,
    pub kbd_interactive_authentication: bool,
    pub password_authentication: bool,
    pub password_prompts: usize,
    /// What was left out of account, to be told.
    pub remarks: Vec<String>,
}

/// Options and their values as `ssh -G` writes them: names in lower case, a name more than once where it may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub list: Vec<(String, String)>,
    pub remarks: Vec<String>,
}

impl Options {
    fn first(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.list.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Yes or true; the default where nothing is said.
    fn flag(&self, name: &str, default: bool) -> bool {
        self.first(name).map_or(default, |value| value == "yes" || value == "true")
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.first(name).and_then(|value| value.parse().ok())
    }
}

/// What applies to this host.
///
/// # Errors
/// If the config cannot be read or makes no sense.
pub(super) async fn of(settings: &Settings, target: &Target) -> Result<Config, SshError> {
    let wrong = |why: String| SshError::Config { host: target.address(), why };
    let options = match &settings.ssh {
        Some(ssh) => ask_ssh::options(ssh, settings, target).await.map_err(wrong)?,
        None => reader::options(settings, target).map_err(wrong)?,
    };
    Config::from_options(&options, settings, target).map_err(wrong)
}

impl Config {
    fn from_options(options: &Options, settings: &Settings, target: &Target) -> Result<Self, String> {
        let host_name = options.first("hostname").unwrap_or(&target.host).to_lowercase();
        let user = target.user.as_deref().or(options.first("user")).unwrap_or(&settings.user).to_owned();
        let port = match (target.port, options.first("port")) {
            (Some(port), _) => port,
            (None, Some(port)) => port.parse().map_err(|_| format!("{port:?} is no port"))?,
            (None, None) => 22,
        };
        let names = Names { host: &host_name, original: &target.host, port, user: &user, settings };
        let path = |value: &str| names.path(value);
        let lists = |name: &str, default: &str| {
            let value = options.first(name).unwrap_or(default);
            expand::words(value).iter().filter(|word| *word != "none").map(|word| path(word)).collect::<Vec<_>>()
        };
        let identity_files = files(options, "identityfile", &names);
        let host_key_alias = options.first("hostkeyalias").map(str::to_lowercase);
        Ok(Self {
            identity_files: if identity_files.is_empty() && options.first("identityfile").is_none() {
                ["id_rsa", "id_ecdsa", "id_ed25519"].map(|name| settings.home.join(".ssh").join(name)).to_vec()
            } else {
                identity_files
            },
            certificate_files: files(options, "certificatefile", &names),
            identities_only: options.flag("identitiesonly", false),
            identity_agent: match options.first("identityagent") {
                None | Some("SSH_AUTH_SOCK") => settings.agent.clone(),
                Some("none") => None,
                Some(value) => match value.strip_prefix('$').filter(|name| !name.starts_with('{')) {
                    Some(name) => settings.variable(name).map(PathBuf::from),
                    None => Some(path(value)),
                },
            },
            proxy_jump: match options.first("proxyjump") {
                None | Some("none") => Vec::new(),
                Some(value) => value
                    .split(',')
                    .map(|hop| {
                        names.text(hop).parse::<Target>().map_err(|_| format!("ProxyJump {hop:?} is no address"))
                    })
                    .collect::<Result<_, _>>()?,
            },
            proxy_command: options.first("proxycommand").filter(|value| *value != "none").map(str::to_owned),
            user_known_hosts: lists("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2"),
            global_known_hosts: lists("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"),
            host_key_alias,
            hash_known_hosts: options.flag("hashknownhosts", false),
            strict: match options.first("stricthostkeychecking") {
                Some("yes" | "true") => Strict::Yes,
                Some("no" | "false" | "off" | "accept-new") => Strict::AcceptNew,
                _ => Strict::Ask,
            },
            connect_timeout: options.number("connecttimeout").filter(|s| *s > 0).map(Duration::from_secs),
            alive_interval: options.number("serveraliveinterval").filter(|s| *s > 0).map(Duration::from_secs),
            alive_count: options.number("serveralivecountmax").and_then(|n| usize::try_from(n).ok()).unwrap_or(3),
            pubkey_authentication: options
                .first("pubkeyauthentication")
                .is_none_or(|value| value != "no" && value != "false"),
            kbd_interactive_authentication: options.flag("kbdinteractiveauthentication", true),
            password_authentication: options.flag("passwordauthentication", true),
            password_prompts: options
                .number("numberofpasswordprompts")
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(3),
            remarks: options.remarks.clone(),
            host_name,
            user,
            port,
        })
    }
}

fn files(options: &Options, name: &str, names: &Names<'_>) -> Vec<PathBuf> {
    options.all(name).filter(|value| *value != "none").map(|value| names.path(value)).collect()
}
