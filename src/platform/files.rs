//! The files of a platform that matter here, from a disk or from the program itself.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

use super::values::VALUES;
use crate::stack::Folder;

static SHIPPED_STACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stacks");
static SHIPPED_INVENTORY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/inventory");

/// How deep a folder is searched; a stack deeper than that is none.
const DEPTH: usize = 8;
/// No inventory file is larger; a larger one is not read.
const SIZE_LIMIT: u64 = 1 << 20;

/// What the platform that the program brings along is told in its `.env`.
const SHIPPED_VALUES: &str = "DOMAIN=example.net\nACME_EMAIL=harbourmaster@example.net\n\
    SSH_PUBLIC_KEY=the-body-of-a-public-key\nWOODPECKER_ADMIN=harbourmaster\n";

/// Where files lie that are read when they are asked for.
#[derive(Debug, Clone)]
enum Root {
    /// In a folder on disk.
    Disk(PathBuf),
    /// In the program itself.
    Shipped,
    /// Here, for tests.
    Given(BTreeMap<PathBuf, String>),
}

/// Paths below `stacks/`, and the texts of the inventory. Everything else is read when it is asked for.
#[derive(Debug, Clone)]
pub struct Files {
    name: String,
    paths: Vec<PathBuf>,
    texts: BTreeMap<PathBuf, String>,
    root: Root,
}

/// Why a folder could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// It is not there, or no folder.
    #[error("{0} is no folder")]
    NoFolder(PathBuf),
    /// A part of it could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Which part.
        path: PathBuf,
        /// What the machine said.
        source: io::Error,
    },
}

impl Files {
    fn empty(name: String, root: Root) -> Self {
        Self { name, paths: Vec::new(), texts: BTreeMap::new(), root }
    }

    /// The text of a file of the folder, such as a stack.
    ///
    /// # Errors
    /// As reading a file does; what is no UTF-8 is no text.
    pub fn text(&self, path: &Path) -> io::Result<String> {
        let bytes = self.read(path)?;
        String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8"))
    }

    /// The platform that the program brings along.
    #[must_use]
    pub fn shipped() -> Self {
        let mut files = Self::empty("homelab".to_owned(), Root::Shipped);
        let mut waiting: Vec<(&str, &Dir<'_>)> = vec![("stacks", &SHIPPED_STACKS), ("inventory", &SHIPPED_INVENTORY)];
        while let Some((root, dir)) = waiting.pop() {
            for entry in dir.entries() {
                match entry {
                    DirEntry::Dir(dir) => waiting.push((root, dir)),
                    DirEntry::File(file) => {
                        files.add(Path::new(root).join(file.path()), || file.contents_utf8().map(str::to_owned));
                    }
                }
            }
        }
        files.paths.sort();
        files
    }

    /// A folder on disk.
    ///
    /// # Errors
    /// If the folder is not there or its `stacks` or inventory cannot be listed.
    pub fn on_disk(root: &Path) -> Result<Self, FilesError> {
        if !root.is_dir() {
            return Err(FilesError::NoFolder(root.to_owned()));
        }
        let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut files = Self::empty(name, Root::Disk(root.to_owned()));
        for part in ["stacks", "inventory", "ansible/inventory"] {
            files.walk(root, Path::new(part), 0)?;
        }
        for single in ["hosts.yml", "hosts.yaml"] {
            let path = root.join(single);
            if path.is_file() {
                files.add(Path::new("inventory").join(single), || std::fs::read_to_string(&path).ok());
            }
        }
        files.paths.sort();
        Ok(files)
    }

    fn walk(&mut self, root: &Path, part: &Path, depth: usize) -> Result<(), FilesError> {
        let dir = root.join(part);
        if depth > DEPTH || !dir.is_dir() {
            return Ok(());
        }
        let fault = |source| FilesError::Io { path: dir.clone(), source };
        for entry in std::fs::read_dir(&dir).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let path = part.join(entry.file_name());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.file_type().map_err(fault)?.is_dir() {
                self.walk(root, &path, depth + 1)?;
            } else {
                let whole = entry.path();
                let small = entry.metadata().is_ok_and(|about| about.len() <= SIZE_LIMIT);
                self.add(path, || std::fs::read_to_string(&whole).ok().filter(|_| small));
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, text: impl FnOnce() -> Option<String>) {
        if path.starts_with("stacks") {
            self.paths.push(path);
        } else if matches!(path.extension().and_then(|end| end.to_str()), Some("yml" | "yaml")) {
            // A file that cannot be read is kept with a text that no inventory has, so that it is told of.
            self.texts.insert(path, text().unwrap_or_else(|| "\u{0}".to_owned()));
        }
    }

    /// The name of the folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Paths below `stacks/`, in order.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Inventory files with their texts, in name order.
    pub fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// A folder of these stack paths and inventory texts, for tests.
    #[must_use]
    pub fn of(paths: &[&str], texts: &[(&str, &str)]) -> Self {
        Self {
            name: "test".to_owned(),
            paths: paths.iter().map(PathBuf::from).collect(),
            texts: texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect(),
            root: Root::Given(texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect()),
        }
    }
}

impl Folder for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.root {
            Root::Disk(root) => std::fs::read(root.join(path)),
            Root::Shipped if path == Path::new(VALUES) => Ok(SHIPPED_VALUES.as_bytes().to_vec()),
            Root::Shipped => {
                let mut steps = path.components();
                let dir = match steps.next().and_then(|step| step.as_os_str().to_str()) {
                    Some("stacks") => Some(&SHIPPED_STACKS),
                    Some("inventory") => Some(&SHIPPED_INVENTORY),
                    _ => None,
                };
                let file = dir.and_then(|dir| dir.get_file(steps.as_path()));
                file.map(|file| file.contents().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            Root::Given(texts) => {
                texts.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
        }
    }
}
