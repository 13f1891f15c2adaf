//! Writes down a key that the operator has agreed to. Never changes or removes a line.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use russh::keys::PublicKey;
use russh::keys::ssh_key::public::KeyData;

use super::line;

/// Appends a line to a file that only the operator may read, and makes the file and its folder if need be.
///
/// # Errors
/// If the file cannot be written.
pub fn learn(file: &Path, name: &str, key: &KeyData, hashed: bool) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.exists()) {
        DirBuilder::new().mode(0o700).recursive(true).create(folder)?;
    }
    let mut out = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    let key = PublicKey::new(key.clone(), "").to_openssh().map_err(io::Error::other)?;
    let name = if hashed { hash(name)? } else { name.to_owned() };
    let gap = if ends_within_a_line(&mut out)? { "\n" } else { "" };
    // One write, so that two programs that learn at once do not mix their lines.
    out.write_all(format!("{gap}{name} {}\n", key.trim_end()).as_bytes())
}

fn hash(name: &str) -> io::Result<String> {
    let mut salt = [0; 20];
    File::open("/dev/urandom")?.read_exact(&mut salt)?;
    line::hash(&salt, name).ok_or_else(|| io::Error::other("the name cannot be hashed"))
}

fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if !file.metadata()?.is_file() || file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}
