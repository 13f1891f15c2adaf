//! The files of a platform, from a disk or from the program itself. What lies below `stacks/` is listed once; texts are
//! read when they are asked for. A link to another part of the folder is followed, one out of it never; nothing is written.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use include_dir::{Dir, DirEntry, include_dir};

use super::values::VALUES;
use crate::stack::Folder;

static SHIPPED_STACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stacks");
static SHIPPED_INVENTORY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/inventory");
static SHIPPED_CONFIG: &str = include_str!("../../quarterdeck.yaml");

/// How deep a folder is searched; a stack deeper than that is none.
const DEPTH: usize = 8;
/// Nobody means a directory by a name that ends so.
const FILES: [&str; 6] = ["json", "template", "tf", "toml", "yaml", "yml"];
/// No text is larger; a larger one is not read.
const SIZE_LIMIT: usize = 1 << 20;

/// What the platform that the program brings along is told in its `.env`.
const SHIPPED_VALUES: &str = "DOMAIN=example.net\nACME_EMAIL=harbourmaster@example.net\n\
    SSH_PUBLIC_KEY=the-body-of-a-public-key\nWOODPECKER_ADMIN=harbourmaster\nMEDIA_UID=1701\nMEDIA_GID=1702\n";

/// Paths below `stacks/`, and the texts of the folder on demand. All paths are relative to the folder.
#[derive(Debug, Clone, Default)]
pub struct Files {
    name: String,
    paths: Vec<PathBuf>,
    astray: Vec<PathBuf>,
    ground: Ground,
}

/// Where the texts lie.
#[derive(Debug, Clone)]
enum Ground {
    Disk(PathBuf),
    Shipped,
    Memory(BTreeMap<PathBuf, String>),
}

impl Default for Ground {
    fn default() -> Self {
        Ground::Memory(BTreeMap::new())
    }
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
    /// The platform that the program brings along.
    #[must_use]
    pub fn shipped() -> Self {
        let mut files =
            Self { name: "homelab".to_owned(), paths: Vec::new(), astray: Vec::new(), ground: Ground::Shipped };
        files.paths = files.under(Path::new("stacks"));
        files
    }

    /// A folder on disk.
    ///
    /// # Errors
    /// If the folder is not there or its `stacks` cannot be listed.
    pub fn on_disk(root: &Path) -> Result<Self, FilesError> {
        if !root.is_dir() {
            return Err(FilesError::NoFolder(root.to_owned()));
        }
        let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (mut paths, mut astray) = (Vec::new(), Vec::new());
        walk(root, Path::new("stacks"), 0, &mut paths, &mut astray)?;
        paths.sort();
        astray.sort();
        Ok(Self { name, paths, astray, ground: Ground::Disk(root.to_owned()) })
    }

