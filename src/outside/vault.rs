//! A credential from a vault, by the vault's own program. The reference is no secret and may stand in the words of a
//! command; the answer is one, and stands nowhere.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use zeroize::Zeroizing;

use crate::model::text::clean;

/// How long the vault may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What an `op://` reference leads to, as `op read` says it.
///
/// # Errors
/// Why not, in words.
pub async fn read(reference: &str) -> Result<Zeroizing<String>, String> {
    let mut op = Command::new("op");
    op.args(["read", "--no-newline", reference]).stdin(Stdio::null()).kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, op.output()).await {
        Err(_) => return Err("op does not answer".to_owned()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("the program op is not installed here".to_owned());
        }
        Ok(Err(error)) => return Err(error.to_string()),
        Ok(Ok(output)) => output,
    };
    let said = Zeroizing::new(output.stdout);
    if !output.status.success() {
        let why = clean(&String::from_utf8_lossy(&output.stderr));
        return Err(why.lines().next().unwrap_or("op refuses").to_owned());
    }
    let text = String::from_utf8(said.to_vec()).map(Zeroizing::new);
    text.map_err(|_| "what op gives is no text".to_owned())
}
