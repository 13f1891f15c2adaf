//! The journal on disk: a folder of mode 0700 with lines in files of mode 0600, a lock between processes, and one
//! keepsake a deed. A file that has become long is put aside, and the oldest goes with its keepsakes.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::keepsake::Keepsake;
use super::record::Record;
use crate::diag::Diagnostic;

/// A longer file is put aside.
const LONGEST: u64 = 1 << 20;
/// So many files are kept beside the one that is written.
const KEPT: usize = 8;
const LINES: &str = "journal.jsonl";
const KEEPSAKES: &str = "kept";

/// The folder.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn lines(&self) -> PathBuf {
        self.folder.join(LINES)
    }

    fn aside(&self, number: usize) -> PathBuf {
        self.folder.join(format!("journal.{number}.jsonl"))
    }

    fn fault(&self, path: &Path, error: &io::Error) -> Diagnostic {
        let mend = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on that disk; then ask again",
            _ => "let this user write there, or set XDG_STATE_HOME to a folder that takes files; then ask again",
        };
        Diagnostic::new("the journal cannot be written", mend).at(path.display().to_string()).because(error.to_string())
    }

    /// Puts one line on the disk, whole or not at all.
    pub fn append(&self, line: &str) -> Result<(), Diagnostic> {
        let path = self.lines();
        self.locked(|| self.append_locked(line)).map_err(|error| self.fault(&path, &error))
    }

    /// Does something while no other process does.
    fn locked<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        private(&self.folder, 0o700)?;
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(self.folder.join("lock"))?;
        // Given back when the file is closed, and by the kernel if the process dies.
        lock.lock()?;
        act()
    }

    fn append_locked(&self, line: &str) -> io::Result<()> {
        let path = self.lines();
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > LONGEST) {
            self.turn()?;
        }
        let fresh = !path.exists();
        let mut file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path)?;
        let regular = file.metadata()?.is_file();
        if regular {
            private(&path, 0o600)?;
        }
        let length = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(line.len() + 2);
        if regular && length > 0 && !ends_with_newline(&mut file)? {
            // Somebody broke off in the middle of a line: that line ends here.
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() && regular {
            let _ = file.set_len(length);
        }
        written?;
        if fresh { File::open(&self.folder)?.sync_all() } else { Ok(()) }
    }

    /// Puts the file aside; the oldest goes, and with it the keepsakes that no line names any more.
    fn turn(&self) -> io::Result<()> {
        let _ = fs::remove_file(self.aside(KEPT));
        for number in (1..KEPT).rev() {
            if self.aside(number).exists() {
                fs::rename(self.aside(number), self.aside(number + 1))?;
            }
        }
        fs::rename(self.lines(), self.aside(1))?;
        let mut named = BTreeSet::new();
        for number in 1..=KEPT {
            let Ok(text) = fs::read(self.aside(number)) else { continue };
            for line in String::from_utf8_lossy(&text).lines() {
                if let Ok(Record::Begun(begun)) = serde_json::from_str(line) {
                    named.insert(format!("{}.json", begun.job));
                }
            }
        }
        for entry in fs::read_dir(self.folder.join(KEEPSAKES)).into_iter().flatten().flatten() {
            if !named.contains(&*entry.file_name().to_string_lossy()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// All pages, the oldest first.
    pub fn pages(&self) -> Result<Vec<(String, String)>, Diagnostic> {
        let mut pages = Vec::new();
        let paths = (1..=KEPT).rev().map(|number| self.aside(number)).chain([self.lines()]);
        for path in paths {
            match fs::read(&path) {
                Ok(bytes) => pages.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let fault = Diagnostic::new("the journal cannot be read", "let this user read it");
                    return Err(fault.at(path.display().to_string()).because(error.to_string()));
                }
            }
        }
        Ok(pages)
    }

    /// Changes with every line.
    pub fn stamp(&self) -> u64 {
        fs::metadata(self.lines()).map_or(0, |meta| meta.len() ^ meta.ino().rotate_left(32))
    }

    fn keepsake(&self, job: &str) -> PathBuf {
        // A key is made of letters, digits and hyphens; one that is typed may not be.
        let plain: String = job.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        self.folder.join(KEEPSAKES).join(format!("{plain}.json"))
    }

    /// Puts a keepsake on the disk, in the place of an earlier one of the same deed.
    pub fn keep(&self, keepsake: &Keepsake) -> Result<(), Diagnostic> {
        let path = self.keepsake(&keepsake.job);
        let fault = |error: io::Error| self.fault(&path, &error);
        let text = serde_json::to_vec(keepsake).map_err(|error| fault(error.into()))?;
        let folder = self.folder.join(KEEPSAKES);
        let write = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            private(&folder, 0o700)?;
            let fresh = path.with_extension("new");
            let _ = fs::remove_file(&fresh);
            let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
            let written = file.write_all(&text).and_then(|()| file.sync_all());
            if written.is_err() {
                let _ = fs::remove_file(&fresh);
            }
            written?;
            fs::rename(&fresh, &path)?;
            File::open(&folder)?.sync_all()
        };
        write().map_err(fault)
    }

    /// The deeds of which there is a keepsake.
    pub fn keepsakes(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.folder.join(KEEPSAKES)).into_iter().flatten().flatten();
        names.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned())).collect()
    }

    /// A keepsake, if there is one.
    pub fn kept(&self, job: &str) -> Result<Option<Keepsake>, Diagnostic> {
        let path = self.keepsake(job);
        let broken = |why: String| {
            let fault = Diagnostic::new(format!("what {job} replaced cannot be read"), "look at that file");
            fault.at(path.display().to_string()).because(why)
        };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| broken(error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(error.to_string())),
        }
    }
}

/// Takes rights away that others have.
fn private(path: &Path, mode: u32) -> io::Result<()> {
    let rights = fs::metadata(path)?.permissions();
    if rights.mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
