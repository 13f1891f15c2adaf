//! The login in the address of a remote, on its way to that remote: through the environment, which nobody else can read,
//! and never through a command line, which anybody can.

use std::fmt;

use zeroize::Zeroizing;

/// What Git runs to be told the login: words of a shell that hold nothing but names.
const HELPER: &str = "!f() { test \"$1\" = get && \
    printf 'username=%s\\npassword=%s\\n' \"$QUARTERDECK_GIT_USER\" \"$QUARTERDECK_GIT_SECRET\"; }; f";

/// What Git is told beside its words.
pub(super) struct Login {
    /// Settings, each as `NAME=VARIABLE`.
    pub(super) settings: Vec<String>,
    /// The variables.
    pub(super) variables: Vec<(&'static str, Zeroizing<String>)>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Login {
    /// The login in an address, if there is one; `written` is how the address stands in the settings of the remote.
    pub(super) fn of(written: &str, address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (login, host) = authority.rsplit_once('@')?;
        let (user, secret) = login.split_once(':').map_or((login, None), |(user, secret)| (user, Some(secret)));
        let server = format!("{scheme}://{host}");
        let mut known = Self { settings: Vec::new(), variables: Vec::new() };
        known.set(format!("url.{server}{path}.insteadOf"), "QUARTERDECK_GIT_REMOTE", written);
        match secret {
            // The password is somebody else's to know, as it was before.
            None => known.set(format!("credential.{server}.username"), "QUARTERDECK_GIT_USER", &decoded(user)?),
            Some(secret) => {
                let helper = format!("credential.{server}.helper");
                // An empty one forgets those before it: the login in the address comes first, as it did.
                known.set(helper.clone(), "QUARTERDECK_GIT_NO_HELPER", "");
                known.set(helper, "QUARTERDECK_GIT_HELPER", HELPER);
                known.variables.push(("QUARTERDECK_GIT_USER", decoded(user)?));
                known.variables.push(("QUARTERDECK_GIT_SECRET", decoded(secret)?));
            }
        }
        Some(known)
    }

    fn set(&mut self, name: String, variable: &'static str, value: &str) {
        self.settings.push(format!("--config-env={name}={variable}"));
        self.variables.push((variable, Zeroizing::new(value.to_owned())));
    }
}

/// A part of an address as it is meant; none where it means nothing, or what no helper may say.
fn decoded(part: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(part.len()));
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            byte => byte,
        });
    }
    let text = Zeroizing::new(std::str::from_utf8(&bytes).ok()?.to_owned());
    (!text.chars().any(char::is_control)).then_some(text)
}