    /// The same folder, listed anew: files may have come and gone.
    #[must_use]
    pub fn again(&self) -> Self {
        match &self.ground {
            Ground::Disk(root) => Self::on_disk(root).unwrap_or_else(|_| self.clone()),
            Ground::Shipped | Ground::Memory(_) => self.clone(),
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

    /// Links below `stacks/` that are not followed, in order: they lead out of the folder, in a circle or nowhere.
    #[must_use]
    pub fn astray(&self) -> &[PathBuf] {
        &self.astray
    }

    /// Paths below any directory of the folder, in order; what cannot be listed is left out.
    #[must_use]
    pub fn under(&self, dir: &Path) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        match &self.ground {
            Ground::Disk(root) => {
                let _ = walk(root, dir, 0, &mut paths, &mut Vec::new());
            }
            Ground::Shipped => {
                for (part, shipped) in [("stacks", &SHIPPED_STACKS), ("inventory", &SHIPPED_INVENTORY)] {
                    list(Path::new(part), shipped, &mut paths);
                }
                paths.retain(|path| path.starts_with(dir));
            }
            Ground::Memory(texts) => {
                paths.extend(texts.keys().chain(&self.paths).filter(|path| path.starts_with(dir)).cloned());
            }
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// The text of a file of the folder, such as a stack.
    ///
    /// # Errors
    /// As reading a file does; what is no UTF-8 is no text, and a text has its limit.
    pub fn text(&self, path: &Path) -> io::Result<String> {
        let bytes = self.read(path)?;
        if bytes.len() > SIZE_LIMIT {
            return Err(io::Error::other(format!("it has {} bytes, more than {SIZE_LIMIT}", bytes.len())));
        }
        String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not written in UTF-8"))
    }

    /// Where a file of the folder lies on this machine; none if the folder is on no disk.
    #[must_use]
    pub fn whole(&self, path: &Path) -> Option<PathBuf> {
        match &self.ground {
            Ground::Disk(root) => Some(root.canonicalize().unwrap_or_else(|_| root.clone()).join(path)),
            _ => None,
        }
    }

    /// When a file was written last; none where it is on no disk.
    #[must_use]
    pub fn written(&self, path: &Path) -> Option<SystemTime> {
        match &self.ground {
            Ground::Disk(root) => std::fs::metadata(root.join(path)).ok()?.modified().ok(),
            _ => None,
        }
    }

    /// The text of a file, or none if it is not there.
    ///
    /// # Errors
    /// Why a file that is there cannot be read as text.
    pub fn found(&self, path: &Path) -> Result<Option<String>, String> {
        match self.text(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                if self.is_link(path) { Err("it is a link that leads nowhere".to_owned()) } else { Ok(None) }
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn is_link(&self, path: &Path) -> bool {
        matches!(&self.ground, Ground::Disk(root) if root.join(path).symlink_metadata().is_ok_and(|it| it.is_symlink()))
    }

    /// A folder of these stack paths and texts, for tests.
    #[must_use]
    pub fn of(paths: &[&str], texts: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<PathBuf, String> =
            texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        let stacks = texts.keys().filter(|path| path.starts_with("stacks")).cloned();
        let mut paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).chain(stacks).collect();
        paths.sort();
        paths.dedup();
        Self { name: "test".to_owned(), paths, astray: Vec::new(), ground: Ground::Memory(texts) }
    }
}

impl Folder for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match &self.ground {
            Ground::Disk(root) => {
                let whole = root.join(path);
                if !std::fs::metadata(&whole)?.is_file() {
                    return Err(io::Error::other("it is no file"));
                }
                std::fs::read(whole)
            }
            Ground::Shipped if path == Path::new(VALUES) => Ok(SHIPPED_VALUES.as_bytes().to_vec()),
            Ground::Shipped if path == Path::new("quarterdeck.yaml") => Ok(SHIPPED_CONFIG.as_bytes().to_vec()),
            Ground::Shipped => {
                let path = plain(path);
                let file = (path.strip_prefix("stacks").ok().and_then(|path| SHIPPED_STACKS.get_file(path)))
                    .or_else(|| path.strip_prefix("inventory").ok().and_then(|path| SHIPPED_INVENTORY.get_file(path)));
                file.map(|file| file.contents().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            Ground::Memory(texts) => texts
                .get(&plain(path))
                .map(|text| text.clone().into_bytes())
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }
}

/// A path without `.` and with its `..` resolved by name alone.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn walk(
    root: &Path,
    part: &Path,
    depth: usize,
    paths: &mut Vec<PathBuf>,
    astray: &mut Vec<PathBuf>,
) -> Result<(), FilesError> {
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
        // A directory in place of a file is kept as that file, so that whoever reads it tells what it is.
        let named_as_file = path.extension().is_some_and(|end| FILES.iter().any(|file| end == *file));
        let kind = entry.file_type().map_err(fault)?;
        let is_dir = match kind.is_symlink() {
            false => kind.is_dir(),
            true => match end_of(root, &path) {
                Some(is_dir) => is_dir,
                // Whoever reads it tells that it leads nowhere.
                None if named_as_file => false,
                None => {
                    astray.push(path);
                    continue;
                }
            },
        };
        if is_dir && !named_as_file {
            walk(root, &path, depth + 1, paths, astray)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

/// Whether a link leads to a directory; none if it leads nowhere, or to one that is no other part of the folder.
fn end_of(root: &Path, link: &Path) -> Option<bool> {
    let end = root.join(link).canonicalize().ok()?;
    if !end.is_dir() {
        return Some(false);
    }
    let own = root.join(link.parent()?).canonicalize().ok()?;
    let inside = root.canonicalize().is_ok_and(|root| end.starts_with(root));
    (inside && !own.starts_with(&end)).then_some(true)
}

fn list(part: &Path, dir: &Dir<'_>, paths: &mut Vec<PathBuf>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(below) => list(part, below, paths),
            DirEntry::File(file) => paths.push(part.join(file.path())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_on_disk_is_read_when_it_is_asked_for_and_says_why_it_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("stacks/web")).unwrap();
        std::fs::write(root.join("stacks/web/compose.yaml"), "services: {}").unwrap();
        std::fs::write(root.join(".env"), [0xff]).unwrap();
        let files = Files::on_disk(root).unwrap();
        assert_eq!(files.paths(), [PathBuf::from("stacks/web/compose.yaml")]);
        assert_eq!(files.found(Path::new("stacks/web/compose.yaml")).unwrap().as_deref(), Some("services: {}"));
        assert_eq!(files.found(Path::new("stacks/other")).unwrap(), None);
        assert!(files.found(Path::new(".env")).unwrap_err().contains("UTF-8"));
        assert!(files.found(Path::new("stacks")).unwrap_err().contains("no file"));
    }

    #[test]
    fn the_shipped_files_are_listed_and_read_like_any_other() {
        let files = Files::shipped();
        assert!(files.paths().len() > 20);
        for path in files.paths().iter().chain(&files.under(Path::new("inventory"))) {
            assert!(files.found(path).unwrap().is_some(), "{}", path.display());
        }
    }

    #[test]
    fn a_path_is_made_plain_without_asking_the_disk() {
        assert_eq!(plain(Path::new("./a/./b/../c")), PathBuf::from("a/c"));
        assert_eq!(plain(Path::new("../a")), PathBuf::from("../a"));
    }
}
