//! A credential helper: a program that keeps passwords. It gets the registry on its standard input and answers on its
//! standard output alone; what stands there is never told, for it may be the secret.

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::auth::{Auth, secret};
use super::fault::harmless;
use crate::diag::Diagnostic;

/// How long a helper may take: it may have to ask its owner.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a helper says instead of an answer when it knows nothing.
const UNKNOWN: &str = "credentials not found";
/// The user's name that stands for a token.
const TOKEN: &str = "<token>";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SaidJson {
    username: String,
    #[serde(deserialize_with = "secret")]
    secret: Zeroizing<String>,
}

/// Asks `docker-credential-NAME` who we are at this address. `place` is where the helper is named.
pub(super) async fn get(name: &str, address: &str, place: &str) -> Result<Option<Auth>, Diagnostic> {
    let program = format!("docker-credential-{name}");
    let fault = |what: String, mend: String| Diagnostic::new(what, mend).at(place);
    if name.contains('/') {
        return Err(fault(
            format!("{name:?} is no name of a credential helper"),
            "give the part after docker-credential-".into(),
        ));
    }
    let by_hand = format!("try it by hand:  echo {address} | {program} get");
    let (ended, said, complaint) = match tokio::time::timeout(PATIENCE, run(&program, address)).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => {
            let mend = format!("install {program}, or take it out of this file and log in again");
            return Err(
                fault(format!("the credential helper {program} cannot be run"), mend).because(error.to_string())
            );
        }
        Err(_) => {
            let what = format!("the credential helper {program} did not answer within {} s", PATIENCE.as_secs());
            return Err(fault(what, by_hand));
        }
    };
    if !ended {
        if said.windows(UNKNOWN.len()).any(|words| words == UNKNOWN.as_bytes()) {
            return Ok(None);
        }
        return Err(fault(format!("the credential helper {program} failed"), by_hand).because(harmless(&complaint)));
    }
    let json: SaidJson = serde_json::from_slice(&said)
        .map_err(|_| fault(format!("what the credential helper {program} answers cannot be read"), by_hand))?;
    let mut auth = Auth {
        username: json.username.clone(),
        password: json.secret.clone(),
        server: address.to_owned(),
        identity_token: Zeroizing::default(),
        registry_token: Zeroizing::default(),
    };
    if auth.username == TOKEN {
        auth.username.clear();
        std::mem::swap(&mut auth.password, &mut auth.identity_token);
    }
    Ok(Some(auth).filter(|auth| !auth.is_empty()))
}

/// Whether it ended well, its answer, and what it complained of.
async fn run(program: &str, address: &str) -> std::io::Result<(bool, Zeroizing<Vec<u8>>, String)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that ends without reading says by its end what it has to say.
        let _ = input.write_all(format!("{address}\n").as_bytes()).await;
    }
    let output = child.wait_with_output().await?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.success(), Zeroizing::new(output.stdout), complaint))
}
