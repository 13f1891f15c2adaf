//! Paths as text, cleaned and joined as Go does it, for Unix and Windows alike: the host that a file is written for
//! need not be the one that reads it.

/// The shortest path that means the same, by its words alone.
#[must_use]
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            ("..", None) if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// A path seen from a folder; an absolute one stays as it is, uncleaned.
#[must_use]
pub fn from(folder: &str, path: &str) -> String {
    match path.starts_with('/') {
        true => path.to_owned(),
        false => clean(&format!("{folder}/{path}")),
    }
}

/// Whether it is absolute on Windows: a drive or a share, then a slash.
#[must_use]
pub fn is_absolute_on_windows(path: &str) -> bool {
    let bytes = path.as_bytes();
    let slash = |at: usize| matches!(bytes.get(at), Some(b'/' | b'\\'));
    volume(bytes).is_some_and(slash)
}

/// Where the volume of a Windows path ends.
fn volume(path: &[u8]) -> Option<usize> {
    let slash = |at: usize| matches!(path.get(at), Some(b'/' | b'\\'));
    if path.first().is_some_and(u8::is_ascii_alphabetic) && path.get(1) == Some(&b':') {
        return Some(2);
    }
    if path.len() < 5 || !slash(0) || !slash(1) || slash(2) || path.get(2) == Some(&b'.') {
        return None;
    }
    let share = (3..path.len() - 1).find(|at| slash(*at))? + 1;
    if slash(share) || path.get(share) == Some(&b'.') {
        return None;
    }
    Some((share..path.len()).find(|at| slash(*at)).unwrap_or(path.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_their_words_alone() {
        for (path, cleaned) in
            [("/a/b/../c", "/a/c"), ("/../a", "/a"), ("a//b/.", "a/b"), ("../a/../..", "../.."), ("", "."), ("/", "/")]
        {
            assert_eq!(clean(path), cleaned);
        }
        assert_eq!(from("/srv/shop", "./x"), "/srv/shop/x");
        assert_eq!(from("/srv/shop", "../x"), "/srv/x");
        assert_eq!(from("/srv/shop", "/a/../b"), "/a/../b");
    }

    #[test]
    fn windows_paths_are_known_on_every_host() {
        for path in ["C:\\x", "c:/x", "\\\\host\\share\\x"] {
            assert!(is_absolute_on_windows(path), "{path}");
        }
        for path in ["C:x", "x", "/x", "\\\\.\\pipe\\x", "\\x"] {
            assert!(!is_absolute_on_windows(path), "{path}");
        }
    }
}
