//! Files on disk, and stack files as the docker CLI finds them: paths are seen from where the program runs, `-` is
//! standard input, and everything inside the files is seen from the folder of the first.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::{Folder, Source, Sources};
use crate::diag::Diagnostic;

/// All of the disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Folder for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

impl Disk {
    /// Reads stack files by name, `-` from `input`, and gives the folder from which their paths are seen.
    /// `here` is where the program runs.
    ///
    /// # Errors
    /// All files that cannot be read.
    pub fn open(names: &[String], here: &Path, input: &mut dyn Read) -> Result<(Sources, PathBuf), Vec<Diagnostic>> {
        let (mut sources, mut faults) = (Vec::new(), Vec::new());
        for name in names {
            match text(name, here, input) {
                Ok(text) => sources.push(Source { name: PathBuf::from(name), text }),
                Err(error) => faults.push(
                    Diagnostic::new(format!("the stack file {name} cannot be read"), "check its path after -c")
                        .because(error.to_string()),
                ),
            }
        }
        let dir = match names.first().map(String::as_str) {
            None | Some("-") => here.to_owned(),
            Some(first) => here.join(first).parent().map_or_else(|| here.to_owned(), Path::to_owned),
        };
        if faults.is_empty() { Ok((Sources(sources), dir)) } else { Err(faults) }
    }
}

fn text(name: &str, here: &Path, input: &mut dyn Read) -> io::Result<Arc<str>> {
    let mut bytes = Vec::new();
    match name {
        "-" => input.read_to_end(&mut bytes).map(drop)?,
        name => bytes = std::fs::read(here.join(name))?,
    }
    let text = String::from_utf8(bytes);
    Ok(text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8"))?.into())
}
