//! Files on disk, and stack files as the docker CLI finds them: paths are seen from where the program runs, `-` is
//! standard input, and everything inside the files is seen from the folder of the first.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

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
            let source = match bytes(name, here, input) {
                Ok(bytes) => Source::from_bytes(Path::new(name), &bytes),
                Err(error) => {
                    let what = format!("the stack file {name} cannot be read");
                    Err(Diagnostic::new(what, "check its path after -c").because(error.to_string()))
                }
            };
            match source {
                Ok(source) => sources.push(source),
                Err(fault) => faults.push(fault),
            }
        }
        let dir = match names.first().map(String::as_str) {
            None | Some("-") => here.to_owned(),
            Some(first) => here.join(first).parent().map_or_else(|| here.to_owned(), Path::to_owned),
        };
        if faults.is_empty() { Ok((Sources(sources), dir)) } else { Err(faults) }
    }
}

fn bytes(name: &str, here: &Path, input: &mut dyn Read) -> io::Result<Vec<u8>> {
    if name != "-" {
        return std::fs::read(here.join(name));
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    Ok(bytes)
}
